//! Settings: what can be changed, what is refused, and what each of them does.

use std::time::Duration;

use jiff::civil::date;
use serde_json::{Value, json};
use verifa_specimen::{Holder, Specimen};
use verifa_testkit::{Client, Options, TestServer, within};

use crate::support::{
    SESSIONS, VERIFA, WORKFLOWS, assert_fields, assert_id, assert_time, gate_steps, server,
    server_and_live,
};

pub(crate) const SETTINGS: &str = "/api/v1/settings";

async fn change(client: &Client, body: Value) -> Value {
    client.patch(SETTINGS).json(body).await.ok(200)
}

#[tokio::test]
async fn the_settings_have_their_documented_fields_and_defaults() {
    let (_server, live) = server_and_live().await;
    let mut settings = live.get(SETTINGS).await.ok(200);
    assert_fields(
        &settings,
        "id name slug plan api_pii_fields image_url_expiry_seconds data_retention_days
         sensitive_data_retention_days auto_redact_on_retention_expiry dual_review face_match
         fraud_signal_actions default_workflow_id branding email capture consent webhooks revision
         created_at updated_at",
    );
    assert_id(&settings["id"], "org_");
    assert_id(&settings["default_workflow_id"], "wfl_");
    assert_time(&settings["created_at"]);
    assert_time(&settings["updated_at"]);
    for own in ["id", "default_workflow_id", "created_at", "updated_at"] {
        settings.as_object_mut().unwrap().shift_remove(own);
    }
    let defaults = json!({
        "name": "My organization",
        "slug": "my-organization",
        "plan": "unlimited",
        "api_pii_fields": null,
        "image_url_expiry_seconds": 300,
        "data_retention_days": 365,
        "sensitive_data_retention_days": 90,
        "auto_redact_on_retention_expiry": true,
        "dual_review": false,
        "face_match": {"threshold": null},
        "fraud_signal_actions": {},
        "branding": {"name": null, "logo": null, "colours": {}, "support_url": null},
        "email": {"from": null, "smtp_url": null, "admins": []},
        "capture": {"locales": [], "token_minutes": null},
        "consent": {"required": false, "biometric_required": false, "version": null},
        "webhooks": {"schedule": "standard"},
        "revision": 1,
    });
    assert_eq!(settings, defaults);
}

#[tokio::test]
async fn absent_stays_null_resets_and_the_whole_object_can_be_sent_back() {
    let (_server, live) = server_and_live().await;
    let set = change(
        &live,
        json!({
            "name": " Bank of Tests ", "imageUrlExpirySeconds": 60, "data_retention_days": 30,
            "sensitive_data_retention_days": 10, "dual_review": true,
            "branding": {"name": "Bank", "colours": {"primary": "#AABBCC"}},
            "email": {"admins": ["ops@bank.example"]},
            "capture": {"locales": ["de", "pt-BR"], "token_minutes": 45},
            "webhooks": {"schedule": "extended"},
        }),
    )
    .await;
    assert_eq!(set["name"], "Bank of Tests");
    assert_eq!(set["image_url_expiry_seconds"], 60);
    assert_eq!(set["branding"]["colours"]["primary"], "#aabbcc");
    assert_eq!(set["revision"], 2);
    assert_eq!(live.get(SETTINGS).await.ok(200), set);
    // Sent back as it was read, nothing changes, not even the revision.
    assert_eq!(change(&live, set.clone()).await, set);
    let reset = json!({
        "image_url_expiry_seconds": null, "data_retention_days": null, "branding": null,
        "capture": {"token_minutes": null},
    });
    let after = change(&live, reset).await;
    assert_eq!(after["image_url_expiry_seconds"], 300);
    assert_eq!(after["data_retention_days"], Value::Null);
    assert_eq!(after["branding"]["name"], Value::Null);
    assert_eq!(after["capture"]["token_minutes"], Value::Null);
    assert_eq!(after["capture"]["locales"], json!(["de", "pt-BR"]));
    assert_eq!(after["sensitive_data_retention_days"], 10);
    assert_eq!(after["revision"], 3);
}

#[tokio::test]
async fn offences_name_their_fields_and_change_nothing() {
    let (_server, live) = server_and_live().await;
    let body = json!({
        "name": "Kept?", "plan": "gold", "image_url_expiry_seconds": 29,
        "api_pii_fields": ["first_name", "shoe_size"], "data_retention_days": 0,
        "email": {"from": "nobody", "smtp_url": "smtp://mail.example"},
        "branding": {"colours": {"primary": "red"}}, "default_workflow_id": "wfl_1",
    });
    let mut fields = live.patch(SETTINGS).json(body).await.invalid();
    fields.sort();
    assert_eq!(
        fields,
        [
            "api_pii_fields[1]",
            "branding.colours.primary",
            "data_retention_days",
            "default_workflow_id",
            "email.from",
            "email.smtp_url",
            "image_url_expiry_seconds",
            "plan",
        ]
    );
    let settings = live.get(SETTINGS).await.ok(200);
    assert_eq!(settings["name"], "My organization");
    assert_eq!(settings["revision"], 1);
    live.patch(SETTINGS)
        .json(json!({"data_retention_days": 30}))
        .await
        .invalid_field("data_retention_days");
}

#[tokio::test]
async fn a_revision_that_is_over_is_a_conflict() {
    let (_server, live) = server_and_live().await;
    let first = json!({"revision": 1, "dual_review": true});
    assert_eq!(change(&live, first.clone()).await["revision"], 2);
    live.patch(SETTINGS)
        .json(first)
        .await
        .refused(409, "conflict");
    // Without one, many changes at once are all kept.
    let fields = [
        json!({"image_url_expiry_seconds": 111}),
        json!({"data_retention_days": 222}),
        json!({"consent": {"required": true}}),
        json!({"capture": {"token_minutes": 33}}),
    ];
    let calls = fields.map(|body| {
        let live = live.clone();
        tokio::spawn(async move { live.patch(SETTINGS).json(body).await.ok(200) })
    });
    for call in calls {
        call.await.unwrap();
    }
    let settings = live.get(SETTINGS).await.ok(200);
    assert_eq!(settings["image_url_expiry_seconds"], 111);
    assert_eq!(settings["data_retention_days"], 222);
    assert_eq!(settings["consent"]["required"], true);
    assert_eq!(settings["capture"]["token_minutes"], 33);
    assert_eq!(settings["revision"], 6);
}

#[tokio::test]
async fn a_change_is_answered_once_for_each_idempotency_key() {
    let (_server, live) = server_and_live().await;
    let ask = || {
        live.patch(SETTINGS)
            .json(json!({"dual_review": true}))
            .idempotent("settings-1")
    };
    let first = ask().await;
    first.ok(200);
    let again = ask().await;
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(first.bytes, again.bytes);
}

#[tokio::test]
async fn tokens_links_and_workflows_follow() {
    let (server, live) = server_and_live().await;
    let workflow = live.workflow(gate_steps()).await;
    change(
        &live,
        json!({"capture": {"token_minutes": 90}, "image_url_expiry_seconds": 45,
            "default_workflow_id": workflow}),
    )
    .await;
    let session = live.session(json!({})).await;
    let found = live.look(&session).await;
    assert_eq!(found["workflow_id"], json!(workflow));
    let end: jiff::Timestamp = found["token_expires_at"].as_str().unwrap().parse().unwrap();
    let start: jiff::Timestamp = found["created_at"].as_str().unwrap().parse().unwrap();
    let minutes = (end.as_second() - start.as_second()) / 60;
    assert!((89..=90).contains(&minutes), "{minutes}");
    // The other environment shares the settings; a call may still say otherwise.
    let other = server.sandbox();
    let session_of_other = other.session(json!({"expires_in_minutes": 5})).await;
    let found = other.look(&session_of_other).await;
    assert_eq!(found["workflow_id"], json!(workflow));

    live.upload(&session, "id_front", crate::images::small_png(1))
        .await
        .ok(201);
    let listed = live.part(&session, "documents").await;
    assert_eq!(listed["data"][0]["expires_in"], 45);
    let url = listed["data"][0]["url"].as_str().unwrap();
    assert_eq!(server.anonymous().get(url).await.status, 200);

    let path = format!("{WORKFLOWS}/{workflow}/deactivate");
    live.post(&path).await.refused(409, "conflict");
    let spare = live.workflow(gate_steps()).await;
    live.post(&format!("{WORKFLOWS}/{spare}/deactivate"))
        .await
        .ok(200);
    live.patch(SETTINGS)
        .json(json!({"default_workflow_id": spare}))
        .await
        .invalid_field("default_workflow_id");
}

#[tokio::test]
async fn the_plan_sets_the_limits_within_a_second() {
    let (server, live) = server_and_live().await;
    change(&live, json!({"plan": "free"})).await;
    within(Duration::from_secs(2), "the plan holds", async || {
        let answer = live.get(SESSIONS).await;
        (answer.header("x-ratelimit-limit") == "300").then_some(())
    })
    .await;
    let limits = live.get("/api/v1/rate-limits").await.ok(200);
    assert_eq!(limits["plan"], "free");
    assert_eq!(limits["rate_limit"]["limit"], 300);
    assert_eq!(limits["quotas"]["verification_creation"]["limit"], 50);
    assert_eq!(limits["quotas"]["verification_creation"]["remaining"], 50);
    assert_eq!(
        limits["quotas"]["verification_creation"]["window_seconds"],
        86_400
    );
    assert_eq!(limits["quotas"]["key_creation"]["limit"], 10);
    let made = live.post(SESSIONS).json(json!({})).await;
    made.ok(201);
    assert_eq!(made.header("x-quota-remaining"), "49");
    let limits = live.get("/api/v1/rate-limits").await.ok(200);
    assert_eq!(limits["quotas"]["verification_creation"]["remaining"], 49);
    let left = limits["quotas"]["verification_creation"]["reset_in_seconds"].as_u64();
    assert!(left.is_some_and(|left| left <= 86_400), "{limits}");
    drop(server);
}

#[tokio::test]
async fn where_the_operator_chooses_plans_an_organization_does_not() {
    let options = Options::default().set("VERIFA_RATE_LIMITS__PLAN_BY_ORGANIZATION", false);
    let server = TestServer::start(VERIFA, &options).await;
    let live = server.live();
    live.patch(SETTINGS)
        .json(json!({"plan": "enterprise"}))
        .await
        .refused(403, "forbidden");
    let settings = change(&live, json!({"plan": "unlimited", "dual_review": true})).await;
    assert_eq!(settings["dual_review"], true);
    let path = format!("/api/v1/organizations/{}", settings["id"].as_str().unwrap());
    let body = json!({"plan": "enterprise"});
    server.operator().patch(&path).json(body).await.ok(200);
    assert_eq!(live.get(SETTINGS).await.ok(200)["plan"], "enterprise");
}

#[tokio::test]
async fn the_trail_names_the_fields_and_no_values() {
    let (server, live) = server_and_live().await;
    change(
        &live,
        json!({"email": {"from": "secret-sender@bank.example"}, "name": "Quietly renamed"}),
    )
    .await;
    let page = live
        .get("/api/v1/events")
        .query(&[("action", "settings.updated")])
        .await
        .ok(200);
    let event = &page["data"][0];
    assert_eq!(event["metadata"], json!({"fields": ["email", "name"]}));
    assert_eq!(event["resource_type"], "organization");
    assert_eq!(event["request_method"], "PATCH");
    assert_eq!(event["request_path"], SETTINGS);
    let trail = server
        .installation
        .database
        .texts("SELECT metadata FROM audit_events")
        .await;
    assert!(!trail.join(" ").contains("secret-sender"), "{trail:?}");
    assert!(!server.installation.log().contains("secret-sender"));
}

#[tokio::test]
async fn the_filter_of_personal_data_holds_for_a_document_that_was_read() {
    if !crate::mrz_images::reads_here() {
        return;
    }
    let server = TestServer::start(VERIFA, &Options::default().with_models()).await;
    let live = server.live();
    let mut holder = Holder::example(3, date(2026, 6, 1));
    holder.birth_date = date(1988, 2, 29);
    let specimen = Specimen::passport(3, &holder).unwrap();
    let session = live.session(json!({})).await;
    let image = verifa_specimen::png(&specimen.image).unwrap();
    live.upload(&session, "id_front", image).await.ok(201);
    live.run_until(&session, "completed").await;
    let names = |data: &Value| -> Vec<String> {
        let fields = data.as_object().unwrap();
        fields.keys().cloned().collect()
    };
    let found = async |field: &str| {
        let one = live.part(&session, "result").await[field].clone();
        let path = format!("/api/v1/results/{session}");
        let other = live.get(&path).await.ok(200)["result"][field].clone();
        assert_eq!(one, other);
        one
    };
    let extracted = async || found("extracted_data").await;
    assert!(found("extracted_age").await.is_number());
    let all = names(&extracted().await);
    assert!(all.len() > 5 && !all.contains(&"mrz".to_owned()), "{all:?}");
    change(&live, json!({"api_pii_fields": ["document_type", "mrz"]})).await;
    let mut shown = names(&extracted().await);
    shown.sort();
    assert_eq!(shown, ["document_type", "mrz"]);
    // The age gives the date of birth away, and goes with it.
    assert_eq!(found("extracted_age").await, Value::Null);
    change(&live, json!({"api_pii_fields": ["date_of_birth"]})).await;
    assert!(found("extracted_age").await.is_number());
    change(&live, json!({"api_pii_fields": []})).await;
    assert_eq!(extracted().await, json!({}));
    let checks = live.part(&session, "verifications").await.to_string();
    let number = &specimen.truth.document_number;
    assert!(!checks.contains(number.as_str()), "the details tell more");
}

#[tokio::test]
async fn an_address_that_no_mail_can_go_to_is_refused() {
    let server = server().await;
    let live = server.live();
    for (field, email) in [
        (
            "email.admins[1]",
            json!({"admins": ["a@bank.example", "ops,kyc@bank.example"]}),
        ),
        ("email.from", json!({"from": "ops,kyc@bank.example"})),
    ] {
        let change = live.patch("/api/v1/settings").json(json!({"email": email}));
        change.await.invalid_field(field);
    }
}

#[tokio::test]
async fn the_command_line_shows_and_sets_them() {
    let (server, live) = server_and_live().await;
    let installation = &server.installation;
    let shown = installation.run(&["settings", "show"]).json();
    assert_eq!(shown, live.get(SETTINGS).await.ok(200));
    let admins = "email.admins=[\"ops@example.org\"]";
    let set = ["settings", "set", admins, "webhooks.schedule=extended"];
    let changed = installation.run(&set).json();
    assert_eq!(changed["email"]["admins"], json!(["ops@example.org"]));
    assert_eq!(changed["webhooks"]["schedule"], "extended");
    within(Duration::from_secs(2), "the server knows", async || {
        let now = live.get(SETTINGS).await.ok(200);
        (now == changed).then_some(())
    })
    .await;
    // The sandbox gets settings of its own by that.
    let sandbox = ["settings", "set", "--environment", "sandbox"];
    let ran = installation.run(&[&sandbox[..], &["image_url_expiry_seconds=60"]].concat());
    assert_eq!(ran.json()["image_url_expiry_seconds"], 60);
    let still = live.get(SETTINGS).await.ok(200);
    assert_eq!(still["image_url_expiry_seconds"], 300);
    let wrong = installation.run(&["settings", "set", "data_retention_days=soon"]);
    assert_eq!(wrong.code, 1);
    assert!(
        wrong.stderr.contains("data_retention_days"),
        "{}",
        wrong.stderr
    );
    for unheard in ["nothing=1", "email.nobody=1"] {
        let ran = installation.run(&["settings", "set", unheard]);
        assert_eq!(ran.code, 1, "{unheard}");
        assert!(ran.stderr.contains("there is no setting"), "{}", ran.stderr);
    }
}
