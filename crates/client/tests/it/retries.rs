//! A server that is busy, away, or talks nonsense.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::TryStreamExt as _;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use verifa_client::types::{CreateSessionQuery, ListSessionsQuery, SessionCreate};
use verifa_client::{Client, Error, Retries};

/// What the server does with a call.
enum Turn {
    /// Closes the connection without an answer.
    Hangs,
    Answers(u16, &'static str, Value),
}

/// Requests as they came: the first line and the idempotency key.
type Heard = Arc<Mutex<Vec<(String, Option<String>)>>>;

/// A server that takes the turns one after another, and what it heard.
async fn server(turns: Vec<Turn>) -> (String, Heard) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let heard = Heard::default();
    let told = Arc::clone(&heard);
    tokio::spawn(async move {
        for turn in turns {
            let (mut stream, _) = listener.accept().await.unwrap();
            let head = read_request(&mut stream).await;
            told.lock().unwrap().push(head);
            if let Turn::Answers(status, headers, body) = turn {
                let body = body.to_string();
                let text = format!(
                    "HTTP/1.1 {status} Status\r\ncontent-length: {}\r\nconnection: close\r\n{headers}\r\n{body}",
                    body.len()
                );
                stream.write_all(text.as_bytes()).await.unwrap();
            }
        }
    });
    (address, heard)
}

async fn read_request(stream: &mut TcpStream) -> (String, Option<String>) {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let head = head.to_ascii_lowercase();
            let header = |name: &str| {
                head.lines()
                    .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
                    .map(str::to_owned)
            };
            let length = header("content-length").map_or(0, |text| text.parse().unwrap());
            if body.len() >= length {
                assert_eq!(header("x-api-key").as_deref(), Some("vk_live_test"));
                let line = text.lines().next().unwrap().to_owned();
                return (line, header("idempotency-key"));
            }
        }
        let mut buffer = [0; 4_096];
        let read = stream.read(&mut buffer).await.unwrap();
        assert!(read > 0, "the client went away");
        bytes.extend_from_slice(&buffer[..read]);
    }
}

fn client(address: &str) -> Client {
    Client::builder(address)
        .key("vk_live_test")
        .retries(Retries {
            first_pause: Duration::from_millis(5),
            ..Retries::default()
        })
        .build()
        .unwrap()
}

fn refusal(status: u16, code: &str) -> Value {
    json!({"error": code, "detail": "A sentence.", "status_code": status, "request_id": "r"})
}

fn created() -> Value {
    json!({
        "id": "ses_1", "status": "pending", "capture_url": null, "is_sandbox": false,
        "created_at": "2026-02-01T12:00:00.000Z", "expires_at": null, "external_ref": null,
        "qr_code_data_url": null, "tags": []
    })
}

#[tokio::test]
async fn a_change_is_tried_again_under_one_key() {
    let (address, heard) = server(vec![
        Turn::Hangs,
        Turn::Answers(503, "", refusal(503, "unavailable")),
        Turn::Answers(429, "retry-after: 0\r\n", refusal(429, "rate_limited")),
        Turn::Answers(201, "", created()),
    ])
    .await;
    let made = client(&address)
        .create_session(&CreateSessionQuery::default(), &SessionCreate::default())
        .await;
    assert_eq!(made.ok().unwrap().id, "ses_1");
    let heard = heard.lock().unwrap();
    assert_eq!(heard.len(), 4);
    let key = heard[0].1.as_ref().expect("an idempotency key");
    assert!(heard.iter().all(|(_, found)| found.as_ref() == Some(key)));
    assert!(heard[0].0.starts_with("POST /api/v1/sessions "));
}

#[tokio::test]
async fn what_is_refused_is_not_asked_again() {
    let (address, heard) = server(vec![Turn::Answers(404, "", refusal(404, "not_found"))]).await;
    let refused = client(&address).get_session_result("ses_1").await;
    let error = refused.err().unwrap();
    assert_eq!(error.status(), Some(404));
    assert_eq!(error.refusal().unwrap().code, "not_found");
    assert_eq!(heard.lock().unwrap()[0].1, None, "reading needs no key");
}

#[tokio::test]
async fn a_wait_beyond_the_bound_is_an_answer() {
    let busy = Turn::Answers(429, "retry-after: 3600\r\n", refusal(429, "rate_limited"));
    let (address, heard) = server(vec![busy]).await;
    let error = client(&address).get_rate_limits().await.err().unwrap();
    let asked = error.refusal().unwrap().retry_after;
    assert_eq!(asked, Some(Duration::from_hours(1)));
    assert_eq!(heard.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn tries_end() {
    let turns = (0..4).map(|_| Turn::Hangs).collect();
    let (address, heard) = server(turns).await;
    let error = client(&address).get_rate_limits().await.err().unwrap();
    assert!(matches!(error, Error::Connection(_)), "{error}");
    assert!(!error.to_string().contains("127.0.0.1"), "{error}");
    assert_eq!(heard.lock().unwrap().len(), 4);
}

#[tokio::test]
async fn an_answer_of_another_shape_is_no_panic_and_no_leak() {
    let odd = json!({"id": "ses_1", "name": "Tessa Testwoman"});
    let (address, _) = server(vec![Turn::Answers(201, "", odd)]).await;
    let made = client(&address)
        .create_session(&CreateSessionQuery::default(), &SessionCreate::default())
        .await;
    let text = made.err().unwrap().to_string();
    assert!(!text.contains("Tessa"), "{text}");
}

#[tokio::test]
async fn a_list_is_walked_to_its_end() {
    let session = |id: &str| {
        json!({
            "id": id, "status": "pending", "is_sandbox": false, "environment": "live",
            "created_at": "2026-02-01T12:00:00Z", "updated_at": "2026-02-01T12:00:00Z",
            "external_ref": null, "metadata": {}, "country": null, "checks": null,
            "workflow_id": null, "document_type": null, "retention_status": null,
            "processing_attempts": null, "consent_ip": null, "capture_url": null,
            "token_expires_at": null, "case_id": null, "case_status": null, "tags": []
        })
    };
    let page = |ids: &[&str], next: Option<&str>| {
        let data: Vec<Value> = ids.iter().map(|id| session(id)).collect();
        let pagination =
            json!({"total": null, "limit": 100, "next_cursor": next, "prev_cursor": null});
        Turn::Answers(200, "", json!({"data": data, "pagination": pagination}))
    };
    let (address, heard) = server(vec![page(&["a", "b"], Some("c 1")), page(&["c"], None)]).await;
    let query = ListSessionsQuery {
        status: Some("pending".to_owned()),
        limit: Some(3),
        ..ListSessionsQuery::default()
    };
    let walked = client(&address).list_sessions_stream(&query);
    let found: Vec<String> = walked
        .map_ok(|session| session.id)
        .try_collect()
        .await
        .unwrap();
    assert_eq!(found, ["a", "b", "c"]);
    let heard = heard.lock().unwrap();
    assert!(heard[0].0.contains("status=pending"), "{}", heard[0].0);
    assert!(!heard[0].0.contains("&limit="), "{}", heard[0].0);
    assert!(heard[1].0.contains("page%5Bafter%5D=c"), "{}", heard[1].0);
}
