//! Organizations: settings, wrapped keys, the default workflow.

use verifa_core::id::{Id, OrganizationId, WorkflowId};
use verifa_core::time::Timestamp;

use crate::db::{DbError, Row, Stmt};
use crate::{statements, stmt};

statements! {
    INSERT = "organizations.insert",
        "INSERT INTO organizations (id, name, slug, plan, settings, wrapped_key, \
         sealed_reference_secret, default_workflow_id, revision, created_at, updated_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 1, ?9, ?9)";
    GET = "organizations.get",
        "SELECT id, name, slug, plan, settings, wrapped_key, sealed_reference_secret, \
         default_workflow_id, revision, created_at, updated_at FROM organizations WHERE id = ?1";
    ALL = "organizations.all",
        "SELECT id, name, slug, plan, settings, wrapped_key, sealed_reference_secret, \
         default_workflow_id, revision, created_at, updated_at FROM organizations ORDER BY id";
    SET_DEFAULT_WORKFLOW = "organizations.set_default_workflow",
        "UPDATE organizations SET default_workflow_id = ?2, revision = revision + 1, \
         updated_at = ?3 WHERE id = ?1";
    REWRAP = "organizations.rewrap",
        "UPDATE organizations SET wrapped_key = ?2 WHERE id = ?1";
}

/// One organization.
#[derive(Clone)]
pub struct OrganizationRecord {
    /// Its id.
    pub id: OrganizationId,
    /// Display name.
    pub name: String,
    /// Short name, `^[a-z0-9-]+$`, unique on the server.
    pub slug: String,
    /// Rate-limit plan.
    pub plan: String,
    /// Settings as JSON text.
    pub settings: String,
    /// The organization key, wrapped by the master key.
    pub wrapped_key: Vec<u8>,
    /// The secret that signs `external_ref` for publishable keys, sealed by the organization key.
    pub sealed_reference_secret: Vec<u8>,
    /// The workflow of sessions that name none.
    pub default_workflow_id: WorkflowId,
    /// Grows with each change.
    pub revision: i64,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl OrganizationRecord {
    /// Reads a row of [`get`] or [`all`].
    ///
    /// # Errors
    /// When a column has another type.
    pub fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            id: row.id(0)?,
            name: row.get(1)?,
            slug: row.get(2)?,
            plan: row.get(3)?,
            settings: row.get(4)?,
            wrapped_key: row.get(5)?,
            sealed_reference_secret: row.get(6)?,
            default_workflow_id: row.id(7)?,
            revision: row.get(8)?,
            created_at: row.get(9)?,
            updated_at: row.get(10)?,
        })
    }
}

/// Inserts an organization.
pub fn insert(record: &OrganizationRecord) -> Stmt {
    stmt(
        INSERT,
        vec![
            record.id.uuid().into(),
            record.name.as_str().into(),
            record.slug.as_str().into(),
            record.plan.as_str().into(),
            record.settings.as_str().into(),
            record.wrapped_key.as_slice().into(),
            record.sealed_reference_secret.as_slice().into(),
            record.default_workflow_id.uuid().into(),
            record.created_at.into(),
        ],
    )
    .expect(1)
}

/// One organization by id.
pub fn get(id: OrganizationId) -> Stmt {
    stmt(GET, vec![id.uuid().into()])
}

/// Every organization of the server.
pub fn all() -> Stmt {
    stmt(ALL, vec![])
}

/// Makes a workflow the default.
pub fn set_default_workflow(id: OrganizationId, workflow: WorkflowId, now: Timestamp) -> Stmt {
    stmt(
        SET_DEFAULT_WORKFLOW,
        vec![id.uuid().into(), workflow.uuid().into(), now.into()],
    )
    .expect(1)
}

/// Replaces the wrapped key after a rotation of the master key.
pub fn rewrap(id: OrganizationId, wrapped_key: &[u8]) -> Stmt {
    stmt(REWRAP, vec![id.uuid().into(), wrapped_key.into()]).expect(1)
}
