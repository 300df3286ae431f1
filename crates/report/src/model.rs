//! What is reported. Everything is already filtered for the reader: what must not be shown is not
//! in here. Holds personal data: not `Debug`.

use verifa_core::session::{CheckStatus, DocumentType, ProcessingMode, ResultStatus};
use verifa_core::time::Timestamp;

use crate::Picture;

/// Everything that a report shows.
#[derive(Clone)]
pub struct SessionReport {
    /// The organization on whose behalf the person was verified.
    pub organization: String,
    /// Whether it is of the sandbox, where nothing is a real verification.
    pub is_sandbox: bool,
    /// The session.
    pub session: SessionFacts,
    /// What it came to.
    pub decision: Decision,
    /// Whether personal data is shown, and why not.
    pub personal_data: PersonalData,
    /// What was read from the document, in the order in which it is shown.
    pub person: Vec<Fact>,
    /// The images, in the order in which they are shown.
    pub pictures: Vec<ReportPicture>,
    /// The checks, in the order in which they first ran.
    pub checks: Vec<CheckEntry>,
    /// What screening found; empty while there is nothing, and then not mentioned.
    pub screening_hits: Vec<ScreeningHit>,
    /// The audit events of the session, oldest first.
    pub timeline: Vec<TimelineEntry>,
    /// Whether the audit log has more events of it, older ones, than the timeline.
    pub earlier_left_out: bool,
    /// Where the session stands in the audit log; `None` until its last event is sealed.
    pub anchor: Option<AuditAnchor>,
    /// When and by what the report was made.
    pub making: Making,
}

/// The session itself. Ids are as the API shows them.
#[derive(Clone)]
pub struct SessionFacts {
    /// Its id.
    pub id: String,
    /// Its status in the API's word.
    pub status: String,
    /// The operator's own id for the person.
    pub external_ref: Option<String>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When the person had handed everything in.
    pub submitted_at: Option<Timestamp>,
    /// ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// Name and version of the workflow that judged it.
    pub workflow: Option<String>,
    /// The run of that workflow.
    pub run_id: Option<String>,
    /// Its review case.
    pub case_id: Option<String>,
    /// Its tags.
    pub tags: Vec<String>,
}

/// What a session came to.
#[derive(Clone)]
pub struct Decision {
    /// The decision.
    pub outcome: ResultStatus,
    /// Who decided.
    pub mode: ProcessingMode,
    /// When the first decision fell.
    pub decided_at: Timestamp,
    /// When it last changed, if it did.
    pub changed_at: Option<Timestamp>,
    /// Why not, in a sentence.
    pub reason: Option<String>,
    /// Why not, as a stable code.
    pub reason_code: Option<String>,
}

/// Whether personal data may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PersonalData {
    /// It is.
    Shown,
    /// The time for which it may be read is over.
    Expired,
    /// It was erased.
    Erased,
}

/// A name and what it is: `last_name`, `Doe`.
#[derive(Clone, PartialEq, Eq)]
pub struct Fact {
    /// The API's name of it; the report has the words.
    pub name: String,
    /// The value.
    pub value: String,
}

impl Fact {
    /// A fact.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            value: value.into(),
        }
    }
}

/// One image of the session.
#[derive(Clone)]
pub struct ReportPicture {
    /// What it shows.
    pub kind: DocumentType,
    /// When it was received.
    pub received_at: Timestamp,
    /// The image, small enough for paper.
    pub picture: Picture,
}

/// The newest attempt of one check.
#[derive(Clone)]
pub struct CheckEntry {
    /// Its name in workflows: `document_ocr`.
    pub policy: String,
    /// Its judgement.
    pub status: CheckStatus,
    /// In the check's own range.
    pub score: Option<f64>,
    /// The grounds as sentences, the deciding one first.
    pub reasons: Vec<String>,
    /// What was measured or compared.
    pub evidence: Vec<Fact>,
    /// Name and version of what judged.
    pub engine: String,
    /// From 1.
    pub attempt: i64,
    /// When it began.
    pub started_at: Timestamp,
    /// How long it took, in milliseconds.
    pub duration_ms: Option<i64>,
}

/// A name on a list that looks like the person's.
#[derive(Clone)]
pub struct ScreeningHit {
    /// The list.
    pub list: String,
    /// The name on the list.
    pub name: String,
    /// 0 to 1.
    pub score: f64,
    /// `open`, `dismissed` or `confirmed`.
    pub status: String,
    /// What else is known: birth dates, countries, programmes.
    pub particulars: Vec<Fact>,
}

/// One audit event.
#[derive(Clone)]
pub struct TimelineEntry {
    /// When.
    pub at: Timestamp,
    /// What, such as `session.submitted`.
    pub event: String,
    /// Its particulars.
    pub particulars: Vec<Fact>,
    /// Who did it: an API key's id, a reviewer's id, `system`, `cli`.
    pub actor: String,
    /// Its place in the chain, once sealed.
    pub sequence: Option<i64>,
}

/// What ties the report to the audit log.
#[derive(Clone, PartialEq, Eq)]
pub struct AuditAnchor {
    /// The place of the session's last event in the chain.
    pub sequence: i64,
    /// The chain's hash after it, 32 bytes.
    pub hash: Vec<u8>,
    /// The first signed statement of the chain that covers it.
    pub checkpoint: Option<AnchorCheckpoint>,
}

/// A signed statement that the chain stood at a hash.
#[derive(Clone, PartialEq, Eq)]
pub struct AnchorCheckpoint {
    /// The last event it covers.
    pub sequence: i64,
    /// The chain's hash after that event, 32 bytes.
    pub hash: Vec<u8>,
    /// When it was signed.
    pub signed_at: Timestamp,
    /// Ed25519 (RFC 8032), 64 bytes.
    pub signature: Vec<u8>,
    /// The key that checks it, 32 bytes.
    pub public_key: Vec<u8>,
}

/// The making of the report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Making {
    /// When.
    pub at: Timestamp,
    /// The program and its version: `Verifa 0.1.0`.
    pub by: String,
    /// Who asked for it: an API key's id.
    pub asked_by: String,
}
