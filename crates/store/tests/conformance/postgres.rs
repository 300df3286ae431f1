//! What only a server does: lose connections, find deadlocks.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures::future::join_all;
use uuid::Uuid;
use verifa_store::db::{Db, DbError, PostgresOptions, Stmt};

use crate::fixture::{
    Fixture, commit, count, insert_account, insert_entry, is_unavailable, number, raise_revision,
};

async fn kill_all_connections(db: &Db) {
    let sql = "SELECT COUNT(*) FROM (SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
               WHERE datname = current_database() AND pid <> pg_backend_pid()) AS killed";
    number(db, sql, vec![]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_connections_are_replaced_and_nothing_answered_is_lost() {
    let Some(fixture) = Fixture::postgres().await else {
        return;
    };
    let killer = fixture.second().await;
    let stop = Arc::new(AtomicBool::new(false));
    let writers = (0..8_u128).map(|writer| {
        let (db, stop) = (fixture.db.clone(), Arc::clone(&stop));
        tokio::spawn(async move {
            let mut answered = Vec::new();
            let mut step = 0;
            while !stop.load(Ordering::SeqCst) {
                step += 1;
                let id = writer * 1_000_000 + step;
                let change = commit([insert_account(id, &id.to_string()), insert_entry(id, id, 1)]);
                match db.commit(change).await {
                    Ok(()) => answered.push(id),
                    Err(error) => assert!(is_unavailable(&error), "{error}"),
                }
            }
            answered
        })
    });
    let writers: Vec<_> = writers.collect();
    for _ in 0..10 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        kill_all_connections(&killer).await;
    }
    stop.store(true, Ordering::SeqCst);
    let mut answered = Vec::new();
    for writer in join_all(writers).await {
        answered.extend(writer.unwrap());
    }
    assert!(
        answered.len() > 50,
        "only {} commits went through",
        answered.len()
    );
    for id in answered {
        let sql = "SELECT COUNT(*) FROM accounts JOIN entries ON account_id = accounts.id \
                   WHERE accounts.id = ?1";
        assert_eq!(
            number(&fixture.db, sql, vec![Uuid::from_u128(id).into()]).await,
            1
        );
    }
    assert_eq!(
        count(&fixture.db, "accounts").await,
        count(&fixture.db, "entries").await
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_read_on_a_killed_connection_is_repeated() {
    let Some(fixture) = Fixture::postgres().await else {
        return;
    };
    let killer = fixture.second().await;
    for _ in 0..10 {
        kill_all_connections(&killer).await;
        assert_eq!(count(&fixture.db, "accounts").await, 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deadlock_is_repeated_until_both_are_through() {
    let Some(fixture) = Fixture::postgres().await else {
        return;
    };
    let db = &fixture.db;
    db.commit(commit([insert_account(1, "one"), insert_account(2, "two")]))
        .await
        .unwrap();
    let add = |id: u128| {
        let sql = "UPDATE accounts SET revision = revision + 1 WHERE id = ?1";
        Stmt::new("accounts.add", sql, vec![Uuid::from_u128(id).into()]).expect(1)
    };
    let sleep = || Stmt::new("test.sleep", "SELECT CAST(pg_sleep(0.3) AS TEXT)", vec![]);
    let (there, back) = tokio::join!(
        db.commit(commit([add(1), sleep(), add(2)])),
        db.commit(commit([add(2), sleep(), add(1)])),
    );
    assert_eq!((there, back), (Ok(()), Ok(())));
    assert_eq!(
        number(db, "SELECT SUM(revision) FROM accounts", vec![]).await,
        4
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_endless_statement_is_cut_off() {
    let Some(fixture) = Fixture::postgres().await else {
        return;
    };
    let limit = Duration::from_millis(200);
    let options = PostgresOptions {
        statement_timeout: limit,
        ..PostgresOptions::default()
    };
    let db = Db::connect_postgres(&fixture.url(), options).await.unwrap();
    let sleep = Stmt::new("test.sleep", "SELECT CAST(pg_sleep(60) AS TEXT)", vec![]);
    let cut = db.commit(commit([insert_account(1, "one"), sleep])).await;
    assert!(is_unavailable(&cut.unwrap_err()));
    assert_eq!(count(&db, "accounts").await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_migration_under_way_does_not_break_cached_statements() {
    let Some(fixture) = Fixture::postgres().await else {
        return;
    };
    // Every connection of the pool has the statement prepared.
    let slow = "SELECT *, CAST(pg_sleep(0.2) AS TEXT) FROM accounts";
    let all = || Stmt::new("test.all", slow, vec![]);
    fixture.db.write(insert_account(1, "one")).await.unwrap();
    join_all((0..8).map(|_| fixture.db.query(all()))).await;
    let other = fixture.second().await;
    let alter = Stmt::new(
        "test.alter",
        "ALTER TABLE accounts ADD COLUMN age BIGINT",
        vec![],
    );
    other.write(alter).await.unwrap();
    let mut change = commit([raise_revision(1, 0)]);
    change.push(all());
    fixture.db.commit(change).await.unwrap();
    for rows in join_all((0..8).map(|_| fixture.db.query(all()))).await {
        assert_eq!(rows.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn no_server_is_said_without_the_password() {
    let url = "postgres://verifa:secret@127.0.0.1:1/verifa";
    let refused = Db::connect_postgres(url, PostgresOptions::default())
        .await
        .map(|_| ());
    let Err(DbError::Unavailable(reason)) = refused else {
        panic!("nothing listens there")
    };
    assert!(
        !reason.contains("secret") && reason.contains("refused"),
        "{reason}"
    );
}
