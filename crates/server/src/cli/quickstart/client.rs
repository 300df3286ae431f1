//! The few calls of the story, over HTTP like anybody's.

use std::time::Duration;

use anyhow::Context as _;
use reqwest::multipart::{Form, Part};
use reqwest::{Method, RequestBuilder};
use serde_json::Value;

/// The longest wait for one answer.
const ANSWER: Duration = Duration::from_secs(30);

/// A caller with a key.
pub(super) struct Client {
    http: reqwest::Client,
    base: String,
    key: String,
}

impl Client {
    /// A caller of the server at `base`.
    pub(super) fn new(base: &str, key: &str) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder()
            .timeout(ANSWER)
            .no_proxy()
            .build()?;
        Ok(Self {
            http,
            base: base.to_owned(),
            key: key.to_owned(),
        })
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http
            .request(method, format!("{}{path}", self.base))
            .header("X-API-Key", &self.key)
    }

    /// GET, the answer as JSON.
    pub(super) async fn get(&self, path: &str) -> anyhow::Result<Value> {
        answer(path, self.request(Method::GET, path)).await
    }

    /// POST of a JSON body, the answer as JSON.
    pub(super) async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        answer(path, self.request(Method::POST, path).json(body)).await
    }

    /// Uploads a picture.
    pub(super) async fn upload(
        &self,
        path: &str,
        document_type: &str,
        jpeg: Vec<u8>,
    ) -> anyhow::Result<Value> {
        let file = Part::bytes(jpeg)
            .file_name("specimen.jpg")
            .mime_str("image/jpeg")?;
        let form = Form::new()
            .text("document_type", document_type.to_owned())
            .part("file", file);
        answer(path, self.request(Method::POST, path).multipart(form)).await
    }
}

async fn answer(path: &str, request: RequestBuilder) -> anyhow::Result<Value> {
    let response = request
        .send()
        .await
        .with_context(|| format!("{path}: no answer"))?;
    let status = response.status();
    let body: Value = response
        .json()
        .await
        .with_context(|| format!("{path}: no JSON"))?;
    anyhow::ensure!(status.is_success(), "{path}: {status}: {}", body["detail"]);
    Ok(body)
}
