//! Connections that stand still: they are closed, they keep nobody out, and there are only so many.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};
use verifa_testkit::{Options, TestServer};

use crate::support::{SESSIONS, VERIFA};

/// Far beyond every bound that a test here sets, far below every default.
const LIMIT: Duration = Duration::from_secs(20);
const HALF_A_HEAD: &[u8] = b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ";
const WHOLE: &[u8] = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";

async fn with(settings: &[(&str, u64)]) -> TestServer {
    let options = settings
        .iter()
        .fold(Options::default(), |options, (name, value)| {
            options.set(&format!("VERIFA_SERVER__{name}"), value)
        });
    TestServer::start(VERIFA, &options).await
}

async fn connection(address: SocketAddr, said: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(said).await.unwrap();
    stream
}

/// The status line of the next answer.
async fn answered(stream: &mut TcpStream) -> String {
    let mut line = [0; 12];
    let read = timeout(LIMIT, stream.read_exact(&mut line)).await;
    read.expect("an answer").expect("a connection");
    String::from_utf8_lossy(&line).into_owned()
}

/// All that the server says until it closes the connection; it must.
async fn until_closed(stream: &mut TcpStream) -> Vec<u8> {
    let mut said = Vec::new();
    // Reset or ended: either way it is closed.
    let _end = timeout(LIMIT, stream.read_to_end(&mut said))
        .await
        .expect("the connection stays open");
    said
}

#[tokio::test]
async fn a_head_has_to_come_in_time() {
    let server = with(&[("HEADER_TIMEOUT_SECONDS", 1)]).await;
    let mut silent = connection(server.address(), b"").await;
    let mut half = connection(server.address(), HALF_A_HEAD).await;
    let mut idle = connection(server.address(), WHOLE).await;
    assert_eq!(answered(&mut idle).await, "HTTP/1.1 200");
    let mut steady = connection(server.address(), HALF_A_HEAD).await;
    // A byte now and then is no head either.
    let dripping = async {
        while steady.write_all(b"x").await.is_ok() {
            sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(LIMIT, dripping).await.expect("it drips for ever");
    // Others are answered all the while, and after.
    server.live().get(SESSIONS).await.ok(200);
    assert!(until_closed(&mut silent).await.is_empty());
    assert!(!until_closed(&mut half).await.starts_with(b"HTTP/1.1 200"));
    until_closed(&mut idle).await;
    server.live().get(SESSIONS).await.ok(200);
}

#[tokio::test]
async fn a_slow_head_keeps_no_request_out() {
    let server = with(&[]).await;
    let mut slow = Vec::new();
    for _ in 0..300 {
        slow.push(connection(server.address(), HALF_A_HEAD).await);
    }
    server.live().get(SESSIONS).await.ok(200);
    // And what is slow but in time is answered.
    let mut first = slow.swap_remove(0);
    first.write_all(b"yes\r\n\r\n").await.unwrap();
    assert_eq!(answered(&mut first).await, "HTTP/1.1 200");
}

#[tokio::test]
async fn connections_beyond_the_most_wait_their_turn() {
    let server = with(&[("MAX_CONNECTIONS", 2)]).await;
    let mut first = connection(server.address(), WHOLE).await;
    let mut second = connection(server.address(), WHOLE).await;
    assert_eq!(answered(&mut first).await, "HTTP/1.1 200");
    assert_eq!(answered(&mut second).await, "HTTP/1.1 200");
    let mut third = connection(server.address(), WHOLE).await;
    let early = timeout(Duration::from_millis(500), third.readable()).await;
    assert!(early.is_err(), "a third connection was answered");
    drop(first);
    assert_eq!(answered(&mut third).await, "HTTP/1.1 200");
}

#[tokio::test]
async fn who_takes_nothing_of_an_answer_loses_the_place() {
    let server = with(&[("MAX_CONNECTIONS", 1), ("SEND_TIMEOUT_SECONDS", 1)]).await;
    let ask = b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n";
    // More answers than the buffers of both ends hold, and never a read.
    let stalled = connection(server.address(), &ask.repeat(100)).await;
    let mut next = connection(server.address(), WHOLE).await;
    assert_eq!(answered(&mut next).await, "HTTP/1.1 200");
    drop(stalled);
}

#[tokio::test]
async fn a_head_without_end_is_refused() {
    let server = with(&[]).await;
    let mut stream = connection(server.address(), HALF_A_HEAD).await;
    // The refusal may come, with a reset, while this still writes.
    let _sent = stream.write_all(&vec![b'x'; 100_000]).await;
    let said = until_closed(&mut stream).await;
    assert!(said.is_empty() || said.starts_with(b"HTTP/1.1 431"));
    server.live().get(SESSIONS).await.ok(200);
}

#[tokio::test]
async fn a_slow_head_holds_up_the_end_no_longer_than_the_grace() {
    let mut server = with(&[("SHUTDOWN_GRACE_SECONDS", 1)]).await;
    let _half = connection(server.address(), HALF_A_HEAD).await;
    let mut idle = connection(server.address(), WHOLE).await;
    assert_eq!(answered(&mut idle).await, "HTTP/1.1 200");
    let asked = std::time::Instant::now();
    server.terminate().await;
    assert!(asked.elapsed() < Duration::from_secs(15));
}
