//! Every refusal has the common body, whatever refused.

use serde_json::json;

use crate::support::{SESSIONS, assert_fields, server, server_and_live, unknown_id};

#[tokio::test]
async fn routes_and_methods_that_do_not_exist() {
    let (server, live) = server_and_live().await;
    for path in [
        "/",
        "/nothing",
        "/api",
        "/api/v1",
        "/api/v1/nothing",
        "/api/v2/sessions",
    ] {
        live.get(path).await.refused(404, "not_found");
        server.anonymous().get(path).await.refused(404, "not_found");
    }
    for (method, path) in [
        ("PUT", SESSIONS),
        ("DELETE", SESSIONS),
        ("PATCH", SESSIONS),
        ("POST", "/healthz"),
    ] {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let answer = live.call(method, path).await;
        answer.refused(405, "method_not_allowed");
        assert!(
            answer.header("allow").contains("GET"),
            "{}",
            answer.header("allow")
        );
    }
    let odd = reqwest::Method::from_bytes(b"BREW").unwrap();
    live.call(odd, SESSIONS)
        .await
        .refused(405, "method_not_allowed");
}

#[tokio::test]
async fn paths_that_are_no_text_name_nothing() {
    let (server, live) = server_and_live().await;
    let session = live.session(json!({})).await;
    for odd in ["%FF", "%00", "%F0%9F%92%A9"] {
        for path in [
            format!("{odd}/documents/id_front?expires=1&sig=00"),
            format!("{session}/verifications/{odd}/attempts"),
            format!("{odd}/verifications/document_ocr/attempts"),
        ] {
            let path = format!("{SESSIONS}/{path}");
            live.get(&path).await.refused(404, "not_found");
        }
        let retry = format!("{SESSIONS}/{session}/verifications/{odd}/retry");
        live.post(&retry).await.refused(404, "not_found");
    }
    let download = format!("{SESSIONS}/{session}/documents/%FF?expires=1&sig=00");
    let anonymous = server.anonymous();
    anonymous.get(&download).await.refused(404, "not_found");
    // Open routes negotiate their headers too.
    for path in ["/healthz", &download] {
        let call = anonymous.get(path).header("key-inflection", "loud");
        call.await.refused(400, "bad_request");
    }
}

#[tokio::test]
async fn the_documented_example_is_what_comes() {
    let (_server, live) = server_and_live().await;
    let refusal = live
        .get(&format!("{SESSIONS}/{}", unknown_id("ses_")))
        .await;
    let body = refusal.refused(404, "not_found");
    assert_fields(&body, "error detail status_code request_id");
    assert_eq!(body["detail"], "Session not found.");
}

#[tokio::test]
async fn a_validation_error_names_field_code_and_message() {
    let (_server, live) = server_and_live().await;
    let body = json!({"metadata": {"plan": "x".repeat(20_000)}});
    let refusal = live
        .post(SESSIONS)
        .json(body)
        .await
        .refused(422, "validation_error");
    assert_fields(&refusal, "error detail status_code errors request_id");
    let error = &refusal["errors"][0];
    assert_fields(error, "field code message");
    assert_eq!(error["field"], "metadata.plan");
    assert_eq!(error["code"], "too_long");
}

#[tokio::test]
async fn every_answer_has_a_request_id_of_its_own() {
    let (server, live) = server_and_live().await;
    let mut seen = std::collections::BTreeSet::new();
    for path in [
        SESSIONS,
        "/api/v1/nothing",
        "/healthz",
        "/readyz",
        "/openapi.json",
        "/docs",
    ] {
        for client in [&live, &server.anonymous()] {
            let answer = client.get(path).await;
            let id = answer.header("x-request-id").to_owned();
            assert!(!id.is_empty(), "{path}");
            assert!(seen.insert(id), "{path}: the id was used before");
        }
    }
}

#[tokio::test]
async fn a_callers_request_id_cannot_forge_a_log_line() {
    let (_server, live) = server_and_live().await;
    let hostile = "x\" level=error forged=\"";
    let answer = live.get(SESSIONS).header("x-request-id", hostile).await;
    assert_ne!(answer.header("x-request-id"), hostile);
}

#[tokio::test]
async fn authentication_is_asked_before_anything_is_read() {
    let server = server().await;
    let anonymous = server.anonymous();
    for (path, body) in [
        (SESSIONS, "{"),
        (SESSIONS, "{}"),
        ("/api/v1/workflows", "["),
    ] {
        anonymous
            .post(path)
            .raw_json(body)
            .await
            .refused(401, "unauthorized");
    }
    anonymous
        .get(&format!("{SESSIONS}/x?limit=x"))
        .await
        .refused(401, "unauthorized");
    let mut details = std::collections::BTreeSet::new();
    for key in [
        "",
        "x",
        "vk_live_",
        "vk_live_0000000000000000000000000000000000",
        "\u{7f}é",
    ] {
        let Ok(header) = reqwest::header::HeaderValue::from_bytes(key.as_bytes()) else {
            continue;
        };
        let answer = anonymous
            .get(SESSIONS)
            .header("x-api-key", header.to_str().unwrap_or("x"));
        details.insert(answer.await.refused(401, "unauthorized")["detail"].to_string());
    }
    assert_eq!(details.len(), 1, "{details:?}");
}
