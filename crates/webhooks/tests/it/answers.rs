//! Receivers that answer with anything but a plain 200.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::AsyncWriteExt as _;
use verifa_core::webhook::AttemptFailure;
use verifa_webhooks::{EXCERPT, Outcome, SystemResolver};

use crate::receiver::{Answer, Receiver, say, send};

async fn answered(answer: Answer, timeout: Duration) -> (Outcome, Receiver) {
    let receiver = Receiver::start(answer).await;
    let url = format!("http://127.0.0.1:{}/hook", receiver.address.port());
    let outcome = send(&url, &["127.0.0.1"], timeout, Arc::new(SystemResolver)).await;
    (outcome, receiver)
}

const LONG: Duration = Duration::from_secs(20);
/// An answer takes nothing along: this tells it the port of the listener that it names.
static PORT: std::sync::OnceLock<u16> = std::sync::OnceLock::new();

#[tokio::test]
async fn a_2xx_is_success_and_its_body_is_kept() {
    let (outcome, _receiver) = answered(
        |tcp| {
            Box::pin(say(
                tcp,
                b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n",
            ))
        },
        LONG,
    )
    .await;
    assert_eq!((outcome.http_status, outcome.failure), (Some(204), None));
    let (outcome, _receiver) = answered(
        |tcp| {
            Box::pin(say(
                tcp,
                b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nthank you",
            ))
        },
        LONG,
    )
    .await;
    assert_eq!(outcome.excerpt, b"thank");
}

#[tokio::test]
async fn other_statuses_are_failures_with_their_number() {
    for (answer, status, failure) in [
        (
            (|tcp| Box::pin(say(tcp, b"HTTP/1.1 500 Oops\r\ncontent-length: 0\r\n\r\n")) as _)
                as Answer,
            500,
            AttemptFailure::HttpStatus,
        ),
        (
            |tcp| Box::pin(say(tcp, b"HTTP/1.1 410 Gone\r\ncontent-length: 0\r\n\r\n")) as _,
            410,
            AttemptFailure::HttpStatus,
        ),
    ] {
        let (outcome, _receiver) = answered(answer, LONG).await;
        assert_eq!(outcome.http_status, Some(status));
        assert_eq!(outcome.failure, Some(failure));
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = Receiver::start(|tcp| Box::pin(say(tcp, b"HTTP/1.1 200 OK\r\n\r\n"))).await;
    PORT.set(elsewhere.address.port()).unwrap();
    let (outcome, receiver) = answered(
        |tcp| {
            Box::pin(async move {
                let port = PORT.get().unwrap();
                let answer = format!(
                    "HTTP/1.1 301 Moved\r\nlocation: http://127.0.0.1:{port}/\r\ncontent-length: 0\r\n\r\n"
                );
                say(tcp, answer.as_bytes()).await;
            })
        },
        LONG,
    )
    .await;
    assert_eq!(outcome.failure, Some(AttemptFailure::Redirect));
    assert_eq!(outcome.http_status, Some(301));
    assert_eq!(receiver.requests(), 1);
    assert_eq!(elsewhere.connections(), 0);
}

#[tokio::test]
async fn an_endless_body_is_cut_off() {
    let begun = Instant::now();
    let (outcome, _receiver) = answered(
        |mut tcp| {
            Box::pin(async move {
                let _head = tcp.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
                let block = vec![b'x'; 64 * 1_024];
                let mut sent: u64 = 0;
                while tcp.write_all(&block).await.is_ok() && sent < 1 << 30 {
                    sent += block.len() as u64;
                }
            })
        },
        LONG,
    )
    .await;
    assert_eq!((outcome.http_status, outcome.failure), (Some(200), None));
    assert_eq!(outcome.excerpt.len(), EXCERPT);
    assert!(begun.elapsed() < LONG / 2, "a gigabyte was read");
}

#[tokio::test]
async fn a_dripping_body_does_not_hold_the_sender() {
    let begun = Instant::now();
    let (outcome, _receiver) = answered(
        |mut tcp| {
            Box::pin(async move {
                let _head = tcp
                    .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n")
                    .await;
                while tcp.write_all(b".").await.is_ok() {
                    tokio::time::sleep(Duration::from_millis(300)).await;
                }
            })
        },
        LONG,
    )
    .await;
    assert_eq!((outcome.http_status, outcome.failure), (Some(200), None));
    assert!(begun.elapsed() < LONG / 2);
}

#[tokio::test]
async fn silence_is_a_timeout() {
    let (outcome, _receiver) = answered(
        |tcp| {
            Box::pin(async move {
                tokio::time::sleep(Duration::from_mins(1)).await;
                drop(tcp);
            })
        },
        Duration::from_millis(300),
    )
    .await;
    assert_eq!(outcome.http_status, None);
    assert_eq!(outcome.failure, Some(AttemptFailure::Timeout));
    assert!(outcome.duration >= Duration::from_millis(300));
}

#[tokio::test]
async fn a_closed_connection_and_rubbish_are_failures() {
    let (outcome, _receiver) = answered(|tcp| Box::pin(async move { drop(tcp) }), LONG).await;
    assert_eq!(outcome.failure, Some(AttemptFailure::Closed));
    let (outcome, _receiver) = answered(
        |tcp| Box::pin(say(tcp, b"SSH-2.0-OpenSSH_9.6\r\n\r\n")),
        LONG,
    )
    .await;
    assert_eq!(outcome.failure, Some(AttemptFailure::Closed));
    let (outcome, _receiver) = answered(
        |tcp| {
            Box::pin(async move {
                let mut head = b"HTTP/1.1 200 OK\r\n".to_vec();
                for n in 0..10_000 {
                    head.extend_from_slice(format!("x-{n}: {n}\r\n").as_bytes());
                }
                head.extend_from_slice(b"\r\n");
                say(tcp, &head).await;
            })
        },
        LONG,
    )
    .await;
    assert_eq!(outcome.failure, Some(AttemptFailure::Closed));
}

#[tokio::test]
async fn nobody_there_is_a_failure() {
    let port = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port()
    };
    let url = format!("http://127.0.0.1:{port}/");
    let outcome = send(&url, &["127.0.0.1"], LONG, Arc::new(SystemResolver)).await;
    assert_eq!(outcome.failure, Some(AttemptFailure::Connect));
    let outcome = send(
        "https://no-such-host.invalid/",
        &[],
        LONG,
        Arc::new(SystemResolver),
    )
    .await;
    assert_eq!(outcome.failure, Some(AttemptFailure::Dns));
}
