//! Erasure, proved the hard way: with the master key and everything that lies around.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};
use uuid::Uuid;
use verifa_store::classification::{self, Class, Erased};
use verifa_store::db::{Db, Value as Stored};
use verifa_testkit::{Installation, Options, Scripted, TestServer, WebhookReceiver, eventually};

use crate::person::{NAME, Needles, person};
use crate::reading::{database as database_of, files_below, read_everything, rows_of};
use crate::support::{SESSIONS, VERIFA};
use crate::webhook_endpoints::ENDPOINTS;

pub(crate) async fn everything_is_done(installation: &Installation) {
    let database = &installation.database;
    eventually("every event is sealed and every image gone", async || {
        let open = database.count("audit_events", "seq IS NULL").await
            + database.count("jobs", "kind = 'delete_blob'").await;
        (open == 0).then_some(())
    })
    .await;
}

pub(crate) fn run(installation: &Installation, arguments: &[&str]) -> String {
    let ran = installation.run(arguments);
    assert_eq!(ran.code, 0, "{arguments:?}: {}{}", ran.stdout, ran.stderr);
    ran.stdout
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_of_the_person_is_left_anywhere() {
    let options = Options::default().set("VERIFA_LOG__FILTER", "trace");
    let mut server = TestServer::start(VERIFA, &options).await;
    let installation = Arc::clone(&server.installation);
    let (live, needles) = (server.live(), Needles::new());
    let session = person(&server, &needles).await;
    needles.assert_readable(&read_everything(&installation).await);
    needles.assert_sealed(installation.root(), "before the redaction");

    // A backup is made while the server goes on, and the redaction comes after it.
    let backup = installation.root().join("backup");
    run(&installation, &["backup", "--to", backup.to_str().unwrap()]);
    needles.assert_sealed(installation.root(), "in the backup");

    live.delete(&format!("{SESSIONS}/{session}/data"))
        .await
        .ok(200);
    everything_is_done(&installation).await;
    needles.assert_unreadable(&read_everything(&installation).await, "after the redaction");
    needles.assert_sealed(installation.root(), "after the redaction");
    let listed = live.get(SESSIONS).await.ok(200);
    assert_eq!(listed["data"][0]["id"], json!(session));
    assert_eq!(listed["data"][0]["retention_status"], "redacted");

    let erasures = run(&installation, &["audit", "erasures"]);
    assert_eq!(erasures.lines().count(), 2, "an erasure, and the end");
    server.terminate().await;
    run(&installation, &["audit", "verify"]);
    needles.assert_sealed(installation.root(), "after the end");
    let log = installation.root().join("erasures.jsonl");
    std::fs::write(&log, erasures).unwrap();
    restored_without_the_log(&installation, &backup, &needles).await;
    restored_with_the_log(&installation, &backup, &log, &needles, &session).await;
}

/// The backup is worth something: without the erasure log it brings the person back.
async fn restored_without_the_log(installation: &Installation, backup: &Path, needles: &Needles) {
    let other = installation.elsewhere().await;
    let from = backup.to_str().unwrap();
    let refused = other.run(&["restore", "--from", from]);
    assert_ne!(
        refused.code, 0,
        "restored without a word on the erasure log"
    );
    run(
        &other,
        &["restore", "--from", from, "--without-erasure-log"],
    );
    needles.assert_readable(&read_everything(&other).await);
}

async fn restored_with_the_log(
    installation: &Installation,
    backup: &Path,
    log: &Path,
    needles: &Needles,
    session: &str,
) {
    let other = installation.elsewhere().await;
    let (from, log) = (backup.to_str().unwrap(), log.to_str().unwrap());
    run(&other, &["restore", "--from", from, "--erasure-log", log]);
    needles.assert_unreadable(&read_everything(&other).await, "in the restored backup");
    needles.assert_sealed(other.root(), "in the restored backup");
    assert!(files_below(&other.data_directory().join("blobs")).is_empty());
    run(&other, &["audit", "verify"]);

    let server = TestServer::serve(Arc::new(other), Vec::new()).await;
    let live = server.live();
    let shown = live.look(session).await;
    assert_eq!(shown["retention_status"], "redacted");
    assert_eq!(shown["status"], "completed");
    assert_eq!(shown["external_ref"], "customer-1");
    let certificate = live.part(session, "erasure-certificate").await;
    assert_eq!(certificate["cause"], "restore");
    // And it works on: a new session, a new person.
    person(&server, needles).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_does_not_reach_the_present_is_refused() {
    let mut server = TestServer::start(VERIFA, &Options::default()).await;
    let installation = Arc::clone(&server.installation);
    let live = server.live();
    let erase = async |session: &str| {
        let path = format!("{SESSIONS}/{session}/data");
        live.delete(&path).await.ok(200);
    };
    let export = || run(&installation, &["audit", "erasures"]);
    let (first, second) = (
        live.session(json!({"metadata": {"name": NAME}})).await,
        live.session(json!({"metadata": {"name": NAME}})).await,
    );
    erase(&first).await;
    let stale = export();
    let backup = installation.root().join("backup");
    run(&installation, &["backup", "--to", backup.to_str().unwrap()]);
    erase(&second).await;
    everything_is_done(&installation).await;
    let whole = export();
    server.terminate().await;
    // This server signs that it erased nobody, and the backup knows better.
    let database = &installation.database;
    assert_eq!(database.change("DELETE FROM erasures").await, 2);
    let lacking = export();

    let lines: Vec<&str> = whole.lines().collect();
    assert_eq!(lines.len(), 3);
    let old_end = stale.lines().last().unwrap();
    let of = |lines: &[&str]| lines.join("\n");
    let mut later: Value = serde_json::from_str(old_end).unwrap();
    later["exported_at_micros"] = json!(i64::MAX);
    let other = installation.elsewhere().await;
    let log = installation.root().join("erasures.jsonl");
    let restore = |text: &str| {
        std::fs::write(&log, text).unwrap();
        let (from, log) = (backup.to_str().unwrap(), log.to_str().unwrap());
        other.run(&["restore", "--from", from, "--erasure-log", log])
    };
    for (refused, text, words) in [
        ("empty", String::new(), "signed last line is missing"),
        ("another file", "{}".to_owned(), "none of an erasure log"),
        ("cut", of(&lines[..2]), "signed last line is missing"),
        ("older", stale.clone(), "before the backup was made"),
        ("shortened", of(&lines[1..]), "taken out, added or altered"),
        (
            "doubled",
            of(&[lines[0], lines[0], lines[2]]),
            "taken out, added or altered",
        ),
        ("two in one", format!("{stale}{whole}"), "behind the end"),
    ] {
        let ran = restore(&text);
        assert_ne!(ran.code, 0, "a log is taken that is {refused}");
        assert!(ran.stderr.contains(words), "{refused}: {}", ran.stderr);
    }
    // Nothing was written until here: the right one is taken at the same place.
    let ran = restore(&whole);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(
        ran.stdout.contains("1 sessions were erased again"),
        "{}",
        ran.stdout
    );

    for (refused, text, words) in [
        ("lacking", lacking, "lacks an erasure"),
        (
            "forged",
            format!("{}\n{later}", lines[0]),
            "not signed by this server",
        ),
    ] {
        let other = installation.elsewhere().await;
        std::fs::write(&log, text).unwrap();
        let (from, log) = (backup.to_str().unwrap(), log.to_str().unwrap());
        let ran = other.run(&["restore", "--from", from, "--erasure-log", log]);
        assert_ne!(ran.code, 0, "a log is taken that is {refused}");
        assert!(ran.stderr.contains(words), "{refused}: {}", ran.stderr);
        let keys = other.database.count("server_keys", "1 = 1").await;
        assert_eq!(keys, 0, "a server starts on it");
    }
}

/// What no release fills yet, or the story took back: put there as if it had.
const FILLED: &[&str] = &[
    "UPDATE verification_attempts SET score = 0.5",
    "UPDATE results SET face_match_score = 0.97, face_match_passed = 1, age_check_passed = 1",
    "UPDATE cases SET decision = 'rejected', decided_at = 1",
    "UPDATE contests SET answered_at = created_at",
    // A mail that is out is empty already; one that is queued is not.
    "UPDATE mails SET sealed = (SELECT sealed FROM sessions)",
];

/// The values of each personal column in the rows of a session, by table and column.
async fn personal_values(db: &Db, id: Uuid) -> BTreeMap<String, (Erased, Vec<Stored>)> {
    let mut found = BTreeMap::new();
    for table in classification::tables() {
        for column in table.columns {
            if let Class::Personal { erased, .. } = column.class {
                found.insert(format!("{}.{}", table.name, column.name), (erased, vec![]));
            }
        }
        for (name, _, value) in rows_of(db, table, id).await.into_iter().flatten() {
            if let Some((_, values)) = found.get_mut(&format!("{}.{name}", table.name)) {
                values.push(value);
            }
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_personal_column_is_erased_as_its_class_says() {
    let options = Options::default().set("VERIFA_WEBHOOKS__ALLOWED_HOSTS", "127.0.0.1");
    let server = TestServer::start(VERIFA, &options).await;
    let (live, needles) = (server.live(), Needles::new());
    let receiver = WebhookReceiver::scripted(|_| Scripted::Text(200, NAME.to_owned())).await;
    let endpoint = json!({"url": receiver.url("/verifa")});
    live.post(ENDPOINTS).json(endpoint).await.ok(201);
    let session = person(&server, &needles).await;
    let database = &server.installation.database;
    eventually("everything is delivered", async || {
        let open = database.count("outbox_events", "seq IS NULL").await
            + database
                .count("webhook_deliveries", "status = 'pending'")
                .await;
        (open == 0).then_some(())
    })
    .await;
    for fill in FILLED {
        assert!(database.change(fill).await > 0, "{fill}");
    }
    let id = session.parse::<verifa_core::id::SessionId>().unwrap();
    let id: Uuid = verifa_core::id::Id::uuid(id);
    let db = database_of(&server.installation).await;
    let before = personal_values(&db, id).await;
    for (at, (_, values)) in &before {
        assert!(
            values.iter().any(|value| !is_empty(value)),
            "{at} holds nothing before: its erasure would prove nothing"
        );
    }
    live.delete(&format!("{SESSIONS}/{session}/data"))
        .await
        .ok(200);
    let after = personal_values(&db, id).await;
    for (at, (erased, values)) in &after {
        let former = &before[at].1;
        let kept = || values.iter().any(|value| !is_empty(value));
        match erased {
            Erased::Emptied => assert!(values.iter().all(is_empty), "{at} is not empty"),
            Erased::RowRemoved => assert!(values.is_empty(), "{at}: the row is still there"),
            Erased::Rewritten => assert!(
                !values.is_empty() && !values.iter().any(|value| former.contains(value)),
                "{at} stands as it was"
            ),
            Erased::WithKey | Erased::Kept(_) => assert!(kept(), "{at} is said to be kept"),
        }
    }
    // What is said to go with the key is gone with it.
    let keys = format!("id = {}", database.literal(&session));
    assert_eq!(database.count("data_keys", &keys).await, 0);
    db.close().await;
}

fn is_empty(value: &Stored) -> bool {
    match value {
        Stored::Null => true,
        Stored::Text(text) => ["", "[]", "{}"].contains(&text.as_str()),
        Stored::Bytes(bytes) => bytes.is_empty(),
        Stored::Int(_) | Stored::Float(_) | Stored::Uuid(_) => false,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broken_erasure_log_is_noticed() {
    let mut server = TestServer::start(VERIFA, &Options::default()).await;
    let installation = Arc::clone(&server.installation);
    let live = server.live();
    let session = person(&server, &Needles::new()).await;
    live.delete(&format!("{SESSIONS}/{session}/data"))
        .await
        .ok(200);
    everything_is_done(&installation).await;
    server.terminate().await;
    let verified = || {
        let ran = installation.run(&["audit", "verify", "--json"]);
        let printed: Value = serde_json::from_str(&ran.stdout).unwrap();
        (ran.code, printed)
    };
    let (code, printed) = verified();
    assert_eq!((code, &printed["erasures"]), (0, &json!(1)), "{printed}");
    let database = &installation.database;
    let forged = "UPDATE erasures SET documents_removed = 7";
    assert_eq!(database.change(forged).await, 1);
    let (code, printed) = verified();
    assert_eq!(code, 2, "{printed}");
    assert!(printed["erasure_fault"].is_string(), "{printed}");
    assert_eq!(database.change("DELETE FROM erasures").await, 1);
    assert_eq!(verified().0, 2, "a row that is gone is not missed");
}
