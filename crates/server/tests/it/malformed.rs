//! A battery of hostile calls against every operation: whatever comes, no 5xx and no crash.
//!
//! The client fails the test on a 5xx; here the calls are only made, many of them.

use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use verifa_testkit::{Client, Options, TestServer};

use crate::support::{SESSIONS, VERIFA, gate_steps, paused_session, unknown_id};

async fn talkative_server() -> TestServer {
    let options = Options::default().set("VERIFA_RATE_LIMITS__PER_IP_PER_MINUTE", 0);
    TestServer::start(VERIFA, &options).await
}

async fn operations(client: &Client) -> Vec<(Method, String)> {
    let document = client.get("/openapi.json").await.ok(200);
    let mut list = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            list.push((method.to_ascii_uppercase().parse().unwrap(), path.clone()));
        }
    }
    list
}

fn with_ids(template: &str, id: &str) -> String {
    let parts = template.split('/');
    let parts = parts.map(|part| if part.starts_with('{') { id } else { part });
    parts.collect::<Vec<_>>().join("/")
}

#[tokio::test]
async fn hostile_ids_and_queries() {
    let server = talkative_server().await;
    let live = server.live();
    let long = "a".repeat(4_000);
    let ids = [
        "0",
        "-1",
        "null",
        "%00",
        "%ff%fe",
        "..%2f..%2fetc%2fpasswd",
        "'%20OR%201=1--",
        "%F0%9F%92%A9",
        "ses_",
        "ses_zzzzzzzzzzzzzzzzzzzzzzzzzz",
        "ses_0000000000000000000000000u",
        &long,
    ];
    let queries = [
        "limit=-1&offset=-1",
        "limit=999999999999999999999",
        "limit=1&limit=2",
        "%00=%00",
        "%ff=%ff",
        "page[after]=%00",
        "page[after]=AAAA",
        "page[size]=x&limit=5",
        "status=%27",
        "q=%25%5F%27",
        "created_after=9999-12-31T23:59:59Z",
        "created_after=-999999999-01-01T00:00:00Z",
        "&&&===",
        "sig=00&expires=99999999999999999999",
        "run=x",
        "include=%F0%9F%92%A9",
        "a[b][c][d][e]=1",
    ];
    for (method, template) in operations(&live).await {
        for id in ids {
            live.call(method.clone(), &with_ids(&template, id))
                .json(json!({}))
                .await;
        }
        for query in queries {
            let path = format!("{}?{query}", with_ids(&template, &unknown_id("ses_")));
            live.call(method.clone(), &path).await;
        }
    }
}

/// Values that a field may be filled with.
fn hostile_values() -> Vec<Value> {
    vec![
        json!(null),
        json!(true),
        json!(-1),
        json!(1e300),
        json!(18_446_744_073_709_551_615_u64),
        json!(""),
        json!("\u{202e}\u{0}\u{feff}"),
        json!("x".repeat(70_000)),
        json!([]),
        json!([[[[]]]]),
        json!({}),
        json!({"a": {"b": {"c": null}}}),
        json!("2026-02-30T25:61:61Z"),
        json!("-271821-04-20"),
        json!("${jndi:ldap://x}"),
        json!("'; DROP TABLE sessions; --"),
    ]
}

const FIELDS: &[&str] = &[
    "external_ref",
    "metadata",
    "country",
    "checks",
    "workflow_id",
    "redirect_url",
    "fields",
    "tags",
    "send_email",
    "applicant_email",
    "locale",
    "expires_in_minutes",
    "decision",
    "node",
    "session_id",
    "name",
    "steps",
    "graph",
    "description",
    "is_default",
    "data_requirements",
    "screening_settings",
    "graph_layout",
    "rollout_percentage",
    "id_type",
    "consent",
    "data",
    "purpose",
    "profile",
];

#[tokio::test]
async fn hostile_bodies() {
    let server = talkative_server().await;
    let live = server.live();
    let session = paused_session(&live).await;
    let workflow = live.workflow(gate_steps()).await;
    for (method, template) in operations(&live).await {
        if method == Method::GET {
            continue;
        }
        let id = if template.contains("workflows") {
            &workflow
        } else {
            &session
        };
        let path = with_ids(&template, id);
        for (index, field) in FIELDS.iter().enumerate() {
            // A third of the pairs, another third for the next field: every value meets every
            // operation, and the whole is a matter of seconds.
            for value in hostile_values().into_iter().skip(index % 3).step_by(3) {
                let idempotent = format!("{field}-{}", value.to_string().len() % 7);
                let call = live
                    .call(method.clone(), &path)
                    .json(json!({ *field: value }));
                // Some of them meet the same key with other parameters, which is a case as well.
                call.idempotent(&idempotent).await;
            }
        }
        for body in [
            "",
            " ",
            "null",
            "[]",
            "\"",
            "{\"a\":{\"a\":{\"a\":",
            "\u{0}",
            "{}{}",
            "-",
            "1e",
        ] {
            live.call(method.clone(), &path).raw_json(body).await;
        }
    }
    server.live().get(SESSIONS).await.ok(200);
}

#[tokio::test]
async fn hostile_steps_and_conditions() {
    let server = talkative_server().await;
    let live = server.live();
    let mut deep = json!({"field": "session.country", "op": "==", "value": 1});
    for _ in 0..25 {
        deep = json!({"not": deep});
    }
    let wide: Vec<Value> = (0..20_000).map(|_| json!({})).collect();
    let steps = [
        json!([{"policy": "auto_approve", "when": deep}]),
        json!(wide),
        json!([{"policy": "auto_approve", "when": {"all": wide}}]),
        json!([{"type": "parallel", "steps": wide}]),
        json!([{"type": "parallel", "id": "g", "steps": [{"type": "parallel", "steps": []}]}]),
        json!([{"id": "a".repeat(100_000), "policy": "auto_approve"}]),
        json!([{"policy": "auto_approve", "on_fail": {"goto": {"goto": {}}}}]),
        json!([{"policy": "auto_approve", "config": hostile_values()}]),
    ];
    for steps in steps {
        live.post(crate::support::WORKFLOWS)
            .json(json!({"name": "x", "steps": steps}))
            .await
            .invalid();
    }
    for value in hostile_values() {
        for node in [
            "start",
            "wait",
            "policy",
            "parallel",
            "conditional",
            "terminal",
        ] {
            let graph = json!({"entry": "a", "nodes": {"a": {"type": node, "next": value,
                "policy": value, "config": value, "branches": value, "outcome": value}}});
            live.post(crate::support::WORKFLOWS)
                .json(json!({"name": "x", "graph": graph}))
                .await
                .invalid();
        }
    }
}

#[tokio::test]
async fn hostile_forms() {
    let server = talkative_server().await;
    let live = server.live();
    let session = live.session(json!({})).await;
    let send = || live.act(&session, "documents");
    let file = |bytes: Vec<u8>| Part::bytes(bytes).file_name("../../etc/passwd\u{0}\r\nX: y");
    for value in ["", "\u{0}", "id_front\u{0}", "x\r\ny", "💩"] {
        let form = Form::new().text("document_type", value.to_owned());
        send()
            .form(form.part("file", file(crate::images::small_png(1))))
            .await;
    }
    let mut many = Form::new();
    for number in 0..2_000 {
        many = many.text(format!("field{number}"), "x");
    }
    send().form(many).await;
    let twice = Form::new()
        .part("file", file(vec![1]))
        .part("file", file(vec![2]));
    send().form(twice).await;
    for (kind, body) in [
        ("multipart/form-data", "--x\r\n"),
        ("multipart/form-data; boundary=", "--\r\n\r\n----"),
        ("multipart/form-data; boundary=\"", "x"),
        ("multipart/form-data; boundary=x", ""),
        ("multipart/form-data; boundary=x", "--x--"),
        (
            "multipart/form-data; boundary=x",
            "--x\r\nContent-Disposition: form-data\r\n\r\n1\r\n--x--",
        ),
        (
            "multipart/form-data; boundary=x",
            "--x\r\nContent-Disposition: form-data; name=\"file\"\r\n",
        ),
        ("multipart/mixed; boundary=x", "--x--"),
    ] {
        let answer = send().body(kind, body).await;
        assert!(
            (400..500).contains(&answer.status),
            "{kind}: {}",
            answer.status
        );
    }
    assert_eq!(live.look(&session).await["status"], "pending");
}

#[tokio::test]
async fn hostile_connections() {
    let server = talkative_server().await;
    let long = "a".repeat(200_000);
    let many = "X-Header: y\r\n".repeat(500);
    let cases = [
        "\r\n\r\n".to_owned(),
        "GET\r\n\r\n".to_owned(),
        "GET / HTTP/9.9\r\n\r\n".to_owned(),
        "\u{16}\u{3}\u{1}\u{2}\u{0}".to_owned(),
        format!("GET /{long} HTTP/1.1\r\nHost: x\r\n\r\n"),
        format!("GET / HTTP/1.1\r\nHost: x\r\nX-Long: {long}\r\n\r\n"),
        format!("GET / HTTP/1.1\r\nHost: x\r\n{many}\r\n"),
        "POST /api/v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n".to_owned(),
        "POST /api/v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n".to_owned(),
        "POST /api/v1/sessions HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n".to_owned(),
        "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n".to_owned(),
        "GET http://evil.example/api/v1/sessions HTTP/1.1\r\nHost: x\r\n\r\n".to_owned(),
        "CONNECT evil.example:443 HTTP/1.1\r\nHost: x\r\n\r\n".to_owned(),
    ];
    for case in cases {
        let mut stream = TcpStream::connect(server.address()).await.unwrap();
        // The server may hang up in the middle of what we say.
        let _sent = stream.write_all(case.as_bytes()).await;
        let _closed = stream.shutdown().await;
        let mut answer = Vec::new();
        let _read = stream.read_to_end(&mut answer).await;
        let text = String::from_utf8_lossy(&answer);
        assert!(!text.starts_with("HTTP/1.1 5"), "{case:.100}: {text:.300}");
    }
    server.live().get(SESSIONS).await.ok(200);
}
