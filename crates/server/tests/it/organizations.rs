//! Organizations by the operator's admin token, and the tokens themselves.

use std::time::Duration;

use serde_json::{Value, json};
use verifa_testkit::{Client, within};

use crate::support::{
    SESSIONS, WORKFLOWS, assert_fields, assert_id, ids, paused_session, server, unknown_id,
};

const ORGANIZATIONS: &str = "/api/v1/organizations";
const FIELDS: &str = "id name slug plan default_workflow_id revision created_at updated_at";

async fn make(operator: &Client, body: Value) -> Value {
    operator.post(ORGANIZATIONS).json(body).await.ok(201)
}

#[tokio::test]
async fn an_organization_is_made_whole_and_apart() {
    let server = server().await;
    let operator = server.operator();
    let made = make(
        &operator,
        json!({"name": "Bank of Tests", "plan": "starter"}),
    )
    .await;
    assert_fields(&made, &format!("{FIELDS} keys warning"));
    let organization = &made;
    assert_id(&organization["id"], "org_");
    assert_eq!(organization["slug"], "bank-of-tests");
    assert_eq!(organization["plan"], "starter");
    assert_fields(
        &made["keys"],
        "live sandbox publishable_live publishable_sandbox",
    );
    let key = |name: &str| server.anonymous().key(made["keys"][name].as_str().unwrap());
    // Its own data works from start to end, and each sees its own alone.
    let session = paused_session(&key("live")).await;
    let workflows = key("live").get(WORKFLOWS).await.ok(200);
    assert_eq!(workflows["pagination"]["total"], 2);
    assert_eq!(
        ids(&workflows).last().map(String::as_str),
        organization["default_workflow_id"].as_str()
    );
    assert_eq!(
        ids(&key("live").get(SESSIONS).await.ok(200)),
        std::slice::from_ref(&session)
    );
    assert_eq!(ids(&server.live().get(SESSIONS).await.ok(200)), [""; 0]);
    key("publishable_sandbox")
        .post(SESSIONS)
        .json(json!({}))
        .await
        .ok(201);
    let limit = key("live").get(SESSIONS).await;
    assert_eq!(limit.header("x-ratelimit-limit"), "600");
    // What the operator did stands in its trail.
    let trail = key("live")
        .get("/api/v1/events")
        .query(&[("action", "organization.created")])
        .await
        .ok(200);
    let event = &trail["data"][0];
    assert!(
        event["actor"].as_str().unwrap().starts_with("adm_"),
        "{event}"
    );
    assert_eq!(event["request_path"], ORGANIZATIONS);
    assert_eq!(event["ip_address"], "127.0.0.1");
}

#[tokio::test]
async fn organizations_are_listed_read_and_changed() {
    let server = server().await;
    let operator = server.operator();
    let first = make(&operator, json!({"name": "Same name"})).await;
    let second = make(&operator, json!({"name": "Same name"})).await;
    assert_eq!(first["slug"], "same-name");
    assert_eq!(second["slug"], "same-name-2");
    let page = operator.get(ORGANIZATIONS).await.ok(200);
    assert_eq!(page["pagination"]["total"], 3);
    assert_eq!(page["data"][0]["id"], second["id"]);
    assert_fields(&page["data"][0], FIELDS);
    let path = format!("{ORGANIZATIONS}/{}", first["id"].as_str().unwrap());
    let read = operator.get(&path).await.ok(200);
    assert_eq!(read["id"], first["id"]);
    assert_eq!(read["revision"], 1);
    let changed = operator
        .patch(&path)
        .json(json!({"name": "Renamed", "plan": "free"}))
        .await
        .ok(200);
    assert_eq!(changed["name"], "Renamed");
    assert_eq!(changed["plan"], "free");
    assert_eq!(changed["slug"], "same-name");
    assert_eq!(changed["revision"], 2);
    operator
        .patch(&path)
        .json(json!({"plan": "gold"}))
        .await
        .invalid_field("plan");
    let unknown = format!("{ORGANIZATIONS}/{}", unknown_id("org_"));
    for answer in [
        operator.get(&unknown).await,
        operator.patch(&unknown).json(json!({})).await,
        operator.get(&format!("{unknown}/api-keys")).await,
        operator
            .post(&format!("{unknown}/api-keys"))
            .json(json!({}))
            .await,
    ] {
        answer.refused(404, "not_found");
    }
}

#[tokio::test]
async fn names_and_short_names_are_checked() {
    let server = server().await;
    let operator = server.operator();
    let refused = async |body: Value, field: &str| {
        operator
            .post(ORGANIZATIONS)
            .json(body)
            .await
            .invalid_field(field);
    };
    refused(json!({}), "name").await;
    refused(json!({"name": " "}), "name").await;
    refused(json!({"name": "x".repeat(201)}), "name").await;
    refused(json!({"name": "A", "slug": "Not a slug"}), "slug").await;
    refused(json!({"name": "A", "slug": "my-organization"}), "slug").await;
    make(&operator, json!({"name": "A", "slug": "a-1"})).await;
    assert_eq!(
        server
            .installation
            .database
            .count("organizations", "1 = 1")
            .await,
        2
    );
}

#[tokio::test]
async fn the_operator_makes_and_stops_keys() {
    let server = server().await;
    let operator = server.operator();
    let made = make(&operator, json!({"name": "Other"})).await;
    let path = format!("{ORGANIZATIONS}/{}/api-keys", made["id"].as_str().unwrap());
    let body = json!({"environment": "sandbox", "scopes": ["sessions:read"], "label": "Spare"});
    let key = operator.post(&path).json(body).await.ok(201);
    assert!(key["secret"].as_str().unwrap().starts_with("vk_sandbox_"));
    let holder = server.anonymous().key(key["secret"].as_str().unwrap());
    holder.get(SESSIONS).await.ok(200);
    let page = operator.get(&path).await.ok(200);
    assert_eq!(page["pagination"]["total"], 5);
    assert_eq!(page["data"][0]["label"], "Spare");
    let id = key["id"].as_str().unwrap();
    // Under another organization the key is unknown.
    let first = server.installation.printed["organization"]
        .as_str()
        .unwrap();
    operator
        .post(&format!("{ORGANIZATIONS}/{first}/api-keys/{id}/expire"))
        .await
        .refused(404, "not_found");
    let stopped = operator.post(&format!("{path}/{id}/expire")).await.ok(200);
    assert_eq!(stopped["is_active"], false);
    within(Duration::from_secs(2), "the key ends", async || {
        (holder.get(SESSIONS).await.status == 401).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_repeated_call_makes_one_organization_and_its_answer_is_sealed() {
    let server = server().await;
    let operator = server.operator();
    let ask = || {
        operator
            .post(ORGANIZATIONS)
            .json(json!({"name": "Once"}))
            .idempotent("once")
    };
    let first = ask().await;
    first.ok(201);
    let again = ask().await;
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(again.bytes, first.bytes);
    let database = &server.installation.database;
    assert_eq!(
        database.count("organizations", "slug LIKE 'once%'").await,
        1
    );
    operator
        .post(ORGANIZATIONS)
        .json(json!({"name": "Twice"}))
        .idempotent("once")
        .await
        .refused(422, "idempotency_mismatch");
    let path = format!("{ORGANIZATIONS}/{}", first.json()["id"].as_str().unwrap());
    let rename = || {
        operator
            .patch(&path)
            .json(json!({"name": "Renamed"}))
            .idempotent("rename")
    };
    let renamed = rename().await;
    assert_eq!(renamed.ok(200)["revision"], 2);
    assert_eq!(rename().await.bytes, renamed.bytes);
}

#[tokio::test]
async fn admin_tokens_are_made_listed_and_stopped_at_the_command_line() {
    let server = server().await;
    let installation = &server.installation;
    let made = installation
        .run(&["admin-token", "create", "--label", "Second", "--json"])
        .json();
    assert_id(&made["id"], "adm_");
    let secret = made["secret"].as_str().unwrap();
    assert!(secret.starts_with("vk_admin_"));
    let operator = server.anonymous().key(secret);
    operator.get(ORGANIZATIONS).await.ok(200);
    within(Duration::from_secs(2), "its use is noted", async || {
        let listed = installation.run(&["admin-token", "list", "--json"]).json();
        assert_eq!(listed.as_array().unwrap().len(), 2);
        listed[0]["last_used_at"].is_string().then_some(())
    })
    .await;
    let ran = installation.run(&["admin-token", "revoke", made["id"].as_str().unwrap()]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    operator
        .get(ORGANIZATIONS)
        .await
        .refused(401, "unauthorized");
    // Stored as a keyed hash only, and audited.
    let columns = installation
        .database
        .texts("SELECT token_prefix FROM admin_tokens")
        .await;
    assert!(
        columns.iter().all(|prefix| prefix.len() < 16),
        "{columns:?}"
    );
    let told = installation
        .database
        .count("audit_events", "type LIKE 'admin_token.%'")
        .await;
    assert_eq!(told, 3);
}

#[tokio::test]
async fn the_command_line_manages_organizations() {
    let server = server().await;
    let installation = &server.installation;
    let made = installation
        .run(&[
            "organizations",
            "create",
            "By hand",
            "--plan",
            "free",
            "--json",
        ])
        .json();
    assert_eq!(made["slug"], "by-hand");
    let live = server
        .anonymous()
        .key(made["keys"]["live"].as_str().unwrap());
    assert_eq!(
        live.get("/api/v1/rate-limits").await.ok(200)["plan"],
        "free"
    );
    let ran = installation.run(&["organizations", "update", "by-hand", "--plan", "starter"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let listed = installation
        .run(&["organizations", "list", "--json"])
        .json();
    let found = listed
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["slug"] == "by-hand");
    assert_eq!(found.unwrap()["plan"], "starter");
    let one = installation.run(&["organizations", "show", "by-hand", "--json"]);
    assert_eq!(one.json(), found.cloned().unwrap());
    let wrong = installation.run(&["organizations", "create", "X", "--slug", "my-organization"]);
    assert_ne!(wrong.code, 0);
    assert!(wrong.stderr.contains("slug"), "{}", wrong.stderr);
}
