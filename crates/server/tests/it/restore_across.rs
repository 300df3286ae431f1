//! A backup crosses from one database to the other and back, and nothing is lost on the way.

use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};
use verifa_testkit::{Client, DatabaseKind, Installation, Options, TestServer};

use crate::erasure::{Needles, everything_is_done, person, run};
use crate::images::noise_png;
use crate::reading::{files_below, read_everything};
use crate::support::{SESSIONS, VERIFA, gate_steps};

/// A session of somebody who stays: everything that a reader can see of it.
async fn seen(live: &Client, session: &str) -> Value {
    let documents = live.part(session, "documents").await;
    let link = documents["data"][0]["url"].as_str().unwrap();
    let path = link.split_once("/api/").unwrap().1;
    let image = live.get(&format!("/api/{path}")).await;
    assert_eq!(image.status, 200);
    // The capture link's host is the server's own.
    let mut shown = live.look(session).await;
    shown["capture_url"] = Value::Null;
    let trail = live
        .get("/api/v1/events")
        .query(&[("resource_id", session)])
        .await
        .ok(200);
    json!({
        "session": shown,
        "result": live.part(session, "result").await,
        "checks": live.part(session, "verifications").await,
        "image": image.bytes,
        "trail": trail,
    })
}

/// Somebody who stays: text of every kind, numbers with and without a fraction, an image.
async fn stays(live: &Client) -> String {
    let workflow = live.workflow(gate_steps()).await;
    let body = json!({
        "workflow_id": workflow,
        "external_ref": "Kundin \"Ü\" 漢\n\\",
        "metadata": {"score": 0.1, "large": 9_007_199_254_740_993_i64, "none": null},
        "fields": {"first_name": "Ada"},
        "tags": ["vip", "ä"]
    });
    let session = live.session(body).await;
    let image = noise_png(90, 70);
    live.upload(&session, "id_front", image).await.ok(201);
    live.run_until(&session, "awaiting_external").await;
    live.decide(&session, "continue").await;
    live.until(&session, "completed").await;
    session
}

fn backed_up(installation: &Installation, name: &str) -> std::path::PathBuf {
    let directory = installation.root().join(name);
    run(
        installation,
        &["backup", "--to", directory.to_str().unwrap()],
    );
    directory
}

/// The lines of every table and of the keys' file, in an order of their own.
fn lines(backup: &Path) -> Vec<(String, Vec<String>)> {
    let mut files = files_below(&backup.join("tables"));
    files.push(format!("{}.keys", backup.display()).into());
    let mut tables: Vec<_> = files
        .iter()
        .map(|path| {
            let text = std::fs::read_to_string(path).unwrap();
            let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
            lines.sort_unstable();
            let name = path.file_name().unwrap().to_string_lossy();
            (name.rsplit_once('.').unwrap().0.to_owned(), lines)
        })
        .map(|(name, lines)| match name.as_str() {
            // The two backups have names of their own.
            name if name.starts_with("backup") => ("keys".to_owned(), lines),
            _ => (name, lines),
        })
        .collect();
    tables.sort_unstable();
    tables
}

/// From the database of this run to the other: who was erased after the backup is erased again, and
/// who was not is whole.
async fn crossed(installation: &Installation, backup: &Path, log: &Path) -> Installation {
    let kind = DatabaseKind::of_this_run().other();
    let other = installation.elsewhere_on(kind).await;
    assert_ne!(
        other.database.url().is_some(),
        installation.database.url().is_some()
    );
    let (from, log) = (backup.to_str().unwrap(), log.to_str().unwrap());
    let told = run(&other, &["restore", "--from", from, "--erasure-log", log]);
    assert!(told.contains("1 sessions were erased again"), "{told}");
    run(&other, &["audit", "verify"]);
    other
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_crosses_to_the_other_database_and_back() {
    let mut server = TestServer::start(VERIFA, &Options::default()).await;
    let installation = Arc::clone(&server.installation);
    let (live, needles) = (server.live(), Needles::new());
    let gone = person(&live, &needles).await;
    let kept = stays(&live).await;
    everything_is_done(&installation).await;
    let before = seen(&live, &kept).await;
    let backup = backed_up(&installation, "backup-1");
    needles.assert_readable(&read_everything(&installation).await);
    live.delete(&format!("{SESSIONS}/{gone}/data"))
        .await
        .ok(200);
    everything_is_done(&installation).await;
    let log = installation.root().join("erasures.jsonl");
    std::fs::write(&log, run(&installation, &["audit", "erasures"])).unwrap();
    server.terminate().await;

    let other = crossed(&installation, &backup, &log).await;
    needles.assert_unreadable(&read_everything(&other).await, "on the other database");
    let mut server = TestServer::serve(Arc::new(other), Vec::new()).await;
    let other = Arc::clone(&server.installation);
    let live = server.live();
    assert_eq!(live.look(&gone).await["retention_status"], "redacted");
    assert_eq!(
        live.part(&gone, "erasure-certificate").await["cause"],
        "restore"
    );
    assert_eq!(seen(&live, &kept).await, before);
    // It works on there, and what comes of it goes back.
    let newcomer = stays(&live).await;
    everything_is_done(&other).await;
    let made_there = seen(&live, &newcomer).await;
    server.terminate().await;

    let there = backed_up(&other, "backup-2");
    let home = other.elsewhere_on(DatabaseKind::of_this_run()).await;
    let from = there.to_str().unwrap();
    run(&home, &["restore", "--from", from, "--without-erasure-log"]);
    run(&home, &["audit", "verify"]);
    // Row by row, the same as on the other database.
    let again = backed_up(&home, "backup-3");
    for (ours, theirs) in lines(&again).iter().zip(&lines(&there)) {
        assert_eq!(ours, theirs);
    }
    let server = TestServer::serve(Arc::new(home), Vec::new()).await;
    let live = server.live();
    assert_eq!(seen(&live, &kept).await, before);
    assert_eq!(seen(&live, &newcomer).await, made_there);
    assert_eq!(live.look(&gone).await["retention_status"], "redacted");
}
