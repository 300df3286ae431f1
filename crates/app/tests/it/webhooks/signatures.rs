//! What receivers check, by code that is not ours.

use std::time::Duration;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use verifa_testkit::{Received, Scripted};

use super::Hooks;

/// As docs/WEBHOOKS.md tells receivers to do it.
fn verifies(request: &Received, body: &[u8], secret: &str) -> bool {
    let header = request.header("x-verifa-signature");
    let parts: Vec<_> = header
        .split(',')
        .filter_map(|part| part.split_once('='))
        .collect();
    let time = parts.iter().find(|(name, _)| *name == "t").unwrap().1;
    parts
        .iter()
        .filter(|(name, _)| *name == "v1")
        .any(|(_, signature)| {
            let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
            mac.update(format!("{time}.").as_bytes());
            mac.update(body);
            mac.verify_slice(&hex::decode(signature).unwrap()).is_ok()
        })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn signatures_hold_for_these_bytes_and_this_secret_only() {
    let hooks = Hooks::new().await;
    let session = hooks.session().await;
    hooks.receiver.answer(|_| Scripted::Status(500));
    hooks.tell(session, 0).await;
    hooks.deliver().await;
    let first = hooks.receiver.received().remove(0);
    assert!(verifies(&first, &first.body, &hooks.secret));
    for place in [0, first.body.len() / 2, first.body.len() - 1] {
        let mut changed = first.body.clone();
        changed[place] ^= 1;
        assert!(!verifies(&first, &changed, &hooks.secret));
    }
    let again = serde_json::to_vec_pretty(&first.json()).unwrap();
    assert!(
        !verifies(&first, &again, &hooks.secret),
        "a body written anew"
    );
    assert!(!verifies(&first, &first.body, "whsec_AAAA"));

    // With an overlap both secrets sign, afterwards the new one only.
    let bench = &hooks.bench;
    let rotated = bench
        .app
        .rotate_webhook_secret(&bench.actor, bench.tenant, hooks.endpoint, 1);
    let new = bench.apply(rotated.await).await.secret.unwrap();
    hooks.pass(Duration::from_secs(40)).await;
    let second = hooks.receiver.received().remove(1);
    assert_ne!(
        second.header("x-verifa-signature"),
        first.header("x-verifa-signature")
    );
    assert!(verifies(&second, &second.body, &hooks.secret));
    assert!(verifies(&second, &second.body, new.reveal()));
    assert_eq!(second.header("webhook-signature").split(' ').count(), 3);
    hooks.pass(Duration::from_hours(2)).await;
    let third = hooks.receiver.received().remove(2);
    assert!(!verifies(&third, &third.body, &hooks.secret));
    assert!(verifies(&third, &third.body, new.reveal()));
    assert_eq!(third.header("webhook-signature").split(' ').count(), 2);

    // Without one the old secret is dead at once.
    let rotated = bench
        .app
        .rotate_webhook_secret(&bench.actor, bench.tenant, hooks.endpoint, 0);
    let newest = bench.apply(rotated.await).await.secret.unwrap();
    hooks.pass(Duration::from_hours(2)).await;
    let fourth = hooks.receiver.received().pop().unwrap();
    assert!(!verifies(&fourth, &fourth.body, new.reveal()));
    assert!(verifies(&fourth, &fourth.body, newest.reveal()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_test_event_is_signed_too_and_leaves_no_delivery() {
    let hooks = Hooks::new().await;
    let bench = &hooks.bench;
    let test = || {
        bench
            .app
            .test_webhook_endpoint(&bench.actor, bench.tenant, hooks.endpoint)
    };
    let tested = bench.apply(test().await).await;
    assert!(tested.success);
    assert_eq!(tested.http_status, Some(200));
    let request = hooks.receiver.received().remove(0);
    assert_eq!(request.header("x-verifa-event"), "webhook.test");
    assert_eq!(request.json()["event"], "webhook.test");
    assert!(verifies(&request, &request.body, &hooks.secret));
    hooks.receiver.answer(|_| Scripted::Status(404));
    let tested = bench.apply(test().await).await;
    assert!(!tested.success);
    assert_eq!(tested.http_status, Some(404));
    assert!(hooks.statuses().await.is_empty());
}
