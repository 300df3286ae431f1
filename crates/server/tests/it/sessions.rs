//! Creating and reading sessions.

use serde_json::{Value, json};

use crate::support::{
    SESSIONS, WORKFLOWS, assert_fields, assert_id, assert_time, server, server_and_live, unknown_id,
};

#[tokio::test]
async fn a_session_is_created_and_read_back() {
    let (_server, live) = server_and_live().await;
    let made = live
        .post(SESSIONS)
        .json(
            json!({"external_ref": "customer-1", "country": "DE", "tags": ["vip", "vip", "eu"],
            "metadata": {"plan": "gold"}}),
        )
        .await
        .ok(201);
    assert_fields(
        &made,
        "id status capture_url is_sandbox created_at expires_at external_ref qr_code_data_url tags",
    );
    assert_id(&made["id"], "ses_");
    assert_eq!(made["status"], "pending");
    assert_eq!(made["is_sandbox"], false);
    assert_eq!(made["qr_code_data_url"], Value::Null);
    assert_eq!(made["tags"], json!(["vip", "eu"]));
    assert_time(&made["created_at"]);
    assert_time(&made["expires_at"]);
    assert!(made["capture_url"].as_str().unwrap().contains("/verify/"));

    let session = live.look(made["id"].as_str().unwrap()).await;
    assert_fields(
        &session,
        "id status is_sandbox environment created_at updated_at external_ref metadata country checks
         workflow_id document_type retention_status processing_attempts consent_ip capture_url
         token_expires_at case_id case_status tags",
    );
    assert_eq!(session["external_ref"], "customer-1");
    assert_eq!(session["metadata"], json!({"plan": "gold"}));
    assert_eq!(session["country"], "DE");
    assert_eq!(session["retention_status"], "active");
    assert_eq!(session["processing_attempts"], 0);
    assert_eq!(session["capture_url"], made["capture_url"]);
    assert_eq!(session["token_expires_at"], made["expires_at"]);
    assert_id(&session["workflow_id"], "wfl_");
    for absent in ["document_type", "consent_ip", "case_id", "case_status"] {
        assert_eq!(session[absent], Value::Null, "{absent}");
    }
}

/// A body of a megabyte can name a check a hundred thousand times: neither what is stored nor what
/// is answered grows with it.
#[tokio::test]
async fn a_long_list_of_checks_stays_short() {
    let (_server, live) = server_and_live().await;
    let many = |name: &str| json!({"checks": vec![name; 50_000]});
    let made = live.post(SESSIONS).json(many("document_ocr")).await.ok(201);
    let session = live.look(made["id"].as_str().unwrap()).await;
    assert_eq!(session["checks"], json!(["document_ocr"]));
    let refused = live.post(SESSIONS).json(many("no_such_check")).await;
    refused.refused(422, "validation_error");
    let named = refused.invalid();
    assert!((1..=100).contains(&named.len()), "{}", named.len());
    assert_eq!(named[0], "checks[0]");
}

#[tokio::test]
async fn everything_is_optional_even_the_body() {
    let (_server, live) = server_and_live().await;
    live.post(SESSIONS).json(json!({})).await.ok(201);
    let made = live.post(SESSIONS).await.ok(201);
    assert_eq!(made["external_ref"], Value::Null);
    assert_eq!(made["tags"], json!([]));
}

#[tokio::test]
async fn a_token_lives_twenty_minutes_unless_told_otherwise() {
    let (_server, live) = server_and_live().await;
    let minutes = |made: &Value| {
        let second = |name: &str| {
            let text = made[name].as_str().unwrap();
            let (hour, minute) = (text[11..13].parse::<i64>(), text[14..16].parse::<i64>());
            hour.unwrap() * 3600 + minute.unwrap() * 60 + text[17..19].parse::<i64>().unwrap()
        };
        let between = second("expires_at") - second("created_at");
        between.rem_euclid(24 * 3600) / 60
    };
    assert_eq!(
        minutes(&live.post(SESSIONS).json(json!({})).await.ok(201)),
        20
    );
    let short = live
        .post(SESSIONS)
        .json(json!({"expires_in_minutes": 1}))
        .await
        .ok(201);
    assert_eq!(minutes(&short), 1);
    let hours = live
        .post(SESSIONS)
        .json(json!({"expires_in_minutes": 600}))
        .await
        .ok(201);
    assert_eq!(minutes(&hours), 600);
}

#[tokio::test]
async fn a_sandbox_key_makes_sandbox_sessions() {
    let server = server().await;
    let made = server
        .sandbox()
        .post(SESSIONS)
        .json(json!({}))
        .await
        .ok(201);
    assert_eq!(made["is_sandbox"], true);
    let session = server.sandbox().look(made["id"].as_str().unwrap()).await;
    assert_ne!(session["environment"], Value::Null);
    let other = server.live().session(json!({})).await;
    assert_ne!(
        server.live().look(&other).await["environment"],
        session["environment"]
    );
}

#[tokio::test]
async fn every_rule_of_creation_names_its_field() {
    let (server, live) = server_and_live().await;
    let tags: Vec<String> = (0..51).map(|number| format!("t{number}")).collect();
    for (body, field) in [
        (json!({"external_ref": "x".repeat(256)}), "external_ref"),
        (json!({"external_ref": 7}), "external_ref"),
        (json!({"country": "DEU"}), "country"),
        (json!({"country": "ZZ"}), "country"),
        (json!({"country": "1é"}), "country"),
        (
            json!({"redirect_url": "http://shop.example/done"}),
            "redirect_url",
        ),
        (
            json!({"redirect_url": "javascript:alert(1)"}),
            "redirect_url",
        ),
        (json!({"redirect_url": "not a url"}), "redirect_url"),
        (json!({"expires_in_minutes": 0}), "expires_in_minutes"),
        (json!({"expires_in_minutes": 43_201}), "expires_in_minutes"),
        (json!({"expires_in_minutes": "20"}), "expires_in_minutes"),
        (json!({"expires_in_minutes": 1.5}), "expires_in_minutes"),
        (json!({"metadata": []}), "metadata"),
        (json!({"metadata": "x"}), "metadata"),
        (json!({"tags": "vip"}), "tags"),
        (json!({"tags": [1]}), "tags[0]"),
        (json!({"tags": ["ok", "x".repeat(65)]}), "tags[1]"),
        (json!({"tags": [""]}), "tags[0]"),
        (json!({"tags": tags}), "tags"),
        (json!({"checks": ["no_such_check"]}), "checks[0]"),
        (json!({"workflow_id": unknown_id("wfl_")}), "workflow_id"),
        (json!({"workflow_id": unknown_id("ses_")}), "workflow_id"),
        (
            json!({"fields": {"date_of_birth": "1990-02-30"}}),
            "fields.date_of_birth",
        ),
        (json!({"fields": {"first_name": 3}}), "fields.first_name"),
    ] {
        live.post(SESSIONS).json(body).await.invalid_field(field);
    }
    assert_eq!(
        server
            .installation
            .database
            .count("sessions", "1 = 1")
            .await,
        0
    );
}

#[tokio::test]
async fn the_edges_of_the_rules_are_inside() {
    let (_server, live) = server_and_live().await;
    let tags: Vec<String> = (0..50).map(|number| format!("{number:064}")).collect();
    for body in [
        json!({"external_ref": "é".repeat(255)}),
        json!({"redirect_url": "https://shop.example/done?x=1"}),
        json!({"redirect_url": "http://localhost:3000/done"}),
        json!({"expires_in_minutes": 43_200}),
        json!({"tags": tags}),
        json!({"external_ref": null, "metadata": null, "country": null, "tags": null}),
        json!({"unknown_field": {"is": "ignored"}}),
        json!({"fields": {"first_name": "Anna", "address": {"city": "Zenith", "country": "UT"}}}),
    ] {
        let shown = body.to_string();
        let answer = live.post(SESSIONS).json(body).await;
        assert_eq!(answer.status, 201, "{shown}: {}", answer.shown());
    }
}

#[tokio::test]
async fn checks_must_be_ones_that_the_workflow_has() {
    let (_server, live) = server_and_live().await;
    let session = live.session(json!({"checks": ["document_ocr"]})).await;
    assert_eq!(live.look(&session).await["checks"], json!(["document_ocr"]));
    let gate_only = live.workflow(crate::support::gate_steps()).await;
    live.post(SESSIONS)
        .json(json!({"workflow_id": gate_only, "checks": ["document_ocr"]}))
        .await
        .invalid_field("checks[0]");
}

#[tokio::test]
async fn a_session_uses_the_workflow_it_names() {
    let (_server, live) = server_and_live().await;
    let workflow = live.workflow(crate::support::gate_steps()).await;
    let named = live.session(json!({"workflow_id": workflow})).await;
    assert_eq!(live.look(&named).await["workflow_id"], json!(workflow));
    let plain = live.session(json!({})).await;
    assert_ne!(live.look(&plain).await["workflow_id"], json!(workflow));
    live.post(&format!("{WORKFLOWS}/{workflow}/deactivate"))
        .await
        .ok(200);
    live.post(SESSIONS)
        .json(json!({"workflow_id": workflow}))
        .await
        .invalid_field("workflow_id");
}

#[tokio::test]
async fn mail_needs_an_address_and_a_way_to_send_it() {
    let (_server, live) = server_and_live().await;
    let fields = live
        .post(SESSIONS)
        .json(json!({"send_email": true}))
        .await
        .invalid();
    assert!(
        fields
            .iter()
            .all(|field| ["applicant_email", "send_email"].contains(&field.as_str()))
    );
    let body = json!({"send_email": true, "applicant_email": "no address"});
    live.post(SESSIONS).json(body).await.invalid();
}

#[tokio::test]
async fn a_qr_code_is_made_when_asked_for() {
    let (_server, live) = server_and_live().await;
    let session = live.session(json!({})).await;
    let path = format!("{SESSIONS}/{session}");
    let is_picture = |body: &Value| {
        let code = body["qr_code_data_url"].as_str().unwrap_or_default();
        assert!(
            code.starts_with("data:image/png;base64,iVBORw0KGgo"),
            "{code:.60}"
        );
    };
    is_picture(&live.get(&format!("{path}?include=qr")).await.ok(200));
    is_picture(
        &live
            .post(&format!("{path}/resume?include=qr"))
            .await
            .ok(200),
    );
    assert!(
        live.get(&path)
            .await
            .ok(200)
            .get("qr_code_data_url")
            .is_none()
    );
}

#[tokio::test]
async fn ids_of_another_kind_malformed_and_unknown_are_one_not_found() {
    let (_server, live) = server_and_live().await;
    let session = live.session(json!({})).await;
    let bare = session.trim_start_matches("ses_");
    for id in [
        unknown_id("ses_"),
        unknown_id("wfl_"),
        format!("wfl_{bare}"),
        bare.to_owned(),
        session.to_uppercase(),
        format!("{session}0"),
        "ses_".to_owned(),
        "x".to_owned(),
        "%00".to_owned(),
        "..%2f..%2fetc".to_owned(),
        "ses_%F0%9F%92%A9".to_owned(),
    ] {
        let refusal = live
            .get(&format!("{SESSIONS}/{id}"))
            .await
            .refused(404, "not_found");
        assert_eq!(refusal["detail"], "Session not found.", "{id}");
    }
}
