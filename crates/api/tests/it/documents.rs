//! Documents go up as forms and come down by signed links.

use http::Request;
use serde_json::{Value, json};

use crate::app::AppServer;
use crate::harness::Answer;

const SESSIONS: &str = "/api/v1/sessions";

fn png() -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::RgbImage::from_pixel(320, 200, image::Rgb([200, 210, 220]))
        .write_to(&mut bytes, image::ImageFormat::Png)
        .unwrap();
    bytes.into_inner()
}

fn form(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, content) in parts {
        let head = format!(
            "--XX\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"x\"\r\n\r\n"
        );
        out.extend_from_slice(head.as_bytes());
        out.extend_from_slice(content);
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b"--XX--\r\n");
    out
}

async fn upload(
    server: &AppServer,
    id: &str,
    key: Option<&str>,
    parts: &[(&str, &[u8])],
) -> Answer {
    let mut request = Request::post(format!("{SESSIONS}/{id}/documents"))
        .header("x-api-key", server.live())
        .header("content-type", "multipart/form-data; boundary=XX");
    if let Some(key) = key {
        request = request.header("idempotency-key", key);
    }
    server.send(request.body(form(parts).into()).unwrap()).await
}

#[tokio::test]
async fn documents_go_up_and_come_down_by_signed_link() {
    let server = AppServer::start().await;
    let id = server.session(json!({})).await;
    let picture = png();
    let front = [
        ("document_type", b"id_front".as_slice()),
        ("file", &picture),
    ];
    let first = upload(&server, &id, Some("u"), &front).await;
    assert_eq!(first.status, 201, "{}", first.json());
    assert_eq!(first.json()["mime_type"], "image/png");
    assert_eq!(first.json()["file_size_bytes"], picture.len());
    // The file may come before the fields, and a replay stores nothing.
    let turned = [
        ("file", picture.as_slice()),
        ("documentType", b"id_front".as_slice()),
    ];
    let again = upload(&server, &id, Some("u"), &turned).await;
    assert_eq!(
        (again.header("idempotent-replayed"), &again.bytes),
        ("true", &first.bytes)
    );
    assert_eq!(
        server.get(&format!("{SESSIONS}/{id}")).await.json()["status"],
        "capturing"
    );

    let listed = server
        .get(&format!("{SESSIONS}/{id}/documents"))
        .await
        .json();
    assert_eq!(listed["data"].as_array().unwrap().len(), 1);
    let url = listed["data"][0]["url"].as_str().unwrap();
    let path = url.strip_prefix("http://127.0.0.1:8080").unwrap();
    let fetch =
        |path: String| server.send(Request::get(path).body(axum::body::Body::empty()).unwrap());
    let loaded = fetch(path.to_owned()).await;
    assert_eq!(loaded.status, 200);
    assert_eq!(loaded.bytes, picture);
    assert_eq!(loaded.header("cache-control"), "private, no-store");
    assert_eq!(loaded.header("content-type"), "image/png");
    for forged in [
        path.replace("id_front", "selfie"),
        path.replace("sig=", "sig=0"),
        path.split('?').next().unwrap().to_owned(),
    ] {
        fetch(forged).await.refused(403, "forbidden");
    }
    server.clock.advance(std::time::Duration::from_mins(6));
    fetch(path.to_owned()).await.refused(403, "forbidden");

    for (parts, status, code) in [
        (
            vec![
                ("document_type", b"id_front".as_slice()),
                ("file", b"no picture".as_slice()),
            ],
            415,
            "unsupported_media_type",
        ),
        (
            vec![
                ("document_type", b"id_front"),
                ("file", &picture[..picture.len() / 2]),
            ],
            400,
            "bad_request",
        ),
        (
            vec![("document_type", b"passport"), ("file", &picture)],
            422,
            "validation_error",
        ),
        (vec![("file", &picture)], 422, "validation_error"),
        (
            vec![("document_type", b"id_front")],
            422,
            "validation_error",
        ),
        (
            vec![("document_type", b"proof_of_address"), ("file", &picture)],
            422,
            "validation_error",
        ),
    ] {
        upload(&server, &id, None, &parts)
            .await
            .refused(status, code);
    }
    server
        .call("POST", &format!("{SESSIONS}/{id}/expire"), Value::Null)
        .await;
    upload(&server, &id, None, &front)
        .await
        .refused(409, "conflict");
    upload(&server, "ses_00000000000000000000000000", None, &front)
        .await
        .refused(404, "not_found");
}
