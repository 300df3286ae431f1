//! The list of audit events: every filter by an index, and a search that reads no further than told.

use std::time::Duration;

use serde_json::json;
use uuid::Uuid;
use verifa_core::id::{AuditEventId, Id as _, OrganizationId, uuid_v7};
use verifa_core::random::Random;
use verifa_core::tenant::{Environment, Tenant};
use verifa_core::time::Timestamp;
use verifa_store::audit::{self, AuditFilter, AuditRecord, AuditSearch};
use verifa_store::db::{DatabaseKind, Db, Stmt};
use verifa_store::list::PageStart;
use verifa_store::migrations::MIGRATIONS;

use crate::fixture::{Fixture, commit};

const START: Timestamp = Timestamp::from_seconds(1_770_000_000);
/// Enough that a scan and an index differ for the planner.
const EVENTS: u32 = 20_000;
/// One event in so many is rare.
const RARE: u32 = 5_000;

struct Zeros;
impl Random for Zeros {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(0);
    }
}

fn tenant() -> Tenant {
    Tenant {
        organization: OrganizationId::from_uuid(Uuid::from_u128(1)),
        environment: Environment::Live,
    }
}

/// The time of event `number`.
fn time(number: u32) -> Timestamp {
    START.plus(Duration::from_secs(u64::from(number)))
}

fn event(number: u32) -> AuditRecord {
    let rare = number.is_multiple_of(RARE);
    let common = ["session.created", "session.started", "session.submitted"];
    let event_type = common[number as usize % common.len()];
    AuditRecord {
        id: AuditEventId::from_uuid(uuid_v7(time(number), &Zeros)),
        tenant: tenant(),
        event_type: if rare { "workflow.created" } else { event_type }.to_owned(),
        resource_type: if rare { "workflow" } else { "session" }.to_owned(),
        resource_id: format!("thing_{}", number / 10),
        session_id: None,
        actor: format!("key_{}", number % 7),
        metadata: json!({}).to_string(),
        request_method: None,
        request_path: None,
        sealed_ip: None,
        created_at: time(number),
        seq: None,
        hash: None,
    }
}

async fn fill(db: &Db) {
    for block in 0..EVENTS / 1_000 {
        let numbers = block * 1_000..(block + 1) * 1_000;
        let inserts = numbers.map(|number| audit::insert(&event(number)));
        db.commit(commit(inserts)).await.unwrap();
    }
    if db.kind() == DatabaseKind::Postgres {
        // As its own housekeeping does after so many inserts.
        let analyze = Stmt::new("test.analyze", "ANALYZE audit_events", vec![]);
        db.query(analyze).await.unwrap();
    }
}

fn search(beginning: &str, among: i64) -> AuditSearch {
    AuditSearch {
        beginning: beginning.to_owned(),
        among,
    }
}

fn filters() -> Vec<(AuditFilter, Option<&'static str>)> {
    let none = AuditFilter::default;
    vec![
        // Any index in the order of the ids serves these.
        (none(), None),
        (
            AuditFilter {
                action: Some("workflow.created".into()),
                ..none()
            },
            Some("audit_events_by_type"),
        ),
        (
            AuditFilter {
                action: Some("never.happened".into()),
                ..none()
            },
            Some("audit_events_by_type"),
        ),
        (
            AuditFilter {
                resource_type: Some("workflow".into()),
                ..none()
            },
            Some("audit_events_by_kind"),
        ),
        (
            AuditFilter {
                resource_id: Some("thing_3".into()),
                ..none()
            },
            Some("audit_events_by_resource"),
        ),
        (
            AuditFilter {
                created_before: Some(time(10)),
                ..none()
            },
            None,
        ),
        (
            AuditFilter {
                search: Some(search("session.", 100)),
                ..none()
            },
            None,
        ),
        (
            AuditFilter {
                action: Some("workflow.created".into()),
                resource_type: Some("workflow".into()),
                resource_id: Some("thing_500".into()),
                created_after: Some(time(0)),
                created_before: Some(time(EVENTS)),
                search: Some(search("key_", 100)),
            },
            None,
        ),
    ]
}

async fn every_filter_has_its_index(fixture: Fixture) {
    fixture.migrate(MIGRATIONS).await;
    let db = &fixture.db;
    fill(db).await;
    for (filter, index) in filters() {
        let middle = event(EVENTS / 2).id.uuid();
        for start in [
            PageStart::Offset(0),
            PageStart::After(middle),
            PageStart::Before(middle),
        ] {
            let stmt = audit::list(tenant(), &filter, start, 51);
            let plan = db.plan(&stmt).await.unwrap();
            assert!(
                !plan.contains("Seq Scan") && !plan.contains("SCAN audit_events"),
                "{filter:?} {start:?}: {plan}"
            );
            if let Some(index) = index {
                assert!(plan.contains(index), "{filter:?} {start:?}: {plan}");
            }
            db.query(stmt).await.unwrap();
        }
    }
}

async fn found(db: &Db, filter: &AuditFilter, start: PageStart, limit: i64) -> Vec<Uuid> {
    let rows = db.query(audit::list(tenant(), filter, start, limit)).await;
    let rows = rows.unwrap();
    rows.iter()
        .map(|row| AuditRecord::from_row(row).unwrap().id.uuid())
        .collect()
}

async fn counted(db: &Db, filter: &AuditFilter) -> i64 {
    let row = db.query_opt(audit::count(tenant(), filter, 10)).await;
    row.unwrap().unwrap().get(0).unwrap()
}

async fn a_search_looks_at_the_newest_only(fixture: Fixture) {
    fixture.migrate(MIGRATIONS).await;
    let db = &fixture.db;
    fill(db).await;
    // Events 5000, 10000 and 15000 are rare ones; the newest is 19999.
    let last = i64::from(EVENTS - 15_000);
    let rare = |among| AuditFilter {
        search: Some(search("workflow.", among)),
        ..AuditFilter::default()
    };
    let newest = PageStart::Offset(0);
    for (among, wanted) in [(last - 1, 0), (last, 1), (2 * last, 2)] {
        assert_eq!(found(db, &rare(among), newest, 50).await.len(), wanted);
        assert_eq!(
            counted(db, &rare(among)).await,
            i64::try_from(wanted).unwrap()
        );
    }
    // Older ones by the time.
    let older = AuditFilter {
        created_before: Some(time(5_001)),
        ..rare(1)
    };
    assert_eq!(
        found(db, &older, newest, 50).await,
        [event(5_000).id.uuid()]
    );
    // The cursor walks through what was found, neither skipping nor repeating.
    let all = AuditFilter {
        search: Some(search("key_3", 100)),
        ..AuditFilter::default()
    };
    let whole = found(db, &all, newest, 100).await;
    assert_eq!(i64::try_from(whole.len()).unwrap(), counted(db, &all).await);
    let mut walked = found(db, &all, newest, 4).await;
    while let Some(last) = walked.last().copied() {
        let next = found(db, &all, PageStart::After(last), 4).await;
        if next.is_empty() {
            break;
        }
        walked.extend(next);
    }
    assert_eq!(walked, whole);
    let mut back = found(db, &all, PageStart::Before(whole[4]), 100).await;
    back.reverse();
    assert_eq!(back, whole[..4]);
    let before = AuditFilter {
        created_before: Some(time(3)),
        ..AuditFilter::default()
    };
    let oldest: Vec<_> = (0..3).rev().map(|number| event(number).id.uuid()).collect();
    assert_eq!(found(db, &before, newest, 50).await, oldest);
}

macro_rules! on_both {
    ($($name:ident),+) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(crate::fixture::Fixture::empty_sqlite().await).await;
            })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                if let Some(fixture) = crate::fixture::Fixture::empty_postgres().await {
                    super::$name(fixture).await;
                }
            })+
        }
    };
}

on_both!(
    every_filter_has_its_index,
    a_search_looks_at_the_newest_only
);
