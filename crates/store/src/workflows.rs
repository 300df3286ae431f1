//! Workflows and their immutable versions.

use verifa_core::id::{Id, OrganizationId, WorkflowId};
use verifa_core::tenant::Environment;
use verifa_core::time::Timestamp;

use crate::columns::parsed;
use crate::db::{DbError, Row, Stmt};
use crate::list::PageStart;
use crate::{statements, stmt};

macro_rules! columns {
    () => {
        "w.id, w.organization_id, w.name, w.description, w.current_version, w.is_active, \
         w.rollout_percentage, w.purpose, w.profile, w.graph_layout, w.revision, w.created_at, \
         w.updated_at, w.environment, \
         (CASE WHEN o.default_workflow_id = w.id THEN CAST(1 AS BIGINT) ELSE CAST(0 AS BIGINT) \
         END)"
    };
}

macro_rules! source {
    () => {
        " FROM workflows w JOIN organizations o ON o.id = w.organization_id"
    };
}

macro_rules! version_columns {
    () => {
        "workflow_id, version, content, compiled, created_at"
    };
}

statements! {
    INSERT = "workflows.insert",
        "INSERT INTO workflows (id, organization_id, name, description, current_version, \
         is_active, rollout_percentage, purpose, profile, graph_layout, revision, created_at, \
         updated_at, environment) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 1, ?11, ?11, ?12)";
    UPDATE = "workflows.update",
        "UPDATE workflows SET name = ?3, description = ?4, current_version = ?5, \
         is_active = ?6, rollout_percentage = ?7, purpose = ?8, profile = ?9, \
         graph_layout = ?10, revision = revision + 1, updated_at = ?11 WHERE id = ?1 AND revision = ?2";
    GET = "workflows.get",
        "SELECT ", columns!(), source!(), " WHERE w.id = ?1 AND w.organization_id = ?2";
    DEFAULT = "workflows.default",
        "SELECT ", columns!(), source!(),
        " AND o.default_workflow_id = w.id WHERE o.id = ?1";
    LIST_OFFSET = "workflows.list_offset",
        "SELECT ", columns!(), source!(), " WHERE w.organization_id = ?1 \
         ORDER BY w.id DESC LIMIT ?2 OFFSET ?3";
    LIST_AFTER = "workflows.list_after",
        "SELECT ", columns!(), source!(), " WHERE w.organization_id = ?1 AND w.id < ?3 \
         ORDER BY w.id DESC LIMIT ?2";
    LIST_BEFORE = "workflows.list_before",
        "SELECT ", columns!(), source!(), " WHERE w.organization_id = ?1 AND w.id > ?3 \
         ORDER BY w.id LIMIT ?2";
    COUNT = "workflows.count",
        "SELECT COUNT(*) FROM workflows WHERE organization_id = ?1";
    INSERT_VERSION = "workflow_versions.insert",
        "INSERT INTO workflow_versions (", version_columns!(), ") \
         VALUES (?1, ?2, ?3, ?4, ?5)";
    LIVE_USE = "workflows.live_use",
        "SELECT id FROM sessions WHERE organization_id = ?1 AND environment = 'live' \
         AND workflow_id = ?2 LIMIT 1";
    GET_VERSION = "workflow_versions.get",
        "SELECT ", version_columns!(), " FROM workflow_versions \
         WHERE workflow_id = ?1 AND version = ?2";
}

/// A workflow without its graph.
#[derive(Clone)]
pub struct WorkflowRecord {
    /// Its id.
    pub id: WorkflowId,
    /// Whose it is.
    pub organization_id: OrganizationId,
    /// Display name.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// The version that new runs take.
    pub current_version: i64,
    /// Whether new sessions may name it.
    pub is_active: bool,
    /// Share of new sessions, in per cent, that take the newest version.
    pub rollout_percentage: Option<i64>,
    /// Why the data is processed.
    pub purpose: Option<String>,
    /// The checklist that it fulfils.
    pub profile: Option<String>,
    /// The builder's positions, as JSON text.
    pub graph_layout: Option<String>,
    /// Grows with each change; updates expect it.
    pub revision: i64,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Where it was made. Both environments use it; the sandbox changes only its own.
    pub environment: Environment,
    /// Whether it is the organization's default. Written by [`crate::organizations`].
    pub is_default: bool,
}

impl WorkflowRecord {
    /// Reads a row of [`get`] or [`list`].
    ///
    /// # Errors
    /// When a column has another type.
    pub fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            id: row.id(0)?,
            organization_id: row.id(1)?,
            name: row.get(2)?,
            description: row.get(3)?,
            current_version: row.get(4)?,
            is_active: row.get(5)?,
            rollout_percentage: row.get(6)?,
            purpose: row.get(7)?,
            profile: row.get(8)?,
            graph_layout: row.get(9)?,
            revision: row.get(10)?,
            created_at: row.get(11)?,
            updated_at: row.get(12)?,
            environment: parsed(row, 13)?,
            is_default: row.get(14)?,
        })
    }
}

/// An immutable version: what was written, and the graph it compiles to.
#[derive(Clone)]
pub struct WorkflowVersionRecord {
    /// The workflow.
    pub workflow_id: WorkflowId,
    /// 1, 2, …
    pub version: i64,
    /// What the operator wrote, as JSON text.
    pub content: String,
    /// What it compiles to, auto-inserted checks included, as JSON text.
    pub compiled: String,
    /// When it was made.
    pub created_at: Timestamp,
}

impl WorkflowVersionRecord {
    /// Reads a row of [`get_version`].
    ///
    /// # Errors
    /// When a column has another type.
    pub fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            workflow_id: row.id(0)?,
            version: row.get(1)?,
            content: row.get(2)?,
            compiled: row.get(3)?,
            created_at: row.get(4)?,
        })
    }
}

/// Inserts a workflow.
pub fn insert(record: &WorkflowRecord) -> Stmt {
    stmt(
        INSERT,
        vec![
            record.id.uuid().into(),
            record.organization_id.uuid().into(),
            record.name.as_str().into(),
            record.description.clone().into(),
            record.current_version.into(),
            record.is_active.into(),
            record.rollout_percentage.into(),
            record.purpose.clone().into(),
            record.profile.clone().into(),
            record.graph_layout.clone().into(),
            record.created_at.into(),
            record.environment.as_str().into(),
        ],
    )
    .expect(1)
}

/// Writes what can change; conflicts when the row is not at `record.revision` any more.
pub fn update(record: &WorkflowRecord, now: Timestamp) -> Stmt {
    stmt(
        UPDATE,
        vec![
            record.id.uuid().into(),
            record.revision.into(),
            record.name.as_str().into(),
            record.description.clone().into(),
            record.current_version.into(),
            record.is_active.into(),
            record.rollout_percentage.into(),
            record.purpose.clone().into(),
            record.profile.clone().into(),
            record.graph_layout.clone().into(),
            now.into(),
        ],
    )
    .expect(1)
}

/// One workflow of an organization.
pub fn get(organization: OrganizationId, id: WorkflowId) -> Stmt {
    stmt(GET, vec![id.uuid().into(), organization.uuid().into()])
}

/// An organization's default workflow.
pub fn default_of(organization: OrganizationId) -> Stmt {
    stmt(DEFAULT, vec![organization.uuid().into()])
}

/// A page of an organization's workflows, newest first.
pub fn list(organization: OrganizationId, start: PageStart, limit: i64) -> Stmt {
    let (sql, third) = match start {
        PageStart::Offset(offset) => (LIST_OFFSET, offset.into()),
        PageStart::After(id) => (LIST_AFTER, id.into()),
        PageStart::Before(id) => (LIST_BEFORE, id.into()),
    };
    stmt(sql, vec![organization.uuid().into(), limit.into(), third])
}

/// How many workflows an organization has.
pub fn count(organization: OrganizationId) -> Stmt {
    stmt(COUNT, vec![organization.uuid().into()])
}

/// A live session of a workflow, if there is any.
pub fn live_use(organization: OrganizationId, id: WorkflowId) -> Stmt {
    stmt(LIVE_USE, vec![organization.uuid().into(), id.uuid().into()])
}

/// Inserts a version; a unique violation means that another writer made it first.
pub fn insert_version(record: &WorkflowVersionRecord) -> Stmt {
    stmt(
        INSERT_VERSION,
        vec![
            record.workflow_id.uuid().into(),
            record.version.into(),
            record.content.as_str().into(),
            record.compiled.as_str().into(),
            record.created_at.into(),
        ],
    )
    .expect(1)
}

/// One version of a workflow.
pub fn get_version(workflow: WorkflowId, version: i64) -> Stmt {
    stmt(GET_VERSION, vec![workflow.uuid().into(), version.into()])
}
