//! Durable commits and reads per second on both databases, by the number of clients.
//!
//! `cargo bench -p verifa-store`; a commit inserts a session-like row of 740 bytes, raises the
//! revision of another under its expectation, and adds a job. Both databases sync at each commit.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench prints, and a failure ends it"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use uuid::Uuid;
use verifa_core::time::{Clock, Timestamp};
use verifa_postgres_fixture::{Durability, PostgresServer};
use verifa_store::db::{Commit, Db, Migration, PostgresOptions, SqliteOptions, Stmt};

const SCHEMA: &[Migration] = &[Migration {
    number: 1,
    name: "bench",
    sql: "CREATE TABLE things (id UUID PRIMARY KEY, body TEXT NOT NULL, revision BIGINT NOT NULL);
          CREATE TABLE tasks (id UUID PRIMARY KEY, due_at BIGINT NOT NULL);
          CREATE INDEX tasks_by_due_time ON tasks (due_at);",
}];

const CLIENTS: [u64; 3] = [1, 32, 128];
const TIME: Duration = Duration::from_secs(4);

struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp::from_seconds(1_770_000_000)
    }
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    println!(
        "{:<18} {:>7} {:>11} {:>9} {:>9}",
        "", "clients", "per second", "p50 ms", "p99 ms"
    );
    runtime.block_on(async {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("bench.sqlite3");
        let db = Db::open_sqlite(&path, SqliteOptions::default())
            .await
            .unwrap();
        measure("SQLite", &db).await;
        db.close().await;

        let start = || PostgresServer::start(Durability::Durable);
        let server = tokio::task::spawn_blocking(start).await.unwrap();
        match server {
            Ok(server) => {
                let url = server.url("postgres");
                let options = PostgresOptions::default();
                let db = Db::connect_postgres(&url, options).await.unwrap();
                measure("PostgreSQL", &db).await;
                db.close().await;
                tokio::task::spawn_blocking(move || drop(server))
                    .await
                    .unwrap();
            }
            Err(error) => println!("PostgreSQL not measured: {error}"),
        }
    });
}

async fn measure(name: &str, db: &Db) {
    db.migrate(SCHEMA, &Still, Uuid::from_u128(1))
        .await
        .unwrap();
    let number = Arc::new(AtomicU64::new(1));
    db.commit(change(0, None)).await.unwrap();
    for clients in CLIENTS {
        let number = Arc::clone(&number);
        let commits = run(clients, || {
            let (db, number) = (db.clone(), Arc::clone(&number));
            async move {
                let mine = number.fetch_add(1, Ordering::Relaxed);
                db.commit(change(mine, Some(mine))).await.unwrap();
            }
        });
        report(&format!("{name} commits"), clients, &commits.await);
    }
    let read = AtomicU64::new(0);
    for clients in CLIENTS {
        let reads = run(clients, || {
            let db = db.clone();
            // A stride through all that was written.
            let last = number.load(Ordering::Relaxed);
            let id = read.fetch_add(7919, Ordering::Relaxed) % last;
            async move {
                let sql = "SELECT body, revision FROM things WHERE id = ?1";
                let params = vec![spread(id).into()];
                db.query_opt(Stmt::new("things.get", sql, params))
                    .await
                    .unwrap();
            }
        });
        report(&format!("{name} reads"), clients, &reads.await);
    }
}

/// Ids in an order of time, as the real ones are.
fn spread(number: u64) -> Uuid {
    Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + u128::from(number) * 7919)
}

fn change(number: u64, raise: Option<u64>) -> Commit {
    let mut commit = Commit::new();
    let insert = "INSERT INTO things (id, body, revision) VALUES (?1, ?2, 0)";
    let id = spread(number);
    commit.push(Stmt::new(
        "things.insert",
        insert,
        vec![id.into(), "x".repeat(740).into()],
    ));
    if let Some(raised) = raise {
        let update = "UPDATE things SET revision = revision + 1 WHERE id = ?1 AND revision = 0";
        commit.push(Stmt::new("things.raise", update, vec![spread(raised).into()]).expect(1));
    }
    let task = "INSERT INTO tasks (id, due_at) VALUES (?1, ?2)";
    let due_at = i64::try_from(number).unwrap().into();
    commit.push(Stmt::new("tasks.insert", task, vec![id.into(), due_at]));
    commit
}

/// Lets clients work for [`TIME`]; answers how long each piece of work took, sorted.
async fn run<F>(clients: u64, work: impl Fn() -> F) -> Vec<Duration>
where
    F: Future<Output = ()> + Send,
{
    let started = Instant::now();
    let each = (0..clients).map(|_| async {
        let mut times = Vec::new();
        while started.elapsed() < TIME {
            let began = Instant::now();
            work().await;
            times.push(began.elapsed());
        }
        times
    });
    let mut times = futures::future::join_all(each).await.concat();
    times.sort_unstable();
    times
}

fn report(name: &str, clients: u64, times: &[Duration]) {
    let at = |percent: usize| {
        let place = times.len() * percent / 100;
        times
            .get(place)
            .map_or(0.0, |time| time.as_secs_f64() * 1000.0)
    };
    let rate = times.len() as f64 / TIME.as_secs_f64();
    println!(
        "{name:<18} {clients:>7} {rate:>11.0} {:>9.2} {:>9.2}",
        at(50),
        at(99)
    );
}
