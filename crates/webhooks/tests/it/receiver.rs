//! A TCP listener that counts what reaches it and answers as the test says.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures::future::BoxFuture;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::task::AbortOnDropHandle;
use verifa_core::time::Timestamp;
use verifa_vault::WebhookSigner;
use verifa_webhooks::{Letter, Message, Outcome, Resolve, Sender, SenderSettings, Signatures};

/// What is done with a connection whose request was read.
pub(crate) type Answer = fn(TcpStream) -> BoxFuture<'static, ()>;

/// A listener on the loopback.
pub(crate) struct Receiver {
    pub(crate) address: SocketAddr,
    connections: Arc<AtomicUsize>,
    requests: Arc<AtomicUsize>,
    _task: AbortOnDropHandle<()>,
}

impl Receiver {
    pub(crate) async fn start(answer: Answer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Arc::<AtomicUsize>::default();
        let requests = Arc::<AtomicUsize>::default();
        let (connected, requested) = (Arc::clone(&connections), Arc::clone(&requests));
        let task = tokio::spawn(async move {
            while let Ok((mut tcp, _)) = listener.accept().await {
                connected.fetch_add(1, Ordering::SeqCst);
                let requested = Arc::clone(&requested);
                tokio::spawn(async move {
                    if read_request(&mut tcp).await {
                        requested.fetch_add(1, Ordering::SeqCst);
                        answer(tcp).await;
                    }
                });
            }
        });
        Self {
            address,
            connections,
            requests,
            _task: AbortOnDropHandle::new(task),
        }
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    pub(crate) fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

/// Reads a whole request; false at the end of the connection.
async fn read_request(tcp: &mut TcpStream) -> bool {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match tcp.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return false,
        }
    }
    let head = String::from_utf8(head).unwrap().to_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    tcp.read_exact(&mut body).await.is_ok()
}

/// Answers with these bytes and closes.
pub(crate) async fn say(mut tcp: TcpStream, bytes: &[u8]) {
    let _sent = tcp.write_all(bytes).await;
    let _closed = tcp.shutdown().await;
}

/// Sends one letter.
pub(crate) async fn send(
    url: &str,
    allowed: &[&str],
    timeout: Duration,
    resolver: Arc<dyn Resolve>,
) -> Outcome {
    let settings = SenderSettings {
        allowed_hosts: allowed.iter().map(ToString::to_string).collect(),
        timeout,
        ..SenderSettings::default()
    };
    send_with(&Sender::new(&settings, resolver), url).await
}

/// Sends one letter with a sender at hand.
pub(crate) async fn send_with(sender: &Sender, url: &str) -> Outcome {
    let body = br#"{"event":"session.created"}"#;
    let signatures = signatures(body);
    sender
        .send(Letter {
            url,
            delivery_id: "dlv_1",
            event: "session.created",
            signatures: &signatures,
            body: body.as_slice().into(),
        })
        .await
}

fn signatures(body: &[u8]) -> Signatures {
    let message = Message {
        id: "idk_1",
        time: Timestamp::from_seconds(1),
        body,
    };
    message.sign(&[], &WebhookSigner::from_seed(&[1; 32]))
}
