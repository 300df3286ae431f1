//! A receiver of webhooks whose answers the test writes.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;

/// What a receiver does with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scripted {
    /// Answers with this status and an empty body.
    Status(u16),
    /// Answers with this status and this body.
    Text(u16, String),
    /// Answers with a redirect to this place.
    Redirect(String),
    /// Answers with this status and asks to be tried again after so many seconds.
    RetryAfter(u16, u64),
    /// Closes the connection without an answer.
    Close,
    /// Says 200 and then sends a gigabyte.
    Endless,
    /// Waits, then answers with this status.
    Slow(Duration, u16),
}

/// A request that arrived whole.
#[derive(Debug, Clone)]
pub struct Received {
    /// The first line.
    pub line: String,
    /// Names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// The bytes of the body.
    pub body: Vec<u8>,
    /// What was done with it.
    pub answer: Scripted,
}

impl Received {
    /// A header's value; empty where there is none.
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value.as_str())
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("a webhook's body is JSON")
    }

    /// Whether the receiver said that it took it.
    pub fn was_taken(&self) -> bool {
        match self.answer {
            Scripted::Status(status)
            | Scripted::Text(status, _)
            | Scripted::RetryAfter(status, _)
            | Scripted::Slow(_, status) => (200..300).contains(&status),
            Scripted::Endless => true,
            Scripted::Redirect(_) | Scripted::Close => false,
        }
    }
}

type Script = Arc<dyn Fn(&Received) -> Scripted + Send + Sync>;

struct State {
    script: Mutex<Script>,
    received: Mutex<Vec<Received>>,
    under_way: AtomicUsize,
    most_under_way: AtomicUsize,
}

/// An HTTP server on the loopback that takes webhooks. It ends when dropped.
pub struct WebhookReceiver {
    address: SocketAddr,
    state: Arc<State>,
    listener: AbortHandle,
}

impl WebhookReceiver {
    /// A receiver that answers every request with 200.
    pub async fn start() -> Self {
        Self::scripted(|_| Scripted::Status(200)).await
    }

    /// A receiver that answers as `script` says.
    pub async fn scripted(script: impl Fn(&Received) -> Scripted + Send + Sync + 'static) -> Self {
        Self::on(([127, 0, 0, 1], 0).into(), script).await
    }

    /// A receiver at an address of the test's choice.
    pub async fn on(
        address: SocketAddr,
        script: impl Fn(&Received) -> Scripted + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind(address).await.expect("a free port");
        let address = listener.local_addr().expect("its address");
        let state = Arc::new(State {
            script: Mutex::new(Arc::new(script)),
            received: Mutex::default(),
            under_way: AtomicUsize::new(0),
            most_under_way: AtomicUsize::new(0),
        });
        let shared = Arc::clone(&state);
        let task = tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                tokio::spawn(converse(tcp, Arc::clone(&shared)));
            }
        });
        Self {
            address,
            state,
            listener: task.abort_handle(),
        }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The URL of a path.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// From now on it answers as `script` says.
    pub fn answer(&self, script: impl Fn(&Received) -> Scripted + Send + Sync + 'static) {
        *self.state.script.lock().unwrap() = Arc::new(script);
    }

    /// Everything that arrived whole, in that order.
    pub fn received(&self) -> Vec<Received> {
        self.state.received.lock().unwrap().clone()
    }

    /// The most requests that it ever had under way at once.
    pub fn most_under_way(&self) -> usize {
        self.state.most_under_way.load(Ordering::SeqCst)
    }
}

impl Drop for WebhookReceiver {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

/// Takes requests from one connection until it ends.
async fn converse(tcp: TcpStream, state: Arc<State>) {
    // The answer's head and its end are small: they must not wait for one another.
    tcp.set_nodelay(true).expect("a socket's option");
    let mut tcp = BufReader::new(tcp);
    while let Some(mut request) = read(&mut tcp).await {
        let script = Arc::clone(&*state.script.lock().unwrap());
        request.answer = script(&request);
        let answer = request.answer.clone();
        state.received.lock().unwrap().push(request);
        let now = state.under_way.fetch_add(1, Ordering::SeqCst) + 1;
        state.most_under_way.fetch_max(now, Ordering::SeqCst);
        let goes_on = say(tcp.get_mut(), &answer).await;
        state.under_way.fetch_sub(1, Ordering::SeqCst);
        if !goes_on {
            return;
        }
    }
}

/// Reads a whole request; `None` at the end of the connection.
async fn read(tcp: &mut BufReader<TcpStream>) -> Option<Received> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(tcp.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).expect("a head is text");
    let mut lines = head.lines();
    let line = lines.next()?.to_owned();
    let headers: Vec<_> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let length = headers
        .iter()
        .find(|(name, _)| name == "content-length")
        .map_or(0, |(_, value)| value.parse().expect("a length"));
    let mut body = vec![0; length];
    tcp.read_exact(&mut body).await.ok()?;
    Some(Received {
        line,
        headers,
        body,
        answer: Scripted::Close,
    })
}

/// Answers; whether the connection goes on.
async fn say(tcp: &mut TcpStream, answer: &Scripted) -> bool {
    let text = |status: u16, more: &str, body: &str| {
        let length = body.len();
        format!("HTTP/1.1 {status} Scripted\r\n{more}content-length: {length}\r\n\r\n{body}")
    };
    let bytes = match answer {
        Scripted::Status(status) => text(*status, "", ""),
        Scripted::Text(status, body) => text(*status, "", body),
        Scripted::RetryAfter(status, seconds) => {
            text(*status, &format!("retry-after: {seconds}\r\n"), "")
        }
        Scripted::Redirect(place) => text(301, &format!("location: {place}\r\n"), ""),
        Scripted::Slow(wait, status) => {
            tokio::time::sleep(*wait).await;
            text(*status, "", "")
        }
        Scripted::Close => return false,
        Scripted::Endless => {
            endless(tcp).await;
            return false;
        }
    };
    tcp.write_all(bytes.as_bytes()).await.is_ok()
}

/// A gigabyte, unless the other side has enough.
async fn endless(tcp: &mut TcpStream) {
    let block = vec![b'x'; 64 * 1_024];
    let head = b"HTTP/1.1 200 Scripted\r\n\r\n";
    if tcp.write_all(head).await.is_err() {
        return;
    }
    for _ in 0..16 * 1_024 {
        if tcp.write_all(&block).await.is_err() {
            return;
        }
    }
}
