//! kill −9 at random moments, and a second server that takes over: nothing lost, nothing doubled.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use verifa_testkit::{
    Answer, Call, Client, Database, DatabaseKind, Installation, Options, TestServer, eventually,
    installed_models, within,
};

use crate::images::noise_png;
use crate::support::{SESSIONS, VERIFA};

/// In CI; `cargo xtask soak` does a hundred. `VERIFA_SOAK_KILLS` says otherwise.
const KILLS: u64 = 10;
/// Clients at work at once.
const CLIENTS: u64 = 4;
/// What a client decides, and where that must end.
const OUTCOMES: [(&str, &str, &str); 3] = [
    ("continue", "completed", "approved"),
    ("reject", "completed", "rejected"),
    ("fail", "under_review", "needs_review"),
];

/// A session that was driven to its gate and decided.
struct Driven {
    session: String,
    outcome: usize,
}

/// How far the clients are, and whether they are to go on.
#[derive(Default)]
struct Course {
    driven: AtomicU64,
    stop: AtomicBool,
}

/// Repeats a call until a living server answers it, as a careful customer does.
async fn persist(make: impl Fn() -> Call) -> Answer {
    eventually("a call is answered", async || {
        let answer = make().may_be_away().attempt().await.ok()?;
        let busy = answer.status == 409 && !answer.header("retry-after").is_empty();
        (answer.status < 500 && !busy).then_some(answer)
    })
    .await
}

async fn drive(live: Client, workflow: String, number: u64, course: Arc<Course>) -> Vec<Driven> {
    let mut driven = Vec::new();
    while !course.stop.load(Ordering::Relaxed) {
        let key = format!("client{number}-{}", driven.len());
        let body = json!({"workflow_id": workflow, "external_ref": key});
        let made = persist(|| live.post(SESSIONS).idempotent(&key).json(body.clone()))
            .await
            .ok(201);
        let session = made["id"].as_str().unwrap().to_owned();
        let submit = format!("{key}-submit");
        persist(|| live.act(&session, "submit").idempotent(&submit))
            .await
            .ok(200);
        wait(&live, &session, "awaiting_external").await;
        let outcome = (number as usize + driven.len()) % OUTCOMES.len();
        let (decide, body) = (
            format!("{key}-decide"),
            json!({"decision": OUTCOMES[outcome].0}),
        );
        let call = || {
            live.act(&session, "external-decision")
                .idempotent(&decide)
                .json(body.clone())
        };
        persist(call).await.ok(200);
        driven.push(Driven { session, outcome });
        course.driven.fetch_add(1, Ordering::Relaxed);
    }
    driven
}

async fn wait(live: &Client, session: &str, status: &str) {
    eventually(&format!("{session} is {status}"), async || {
        let shown = persist(|| live.get(&format!("{SESSIONS}/{session}")))
            .await
            .ok(200);
        (shown["status"] == status).then_some(())
    })
    .await;
}

fn steps() -> Value {
    json!([
        {"id": "before", "policy": "age_verification", "on_skipped": "continue"},
        {"id": "gate", "type": "external_gate", "on_fail": "review"},
        {"id": "after", "policy": "document_expiration", "on_skipped": "continue"}
    ])
}

async fn workflow(live: &Client) -> String {
    let body = json!({"name": "crash", "steps": steps(),
        "data_requirements": {"document": {"required": false}}});
    let made = live.post("/api/v1/workflows").json(body).await.ok(201);
    made["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn kill_9_at_random_moments_loses_and_doubles_nothing() {
    let kills = std::env::var("VERIFA_SOAK_KILLS").map_or(KILLS, |text| text.parse().unwrap());
    let mut server = TestServer::start(VERIFA, &Options::default()).await;
    let live = server.live();
    let workflow = workflow(&live).await;
    let course = Arc::new(Course::default());
    let clients: Vec<_> = (0..CLIENTS)
        .map(|number| {
            let (live, workflow) = (live.clone(), workflow.clone());
            let course = Arc::clone(&course);
            std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build();
                runtime
                    .unwrap()
                    .block_on(drive(live, workflow, number, course))
            })
        })
        .collect();
    let seed = u64::from(std::process::id());
    eprintln!("{kills} kills, seed {seed}");
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    for _ in 0..kills {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        tokio::time::sleep(Duration::from_millis(20 + state % 400)).await;
        server.kill9();
        server.restart().await;
    }
    // On PostgreSQL a session that was being worked on waits for the dead worker's lease to end, so
    // that many kills can fall on few sessions; the rest of them follows in peace.
    eventually("as many sessions as kills", async || {
        (course.driven.load(Ordering::Relaxed) >= kills).then_some(())
    })
    .await;
    course.stop.store(true, Ordering::Relaxed);
    let mut driven = Vec::new();
    for client in clients {
        driven.extend(client.join().unwrap());
    }
    for one in &driven {
        let (_, status, result) = OUTCOMES[one.outcome];
        wait(&live, &one.session, status).await;
        assert_eq!(live.part(&one.session, "result").await["status"], result);
    }
    let count = i64::try_from(driven.len()).unwrap();
    let installation = Arc::clone(&server.installation);
    let database = &installation.database;
    assert_eq!(
        database.count("sessions", "1 = 1").await,
        count,
        "an idempotency key made two"
    );
    assert_eq!(database.count("gate_decisions", "1 = 1").await, count);
    assert_eq!(database.count("results", "1 = 1").await, count);
    assert_eq!(database.count("workflow_runs", "1 = 1").await, count);
    assert_nothing_doubled(database).await;
    assert_eq!(
        database
            .count("outbox_events", "event = 'session.created'")
            .await,
        count
    );
    eventually("every audit event is sealed", async || {
        (database.count("audit_events", "seq IS NULL").await == 0).then_some(())
    })
    .await;
    server.terminate().await;
    let verified = installation.run(&["audit", "verify"]);
    assert_eq!(verified.code, 0, "{}{}", verified.stdout, verified.stderr);
}

async fn assert_nothing_doubled(database: &Database) {
    for (table, columns) in [
        ("outbox_events", "session_id, event"),
        ("verification_attempts", "run_id, node"),
        ("verification_attempts", "session_id, policy"),
        ("audit_events", "session_id, type"),
    ] {
        let doubled = format!(
            "(SELECT {columns} FROM {table} WHERE session_id IS NOT NULL \
             GROUP BY {columns} HAVING count(*) > 1) AS doubled"
        );
        assert_eq!(
            database.count(&doubled, "1 = 1").await,
            0,
            "{table}: {columns}"
        );
    }
}

#[tokio::test]
async fn two_servers_share_the_work_and_one_takes_over_after_a_kill() {
    if DatabaseKind::of_this_run() == DatabaseKind::Sqlite {
        // SQLite is one server's; operations.rs tests that a second one is refused.
        return;
    }
    let options = Options::default()
        .with_models()
        .set("VERIFA_WORKER__JOBS_AT_ONCE", 2);
    let installation = Arc::new(Installation::init(VERIFA, &options).await);
    let reads = installed_models().is_some();
    let mut doomed = TestServer::serve(Arc::clone(&installation), Vec::new()).await;
    let survivor = TestServer::serve(Arc::clone(&installation), Vec::new()).await;
    let live = survivor.live();
    let database = &installation.database;
    let mut sessions = Vec::new();
    for number in 0..8 {
        let client = if number % 2 == 0 {
            doomed.live()
        } else {
            survivor.live()
        };
        let session = client.session(json!({})).await;
        client
            .upload(&session, "id_front", noise_png(600, 400))
            .await
            .ok(201);
        sessions.push(session);
    }
    for session in &sessions {
        live.act(session, "submit").await.ok(200);
    }
    let owners = "SELECT count(DISTINCT owner) FROM jobs WHERE owner IS NOT NULL";
    if reads {
        // Without models there is nothing to be in the middle of.
        eventually("both servers hold jobs", async || {
            (database.number(owners).await >= 2).then_some(())
        })
        .await;
    }
    doomed.kill9();
    let killed = Instant::now();
    // The survivor takes over what the dead one held: spec/workflows.md, "Engine rules".
    within(
        Duration::from_secs(30),
        "the dead server's jobs go on",
        async || (database.number(owners).await <= 1).then_some(()),
    )
    .await;
    eprintln!(
        "the dead server's jobs were taken over after {:?}",
        killed.elapsed()
    );
    let end = if reads { "under_review" } else { "failed" };
    for session in &sessions {
        within(Duration::from_mins(1), "a session ends", async || {
            (live.look(session).await["status"] == end).then_some(())
        })
        .await;
    }
    eprintln!("all sessions ended {:?} after the kill", killed.elapsed());
    assert_nothing_doubled(database).await;
}

#[tokio::test]
async fn a_decision_on_one_server_resumes_on_the_other() {
    if DatabaseKind::of_this_run() == DatabaseKind::Sqlite {
        return;
    }
    let installation = Arc::new(Installation::init(VERIFA, &Options::default()).await);
    let one = TestServer::serve(Arc::clone(&installation), Vec::new()).await;
    let other = TestServer::serve(Arc::clone(&installation), Vec::new()).await;
    let session = crate::support::paused_session(&one.live()).await;
    assert_eq!(
        other.live().look(&session).await["status"],
        "awaiting_external"
    );
    other.live().decide(&session, "continue").await;
    one.live().until(&session, "completed").await;
    // An idempotency key is one across both.
    let create = |server: &TestServer| server.live().post(SESSIONS).idempotent("k").json(json!({}));
    let first = create(&one).await;
    assert_eq!(create(&other).await.bytes, first.bytes);
    assert_eq!(installation.database.count("sessions", "1 = 1").await, 2);
}
