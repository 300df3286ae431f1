//! Migrations: once each, in order, whole or not at all.

use futures::future::join_all;
use uuid::Uuid;
use verifa_store::db::{Db, DbError, Migration, Schema, Stmt};
use verifa_store::migrations::MIGRATIONS;

use crate::fixture::{Fixture, HandClock, SCHEMA, number};
use crate::on_both_databases;

on_both_databases!(
    servers_that_start_together_take_turns,
    a_failing_migration_leaves_nothing,
    a_changed_file_is_refused,
    a_newer_schema_is_refused,
    a_dead_servers_lease_runs_out,
);

/// The story's schema and one more that takes a while.
fn two() -> Vec<Migration> {
    let mut migrations = SCHEMA.to_vec();
    migrations.push(Migration {
        number: 2,
        name: "visits",
        sql: "CREATE TABLE visits (n BIGINT PRIMARY KEY);
              INSERT INTO visits (n) SELECT COUNT(*) FROM accounts;",
    });
    migrations
}

async fn migrate(db: &Db, migrations: &[Migration], holder: u128) -> Result<usize, DbError> {
    db.migrate(migrations, &HandClock::new(), Uuid::from_u128(holder))
        .await
}

async fn servers_that_start_together_take_turns(fixture: Fixture) {
    let mut starts = Vec::new();
    for holder in 10..16 {
        let db = fixture.second().await;
        starts.push(tokio::spawn(
            async move { migrate(&db, &two(), holder).await },
        ));
    }
    let mut applied = Vec::new();
    for start in join_all(starts).await {
        applied.push(start.unwrap().unwrap());
    }
    applied.sort_unstable();
    assert_eq!(applied, [0, 0, 0, 0, 0, 1]);
    assert_eq!(
        number(&fixture.db, "SELECT COUNT(*) FROM visits", vec![]).await,
        1
    );
    let schema = fixture.db.schema(&two()).await.unwrap();
    assert_eq!(
        schema,
        Schema {
            version: 2,
            pending: 0
        }
    );
}

async fn a_failing_migration_leaves_nothing(fixture: Fixture) {
    let mut broken = two();
    broken[1].sql = "CREATE TABLE visits (n BIGINT PRIMARY KEY); INSERT INTO nowhere VALUES (1);";
    let refused = migrate(&fixture.db, &broken, 2).await;
    assert!(
        matches!(refused, Err(DbError::Migration { number: 2, .. })),
        "{refused:?}"
    );
    let schema = fixture.db.schema(&broken).await.unwrap();
    assert_eq!(
        schema,
        Schema {
            version: 1,
            pending: 1
        }
    );
    assert_eq!(
        migrate(&fixture.db, &two(), 3).await,
        Ok(1),
        "the lease was given back"
    );
}

async fn a_changed_file_is_refused(fixture: Fixture) {
    let mut changed = two();
    changed[0].sql = "CREATE TABLE accounts (id UUID PRIMARY KEY);";
    let refused = migrate(&fixture.db, &changed, 2).await;
    assert!(
        matches!(refused, Err(DbError::Migration { number: 1, .. })),
        "{refused:?}"
    );
    assert!(fixture.db.schema(&changed).await.is_err());
    let visits = Stmt::new("test.visits", "SELECT n FROM visits", vec![]);
    assert!(
        fixture.db.query(visits).await.is_err(),
        "the second file was not applied"
    );
}

async fn a_newer_schema_is_refused(fixture: Fixture) {
    assert_eq!(migrate(&fixture.db, &two(), 2).await, Ok(1));
    let newer = Err(DbError::SchemaNewer { found: 2, known: 1 });
    assert_eq!(migrate(&fixture.db, SCHEMA, 3).await, newer);
    assert_eq!(fixture.db.schema(SCHEMA).await.map(|_| 0), newer);
}

async fn a_dead_servers_lease_runs_out(fixture: Fixture) {
    let clock = HandClock::new();
    let until = verifa_core::time::Clock::now(&clock).as_micros() + 20_000_000;
    let sql = "UPDATE schema_lease SET holder = ?1, until = ?2";
    let params = vec![Uuid::from_u128(99).into(), until.into()];
    fixture
        .db
        .write(Stmt::new("test.lease", sql, params).expect(1))
        .await
        .unwrap();
    let applying = async { fixture.db.migrate(&two(), &clock, Uuid::from_u128(2)).await };
    let time_passes = async {
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        let schema = fixture.db.schema(&two()).await.unwrap();
        assert_eq!(schema.pending, 1, "it waits while the lease holds");
        clock.advance_seconds(21);
    };
    let (applied, ()) = tokio::join!(applying, time_passes);
    assert_eq!(applied, Ok(1));
}

#[tokio::test]
async fn an_empty_database_has_no_version() {
    let fixture = Fixture::empty_sqlite().await;
    let schema = fixture.db.schema(&two()).await.unwrap();
    assert_eq!(
        schema,
        Schema {
            version: 0,
            pending: 2
        }
    );
}

/// What lived before retention windows were counted keeps its age, and what was redacted stays so.
async fn older_sessions_count_from_their_end(fixture: Fixture) {
    let (before, all) = (
        MIGRATIONS.iter().filter(|one| one.number < 6).copied(),
        MIGRATIONS,
    );
    fixture.migrate(&before.collect::<Vec<_>>()).await;
    for (id, status, terminal_at) in [
        (1_u128, "active", Some(500_i64)),
        (2, "active", None),
        (3, "redacted", Some(600)),
    ] {
        let insert = "INSERT INTO sessions (id, organization_id, environment, status, revision, \
            workflow_id, tags, token_minutes, retention_status, processing_attempts, terminal_at, \
            created_at, updated_at) VALUES (?1, ?1, 'live', 'completed', 1, ?1, '[]', 1, ?2, 0, \
            ?3, 100, 700)";
        let id = Uuid::from_u128(id).into();
        let insert = Stmt::new(
            "test.session",
            insert,
            vec![id, status.into(), terminal_at.into()],
        );
        fixture.db.write(insert).await.unwrap();
    }
    fixture.migrate(all).await;
    let sql = "SELECT retention_anchor, retention_stage FROM sessions ORDER BY id";
    let rows = fixture.db.query(Stmt::new("test.aged", sql, vec![])).await;
    let found: Vec<(i64, i64)> = rows
        .unwrap()
        .iter()
        .map(|row| (row.get(0).unwrap(), row.get(1).unwrap()))
        .collect();
    assert_eq!(found, [(500, 0), (700, 0), (600, 3)]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn older_sessions_on_sqlite() {
    older_sessions_count_from_their_end(Fixture::empty_sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn older_sessions_on_postgres() {
    if let Some(fixture) = Fixture::empty_postgres().await {
        older_sessions_count_from_their_end(fixture).await;
    }
}
