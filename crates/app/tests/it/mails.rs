//! Mails by a clock in the test's hands: tried again, given up, dropped, told to operators.

use std::fs;
use std::time::Duration;

use verifa_app::Change;
use verifa_app::sessions::{CreateSession, Invitation};
use verifa_core::mail::{DisabledBecause, OperatorNotice};
use verifa_store::db::{Commit, Stmt};
use verifa_store::jobs;

use crate::harness::Bench;

const MAILS: &str = "SELECT status, reason FROM mails ORDER BY id";

fn invited() -> CreateSession {
    CreateSession {
        send_email: true,
        invitation: Invitation {
            email: Some("jane@example.org".to_owned()),
            ..Invitation::default()
        },
        ..CreateSession::default()
    }
}

async fn until(bench: &Bench, sql: &'static str, expected: &[&str]) {
    for _ in 0..4_000 {
        if bench.rows(sql).await == expected {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("{expected:?} never came: {:?}", bench.rows(sql).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_is_tried_until_its_transport_takes_it() {
    let bench = Bench::new().await;
    let taken = bench.path("mail");
    fs::write(&taken, b"in the way").unwrap();
    let worker = bench.worker();
    bench.session(invited()).await;
    // Tried, and put off: while it is being tried, the clock that the pause counts from may not move.
    let tried = "SELECT attempts FROM jobs WHERE kind = 'send_mail' AND owner IS NULL";
    until(&bench, tried, &["1"]).await;
    bench.pass(Duration::from_secs(31)).await;
    until(&bench, tried, &["2"]).await;
    fs::remove_file(&taken).unwrap();
    bench.pass(Duration::from_secs(61)).await;
    until(&bench, MAILS, &["sent "]).await;
    assert_eq!(fs::read_dir(&taken).unwrap().count(), 1);
    assert!(bench.rows(tried).await.is_empty());
    worker.stop(Duration::from_secs(1)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_that_nobody_takes_is_given_up_after_four_days() {
    let bench = Bench::new().await;
    fs::write(bench.path("mail"), b"in the way").unwrap();
    let worker = bench.worker();
    bench.session(invited()).await;
    let tried = "SELECT attempts FROM jobs WHERE kind = 'send_mail' AND owner IS NULL";
    until(&bench, tried, &["1"]).await;
    bench.pass(Duration::from_hours(97)).await;
    until(&bench, MAILS, &["failed gave_up"]).await;
    let audited = bench
        .rows("SELECT type FROM audit_events ORDER BY id")
        .await;
    assert_eq!(
        audited,
        ["organization.created", "session.created", "mail.failed"]
    );
    assert!(bench.rows(tried).await.is_empty());
    worker.stop(Duration::from_secs(1)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_that_is_dead_is_not_sent() {
    let bench = Bench::new().await;
    let id = bench.session(invited()).await;
    let expired = bench
        .app
        .expire_session(&bench.actor, bench.tenant, id)
        .await;
    bench.apply(expired).await;
    let worker = bench.worker();
    until(&bench, MAILS, &["dropped purpose_gone"]).await;
    assert!(!bench.path("mail").exists());
    worker.stop(Duration::from_secs(1)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crash_before_the_note_repeats_the_mail_under_its_id() {
    let bench = Bench::new().await;
    bench.session(invited()).await;
    let query = Stmt::new("test", "SELECT id, sealed FROM mails", vec![]);
    let row = bench.app.db.query_opt(query).await.unwrap().unwrap();
    let (id, sealed): (uuid::Uuid, Vec<u8>) = (row.get(0).unwrap(), row.get(1).unwrap());
    let message_id = || {
        let mut entries = fs::read_dir(bench.path("mail")).unwrap();
        let text = fs::read_to_string(entries.next().unwrap().unwrap().path()).unwrap();
        assert!(entries.next().is_none(), "the file was written twice");
        text.lines()
            .find(|line| line.starts_with("Message-ID"))
            .unwrap()
            .to_owned()
    };
    let worker = bench.worker();
    until(&bench, MAILS, &["sent "]).await;
    let first = message_id();
    // As a process leaves it that died after the transport's yes.
    let again = "UPDATE mails SET status = 'queued', sealed = ?1 WHERE id = ?2";
    let key = format!("send_mail:{}", id.simple());
    let now = bench.app.clock.now();
    let mut commit = Commit::new();
    commit.push(Stmt::new("test", again, vec![sealed.into(), id.into()]));
    commit
        .push(jobs::upsert(&key, "send_mail", id, now, now, None))
        .wake_jobs();
    bench.app.db.commit(commit).await.unwrap();
    until(&bench, MAILS, &["sent "]).await;
    worker.stop(Duration::from_secs(1)).await;
    assert_eq!(message_id(), first);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn operators_hear_of_it_one_by_one() {
    let bench = Bench::new().await;
    let settings = r#"UPDATE organizations SET settings =
        '{"email": {"from": "ops@acme.example", "admins": ["a@acme.example", "no address", "b@acme.example"]}}'"#;
    let mut commit = Commit::new();
    commit.push(Stmt::new("test", settings, vec![]));
    bench.app.db.commit(commit).await.unwrap();
    let notice = OperatorNotice::WebhookEndpointDisabled {
        endpoint: "webhook_x".to_owned(),
        url: "https://hooks.example/".to_owned(),
        label: None,
        because: DisabledBecause::FailedInARow(10),
    };
    let mut change = Change::begin(&bench.app, &bench.actor);
    bench
        .app
        .queue_operator_mail(&mut change, &notice)
        .await
        .unwrap();
    bench.app.apply(change.into_commit()).await.unwrap();
    let worker = bench.worker();
    until(&bench, MAILS, &["sent ", "sent "]).await;
    worker.stop(Duration::from_secs(1)).await;
    let mut recipients = Vec::new();
    for entry in fs::read_dir(bench.path("mail")).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        assert!(text.contains("From: Verifa <ops@acme.example>"), "{text}");
        assert!(
            text.contains("10 deliveries in a row have failed"),
            "{text}"
        );
        recipients.extend(
            text.lines()
                .find(|line| line.starts_with("To:"))
                .map(str::to_owned),
        );
    }
    recipients.sort();
    assert_eq!(recipients, ["To: a@acme.example", "To: b@acme.example"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mails_that_ended_are_forgotten_with_their_files() {
    let bench = Bench::new().await;
    let worker = bench.worker();
    for _ in 0..3 {
        bench.session(invited()).await;
    }
    until(&bench, MAILS, &["sent ", "sent ", "sent "]).await;
    worker.stop(Duration::from_secs(1)).await;
    // One that still waits, of whatever age.
    let waits = "UPDATE mails SET status = 'queued' WHERE id = (SELECT MAX(id) FROM mails)";
    let waits = Stmt::new("test", waits, vec![]);
    bench.app.db.write(waits).await.unwrap();
    let files = || fs::read_dir(bench.path("mail")).unwrap().count();
    bench.pass(Duration::from_hours(29 * 24)).await;
    bench.keep_house().await;
    assert_eq!(bench.rows(MAILS).await.len(), 3);
    assert_eq!(files(), 3);
    bench.pass(Duration::from_hours(2 * 24)).await;
    bench.keep_house().await;
    assert_eq!(bench.rows(MAILS).await, ["queued "]);
    assert_eq!(files(), 1);
}
