//! The one-time link object (spec/sessions.md, "Endpoints").

use serde::Serialize;
use utoipa::ToSchema;
use verifa_app::sessions::OneTimeLink;
use verifa_core::id::{LinkId, SessionId};
use verifa_core::session::LinkStatus;
use verifa_core::time::Timestamp;

use crate::mutation::Outcome;
use crate::qr::data_url;

/// A link that opens a session's capture once.
#[derive(Serialize, ToSchema)]
#[schema(as = OneTimeLink)]
pub struct LinkView {
    /// Its id.
    #[schema(value_type = String, example = "lnk_01kcd2fgpzeq7v5rk1yh3b6a9d")]
    id: LinkId,
    /// The session.
    #[schema(value_type = String, example = "ses_01kcd2fgpzeq7v5rk1yh3b6a9d")]
    session_id: SessionId,
    /// Its page, while it is active; null afterwards.
    #[schema(example = "https://id.example.org/verify/tok_…")]
    capture_url: Option<String>,
    /// `active`, `consumed`, `expired` or `revoked`.
    #[schema(value_type = String, example = "active")]
    status: LinkStatus,
    /// When it runs out.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// Its page as a PNG data URL; only with `include=qr`.
    #[schema(example = json!(null))]
    qr_code_data_url: Option<String>,
}

impl Outcome for OneTimeLink {}

impl LinkView {
    /// The link as callers see it.
    pub(super) fn of(link: &OneTimeLink, with_qr: bool) -> Self {
        let url = link.capture_url.clone();
        Self {
            id: link.id,
            session_id: link.session_id,
            qr_code_data_url: url.as_deref().filter(|_| with_qr).and_then(data_url),
            capture_url: url,
            status: link.status,
            expires_at: link.expires_at,
            created_at: link.created_at,
        }
    }
}
