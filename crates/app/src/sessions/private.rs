//! What only a session's data key opens.

use serde::{Deserialize, Serialize};
use verifa_core::session::{ApplicantFields, Metadata};

use super::legal_hold::LegalHold;

/// The sealed part of a session's row. Deliberately without `Debug`.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Private {
    /// The operator's own data, as it was sent.
    #[serde(default)]
    pub metadata: Metadata,
    /// What the operator knows of the applicant.
    #[serde(default)]
    pub fields: ApplicantFields,
    /// The live capture token, so that it can be shown; erased when it dies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capture_token: Option<String>,
    /// The address from which the person consented.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent_ip: Option<String>,
    /// How to address the applicant in mails and pages.
    #[serde(default)]
    pub invitation: super::create::Invitation,
    /// The mails that the applicant was sent.
    #[serde(default)]
    pub invited: super::invite::Invited,
    /// Whether links or client tokens were ever made, which have to end with the session.
    #[serde(default)]
    pub has_grants: bool,
    /// The kind of document that the row names, where it was read and not told by the caller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_document_type: Option<String>,
    /// Why the session must be kept, while it must.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub legal_hold: Option<LegalHold>,
}
