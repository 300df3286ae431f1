//! Review cases: the way out of `under_review`, and exactly one decision.

use serde_json::{Value, json};
use tokio::task::JoinSet;
use verifa_testkit::{Call, Client, TestServer};

use crate::support::{
    SESSIONS, assert_fields, assert_id, assert_time, ids, paused_session, server, server_and_live,
    unknown_id,
};

pub(crate) const CASES: &str = "/api/v1/cases";
const CASE_FIELDS: &str = "id session_id status created_at decision assigned_to claimed_at \
    entered_review_at decided_at priority sla_status tags metadata custom_fields escalated_to \
    reasons";

/// A session under review, and its case's id.
pub(crate) async fn under_review(client: &Client) -> (String, String) {
    let session = paused_session(client).await;
    client.decide(&session, "fail").await;
    let shown = client.until(&session, "under_review").await;
    (session, shown["case_id"].as_str().unwrap().to_owned())
}

/// The same in the sandbox, by one call.
pub(crate) async fn simulated(client: &Client) -> (String, String) {
    let session = client.session(json!({})).await;
    let action = json!({"action": "require-review"});
    client.act(&session, "simulate").json(action).await.ok(200);
    let case = client.look(&session).await["case_id"]
        .as_str()
        .unwrap()
        .to_owned();
    (session, case)
}

pub(crate) fn at(client: &Client, case: &str, call: &str) -> Call {
    client.post(&format!("{CASES}/{case}/{call}"))
}

pub(crate) async fn look(client: &Client, case: &str) -> Value {
    client.get(&format!("{CASES}/{case}")).await.ok(200)
}

pub(crate) async fn told(server: &TestServer, session: &str, event: &str) -> i64 {
    let database = &server.installation.database;
    let id = database.literal(session);
    let condition = format!("session_id = {id} AND event = '{event}'");
    database.count("outbox_events", &condition).await
}

#[tokio::test]
async fn a_case_is_walked_to_its_approval() {
    let (server, live) = server_and_live().await;
    let (session, id) = under_review(&live).await;
    let case = look(&live, &id).await;
    assert_fields(&case, CASE_FIELDS);
    assert_id(&case["id"], "case_");
    assert_eq!(case["session_id"], json!(session));
    assert_eq!(case["status"], "open");
    assert_eq!(case["priority"], "normal");
    assert_eq!(case["sla_status"], "green");
    assert_eq!(case["decision"], Value::Null);
    assert_time(&case["entered_review_at"]);
    // What sent it: the gate said fail.
    assert_eq!(case["reasons"][0]["node"], "gate");
    assert_eq!(case["reasons"][0]["code"], "external_rejected");

    let claimed = at(&live, &id, "claim")
        .json(json!({"reviewer_id": "anna"}))
        .await
        .ok(200);
    assert_eq!(claimed["status"], "in_review");
    assert_eq!(claimed["assigned_to"], "anna");
    assert_time(&claimed["claimed_at"]);
    let note = json!({"text": "Called the person.", "reviewer_id": "anna"});
    let note = at(&live, &id, "notes").json(note).await.ok(201);
    assert_fields(&note, "id case_id text reviewer_id created_at");
    assert_id(&note["id"], "note_");

    let body = json!({"reviewer_id": "anna", "notes": "Compared by hand."});
    let approved = at(&live, &id, "approve").json(body).await.ok(200);
    assert_eq!(approved["status"], "approved");
    assert_eq!(approved["decision"], "approved");
    assert_eq!(approved["assigned_to"], "anna");
    assert_time(&approved["decided_at"]);
    let shown = live.look(&session).await;
    assert_eq!(shown["status"], "completed");
    assert_eq!(shown["case_id"], json!(id));
    assert_eq!(shown["case_status"], "approved");
    let result = live.part(&session, "result").await;
    assert_eq!(result["status"], "approved");
    assert_eq!(result["processing_mode"], "manual");
    assert_eq!(result["rejection_reason_code"], Value::Null);
    let notes = live.get(&format!("{CASES}/{id}/notes")).await.ok(200);
    let texts: Vec<_> = notes["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|note| &note["text"])
        .collect();
    assert_eq!(texts, ["Compared by hand.", "Called the person."]);
    assert_eq!(notes["pagination"]["total"], 2);

    for event in [
        "case.created",
        "session.requires-review",
        "case.approved",
        "session.approved",
    ] {
        assert_eq!(told(&server, &session, event).await, 1, "{event}");
    }
    at(&live, &id, "approve")
        .json(json!({}))
        .await
        .refused(409, "conflict");
    at(&live, &id, "reject")
        .json(json!({}))
        .await
        .refused(409, "conflict");
    at(&live, &id, "claim")
        .json(json!({"reviewer_id": "anna"}))
        .await
        .refused(409, "conflict");
    let database = &server.installation.database;
    for kind in ["case.claimed", "case.note_added", "case.approved"] {
        let condition = format!("type = '{kind}' AND resource_type = 'case'");
        assert_eq!(
            database.count("audit_events", &condition).await,
            1,
            "{kind}"
        );
    }
    assert_eq!(database.count("jobs", "kind = 'release_case'").await, 0);
}

#[tokio::test]
async fn a_claim_keeps_others_away() {
    let server = server().await;
    let sandbox = server.sandbox();
    let (_, id) = simulated(&sandbox).await;
    let claim = |who: &str| at(&sandbox, &id, "claim").json(json!({"reviewer_id": who}));
    at(&sandbox, &id, "release").await.refused(409, "conflict");
    claim("anna").await.ok(200);
    claim("anna").await.ok(200);
    claim("bert").await.refused(409, "conflict");
    for call in ["approve", "reject", "release"] {
        let body = json!({"reviewer_id": "bert"});
        at(&sandbox, &id, call)
            .json(body)
            .await
            .refused(409, "conflict");
    }
    let released = at(&sandbox, &id, "release")
        .json(json!({"reviewer_id": "anna"}))
        .await
        .ok(200);
    assert_eq!(released["status"], "open");
    assert_eq!(released["assigned_to"], Value::Null);
    assert_eq!(released["claimed_at"], Value::Null);
    assert_eq!(claim("bert").await.ok(200)["assigned_to"], "bert");
    // Without a name, whoever holds it decides.
    let approved = at(&sandbox, &id, "approve").json(json!({})).await.ok(200);
    assert_eq!(approved["assigned_to"], "bert");
    for body in [
        json!({}),
        json!({"reviewer_id": null}),
        json!({"reviewer_id": ""}),
        json!({"reviewer_id": 1}),
    ] {
        at(&sandbox, &id, "claim")
            .json(body)
            .await
            .invalid_field("reviewer_id");
    }
}

#[tokio::test]
async fn of_many_claims_one_holds() {
    let server = server().await;
    let sandbox = server.sandbox();
    let (_, id) = simulated(&sandbox).await;
    let mut calls = JoinSet::new();
    for number in 0..16 {
        let (client, id) = (sandbox.clone(), id.clone());
        calls.spawn(async move {
            let body = json!({"reviewer_id": format!("reviewer-{number}")});
            at(&client, &id, "claim").json(body).await
        });
    }
    let answers = calls.join_all().await;
    let holders: Vec<_> = answers
        .iter()
        .filter(|answer| answer.status == 200)
        .collect();
    assert_eq!(holders.len(), 1);
    let case = look(&sandbox, &id).await;
    assert_eq!(case["assigned_to"], holders[0].json()["assigned_to"]);
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        answer.refused(409, "conflict");
    }
}

#[tokio::test]
async fn cases_are_listed_by_what_they_are() {
    let server = server().await;
    let sandbox = server.sandbox();
    let mut made = Vec::new();
    for _ in 0..5 {
        made.push(simulated(&sandbox).await.1);
    }
    made.reverse();
    let list =
        async |parameters: &[(&str, &str)]| sandbox.get(CASES).query(parameters).await.ok(200);
    let all = list(&[]).await;
    assert_eq!(ids(&all), made);
    assert_eq!(
        all["pagination"],
        json!({"total": 5, "limit": 25, "offset": 0})
    );
    assert_fields(&all["data"][0], CASE_FIELDS);
    at(&sandbox, &made[0], "claim")
        .json(json!({"reviewer_id": "anna"}))
        .await
        .ok(200);
    at(&sandbox, &made[1], "approve")
        .json(json!({"reviewer_id": "anna"}))
        .await
        .ok(200);
    let patch = sandbox.patch(&format!("{CASES}/{}", made[2]));
    patch
        .json(json!({"priority": "urgent", "tags": ["vip", "vip", "late"]}))
        .await
        .ok(200);
    for (parameters, wanted) in [
        (vec![("status", "in_review")], vec![0]),
        (vec![("status", "open")], vec![2, 3, 4]),
        (vec![("status", "approved")], vec![1]),
        (vec![("assigned_to", "anna")], vec![0, 1]),
        (
            vec![("assigned_to", "anna"), ("status", "approved")],
            vec![1],
        ),
        (vec![("priority", "urgent")], vec![2]),
        (vec![("tag", "vip")], vec![2]),
        (vec![("tag", "nobody")], vec![]),
        (vec![("sla_status", "green")], vec![0, 1, 2, 3, 4]),
        (vec![("sla_status", "red")], vec![]),
    ] {
        let page = list(&parameters).await;
        let wanted: Vec<_> = wanted
            .into_iter()
            .map(|place: usize| made[place].clone())
            .collect();
        assert_eq!(ids(&page), wanted, "{parameters:?}");
        assert_eq!(page["pagination"]["total"], wanted.len(), "{parameters:?}");
    }
    // By cursor: no overlap, no gap.
    let first = list(&[("page[size]", "2")]).await;
    let next = first["pagination"]["next_cursor"].as_str().unwrap();
    let second = list(&[("page[size]", "3"), ("page[after]", next)]).await;
    assert_eq!([ids(&first), ids(&second)].concat(), made);
    assert_eq!(second["pagination"]["next_cursor"], Value::Null);
    for wrong in [
        ("status", "done"),
        ("priority", "asap"),
        ("sla_status", "blue"),
        ("limit", "0"),
    ] {
        sandbox
            .get(CASES)
            .query(&[wrong])
            .await
            .invalid_field(wrong.0);
    }
    assert_eq!(server.live().get(CASES).await.ok(200)["data"], json!([]));
}

#[tokio::test]
async fn a_case_takes_the_operators_own_data() {
    let server = server().await;
    let sandbox = server.sandbox();
    let (_, id) = simulated(&sandbox).await;
    let patch = |body: Value| sandbox.patch(&format!("{CASES}/{id}")).json(body);
    let body = json!({"priority": "low", "tags": ["a"], "metadata": {"ticketNo": 1, "drop": 2},
        "custom_fields": {"Region": "north"}, "status": "approved"});
    let case = patch(body).await.ok(200);
    assert_eq!(case["priority"], "low");
    assert_eq!(case["tags"], json!(["a"]));
    assert_eq!(case["status"], "open", "no other field can change");
    let case = patch(json!({"metadata": {"drop": null, "more": [1]}, "tags": []}))
        .await
        .ok(200);
    assert_eq!(case["metadata"], json!({"ticketNo": 1, "more": [1]}));
    assert_eq!(case["custom_fields"], json!({"Region": "north"}));
    assert_eq!(case["tags"], json!([]));
    let keys: Value = (0..51).map(|n| (format!("k{n}"), json!(n))).collect();
    for (body, field) in [
        (json!({"priority": "asap"}), "priority"),
        (json!({"priority": null}), "priority"),
        (json!({"tags": [""]}), "tags[0]"),
        (json!({"tags": "a"}), "tags"),
        (json!({"metadata": null}), "metadata"),
        (json!({"metadata": keys.clone()}), "metadata"),
        (json!({"custom_fields": keys}), "custom_fields"),
        (
            json!({"custom_fields": {"x": "y".repeat(16_384)}}),
            "custom_fields.x",
        ),
    ] {
        patch(body).await.invalid_field(field);
    }
    // None of it lies open.
    let database = &server.installation.database;
    assert_eq!(database.count("cases", "sealed IS NOT NULL").await, 1);
    let file =
        std::fs::read(server.installation.data_directory().join("verifa.db")).unwrap_or_default();
    assert!(!file.windows(8).any(|part| part == b"ticketNo"));
}

#[tokio::test]
async fn a_session_has_one_case() {
    let server = server().await;
    let sandbox = server.sandbox();
    let create = |session: &str| sandbox.post(CASES).json(json!({"session_id": session}));
    let (session, id) = simulated(&sandbox).await;
    assert_eq!(create(&session).await.ok(201)["id"], json!(id));

    let done = sandbox.session(json!({})).await;
    create(&done).await.refused(409, "conflict");
    let approve = json!({"action": "approve"});
    sandbox.act(&done, "simulate").json(approve).await.ok(200);
    let mut calls = JoinSet::new();
    for _ in 0..8 {
        let (client, done) = (sandbox.clone(), done.clone());
        calls.spawn(async move {
            client
                .post(CASES)
                .json(json!({"session_id": done}))
                .await
                .ok(201)
        });
    }
    let cases = calls.join_all().await;
    assert!(cases.iter().all(|case| case["id"] == cases[0]["id"]));
    assert_eq!(cases[0]["reasons"][0]["code"], "opened_by_call");
    assert_eq!(told(&server, &done, "case.created").await, 1);
    // The session is decided: a reviewer can write and override, not decide it again.
    let id = cases[0]["id"].as_str().unwrap();
    at(&sandbox, id, "reject")
        .json(json!({}))
        .await
        .refused(409, "conflict");
    at(&sandbox, id, "notes")
        .json(json!({"text": "Asked again."}))
        .await
        .ok(201);
    assert_eq!(sandbox.part(&done, "result").await["status"], "approved");

    for unknown in [unknown_id("ses_"), "x".to_owned(), id.to_owned()] {
        create(&unknown).await.refused(404, "not_found");
    }
    sandbox
        .post(CASES)
        .json(json!({}))
        .await
        .invalid_field("session_id");
    for unknown in [unknown_id("case_"), session, "x".to_owned()] {
        sandbox
            .get(&format!("{CASES}/{unknown}"))
            .await
            .refused(404, "not_found");
        at(&sandbox, &unknown, "claim")
            .json(json!({}))
            .await
            .refused(404, "not_found");
    }
}

#[tokio::test]
async fn redaction_takes_what_reviewers_wrote() {
    let server = server().await;
    let sandbox = server.sandbox();
    let (session, id) = simulated(&sandbox).await;
    at(&sandbox, &id, "claim")
        .json(json!({"reviewer_id": "anna"}))
        .await
        .ok(200);
    at(&sandbox, &id, "notes")
        .json(json!({"text": "Jane called."}))
        .await
        .ok(201);
    let patch = sandbox.patch(&format!("{CASES}/{id}"));
    patch
        .json(json!({"metadata": {"phone": "1"}}))
        .await
        .ok(200);
    sandbox
        .delete(&format!("{SESSIONS}/{session}/data"))
        .await
        .ok(200);
    let case = look(&sandbox, &id).await;
    assert_eq!(
        (&case["status"], &case["metadata"]),
        (&json!("closed"), &json!({}))
    );
    let notes = sandbox.get(&format!("{CASES}/{id}/notes")).await.ok(200);
    assert_eq!(notes["data"], json!([]));
    let database = &server.installation.database;
    assert_eq!(database.count("case_notes", "1 = 1").await, 0);
    assert_eq!(database.count("cases", "sealed IS NOT NULL").await, 0);
    assert_eq!(database.count("jobs", "kind = 'release_case'").await, 0);
    at(&sandbox, &id, "notes")
        .json(json!({"text": "x"}))
        .await
        .refused(410, "gone");
    at(&sandbox, &id, "approve")
        .json(json!({}))
        .await
        .refused(409, "conflict");
    let patch = sandbox.patch(&format!("{CASES}/{id}"));
    patch.json(json!({"priority": "low"})).await.invalid();
    assert_eq!(
        sandbox
            .post(CASES)
            .json(json!({"session_id": session}))
            .await
            .ok(201)["id"],
        json!(id)
    );
}

#[tokio::test]
async fn scopes_are_read_write_and_decide() {
    let (server, live) = server_and_live().await;
    let (_, id) = under_review(&live).await;
    let with = |scopes: &str| {
        server
            .anonymous()
            .key(&server.installation.create_key("live", scopes))
    };
    let reader = with("cases:read");
    look(&reader, &id).await;
    at(&reader, &id, "claim")
        .json(json!({"reviewer_id": "a"}))
        .await
        .refused(403, "forbidden");
    let decider = with("cases:decide");
    decider.get(CASES).await.refused(403, "forbidden");
    at(&decider, &id, "claim")
        .json(json!({"reviewer_id": "a"}))
        .await
        .refused(403, "forbidden");
    // The broad scope stands in for the narrow one.
    let writer = with("cases:write");
    at(&writer, &id, "approve").json(json!({})).await.ok(200);
    let (_, id) = under_review(&live).await;
    at(&decider, &id, "approve").json(json!({})).await.ok(200);
    server
        .sandbox()
        .get(&format!("{CASES}/{id}"))
        .await
        .refused(404, "not_found");
}
