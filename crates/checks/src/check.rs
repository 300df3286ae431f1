//! What every check is: a descriptor, a configuration with its schema, and one judgement.
//!
//! A check is pure given its input: the same pictures, fields, models and time give the same
//! outcome. It blocks and computes; the engine runs it off the async threads.

use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;
use verifa_core::fault::Fault;
use verifa_core::session::{
    ApplicantFields, CheckResult, CheckStatus, DocumentType, IdKind, ResultStatus,
};
use verifa_core::time::Timestamp;
use verifa_vision::OcrModels;

use crate::extracted::ExtractedData;

/// What a check is, for `GET /api/v1/verification-policies`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Descriptor {
    /// Its name in workflows and results.
    pub name: &'static str,
    /// Its category in spec/checks.md.
    pub category: &'static str,
    /// What it does, in one sentence.
    pub description: &'static str,
    /// What it reads. The engine loads the pictures whose [`DocumentType`] stands here by name.
    pub inputs: &'static [&'static str],
    /// What it gives besides its judgement.
    pub outputs: &'static [&'static str],
    /// Checks whose findings it needs.
    pub prerequisites: &'static [&'static str],
    /// Whether operators may place it in a workflow; the others are inserted by the server.
    pub placeable: bool,
}

/// One stored picture. Personal data: not `Debug`.
#[derive(Clone)]
pub struct DocumentImage {
    /// Which side or picture it is.
    pub document_type: DocumentType,
    /// The file as it was uploaded.
    pub bytes: bytes::Bytes,
    /// The kind of identity document, where the sender said it.
    pub id_kind: Option<IdKind>,
}

/// A check of the same run that was judged before. Owned form of
/// [`verifa_core::workflow::EarlierCheck`].
#[derive(Debug, Clone, PartialEq)]
pub struct Earlier {
    /// The check's name.
    pub policy: String,
    /// Whether the server inserted it.
    pub auto: bool,
    /// Its judgement.
    pub status: CheckStatus,
    /// The codes of its reasons.
    pub reasons: Vec<String>,
    /// Whether a `when` or the session's `checks` passed it over; no doubt then.
    pub passed_over: bool,
    /// For an inserted check: what its finding will do at an approved terminal.
    pub finding: Option<ResultStatus>,
}

/// Gives the document-reading models, or one sentence why there are none.
pub type ModelProvider = Arc<dyn Fn() -> Result<Arc<OcrModels>, String> + Send + Sync>;

/// All that a check may look at. Personal data: not `Debug`.
#[derive(Clone)]
pub struct CheckInput {
    /// The time of the check.
    pub now: Timestamp,
    /// The session's pictures.
    pub documents: Vec<DocumentImage>,
    /// What was read from the document before.
    pub extracted: ExtractedData,
    /// What the operator or the person said.
    pub fields: ApplicantFields,
    /// The session's country, ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// The kind of document that the session says it is.
    pub id_kind: Option<IdKind>,
    /// The checks of this run so far.
    pub earlier: Vec<Earlier>,
    /// The models.
    pub models: ModelProvider,
}

/// What a check found.
#[derive(Clone)]
pub struct CheckOutcome {
    /// The judgement.
    pub result: CheckResult,
    /// What was read from the document; only document-reading checks give it.
    pub extracted: Option<ExtractedData>,
    /// Name and version of what judged: rule version, model hash, list snapshot.
    pub engine: String,
}

/// One check.
pub trait Check: Send + Sync {
    /// What it is.
    fn descriptor(&self) -> &Descriptor;

    /// The JSON Schema of its configuration.
    fn config_schema(&self) -> Value;

    /// The offences of a configuration; paths are relative to it.
    ///
    /// # Errors
    /// Every offence.
    fn validate_config(&self, config: &Value) -> Result<(), Vec<Fault>>;

    /// Judges. `config` was validated when the workflow was written.
    fn run(&self, input: &CheckInput, config: &Value) -> CheckOutcome;
}
