//! A small HTTP client for measuring: one keep-alive connection a value, nothing pooled, retried or
//! hidden, so that what is timed is the server.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, Result};
use bytes::Bytes;
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::SendRequest;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

/// No answer of ours may take longer.
const ANSWER_LIMIT: Duration = Duration::from_secs(30);

/// One request to send, any number of times.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) body: Bytes,
    pub(crate) content_type: &'static str,
    pub(crate) idempotency_key: Option<String>,
}

impl Call {
    pub(crate) fn get(path: impl Into<String>) -> Self {
        Self::new(Method::GET, path, Bytes::new())
    }

    pub(crate) fn post(path: impl Into<String>, body: &Value) -> Self {
        Self::new(Method::POST, path, Bytes::from(body.to_string()))
    }

    pub(crate) fn patch(path: impl Into<String>, body: &Value) -> Self {
        Self::new(Method::PATCH, path, Bytes::from(body.to_string()))
    }

    pub(crate) fn delete(path: impl Into<String>) -> Self {
        Self::new(Method::DELETE, path, Bytes::new())
    }

    /// A POST with neither body nor content type of its own.
    pub(crate) fn post_empty(path: impl Into<String>) -> Self {
        Self::new(Method::POST, path, Bytes::new())
    }

    /// An upload of one image as a document of a session.
    pub(crate) fn upload(session: &str, document_type: &str, image: &[u8]) -> Self {
        const BOUNDARY: &str = "verifa-xtask-boundary";
        let mut body = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"document_type\"\r\n\r\n\
             {document_type}\r\n--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; \
             filename=\"document\"\r\nContent-Type: application/octet-stream\r\n\r\n"
        )
        .into_bytes();
        body.extend_from_slice(image);
        body.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
        let path = format!("/api/v1/sessions/{session}/documents");
        Self {
            content_type: "multipart/form-data; boundary=verifa-xtask-boundary",
            ..Self::new(Method::POST, path, Bytes::from(body))
        }
    }

    pub(crate) fn idempotent(mut self, key: impl Into<String>) -> Self {
        self.idempotency_key = Some(key.into());
        self
    }

    fn new(method: Method, path: impl Into<String>, body: Bytes) -> Self {
        Self {
            method,
            path: path.into(),
            body,
            content_type: "application/json",
            idempotency_key: None,
        }
    }
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn json(&self) -> Result<Value> {
        serde_json::from_slice(&self.body).context("the answer is no JSON")
    }

    /// The body of an answer with the expected status; else an error that names both.
    pub(crate) fn expect(&self, status: u16) -> Result<Value> {
        anyhow::ensure!(
            self.status.as_u16() == status,
            "expected {status}, got {}: {}",
            self.status,
            String::from_utf8_lossy(&self.body)
                .chars()
                .take(300)
                .collect::<String>()
        );
        self.json()
    }
}

/// One connection with one API key.
pub(crate) struct Connection {
    sender: SendRequest<Full<Bytes>>,
    address: SocketAddr,
    key: String,
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr, key: &str) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        // Ends with the connection; its error reaches the caller through the sender.
        drop(tokio::spawn(connection));
        Ok(Self {
            sender,
            address,
            key: key.to_owned(),
        })
    }

    pub(crate) async fn send(&mut self, call: &Call) -> Result<Answer> {
        let mut request = Request::builder()
            .method(&call.method)
            .uri(&call.path)
            .header("host", self.address.to_string())
            .header("x-api-key", &self.key);
        if !call.body.is_empty() {
            request = request.header("content-type", call.content_type);
        }
        if let Some(key) = &call.idempotency_key {
            request = request.header("idempotency-key", key);
        }
        let request = request.body(Full::new(call.body.clone()))?;
        let exchange = async {
            self.sender.ready().await?;
            let response = self.sender.send_request(request).await?;
            let status = response.status();
            let body = response.into_body().collect().await?.to_bytes();
            Ok::<_, anyhow::Error>(Answer { status, body })
        };
        tokio::time::timeout(ANSWER_LIMIT, exchange)
            .await
            .with_context(|| format!("no answer to {} {}", call.method, call.path))?
    }
}

/// Runs a future on a runtime of one thread, so that the load's share of the machine is one core.
pub(crate) fn block_on<T>(future: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(future)
}

/// Whether `/readyz` answers 200; a server that is not up yet is simply not ready.
pub(crate) fn is_ready(address: SocketAddr) -> bool {
    let probe = async {
        let mut connection = Connection::open(address, "").await?;
        connection.send(&Call::get("/readyz")).await
    };
    block_on(probe).is_ok_and(|answer| answer.status == StatusCode::OK)
}
