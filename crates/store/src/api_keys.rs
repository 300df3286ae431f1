//! API keys: found by the keyed hash of their secret.

use verifa_core::id::{ApiKeyId, Id, OrganizationId};
use verifa_core::tenant::{Scopes, Tenant};
use verifa_core::time::Timestamp;

use crate::columns::tenant_at;
use crate::db::{DbError, Row, Stmt};
use crate::list::{Fragments, PageStart};
use crate::{statements, stmt};

macro_rules! columns {
    () => {
        "id, organization_id, environment, publishable, key_prefix, label, note, scopes, \
         api_version, default_key_inflection, allowed_ips, allowed_origins, expires_at, \
         revoked_at, last_used_at, created_at, revision"
    };
}

statements! {
    INSERT = "api_keys.insert",
        "INSERT INTO api_keys (", columns!(), ", secret_hash) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)";
    BY_HASH = "api_keys.by_hash",
        "SELECT ", columns!(), " FROM api_keys WHERE secret_hash = ?1";
    GET = "api_keys.get",
        "SELECT ", columns!(), " FROM api_keys WHERE id = ?1";
    OF_TENANT = "api_keys.of_tenant",
        "SELECT ", columns!(), " FROM api_keys \
         WHERE id = ?1 AND organization_id = ?2 AND environment = ?3";
    PAGE = "api_keys.page",
        "SELECT ", columns!(), " FROM api_keys WHERE organization_id = ?1 AND environment = ?2";
    ORGANIZATION_PAGE_OFFSET = "api_keys.organization_page_offset",
        "SELECT ", columns!(), " FROM api_keys WHERE organization_id = ?1 \
         ORDER BY id DESC LIMIT ?2 OFFSET ?3";
    ORGANIZATION_PAGE_AFTER = "api_keys.organization_page_after",
        "SELECT ", columns!(), " FROM api_keys WHERE organization_id = ?1 AND id < ?3 \
         ORDER BY id DESC LIMIT ?2";
    ORGANIZATION_PAGE_BEFORE = "api_keys.organization_page_before",
        "SELECT ", columns!(), " FROM api_keys WHERE organization_id = ?1 AND id > ?3 \
         ORDER BY id LIMIT ?2";
    COUNT = "api_keys.count",
        "SELECT COUNT(*) FROM api_keys WHERE organization_id = ?1 AND environment = ?2";
    ORGANIZATION_COUNT = "api_keys.organization_count",
        "SELECT COUNT(*) FROM api_keys WHERE organization_id = ?1";
    UPDATE = "api_keys.update",
        "UPDATE api_keys SET label = ?3, note = ?4, scopes = ?5, api_version = ?6, \
         default_key_inflection = ?7, allowed_ips = ?8, allowed_origins = ?9, expires_at = ?10, \
         revision = revision + 1 WHERE id = ?1 AND revision = ?2 AND revoked_at IS NULL";
    LIST = "api_keys.list",
        "SELECT ", columns!(), " FROM api_keys WHERE organization_id = ?1 \
         ORDER BY id DESC LIMIT 1000";
    ACTIVE_ORIGINS = "api_keys.active_origins",
        "SELECT DISTINCT allowed_origins FROM api_keys \
         WHERE publishable = 1 AND revoked_at IS NULL \
         AND (expires_at IS NULL OR expires_at > ?1) LIMIT 10000";
    TOUCH = "api_keys.touch",
        "UPDATE api_keys SET last_used_at = ?2 WHERE id = ?1";
    REVOKE = "api_keys.revoke",
        "UPDATE api_keys SET revoked_at = ?2, revision = revision + 1 \
         WHERE id = ?1 AND revoked_at IS NULL";
}

/// One API key, without its secret.
#[derive(Clone)]
pub struct ApiKeyRecord {
    /// Its id.
    pub id: ApiKeyId,
    /// Whose data it opens.
    pub tenant: Tenant,
    /// Whether it may appear in a browser.
    pub publishable: bool,
    /// The first characters of the secret, for people to recognise it by.
    pub key_prefix: String,
    /// Short name.
    pub label: Option<String>,
    /// Free text.
    pub note: Option<String>,
    /// What it may do.
    pub scopes: Scopes,
    /// The API version of calls that name none.
    pub api_version: Option<String>,
    /// The key inflection of calls that name none.
    pub default_key_inflection: Option<String>,
    /// CIDR blocks it may be used from, as a JSON list; absent: all.
    pub allowed_ips: Option<String>,
    /// Origins a publishable key may be used from, as a JSON list; absent: all.
    pub allowed_origins: Option<String>,
    /// When it stops working by itself.
    pub expires_at: Option<Timestamp>,
    /// When somebody stopped it.
    pub revoked_at: Option<Timestamp>,
    /// Roughly when it was last used.
    pub last_used_at: Option<Timestamp>,
    /// When it was created.
    pub created_at: Timestamp,
    /// Grows with each change; uses do not count.
    pub revision: i64,
}

impl ApiKeyRecord {
    /// Reads a row of [`by_hash`] or [`list`].
    ///
    /// # Errors
    /// When a column has another type or names an unknown environment.
    pub fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            id: row.id(0)?,
            tenant: tenant_at(row, 1)?,
            publishable: row.get(3)?,
            key_prefix: row.get(4)?,
            label: row.get(5)?,
            note: row.get(6)?,
            scopes: Scopes::from_stored(&row.get::<String>(7)?),
            api_version: row.get(8)?,
            default_key_inflection: row.get(9)?,
            allowed_ips: row.get(10)?,
            allowed_origins: row.get(11)?,
            expires_at: row.get(12)?,
            revoked_at: row.get(13)?,
            last_used_at: row.get(14)?,
            created_at: row.get(15)?,
            revision: row.get(16)?,
        })
    }
}

/// Inserts a key under the keyed hash of its secret.
pub fn insert(record: &ApiKeyRecord, secret_hash: &[u8]) -> Stmt {
    stmt(
        INSERT,
        vec![
            record.id.uuid().into(),
            record.tenant.organization.uuid().into(),
            record.tenant.environment.as_str().into(),
            record.publishable.into(),
            record.key_prefix.as_str().into(),
            record.label.clone().into(),
            record.note.clone().into(),
            record.scopes.to_stored().into(),
            record.api_version.clone().into(),
            record.default_key_inflection.clone().into(),
            record.allowed_ips.clone().into(),
            record.allowed_origins.clone().into(),
            record.expires_at.into(),
            record.revoked_at.into(),
            record.last_used_at.into(),
            record.created_at.into(),
            record.revision.into(),
            secret_hash.into(),
        ],
    )
    .expect(1)
}

/// The key whose secret hashes to `secret_hash`.
pub fn by_hash(secret_hash: &[u8]) -> Stmt {
    stmt(BY_HASH, vec![secret_hash.into()])
}

/// One key by id, for the command line.
pub fn get(id: ApiKeyId) -> Stmt {
    stmt(GET, vec![id.uuid().into()])
}

/// One key of a tenant.
pub fn of_tenant(tenant: Tenant, id: ApiKeyId) -> Stmt {
    stmt(
        OF_TENANT,
        vec![
            id.uuid().into(),
            tenant.organization.uuid().into(),
            tenant.environment.as_str().into(),
        ],
    )
}

/// A page of a tenant's keys, newest first.
pub fn page(tenant: Tenant, start: PageStart, limit: i64) -> Stmt {
    Fragments::new(PAGE, tenant).page("id", start, limit)
}

/// How many keys a tenant has, dead ones included.
pub fn count(tenant: Tenant) -> Stmt {
    stmt(
        COUNT,
        vec![
            tenant.organization.uuid().into(),
            tenant.environment.as_str().into(),
        ],
    )
}

/// A page of the keys of both environments of an organization, newest first.
pub fn organization_page(organization: OrganizationId, start: PageStart, limit: i64) -> Stmt {
    let (sql, third) = match start {
        PageStart::Offset(offset) => (ORGANIZATION_PAGE_OFFSET, offset.into()),
        PageStart::After(id) => (ORGANIZATION_PAGE_AFTER, id.into()),
        PageStart::Before(id) => (ORGANIZATION_PAGE_BEFORE, id.into()),
    };
    stmt(sql, vec![organization.uuid().into(), limit.into(), third])
}

/// How many keys an organization has in both environments.
pub fn organization_count(organization: OrganizationId) -> Stmt {
    stmt(ORGANIZATION_COUNT, vec![organization.uuid().into()])
}

/// Writes what can change; conflicts when the key is not at `record.revision` any more, or is
/// stopped.
pub fn update(record: &ApiKeyRecord) -> Stmt {
    stmt(
        UPDATE,
        vec![
            record.id.uuid().into(),
            record.revision.into(),
            record.label.clone().into(),
            record.note.clone().into(),
            record.scopes.to_stored().into(),
            record.api_version.clone().into(),
            record.default_key_inflection.clone().into(),
            record.allowed_ips.clone().into(),
            record.allowed_origins.clone().into(),
            record.expires_at.into(),
        ],
    )
    .expect(1)
}

/// The newest thousand keys of an organization.
pub fn list(organization: OrganizationId) -> Stmt {
    stmt(LIST, vec![organization.uuid().into()])
}

/// The different lists of origins of the publishable keys of all tenants that work at `now`; one of
/// them is absent when a key is bound to none. At most ten thousand.
pub fn active_origins(now: Timestamp) -> Stmt {
    stmt(ACTIVE_ORIGINS, vec![now.into()])
}

/// Notes a use.
pub fn touch(id: ApiKeyId, now: Timestamp) -> Stmt {
    stmt(TOUCH, vec![id.uuid().into(), now.into()])
}

/// Stops a key for good.
pub fn revoke(id: ApiKeyId, now: Timestamp) -> Stmt {
    stmt(REVOKE, vec![id.uuid().into(), now.into()]).expect(1)
}
