//! SIGTERM: what was begun is finished, nothing new is taken, and the exit is 0.

use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use verifa_testkit::within;

use crate::support::{SESSIONS, paused_session, server};

#[tokio::test]
async fn an_idle_server_ends_at_once() {
    let mut server = server().await;
    server.live().get(SESSIONS).await.ok(200);
    let asked = std::time::Instant::now();
    server.terminate().await;
    assert!(
        asked.elapsed() < Duration::from_secs(5),
        "{:?}",
        asked.elapsed()
    );
}

#[tokio::test]
async fn a_request_in_flight_is_finished() {
    let mut server = server().await;
    let body = r#"{"external_ref":"in flight"}"#;
    let head = format!(
        "POST {SESSIONS} HTTP/1.1\r\nHost: x\r\nX-API-Key: {}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        server.installation.keys.live,
        body.len()
    );
    let (first, rest) = body.split_at(10);
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    stream
        .write_all(format!("{head}{first}").as_bytes())
        .await
        .unwrap();
    // The server has taken the connection up once it answers another one made later.
    server.live().get(SESSIONS).await.ok(200);
    server.ask_to_stop();
    let address = server.address();
    within(
        Duration::from_secs(10),
        "no new connections are taken",
        async || {
            let ready = server
                .anonymous()
                .get("/readyz")
                .may_be_away()
                .attempt()
                .await;
            let refused = TcpStream::connect(address).await.is_err();
            (refused || ready.is_ok_and(|answer| answer.status == 503)).then_some(())
        },
    )
    .await;
    stream.write_all(rest.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(&answer);
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer:.400}");
    assert!(server.ended().await.success());
    server.restart().await;
    let page = server
        .live()
        .get(SESSIONS)
        .query(&[("external_ref", "in flight")])
        .await
        .ok(200);
    assert_eq!(page["pagination"]["total"], 1);
}

#[tokio::test]
async fn what_waits_goes_on_after_a_restart() {
    let mut server = server().await;
    let live = server.live();
    let session = paused_session(&live).await;
    server.terminate().await;
    server.restart().await;
    assert_eq!(live.look(&session).await["status"], "awaiting_external");
    live.decide(&session, "continue").await;
    live.until(&session, "completed").await;
}

#[tokio::test]
async fn a_dead_servers_lock_is_no_lock() {
    let mut server = server().await;
    let live = server.live();
    let session = live.session(json!({})).await;
    for _ in 0..3 {
        server.kill9();
        server.restart().await;
        assert_eq!(live.look(&session).await["status"], "pending");
    }
}
