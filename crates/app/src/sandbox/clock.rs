//! The sandbox's clock. Time itself stays real: advancing by d brings every deadline of the
//! organization's sandbox nearer by d, in one commit, and wakes the workers.
//!
//! Rows whose owners write deadlines back get a new revision, so that whoever loaded one before
//! the advance conflicts and loads it again. Claimed jobs are leases and are not moved: their
//! owners read deadlines from the rows, and put a job back only where the row has not changed.

use serde_json::json;
use verifa_core::fault::{Fault, FaultCode};
use verifa_core::id::OrganizationId;
use verifa_core::sandbox::{Advance, SandboxTenant};
use verifa_core::tenant::Tenant;
use verifa_core::time::Timestamp;
use verifa_store::db::Stmt;
use verifa_store::{
    cases, client_tokens, jobs, one_time_links, retention, runs, sandbox_clocks, sessions,
    webhook_lanes,
};

use super::simulate::sandbox_of;
use crate::actor::Actor;
use crate::error::AppError;
use crate::job::JobName;
use crate::{App, Change, Decided, Resource, Sealing};

/// The most that a sandbox can be ahead, in microseconds: a hundred years.
const FURTHEST: i64 = 36_525 * 86_400 * 1_000_000;

/// A sandbox's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockView {
    /// Its time: real time and all advances.
    pub now: Timestamp,
    /// The sum of all advances, in seconds.
    pub advanced_seconds: i64,
}

/// Some of what a sandbox's clock moves.
struct Aged {
    /// Each as `table.column`.
    columns: &'static [&'static str],
    /// The statements that move them, by so many microseconds at a time.
    age: fn(SandboxTenant, Advance, Timestamp) -> Vec<Stmt>,
}

/// Everything that a sandbox's clock moves, in the order in which commits lock rows: runs, jobs,
/// cases, sessions.
const AGED: &[Aged] = &[
    Aged {
        columns: &["workflow_runs.gate_deadline"],
        age: |sandbox, by, _| vec![runs::age(sandbox.organization(), by.micros())],
    },
    Aged {
        columns: &["jobs.due_at"],
        age: |sandbox, by, now| vec![jobs::age(sandbox.organization(), by.micros(), now)],
    },
    Aged {
        columns: &[
            "webhook_endpoints.failing_since",
            "webhook_deliveries.next_attempt_at",
            "webhook_lanes.due_at",
        ],
        age: |sandbox, by, _| webhook_lanes::age(sandbox.organization(), by.duration()),
    },
    Aged {
        columns: &["cases.claimed_until", "cases.entered_review_at"],
        age: |sandbox, by, _| vec![cases::age(sandbox.organization(), by.micros())],
    },
    Aged {
        columns: &["one_time_links.expires_at"],
        age: |sandbox, by, _| vec![one_time_links::age(sandbox.organization(), by.micros())],
    },
    Aged {
        columns: &["client_tokens.expires_at"],
        age: |sandbox, by, _| vec![client_tokens::age(sandbox.organization(), by.micros())],
    },
    Aged {
        columns: &["sessions.token_expires_at"],
        age: |sandbox, by, _| vec![sessions::age(sandbox.organization(), by.micros())],
    },
    Aged {
        columns: &["sessions.retention_anchor"],
        age: |sandbox, by, _| vec![retention::age(sandbox.tenant(), by.duration())],
    },
];

/// Times that no clock moves, with the reason. Whoever adds a column that holds a time puts it
/// here or into [`AGED`]: a test knows every column of the schema.
const NOT_MOVED: &[(&str, &[&str])] = &[
    // When something was: history.
    (
        "history",
        &[
            "*.created_at",
            "*.updated_at",
            "*.started_at",
            "*.completed_at",
            "*.decided_at",
            "*.ended_at",
            "*.revoked_at",
            "*.last_used_at",
            "*.attempted_at",
            "cases.claimed_at",
            "consents.given_at",
            "consents.recorded_at",
            "contests.answered_at",
            "erasures.erased_at",
            "sessions.terminal_at",
            "sessions.legal_hold_at",
            "cases.left_review_at",
            "schema_migrations.applied_at",
        ],
    ),
    (
        "a lease of a process",
        &["leases.until", "schema_lease.until"],
    ),
    (
        "idempotency keeps real time",
        &["idempotency_keys.expires_at"],
    ),
    (
        "credentials of the operator keep real time, as signatures do",
        &[
            "admin_tokens.expires_at",
            "api_keys.expires_at",
            "webhook_endpoints.former_secret_until",
        ],
    ),
];

/// What happens to each column that holds a time: `table.column` (`*` for every table), and
/// whether a sandbox's clock moves it. For the test that compares it with the schema.
pub fn timed_columns() -> Vec<(String, bool)> {
    let moved = AGED.iter().flat_map(|aged| aged.columns);
    let kept = NOT_MOVED.iter().flat_map(|(_, columns)| *columns);
    moved
        .map(|column| ((*column).to_owned(), true))
        .chain(kept.map(|column| ((*column).to_owned(), false)))
        .collect()
}

impl App {
    /// A sandbox's clock.
    ///
    /// # Errors
    /// Forbidden for a live tenant; a failure of the database.
    pub async fn sandbox_clock(&self, tenant: Tenant) -> Result<ClockView, AppError> {
        let sandbox = sandbox_of(tenant)?;
        let advanced = self.advanced(sandbox.organization()).await?;
        Ok(view(self.clock.now(), advanced))
    }

    /// Advances a sandbox's clock.
    ///
    /// # Errors
    /// Forbidden for a live tenant; [`AppError::Invalid`] beyond a hundred years in all; a failure
    /// of the database.
    pub async fn advance_sandbox(
        &self,
        actor: &Actor,
        tenant: Tenant,
        advance: Advance,
    ) -> Result<Decided<ClockView>, AppError> {
        let sandbox = sandbox_of(tenant)?;
        let organization = sandbox.organization();
        let before = self.advanced(organization).await?;
        let by = advance.micros();
        let after = before.saturating_add(by);
        if after > FURTHEST {
            let message = "A sandbox can be ahead by a hundred years at most.";
            return Err(Fault::new("advance", FaultCode::OutOfRange, message).into());
        }
        let key = self.keys.organization(&self.db, organization).await?;
        let mut change = Change::begin(self, actor);
        let now = change.now;
        // First, so that of two advances at once the later begins anew before it locks anything.
        change.push(sandbox_clocks::set(organization, before, after, now));
        for aged in AGED {
            change.extend((aged.age)(sandbox, advance, now));
        }
        let resource = Resource {
            kind: "sandbox_clock",
            id: organization.to_string(),
        };
        let facts = json!({ "advanced_seconds": by / 1_000_000 });
        let sealing = Sealing::Organization(&key);
        change.audit("sandbox.clock_advanced", resource, sealing, &facts);
        // It looks for windows that are over by itself, but only now and then.
        change.job_at_once(&JobName::Retention);
        change.wake_jobs();
        Ok(Decided {
            commit: change.into_commit(),
            answer: view(now, after),
            session: None,
        })
    }

    async fn advanced(&self, organization: OrganizationId) -> Result<i64, AppError> {
        let row = self.db.query_opt(sandbox_clocks::get(organization)).await?;
        Ok(row.map_or(Ok(0), |row| row.get(0))?)
    }
}

fn view(now: Timestamp, advanced: i64) -> ClockView {
    let micros = now.as_micros().saturating_add(advanced);
    ClockView {
        now: Timestamp::from_micros(micros),
        advanced_seconds: advanced / 1_000_000,
    }
}
