//! What a use case can refuse. The API maps each kind to its status in one place.

use verifa_core::fault::Fault;
use verifa_core::tenant::Scope;
use verifa_store::db::DbError;
use verifa_vault::{BlobError, VaultError};

/// A thing that a call can fail to find.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thing {
    /// A session.
    Session,
    /// A workflow.
    Workflow,
    /// A version of a workflow.
    WorkflowVersion,
    /// A run of a workflow.
    WorkflowRun,
    /// A result.
    Result,
    /// A document.
    Document,
    /// An API key.
    ApiKey,
    /// An operator's token.
    AdminToken,
    /// A signed checkpoint of the audit chain.
    Checkpoint,
    /// An organization.
    Organization,
    /// A review case.
    Case,
    /// A verification of a policy.
    Verification,
    /// A webhook endpoint.
    WebhookEndpoint,
    /// A delivery to a webhook endpoint.
    Delivery,
    /// A risk assessment.
    RiskAssessment,
    /// The certificate of an erasure.
    ErasureCertificate,
}

impl Thing {
    /// Its name in sentences.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Session => "Session",
            Self::Workflow => "Workflow",
            Self::WorkflowVersion => "Workflow version",
            Self::WorkflowRun => "Workflow run",
            Self::Result => "Result",
            Self::Document => "Document",
            Self::ApiKey => "API key",
            Self::AdminToken => "Admin token",
            Self::Checkpoint => "Checkpoint",
            Self::Organization => "Organization",
            Self::Case => "Case",
            Self::Verification => "Verification",
            Self::WebhookEndpoint => "Webhook endpoint",
            Self::Delivery => "Delivery",
            Self::RiskAssessment => "Risk assessment",
            Self::ErasureCertificate => "Erasure certificate",
        }
    }
}

/// Why a use case did not happen.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// There is no such thing for this caller.
    #[error("{} not found", .0.name())]
    NotFound(Thing),
    /// The state does not allow it, where the contract says 400.
    #[error("{0}")]
    BadRequest(&'static str),
    /// The state does not allow it, where the contract says 409.
    #[error("{0}")]
    Conflict(&'static str),
    /// A reader of the feed knows more events than there are; the number of the last one.
    #[error(
        "The feed ends at {0}, before `after`: this server does not have the events between, as \
         after the restore of a backup. Go on with `after={0}`."
    )]
    AheadOfFeed(i64),
    /// The thing was there and is no more.
    #[error("{0}")]
    Gone(&'static str),
    /// The caller may not.
    #[error("{0}")]
    Forbidden(&'static str),
    /// A key was to get a scope that its maker does not hold.
    #[error("This API key lacks the scope `{0}`, so it can't grant it.")]
    CannotGrant(Scope),
    /// The input breaks rules of the domain; each offence names its field.
    #[error("the input is not valid")]
    Invalid(Vec<Fault>),
    /// The body is larger than allowed.
    #[error("{0}")]
    TooLarge(&'static str),
    /// The content is of a kind that is not taken.
    #[error("{0}")]
    UnsupportedMedia(&'static str),
    /// Something the server needs is away for the moment.
    #[error("{0}")]
    Unavailable(&'static str),
    /// The database refused or failed.
    #[error(transparent)]
    Database(#[from] DbError),
    /// Stored bytes could not be opened.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The blob store failed.
    #[error(transparent)]
    Blob(#[from] BlobError),
    /// Something that can't be; the text is for the log.
    #[error("internal: {0}")]
    Internal(&'static str),
}

impl From<Fault> for AppError {
    fn from(fault: Fault) -> Self {
        Self::Invalid(vec![fault])
    }
}

impl From<Vec<Fault>> for AppError {
    fn from(faults: Vec<Fault>) -> Self {
        Self::Invalid(faults)
    }
}
