//! Which event goes to which endpoint: once, and only where it is wanted.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use verifa_app::engine::Sealer;
use verifa_app::sessions::CreateSession;
use verifa_core::change::Change as Field;
use verifa_core::webhook::EndpointChanges;
use verifa_testkit::WebhookReceiver;

use super::{EVENT, Hooks, add_endpoint};
use crate::harness::Bench;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn each_event_is_fanned_out_once_while_sealers_and_owners_interfere() {
    let bench = Arc::new(Bench::new().await);
    let receiver = WebhookReceiver::start().await;
    let all = EndpointChanges {
        enabled_events: Field::Clear,
        ..EndpointChanges::default()
    };
    let endpoint = add_endpoint(&bench, &receiver, all).await.record.id;
    let sealing: Vec<_> = (0..2)
        .map(|_| {
            let sealer = Sealer::new(Arc::clone(&bench.app));
            tokio::spawn(async move {
                for _ in 0..40 {
                    sealer.seal_all().await.unwrap();
                    tokio::time::sleep(Duration::from_millis(2)).await;
                }
            })
        })
        .collect();
    let changing = {
        let bench = Arc::clone(&bench);
        tokio::spawn(async move {
            for n in 0..40 {
                let changes = EndpointChanges {
                    label: Field::Set(format!("the {n}th")),
                    ..EndpointChanges::default()
                };
                let (app, actor) = (&bench.app, &bench.actor);
                let changed = app.update_webhook_endpoint(actor, bench.tenant, endpoint, &changes);
                bench.apply(changed.await).await;
                tokio::time::sleep(Duration::from_millis(3)).await;
            }
        })
    };
    for _ in 0..60 {
        bench.session(CreateSession::default()).await;
    }
    changing.await.unwrap();
    for task in sealing {
        task.await.unwrap();
    }
    let sealer = Sealer::new(Arc::clone(&bench.app));
    sealer.seal_all().await.unwrap();
    let counted = "SELECT COUNT(*), COUNT(DISTINCT event_id), MIN(seq), MAX(seq) \
                   FROM webhook_deliveries";
    assert_eq!(bench.rows(counted).await, ["60 60 1 60"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn endpoints_get_what_they_want_as_they_want_it() {
    let hooks = Hooks::new().await;
    let others = [
        (
            "everything",
            EndpointChanges {
                enabled_events: Field::Set(vec!["*".to_owned()]),
                ..EndpointChanges::default()
            },
        ),
        (
            "odd numbers",
            EndpointChanges {
                event_filter_conditions: Field::Set(
                    json!({"any": [{"field": "n", "op": "in", "value": [1, 3]}]}),
                ),
                key_inflection: Field::Set("camel".to_owned()),
                attribute_blocklist: Field::Set(vec!["status".to_owned()]),
                ..EndpointChanges::default()
            },
        ),
        (
            "disabled",
            EndpointChanges {
                enabled: Some(false),
                ..EndpointChanges::default()
            },
        ),
    ];
    let mut receivers = Vec::new();
    for (name, changes) in others {
        let receiver = WebhookReceiver::start().await;
        add_endpoint(&hooks.bench, &receiver, changes).await;
        receivers.push((name, receiver));
    }
    let session = hooks.session().await;
    for n in 0..4 {
        hooks.tell(session, n).await;
    }
    hooks.deliver().await;
    assert_eq!(hooks.receiver.received().len(), 4);
    let [(_, everything), (_, odd), (_, disabled)] = &receivers[..] else {
        panic!("three receivers");
    };
    let names: Vec<_> = everything
        .received()
        .iter()
        .map(|request| request.json()["event"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(names.len(), 5);
    assert_eq!(names[0], "session.created");
    assert_eq!(names[4], EVENT.as_str());
    let odd = odd.received();
    assert_eq!(odd.len(), 2);
    let body = odd[1].json();
    assert_eq!(body["n"], 3);
    assert_eq!(body["sessionId"], json!(session));
    assert!(body["idempotencyKey"].is_string());
    assert!(body.get("status").is_none() && body.get("session_id").is_none());
    assert_eq!(odd[1].header("x-verifa-event"), EVENT.as_str());
    assert_eq!(odd[1].header("content-type"), "application/json");
    assert!(odd[1].header("user-agent").starts_with("Verifa-Webhooks/"));
    assert_eq!(odd[1].line, "POST /hook HTTP/1.1");
    assert!(disabled.received().is_empty());
}
