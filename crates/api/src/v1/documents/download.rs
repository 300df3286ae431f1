//! `GET /api/v1/sessions/{id}/documents/{doc_type}`

use std::collections::BTreeMap;

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use futures::TryStreamExt;
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderName, HeaderValue};
use utoipa::IntoResponses;
use utoipa::openapi::{Content, RefOr, Response as ResponseDoc, ResponseBuilder, Schema};

use crate::api_state::ApiState;
use crate::error::ApiError;
use crate::page::Query;
use crate::respond::answers;

/// The bytes of a document as they were sent.
pub struct Picture(Response);

impl IntoResponse for Picture {
    fn into_response(self) -> Response {
        self.0
    }
}

impl IntoResponses for Picture {
    fn responses() -> BTreeMap<String, RefOr<ResponseDoc>> {
        let bytes = Content::new(None::<RefOr<Schema>>);
        let response = ResponseBuilder::new()
            .description("The bytes as they were sent.")
            .content("image/*", bytes)
            .build();
        BTreeMap::from([("200".to_owned(), response.into())])
    }
}

/// Download a document
///
/// The signed link of the list; no API key. The signature covers session, type and expiry.
#[utoipa::path(
    get, path = "/api/v1/sessions/{id}/documents/{doc_type}", tag = "Documents",
    operation_id = "download_session_document",
    params(
        ("id" = String, Path, description = "The session."),
        ("doc_type" = String, Path, description = "The document's type."),
        ("expires" = i64, Query, description = "Unix seconds at which the link dies."),
        ("sig" = String, Query, description = "The signature."),
        ("of" = Option<String>, Query, description = "`export` in the links of an export.")
    ),
    responses(answers::Forbidden, answers::NotFound, answers::Gone)
)]
pub async fn download_document(
    State(state): State<ApiState>,
    path: Result<Path<(String, String)>, PathRejection>,
    mut query: Query,
) -> Result<Picture, ApiError> {
    // A path that is no text names nothing.
    let Path((session, document_type)) = path.map_err(|_| ApiError::not_found("Document"))?;
    // Whatever is wrong with a link, it is answered as a forged one.
    let expires = query
        .text("expires", 20)
        .and_then(|text| text.parse::<i64>().ok());
    let signature = query.text("sig", 256).unwrap_or_default();
    let of_export = query.text("of", 16).as_deref() == Some("export");
    let document = state
        .app
        .open_document(
            &session,
            &document_type,
            expires.unwrap_or(0),
            &signature,
            of_export,
        )
        .await?;
    let size = document.content.size;
    let bytes = document.content.stream.inspect_err(|error| {
        tracing::error!(cause = %error, "a document's bytes could not be read to their end");
    });
    let kind = HeaderValue::from_str(&document.mime_type)
        .unwrap_or(HeaderValue::from_static("application/octet-stream"));
    let headers: [(HeaderName, HeaderValue); 5] = [
        (CONTENT_TYPE, kind),
        (CONTENT_LENGTH, size.into()),
        (CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
        (CONTENT_DISPOSITION, HeaderValue::from_static("inline")),
        // A picture is never a page of this origin.
        (
            http::header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static("default-src 'none'; sandbox"),
        ),
    ];
    Ok(Picture((headers, Body::from_stream(bytes)).into_response()))
}
