//! Webhooks as a receiver meets them: a server process, its deliveries, its death.

use std::collections::{BTreeMap, HashMap};
use std::process::Command;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;
use verifa_testkit::{
    Client, Options, Received, Scripted, TestServer, WebhookReceiver, eventually,
};

use crate::support::{SESSIONS, VERIFA, paused_on};
use crate::webhook_endpoints::ENDPOINTS;

/// A server whose webhooks may go to the loopback.
async fn server() -> TestServer {
    let options = Options::default().set("VERIFA_WEBHOOKS__ALLOWED_HOSTS", "127.0.0.1");
    TestServer::start(VERIFA, &options).await
}

async fn endpoint(client: &Client, receiver: &WebhookReceiver) -> Value {
    let body = json!({"url": receiver.url("/verifa")});
    client.post(ENDPOINTS).json(body).await.ok(201)
}

async fn received(receiver: &WebhookReceiver, count: usize) -> Vec<Received> {
    eventually(&format!("{count} webhooks"), async || {
        let received = receiver.received();
        (received.len() >= count).then_some(received)
    })
    .await
}

#[expect(
    clippy::disallowed_methods,
    reason = "a receiver judges by its own clock"
)]
fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.unwrap().as_secs()
}

/// The ten lines of docs/WEBHOOKS.md, written anew.
fn verifies(header: &str, body: &[u8], secret: &str, now: u64) -> bool {
    let mut time = "";
    let mut signatures = Vec::new();
    for part in header.split(',') {
        match part.split_once('=') {
            Some(("t", value)) => time = value,
            Some(("v1", value)) => signatures.push(value),
            _ => {}
        }
    }
    let fresh = time
        .parse::<u64>()
        .is_ok_and(|time| time.abs_diff(now) <= 300);
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(&[time.as_bytes(), b".", body].concat());
    let wanted = hex::encode(mac.finalize().into_bytes());
    fresh && signatures.contains(&wanted.as_str())
}

#[tokio::test]
async fn a_delivery_is_signed_kept_and_sent_again_with_a_fresh_time() {
    let server = server().await;
    let live = server.live();
    let receiver = WebhookReceiver::scripted(|_| Scripted::Text(500, "not today".to_owned())).await;
    let made = endpoint(&live, &receiver).await;
    let secret = made["secret"].as_str().unwrap();
    let session = live.session(json!({"external_ref": "user-7"})).await;
    let first = received(&receiver, 1).await.remove(0);
    let header = first.header("x-verifa-signature");
    assert!(verifies(header, &first.body, secret, now()));
    assert!(
        !verifies(header, &first.body, secret, now() + 301),
        "too old"
    );
    let mut changed = first.body.clone();
    changed[10] ^= 1;
    assert!(!verifies(header, &changed, secret, now()));
    let again = serde_json::to_vec_pretty(&first.json()).unwrap();
    assert!(!verifies(header, &again, secret, now()));
    let body = first.json();
    assert_eq!(body["event"], "session.created");
    assert_eq!(body["session_id"], json!(session));
    assert_eq!(body["external_ref"], "user-7");
    assert_eq!(first.header("webhook-id"), body["idempotency_key"]);

    let path = format!("{ENDPOINTS}/{}/deliveries", made["id"].as_str().unwrap());
    let shown = eventually("the try is kept", async || {
        let page = live.get(&path).await.ok(200);
        let shown = page["data"][0].clone();
        (shown["attempts"].as_array()?.len() == 1).then_some(shown)
    })
    .await;
    assert_eq!(shown["status"], "pending");
    assert_eq!(shown["attempts"][0]["http_status"], 500);
    assert_eq!(shown["attempts"][0]["response_excerpt"], "not today");
    assert_eq!(shown["payload"], body);
    assert!(shown["next_attempt_at"].is_string());
    let id = shown["id"].as_str().unwrap();
    assert_eq!(first.header("x-verifa-delivery-id"), id);

    // A second later `t` differs; the secret of before a rotation is dead.
    let rotate = format!("{ENDPOINTS}/{}/rotate-secret", made["id"].as_str().unwrap());
    let rotated = live.post(&rotate).json(json!({})).await.ok(200);
    let new = rotated["secret"].as_str().unwrap();
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    receiver.answer(|_| Scripted::Status(200));
    let retry = format!("/api/v1/webhooks/deliveries/{id}/retry");
    live.post(&retry).await.ok(202);
    let second = received(&receiver, 2).await.remove(1);
    assert_eq!(second.body, first.body);
    assert_eq!(second.header("webhook-id"), first.header("webhook-id"));
    assert_ne!(
        second.header("webhook-timestamp"),
        first.header("webhook-timestamp")
    );
    let header = second.header("x-verifa-signature");
    assert!(verifies(header, &second.body, new, now()));
    assert!(!verifies(header, &second.body, secret, now()));
    eventually("it succeeded", async || {
        let page = live.get(&path).await.ok(200);
        (page["data"][0]["status"] == "succeeded").then_some(())
    })
    .await;
}

/// Reads one delivery from its arguments' files and lets the library of `PyPI` judge it.
const JUDGE: &str = "
import json, sys
from standardwebhooks.webhooks import Webhook, WebhookVerificationError
secret, headers, body = sys.argv[1], json.load(open(sys.argv[2])), open(sys.argv[3], 'rb').read()
print(json.dumps(Webhook(secret).verify(body, headers)))
try:
    Webhook(secret).verify(body + b' ', headers)
    sys.exit('a changed body passed')
except WebhookVerificationError:
    pass
";

#[tokio::test]
async fn the_standard_webhooks_library_verifies_a_delivery() {
    let directory = tempfile::tempdir().unwrap();
    let library = directory.path().join("library");
    let installed = Command::new("python3")
        .args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
        ])
        .args(["standardwebhooks==1.0.0", "--target"])
        .arg(&library)
        .output();
    if !installed
        .as_ref()
        .is_ok_and(|output| output.status.success())
    {
        assert!(
            std::env::var_os("CI").is_none(),
            "pip can't install standardwebhooks: {installed:?}"
        );
        eprintln!("SKIPPED: pip can't install standardwebhooks here: {installed:?}");
        return;
    }
    let server = server().await;
    let live = server.live();
    let receiver = WebhookReceiver::start().await;
    let made = endpoint(&live, &receiver).await;
    live.session(json!({})).await;
    let request = received(&receiver, 1).await.remove(0);
    let headers: BTreeMap<_, _> = request.headers.iter().cloned().collect();
    let (head, body) = (
        directory.path().join("headers.json"),
        directory.path().join("body"),
    );
    std::fs::write(&head, json!(headers).to_string()).unwrap();
    std::fs::write(&body, &request.body).unwrap();
    let judged = Command::new("python3")
        .env("PYTHONPATH", &library)
        .args(["-c", JUDGE, made["secret"].as_str().unwrap()])
        .args([&head, &body])
        .output()
        .unwrap();
    assert!(
        judged.status.success(),
        "{}",
        String::from_utf8_lossy(&judged.stderr)
    );
    let told: Value = serde_json::from_slice(&judged.stdout).unwrap();
    assert_eq!(told, request.json());
}

/// What a receiver took of each session, in the order of its coming, without repetitions.
fn taken(receiver: &WebhookReceiver) -> HashMap<String, Vec<String>> {
    let mut taken: HashMap<String, Vec<String>> = HashMap::new();
    for request in receiver.received() {
        let body = request.json();
        let event = body["event"].as_str().unwrap().to_owned();
        let session = body["session_id"].as_str().unwrap().to_owned();
        let events = taken.entry(session).or_default();
        if request.was_taken() && !events.contains(&event) {
            events.push(event);
        }
    }
    taken
}

/// The events of a session as its feed has them.
async fn told(live: &Client) -> HashMap<String, Vec<String>> {
    let mut told: HashMap<String, Vec<String>> = HashMap::new();
    let mut after = 0;
    loop {
        let path = format!("/api/v1/webhooks/feed?after={after}&limit=100");
        let page = live.get(&path).await.ok(200);
        for event in page["data"].as_array().unwrap() {
            let session = event["session_id"].as_str().unwrap().to_owned();
            let name = event["event"].as_str().unwrap().to_owned();
            told.entry(session).or_default().push(name);
        }
        let next = page["next_after"].as_i64().unwrap();
        if next == after {
            return told;
        }
        after = next;
    }
}

#[tokio::test]
async fn kill_9_loses_no_event_and_turns_none_around() {
    const KILLS: usize = 5;
    let mut server = server().await;
    let live = server.live();
    // Slow enough that a kill meets some of them half done.
    let receiver =
        WebhookReceiver::scripted(|_| Scripted::Slow(Duration::from_millis(40), 200)).await;
    endpoint(&live, &receiver).await;
    let workflow = live.workflow(crate::support::gate_steps()).await;
    let mut sessions = Vec::new();
    for round in 0..KILLS {
        for _ in 0..3 {
            let session = paused_on(&live, &workflow).await;
            let decision = json!({"decision": "continue"});
            live.act(&session, "external-decision")
                .json(decision)
                .await
                .ok(200);
            sessions.push(session);
        }
        tokio::time::sleep(Duration::from_millis(60 * round as u64)).await;
        server.kill9();
        server.restart().await;
    }
    for session in &sessions {
        eventually("the session ends", async || {
            let shown = live.get(&format!("{SESSIONS}/{session}")).await.ok(200);
            (shown["status"] == "completed").then_some(())
        })
        .await;
    }
    let told = eventually("the feed has all ends", async || {
        let told = told(&live).await;
        let ended = |events: &Vec<String>| events.iter().any(|event| event == "session.approved");
        (told.values().filter(|events| ended(events)).count() == sessions.len()).then_some(told)
    })
    .await;
    assert_eq!(told.len(), sessions.len());
    // On PostgreSQL the lanes of a dead process wait for their leases: timeout and a margin.
    let patience = std::time::Instant::now() + Duration::from_secs(100);
    while taken(&receiver) != told {
        if std::time::Instant::now() > patience {
            assert_eq!(taken(&receiver), told);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let keys: std::collections::HashSet<_> = receiver
        .received()
        .iter()
        .map(|request| request.header("webhook-id").to_owned())
        .collect();
    let events: usize = told.values().map(Vec::len).sum();
    assert_eq!(keys.len(), events, "each event has one key");
}

#[tokio::test]
async fn addresses_of_the_operators_own_network_get_no_byte() {
    // No host is allowed: the loopback is refused when the endpoint is made.
    let closed = TestServer::start(VERIFA, &Options::default()).await;
    let receiver = WebhookReceiver::start().await;
    for url in [
        receiver.url("/hook"),
        format!("https://127.0.0.1:{}/", receiver.address().port()),
        format!("https://[::ffff:127.0.0.1]:{}/", receiver.address().port()),
        "https://169.254.169.254/latest/meta-data/".to_owned(),
    ] {
        let refused = closed.live().post(ENDPOINTS).json(json!({"url": url}));
        assert_eq!(refused.await.status, 422, "{url}");
    }
    // A name that leads inside is refused where the connection is made.
    let url = format!("https://localhost:{}/hook", receiver.address().port());
    let live = closed.live();
    let made = live.post(ENDPOINTS).json(json!({"url": url})).await.ok(201);
    let test = format!("{ENDPOINTS}/{}/test", made["id"].as_str().unwrap());
    let tested = live.post(&test).await.ok(200);
    assert_eq!(tested["success"], false);
    live.session(json!({})).await;
    let path = format!("{ENDPOINTS}/{}/deliveries", made["id"].as_str().unwrap());
    let error = eventually("the try is kept", async || {
        let page = live.get(&path).await.ok(200);
        let attempt = page["data"][0]["attempts"][0].clone();
        attempt.is_object().then_some(attempt)
    })
    .await;
    assert_eq!(error["error"], "refused_address", "{error}");
    assert!(receiver.received().is_empty());
}

#[tokio::test]
async fn a_receiver_that_is_gone_is_disabled_and_recovered() {
    let server = server().await;
    let live = server.live();
    let receiver = WebhookReceiver::scripted(|_| Scripted::Status(410)).await;
    let made = endpoint(&live, &receiver).await;
    let path = format!("{ENDPOINTS}/{}", made["id"].as_str().unwrap());
    let first = live.session(json!({})).await;
    let shown = eventually("it is disabled", async || {
        let shown = live.get(&path).await.ok(200);
        (shown["enabled"] == false).then_some(shown)
    })
    .await;
    assert_eq!(shown["disabled_reason"], "receiver_gone");
    let second = live.session(json!({})).await;
    eventually("the second is numbered", async || {
        told(&live).await.contains_key(&second).then_some(())
    })
    .await;
    receiver.answer(|_| Scripted::Status(200));
    let enabled = live
        .patch(&path)
        .json(json!({"enabled": true}))
        .await
        .ok(200);
    assert_eq!(enabled["disabled_reason"], Value::Null);
    let recover = format!("{path}/recover");
    let since = json!({"since": made["created_at"]});
    let recovered = live.post(&recover).json(since).await.ok(202);
    assert_eq!(recovered["queued"], 1, "the first waited by itself");
    eventually("both arrive", async || {
        let taken = taken(&receiver);
        (!taken.get(&first)?.is_empty() && !taken.get(&second)?.is_empty()).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_receiver_that_asks_for_time_gets_it() {
    let server = server().await;
    let live = server.live();
    let receiver = WebhookReceiver::scripted(|_| Scripted::RetryAfter(503, 900)).await;
    let made = endpoint(&live, &receiver).await;
    live.session(json!({})).await;
    let path = format!("{ENDPOINTS}/{}/deliveries", made["id"].as_str().unwrap());
    let shown = eventually("the try is kept", async || {
        let page = live.get(&path).await.ok(200);
        let shown = page["data"][0].clone();
        (shown["attempts"].as_array()?.len() == 1).then_some(shown)
    })
    .await;
    let time = |value: &Value| value.as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    let pause = time(&shown["next_attempt_at"]).duration_since(time(&shown["attempts"][0]["at"]));
    // The schedule's own first pause is 33 seconds at most.
    assert!((900..960).contains(&pause.as_secs()), "{pause:?}");
}
