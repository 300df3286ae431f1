//! Bodies: what JSON may be, its limits, and the two shapes it may come in.

use serde_json::json;

use crate::support::{SESSIONS, WORKFLOWS, server_and_live};

#[tokio::test]
async fn malformed_json_is_a_bad_request() {
    let (_server, live) = server_and_live().await;
    for body in [
        "{",
        "}",
        "{\"a\"}",
        "{\"a\":1,}",
        "nul",
        "{'a':1}",
        "{\"a\":01}",
        "{\"a\":1}x",
        "\u{feff}{}",
        "{\"a\":\"\n\"}",
        "[1,]",
        "\"open",
        "{\"a\":NaN}",
    ] {
        live.post(SESSIONS)
            .raw_json(body)
            .await
            .refused(400, "bad_request");
    }
    live.post(SESSIONS)
        .raw_json(vec![0xFF, 0xFE, 0x7B])
        .await
        .refused(400, "bad_request");
    live.post(SESSIONS)
        .raw_json(b"{\"external_ref\":\"\xC3\x28\"}".to_vec())
        .await
        .refused(400, "bad_request");
}

#[tokio::test]
async fn json_of_the_wrong_shape_is_unprocessable() {
    let (_server, live) = server_and_live().await;
    for body in ["[]", "7", "\"text\"", "true", "[{}]", "{\"data\":[]}"] {
        let answer = live.post(SESSIONS).raw_json(body).await;
        assert!(
            answer.status == 422 || body == "{\"data\":[]}",
            "{body}: {}",
            answer.shown()
        );
        if answer.status == 422 {
            answer.refused(422, "validation_error");
        }
    }
}

#[tokio::test]
async fn nesting_ends_at_32() {
    let (_server, live) = server_and_live().await;
    let nested = |depth: usize| {
        // The body and `metadata` are two levels themselves.
        let (open, close) = ("[".repeat(depth - 2), "]".repeat(depth - 2));
        format!(r#"{{"metadata":{{"a":{open}{close}}}}}"#)
    };
    live.post(SESSIONS).raw_json(nested(32)).await.ok(201);
    live.post(SESSIONS)
        .raw_json(nested(33))
        .await
        .refused(422, "validation_error");
    let bottomless = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    let answer = live.post(SESSIONS).raw_json(bottomless).await;
    assert!([400, 422].contains(&answer.status), "{}", answer.shown());
    let unknown = format!(r#"{{"ignored":{}1{}}}"#, "[".repeat(40), "]".repeat(40));
    live.post(SESSIONS)
        .raw_json(unknown)
        .await
        .refused(422, "validation_error");
}

/// A key that the JSON parser keeps for itself would smuggle a document past the bound on nesting:
/// what is stored then can't be read again, and every list that holds it fails.
#[tokio::test]
async fn keys_of_the_parser_itself_are_refused() {
    let (_server, live) = server_and_live().await;
    let deep = format!("{}{}", "[".repeat(126), "]".repeat(126));
    let smuggled = format!(r#"{{"$serde_json::private::RawValue":"{deep}"}}"#);
    let hidden = format!(r#"{{"\u0024serde_json::private::RawValue":"{deep}"}}"#);
    let number = r#"{"$serde_json::private::Number":"7"}"#.to_owned();
    for value in [smuggled, hidden, number] {
        let body = format!(r#"{{"metadata":{{"a":{value}}}}}"#);
        live.post(SESSIONS)
            .raw_json(body)
            .await
            .refused(422, "validation_error");
    }
    // As a text it is a text like any other.
    let text = r#"{"metadata":{"a":"$serde_json::private::Number"}}"#;
    live.post(SESSIONS).raw_json(text).await.ok(201);
    live.get(SESSIONS).await.ok(200);
}

#[tokio::test]
async fn numbers_that_nothing_can_hold_are_unprocessable() {
    let (_server, live) = server_and_live().await;
    for number in ["1e999", "-1e999"] {
        let body = format!(r#"{{"metadata":{{"n":{number}}}}}"#);
        live.post(SESSIONS)
            .raw_json(body)
            .await
            .invalid_field("metadata.n");
    }
    for number in [
        "9223372036854775807",
        "-9223372036854775808",
        "18446744073709551615",
        "1e308",
        "0.1e-300",
    ] {
        let body = format!(r#"{{"metadata":{{"n":{number}}}}}"#);
        live.post(SESSIONS).raw_json(body).await.ok(201);
    }
    // Digits enough to stall a careless reader.
    let endless = format!(
        r#"{{"metadata":{{"n":{},"n":{}}}}}"#,
        "9".repeat(9_000),
        "9".repeat(9_000)
    );
    let answer = live.post(SESSIONS).raw_json(endless).await;
    assert!(
        [201, 400, 422].contains(&answer.status),
        "{}",
        answer.shown()
    );
}

#[tokio::test]
async fn nul_is_refused_wherever_text_stands() {
    let (_server, live) = server_and_live().await;
    for body in [
        r#"{"external_ref":"a\u0000b"}"#,
        r#"{"metadata":{"a\u0000b":1}}"#,
        r#"{"metadata":{"a":{"b\u0000":1}}}"#,
        r#"{"metadata":{"a":[["\u0000"]]}}"#,
        r#"{"tags":["\u0000"]}"#,
        r#"{"fields":{"first_name":"\u0000"}}"#,
    ] {
        let fields = live.post(SESSIONS).raw_json(body).await.invalid();
        assert!(
            fields.iter().all(|field| !field.contains('\0')),
            "{fields:?}"
        );
    }
    live.post(WORKFLOWS)
        .raw_json(r#"{"name":"a\u0000","steps":[{"policy":"auto_approve"}]}"#)
        .await
        .invalid_field("name");
}

#[tokio::test]
async fn a_body_has_at_most_one_mebibyte() {
    let (_server, live) = server_and_live().await;
    let body = |size: usize| {
        let frame = r#"{"ignored":""}"#.len();
        format!(r#"{{"ignored":"{}"}}"#, "a".repeat(size - frame))
    };
    let most = 1024 * 1024;
    live.post(SESSIONS).raw_json(body(most)).await.ok(201);
    live.post(SESSIONS)
        .raw_json(body(most + 1))
        .await
        .refused(413, "payload_too_large");
    live.post(SESSIONS)
        .raw_json(body(30 * most))
        .await
        .refused(413, "payload_too_large");
}

#[tokio::test]
async fn json_is_asked_for_by_its_name() {
    let (_server, live) = server_and_live().await;
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/xml",
        "json",
    ] {
        live.post(SESSIONS)
            .body(kind, "{}")
            .await
            .refused(415, "unsupported_media_type");
    }
    for kind in [
        "application/json; charset=utf-8",
        "application/vnd.api+json",
    ] {
        live.post(SESSIONS).body(kind, "{}").await.ok(201);
    }
}

#[tokio::test]
async fn the_json_api_envelope_is_read() {
    let (_server, live) = server_and_live().await;
    let body = json!({"data": {"type": "session", "attributes": {
        "external-ref": "enveloped", "redirectUrl": "https://shop.example/",
        "metadata": {"keep-My_case": {"inner-Key": 1}}}}});
    let made = live.post(SESSIONS).json(body).await.ok(201);
    assert_eq!(made["external_ref"], "enveloped");
    let session = live.look(made["id"].as_str().unwrap()).await;
    assert_eq!(
        session["metadata"],
        json!({"keep-My_case": {"inner-Key": 1}})
    );
    let path = format!("{SESSIONS}/{}", made["id"].as_str().unwrap());
    let body = json!({"data": {"attributes": {"externalRef": "again"}}});
    assert_eq!(
        live.patch(&path).json(body).await.ok(200)["external_ref"],
        "again"
    );
}

#[tokio::test]
async fn other_platforms_names_are_understood() {
    let (_server, live) = server_and_live().await;
    let workflow = live.workflow(crate::support::gate_steps()).await;
    let body = json!({"data": {"attributes": {
        "reference-id": "from-elsewhere", "inquiry-template-id": workflow,
        "redirect-uri": "https://shop.example/", "country-code": "DE",
        "name-first": "Anna", "name-middle": "Maria", "name-last": "Eriksson",
        "birthdate": "1990-06-15", "email-address": "a@example.org",
        "phone-number": "+4930123456", "address-street-1": "Hauptstr. 1",
        "address-street-2": "Hof", "address-city": "Berlin", "address-subdivision": "BE",
        "address-postal-code": "10115", "address-country-code": "DE",
        "identification-number": "T22000129"}}});
    let made = live.post(SESSIONS).json(body).await.ok(201);
    assert_eq!(made["external_ref"], "from-elsewhere");
    let session = live.look(made["id"].as_str().unwrap()).await;
    assert_eq!(session["workflow_id"], json!(workflow));
    assert_eq!(session["country"], "DE");
    let wrong = json!({"name-first": 7});
    let fields = live.post(SESSIONS).json(wrong).await.invalid();
    assert_eq!(fields.len(), 1, "{fields:?}");
    let template = json!({"template-id": workflow, "birthdate": "1990-02-30"});
    live.post(SESSIONS).json(template).await.invalid();
}
