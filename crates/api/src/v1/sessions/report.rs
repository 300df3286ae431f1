//! `GET /api/v1/sessions/{id}/report`

use std::collections::BTreeMap;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use http::{HeaderName, HeaderValue};
use utoipa::IntoResponses;
use utoipa::openapi::{Content, RefOr, Response as ResponseDoc, ResponseBuilder, Schema};
use verifa_core::id::SessionId;

use crate::acting::Acting;
use crate::api_state::ApiState;
use crate::error::ApiError;
use crate::path::IdPath;
use crate::respond::answers;

/// A PDF document.
pub struct Document {
    name: String,
    bytes: Vec<u8>,
}

impl IntoResponse for Document {
    fn into_response(self) -> Response {
        let name = format!("attachment; filename=\"{}.pdf\"", self.name);
        let name = HeaderValue::from_str(&name).unwrap_or(HeaderValue::from_static("attachment"));
        let headers: [(HeaderName, HeaderValue); 4] = [
            (CONTENT_TYPE, HeaderValue::from_static("application/pdf")),
            (CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
            (CONTENT_DISPOSITION, name),
            // What it holds is never a page of this origin.
            (
                CONTENT_SECURITY_POLICY,
                HeaderValue::from_static("default-src 'none'; sandbox"),
            ),
        ];
        (headers, self.bytes).into_response()
    }
}

impl IntoResponses for Document {
    fn responses() -> BTreeMap<String, RefOr<ResponseDoc>> {
        let bytes = Content::new(None::<RefOr<Schema>>);
        let response = ResponseBuilder::new()
            .description("The report, PDF/A-2a: tagged, searchable, self-contained.")
            .content("application/pdf", bytes)
            .build();
        BTreeMap::from([("200".to_owned(), response.into())])
    }
}

/// Get a session's report
///
/// A document to be filed: the decision, the checks with their evidence, the images, the timeline,
/// and the hash that ties it to the audit log. What the organization does not show, and what is
/// redacted, is not in it. There is one as soon as there is a result; asking for it is an audit
/// event.
#[utoipa::path(
    get, path = "/api/v1/sessions/{id}/report", tag = "Results", operation_id = "get_session_report",
    params(("id" = String, Path, description = "The session.")),
    responses(answers::NotFound, answers::Conflict)
)]
pub async fn get_session_report(
    State(state): State<ApiState>,
    Acting(actor): Acting,
    IdPath(id): IdPath<SessionId>,
) -> Result<Document, ApiError> {
    let app = &state.app;
    let bytes = app.session_report(&actor, actor.tenant, id).await?;
    Ok(Document {
        name: format!("verification-report-{id}"),
        bytes,
    })
}
