//! `verifa listen`: events forwarded to a local receiver, signed, in order, and resumed.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use hmac::{Hmac, KeyInit as _, Mac as _};
use reqwest::Url;
use serde_json::json;
use sha2::Sha256;
use verifa_testkit::{Received, Scripted, TestServer, WebhookReceiver, eventually, free_address};

use crate::support::{VERIFA, server};

fn url(receiver: &WebhookReceiver) -> Url {
    Url::parse(&receiver.url("/hook")).unwrap()
}

/// The first `count` requests.
async fn got(receiver: &WebhookReceiver, count: usize) -> Vec<Received> {
    eventually(&format!("{count} events were forwarded"), async || {
        let received = receiver.received();
        (received.len() >= count).then_some(received)
    })
    .await
}

/// A running `verifa listen`; killed when dropped.
struct Listener {
    child: Child,
    output: PathBuf,
}

impl Listener {
    fn start(server: &TestServer, key: &str, to: &Url, more: &[&str]) -> Self {
        static RUN: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
        let run = RUN.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let output = server
            .installation
            .data_directory()
            .join(format!("listen-{run}.out"));
        let position = position(server);
        let child = command(server, key, to)
            .arg("--position")
            .arg(position)
            .args(more)
            .stdout(std::fs::File::create(&output).unwrap())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        Self { child, output }
    }

    fn printed(&self) -> String {
        std::fs::read_to_string(&self.output).unwrap()
    }

    async fn secret(&self) -> String {
        eventually("listen prints its secret", async || {
            let text = self.printed();
            let start = text.find("whsec_")?;
            let end = text[start..].find('\n')?;
            Some(text[start..start + end].to_owned())
        })
        .await
    }

    async fn stop(mut self) {
        let id = self.child.id().to_string();
        Command::new("kill").args(["-TERM", &id]).status().unwrap();
        let status = eventually("listen ends", async || self.child.try_wait().unwrap()).await;
        assert_eq!(status.code(), Some(0));
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        // It may have ended already.
        let _killed = self.child.kill();
        let _reaped = self.child.wait();
    }
}

fn position(server: &TestServer) -> PathBuf {
    server.installation.data_directory().join("listen.position")
}

fn command(server: &TestServer, key: &str, to: &Url) -> Command {
    let mut command = Command::new("setpriv");
    command
        .args(["--pdeathsig", "KILL", "--"])
        .arg(VERIFA)
        .args(["listen", "--api-key", key, "--forward-to", to.as_str()])
        .args(["--server", &format!("http://{}", server.address())])
        .stdin(Stdio::null());
    command
}

/// Ends by itself; its code and what it said.
fn refused(mut command: Command, position: &Path) -> (Option<i32>, String) {
    let mut child = command
        .arg("--position")
        .arg(position)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut said)
        .unwrap();
    (child.wait().unwrap().code(), said)
}

/// HMAC-SHA-256 as the receiver computes it: nothing of ours.
fn hmac(key: &str, message: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).unwrap();
    mac.update(message);
    hex::encode(mac.finalize().into_bytes())
}

#[tokio::test]
async fn events_are_forwarded_in_order_signed_and_resumed() {
    let server = server().await;
    let sandbox = server.sandbox();
    let key = server.installation.keys.sandbox.clone();
    // Before the first run: not forwarded.
    sandbox.session(json!({})).await;
    crate::webhook_feed::read_all(&sandbox, 1).await;
    let receiver = WebhookReceiver::start().await;
    let to = url(&receiver);
    let listener = Listener::start(&server, &key, &to, &[]);
    let secret = listener.secret().await;
    let session = sandbox.session(json!({"external_ref": "Jane Doe"})).await;
    sandbox.act(&session, "expire").await.ok(200);
    let received = got(&receiver, 2).await;
    let (first, second) = (&received[0], &received[1]);
    assert_eq!(first.json()["event"], "session.created");
    assert_eq!(first.json()["session_id"], session.as_str());
    assert!(first.json().get("seq").is_none());
    assert_eq!(second.json()["event"], "session.expired");
    assert_eq!(first.header("x-verifa-event"), "session.created");
    assert!(first.header("x-verifa-delivery-id").starts_with("dlv_"));
    assert_eq!(
        first.header("webhook-id"),
        first.json()["idempotency_key"].as_str().unwrap()
    );
    let signature = first.header("x-verifa-signature");
    let (time, hex) = signature
        .strip_prefix("t=")
        .and_then(|rest| rest.split_once(",v1="))
        .unwrap();
    assert_eq!(time, first.header("webhook-timestamp"));
    let message = [time.as_bytes(), b".", &first.body].concat();
    assert_eq!(hex, hmac(&secret, &message));
    assert!(first.header("webhook-signature").starts_with("v1,"));
    eventually("both lines are printed", async || {
        let printed = listener.printed();
        (printed.matches("  200  ").count() == 2).then_some(())
    })
    .await;
    let printed = listener.printed();
    assert!(printed.contains("#2  session.created  200"), "{printed}");
    assert!(!printed.contains("Jane"), "{printed}");
    assert!(!printed.contains(&key), "{printed}");
    listener.stop().await;

    // What happens meanwhile comes with the next run, under the same secret.
    sandbox.session(json!({})).await;
    crate::webhook_feed::read_all(&sandbox, 4).await;
    let listener = Listener::start(&server, &key, &to, &[]);
    assert_eq!(listener.secret().await, secret);
    let received = got(&receiver, 3).await;
    assert_eq!(received[2].json()["event"], "session.created");
    assert_eq!(received.len(), 3);
    listener.stop().await;
    let again = Listener::start(
        &server,
        &key,
        &to,
        &["--after", "1", "--events", "session.expired"],
    );
    let repeated = got(&receiver, 4).await.remove(3);
    assert_eq!(repeated.json(), second.json());
    assert_eq!(repeated.body, second.body);
    again.stop().await;
}

#[tokio::test]
async fn a_refusing_receiver_is_shown_and_an_absent_one_awaited() {
    let server = server().await;
    let sandbox = server.sandbox();
    let key = server.installation.keys.sandbox.clone();
    let address = free_address();
    let to = Url::parse(&format!("http://{address}/hook")).unwrap();
    let listener = Listener::start(&server, &key, &to, &[]);
    listener.secret().await;
    let session = sandbox.session(json!({})).await;
    crate::webhook_feed::read_all(&sandbox, 1).await;
    tokio::time::sleep(std::time::Duration::from_millis(700)).await;
    let receiver = WebhookReceiver::on(address, |_| Scripted::Status(500)).await;
    let event = got(&receiver, 1).await[0].json();
    assert_eq!(event["session_id"], session.as_str());
    eventually("the line is printed", async || {
        listener
            .printed()
            .contains("session.created  500")
            .then_some(())
    })
    .await;
    // Shown once and not tried again.
    let next = sandbox.session(json!({})).await;
    let event = got(&receiver, 2).await[1].json();
    assert_eq!(event["session_id"], next.as_str());
    listener.stop().await;
}

#[tokio::test]
async fn a_server_that_went_back_is_told_and_followed() {
    let server = server().await;
    let sandbox = server.sandbox();
    let key = server.installation.keys.sandbox.clone();
    sandbox.session(json!({})).await;
    crate::webhook_feed::read_all(&sandbox, 1).await;
    let receiver = WebhookReceiver::start().await;
    let to = url(&receiver);
    // As if an earlier run had seen what is lost.
    std::fs::write(position(&server), "1000\n").unwrap();
    let mut asked = command(&server, &key, &to);
    asked.args(["--after", "1000"]);
    let (code, said) = refused(asked, &position(&server));
    assert_eq!(code, Some(1));
    assert!(said.contains("The feed ends at 1,"), "{said}");
    let listener = Listener::start(&server, &key, &to, &[]);
    listener.secret().await;
    let session = sandbox.session(json!({})).await;
    let event = got(&receiver, 1).await.remove(0).json();
    assert_eq!(event["session_id"], session.as_str());
    eventually("the position follows", async || {
        let kept = std::fs::read_to_string(position(&server)).unwrap();
        (kept == "2\n").then_some(())
    })
    .await;
    listener.stop().await;
}

/// A listener that was away for longer than events are kept goes on with the oldest that is left.
#[tokio::test]
async fn what_was_forgotten_is_passed_over() {
    let server = server().await;
    let sandbox = server.sandbox();
    let key = server.installation.keys.sandbox.clone();
    for _ in 0..3 {
        sandbox.session(json!({})).await;
    }
    let events = crate::webhook_feed::read_all(&sandbox, 3).await;
    crate::webhook_feed::forget(&server, "sandbox", 2).await;
    let receiver = WebhookReceiver::start().await;
    let to = url(&receiver);
    // As if an earlier run had seen the first one only.
    std::fs::write(position(&server), "1\n").unwrap();
    let listener = Listener::start(&server, &key, &to, &[]);
    let event = got(&receiver, 1).await.remove(0).json();
    assert_eq!(event["session_id"], events[2]["session_id"]);
    eventually("the position follows", async || {
        let kept = std::fs::read_to_string(position(&server)).unwrap();
        (kept == "3\n").then_some(())
    })
    .await;
    listener.stop().await;
    // Who asks for a number that is gone is told so.
    let mut asked = command(&server, &key, &to);
    asked.args(["--after", "1"]);
    let (code, said) = refused(asked, &position(&server));
    assert_eq!(code, Some(1), "{said}");
}

#[tokio::test]
async fn a_server_without_a_place_to_wait_is_not_pressed() {
    let server = server().await;
    let receiver = WebhookReceiver::start().await;
    let page = Scripted::Text(200, r#"{"data":[],"next_after":0}"#.to_owned());
    let crowded = WebhookReceiver::scripted(move |_| page.clone()).await;
    let child = Command::new(VERIFA)
        .args(["listen", "--api-key", &server.installation.keys.sandbox])
        .args(["--server", &crowded.url("")])
        .args(["--forward-to", url(&receiver).as_str()])
        .arg("--position")
        .arg(position(&server))
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let output = PathBuf::new();
    let listener = Listener { child, output };
    got(&crowded, 2).await;
    tokio::time::sleep(std::time::Duration::from_millis(2_500)).await;
    let calls = crowded.received().len();
    drop(listener);
    assert!((3..=6).contains(&calls), "{calls} calls in 2.5 seconds");
}

#[tokio::test]
async fn what_it_does_not_do_ends_with_a_code_of_its_own() {
    let server = server().await;
    let to = Url::parse(&format!("http://{}/hook", free_address())).unwrap();
    let keys = &server.installation.keys;
    let position = position(&server);
    let run = |key: &str| refused(command(&server, key, &to), &position);
    let (code, said) = run(&keys.live);
    assert_eq!(code, Some(2));
    assert!(said.contains("--allow-live"), "{said}");
    assert!(!said.contains(&keys.live), "{said}");
    assert_eq!(run(&keys.publishable_sandbox).0, Some(2));
    assert_eq!(run("nonsense").0, Some(2));
    let last = if keys.sandbox.ends_with('x') {
        'y'
    } else {
        'x'
    };
    let unknown = format!("{}{last}", &keys.sandbox[..keys.sandbox.len() - 1]);
    assert_eq!(run(&unknown).0, Some(3));
    let other = server.installation.create_key("sandbox", "sessions:read");
    let (code, said) = run(&other);
    assert_eq!(code, Some(3));
    assert!(said.contains("webhooks:read"), "{said}");
    let nobody = format!("http://{}", free_address());
    let mut away = command(&server, &keys.sandbox, &to);
    away.args(["--server", &nobody]);
    let (code, said) = refused(away, &position);
    // The server is named twice: a wrong command line.
    assert_eq!(code, Some(2), "{said}");
    let mut away = Command::new(VERIFA);
    away.args(["listen", "--api-key", &keys.sandbox, "--server", &nobody])
        .args(["--forward-to", to.as_str()]);
    assert_eq!(refused(away, &position).0, Some(4));
    assert!(!position.exists());
}

#[tokio::test]
async fn a_live_key_is_followed_when_it_is_allowed() {
    let server = server().await;
    let live = server.live();
    let receiver = WebhookReceiver::start().await;
    let key = server.installation.keys.live.clone();
    let listener = Listener::start(&server, &key, &url(&receiver), &["--allow-live"]);
    listener.secret().await;
    let session = live.session(json!({})).await;
    let event = got(&receiver, 1).await[0].json();
    assert_eq!(event["session_id"], session.as_str());
    listener.stop().await;
}
