//! Review cases: the row, its optimistic update, the filtered list.

use std::time::Duration;

use verifa_core::case::{CaseDecision, CasePriority, CaseStatus, SlaStatus};
use verifa_core::id::{CaseId, Id, OrganizationId, SessionId};
use verifa_core::session::RetentionStatus;
use verifa_core::tenant::Tenant;
use verifa_core::time::Timestamp;

use crate::columns::{json, parsed, parsed_opt, tenant_at, to_json};
use crate::db::{DbError, Row, Stmt};
use crate::list::{Fragments, PageStart};
use crate::{statements, stmt};

macro_rules! columns {
    () => {
        "c.id, c.session_id, c.organization_id, c.environment, c.status, c.priority, c.reasons, \
         c.revision, c.entered_review_at, c.created_at, c.updated_at, c.decision, c.assigned_to, \
         c.claimed_at, c.claimed_until, c.decided_by, c.decided_at, c.left_review_at, \
         c.escalated_to, c.tags, c.sealed, k.wrapped, s.retention_status"
    };
}

macro_rules! source {
    () => {
        " FROM cases c JOIN sessions s ON s.id = c.session_id \
         LEFT JOIN data_keys k ON k.id = c.session_id"
    };
}

statements! {
    INSERT = "cases.insert",
        "INSERT INTO cases (id, session_id, organization_id, environment, status, priority, \
         reasons, revision, entered_review_at, created_at, updated_at, tags, sealed) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 1, ?8, ?9, ?9, ?10, ?11)";
    UPDATE = "cases.update",
        "UPDATE cases SET status = ?3, priority = ?4, reasons = ?5, entered_review_at = ?6, \
         updated_at = ?7, decision = ?8, assigned_to = ?9, claimed_at = ?10, \
         claimed_until = ?11, decided_by = ?12, decided_at = ?13, left_review_at = ?14, \
         escalated_to = ?15, tags = ?16, sealed = ?17, revision = revision + 1 \
         WHERE id = ?1 AND revision = ?2";
    GET = "cases.get",
        "SELECT ", columns!(), source!(),
        " WHERE c.id = ?1 AND c.organization_id = ?2 AND c.environment = ?3";
    BY_ID = "cases.by_id",
        "SELECT ", columns!(), source!(), " WHERE c.id = ?1";
    OF_SESSION = "cases.of_session",
        "SELECT ", columns!(), source!(), " WHERE c.session_id = ?1";
    LIST = "cases.list",
        "SELECT ", columns!(), source!(),
        " WHERE c.organization_id = ?1 AND c.environment = ?2";
    COUNT = "cases.count",
        "SELECT COUNT(*) FROM (SELECT 1 AS one FROM cases c \
         WHERE c.organization_id = ?1 AND c.environment = ?2";
    CLOSE = "cases.close",
        "UPDATE cases SET status = 'closed', assigned_to = NULL, claimed_at = NULL, \
         claimed_until = NULL, left_review_at = ?2, revision = revision + 1, updated_at = ?2 \
         WHERE session_id = ?1 AND status NOT IN ('approved', 'rejected', 'closed')";
    SCRUB = "cases.scrub",
        "UPDATE cases SET sealed = NULL, tags = '[]', revision = revision + 1 \
         WHERE session_id = ?1";
    SCRUB_TAGS = "case_tags.scrub",
        "DELETE FROM case_tags WHERE case_id IN (SELECT id FROM cases WHERE session_id = ?1)";
    AGE = "cases.age",
        "UPDATE cases SET claimed_until = claimed_until - ?2, \
         entered_review_at = entered_review_at - ?2, revision = revision + 1 \
         WHERE organization_id = ?1 AND environment = 'sandbox' AND left_review_at IS NULL";
    UNCHANGED = "cases.unchanged",
        "UPDATE cases SET revision = revision WHERE id = ?1 AND revision = ?2";
    INSERT_TAG = "case_tags.insert",
        "INSERT INTO case_tags (organization_id, environment, tag, case_id) \
         VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING";
    DELETE_TAGS = "case_tags.delete",
        "DELETE FROM case_tags WHERE case_id = ?1";
}

/// A case's row.
#[derive(Clone)]
pub struct CaseRecord {
    /// Its id.
    pub id: CaseId,
    /// The session it is about.
    pub session_id: SessionId,
    /// Whose it is.
    pub tenant: Tenant,
    /// Where it stands.
    pub status: CaseStatus,
    /// How urgent the operator holds it.
    pub priority: CasePriority,
    /// What sent it here, as JSON text: codes without personal data.
    pub reasons: String,
    /// Grows with each change; updates expect it.
    pub revision: i64,
    /// When it entered the queue, for the last time. A sandbox's clock moves it.
    pub entered_review_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// What was decided.
    pub decision: Option<CaseDecision>,
    /// The reviewer who holds it, or decided it.
    pub assigned_to: Option<String>,
    /// When the reviewer claimed it.
    pub claimed_at: Option<Timestamp>,
    /// When the claim ends by itself.
    pub claimed_until: Option<Timestamp>,
    /// Who decided: a reviewer, or an API key's id.
    pub decided_by: Option<String>,
    /// When it was decided.
    pub decided_at: Option<Timestamp>,
    /// When it left the queue, decided or closed.
    pub left_review_at: Option<Timestamp>,
    /// Who it was handed to.
    pub escalated_to: Option<String>,
    /// The operator's labels.
    pub tags: Vec<String>,
    /// The operator's free data, which only the session's data key opens.
    pub sealed: Option<Vec<u8>>,
    /// The session's wrapped data key; absent once destroyed. Written by [`crate::keys`].
    pub wrapped_key: Option<Vec<u8>>,
    /// Whether the session's personal data is still there. Written by [`crate::sessions`].
    pub retention_status: RetentionStatus,
}

impl CaseRecord {
    /// Reads a row of [`get`], [`by_id`], [`of_session`] or [`list`].
    ///
    /// # Errors
    /// When a column has another type or names an unknown word.
    pub fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            id: row.id(0)?,
            session_id: row.id(1)?,
            tenant: tenant_at(row, 2)?,
            status: parsed(row, 4)?,
            priority: parsed(row, 5)?,
            reasons: row.get(6)?,
            revision: row.get(7)?,
            entered_review_at: row.get(8)?,
            created_at: row.get(9)?,
            updated_at: row.get(10)?,
            decision: parsed_opt(row, 11)?,
            assigned_to: row.get(12)?,
            claimed_at: row.get(13)?,
            claimed_until: row.get(14)?,
            decided_by: row.get(15)?,
            decided_at: row.get(16)?,
            left_review_at: row.get(17)?,
            escalated_to: row.get(18)?,
            tags: json(row, 19)?,
            sealed: row.get(20)?,
            wrapped_key: row.get(21)?,
            retention_status: parsed(row, 22)?,
        })
    }
}

/// Inserts a case; a unique violation means that the session got one meanwhile.
pub fn insert(record: &CaseRecord) -> Stmt {
    stmt(
        INSERT,
        vec![
            record.id.uuid().into(),
            record.session_id.uuid().into(),
            record.tenant.organization.uuid().into(),
            record.tenant.environment.as_str().into(),
            record.status.as_str().into(),
            record.priority.as_str().into(),
            record.reasons.as_str().into(),
            record.entered_review_at.into(),
            record.created_at.into(),
            to_json(&record.tags),
            record.sealed.clone().into(),
        ],
    )
    .expect(1)
}

/// Writes what can change; conflicts when the row is not at `record.revision` any more.
pub fn update(record: &CaseRecord, now: Timestamp) -> Stmt {
    stmt(
        UPDATE,
        vec![
            record.id.uuid().into(),
            record.revision.into(),
            record.status.as_str().into(),
            record.priority.as_str().into(),
            record.reasons.as_str().into(),
            record.entered_review_at.into(),
            now.into(),
            record.decision.map(CaseDecision::as_str).into(),
            record.assigned_to.clone().into(),
            record.claimed_at.into(),
            record.claimed_until.into(),
            record.decided_by.clone().into(),
            record.decided_at.into(),
            record.left_review_at.into(),
            record.escalated_to.clone().into(),
            to_json(&record.tags),
            record.sealed.clone().into(),
        ],
    )
    .expect(1)
}

/// Rewrites the tag index of a case.
pub fn replace_tags(record: &CaseRecord) -> Vec<Stmt> {
    let mut statements = vec![stmt(DELETE_TAGS, vec![record.id.uuid().into()])];
    let tag = |tag: &String| {
        stmt(
            INSERT_TAG,
            vec![
                record.tenant.organization.uuid().into(),
                record.tenant.environment.as_str().into(),
                tag.as_str().into(),
                record.id.uuid().into(),
            ],
        )
    };
    statements.extend(record.tags.iter().map(tag));
    statements
}

/// One case of a tenant.
pub fn get(tenant: Tenant, id: CaseId) -> Stmt {
    stmt(
        GET,
        vec![
            id.uuid().into(),
            tenant.organization.uuid().into(),
            tenant.environment.as_str().into(),
        ],
    )
}

/// One case by id alone: for workers.
pub fn by_id(id: CaseId) -> Stmt {
    stmt(BY_ID, vec![id.uuid().into()])
}

/// The case of a session.
pub fn of_session(session: SessionId) -> Stmt {
    stmt(OF_SESSION, vec![session.uuid().into()])
}

/// Closes an undecided case: its session needs no reviewer any more.
pub fn close(session: SessionId, now: Timestamp) -> Stmt {
    stmt(CLOSE, vec![session.uuid().into(), now.into()])
}

/// Drops the operator's free data and labels of a session's case.
pub fn scrub(session: SessionId) -> [Stmt; 2] {
    [SCRUB, SCRUB_TAGS].map(|named| stmt(named, vec![session.uuid().into()]))
}

/// Brings the ends of claims, and the times by which urgency is told, nearer by so many
/// microseconds, in an organization's sandbox.
pub fn age(organization: OrganizationId, by: i64) -> Stmt {
    stmt(AGE, vec![organization.uuid().into(), by.into()])
}

/// Conflicts when the row is not at `record.revision` any more; writes nothing.
pub fn unchanged(record: &CaseRecord) -> Stmt {
    stmt(
        UNCHANGED,
        vec![record.id.uuid().into(), record.revision.into()],
    )
    .expect(1)
}

/// Filters of the list; all given ones apply together.
#[derive(Clone, Default)]
pub struct CaseFilter {
    /// Only this status. A claim that is over counts as given back.
    pub status: Option<CaseStatus>,
    /// Held, or decided, by this reviewer.
    pub assigned_to: Option<String>,
    /// Only this priority.
    pub priority: Option<CasePriority>,
    /// Carries this tag.
    pub tag: Option<String>,
    /// Of this age in the queue.
    pub sla: Option<SlaStatus>,
}

impl CaseFilter {
    fn add_to(&self, sql: &mut Fragments, now: Timestamp) {
        self.add_status(sql, now);
        if let Some(reviewer) = &self.assigned_to {
            sql.add(" AND c.assigned_to = ", reviewer.as_str());
            sql.add(" AND (c.claimed_until IS NULL OR c.claimed_until > ", now);
            sql.text(")");
        }
        if let Some(priority) = self.priority {
            sql.add(" AND c.priority = ", priority.as_str());
        }
        if let Some(sla) = self.sla {
            let (from, below) = sla.ages();
            let mut age = |compared: &'static str, with: Duration| {
                sql.add(" AND COALESCE(c.left_review_at, ", now);
                let micros = i64::try_from(with.as_micros()).unwrap_or(i64::MAX);
                sql.add(compared, micros);
            };
            age(") - c.entered_review_at >= ", from);
            if let Some(below) = below {
                age(") - c.entered_review_at < ", below);
            }
        }
        if let Some(tag) = &self.tag {
            sql.text(
                " AND c.id IN (SELECT t.case_id FROM case_tags t \
                 WHERE t.organization_id = ?1 AND t.environment = ?2",
            );
            sql.add(" AND t.tag = ", tag.as_str());
            sql.text(")");
        }
    }

    fn add_status(&self, sql: &mut Fragments, now: Timestamp) {
        match self.status {
            None => {}
            Some(CaseStatus::Open) => {
                sql.add(
                    " AND (c.status = 'open' OR (c.status = 'in_review' AND c.claimed_until <= ",
                    now,
                );
                sql.text("))");
            }
            Some(CaseStatus::InReview) => {
                sql.add(" AND c.status = 'in_review' AND c.claimed_until > ", now);
            }
            Some(status) => sql.add(" AND c.status = ", status.as_str()),
        }
    }
}

/// A page of a tenant's cases as they stand at `now`, newest first; asks for `limit` rows.
pub fn list(
    tenant: Tenant,
    filter: &CaseFilter,
    now: Timestamp,
    start: PageStart,
    limit: i64,
) -> Stmt {
    let mut sql = Fragments::new(LIST, tenant);
    filter.add_to(&mut sql, now);
    sql.page("c.id", start, limit)
}

/// The number of matching cases, counting no further than `most`.
pub fn count(tenant: Tenant, filter: &CaseFilter, now: Timestamp, most: i64) -> Stmt {
    let mut sql = Fragments::new(COUNT, tenant);
    filter.add_to(&mut sql, now);
    sql.add(" LIMIT ", most);
    sql.text(") AS found");
    sql.finish()
}
