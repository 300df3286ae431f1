//! The sweep for images that belong to nobody, and the thinning of checkpoints.

use std::fs::File;
use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use uuid::Uuid;
use verifa_app::engine::{Sealer, verify_chain};
use verifa_app::sessions::CreateSession;
use verifa_store::db::{Commit, Stmt};
use verifa_vault::{BlobId, BlobInfo};

use crate::harness::Bench;

/// Long before the bench's clock begins.
fn age(path: &PathBuf) {
    let long_ago = std::time::UNIX_EPOCH + Duration::from_secs(1_769_000_000);
    File::open(path).unwrap().set_modified(long_ago).unwrap();
}

/// Where a blob lies: below a directory named by its last byte.
fn file_of(bench: &Bench, id: Uuid) -> PathBuf {
    let name = id.simple().to_string();
    let found = bench.paths().into_iter().find(|path| {
        let file = path.file_name().unwrap().to_string_lossy().replace('-', "");
        file == name
    });
    found.expect("the blob's file")
}

async fn store(bench: &Bench, id: Uuid) -> BlobInfo {
    let key = verifa_vault::DataKey::generate(&*bench.app.random);
    let content = Bytes::from_static(b"an image");
    let stored = bench
        .app
        .blobs
        .put_bytes(BlobId::new(id), &key, content, &*bench.app.random);
    stored.await.unwrap()
}

async fn until_swept(bench: &Bench) {
    for _ in 0..4_000 {
        let waits = bench
            .rows("SELECT kind FROM jobs WHERE kind = 'sweep_blobs' AND owner IS NULL")
            .await;
        let due = Stmt::new(
            "test",
            "SELECT due_at FROM jobs WHERE kind = 'sweep_blobs'",
            vec![],
        );
        let due: i64 = bench
            .app
            .db
            .query_opt(due)
            .await
            .unwrap()
            .unwrap()
            .get(0)
            .unwrap();
        if waits.len() == 1 && due > bench.app.clock.now().as_micros() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("the sweep never came");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_settled_orphans_and_abandoned_uploads_go() {
    let bench = Bench::new().await;
    let (orphan, young, kept) = (
        bench.app.new_uuid(),
        bench.app.new_uuid(),
        bench.app.new_uuid(),
    );
    for id in [orphan, young, kept] {
        store(&bench, id).await;
    }
    let session = bench.session(CreateSession::default()).await;
    let mut commit = Commit::new();
    let id: Uuid = verifa_core::id::Id::uuid(session);
    let sql = "INSERT INTO documents (id, session_id, organization_id, document_type, mime_type, \
               size_bytes, width, height, created_at) \
               VALUES (?1, ?2, ?2, 'id_front', 'image/png', 8, 1, 1, 1)";
    commit.push(Stmt::new("test", sql, vec![kept.into(), id.into()]));
    bench.app.db.commit(commit).await.unwrap();
    let staged = file_of(&bench, orphan).with_file_name("half#7");
    std::fs::write(&staged, b"half").unwrap();
    let fresh = staged.with_file_name("half#8");
    std::fs::write(&fresh, b"half").unwrap();
    for path in [
        file_of(&bench, orphan),
        file_of(&bench, kept),
        staged.clone(),
    ] {
        age(&path);
    }

    bench.app.plan_work(false).await.unwrap();
    let worker = bench.worker();
    until_swept(&bench).await;
    worker.stop(Duration::from_secs(1)).await;
    let there = async |id| bench.app.blobs.exists(BlobId::new(id)).await.unwrap();
    assert!(!there(orphan).await, "an orphan stayed");
    assert!(there(young).await, "an upload under way was swept");
    assert!(there(kept).await, "a document's image was swept");
    assert!(!staged.exists(), "an abandoned upload stayed");
    assert!(fresh.exists(), "an upload under way was swept");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn checkpoints_are_thinned_and_the_chain_still_verifies() {
    let bench = Bench::new().await;
    let sealer = Sealer::new(std::sync::Arc::clone(&bench.app));
    for _ in 0..20 {
        for _ in 0..5 {
            let id = bench.session(CreateSession::default()).await;
            let expired = bench
                .app
                .expire_session(&bench.actor, bench.tenant, id)
                .await;
            bench.apply(expired).await;
            sealer.seal_all().await.unwrap();
        }
        bench.pass(Duration::from_hours(24)).await;
    }
    let before = bench.rows("SELECT seq FROM audit_checkpoints").await.len();
    assert_eq!(before, 100);
    bench.app.plan_work(false).await.unwrap();
    let worker = bench.worker();
    for _ in 0..4_000 {
        let left = bench.rows("SELECT seq FROM audit_checkpoints").await.len();
        if left < before {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    worker.stop(Duration::from_secs(2)).await;
    let left = bench.rows("SELECT seq FROM audit_checkpoints").await.len();
    // Fourteen days are older than a week and have one each; the others have all five.
    assert_eq!(left, 14 + 6 * 5);
    sealer.seal_all().await.unwrap();
    let report = verify_chain(&bench.app).await.unwrap();
    assert_eq!(report.fault, None);
    assert!(report.checkpoints >= 44, "{}", report.checkpoints);

    // Thinned out or not, what is cut off behind the last one is noticed.
    let mut cut = Commit::new();
    cut.push(Stmt::new(
        "test",
        "DELETE FROM audit_events WHERE seq > 150",
        vec![],
    ));
    bench.app.db.commit(cut).await.unwrap();
    let report = verify_chain(&bench.app).await.unwrap();
    assert!(report.fault.is_some());
}
