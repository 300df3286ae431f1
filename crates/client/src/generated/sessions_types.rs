// Written by `cargo xtask client` from docs/openapi.json: change that, not this.
//! Types of the calls tagged `sessions`.

use super::types::{Pagination, Session, SessionPage, WebhookDelivery, WebhookDeliveryPage};
use crate::pages::Page;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Map;
use serde_json::Value;

/// What [`crate::Client::list_sessions`] is asked for.
#[derive(Clone, PartialEq, Serialize, Default)]
pub struct ListSessionsQuery {
    /// Only this status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// The beginning of an id or of an `external_ref`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
    /// Exactly this `external_ref`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_ref: Option<String>,
    /// Only sessions with this tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// Only sessions of this workflow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workflow_id: Option<String>,
    /// Created at or after this time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_after: Option<String>,
    /// Created before this time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_before: Option<String>,
    /// Entries on the page, 1 to 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// Entries to skip; not together with `page[…]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<i64>,
    /// `next_cursor` of a former page: the entries behind it. Cursor pages never overlap or skip
    /// under inserts.
    #[serde(
        rename = "page[after]",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub page_after: Option<String>,
    /// `prev_cursor` of a former page: the entries before it.
    #[serde(
        rename = "page[before]",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub page_before: Option<String>,
    /// Entries on a cursor page, 1 to 100.
    #[serde(
        rename = "page[size]",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub page_size: Option<i64>,
}

impl Page for SessionPage {
    type Item = Session;

    fn parts(self) -> (Vec<Session>, Option<String>) {
        let next = match self.pagination {
            Pagination::Cursor(page) => page.next_cursor,
            Pagination::Offset(_) => None,
        };
        (self.data, next)
    }
}

/// What [`crate::Client::create_session`] is asked for.
#[derive(Clone, PartialEq, Serialize, Default)]
pub struct CreateSessionQuery {
    /// `qr` for the capture link as a picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub include: Option<String>,
}

/// What [`crate::Client::get_session`] is asked for.
#[derive(Clone, PartialEq, Serialize, Default)]
pub struct GetSessionQuery {
    /// `qr` for the capture link as a picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub include: Option<String>,
}

/// What [`crate::Client::export_session`] is asked for.
#[derive(Clone, PartialEq, Serialize, Default)]
pub struct ExportSessionQuery {
    /// `operator` (default) or `subject`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audience: Option<String>,
}

/// What [`crate::Client::generate_one_time_link`] is asked for.
#[derive(Clone, PartialEq, Serialize, Default)]
pub struct GenerateOneTimeLinkQuery {
    /// `qr` for the link as a picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub include: Option<String>,
}

/// What [`crate::Client::list_one_time_links`] is asked for.
#[derive(Clone, PartialEq, Serialize, Default)]
pub struct ListOneTimeLinksQuery {
    /// `qr` for the active link as a picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub include: Option<String>,
}

/// What [`crate::Client::resume_session`] is asked for.
#[derive(Clone, PartialEq, Serialize, Default)]
pub struct ResumeSessionQuery {
    /// `qr` for the capture link as a picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub include: Option<String>,
}

/// What [`crate::Client::list_session_webhook_deliveries`] is asked for.
#[derive(Clone, PartialEq, Serialize, Default)]
pub struct ListSessionWebhookDeliveriesQuery {
    /// Entries on the page, 1 to 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// Entries to skip; not together with `page[…]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<i64>,
    /// `next_cursor` of a former page: the entries behind it. Cursor pages never overlap or skip
    /// under inserts.
    #[serde(
        rename = "page[after]",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub page_after: Option<String>,
    /// `prev_cursor` of a former page: the entries before it.
    #[serde(
        rename = "page[before]",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub page_before: Option<String>,
    /// Entries on a cursor page, 1 to 100.
    #[serde(
        rename = "page[size]",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub page_size: Option<i64>,
}

impl Page for WebhookDeliveryPage {
    type Item = WebhookDelivery;

    fn parts(self) -> (Vec<WebhookDelivery>, Option<String>) {
        let next = match self.pagination {
            Pagination::Cursor(page) => page.next_cursor,
            Pagination::Offset(_) => None,
        };
        (self.data, next)
    }
}

/// What a browser exchanges for the capture flow.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct ClientToken {
    /// The token; good once.
    pub client_token: String,
    /// The page to embed.
    pub embed_url: String,
    /// When it runs out.
    pub expires_at: Timestamp,
}

/// A consent.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct ConsentExport {
    /// The version of the text.
    pub version: String,
    /// When it was given.
    pub at: Timestamp,
    /// Whether biometric processing is included.
    pub biometric: bool,
    /// `api` or `capture`.
    pub source: String,
    /// The person's address.
    pub ip_address: Option<String>,
}

/// A person's consent, as the operator obtained it.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct ConsentInput {
    /// The version of the text that the person saw.
    pub version: String,
    /// When the person consented.
    pub at: Timestamp,
    /// Whether biometric processing is included.
    pub biometric: bool,
    /// The person's own address, where it is known. The caller's address is never taken for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ip_address: Option<String>,
}

/// An objection.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct ContestExport {
    /// The person's words.
    pub message: Option<String>,
    /// When it came.
    pub created_at: Timestamp,
    /// When a reviewer answered it by a decision.
    pub answered_at: Option<Timestamp>,
}

/// An image.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct DocumentExport {
    /// `id_front`, `id_back`, `selfie`, `proof_of_address` or `supporting`.
    pub doc_type: String,
    /// By content.
    pub mime_type: String,
    /// Its length.
    pub file_size_bytes: i64,
    /// The kind of identity document, where the sender said it.
    pub id_type: Option<String>,
    /// The kind of paper of a proof of address.
    pub poa_document_type: Option<String>,
    /// The paper's date.
    pub poa_document_date: Option<String>,
    /// When it was received.
    pub created_at: Timestamp,
    /// A link that needs no API key; null for the operator once the sensitive window is over.
    pub download_url: Option<String>,
    /// When the link dies.
    pub expires_at: Option<Timestamp>,
}

/// That a session's personal data was destroyed, signed by the server's audit key.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct ErasureCertificate {
    /// The session.
    pub session_id: String,
    /// When.
    pub erased_at: Timestamp,
    /// `call`, `retention`, or `restore` after a backup was restored.
    pub cause: String,
    /// Images deleted.
    pub documents_removed: i64,
    /// What was destroyed.
    pub destroyed: Vec<String>,
    /// What is kept.
    pub kept: Vec<String>,
    /// The audit event that tells of it.
    pub audit_event_id: String,
    /// The bytes that the signature covers, base64.
    pub statement: String,
    /// Ed25519 (RFC 8032) over the statement, base64.
    pub signature: String,
    /// The server's public audit key, 32 bytes, base64.
    pub public_key: String,
}

/// An audit event.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct EventExport {
    /// Its id.
    pub id: String,
    /// What happened.
    #[serde(rename = "type")]
    pub type_: String,
    /// When.
    pub created_at: Timestamp,
    /// Who did it.
    pub actor: String,
    /// The address that the call came from.
    pub ip_address: Option<String>,
}

/// What is decided at an external gate.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct ExternalDecision {
    /// `continue`, `fail` or `reject`.
    pub decision: String,
    /// Your own data, stored on the run: at most 50 keys, 16 KB a value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Map<String, Value>>,
    /// The gate meant; any other than the paused one is a 409.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
}

/// An accepted decision.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct ExternalDecisionAccepted {
    /// The session.
    pub session_id: String,
    /// As sent.
    pub decision: String,
    /// `processing`.
    pub status: String,
    /// What happens next.
    pub message: String,
}

/// Whether a session is held.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct LegalHold {
    /// The session.
    pub session_id: String,
    /// Whether a hold stands.
    pub legal_hold: bool,
    /// Why.
    pub reason: Option<String>,
    /// Since when.
    pub placed_at: Option<Timestamp>,
    /// The API key that placed it.
    pub placed_by: Option<String>,
}

/// Why the session must be kept.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct LegalHoldPlacement {
    /// 1 to 2,000 characters; kept encrypted.
    pub reason: String,
}

/// A link that opens a session's capture once.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct OneTimeLink {
    /// Its id.
    pub id: String,
    /// The session.
    pub session_id: String,
    /// Its page, while it is active; null afterwards.
    pub capture_url: Option<String>,
    /// `active`, `consumed`, `expired` or `revoked`.
    pub status: String,
    /// When it runs out.
    pub expires_at: Timestamp,
    /// When it was made.
    pub created_at: Timestamp,
    /// Its page as a PNG data URL; only with `include=qr`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub qr_code_data_url: Option<String>,
}

/// How long the link is to live.
#[derive(Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct OneTimeLinkCreate {
    /// 1 to 10080; default 1440.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_in_minutes: Option<i64>,
}

/// A session's links.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct OneTimeLinks {
    /// The newest hundred, newest first.
    pub data: Vec<OneTimeLink>,
}
