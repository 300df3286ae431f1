//! Organizations: settings, wrapped keys, the default workflow.

use verifa_core::id::{Id, OrganizationId, WorkflowId};
use verifa_core::time::Timestamp;

use crate::db::{DbError, Row, Stmt};
use crate::list::PageStart;
use crate::{statements, stmt};

macro_rules! columns {
    () => {
        "id, name, slug, plan, settings, sandbox_settings, wrapped_key, \
         sealed_reference_secret, default_workflow_id, revision, created_at, updated_at"
    };
}

statements! {
    INSERT = "organizations.insert",
        "INSERT INTO organizations (id, name, slug, plan, settings, sandbox_settings, \
         wrapped_key, sealed_reference_secret, default_workflow_id, revision, created_at, \
         updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 1, ?10, ?10)";
    GET = "organizations.get",
        "SELECT ", columns!(), " FROM organizations WHERE id = ?1";
    BY_SLUG = "organizations.by_slug",
        "SELECT ", columns!(), " FROM organizations WHERE slug = ?1";
    ALL = "organizations.all",
        "SELECT ", columns!(), " FROM organizations ORDER BY id";
    PAGE_OFFSET = "organizations.page_offset",
        "SELECT ", columns!(), " FROM organizations ORDER BY id DESC LIMIT ?1 OFFSET ?2";
    PAGE_AFTER = "organizations.page_after",
        "SELECT ", columns!(), " FROM organizations WHERE id < ?2 ORDER BY id DESC LIMIT ?1";
    PAGE_BEFORE = "organizations.page_before",
        "SELECT ", columns!(), " FROM organizations WHERE id > ?2 ORDER BY id LIMIT ?1";
    COUNT = "organizations.count",
        "SELECT COUNT(*) FROM organizations";
    UPDATE = "organizations.update",
        "UPDATE organizations SET name = ?3, plan = ?4, settings = ?5, \
         sandbox_settings = ?6, default_workflow_id = ?7, \
         revision = revision + 1, updated_at = ?8 WHERE id = ?1 AND revision = ?2";
    SET_DEFAULT_WORKFLOW = "organizations.set_default_workflow",
        "UPDATE organizations SET default_workflow_id = ?2, revision = revision + 1, \
         updated_at = ?3 WHERE id = ?1";
    REPLACE_REFERENCE_SECRET = "organizations.replace_reference_secret",
        "UPDATE organizations SET sealed_reference_secret = ?3, revision = revision + 1, \
         updated_at = ?4 WHERE id = ?1 AND revision = ?2";
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
    /// The live environment's settings as JSON text.
    pub settings: String,
    /// The sandbox's own settings as JSON text; `None` while the live ones apply to it.
    pub sandbox_settings: Option<String>,
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
            sandbox_settings: row.get(5)?,
            wrapped_key: row.get(6)?,
            sealed_reference_secret: row.get(7)?,
            default_workflow_id: row.id(8)?,
            revision: row.get(9)?,
            created_at: row.get(10)?,
            updated_at: row.get(11)?,
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
            record.sandbox_settings.clone().into(),
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

/// The organization with a short name.
pub fn by_slug(slug: &str) -> Stmt {
    stmt(BY_SLUG, vec![slug.into()])
}

/// A page of the server's organizations, newest first.
pub fn page(start: PageStart, limit: i64) -> Stmt {
    let (sql, second) = match start {
        PageStart::Offset(offset) => (PAGE_OFFSET, offset.into()),
        PageStart::After(id) => (PAGE_AFTER, id.into()),
        PageStart::Before(id) => (PAGE_BEFORE, id.into()),
    };
    stmt(sql, vec![limit.into(), second])
}

/// How many organizations the server has.
pub fn count() -> Stmt {
    stmt(COUNT, vec![])
}

/// Writes what can change; conflicts when the organization is not at `record.revision` any more.
pub fn update(record: &OrganizationRecord, now: Timestamp) -> Stmt {
    stmt(
        UPDATE,
        vec![
            record.id.uuid().into(),
            record.revision.into(),
            record.name.as_str().into(),
            record.plan.as_str().into(),
            record.settings.as_str().into(),
            record.sandbox_settings.clone().into(),
            record.default_workflow_id.uuid().into(),
            now.into(),
        ],
    )
    .expect(1)
}

/// Makes a workflow the default.
pub fn set_default_workflow(id: OrganizationId, workflow: WorkflowId, now: Timestamp) -> Stmt {
    stmt(
        SET_DEFAULT_WORKFLOW,
        vec![id.uuid().into(), workflow.uuid().into(), now.into()],
    )
    .expect(1)
}

/// Writes another secret for external references; conflicts when the organization is not at
/// `record.revision` any more.
pub fn replace_reference_secret(
    record: &OrganizationRecord,
    sealed: &[u8],
    now: Timestamp,
) -> Stmt {
    stmt(
        REPLACE_REFERENCE_SECRET,
        vec![
            record.id.uuid().into(),
            record.revision.into(),
            sealed.into(),
            now.into(),
        ],
    )
    .expect(1)
}

/// Replaces the wrapped key after a rotation of the master key.
pub fn rewrap(id: OrganizationId, wrapped_key: &[u8]) -> Stmt {
    stmt(REWRAP, vec![id.uuid().into(), wrapped_key.into()]).expect(1)
}
