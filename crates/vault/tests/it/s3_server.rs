//! The few calls of the S3 protocol that the blob store makes, answered from memory.
//!
//! It checks that requests are signed, but not the signature; it refuses parts that S3 would
//! refuse, and can be told to refuse one part.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};

/// S3 takes no part below this but the last.
const SMALLEST_PART: usize = 5 * 1024 * 1024;

#[derive(Default)]
pub(crate) struct Bucket {
    pub(crate) objects: BTreeMap<String, Bytes>,
    /// Parts of uploads that were begun and not finished.
    pub(crate) uploads: BTreeMap<String, BTreeMap<u32, Bytes>>,
    pub(crate) largest_body: usize,
    pub(crate) refuse_part: Option<u32>,
}

pub(crate) type Shared = Arc<Mutex<Bucket>>;

/// Serves a bucket on a loopback port; gives the endpoint's URL.
pub(crate) async fn serve() -> (String, Shared) {
    let bucket = Shared::default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let app = Router::new()
        .fallback(answer)
        .layer(axum::extract::DefaultBodyLimit::max(64 << 20))
        .with_state(Arc::clone(&bucket));
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    (url, bucket)
}

async fn answer(
    State(bucket): State<Shared>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let signed = headers
        .get("authorization")
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.starts_with("AWS4-HMAC-SHA256 Credential=test-id/"));
    if !signed {
        return StatusCode::FORBIDDEN.into_response();
    }
    let query: BTreeMap<String, String> = uri
        .query()
        .unwrap_or("")
        .split('&')
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let key = uri
        .path()
        .trim_start_matches("/blobs")
        .trim_start_matches('/')
        .to_owned();
    let mut bucket = bucket.lock().unwrap();
    bucket.largest_body = bucket.largest_body.max(body.len());
    let upload = query.get("uploadId").cloned();
    match (method, upload) {
        (Method::POST, _) if query.contains_key("delete") => bucket.delete_listed(&body),
        (Method::POST, None) if query.contains_key("uploads") => bucket.begin(&key),
        (Method::POST, Some(upload)) => bucket.complete(&upload, key),
        (Method::PUT, Some(upload)) => bucket.part(&upload, &query["partNumber"], body),
        (Method::PUT, None) => {
            bucket.objects.insert(key, body);
            (StatusCode::OK, [("etag", "\"1\"")]).into_response()
        }
        (Method::DELETE, Some(upload)) => {
            bucket.uploads.remove(&upload);
            StatusCode::NO_CONTENT.into_response()
        }
        (Method::DELETE, None) => {
            bucket.objects.remove(&key);
            StatusCode::NO_CONTENT.into_response()
        }
        (Method::GET, None) if query.contains_key("list-type") => bucket.list(),
        (Method::GET | Method::HEAD, None) => bucket.get(&key),
        _ => StatusCode::METHOD_NOT_ALLOWED.into_response(),
    }
}

const MODIFIED: &str = "Sat, 21 Nov 2026 12:00:00 GMT";

impl Bucket {
    fn get(&self, key: &str) -> Response {
        let Some(object) = self.objects.get(key) else {
            return StatusCode::NOT_FOUND.into_response();
        };
        let headers = [("etag", "\"1\""), ("last-modified", MODIFIED)];
        (headers, object.clone()).into_response()
    }

    fn begin(&mut self, key: &str) -> Response {
        let id = format!("upload-{}", key.replace('/', "-"));
        self.uploads.insert(id.clone(), BTreeMap::new());
        xml(&format!(
            "<InitiateMultipartUploadResult><UploadId>{id}</UploadId></InitiateMultipartUploadResult>"
        ))
    }

    fn part(&mut self, upload: &str, number: &str, body: Bytes) -> Response {
        let number = number.parse().unwrap();
        if self.refuse_part == Some(number) {
            return StatusCode::BAD_REQUEST.into_response();
        }
        self.uploads.get_mut(upload).unwrap().insert(number, body);
        (StatusCode::OK, [("etag", "\"1\"")]).into_response()
    }

    fn complete(&mut self, upload: &str, key: String) -> Response {
        let parts: Vec<_> = self.uploads.remove(upload).unwrap().into_values().collect();
        let all_but_last = parts.len().saturating_sub(1);
        if parts
            .iter()
            .take(all_but_last)
            .any(|part| part.len() < SMALLEST_PART)
        {
            return StatusCode::BAD_REQUEST.into_response();
        }
        self.objects.insert(key, parts.concat().into());
        xml("<CompleteMultipartUploadResult><ETag>\"1\"</ETag></CompleteMultipartUploadResult>")
    }

    fn delete_listed(&mut self, body: &[u8]) -> Response {
        let body = String::from_utf8_lossy(body).into_owned();
        let keys: Vec<_> = body
            .split("<Key>")
            .skip(1)
            .filter_map(|rest| rest.split_once("</Key>"))
            .map(|(key, _)| key.to_owned())
            .collect();
        for key in &keys {
            self.objects.remove(key);
        }
        let deleted: Vec<String> = keys
            .iter()
            .map(|key| format!("<Deleted><Key>{key}</Key></Deleted>"))
            .collect();
        xml(&format!(
            "<DeleteResult>{}</DeleteResult>",
            deleted.concat()
        ))
    }

    fn list(&self) -> Response {
        let contents: Vec<String> = self
            .objects
            .iter()
            .map(|(key, object)| {
                format!(
                    "<Contents><Key>{key}</Key><Size>{}</Size><ETag>\"1\"</ETag>\
                     <LastModified>2026-11-21T12:00:00.000Z</LastModified></Contents>",
                    object.len()
                )
            })
            .collect();
        xml(&format!(
            "<ListBucketResult>{}</ListBucketResult>",
            contents.concat()
        ))
    }
}

fn xml(text: &str) -> Response {
    ([("content-type", "application/xml")], text.to_owned()).into_response()
}
