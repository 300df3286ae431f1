//! Sessions: the row, its optimistic update, the filtered list.

use verifa_core::id::{CaseId, Id, OrganizationId, SessionId, WorkflowId};
use verifa_core::privacy::RetentionStage;
use verifa_core::session::{RetentionStatus, Status};
use verifa_core::tenant::Tenant;
use verifa_core::time::Timestamp;

use crate::columns::{json, json_opt, parsed, tenant_at, to_json};
use crate::db::{DbError, Row, Stmt, Value};
use crate::list::{Fragments, PageStart};
use crate::{statements, stmt};

macro_rules! columns {
    () => {
        "s.id, s.organization_id, s.environment, s.status, s.revision, s.workflow_id, \
         s.external_ref, s.country, s.document_type, s.checks, s.tags, s.redirect_url, \
         s.locale, s.token_hash, s.token_expires_at, s.token_minutes, s.retention_status, \
         s.processing_attempts, s.sealed, s.terminal_at, s.created_at, s.updated_at, \
         k.wrapped, c.id, c.status, s.retention_stage, s.retention_anchor, s.legal_hold_at, \
         s.former_token_hash"
    };
}

macro_rules! source {
    () => {
        " FROM sessions s LEFT JOIN data_keys k ON k.id = s.id \
         LEFT JOIN cases c ON c.session_id = s.id"
    };
}

statements! {
    INSERT = "sessions.insert",
        "INSERT INTO sessions (id, organization_id, environment, status, revision, workflow_id, \
         external_ref, country, document_type, checks, tags, redirect_url, locale, token_hash, \
         token_expires_at, token_minutes, retention_status, processing_attempts, sealed, \
         terminal_at, created_at, updated_at, retention_anchor) VALUES (?1, ?2, ?3, ?4, 1, ?5, \
         ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?20, ?20)";
    // The retention windows go on from where they were while the terminal time stays the same: a
    // sandbox's clock moves the anchor and not that time.
    UPDATE = "sessions.update",
        "UPDATE sessions SET status = ?3, revision = revision + 1, external_ref = ?4, \
         document_type = ?5, tags = ?6, token_hash = ?7, token_expires_at = ?8, \
         retention_status = ?9, processing_attempts = ?10, sealed = ?11, \
         retention_anchor = CASE WHEN sessions.terminal_at = ?12 THEN sessions.retention_anchor \
         ELSE COALESCE(?12, ?13) END, terminal_at = ?12, updated_at = ?13, \
         retention_stage = ?14, legal_hold_at = ?15, former_token_hash = ?16 \
         WHERE id = ?1 AND revision = ?2";
    GET = "sessions.get",
        "SELECT ", columns!(), source!(),
        " WHERE s.id = ?1 AND s.organization_id = ?2 AND s.environment = ?3";
    BY_ID = "sessions.by_id",
        "SELECT ", columns!(), source!(), " WHERE s.id = ?1";
    BY_TOKEN = "sessions.by_token",
        "SELECT ", columns!(), source!(), " WHERE s.token_hash = ?1";
    BY_FORMER_TOKEN = "sessions.by_former_token",
        "SELECT ", columns!(), source!(), " WHERE s.former_token_hash = ?1 \
         AND s.former_token_hash IS NOT NULL";
    LIST = "sessions.list",
        "SELECT ", columns!(), source!(),
        " WHERE s.organization_id = ?1 AND s.environment = ?2";
    COUNT = "sessions.count",
        "SELECT COUNT(*) FROM (SELECT 1 AS one FROM sessions s \
         WHERE s.organization_id = ?1 AND s.environment = ?2";
    ERASE = "sessions.erase",
        "UPDATE sessions SET redirect_url = NULL WHERE id = ?1";
    AGE = "sessions.age",
        "UPDATE sessions SET token_expires_at = token_expires_at - ?2, \
         revision = revision + 1 WHERE organization_id = ?1 AND environment = 'sandbox' \
         AND status IN ('pending', 'capturing')";
    UNCHANGED = "sessions.unchanged",
        "UPDATE sessions SET revision = revision WHERE id = ?1 AND revision = ?2";
    TOLD_ONCE = "sessions.told_once",
        "SELECT told_once FROM sessions WHERE id = ?1";
    NOTE_TOLD = "sessions.note_told",
        "UPDATE sessions SET told_once = ?3 WHERE id = ?1 AND told_once = ?2";
    INSERT_TAG = "sessions.insert_tag",
        "INSERT INTO session_tags (organization_id, environment, tag, session_id) \
         VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING";
    DELETE_TAGS = "sessions.delete_tags",
        "DELETE FROM session_tags WHERE session_id = ?1";
}

/// A session's row.
#[derive(Clone)]
pub struct SessionRecord {
    /// Its id.
    pub id: SessionId,
    /// Whose it is.
    pub tenant: Tenant,
    /// Where it stands.
    pub status: Status,
    /// Grows with each change; updates expect it.
    pub revision: i64,
    /// The workflow that judges it.
    pub workflow_id: WorkflowId,
    /// The operator's own id for the person.
    pub external_ref: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// The kind of identity document, once known.
    pub document_type: Option<String>,
    /// The subset of operator-placed checks that was asked for.
    pub checks: Option<Vec<String>>,
    /// The operator's labels.
    pub tags: Vec<String>,
    /// Where the person goes after the end.
    pub redirect_url: Option<String>,
    /// The language asked for.
    pub locale: Option<String>,
    /// Keyed hash of the live capture token.
    pub token_hash: Option<Vec<u8>>,
    /// When the capture token dies.
    pub token_expires_at: Option<Timestamp>,
    /// The life of a fresh token, in minutes.
    pub token_minutes: i64,
    /// Whether personal data is still there.
    pub retention_status: RetentionStatus,
    /// How often processing began.
    pub processing_attempts: i64,
    /// What only the session's data key opens.
    pub sealed: Option<Vec<u8>>,
    /// When it reached a terminal status.
    pub terminal_at: Option<Timestamp>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// The wrapped data key; absent once destroyed. Written by [`crate::keys`].
    pub wrapped_key: Option<Vec<u8>>,
    /// The review case, if any. Written by [`crate::cases`].
    pub case: Option<(CaseId, String)>,
    /// How far it has come on its way to erasure.
    pub retention_stage: RetentionStage,
    /// From when its retention windows count. Written by the database: see [`update`].
    pub retention_anchor: Timestamp,
    /// Since when a legal hold keeps it, if one does.
    pub legal_hold_at: Option<Timestamp>,
    /// Keyed hash of the last capture token, once it died.
    pub former_token_hash: Option<Vec<u8>>,
}

impl SessionRecord {
    /// Reads a row of [`get`], [`by_id`] or [`list`].
    ///
    /// # Errors
    /// When a column has another type or names an unknown state.
    pub fn from_row(row: &Row) -> Result<Self, DbError> {
        let case_status: Option<String> = row.get(24)?;
        Ok(Self {
            id: row.id(0)?,
            tenant: tenant_at(row, 1)?,
            status: parsed(row, 3)?,
            revision: row.get(4)?,
            workflow_id: row.id(5)?,
            external_ref: row.get(6)?,
            country: row.get(7)?,
            document_type: row.get(8)?,
            checks: json_opt(row, 9)?,
            tags: json(row, 10)?,
            redirect_url: row.get(11)?,
            locale: row.get(12)?,
            token_hash: row.get(13)?,
            token_expires_at: row.get(14)?,
            token_minutes: row.get(15)?,
            retention_status: parsed(row, 16)?,
            processing_attempts: row.get(17)?,
            sealed: row.get(18)?,
            terminal_at: row.get(19)?,
            created_at: row.get(20)?,
            updated_at: row.get(21)?,
            wrapped_key: row.get(22)?,
            case: row.id_opt(23)?.zip(case_status),
            retention_stage: RetentionStage::from_stored(row.get(25)?)
                .ok_or(DbError::Column { index: 25 })?,
            retention_anchor: row.get(26)?,
            legal_hold_at: row.get(27)?,
            former_token_hash: row.get(28)?,
        })
    }
}

/// Inserts a session and its tags.
pub fn insert(record: &SessionRecord) -> Vec<Stmt> {
    let mut statements = vec![
        stmt(
            INSERT,
            vec![
                record.id.uuid().into(),
                record.tenant.organization.uuid().into(),
                record.tenant.environment.as_str().into(),
                record.status.as_str().into(),
                record.workflow_id.uuid().into(),
                record.external_ref.clone().into(),
                record.country.clone().into(),
                record.document_type.clone().into(),
                record.checks.as_ref().map_or(Value::Null, to_json),
                to_json(&record.tags),
                record.redirect_url.clone().into(),
                record.locale.clone().into(),
                record.token_hash.clone().into(),
                record.token_expires_at.into(),
                record.token_minutes.into(),
                record.retention_status.as_str().into(),
                record.processing_attempts.into(),
                record.sealed.clone().into(),
                record.terminal_at.into(),
                record.created_at.into(),
            ],
        )
        .expect(1),
    ];
    statements.extend(record.tags.iter().map(|tag| insert_tag(record, tag)));
    statements
}

/// Writes what can change; conflicts when the row is not at `record.revision` any more.
pub fn update(record: &SessionRecord, now: Timestamp) -> Stmt {
    stmt(
        UPDATE,
        vec![
            record.id.uuid().into(),
            record.revision.into(),
            record.status.as_str().into(),
            record.external_ref.clone().into(),
            record.document_type.clone().into(),
            to_json(&record.tags),
            record.token_hash.clone().into(),
            record.token_expires_at.into(),
            record.retention_status.as_str().into(),
            record.processing_attempts.into(),
            record.sealed.clone().into(),
            record.terminal_at.into(),
            now.into(),
            record.retention_stage.as_stored().into(),
            record.legal_hold_at.into(),
            record.former_token_hash.clone().into(),
        ],
    )
    .expect(1)
}

/// Erases what [`update`] does not write: the way back, whose query may name the person.
pub fn erase(id: SessionId) -> Stmt {
    stmt(ERASE, vec![id.uuid().into()])
}

/// Brings the ends of capture tokens nearer by so many microseconds, in an organization's sandbox;
/// [`crate::retention::age`] does so with the retention windows.
pub fn age(organization: OrganizationId, by: i64) -> Stmt {
    stmt(AGE, vec![organization.uuid().into(), by.into()])
}

/// Conflicts when the row is not at `record.revision` any more; writes nothing.
pub fn unchanged(record: &SessionRecord) -> Stmt {
    stmt(
        UNCHANGED,
        vec![record.id.uuid().into(), record.revision.into()],
    )
    .expect(1)
}

/// Which of the events that are told once a session has told, as a sum of their bits.
pub fn told_once(id: SessionId) -> Stmt {
    stmt(TOLD_ONCE, vec![id.uuid().into()])
}

/// Notes that more of them are told; conflicts when others noted some meanwhile.
pub fn note_told(id: SessionId, before: i64, after: i64) -> Stmt {
    stmt(
        NOTE_TOLD,
        vec![id.uuid().into(), before.into(), after.into()],
    )
    .expect(1)
}

fn insert_tag(record: &SessionRecord, tag: &str) -> Stmt {
    stmt(
        INSERT_TAG,
        vec![
            record.tenant.organization.uuid().into(),
            record.tenant.environment.as_str().into(),
            tag.into(),
            record.id.uuid().into(),
        ],
    )
}

/// Rewrites the tag index of a session.
pub fn replace_tags(record: &SessionRecord) -> Vec<Stmt> {
    let mut statements = vec![stmt(DELETE_TAGS, vec![record.id.uuid().into()])];
    statements.extend(record.tags.iter().map(|tag| insert_tag(record, tag)));
    statements
}

/// One session of a tenant.
pub fn get(tenant: Tenant, id: SessionId) -> Stmt {
    stmt(
        GET,
        vec![
            id.uuid().into(),
            tenant.organization.uuid().into(),
            tenant.environment.as_str().into(),
        ],
    )
}

/// One session by id alone: for workers and signed links, never for an API caller's id.
pub fn by_id(id: SessionId) -> Stmt {
    stmt(BY_ID, vec![id.uuid().into()])
}

/// The session that a live capture token belongs to, by the token's keyed hash.
pub fn by_token(hash: &[u8]) -> Stmt {
    stmt(BY_TOKEN, vec![hash.into()])
}

/// The session whose last capture token had this keyed hash, once the token died.
pub fn by_former_token(hash: &[u8]) -> Stmt {
    stmt(BY_FORMER_TOKEN, vec![hash.into()])
}

/// Filters of the list; all given ones apply together.
#[derive(Clone, Default)]
pub struct SessionFilter {
    /// Only this status.
    pub status: Option<Status>,
    /// `external_ref` begins with this, or the id is the one given.
    pub query: Option<String>,
    /// The id range that `query` names when it is a prefix of an id.
    pub query_ids: Option<(uuid::Uuid, uuid::Uuid)>,
    /// `external_ref` equals this.
    pub external_ref: Option<String>,
    /// Carries this tag.
    pub tag: Option<String>,
    /// Judged by this workflow.
    pub workflow_id: Option<WorkflowId>,
    /// Created at or after.
    pub created_after: Option<Timestamp>,
    /// Created before.
    pub created_before: Option<Timestamp>,
}

impl SessionFilter {
    /// Whether only the status is filtered, if anything, so that counters give the total.
    pub fn is_counted(&self) -> bool {
        self.query.is_none()
            && self.query_ids.is_none()
            && self.external_ref.is_none()
            && self.tag.is_none()
            && self.workflow_id.is_none()
            && self.created_after.is_none()
            && self.created_before.is_none()
    }

    fn add_to(&self, sql: &mut Fragments) {
        if let Some(status) = self.status {
            sql.add(" AND s.status = ", status.as_str());
        }
        if let Some(reference) = &self.external_ref {
            sql.add(" AND s.external_ref = ", reference.as_str());
        }
        self.add_query(sql);
        if let Some(workflow) = self.workflow_id {
            sql.add(" AND s.workflow_id = ", workflow.uuid());
        }
        if let Some(after) = self.created_after {
            // The bounds on the id, which is made of the same time, let the index work.
            sql.add(" AND s.id >= ", verifa_core::id::first_uuid_at(after));
            sql.add(" AND s.created_at >= ", after);
        }
        if let Some(before) = self.created_before {
            sql.add(" AND s.id < ", verifa_core::id::first_uuid_at(before));
            sql.add(" AND s.created_at < ", before);
        }
        if let Some(tag) = &self.tag {
            sql.text(
                " AND s.id IN (SELECT t.session_id FROM session_tags t \
                 WHERE t.organization_id = ?1 AND t.environment = ?2",
            );
            sql.add(" AND t.tag = ", tag.as_str());
            sql.text(")");
        }
    }

    fn add_query(&self, sql: &mut Fragments) {
        if self.query.is_none() && self.query_ids.is_none() {
            return;
        }
        sql.text(" AND (1 = 0");
        if let Some(query) = &self.query {
            sql.add(" OR (s.external_ref >= ", query.as_str());
            sql.add(" AND s.external_ref < ", format!("{query}\u{10ffff}"));
            sql.text(")");
        }
        if let Some((low, high)) = self.query_ids {
            sql.add(" OR (s.id >= ", low);
            sql.add(" AND s.id <= ", high);
            sql.text(")");
        }
        sql.text(")");
    }
}

/// A page of a tenant's sessions, newest first; asks for `limit` rows.
pub fn list(tenant: Tenant, filter: &SessionFilter, start: PageStart, limit: i64) -> Stmt {
    let mut sql = Fragments::new(LIST, tenant);
    filter.add_to(&mut sql);
    sql.page("s.id", start, limit)
}

/// The number of matching sessions, counting no further than `most`.
pub fn count(tenant: Tenant, filter: &SessionFilter, most: i64) -> Stmt {
    let mut sql = Fragments::new(COUNT, tenant);
    filter.add_to(&mut sql);
    sql.add(" LIMIT ", most);
    sql.text(") AS found");
    sql.finish()
}
