//! Webhook endpoints: made, looked at, changed, deleted.

use serde_json::{Value, json};
use verifa_core::fault::{Fault, FaultCode};
use verifa_core::id::{Id, WebhookEndpointId};
use verifa_core::tenant::Tenant;
use verifa_core::time::Timestamp;
use verifa_core::webhook::{EndpointChanges, EndpointSettings, MAXIMUM_ENDPOINTS};
use verifa_store::webhook_endpoints::{self as store, WebhookEndpointRecord};
use verifa_store::{webhook_deliveries, webhook_lanes};
use verifa_vault::OrganizationKey;
use verifa_webhooks::WebhookSecret;

use super::secrets::{open_secret, seal_secret};
use crate::actor::Actor;
use crate::error::{AppError, Thing};
use crate::page::{Page, PageRequest};
use crate::{App, Change, Decided, Resource, Sealing};

/// An endpoint as its owner may see it. Deliberately without `Debug`.
pub struct Endpoint {
    /// The row.
    pub record: WebhookEndpointRecord,
    /// The signing secret: when it was just drawn, and always in the sandbox.
    pub secret: Option<WebhookSecret>,
    /// The public key of its asymmetric signatures, `whpk_…`.
    pub public_key: String,
}

/// A deleted endpoint.
#[derive(Debug, Clone, Copy)]
pub struct EndpointDeleted {
    /// The endpoint.
    pub id: WebhookEndpointId,
}

impl App {
    /// An endpoint of a tenant.
    ///
    /// # Errors
    /// Not found, or a failure of the database.
    pub async fn webhook_endpoint(
        &self,
        tenant: Tenant,
        id: WebhookEndpointId,
    ) -> Result<Endpoint, AppError> {
        let record = self.endpoint_record(tenant, id).await?;
        let organization = self.organization_key(tenant).await?;
        shown(&organization, record)
    }

    /// A page of a tenant's endpoints.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_webhook_endpoints(
        &self,
        tenant: Tenant,
        request: PageRequest,
    ) -> Result<Page<Endpoint>, AppError> {
        let (start, limit) = request.start();
        let organization = self.organization_key(tenant).await?;
        let rows = self.db.query(store::list(tenant, start, limit)).await?;
        let endpoints = rows
            .iter()
            .map(|row| shown(&organization, WebhookEndpointRecord::from_row(row)?))
            .collect::<Result<Vec<_>, _>>()?;
        let total = if request.has_total() {
            Some(self.count_endpoints(tenant).await?)
        } else {
            None
        };
        Ok(Page::of(endpoints, request, total, |endpoint| {
            endpoint.record.id.uuid()
        }))
    }

    /// Makes an endpoint with a secret of its own, which is shown this once.
    ///
    /// # Errors
    /// [`AppError::Invalid`] with every offence of the input; a conflict when the environment has
    /// as many as it may.
    pub async fn create_webhook_endpoint(
        &self,
        actor: &Actor,
        tenant: Tenant,
        command: &EndpointChanges,
    ) -> Result<Decided<Endpoint>, AppError> {
        let Some(url) = command.url.clone() else {
            let message = "This field is required.";
            return Err(Fault::new("url", FaultCode::Required, message).into());
        };
        let (settings, _) = command.over(EndpointSettings::new(url))?;
        self.check_url(&settings.url)?;
        self.make_endpoint(actor, tenant, settings, json!({})).await
    }

    /// Makes another endpoint with the settings of one there is, and a secret of its own.
    ///
    /// # Errors
    /// Not found; a conflict when the environment has as many as it may.
    pub async fn clone_webhook_endpoint(
        &self,
        actor: &Actor,
        tenant: Tenant,
        id: WebhookEndpointId,
    ) -> Result<Decided<Endpoint>, AppError> {
        let record = self.endpoint_record(tenant, id).await?;
        let settings = settings_of(&record);
        let facts = json!({ "cloned_from": id });
        self.make_endpoint(actor, tenant, settings, facts).await
    }

    async fn make_endpoint(
        &self,
        actor: &Actor,
        tenant: Tenant,
        settings: EndpointSettings,
        facts: Value,
    ) -> Result<Decided<Endpoint>, AppError> {
        if self.count_endpoints(tenant).await? >= MAXIMUM_ENDPOINTS {
            return Err(AppError::Conflict(
                "The environment has as many webhook endpoints as it may. Delete one first.",
            ));
        }
        let organization = self.organization_key(tenant).await?;
        let mut change = Change::begin(self, actor);
        let id = WebhookEndpointId::generate(change.now, &*self.random);
        let secret = WebhookSecret::generate(&*self.random);
        let mut record = new_record(id, tenant, change.now);
        record.sealed_secret = seal_secret(&organization, id, &secret, &*self.random);
        put(settings, &mut record);
        change.push(store::insert(&record));
        audit(&mut change, &organization, "created", id, &facts);
        let answer = Endpoint {
            public_key: public_key(&organization, id),
            record,
            secret: Some(secret),
        };
        Ok(Decided {
            commit: change.into_commit(),
            answer,
            session: None,
        })
    }

    /// Changes an endpoint's settings. One that is enabled again gets what waited for it.
    ///
    /// # Errors
    /// Not found; [`AppError::Invalid`] with every offence of the input.
    pub async fn update_webhook_endpoint(
        &self,
        actor: &Actor,
        tenant: Tenant,
        id: WebhookEndpointId,
        command: &EndpointChanges,
    ) -> Result<Decided<Endpoint>, AppError> {
        let mut record = self.endpoint_record(tenant, id).await?;
        let (settings, named) = command.over(settings_of(&record))?;
        if command.url.is_some() {
            self.check_url(&settings.url)?;
        }
        let organization = self.organization_key(tenant).await?;
        let mut change = Change::after(self, actor, record.updated_at);
        let is_revived = settings.enabled && !record.enabled;
        put(settings, &mut record);
        if is_revived {
            record.disabled_reason = None;
            record.failed_in_a_row = 0;
            record.failing_since = None;
        }
        change.push(store::update(&record, is_revived, change.now));
        if is_revived {
            change.extend(webhook_lanes::resume(id, change.now));
        }
        let facts = json!({ "fields": named });
        audit(&mut change, &organization, "updated", id, &facts);
        record.revision += 1;
        record.updated_at = change.now;
        let answer = shown(&organization, record)?;
        let mut commit = change.into_commit();
        if is_revived {
            commit.wake_jobs();
        }
        Ok(Decided {
            commit,
            answer,
            session: None,
        })
    }

    /// Deletes an endpoint; what waits for it is given up, what was sent stays to be looked at.
    ///
    /// # Errors
    /// Not found.
    pub async fn delete_webhook_endpoint(
        &self,
        actor: &Actor,
        tenant: Tenant,
        id: WebhookEndpointId,
    ) -> Result<Decided<EndpointDeleted>, AppError> {
        let record = self.endpoint_record(tenant, id).await?;
        let organization = self.organization_key(tenant).await?;
        let mut change = Change::after(self, actor, record.updated_at);
        change.push(store::delete(id, record.revision));
        change.push(webhook_deliveries::abandon(id, change.now));
        change.push(webhook_lanes::delete_of(id));
        audit(&mut change, &organization, "deleted", id, &json!({}));
        Ok(Decided {
            commit: change.into_commit(),
            answer: EndpointDeleted { id },
            session: None,
        })
    }

    /// The row of a tenant's endpoint.
    pub(super) async fn endpoint_record(
        &self,
        tenant: Tenant,
        id: WebhookEndpointId,
    ) -> Result<WebhookEndpointRecord, AppError> {
        let row = self.db.query_opt(store::get(tenant, id)).await?;
        let row = row.ok_or(AppError::NotFound(Thing::WebhookEndpoint))?;
        Ok(WebhookEndpointRecord::from_row(&row)?)
    }

    /// Whether webhooks may go to a URL, as far as it says itself.
    fn check_url(&self, url: &str) -> Result<(), Fault> {
        let judged = self.webhooks.guard().check_url(url);
        judged
            .map(drop)
            .map_err(|refused| Fault::new("url", FaultCode::Invalid, refused))
    }

    async fn count_endpoints(&self, tenant: Tenant) -> Result<i64, AppError> {
        let row = self.db.query_opt(store::count(tenant)).await?;
        Ok(row.map_or(Ok(0), |row| row.get(0))?)
    }
}

/// An endpoint as it is shown when nothing was drawn: its secret in the sandbox only.
pub(super) fn shown(
    organization: &OrganizationKey,
    record: WebhookEndpointRecord,
) -> Result<Endpoint, AppError> {
    let secret = if record.tenant.environment.is_sandbox() {
        Some(open_secret(organization, record.id, &record.sealed_secret)?)
    } else {
        None
    };
    Ok(Endpoint {
        public_key: public_key(organization, record.id),
        record,
        secret,
    })
}

pub(super) fn public_key(organization: &OrganizationKey, id: WebhookEndpointId) -> String {
    organization.webhook_signer(id.uuid()).verifier().to_text()
}

/// Notes a change of an endpoint.
pub(super) fn audit(
    change: &mut Change<'_>,
    organization: &OrganizationKey,
    what: &str,
    id: WebhookEndpointId,
    facts: &Value,
) {
    let resource = Resource {
        kind: "webhook_endpoint",
        id: id.to_string(),
    };
    let event = format!("webhook.endpoint.{what}");
    let sealing = Sealing::Organization(organization);
    change.audit(&event, resource, sealing, facts);
}

fn new_record(id: WebhookEndpointId, tenant: Tenant, now: Timestamp) -> WebhookEndpointRecord {
    WebhookEndpointRecord {
        id,
        tenant,
        url: String::new(),
        label: None,
        description: None,
        enabled: true,
        disabled_reason: None,
        enabled_events: Vec::new(),
        attribute_blocklist: Vec::new(),
        event_filter_conditions: None,
        api_version: None,
        key_inflection: None,
        sealed_secret: Vec::new(),
        sealed_former_secret: None,
        former_secret_until: None,
        failed_in_a_row: 0,
        failing_since: None,
        revision: 1,
        created_at: now,
        updated_at: now,
    }
}

fn settings_of(record: &WebhookEndpointRecord) -> EndpointSettings {
    EndpointSettings {
        url: record.url.clone(),
        label: record.label.clone(),
        description: record.description.clone(),
        enabled: record.enabled,
        enabled_events: record.enabled_events.clone(),
        attribute_blocklist: record.attribute_blocklist.clone(),
        event_filter_conditions: record.event_filter_conditions.clone(),
        api_version: record.api_version.clone(),
        key_inflection: record.key_inflection.clone(),
    }
}

fn put(settings: EndpointSettings, record: &mut WebhookEndpointRecord) {
    record.url = settings.url;
    record.label = settings.label;
    record.description = settings.description;
    record.enabled = settings.enabled;
    record.enabled_events = settings.enabled_events;
    record.attribute_blocklist = settings.attribute_blocklist;
    record.event_filter_conditions = settings.event_filter_conditions;
    record.api_version = settings.api_version;
    record.key_inflection = settings.key_inflection;
}
