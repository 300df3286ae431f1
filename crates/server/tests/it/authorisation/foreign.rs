//! What belongs to others: not in any list, and not reached by an id in a body either.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use verifa_testkit::{Client, TestServer};

use super::things::{Hangs, Things, owner_of};
use super::{Operation, operations, strangers};
use crate::support::{SESSIONS, WORKFLOWS, server};

/// Every id in an answer: a prefix, `_`, 26 characters. An operator's token is nobody's thing: what
/// it did stands in the trail of each organization.
fn ids_in(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => {
            let id = text.rsplit_once('_').is_some_and(|(prefix, rest)| {
                rest.len() == 26
                    && prefix != "adm"
                    && prefix.bytes().all(|byte| byte.is_ascii_lowercase())
            });
            if id {
                found.insert(text.clone());
            }
        }
        Value::Array(items) => items.iter().for_each(|item| ids_in(item, found)),
        Value::Object(fields) => fields.values().for_each(|field| ids_in(field, found)),
        _ => {}
    }
}

async fn ids(things: &Things, client: &Client, operation: &Operation) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let answer = things.send(client, operation).await.ok(200);
    ids_in(&answer, &mut found);
    found
}

/// Every list that hangs on nothing: none shows a stranger, or the other environment, an id that it
/// shows the owner.
#[tokio::test]
async fn no_list_shows_what_is_of_others() {
    let server = server().await;
    let operations = operations(&server).await;
    let things = Things::of(&server, &operations).await;
    let strangers = strangers(&server).await;
    let mut shown = BTreeSet::new();
    let lists = operations.iter().filter(|operation| {
        operation.hangs == Hangs::Nothing && operation.method == reqwest::Method::GET
    });
    // No lists: the clock of a sandbox, and the statement about the whole server's audit chain.
    let no_lists = ["/api/v1/sandbox/clock", "/api/v1/events/checkpoint"];
    for list in lists.filter(|list| !no_lists.contains(&list.template.as_str())) {
        let own = ids(&things, &server.live(), list).await;
        if !own.is_empty() {
            shown.insert(list.template.as_str());
        }
        for stranger in strangers.values() {
            let theirs = ids(&things, stranger, list).await;
            let both: Vec<_> = own.intersection(&theirs).collect();
            assert!(both.is_empty(), "{} shows {both:?}", list.template);
        }
        let sandbox = ids(&things, &server.sandbox(), list).await;
        let both: Vec<_> = own
            .intersection(&sandbox)
            // The organization and its workflows are in both environments.
            .filter(|id| !id.starts_with("wfl_") && !id.starts_with("org_"))
            .collect();
        assert!(both.is_empty(), "{} shows {both:?}", list.template);
    }
    // Else it would show nothing that these are empty.
    for list in [
        "/api/v1/api-keys",
        "/api/v1/cases",
        "/api/v1/events",
        "/api/v1/results",
        SESSIONS,
        "/api/v1/webhooks/endpoints",
        "/api/v1/webhooks/feed",
        WORKFLOWS,
    ] {
        assert!(shown.contains(list), "{list} shows the owner nothing");
    }
}

/// Sends foreign ids in bodies: they are as unknown as in paths, and nothing happens to the things.
#[tokio::test]
async fn foreign_ids_in_bodies_are_unknown() {
    let server = server().await;
    let operations = operations(&server).await;
    let things = Things::of(&server, &operations).await;
    let strangers = strangers(&server).await;
    let others = [&strangers["live"], &strangers["sandbox"], &server.sandbox()];
    let session = things.session();
    let before = seen(&server, &things).await;
    for other in others {
        let own = other.session(json!({})).await;
        let redacted = other
            .post("/api/v1/sessions/bulk-redact")
            .json(json!({"session_ids": [session, own]}))
            .await
            .ok(200);
        let results = redacted["results"].as_array().unwrap();
        let of = |id: &str| results.iter().find(|one| one["session_id"] == id).unwrap();
        assert_eq!(of(&session)["status"], "not_found");
        assert_eq!(of(&session)["documents_removed"], 0);
        assert_eq!(of(&own)["status"], "deleted");
        let case = other
            .post("/api/v1/cases")
            .json(json!({"session_id": session}));
        case.await.refused(404, "not_found");
        let workflow = other.workflow(crate::support::gate_steps()).await;
        let trigger = other
            .post(&format!("{WORKFLOWS}/{workflow}/trigger"))
            .json(json!({"session_id": session}));
        trigger.await.refused(404, "not_found");
    }
    // Workflows are the organization's, in both environments.
    let foreign = things.id(Hangs::Workflow);
    for other in strangers.values() {
        let body = json!({"workflow_id": foreign});
        other
            .post(SESSIONS)
            .json(body)
            .await
            .invalid_field("workflow_id");
    }
    // A sandbox key may choose no default, whosesoever it is.
    let body = json!({"default_workflow_id": foreign});
    let choose = |other: &Client| other.patch(crate::settings::SETTINGS).json(body.clone());
    let answer = choose(&strangers["live"]).await;
    answer.invalid_field("default_workflow_id");
    let answer = choose(&strangers["sandbox"]).await;
    answer.refused(403, "forbidden");
    assert_eq!(seen(&server, &things).await, before);
}

/// What the owner sees of the session and its cases.
async fn seen(server: &TestServer, things: &Things) -> [Value; 2] {
    let owner = owner_of(server, Hangs::Session);
    let cases = owner.get("/api/v1/cases").await.ok(200);
    [owner.look(&things.session()).await, cases]
}
