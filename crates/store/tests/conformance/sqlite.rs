//! What only a file does: be held by another process, keep erased data, be served twice.

use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use rusqlite::Connection;
use verifa_store::db::{Db, DbError, DirectoryLock, SqliteOptions, Stmt};

use crate::fixture::{Fixture, commit, count, insert_account, is_unavailable};

/// Holds the file's write lock on a thread of its own, as another process does.
fn hold(db: &Db, time: Duration) -> std::thread::JoinHandle<()> {
    let path = db.path().unwrap().to_owned();
    let (held, holds) = std::sync::mpsc::channel();
    let holder = std::thread::spawn(move || {
        let connection = Connection::open(path).unwrap();
        connection.execute_batch("BEGIN IMMEDIATE").unwrap();
        held.send(()).unwrap();
        std::thread::sleep(time);
        connection.execute_batch("COMMIT").unwrap();
    });
    holds.recv().unwrap();
    holder
}

#[tokio::test]
async fn another_process_that_writes_is_waited_for() {
    let fixture = Fixture::sqlite().await;
    let holder = hold(&fixture.db, Duration::from_millis(300));
    fixture
        .db
        .commit(commit([insert_account(1, "one")]))
        .await
        .unwrap();
    holder.join().unwrap();
    assert_eq!(count(&fixture.db, "accounts").await, 1);
}

#[tokio::test]
async fn another_process_that_does_not_let_go_is_an_outage() {
    let fixture = Fixture::sqlite().await;
    let path = fixture.db.path().unwrap();
    let options = SqliteOptions {
        busy_timeout: Duration::from_millis(50),
        ..SqliteOptions::default()
    };
    let impatient = Db::open_sqlite(path, options).await.unwrap();
    let holder = hold(&impatient, Duration::from_millis(600));
    let refused = impatient.commit(commit([insert_account(1, "one")])).await;
    assert!(is_unavailable(&refused.unwrap_err()));
    assert_eq!(count(&impatient, "accounts").await, 0, "reads go on");
    holder.join().unwrap();
    impatient
        .commit(commit([insert_account(1, "one")]))
        .await
        .unwrap();
}

#[tokio::test]
async fn two_processes_may_write_by_turns() {
    let fixture = Fixture::sqlite().await;
    let other = fixture.second().await;
    let writes = (0..100_u128).map(|id| {
        let db = if id % 2 == 0 {
            fixture.db.clone()
        } else {
            other.clone()
        };
        tokio::spawn(async move {
            db.commit(commit([insert_account(id, &id.to_string())]))
                .await
        })
    });
    for written in futures::future::join_all(writes).await {
        written.unwrap().unwrap();
    }
    assert_eq!(count(&fixture.db, "accounts").await, 100);
    assert_eq!(count(&other, "accounts").await, 100);
}

fn contains(path: &std::path::Path, marker: &str) -> bool {
    let bytes = std::fs::read(path).unwrap_or_default();
    bytes
        .windows(marker.len())
        .any(|window| window == marker.as_bytes())
}

#[tokio::test]
async fn erased_data_is_in_no_file_after_a_checkpoint() {
    let fixture = Fixture::sqlite().await;
    let path = fixture.db.path().unwrap().to_owned();
    let log = path.with_file_name("story.sqlite3-wal");
    let marker = "this text must be gone";
    fixture.db.write(insert_account(1, marker)).await.unwrap();
    assert!(contains(&log, marker), "the test looks at the right file");
    fixture.db.checkpoint().await.unwrap();
    assert!(contains(&path, marker));
    fixture
        .db
        .write(Stmt::new("test.delete", "DELETE FROM accounts", vec![]))
        .await
        .unwrap();
    fixture.db.checkpoint().await.unwrap();
    assert!(!contains(&path, marker));
    assert_eq!(std::fs::metadata(&log).unwrap().len(), 0);
}

#[tokio::test]
async fn the_log_is_emptied_by_the_clock() {
    let fixture = Fixture::sqlite().await;
    let path = fixture.db.path().unwrap();
    let often = SqliteOptions {
        checkpoint_interval: Duration::from_millis(20),
        ..Default::default()
    };
    let db = Db::open_sqlite(path, often).await.unwrap();
    db.write(insert_account(1, "one")).await.unwrap();
    let log = path.with_file_name("story.sqlite3-wal");
    for _ in 0..500 {
        if std::fs::metadata(&log).unwrap().len() == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the write-ahead log was never emptied");
}

#[tokio::test]
async fn only_the_owner_may_read_the_files() {
    let fixture = Fixture::sqlite().await;
    let directory = fixture.db.path().unwrap().parent().unwrap();
    let mut files = 0;
    for entry in std::fs::read_dir(directory).unwrap() {
        let mode = entry.unwrap().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        files += 1;
    }
    assert_eq!(files, 3, "the database, its log and its index");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("story.sqlite3");
    std::fs::write(
        &path,
        "a letter and no database, long enough to have a header",
    )
    .unwrap();
    assert!(
        Db::open_sqlite(&path, SqliteOptions::default())
            .await
            .is_err()
    );
    let absent = directory.path().join("absent/story.sqlite3");
    let refused = Db::open_sqlite(&absent, SqliteOptions::default())
        .await
        .map(|_| ());
    assert!(is_unavailable(&refused.unwrap_err()));
}

#[tokio::test]
async fn reads_cannot_write() {
    let fixture = Fixture::sqlite().await;
    let refused = fixture.db.query(insert_account(1, "one")).await.map(|_| ());
    assert!(refused.is_err());
    assert_eq!(count(&fixture.db, "accounts").await, 0);
}

#[test]
fn a_directory_is_served_once() {
    let directory = tempfile::tempdir().unwrap();
    let lock = DirectoryLock::acquire(directory.path()).unwrap();
    let refused = DirectoryLock::acquire(directory.path()).map(|_| ());
    let expected = format!("process {} serves this data directory", std::process::id());
    assert_eq!(refused, Err(DbError::Locked(expected)));
    drop(lock);
    DirectoryLock::acquire(directory.path()).unwrap();
}
