//! Limits and forms of bodies.

use crate::harness::{ALL, Answer, Server, request};

const KEY: (&str, &str) = ("x-api-key", ALL);
const MAKE: &str = "/api/v1/things/known";

#[tokio::test]
async fn json_bodies_have_limits() {
    let server = Server::new();
    let field = |size: usize| {
        format!(
            r#"{{"seat_count":1,"external_ref":"{}"}}"#,
            "a".repeat(size)
        )
    };
    assert_eq!(
        server
            .post(MAKE, &[KEY], &field(1024 * 1024 - 40))
            .await
            .status,
        201
    );
    server
        .post(MAKE, &[KEY], &field(1024 * 1024))
        .await
        .refused(413, "payload_too_large");
    let deep = format!(
        r#"{{"seat_count":1,"metadata":{{"a":{}1{}}}}}"#,
        "[".repeat(5000),
        "]".repeat(5000)
    );
    server
        .post(MAKE, &[KEY], &deep)
        .await
        .refused(422, "validation_error");
    for (body, field) in [
        (
            r#"{"seat_count":1,"metadata":{"a":{"b\u0000":1}}}"#,
            "metadata.a.b\u{fffd}",
        ),
        (
            r#"{"seat_count":1,"metadata":{"a":["\u0000"]}}"#,
            "metadata.a[0]",
        ),
        (r#"{"seat_count":1,"metadata":{"a":1e999}}"#, "metadata.a"),
        (r#"{"seat_count":-1}"#, "seat_count"),
        (r#"{"seat_count":1.5}"#, "seat_count"),
        (r#"{"seat_count":"secret"}"#, "seat_count"),
    ] {
        let refusal = server
            .post(MAKE, &[KEY], body)
            .await
            .refused(422, "validation_error");
        assert_eq!(refusal["errors"][0]["field"], field, "{refusal}");
        assert!(!refusal.to_string().contains("secret"));
    }
}

#[tokio::test]
async fn json_bodies_need_their_content_type() {
    let server = Server::new();
    let body = r#"{"seat_count":1}"#;
    let send = |kind: &'static str| {
        server.send(request("POST", MAKE, &[KEY, ("content-type", kind)], body))
    };
    assert_eq!(send("application/json; charset=utf-8").await.status, 201);
    assert_eq!(send("application/vnd.api+json").await.status, 201);
    send("text/plain")
        .await
        .refused(415, "unsupported_media_type");
    send("application/x-www-form-urlencoded")
        .await
        .refused(415, "unsupported_media_type");
}

const BOUNDARY: (&str, &str) = ("content-type", "multipart/form-data; boundary=XX");

fn part(name: &str, content: &[u8]) -> Vec<u8> {
    let mut out =
        format!("--XX\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"x\"\r\n\r\n")
            .into_bytes();
    out.extend_from_slice(content);
    out.extend_from_slice(b"\r\n");
    out
}

async fn upload(server: &Server, parts: &[Vec<u8>]) -> Answer {
    let mut body = parts.concat();
    body.extend_from_slice(b"--XX--\r\n");
    server
        .send(request("POST", "/api/v1/files", &[KEY, BOUNDARY], body))
        .await
}

#[tokio::test]
async fn uploads_have_limits() {
    let server = Server::new();
    let mib = 1024 * 1024;
    let answer = upload(
        &server,
        &[
            part("documentType", b"id_front"),
            part("file", &vec![7; 10 * mib]),
        ],
    )
    .await;
    assert_eq!(answer.status, 201);
    assert_eq!(answer.json()["file_size_bytes"], 10 * mib);
    assert_eq!(answer.json()["document_type"], "id_front");
    let over = [part("file", &vec![7; 10 * mib + 1])];
    upload(&server, &over)
        .await
        .refused(413, "payload_too_large");
    let huge = [part("other", &vec![7; 30 * mib])];
    upload(&server, &huge)
        .await
        .refused(413, "payload_too_large");
    let many: Vec<_> = (0..40).map(|n| part(&format!("f{n}"), b"x")).collect();
    upload(&server, &many).await.refused(400, "bad_request");
    let twice = [part("file", b"a"), part("file", b"b")];
    upload(&server, &twice)
        .await
        .refused(422, "validation_error");
    let nul = [part("document_type", b"a\0b")];
    upload(&server, &nul).await.refused(422, "validation_error");
    upload(&server, &[]).await.refused(422, "validation_error");
}

#[tokio::test]
async fn broken_forms_are_refused() {
    let server = Server::new();
    let send = |kind: (&'static str, &'static str), body: &'static str| {
        server.send(request("POST", "/api/v1/files", &[KEY, kind], body))
    };
    send(("content-type", "application/json"), "{}")
        .await
        .refused(415, "unsupported_media_type");
    send(("content-type", "multipart/form-data"), "")
        .await
        .refused(415, "unsupported_media_type");
    send(
        BOUNDARY,
        "--XX\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nabc",
    )
    .await
    .refused(400, "bad_request");
    send(BOUNDARY, "no form at all")
        .await
        .refused(400, "bad_request");
}
