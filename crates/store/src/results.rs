//! Results: the decision of a session and the data it rests on.

use verifa_core::id::{Id, SessionId};
use verifa_core::session::{ProcessingMode, RejectionReasonCode, ResultStatus};
use verifa_core::tenant::Tenant;
use verifa_core::time::Timestamp;

use crate::columns::{parsed, parsed_opt, tenant_at};
use crate::db::{DbError, Row, Stmt};
use crate::list::{Fragments, PageStart};
use crate::{statements, stmt};

macro_rules! columns {
    () => {
        "session_id, organization_id, environment, status, rejection_reason, \
         rejection_reason_code, processing_mode, country_used, face_match_passed, \
         face_match_score, age_check_passed, check_results, sealed, created_at, updated_at"
    };
}

statements! {
    UPSERT = "results.upsert",
        "INSERT INTO results (", columns!(), ") \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?14) \
         ON CONFLICT (session_id) DO UPDATE SET status = excluded.status, \
         rejection_reason = excluded.rejection_reason, \
         rejection_reason_code = excluded.rejection_reason_code, \
         processing_mode = excluded.processing_mode, country_used = excluded.country_used, \
         face_match_passed = excluded.face_match_passed, \
         face_match_score = excluded.face_match_score, \
         age_check_passed = excluded.age_check_passed, check_results = excluded.check_results, \
         sealed = excluded.sealed, updated_at = excluded.updated_at";
    GET = "results.get",
        "SELECT ", columns!(), " FROM results WHERE session_id = ?1";
    LIST = "results.list",
        "SELECT ", columns!(), " FROM results WHERE session_id IN (SELECT session_id \
         FROM results WHERE organization_id = ?1 AND environment = ?2";
    COUNT = "results.count",
        "SELECT COUNT(*) FROM (SELECT 1 AS one FROM results WHERE organization_id = ?1 \
         AND environment = ?2";
    SCRUB = "results.scrub",
        "UPDATE results SET sealed = NULL, check_results = '{}', rejection_reason = NULL, \
         face_match_score = NULL WHERE session_id = ?1";
    DELETE = "results.delete",
        "DELETE FROM results WHERE session_id = ?1";
}

/// A session's result.
#[derive(Clone)]
pub struct ResultRecord {
    /// The session.
    pub session_id: SessionId,
    /// Whose it is.
    pub tenant: Tenant,
    /// The decision.
    pub status: ResultStatus,
    /// Why not, in a sentence without personal data.
    pub rejection_reason: Option<String>,
    /// Why not, as a stable code.
    pub rejection_reason_code: Option<RejectionReasonCode>,
    /// Who decided.
    pub processing_mode: ProcessingMode,
    /// The country whose rules applied, ISO 3166-1 alpha-2.
    pub country_used: Option<String>,
    /// The face comparison's verdict.
    pub face_match_passed: Option<bool>,
    /// The face comparison's score, 0 to 1.
    pub face_match_score: Option<f64>,
    /// The age check's verdict.
    pub age_check_passed: Option<bool>,
    /// Policy → status, verdict, score and reasons, as JSON text.
    pub check_results: String,
    /// Extracted data under the session's data key; absent once erased.
    pub sealed: Option<Vec<u8>>,
    /// When the first decision fell.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl ResultRecord {
    /// Reads a row of [`get`] or [`list`].
    ///
    /// # Errors
    /// When a column has another type or names an unknown word.
    pub fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            session_id: row.id(0)?,
            tenant: tenant_at(row, 1)?,
            status: parsed(row, 3)?,
            rejection_reason: row.get(4)?,
            rejection_reason_code: parsed_opt(row, 5)?,
            processing_mode: parsed(row, 6)?,
            country_used: row.get(7)?,
            face_match_passed: row.get(8)?,
            face_match_score: row.get(9)?,
            age_check_passed: row.get(10)?,
            check_results: row.get(11)?,
            sealed: row.get(12)?,
            created_at: row.get(13)?,
            updated_at: row.get(14)?,
        })
    }
}

/// Writes a session's result, replacing an earlier one.
pub fn upsert(record: &ResultRecord) -> Stmt {
    stmt(
        UPSERT,
        vec![
            record.session_id.uuid().into(),
            record.tenant.organization.uuid().into(),
            record.tenant.environment.as_str().into(),
            record.status.as_str().into(),
            record.rejection_reason.clone().into(),
            record
                .rejection_reason_code
                .map(RejectionReasonCode::as_str)
                .into(),
            record.processing_mode.as_str().into(),
            record.country_used.clone().into(),
            record.face_match_passed.into(),
            record.face_match_score.into(),
            record.age_check_passed.into(),
            record.check_results.as_str().into(),
            record.sealed.clone().into(),
            record.updated_at.into(),
        ],
    )
    .expect(1)
}

/// The result of a session.
pub fn get(session: SessionId) -> Stmt {
    stmt(GET, vec![session.uuid().into()])
}

/// Filters of the list.
#[derive(Clone, Default)]
pub struct ResultFilter {
    /// Only this decision.
    pub status: Option<ResultStatus>,
    /// Decided at or after.
    pub created_after: Option<Timestamp>,
    /// Decided before.
    pub created_before: Option<Timestamp>,
}

impl ResultFilter {
    /// Whether anything is filtered.
    pub fn is_empty(&self) -> bool {
        self.status.is_none() && self.created_after.is_none() && self.created_before.is_none()
    }

    fn add_to(&self, sql: &mut Fragments) {
        if let Some(status) = self.status {
            sql.add(" AND status = ", status.as_str());
        }
        if let Some(after) = self.created_after {
            sql.add(" AND created_at >= ", after);
        }
        if let Some(before) = self.created_before {
            sql.add(" AND created_at < ", before);
        }
    }
}

/// A page of a tenant's results, newest session first. It is found in an index that holds all that
/// is asked for; rows, which are large, are read for the page alone.
pub fn list(tenant: Tenant, filter: &ResultFilter, start: PageStart, limit: i64) -> Stmt {
    let mut sql = Fragments::new(LIST, tenant);
    filter.add_to(&mut sql);
    sql.page_of_ids("session_id", start, limit)
}

/// The number of matching results, counting no further than `most`.
pub fn count(tenant: Tenant, filter: &ResultFilter, most: i64) -> Stmt {
    let mut sql = Fragments::new(COUNT, tenant);
    filter.add_to(&mut sql);
    sql.add(" LIMIT ", most);
    sql.text(") AS found");
    sql.finish()
}

/// Drops the personal data of a session's result.
pub fn scrub(session: SessionId) -> Stmt {
    stmt(SCRUB, vec![session.uuid().into()])
}

/// Removes a result, as when a session is judged anew.
pub fn delete(session: SessionId) -> Stmt {
    stmt(DELETE, vec![session.uuid().into()])
}
