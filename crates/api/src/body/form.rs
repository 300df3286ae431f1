//! Multipart bodies with one file: text fields are collected, the file is streamed on.
//!
//! Nothing of the file is kept here, so that many uploads at once cost little memory.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::Body;
use bytes::Bytes;
use futures::Stream;
use http::HeaderMap;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use multer::{Constraints, Field, Multipart, SizeLimit};
use sha2::{Digest, Sha256};

use super::{Canonical, FILE_LIMIT, MULTIPART_LIMIT, checks};
use crate::error::ApiError;
use crate::inflection::to_snake;

/// Most text fields in one form.
const FIELDS_LIMIT: usize = 16;
/// Longest text field, in bytes.
const TEXT_LIMIT: u64 = 4096;

/// A form being read. Call [`Form::next_file`] until it gives `None`.
pub struct Form {
    parts: Multipart<'static>,
    fields: BTreeMap<String, String>,
    hasher: Sha256,
    has_file: bool,
}

/// Why the bytes of a file end early.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FileFault {
    /// Over 10 MiB, or the whole body over 12 MiB.
    #[error("the file is larger than allowed")]
    TooLarge,
    /// The sender broke off, or sent no proper form.
    #[error("the upload broke off")]
    Broken,
}

impl Form {
    /// Opens the body of a request.
    ///
    /// # Errors
    /// 415 without a multipart content type, 413 when the announced length is over the limit.
    pub fn open(headers: &HeaderMap, body: Body) -> Result<Self, ApiError> {
        let boundary = headers
            .get(CONTENT_TYPE)
            .and_then(|value| multer::parse_boundary(value.to_str().ok()?).ok())
            .ok_or_else(|| {
                let detail = "The body must be multipart/form-data with a boundary.";
                ApiError::unsupported_media_type(detail)
            })?;
        let announced = headers
            .get(CONTENT_LENGTH)
            .and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
        if announced.is_some_and(|length| length > MULTIPART_LIMIT) {
            return Err(too_large("The multipart body is larger than 12 MiB."));
        }
        let limits = SizeLimit::new()
            .whole_stream(MULTIPART_LIMIT as u64)
            .per_field(TEXT_LIMIT)
            .for_field("file", FILE_LIMIT as u64);
        let parts = Multipart::with_constraints(
            body.into_data_stream(),
            boundary,
            Constraints::new().size_limit(limits),
        );
        Ok(Self {
            parts,
            fields: BTreeMap::new(),
            hasher: Sha256::new(),
            has_file: false,
        })
    }

    /// Reads on to the file, or to the end. The file has to be read before the next call.
    ///
    /// # Errors
    /// 400 for a broken form or too many fields, 413 over a limit, 422 for fields that are given
    /// twice or hold NUL.
    pub async fn next_file(&mut self) -> Result<Option<FileStream<'_>>, ApiError> {
        while let Some(part) = self.parts.next_field().await.map_err(|e| refusal(&e))? {
            let name = to_snake(part.name().unwrap_or_default()).into_owned();
            if name == "file" {
                if std::mem::replace(&mut self.has_file, true) {
                    return Err(duplicate(&name));
                }
                return Ok(Some(FileStream {
                    part,
                    hasher: &mut self.hasher,
                }));
            }
            self.take_text(name, part).await?;
        }
        Ok(None)
    }

    async fn take_text(&mut self, name: String, part: Field<'static>) -> Result<(), ApiError> {
        if !checks::clean_text(&name) || self.fields.len() >= FIELDS_LIMIT {
            return Err(ApiError::bad_request(
                "The form is malformed or has too many fields.",
            ));
        }
        let bytes = part.bytes().await.map_err(|e| refusal(&e))?;
        let text = std::str::from_utf8(&bytes)
            .ok()
            .filter(|text| checks::clean_text(text));
        let Some(text) = text else {
            return Err(ApiError::invalid_field(
                name,
                "nul_character",
                "Text must be UTF-8 without NUL characters.",
            ));
        };
        if self.fields.contains_key(&name) {
            return Err(duplicate(&name));
        }
        self.fields.insert(name, text.to_owned());
        Ok(())
    }

    /// A text field, by its snake-case name.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(String::as_str)
    }

    /// The parameters of the call in one spelling, once all is read.
    pub fn canonical(self) -> Canonical {
        let mut out = Vec::with_capacity(256);
        let mut put = |part: &[u8]| {
            out.extend_from_slice(&(part.len() as u64).to_be_bytes());
            out.extend_from_slice(part);
        };
        for (name, value) in &self.fields {
            put(name.as_bytes());
            put(value.as_bytes());
        }
        put(&self.hasher.finalize());
        Canonical(out)
    }
}

/// The bytes of the file as they arrive.
pub struct FileStream<'a> {
    part: Field<'static>,
    hasher: &'a mut Sha256,
}

impl Stream for FileStream<'_> {
    type Item = Result<Bytes, FileFault>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let polled = Pin::new(&mut self.part).poll_next(context);
        polled.map(|item| {
            item.map(|chunk| match chunk {
                Ok(chunk) => {
                    self.hasher.update(&chunk);
                    Ok(chunk)
                }
                Err(error) if is_too_large(&error) => Err(FileFault::TooLarge),
                Err(_) => Err(FileFault::Broken),
            })
        })
    }
}

fn is_too_large(error: &multer::Error) -> bool {
    matches!(
        error,
        multer::Error::FieldSizeExceeded { .. } | multer::Error::StreamSizeExceeded { .. }
    )
}

fn too_large(detail: &'static str) -> ApiError {
    ApiError::too_large(detail)
}

fn duplicate(name: &str) -> ApiError {
    ApiError::invalid_field(name, "duplicate", "The field is given twice.")
}

fn refusal(error: &multer::Error) -> ApiError {
    match error {
        multer::Error::StreamSizeExceeded { .. } => {
            too_large("The multipart body is larger than 12 MiB.")
        }
        multer::Error::FieldSizeExceeded { .. } => too_large("A form field is too large."),
        _ => ApiError::bad_request("The multipart form is malformed."),
    }
}
