//! Multipart bodies with one file, read part by part within their limits.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::multipart::{Field, Multipart, MultipartError};
use axum::extract::{DefaultBodyLimit, FromRequest};
use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, Request, StatusCode};
use sha2::{Digest, Sha256};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{Canonical, FILE_LIMIT, MULTIPART_LIMIT, checks};
use crate::error::ApiError;
use crate::inflection::to_snake;

/// Most text fields in one form.
const FIELDS_LIMIT: usize = 16;
/// Longest text field, in bytes.
const TEXT_LIMIT: usize = 4096;
const MIB: usize = 1024 * 1024;

/// The file of an upload.
#[derive(Debug)]
pub struct UploadedFile {
    /// Its bytes, at most [`FILE_LIMIT`].
    pub bytes: Bytes,
    /// SHA-256 of the bytes.
    pub sha256: [u8; 32],
}

/// A form with a file and text fields.
#[derive(Debug)]
pub struct Upload {
    /// The part named `file`, if there was one.
    pub file: Option<UploadedFile>,
    /// The other parts by their snake-case name.
    pub fields: BTreeMap<String, String>,
    // Returned to the budget when the bytes are let go.
    _room: OwnedSemaphorePermit,
}

impl Upload {
    /// Reads a form. `budget` counts the mebibytes that uploads may hold at once: a caller
    /// whose upload does not fit waits before its body is read.
    ///
    /// # Errors
    /// 415 without a multipart content type, 413 over a limit, 400 for a broken form, 422 for
    /// fields that are given twice or hold NUL.
    pub async fn read(
        headers: &HeaderMap,
        body: Body,
        budget: &Arc<Semaphore>,
    ) -> Result<Self, ApiError> {
        let announced = headers
            .get(CONTENT_LENGTH)
            .and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
        if announced.is_some_and(|length| length > MULTIPART_LIMIT) {
            return Err(form_too_large());
        }
        let room = announced.unwrap_or(MULTIPART_LIMIT).div_ceil(MIB).max(1);
        let room = Arc::clone(budget)
            .acquire_many_owned(u32::try_from(room).unwrap_or(u32::MAX))
            .await
            .map_err(|_| ApiError::unavailable(1, "the upload budget is closed"))?;
        let mut form = open(headers, body).await?;
        let mut upload = Self {
            file: None,
            fields: BTreeMap::new(),
            _room: room,
        };
        while let Some(field) = form.next_field().await.map_err(|e| broken(&e))? {
            upload.take(field).await?;
        }
        Ok(upload)
    }

    async fn take(&mut self, field: Field<'_>) -> Result<(), ApiError> {
        let name = to_snake(field.name().unwrap_or_default()).into_owned();
        if !checks::clean_text(&name) {
            return Err(ApiError::bad_request("The multipart form is malformed."));
        }
        let duplicate =
            || ApiError::invalid_field(name.as_str(), "duplicate", "The field is given twice.");
        if name == "file" {
            if self.file.is_some() {
                return Err(duplicate());
            }
            let bytes = read_part(field, FILE_LIMIT, "The file is larger than 10 MiB.").await?;
            let sha256 = Sha256::digest(&bytes).into();
            self.file = Some(UploadedFile { bytes, sha256 });
            return Ok(());
        }
        if self.fields.len() >= FIELDS_LIMIT {
            return Err(ApiError::bad_request("The form has too many fields."));
        }
        let bytes = read_part(field, TEXT_LIMIT, "A text field is larger than 4 KiB.").await?;
        let text = String::from_utf8(bytes.into())
            .ok()
            .filter(|text| checks::clean_text(text))
            .ok_or_else(|| {
                ApiError::invalid_field(
                    name.as_str(),
                    "invalid_text",
                    "Text must be UTF-8 without the character U+0000.",
                )
            })?;
        if self.fields.insert(name.clone(), text).is_some() {
            return Err(duplicate());
        }
        Ok(())
    }

    /// The parameters of the call in one spelling, for idempotency.
    pub fn canonical(&self) -> Canonical {
        let mut out = Vec::with_capacity(256);
        let mut put = |part: &[u8]| {
            out.extend_from_slice(&(part.len() as u64).to_be_bytes());
            out.extend_from_slice(part);
        };
        for (name, value) in &self.fields {
            put(name.as_bytes());
            put(value.as_bytes());
        }
        if let Some(file) = &self.file {
            put(b"file");
            put(&file.sha256);
        }
        Canonical(out)
    }
}

async fn open(headers: &HeaderMap, body: Body) -> Result<Multipart, ApiError> {
    let mut request = Request::new(body);
    if let Some(value) = headers.get(CONTENT_TYPE) {
        request.headers_mut().insert(CONTENT_TYPE, value.clone());
    }
    DefaultBodyLimit::max(MULTIPART_LIMIT).apply(&mut request);
    Multipart::from_request(request, &()).await.map_err(|_| {
        ApiError::unsupported_media_type("The body must be multipart/form-data with a boundary.")
    })
}

async fn read_part(
    mut field: Field<'_>,
    limit: usize,
    too_large: &'static str,
) -> Result<Bytes, ApiError> {
    let mut bytes = BytesMut::new();
    while let Some(chunk) = field.chunk().await.map_err(|e| broken(&e))? {
        if bytes.len() + chunk.len() > limit {
            return Err(ApiError::too_large(too_large));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.freeze())
}

fn form_too_large() -> ApiError {
    ApiError::too_large("The multipart body is larger than 12 MiB.")
}

fn broken(error: &MultipartError) -> ApiError {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return form_too_large();
    }
    ApiError::bad_request("The multipart form is malformed.")
}
