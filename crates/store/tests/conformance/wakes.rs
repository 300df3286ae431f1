//! Workers hear of new jobs.

use std::time::Duration;

use tokio::time::timeout;

use crate::fixture::{Fixture, commit, insert_account, raise_revision};
use crate::on_both_databases;

on_both_databases!(a_commit_that_makes_a_job_due_wakes);

const SOON: Duration = Duration::from_secs(5);
const A_WHILE: Duration = Duration::from_millis(100);

async fn a_commit_that_makes_a_job_due_wakes(fixture: Fixture) {
    let db = &fixture.db;
    let mut wakes = db.wakes();
    // Connecting its listener may wake once.
    let _settled = timeout(A_WHILE, wakes.woken()).await;

    db.commit(commit([insert_account(1, "one")])).await.unwrap();
    assert!(
        timeout(A_WHILE, wakes.woken()).await.is_err(),
        "it made no job due"
    );

    let mut refused = commit([raise_revision(1, 5)]);
    db.commit(refused.wake_jobs().clone()).await.unwrap_err();
    assert!(
        timeout(A_WHILE, wakes.woken()).await.is_err(),
        "it was rolled back"
    );

    let mut due = commit([raise_revision(1, 0)]);
    db.commit(due.wake_jobs().clone()).await.unwrap();
    timeout(SOON, wakes.woken())
        .await
        .expect("woken although it waits only now");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_server_on_postgres_is_woken() {
    let Some(fixture) = Fixture::postgres().await else {
        return;
    };
    let other = fixture.second().await;
    let mut wakes = other.wakes();
    fixture
        .db
        .commit(commit([insert_account(1, "one")]))
        .await
        .unwrap();
    // Both listeners connect in the background; until then a notice is lost, as it may be.
    for revision in 0..100 {
        let mut due = commit([raise_revision(1, revision)]);
        fixture.db.commit(due.wake_jobs().clone()).await.unwrap();
        if timeout(A_WHILE, wakes.woken()).await.is_ok() {
            return;
        }
    }
    panic!("no notice arrived");
}
