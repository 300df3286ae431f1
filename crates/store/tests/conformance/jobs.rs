//! Claims of jobs are exclusive, and every statement is known to both databases.

use std::collections::HashSet;
use std::time::Duration;

use futures::future::join_all;
use uuid::Uuid;
use verifa_core::time::Timestamp;
use verifa_store::db::{Commit, DatabaseKind, Db, DbError, Stmt};
use verifa_store::jobs::{self, Job, Queue, claim, finish, upsert};
use verifa_store::migrations::MIGRATIONS;

use crate::fixture::{Fixture, HandClock};

const NOW: Timestamp = Timestamp::from_seconds(1_770_000_000);
const LEASE: Duration = Duration::from_secs(30);

async fn real_schema(db: &Db) {
    db.migrate(MIGRATIONS, &HandClock::new(), Uuid::from_u128(1))
        .await
        .unwrap();
}

async fn every_statement_prepares(fixture: Fixture) {
    real_schema(&fixture.db).await;
    let statements = verifa_store::all_statements();
    assert!(statements.len() > 20);
    let mut labels = HashSet::new();
    let mut refused = Vec::new();
    for (label, sql) in statements {
        assert!(labels.insert(label), "two statements are called {label}");
        // Half a statement; `lists.rs` and `audit_list.rs` run what it is completed to.
        if [
            "sessions.count",
            "results.count",
            "results.list",
            "cases.count",
            "webhook_deliveries.count",
            "audit_events.count",
            "audit_events.search",
            "audit_events.count_search",
        ]
        .contains(&label)
        {
            continue;
        }
        if let Err(error) = fixture.db.prepare_check(sql).await {
            refused.push(format!("{label}: {error}"));
        }
    }
    assert!(refused.is_empty(), "{}", refused.join("\n"));
    let wrong = fixture
        .db
        .prepare_check("SELECT nothing FROM sessions")
        .await;
    assert!(
        matches!(wrong, Err(DbError::Internal(_))),
        "the check can fail: {wrong:?}"
    );
}

async fn a_job_has_one_owner(fixture: Fixture) {
    real_schema(&fixture.db).await;
    let mut change = Commit::new();
    for number in 0..200_u128 {
        let due = NOW.minus(Duration::from_millis(number as u64));
        let key = format!("advance:{number}");
        change.push(upsert(
            &key,
            "advance",
            Uuid::from_u128(number),
            due,
            NOW,
            None,
        ));
    }
    fixture.db.commit(change).await.unwrap();

    let other = fixture.second().await;
    let workers = (0..8_u128).map(|worker| {
        let db = if worker % 2 == 0 {
            fixture.db.clone()
        } else {
            other.clone()
        };
        tokio::spawn(async move { work(&db, worker).await })
    });
    let mut claimed: Vec<String> = Vec::new();
    for worker in join_all(workers).await {
        claimed.extend(worker.unwrap());
    }
    let distinct: HashSet<_> = claimed.iter().collect();
    assert_eq!((claimed.len(), distinct.len()), (200, 200));
}

async fn take(db: &Db) -> Job {
    let later = NOW.plus(LEASE * 10);
    let rows = db
        .write(claim(Queue::Light, later, LEASE, Uuid::from_u128(9), 1))
        .await;
    Job::from_row(&rows.unwrap()[0]).unwrap()
}

async fn apply(db: &Db, statement: Stmt) -> Result<(), DbError> {
    let mut commit = Commit::new();
    commit.push(statement);
    db.commit(commit).await
}

/// Whoever let go of a job is a stranger to it, and so is the owner of an ended job of the name.
async fn no_epoch_comes_twice(fixture: Fixture) {
    real_schema(&fixture.db).await;
    let db = &fixture.db;
    let make = |at| upsert("advance:1", "advance", Uuid::from_u128(1), NOW, at, None);
    let let_go: [fn(&Job) -> Stmt; 5] = [
        |job| jobs::reschedule(job, NOW),
        |job| jobs::pause(job, NOW),
        |job| jobs::hand_back(job, NOW),
        |_| jobs::release_all(NOW, Duration::ZERO),
        finish,
    ];
    let mut held: Vec<Job> = Vec::new();
    for (round, let_go) in (0..).zip(let_go) {
        let at = NOW.plus(Duration::from_secs(round));
        apply(db, make(at)).await.unwrap();
        let job = take(db).await;
        assert_eq!(apply(db, jobs::extend(&job, NOW)).await, Ok(()));
        apply(db, let_go(&job)).await.unwrap();
        held.push(job);
        for stranger in &held {
            let late = apply(db, jobs::extend(stranger, NOW)).await;
            assert!(matches!(late, Err(DbError::Conflict { .. })), "{round}");
        }
    }
    // The row is gone; the same number of claims of a new one must not meet an old epoch.
    apply(db, make(NOW.plus(Duration::from_secs(9))))
        .await
        .unwrap();
    for _ in 0..12 {
        let job = take(db).await;
        assert!(held.iter().all(|old| old.epoch != job.epoch));
        apply(db, jobs::reschedule(&job, NOW)).await.unwrap();
    }
}

/// A run that waits for a processor is in nobody's way, and comes back by its own queue.
async fn queues_are_apart(fixture: Fixture) {
    real_schema(&fixture.db).await;
    let db = &fixture.db;
    apply(
        db,
        upsert("advance:1", "advance", Uuid::from_u128(1), NOW, NOW, None),
    )
    .await
    .unwrap();
    let job = take(db).await;
    assert_eq!((job.queue, job.attempts), (Queue::Light, 1));
    let waits = jobs::queue_for_compute(&job, NOW);
    apply(db, waits.clone()).await.unwrap();
    let twice = apply(db, waits).await;
    assert!(matches!(twice, Err(DbError::Conflict { .. })), "{twice:?}");

    let claimed = |queue| db.write(claim(queue, NOW, LEASE, Uuid::from_u128(1), 9));
    let due = async |queue| {
        let row = db.query_opt(jobs::next_due(queue)).await.unwrap();
        row.unwrap().get::<Option<Timestamp>>(0).unwrap()
    };
    assert_eq!(due(Queue::Light).await, None);
    assert_eq!(due(Queue::Compute).await, Some(NOW));
    assert!(claimed(Queue::Light).await.unwrap().is_empty());
    let rows = claimed(Queue::Compute).await.unwrap();
    let job = Job::from_row(&rows[0]).unwrap();
    // Waiting was no attempt.
    assert_eq!((job.queue, job.attempts), (Queue::Compute, 1));
}

/// A planner that thinks ill of hashing repeats a claim's inner query for each row, and each time
/// it would lock other jobs.
async fn a_claim_takes_no_more_than_asked_by_any_plan(fixture: Fixture) {
    real_schema(&fixture.db).await;
    if fixture.db.kind() == DatabaseKind::Postgres {
        for setting in ["hashjoin", "mergejoin", "hashagg", "sort", "material"] {
            let sql = format!(
                "ALTER DATABASE {} SET enable_{setting} = off",
                fixture.name()
            );
            let stmt = Stmt::new("test.plan", sql.leak(), vec![]);
            fixture.db.write(stmt).await.unwrap();
        }
    }
    let mut change = Commit::new();
    for number in 0..50_u128 {
        let key = format!("advance:{number}");
        change.push(upsert(
            &key,
            "advance",
            Uuid::from_u128(number),
            NOW,
            NOW,
            None,
        ));
    }
    fixture.db.commit(change).await.unwrap();
    let other = fixture.second().await;
    for most in [1, 7] {
        let rows = other
            .write(claim(Queue::Light, NOW, LEASE, Uuid::from_u128(1), most))
            .await
            .unwrap();
        assert_eq!(rows.len() as u64, most.unsigned_abs());
    }
}

/// Claims seven at a time until nothing is due, and finishes half of what it got.
async fn work(db: &Db, worker: u128) -> Vec<String> {
    let mut mine = Vec::new();
    loop {
        let rows = db
            .write(claim(Queue::Light, NOW, LEASE, Uuid::from_u128(worker), 7))
            .await
            .unwrap();
        if rows.is_empty() {
            return mine;
        }
        assert!(rows.len() <= 7, "a claim took {}", rows.len());
        for (position, row) in rows.iter().enumerate() {
            let job = Job::from_row(row).unwrap();
            assert_eq!(job.attempts, 1);
            if position % 2 == 0 {
                let mut done = Commit::new();
                done.push(finish(&job));
                db.commit(done.clone()).await.unwrap();
                let twice = db.commit(done).await;
                assert!(matches!(twice, Err(DbError::Conflict { .. })), "{twice:?}");
            }
            mine.push(job.key);
        }
    }
}

mod sqlite {
    use crate::fixture::Fixture;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn no_epoch_comes_twice() {
        super::no_epoch_comes_twice(Fixture::empty_sqlite().await).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn every_statement_prepares() {
        super::every_statement_prepares(Fixture::empty_sqlite().await).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_job_has_one_owner() {
        super::a_job_has_one_owner(Fixture::empty_sqlite().await).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn queues_are_apart() {
        super::queues_are_apart(Fixture::empty_sqlite().await).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_claim_takes_no_more_than_asked_by_any_plan() {
        super::a_claim_takes_no_more_than_asked_by_any_plan(Fixture::empty_sqlite().await).await;
    }
}

mod postgres {
    use crate::fixture::Fixture;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn no_epoch_comes_twice() {
        if let Some(fixture) = Fixture::empty_postgres().await {
            super::no_epoch_comes_twice(fixture).await;
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn every_statement_prepares() {
        if let Some(fixture) = Fixture::empty_postgres().await {
            super::every_statement_prepares(fixture).await;
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_job_has_one_owner() {
        if let Some(fixture) = Fixture::empty_postgres().await {
            super::a_job_has_one_owner(fixture).await;
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn queues_are_apart() {
        if let Some(fixture) = Fixture::empty_postgres().await {
            super::queues_are_apart(fixture).await;
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_claim_takes_no_more_than_asked_by_any_plan() {
        if let Some(fixture) = Fixture::empty_postgres().await {
            super::a_claim_takes_no_more_than_asked_by_any_plan(fixture).await;
        }
    }
}
