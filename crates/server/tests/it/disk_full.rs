//! A disk that is full: a documented refusal, nothing broken, and on it goes when there is room.
//!
//! The data directory is a small file system in memory, which takes a privilege; where the test has
//! none it is skipped aloud.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use serde_json::json;
use verifa_testkit::{Options, TestServer, within};

use crate::images::noise_png;
use crate::support::{SESSIONS, VERIFA};

/// Writes until there is no room left.
fn fill(path: &Path) {
    let mut file = File::create(path).unwrap();
    for size in [65_536, 4_096, 512, 1] {
        let block = vec![7_u8; size];
        while file.write_all(&block).is_ok() {}
    }
    // What the file system gave is taken, whatever it said of the last block.
    let _synced = file.sync_all();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_refuses_and_recovers() {
    let options = Options::default().on_small_disk(48 * 1024 * 1024);
    let mut server = TestServer::start(VERIFA, &options).await;
    if !server.installation.is_on_small_disk() {
        eprintln!("!!! SKIPPED: a_full_disk_refuses_and_recovers: no privilege to mount a disk");
        return;
    }
    let live = server.live();
    let before = live.session(json!({"external_ref": "before"})).await;
    live.upload(&before, "id_front", noise_png(64, 64))
        .await
        .ok(201);
    let ballast = server.installation.data_directory().join("ballast");
    fill(&ballast);

    // Large enough that no page that was left over takes it.
    let upload = live.upload(&before, "id_back", noise_png(900, 900));
    let refused = upload.may_be_away().await;
    refused.refused(503, "unavailable");
    assert!(!refused.header("retry-after").is_empty());
    if server.installation.database.url().is_none() {
        let metadata = json!({"metadata": {"large": "x".repeat(16_000)}});
        let mut answers = Vec::new();
        for _ in 0..400 {
            let made = live
                .post(SESSIONS)
                .json(metadata.clone())
                .may_be_away()
                .await;
            answers.push(made.status);
            if made.status != 201 {
                made.refused(503, "unavailable");
                break;
            }
        }
        assert_eq!(answers.last(), Some(&503), "the database never filled up");
    }
    // It believes for five seconds that all is well.
    within(Duration::from_secs(10), "it says so", async || {
        let ready = server.anonymous().get("/readyz").may_be_away().await;
        (ready.status == 503).then_some(())
    })
    .await;
    assert_eq!(server.anonymous().get("/healthz").await.status, 200);
    assert_eq!(live.look(&before).await["external_ref"], "before");

    std::fs::remove_file(&ballast).unwrap();
    within(Duration::from_secs(20), "it is ready again", async || {
        let ready = server.anonymous().get("/readyz").may_be_away().await;
        let lacks_only_models = ready.status == 200;
        lacks_only_models.then_some(())
    })
    .await;
    live.session(json!({})).await;
    live.upload(&before, "id_back", noise_png(900, 900))
        .await
        .ok(201);
    server.terminate().await;
    let verified = server.installation.run(&["audit", "verify"]);
    assert_eq!(verified.code, 0, "{}{}", verified.stdout, verified.stderr);
}
