//! Uploads that are refused: what is no image, what pretends, what is said wrongly.

use reqwest::multipart::{Form, Part};
use serde_json::json;
use verifa_testkit::Client;

use crate::images::{boasting_png, decompression_bomb, picture, small_jpeg, small_png, small_webp};
use crate::support::server_and_live;

async fn refused(client: &Client, session: &str, what: &str, bytes: Vec<u8>, allowed: &[u16]) {
    let answer = client.upload(session, "id_front", bytes).await;
    let status = answer.status;
    assert!(
        allowed.contains(&status),
        "{what}: {status}: {}",
        answer.shown()
    );
    let code = match status {
        400 => "bad_request",
        413 => "payload_too_large",
        415 => "unsupported_media_type",
        _ => "validation_error",
    };
    answer.refused(status, code);
}

#[tokio::test]
async fn what_is_no_image_is_an_unsupported_type() {
    let (_server, live) = server_and_live().await;
    let session = live.session(json!({})).await;
    let gif = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01".to_vec();
    let bmp = crate::images::encoded(&picture(1), image::ImageFormat::Jpeg)
        .split_off(2)
        .into_iter()
        .collect();
    for (what, bytes) in [
        ("text", b"This is no image at all.".to_vec()),
        (
            "a page",
            b"<!doctype html><script>alert(1)</script>".to_vec(),
        ),
        (
            "SVG",
            br#"<svg xmlns="http://www.w3.org/2000/svg"/>"#.to_vec(),
        ),
        ("PDF", b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF".to_vec()),
        ("GIF", gif),
        ("a JPEG without its head", bmp),
        ("ZIP", b"PK\x03\x04\x14\x00\x00\x00".to_vec()),
        (
            "RIFF that is no WebP",
            b"RIFF\x24\x00\x00\x00WAVEfmt ".to_vec(),
        ),
        ("zeros", vec![0; 4_096]),
    ] {
        refused(&live, &session, what, bytes, &[415]).await;
    }
    assert_eq!(live.look(&session).await["status"], "pending");
}

#[tokio::test]
async fn broken_images_are_bad_requests() {
    let (_server, live) = server_and_live().await;
    let session = live.session(json!({})).await;
    for (what, whole) in [
        ("JPEG", small_jpeg(1)),
        ("PNG", small_png(1)),
        ("WebP", small_webp(1)),
    ] {
        for part in [2, 3] {
            let cut = whole[..whole.len() * (part - 1) / part].to_vec();
            refused(&live, &session, &format!("a cut {what}"), cut, &[400]).await;
        }
        let head = whole[..24].to_vec();
        refused(
            &live,
            &session,
            &format!("the head of a {what}"),
            head,
            &[400, 415],
        )
        .await;
    }
    let mut scrambled = small_png(1);
    let middle = scrambled.len() / 2;
    scrambled[middle] ^= 0xFF;
    refused(
        &live,
        &session,
        "a PNG with a wrong checksum",
        scrambled,
        &[400],
    )
    .await;
    refused(&live, &session, "nothing", Vec::new(), &[400, 415, 422]).await;
}

#[tokio::test]
async fn bombs_are_refused_before_they_unfold() {
    let (server, live) = server_and_live().await;
    let session = live.session(json!({})).await;
    let bomb = decompression_bomb();
    assert!(bomb.len() < 1_000_000, "{}", bomb.len());
    let before = server.peak_resident_bytes();
    refused(&live, &session, "a bomb", bomb, &[400, 413]).await;
    refused(&live, &session, "a boast", boasting_png(), &[400, 413]).await;
    let grown = server.peak_resident_bytes() - before;
    assert!(grown < 60_000_000, "the bomb took {grown} bytes");
}

#[tokio::test]
async fn files_that_are_two_things_are_refused() {
    let (_server, live) = server_and_live().await;
    let session = live.session(json!({})).await;
    let joined = |head: &[u8], tail: &[u8]| [head, tail].concat();
    for (what, bytes) in [
        (
            "JPEG and ZIP",
            joined(&small_jpeg(1), b"PK\x03\x04\x14\x00\x00\x00\x08\x00"),
        ),
        (
            "PNG and page",
            joined(&small_png(1), b"<html><script>alert(1)</script></html>"),
        ),
        ("PNG and PDF", joined(&small_png(1), b"%PDF-1.7\n1 0 obj\n")),
        (
            "WebP and script",
            joined(&small_webp(1), b"<script>alert(1)</script>"),
        ),
        (
            "JPEG and program",
            joined(&small_jpeg(1), b"MZ\x90\x00\x03\x00\x00\x00"),
        ),
        ("PDF before JPEG", joined(b"%PDF-1.4\n", &small_jpeg(1))),
    ] {
        refused(&live, &session, what, bytes, &[400, 415]).await;
    }
}

#[tokio::test]
async fn the_document_type_is_one_of_the_known() {
    let (_server, live) = server_and_live().await;
    let session = live.session(json!({})).await;
    for unknown in ["passport", "ID_FRONT", "", "liveness_frame", "id_front "] {
        live.upload(&session, unknown, small_png(1))
            .await
            .invalid_field("document_type");
    }
    let file = || Part::bytes(small_png(1)).file_name("x");
    let form = Form::new().part("file", file());
    live.act(&session, "documents")
        .form(form)
        .await
        .invalid_field("document_type");
    let form = Form::new().text("document_type", "id_front");
    live.act(&session, "documents")
        .form(form)
        .await
        .invalid_field("file");
}

#[tokio::test]
async fn proof_of_address_says_what_it_is() {
    let (_server, live) = server_and_live().await;
    let session = live.session(json!({})).await;
    let form = |fields: &[(&'static str, &'static str)]| {
        let mut form = Form::new()
            .text("document_type", "proof_of_address")
            .part("file", Part::bytes(small_png(1)).file_name("bill"));
        for (name, value) in fields {
            form = form.text(*name, *value);
        }
        live.act(&session, "documents").form(form)
    };
    form(&[]).await.invalid_field("poa_document_type");
    for date in ["2026-02-30", "yesterday", "01.02.2026"] {
        form(&[
            ("poa_document_type", "utility_bill"),
            ("poa_document_date", date),
        ])
        .await
        .invalid_field("poa_document_date");
    }
    form(&[("poa_document_type", "utility_bill")]).await.ok(201);
    let stored = form(&[
        ("poa_document_type", "bank_statement"),
        ("poa_document_date", "2026-02-01"),
    ]);
    assert_eq!(stored.await.ok(201)["document_type"], "proof_of_address");
}

#[tokio::test]
async fn an_upload_is_a_form() {
    let (_server, live) = server_and_live().await;
    let session = live.session(json!({})).await;
    let send = || live.act(&session, "documents");
    send()
        .json(json!({"file": "x"}))
        .await
        .refused(415, "unsupported_media_type");
    send()
        .body("image/png", small_png(1))
        .await
        .refused(415, "unsupported_media_type");
    send()
        .body("multipart/form-data; boundary=X", "no form at all")
        .await
        .refused(400, "bad_request");
}
