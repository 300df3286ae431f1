//! A commit applies as a whole or not at all, also among others.

use std::time::Duration;

use futures::future::join_all;
use uuid::Uuid;
use verifa_store::db::{Commit, DbError, Stmt};

use crate::fixture::{
    Fixture, commit, count, insert_account, insert_entry, is_unavailable, number, raise_revision,
};
use crate::on_both_databases;

on_both_databases!(
    a_conflict_rolls_the_whole_commit_back,
    refusals_name_their_statement,
    an_empty_commit_is_nothing,
    returning_rows_count_as_touched,
    of_64_optimistic_updates_one_wins,
    a_refused_commit_leaves_its_neighbours_alone,
    a_large_commit_is_one_commit,
    an_answered_commit_is_seen_at_once,
    an_abandoned_commit_is_whole_or_nothing,
    after_closing_every_call_fails,
);

async fn a_conflict_rolls_the_whole_commit_back(fixture: Fixture) {
    let db = &fixture.db;
    db.commit(commit([insert_account(1, "one")])).await.unwrap();
    let refused = db
        .commit(commit([
            raise_revision(1, 0),
            insert_account(2, "two"),
            insert_entry(1, 2, 5),
            raise_revision(1, 0),
        ]))
        .await;
    assert_eq!(
        refused,
        Err(DbError::Conflict {
            label: "accounts.raise_revision"
        })
    );
    assert_eq!(count(db, "accounts").await, 1);
    assert_eq!(count(db, "entries").await, 0);
    assert_eq!(number(db, "SELECT revision FROM accounts", vec![]).await, 0);
    db.commit(commit([raise_revision(1, 0), raise_revision(1, 1)]))
        .await
        .unwrap();
    assert_eq!(number(db, "SELECT revision FROM accounts", vec![]).await, 2);
}

async fn refusals_name_their_statement(fixture: Fixture) {
    let db = &fixture.db;
    db.commit(commit([insert_account(1, "one")])).await.unwrap();
    let cases = [
        (
            insert_account(2, "one"),
            DbError::Unique {
                label: "accounts.insert",
            },
        ),
        (
            insert_account(1, "other"),
            DbError::Unique {
                label: "accounts.insert",
            },
        ),
        (
            insert_entry(1, 99, 1),
            DbError::Constraint {
                label: "entries.insert",
            },
        ),
        (
            insert_entry(1, 1, -1),
            DbError::Constraint {
                label: "entries.insert",
            },
        ),
    ];
    for (refused, expected) in cases {
        let answer = db
            .commit(commit([insert_account(3, "three"), refused.clone()]))
            .await;
        assert_eq!(answer, Err(expected.clone()));
        assert_eq!(db.write(refused).await.map(|_| ()), Err(expected));
        assert_eq!(count(db, "accounts").await, 1);
    }
    let absent = Stmt::new("test.absent", "INSERT INTO nowhere (id) VALUES (1)", vec![]);
    let Err(DbError::Internal(reason)) = db.write(absent).await else {
        panic!("no such table")
    };
    assert!(
        reason.contains("test.absent") && reason.contains("nowhere"),
        "{reason}"
    );
}

async fn an_empty_commit_is_nothing(fixture: Fixture) {
    fixture.db.commit(Commit::new()).await.unwrap();
}

async fn returning_rows_count_as_touched(fixture: Fixture) {
    let db = &fixture.db;
    db.commit(commit([insert_account(1, "one"), insert_account(2, "two")]))
        .await
        .unwrap();
    let update = |revision: i64| {
        Stmt::new(
            "accounts.take",
            "UPDATE accounts SET revision = revision + 1 WHERE revision = ?1 RETURNING name",
            vec![revision.into()],
        )
    };
    assert_eq!(db.write(update(0).expect(2)).await.unwrap().len(), 2);
    let refused = db.write(update(1).expect(1)).await.map(|rows| rows.len());
    assert_eq!(
        refused,
        Err(DbError::Conflict {
            label: "accounts.take"
        })
    );
    let mixed = commit([update(1).expect(2), update(2).expect(0)]);
    assert_eq!(
        db.commit(mixed).await,
        Err(DbError::Conflict {
            label: "accounts.take"
        })
    );
    assert_eq!(
        db.write(update(1)).await.unwrap().len(),
        2,
        "both refusals were rolled back"
    );
    let upsert = Stmt::new(
        "accounts.upsert",
        "INSERT INTO accounts (id, name, revision) VALUES (?1, 'x', 0) ON CONFLICT (id) DO NOTHING",
        vec![Uuid::from_u128(1).into()],
    );
    assert!(db.write(upsert.expect(0)).await.unwrap().is_empty());
}

async fn of_64_optimistic_updates_one_wins(fixture: Fixture) {
    let db = &fixture.db;
    db.commit(commit([insert_account(1, "one")])).await.unwrap();
    for round in 0..5 {
        let attempts = (0..64).map(|task: u128| {
            let change = commit([
                raise_revision(1, round),
                insert_entry(u128::from(round.unsigned_abs()) * 64 + task, 1, 1),
            ]);
            let db = db.clone();
            tokio::spawn(async move { db.commit(change).await })
        });
        let answers = join_all(attempts).await;
        let won = answers
            .iter()
            .filter(|answer| matches!(answer, Ok(Ok(()))))
            .count();
        let lost = answers
            .iter()
            .filter(|answer| matches!(answer, Ok(Err(DbError::Conflict { .. }))))
            .count();
        assert_eq!((won, lost), (1, 63));
        assert_eq!(count(db, "entries").await, round + 1);
    }
}

async fn a_refused_commit_leaves_its_neighbours_alone(fixture: Fixture) {
    let db = &fixture.db;
    db.commit(commit([insert_account(1, "one")])).await.unwrap();
    let attempts = (10..210_u128).map(|id| {
        let mut change = commit([insert_account(id, &format!("account {id}"))]);
        match id % 4 {
            0 => drop(change.push(raise_revision(1, 77))),
            1 => drop(change.push(insert_account(id + 1000, "one"))),
            _ => drop(change.push(insert_entry(id, id, 1))),
        }
        let db = db.clone();
        tokio::spawn(async move { (id, db.commit(change).await) })
    });
    for answer in join_all(attempts).await {
        let (id, answer) = answer.unwrap();
        let expected = match id % 4 {
            0 => Err(DbError::Conflict {
                label: "accounts.raise_revision",
            }),
            1 => Err(DbError::Unique {
                label: "accounts.insert",
            }),
            _ => Ok(()),
        };
        assert_eq!(answer, expected, "{id}");
    }
    assert_eq!(count(db, "accounts").await, 1 + 100);
    assert_eq!(count(db, "entries").await, 100);
}

async fn a_large_commit_is_one_commit(fixture: Fixture) {
    let db = &fixture.db;
    let mut change = Commit::new();
    for id in 1..=2000_u128 {
        change.push(insert_account(id, &format!("account {id}")));
    }
    let body: Vec<u8> = (0..4_000_000_u32).map(|n| (n % 251) as u8).collect();
    change.push(
        Stmt::new(
            "accounts.set_body",
            "UPDATE accounts SET body = ?2 WHERE id = ?1",
            vec![Uuid::from_u128(7).into(), body.clone().into()],
        )
        .expect(1),
    );
    let mut refused = change.clone();
    refused.push(raise_revision(1, 5));
    assert!(matches!(
        db.commit(refused).await,
        Err(DbError::Conflict { .. })
    ));
    assert_eq!(count(db, "accounts").await, 0);
    db.commit(change).await.unwrap();
    assert_eq!(count(db, "accounts").await, 2000);
    let stmt = Stmt::new(
        "accounts.body",
        "SELECT body FROM accounts WHERE name = 'account 7'",
        vec![],
    );
    let row = db.query_opt(stmt).await.unwrap().unwrap();
    assert!(row.get::<Vec<u8>>(0).unwrap() == body);
}

async fn an_answered_commit_is_seen_at_once(fixture: Fixture) {
    let writers = (0..8_u128).map(|writer| {
        let db = fixture.db.clone();
        tokio::spawn(async move {
            for step in 0..25 {
                let id = writer * 100 + step;
                db.commit(commit([insert_account(id, &id.to_string())]))
                    .await
                    .unwrap();
                let sql = "SELECT COUNT(*) FROM accounts WHERE id = ?1";
                assert_eq!(number(&db, sql, vec![Uuid::from_u128(id).into()]).await, 1);
            }
        })
    });
    for writer in join_all(writers).await {
        writer.unwrap();
    }
}

async fn an_abandoned_commit_is_whole_or_nothing(fixture: Fixture) {
    let db = &fixture.db;
    db.commit(commit([insert_account(1, "one")])).await.unwrap();
    for id in 10..110_u128 {
        let change = commit([insert_account(id, &id.to_string()), insert_entry(id, id, 1)]);
        let patience = Duration::from_micros(40 * (id as u64 - 10));
        let _abandoned = tokio::time::timeout(patience, db.commit(change)).await;
    }
    // No connection is left inside a transaction, where it would hold the account's row.
    for revision in 0..20 {
        db.commit(commit([raise_revision(1, revision)]))
            .await
            .unwrap();
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    let accounts = count(db, "accounts").await;
    assert_eq!(count(db, "entries").await, accounts - 1);
}

async fn after_closing_every_call_fails(fixture: Fixture) {
    let db = &fixture.db;
    db.commit(commit([insert_account(1, "one")])).await.unwrap();
    db.ping().await.unwrap();
    db.close().await;
    assert!(is_unavailable(&db.ping().await.unwrap_err()));
    assert!(is_unavailable(
        &db.commit(commit([insert_account(2, "two")]))
            .await
            .unwrap_err()
    ));
    let read = db
        .query(Stmt::new("test.one", "SELECT 1", vec![]))
        .await
        .map(|_| ());
    assert!(is_unavailable(&read.unwrap_err()));
    db.close().await;
    let again = fixture.second().await;
    assert_eq!(count(&again, "accounts").await, 1);
}
