//! Webhook endpoints: where an organization wants its events.

use verifa_core::id::{Id, OrganizationId, WebhookEndpointId};
use verifa_core::tenant::Tenant;
use verifa_core::time::Timestamp;

use crate::columns::{json, tenant_at, to_json};
use crate::db::{DbError, Row, Stmt};
use crate::list::{Fragments, PageStart};
use crate::{statements, stmt};

macro_rules! columns {
    () => {
        "id, organization_id, environment, url, label, description, enabled, disabled_reason, \
         enabled_events, attribute_blocklist, event_filter_conditions, api_version, \
         key_inflection, sealed_secret, sealed_former_secret, former_secret_until, \
         failed_in_a_row, failing_since, revision, created_at, updated_at"
    };
}

statements! {
    INSERT = "webhook_endpoints.insert",
        "INSERT INTO webhook_endpoints (", columns!(), ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, \
         ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, 0, NULL, 1, ?17, ?17)";
    GET = "webhook_endpoints.get",
        "SELECT ", columns!(), " FROM webhook_endpoints \
         WHERE id = ?1 AND organization_id = ?2 AND environment = ?3";
    BY_ID = "webhook_endpoints.by_id",
        "SELECT ", columns!(), " FROM webhook_endpoints WHERE id = ?1";
    LIST = "webhook_endpoints.list",
        "SELECT ", columns!(), " FROM webhook_endpoints \
         WHERE organization_id = ?1 AND environment = ?2";
    COUNT = "webhook_endpoints.count",
        "SELECT COUNT(*) FROM webhook_endpoints WHERE organization_id = ?1 AND environment = ?2";
    OF_TENANT = "webhook_endpoints.of_tenant",
        "SELECT ", columns!(), " FROM webhook_endpoints \
         WHERE organization_id = ?1 AND environment = ?2 ORDER BY id";
    UPDATE = "webhook_endpoints.update",
        "UPDATE webhook_endpoints SET url = ?3, label = ?4, description = ?5, enabled = ?6, \
         disabled_reason = ?7, enabled_events = ?8, attribute_blocklist = ?9, \
         event_filter_conditions = ?10, api_version = ?11, key_inflection = ?12, \
         sealed_secret = ?13, sealed_former_secret = ?14, former_secret_until = ?15, \
         failed_in_a_row = CASE WHEN ?16 = 1 THEN 0 ELSE failed_in_a_row END, \
         failing_since = CASE WHEN ?16 = 1 THEN NULL ELSE failing_since END, \
         revision = revision + 1, updated_at = ?17 WHERE id = ?1 AND revision = ?2";
    DELETE = "webhook_endpoints.delete",
        "DELETE FROM webhook_endpoints WHERE id = ?1 AND revision = ?2";
    UNCHANGED = "webhook_endpoints.unchanged",
        "UPDATE webhook_endpoints SET revision = revision WHERE id = ?1 AND revision = ?2";
    NOTE_FAILING = "webhook_endpoints.note_failing",
        "UPDATE webhook_endpoints SET failing_since = ?2 WHERE id = ?1 AND failing_since IS NULL";
    NOTE_GIVEN_UP = "webhook_endpoints.note_given_up",
        "UPDATE webhook_endpoints SET failed_in_a_row = failed_in_a_row + 1 \
         WHERE id = ?1 AND failed_in_a_row = ?2";
    NOTE_SUCCESS = "webhook_endpoints.note_success",
        "UPDATE webhook_endpoints SET failed_in_a_row = 0, failing_since = NULL WHERE id = ?1";
    DISABLE = "webhook_endpoints.disable",
        "UPDATE webhook_endpoints SET enabled = 0, disabled_reason = ?3, \
         revision = revision + 1, updated_at = ?4 WHERE id = ?1 AND revision = ?2 AND enabled = 1 \
         AND (CAST(?5 AS BIGINT) IS NULL OR failing_since = ?5)";
    AGE = "webhook_endpoints.age",
        "UPDATE webhook_endpoints SET failing_since = failing_since - ?2 \
         WHERE organization_id = ?1 AND environment = 'sandbox' AND failing_since IS NOT NULL";
}

/// The label of [`unchanged`]: a conflict of that label means that an endpoint changed.
pub const UNCHANGED_LABEL: &str = UNCHANGED.0;

/// Whether a conflict of this label means that an endpoint's standing changed: the one that
/// [`note_given_up`] or [`disable`] expects.
pub fn is_standing(label: &str) -> bool {
    [NOTE_GIVEN_UP.0, DISABLE.0].contains(&label)
}

/// One endpoint.
#[derive(Clone)]
pub struct WebhookEndpointRecord {
    /// Its id.
    pub id: WebhookEndpointId,
    /// Whose it is.
    pub tenant: Tenant,
    /// Where to send.
    pub url: String,
    /// Short name.
    pub label: Option<String>,
    /// Free text.
    pub description: Option<String>,
    /// Whether events are sent at all.
    pub enabled: bool,
    /// Why the server disabled it; absent where its owner did, or nobody.
    pub disabled_reason: Option<String>,
    /// The events wanted; empty or `["*"]`: all.
    pub enabled_events: Vec<String>,
    /// Paths left out of bodies.
    pub attribute_blocklist: Vec<String>,
    /// A condition over the body, as JSON text; only events that fulfil it are sent.
    pub event_filter_conditions: Option<String>,
    /// The API version of bodies; absent: the newest.
    pub api_version: Option<String>,
    /// How field names are written; absent: snake case.
    pub key_inflection: Option<String>,
    /// The signing secret, under the organization's key.
    pub sealed_secret: Vec<u8>,
    /// The secret before the last rotation, under the organization's key.
    pub sealed_former_secret: Option<Vec<u8>>,
    /// Until when the former secret signs too.
    pub former_secret_until: Option<Timestamp>,
    /// Deliveries given up since the last success.
    pub failed_in_a_row: i64,
    /// The first failed try since the last success.
    pub failing_since: Option<Timestamp>,
    /// Grows with each change of the configuration; updates expect it.
    pub revision: i64,
    /// When it was created.
    pub created_at: Timestamp,
    /// When its configuration last changed.
    pub updated_at: Timestamp,
}

impl WebhookEndpointRecord {
    /// Reads a row of [`get`], [`by_id`], [`list`] or [`of_tenant`].
    ///
    /// # Errors
    /// When a column has another type.
    pub fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            id: row.id(0)?,
            tenant: tenant_at(row, 1)?,
            url: row.get(3)?,
            label: row.get(4)?,
            description: row.get(5)?,
            enabled: row.get(6)?,
            disabled_reason: row.get(7)?,
            enabled_events: json(row, 8)?,
            attribute_blocklist: json(row, 9)?,
            event_filter_conditions: row.get(10)?,
            api_version: row.get(11)?,
            key_inflection: row.get(12)?,
            sealed_secret: row.get(13)?,
            sealed_former_secret: row.get(14)?,
            former_secret_until: row.get(15)?,
            failed_in_a_row: row.get(16)?,
            failing_since: row.get(17)?,
            revision: row.get(18)?,
            created_at: row.get(19)?,
            updated_at: row.get(20)?,
        })
    }
}

/// Inserts an endpoint, at revision 1 and without failures.
pub fn insert(record: &WebhookEndpointRecord) -> Stmt {
    stmt(
        INSERT,
        vec![
            record.id.uuid().into(),
            record.tenant.organization.uuid().into(),
            record.tenant.environment.as_str().into(),
            record.url.as_str().into(),
            record.label.clone().into(),
            record.description.clone().into(),
            record.enabled.into(),
            record.disabled_reason.clone().into(),
            to_json(&record.enabled_events),
            to_json(&record.attribute_blocklist),
            record.event_filter_conditions.clone().into(),
            record.api_version.clone().into(),
            record.key_inflection.clone().into(),
            record.sealed_secret.as_slice().into(),
            record.sealed_former_secret.clone().into(),
            record.former_secret_until.into(),
            record.created_at.into(),
        ],
    )
    .expect(1)
}

/// One endpoint of a tenant.
pub fn get(tenant: Tenant, id: WebhookEndpointId) -> Stmt {
    stmt(
        GET,
        vec![
            id.uuid().into(),
            tenant.organization.uuid().into(),
            tenant.environment.as_str().into(),
        ],
    )
}

/// One endpoint by id alone: for the deliverer, never for an API caller's id.
pub fn by_id(id: WebhookEndpointId) -> Stmt {
    stmt(BY_ID, vec![id.uuid().into()])
}

/// A page of a tenant's endpoints, newest first; asks for `limit` rows.
pub fn list(tenant: Tenant, start: PageStart, limit: i64) -> Stmt {
    Fragments::new(LIST, tenant).page("id", start, limit)
}

/// The number of a tenant's endpoints.
pub fn count(tenant: Tenant) -> Stmt {
    Fragments::new(COUNT, tenant).finish()
}

/// A tenant's endpoints, the disabled ones too, oldest first.
pub fn of_tenant(tenant: Tenant) -> Stmt {
    Fragments::new(OF_TENANT, tenant).finish()
}

/// Writes the configuration; conflicts when the row is not at `record.revision` any more.
/// `forgive` also forgets failures, as when the endpoint is enabled again.
pub fn update(record: &WebhookEndpointRecord, forgive: bool, now: Timestamp) -> Stmt {
    stmt(
        UPDATE,
        vec![
            record.id.uuid().into(),
            record.revision.into(),
            record.url.as_str().into(),
            record.label.clone().into(),
            record.description.clone().into(),
            record.enabled.into(),
            record.disabled_reason.clone().into(),
            to_json(&record.enabled_events),
            to_json(&record.attribute_blocklist),
            record.event_filter_conditions.clone().into(),
            record.api_version.clone().into(),
            record.key_inflection.clone().into(),
            record.sealed_secret.as_slice().into(),
            record.sealed_former_secret.clone().into(),
            record.former_secret_until.into(),
            forgive.into(),
            now.into(),
        ],
    )
    .expect(1)
}

/// Removes an endpoint's row; conflicts when it is not at `revision` any more. What is left of it
/// ends with [`crate::webhook_deliveries::abandon`] and [`crate::webhook_lanes::delete_of`].
pub fn delete(id: WebhookEndpointId, revision: i64) -> Stmt {
    stmt(DELETE, vec![id.uuid().into(), revision.into()]).expect(1)
}

/// Conflicts, with [`UNCHANGED_LABEL`], when the endpoint is gone or its configuration is not that
/// of `revision` any more.
pub fn unchanged(id: WebhookEndpointId, revision: i64) -> Stmt {
    stmt(UNCHANGED, vec![id.uuid().into(), revision.into()]).expect(1)
}

/// Notes the time of a failed try, if it is the first since the last success.
pub fn note_failing(id: WebhookEndpointId, now: Timestamp) -> Stmt {
    stmt(NOTE_FAILING, vec![id.uuid().into(), now.into()])
}

/// Counts a delivery that was given up; conflicts when there are not `before` any more.
pub fn note_given_up(id: WebhookEndpointId, before: i64) -> Stmt {
    stmt(NOTE_GIVEN_UP, vec![id.uuid().into(), before.into()]).expect(1)
}

/// Forgets failures after a success.
pub fn note_success(id: WebhookEndpointId) -> Stmt {
    stmt(NOTE_SUCCESS, vec![id.uuid().into()])
}

/// Disables an endpoint by the server's own decision; conflicts when it changed meanwhile, or where
/// the decision rests on that, when it has not been failing since `failing_since` any more.
pub fn disable(
    id: WebhookEndpointId,
    revision: i64,
    failing_since: Option<Timestamp>,
    reason: &str,
    now: Timestamp,
) -> Stmt {
    stmt(
        DISABLE,
        vec![
            id.uuid().into(),
            revision.into(),
            reason.into(),
            now.into(),
            failing_since.into(),
        ],
    )
    .expect(1)
}

/// Moves the failures of a sandbox back by microseconds; see [`crate::webhook_lanes::age`].
pub(crate) fn age(organization: OrganizationId, by: i64) -> Stmt {
    stmt(AGE, vec![organization.uuid().into(), by.into()])
}
