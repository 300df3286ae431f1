//! Lanes of webhooks: who owns one, when one may be removed, and what an agenda shows.

use std::time::Duration;

use futures::future::join_all;
use uuid::Uuid;
use verifa_core::id::{DeliveryId, EventId, Id as _, OrganizationId, WebhookEndpointId};
use verifa_core::tenant::{Environment, Tenant};
use verifa_core::time::Timestamp;
use verifa_core::webhook::DeliveryStatus;
use verifa_store::db::{Commit, Db, DbError, Stmt};
use verifa_store::migrations::MIGRATIONS;
use verifa_store::webhook_deliveries::{self as deliveries, DeliveryRecord, LaneHead};
use verifa_store::webhook_endpoints::{self as endpoints, WebhookEndpointRecord};
use verifa_store::webhook_lanes::{self as lanes, Lane, REMOVE_LABEL, UNDISTURBED_LABEL};

use crate::fixture::{Fixture, HandClock};

const NOW: Timestamp = Timestamp::from_seconds(1_770_000_000);
const LEASE: Duration = Duration::from_secs(45);
const OWNER: Uuid = Uuid::from_u128(9);

fn tenant() -> Tenant {
    Tenant {
        organization: OrganizationId::from_uuid(Uuid::from_u128(1)),
        environment: Environment::Sandbox,
    }
}

fn endpoint() -> WebhookEndpointId {
    WebhookEndpointId::from_uuid(Uuid::from_u128(2))
}

fn endpoint_record() -> WebhookEndpointRecord {
    WebhookEndpointRecord {
        id: endpoint(),
        tenant: tenant(),
        url: "https://receiver.invalid/".to_owned(),
        label: None,
        description: None,
        enabled: true,
        disabled_reason: None,
        enabled_events: Vec::new(),
        attribute_blocklist: Vec::new(),
        event_filter_conditions: None,
        api_version: None,
        key_inflection: None,
        sealed_secret: vec![1],
        sealed_former_secret: None,
        former_secret_until: None,
        failed_in_a_row: 0,
        failing_since: None,
        revision: 1,
        created_at: NOW,
        updated_at: NOW,
    }
}

fn delivery(n: u128, lane: Uuid) -> DeliveryRecord {
    DeliveryRecord {
        id: DeliveryId::from_uuid(Uuid::from_u128(1_000 + n)),
        endpoint_id: endpoint(),
        event_id: EventId::from_uuid(Uuid::from_u128(2_000 + n)),
        tenant: tenant(),
        session_id: None,
        lane,
        seq: i64::try_from(n).unwrap(),
        event: "session.created".to_owned(),
        status: DeliveryStatus::Pending,
        tries: 0,
        attempts: 0,
        next_attempt_at: None,
        created_at: NOW,
        completed_at: None,
    }
}

/// A delivery and its lane, as the sealer commits them.
fn joined(n: u128, lane: Uuid) -> Vec<Stmt> {
    let record = delivery(n, lane);
    vec![
        deliveries::insert(&record),
        lanes::join(endpoint(), lane, tenant(), NOW),
    ]
}

async fn apply(db: &Db, statements: Vec<Stmt>) -> Result<(), DbError> {
    let mut commit = Commit::new();
    commit.extend(statements);
    db.commit(commit).await
}

async fn ready(fixture: &Fixture) {
    let holder = Uuid::from_u128(1);
    let clock = HandClock::new();
    let migrated = fixture.db.migrate(MIGRATIONS, &clock, holder);
    migrated.await.unwrap();
    apply(&fixture.db, vec![endpoints::insert(&endpoint_record())])
        .await
        .unwrap();
}

async fn claim(db: &Db, at: Timestamp, most: i64) -> Vec<Lane> {
    let claim = lanes::claim(endpoint(), at, LEASE, OWNER, most);
    let rows = db.write(claim).await.unwrap();
    rows.iter()
        .map(|row| Lane::from_row(row).unwrap())
        .collect()
}

async fn head(db: &Db, lane: &Lane) -> Option<LaneHead> {
    let next = deliveries::next_of_lane(lane.endpoint_id, lane.lane, lane.epoch);
    LaneHead::from_rows(&db.query(next).await.unwrap()).unwrap()
}

async fn agenda(db: &Db) -> Vec<Option<Timestamp>> {
    let rows = db.query(lanes::agenda()).await.unwrap();
    rows.iter().map(|row| row.get(1).unwrap()).collect()
}

async fn a_lane_has_one_owner_and_no_more_than_asked_are_claimed(fixture: Fixture) {
    ready(&fixture).await;
    for n in 0..60 {
        let joining = joined(n, Uuid::from_u128(100 + n));
        apply(&fixture.db, joining).await.unwrap();
    }
    let claims = (0..6).map(|_| {
        let db = fixture.db.clone();
        tokio::spawn(async move {
            let mut mine = Vec::new();
            loop {
                let some = claim(&db, NOW, 7).await;
                assert!(some.len() <= 7);
                if some.is_empty() {
                    return mine;
                }
                mine.extend(some);
            }
        })
    });
    let mut claimed = Vec::new();
    for owner in join_all(claims).await {
        claimed.extend(owner.unwrap());
    }
    claimed.sort_by_key(|lane| lane.lane);
    claimed.dedup_by_key(|lane| lane.lane);
    assert_eq!(claimed.len(), 60);
    // A lease that ran out is another's, and the first owner writes nothing any more.
    let old = claimed.remove(0);
    let later = NOW.plus(LEASE * 2);
    assert_eq!(claim(&fixture.db, later, 100).await.len(), 60);
    assert!(head(&fixture.db, &old).await.is_none());
    for stale in [lanes::keep(&old, later), lanes::release(&old, later, later)] {
        let refused = apply(&fixture.db, vec![stale]).await;
        assert!(matches!(refused, Err(DbError::Conflict { .. })));
    }
}

async fn a_lane_goes_only_when_nothing_joined_it(fixture: Fixture) {
    ready(&fixture).await;
    let db = &fixture.db;
    let id = Uuid::from_u128(100);
    apply(db, joined(2, id)).await.unwrap();
    let lane = claim(db, NOW, 1).await.remove(0);
    let first = head(db, &lane).await.unwrap();
    assert_eq!(first.delivery.as_ref().unwrap().seq, 2);
    assert!(!first.more);
    apply(db, joined(3, id)).await.unwrap();
    let done = deliveries::complete(first.delivery.unwrap().id, DeliveryStatus::Succeeded, NOW);
    let ended = vec![done.clone(), lanes::remove(&lane, first.generation)];
    let refused = apply(db, ended).await;
    assert_eq!(
        refused,
        Err(DbError::Conflict {
            label: REMOVE_LABEL
        })
    );
    apply(db, vec![done, lanes::keep(&lane, NOW.plus(LEASE))])
        .await
        .unwrap();
    // One that comes back goes before what is younger.
    apply(
        db,
        vec![
            deliveries::revive(delivery(2, id).id, DeliveryStatus::Succeeded),
            lanes::wake(endpoint(), id, tenant(), NOW),
        ],
    )
    .await
    .unwrap();
    let second = head(db, &lane).await.unwrap();
    assert_eq!(second.delivery.as_ref().unwrap().seq, 2);
    assert!(second.more);
    assert_eq!(
        agenda(db).await,
        [Some(NOW.plus(LEASE))],
        "the owner goes on"
    );
    for n in [2, 3] {
        let done = deliveries::complete(delivery(n, id).id, DeliveryStatus::Failed, NOW);
        apply(db, vec![done]).await.unwrap();
    }
    let empty = head(db, &lane).await.unwrap();
    assert!(empty.delivery.is_none());
    let gone = vec![lanes::remove(&lane, empty.generation)];
    apply(db, gone).await.unwrap();
    assert_eq!(agenda(db).await, [None]);
}

async fn a_lane_woken_while_held_is_due_when_it_is_let_go_of(fixture: Fixture) {
    ready(&fixture).await;
    let db = &fixture.db;
    let id = Uuid::from_u128(100);
    let hour = NOW.plus(Duration::from_hours(1));
    apply(db, joined(1, id)).await.unwrap();
    let wake = || vec![lanes::wake(endpoint(), id, tenant(), NOW)];
    let resume = || lanes::resume(endpoint(), NOW);
    for disturb in [&wake as &dyn Fn() -> Vec<Stmt>, &resume] {
        let lane = claim(db, NOW, 1).await.remove(0);
        let mine = lanes::claimed_by(endpoint(), OWNER);
        let mine = db.query(mine).await.unwrap();
        assert_eq!(Lane::from_row(&mine[0]).unwrap(), lane);
        apply(db, vec![lanes::undisturbed(&lane)]).await.unwrap();
        apply(db, disturb()).await.unwrap();
        let refused = apply(db, vec![lanes::undisturbed(&lane)]).await;
        assert_eq!(
            refused,
            Err(DbError::Conflict {
                label: UNDISTURBED_LABEL
            })
        );
        assert!(claim(db, NOW, 1).await.is_empty(), "its owner holds it");
        let let_go = lanes::release(&lane, hour, NOW);
        apply(db, vec![let_go]).await.unwrap();
        let other = lanes::claimed_by(endpoint(), OWNER);
        assert!(db.query(other).await.unwrap().is_empty());
    }
    // Once: who looked again may sleep.
    let lane = claim(db, NOW, 1).await.remove(0);
    apply(db, vec![lanes::release(&lane, hour, NOW)])
        .await
        .unwrap();
    assert_eq!(agenda(db).await, [Some(hour)]);
}

async fn only_enabled_endpoints_are_on_the_agenda_and_time_moves_what_nobody_holds(
    fixture: Fixture,
) {
    ready(&fixture).await;
    let db = &fixture.db;
    apply(db, joined(1, Uuid::from_u128(100))).await.unwrap();
    apply(db, joined(2, Uuid::from_u128(101))).await.unwrap();
    let sleeping = claim(db, NOW, 1).await.remove(0);
    let hour = Duration::from_hours(1);
    let postponed = vec![
        endpoints::note_failing(endpoint(), NOW),
        deliveries::postpone(delivery(1, sleeping.lane).id, Some(NOW.plus(hour))),
        lanes::release(&sleeping, NOW.plus(hour), NOW),
    ];
    apply(db, postponed).await.unwrap();
    let held = claim(db, NOW, 5).await;
    assert_eq!(held.len(), 1);
    apply(db, lanes::age(tenant().organization, hour))
        .await
        .unwrap();
    assert_eq!(agenda(db).await, [Some(NOW)]);
    assert_eq!(claim(db, NOW, 5).await.len(), 1, "the lease was not moved");
    let row = db.query_opt(endpoints::by_id(endpoint())).await.unwrap();
    let record = WebhookEndpointRecord::from_row(&row.unwrap()).unwrap();
    assert_eq!(record.failing_since, Some(NOW.minus(hour)));

    // Where the decision rests on how long it has been failing, a success meanwhile undoes it.
    let since = Some(NOW);
    let outdated = endpoints::disable(endpoint(), 1, since, "failing_too_long", NOW);
    let outdated = apply(db, vec![outdated]).await;
    assert!(matches!(outdated, Err(DbError::Conflict { label }) if endpoints::is_standing(label)));
    let disabled = endpoints::disable(endpoint(), 1, None, "receiver_gone", NOW);
    apply(db, vec![disabled.clone()]).await.unwrap();
    assert!(agenda(db).await.is_empty());
    let again = apply(db, vec![disabled]).await;
    assert!(matches!(again, Err(DbError::Conflict { label }) if endpoints::is_standing(label)));
    let stale = apply(db, vec![endpoints::unchanged(endpoint(), 1)]).await;
    assert!(
        matches!(stale, Err(DbError::Conflict { label }) if label == endpoints::UNCHANGED_LABEL)
    );
    apply(db, vec![endpoints::unchanged(endpoint(), 2)])
        .await
        .unwrap();
}

async fn what_is_held_back_is_due_when_it_may_run(fixture: Fixture) {
    ready(&fixture).await;
    let db = &fixture.db;
    let [asleep, owned, fresh] = [100, 101, 102].map(Uuid::from_u128);
    apply(db, joined(1, asleep)).await.unwrap();
    let sleeping = claim(db, NOW, 1).await.remove(0);
    let later = lanes::release(&sleeping, NOW.plus(Duration::from_hours(1)), NOW);
    apply(db, vec![later]).await.unwrap();
    apply(db, joined(2, owned)).await.unwrap();
    let owner = claim(db, NOW, 1).await.remove(0);
    let until = NOW.plus(LEASE * 2);
    let held =
        [asleep, owned, fresh].map(|lane| lanes::hold_back(endpoint(), lane, tenant(), NOW, until));
    apply(db, held.to_vec()).await.unwrap();
    apply(db, joined(3, fresh)).await.unwrap();
    assert!(
        claim(db, NOW.plus(LEASE / 2), 5).await.is_empty(),
        "what joins meanwhile waits too"
    );
    apply(db, vec![lanes::let_run(endpoint(), until, NOW)])
        .await
        .unwrap();
    let mut running = claim(db, NOW, 5).await;
    running.sort_by_key(|lane| lane.lane);
    let running: Vec<Uuid> = running.iter().map(|lane| lane.lane).collect();
    assert_eq!(running, [asleep, fresh]);
    apply(db, vec![lanes::keep(&owner, until)]).await.unwrap();
}

mod sqlite {
    use crate::fixture::Fixture;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn what_is_held_back_is_due_when_it_may_run() {
        super::what_is_held_back_is_due_when_it_may_run(Fixture::empty_sqlite().await).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_lane_woken_while_held_is_due_when_it_is_let_go_of() {
        let fixture = Fixture::empty_sqlite().await;
        super::a_lane_woken_while_held_is_due_when_it_is_let_go_of(fixture).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_lane_has_one_owner_and_no_more_than_asked_are_claimed() {
        let fixture = Fixture::empty_sqlite().await;
        super::a_lane_has_one_owner_and_no_more_than_asked_are_claimed(fixture).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_lane_goes_only_when_nothing_joined_it() {
        super::a_lane_goes_only_when_nothing_joined_it(Fixture::empty_sqlite().await).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn only_enabled_endpoints_are_on_the_agenda_and_time_moves_what_nobody_holds() {
        let fixture = Fixture::empty_sqlite().await;
        super::only_enabled_endpoints_are_on_the_agenda_and_time_moves_what_nobody_holds(fixture)
            .await;
    }
}

mod postgres {
    use crate::fixture::Fixture;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn what_is_held_back_is_due_when_it_may_run() {
        if let Some(fixture) = Fixture::empty_postgres().await {
            super::what_is_held_back_is_due_when_it_may_run(fixture).await;
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_lane_woken_while_held_is_due_when_it_is_let_go_of() {
        if let Some(fixture) = Fixture::empty_postgres().await {
            super::a_lane_woken_while_held_is_due_when_it_is_let_go_of(fixture).await;
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_lane_has_one_owner_and_no_more_than_asked_are_claimed() {
        if let Some(fixture) = Fixture::empty_postgres().await {
            super::a_lane_has_one_owner_and_no_more_than_asked_are_claimed(fixture).await;
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_lane_goes_only_when_nothing_joined_it() {
        if let Some(fixture) = Fixture::empty_postgres().await {
            super::a_lane_goes_only_when_nothing_joined_it(fixture).await;
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn only_enabled_endpoints_are_on_the_agenda_and_time_moves_what_nobody_holds() {
        if let Some(fixture) = Fixture::empty_postgres().await {
            super::only_enabled_endpoints_are_on_the_agenda_and_time_moves_what_nobody_holds(
                fixture,
            )
            .await;
        }
    }
}
