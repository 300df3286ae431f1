//! Lists are joined from fragments: each filter alone, and all together, on every kind of page.

use uuid::Uuid;
use verifa_core::case::{CasePriority, CaseStatus, SlaStatus};
use verifa_core::id::{CaseId, Id as _, OrganizationId, SessionId, WebhookEndpointId, WorkflowId};
use verifa_core::session::{ResultStatus, Status};
use verifa_core::tenant::{Environment, Tenant};
use verifa_core::time::Timestamp;
use verifa_core::webhook::DeliveryStatus;
use verifa_store::case_notes;
use verifa_store::cases::{self, CaseFilter};
use verifa_store::db::Stmt;
use verifa_store::list::PageStart;
use verifa_store::migrations::MIGRATIONS;
use verifa_store::results::{self, ResultFilter};
use verifa_store::sessions::{self, SessionFilter};
use verifa_store::webhook_deliveries::{self, DeliveryFilter};
use verifa_store::webhook_endpoints;

use crate::fixture::{Fixture, HandClock};

const TIME: Timestamp = Timestamp::from_seconds(1_770_000_000);

fn session_filters() -> Vec<SessionFilter> {
    let id = Uuid::from_u128(7);
    let all = SessionFilter {
        status: Some(Status::Pending),
        query: Some("réf".into()),
        query_ids: Some((id, id)),
        external_ref: Some("ref".into()),
        tag: Some("tag".into()),
        workflow_id: Some(WorkflowId::from_uuid(id)),
        created_after: Some(TIME),
        created_before: Some(TIME),
    };
    let none = SessionFilter::default;
    vec![
        none(),
        SessionFilter {
            status: all.status,
            ..none()
        },
        SessionFilter {
            query: all.query.clone(),
            ..none()
        },
        SessionFilter {
            query_ids: all.query_ids,
            ..none()
        },
        SessionFilter {
            external_ref: all.external_ref.clone(),
            ..none()
        },
        SessionFilter {
            tag: all.tag.clone(),
            ..none()
        },
        SessionFilter {
            workflow_id: all.workflow_id,
            ..none()
        },
        SessionFilter {
            created_after: all.created_after,
            ..none()
        },
        SessionFilter {
            created_before: all.created_before,
            ..none()
        },
        all,
    ]
}

fn result_filters() -> Vec<ResultFilter> {
    let all = ResultFilter {
        status: Some(ResultStatus::Approved),
        created_after: Some(TIME),
        created_before: Some(TIME),
    };
    let none = ResultFilter::default;
    vec![
        none(),
        ResultFilter {
            status: all.status,
            ..none()
        },
        ResultFilter {
            created_after: all.created_after,
            ..none()
        },
        ResultFilter {
            created_before: all.created_before,
            ..none()
        },
        all,
    ]
}

fn case_filters() -> Vec<CaseFilter> {
    let mut filters = vec![CaseFilter::default()];
    let mut add = |change: &dyn Fn(&mut CaseFilter)| {
        let mut filter = CaseFilter::default();
        change(&mut filter);
        filters.push(filter);
    };
    for status in CaseStatus::ALL {
        add(&|filter| filter.status = Some(*status));
    }
    for sla in SlaStatus::ALL {
        add(&|filter| filter.sla = Some(*sla));
    }
    add(&|filter| filter.assigned_to = Some("reviewer".into()));
    add(&|filter| filter.priority = Some(CasePriority::High));
    add(&|filter| filter.tag = Some("tag".into()));
    filters.push(CaseFilter {
        status: Some(CaseStatus::Open),
        assigned_to: Some("reviewer".into()),
        priority: Some(CasePriority::High),
        tag: Some("tag".into()),
        sla: Some(SlaStatus::Yellow),
    });
    filters
}

fn delivery_filters() -> Vec<DeliveryFilter> {
    let all = DeliveryFilter {
        date_from: Some(TIME),
        date_to: Some(TIME),
        event_type: Some("session.created".into()),
        status: Some(DeliveryStatus::Failed),
    };
    let none = DeliveryFilter::default;
    vec![
        none(),
        DeliveryFilter {
            date_from: all.date_from,
            ..none()
        },
        DeliveryFilter {
            date_to: all.date_to,
            ..none()
        },
        DeliveryFilter {
            event_type: all.event_type.clone(),
            ..none()
        },
        DeliveryFilter {
            status: all.status,
            ..none()
        },
        all,
    ]
}

fn statements() -> Vec<Stmt> {
    let tenant = Tenant {
        organization: OrganizationId::from_uuid(Uuid::from_u128(1)),
        environment: Environment::Live,
    };
    let id = Uuid::from_u128(9);
    let mut statements = Vec::new();
    for start in [
        PageStart::Offset(3),
        PageStart::After(id),
        PageStart::Before(id),
    ] {
        statements.extend(
            session_filters()
                .iter()
                .map(|filter| sessions::list(tenant, filter, start, 10)),
        );
        statements.extend(
            result_filters()
                .iter()
                .map(|filter| results::list(tenant, filter, start, 10)),
        );
        statements.extend(
            case_filters()
                .iter()
                .map(|filter| cases::list(tenant, filter, TIME, start, 10)),
        );
        statements.push(case_notes::list(tenant, CaseId::from_uuid(id), start, 10));
    }
    let endpoint = WebhookEndpointId::from_uuid(id);
    let session = SessionId::from_uuid(id);
    for start in [
        PageStart::Offset(3),
        PageStart::After(id),
        PageStart::Before(id),
    ] {
        statements.extend(delivery_filters().iter().map(|filter| {
            webhook_deliveries::list_of_endpoint(tenant, endpoint, filter, start, 10)
        }));
        statements.push(webhook_deliveries::list_of_session(
            tenant, session, start, 10,
        ));
        statements.push(webhook_endpoints::list(tenant, start, 10));
    }
    statements.extend(
        delivery_filters()
            .iter()
            .map(|filter| webhook_deliveries::count_of_endpoint(tenant, endpoint, filter, 100)),
    );
    statements.push(webhook_deliveries::count_of_session(tenant, session, 100));
    statements.extend(
        case_filters()
            .iter()
            .map(|filter| cases::count(tenant, filter, TIME, 100)),
    );
    statements.extend(
        session_filters()
            .iter()
            .map(|filter| sessions::count(tenant, filter, 100)),
    );
    statements.extend(
        result_filters()
            .iter()
            .map(|filter| results::count(tenant, filter, 100)),
    );
    statements
}

async fn every_list_runs(fixture: Fixture) {
    fixture
        .db
        .migrate(MIGRATIONS, &HandClock::new(), Uuid::from_u128(1))
        .await
        .unwrap();
    for stmt in statements() {
        let label = stmt.label();
        let rows = fixture.db.query(stmt).await.unwrap();
        if [
            "sessions.count",
            "results.count",
            "cases.count",
            "webhook_deliveries.count",
        ]
        .contains(&label)
        {
            assert_eq!(rows[0].get::<i64>(0), Ok(0));
        } else {
            assert!(rows.is_empty(), "{label}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_list_runs_on_sqlite() {
    every_list_runs(Fixture::empty_sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_list_runs_on_postgres() {
    if let Some(fixture) = Fixture::empty_postgres().await {
        every_list_runs(fixture).await;
    }
}
