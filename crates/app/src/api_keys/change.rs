//! Changing keys, and stopping them for good.

use serde_json::json;
use verifa_core::api_key::{ApiKeyChange, Grant, read_change};
use verifa_core::change::Change as FieldChange;
use verifa_core::fault::{Fault, FaultCode};
use verifa_core::id::{ApiKeyId, OrganizationId};
use verifa_store::api_keys::{self as store, ApiKeyRecord};

use super::make::{check_grant, handed_on, kind_of, limits_of};
use crate::actor::{Actor, Author};
use crate::error::{AppError, Thing};
use crate::{App, Change, Decided, Resource, Sealing};

/// Sets the fields that a body names.
pub(super) fn apply(record: &mut ApiKeyRecord, asked: ApiKeyChange) -> Result<(), AppError> {
    let networks = as_text(&asked.allowed_ips)?;
    let origins = as_text(&asked.allowed_origins)?;
    record.label = asked.label.over(record.label.take());
    record.note = asked.note.over(record.note.take());
    record.api_version = asked.api_version.over(record.api_version.take());
    record.default_key_inflection = asked
        .default_key_inflection
        .over(record.default_key_inflection.take());
    record.allowed_ips = networks.over(record.allowed_ips.take());
    record.allowed_origins = origins.over(record.allowed_origins.take());
    record.expires_at = asked.expires_at.over(record.expires_at);
    if let Some(scopes) = asked.scopes.filter(|_| !record.publishable) {
        record.scopes = scopes;
    }
    Ok(())
}

/// A list as it is stored: JSON text.
fn as_text<T: serde::Serialize>(
    change: &FieldChange<Vec<T>>,
) -> Result<FieldChange<String>, AppError> {
    Ok(match change {
        FieldChange::Keep => FieldChange::Keep,
        FieldChange::Clear => FieldChange::Clear,
        FieldChange::Set(list) => FieldChange::Set(
            serde_json::to_string(list).map_err(|_| AppError::Internal("a list is no JSON"))?,
        ),
    })
}

/// The fields in which two records differ.
fn differences(before: &ApiKeyRecord, after: &ApiKeyRecord) -> Vec<&'static str> {
    let pairs = [
        ("label", before.label != after.label),
        ("note", before.note != after.note),
        ("scopes", before.scopes != after.scopes),
        ("api_version", before.api_version != after.api_version),
        (
            "default_key_inflection",
            before.default_key_inflection != after.default_key_inflection,
        ),
        ("allowed_ips", before.allowed_ips != after.allowed_ips),
        (
            "allowed_origins",
            before.allowed_origins != after.allowed_origins,
        ),
        ("expires_at", before.expires_at != after.expires_at),
    ];
    let changed = pairs.into_iter().filter(|(_, differs)| *differs);
    changed.map(|(name, _)| name).collect()
}

/// Whether a caller who holds `held` may make this of a key. Whoever changes when, from where or
/// by which pages a key is used decides about all that it can do, and so must hold that; what is
/// widened must lie within the caller's own limits, and within the key's former ones when it is
/// the caller's own.
fn check_change(
    before: &ApiKeyRecord,
    after: &ApiKeyRecord,
    fields: &[&str],
    (held, calling): (&Grant, Option<ApiKeyId>),
) -> Result<(), AppError> {
    let changes = |field: &str| fields.contains(&field);
    if changes("scopes") {
        check_grant(&after.scopes, held)?;
    }
    if ["expires_at", "allowed_ips", "allowed_origins"]
        .into_iter()
        .any(changes)
    {
        check_grant(&before.scopes, held)?;
    }
    // More scopes on a key without limits would be a way out of them.
    let gains = !after.scopes.beyond(&before.scopes).is_empty();
    let looked_at = |field: &str| gains || changes(field);
    let limits = limits_of(after);
    let binding = handed_on(&held.limits, kind_of(before.publishable));
    limits.check_within(&binding, looked_at)?;
    if calling == Some(before.id) {
        limits.check_within(&limits_of(before), looked_at)?;
    }
    Ok(())
}

impl App {
    /// Changes a key by the body of a call; running servers know within a second.
    ///
    /// # Errors
    /// Not found; [`AppError::Invalid`] with every offence, limits beyond the caller's own among
    /// them; [`AppError::CannotGrant`] for a scope that is not in `held`, be it a new one or one
    /// of a key whose limits change; a conflict for a key that is stopped.
    pub async fn update_api_key(
        &self,
        actor: &Actor,
        held: &Grant,
        id: ApiKeyId,
        body: &serde_json::Value,
    ) -> Result<Decided<ApiKeyRecord>, AppError> {
        let before = self.api_key(actor.tenant, id).await?;
        let asked = read_change(body, before.publishable, self.clock.now())?;
        if before.revoked_at.is_some() {
            return Err(AppError::Conflict("The API key has been stopped for good."));
        }
        let mut record = before.clone();
        apply(&mut record, asked)?;
        let fields = differences(&before, &record);
        check_change(&before, &record, &fields, (held, actor.api_key()))?;
        let mut change = Change::begin(self, actor);
        if !fields.is_empty() {
            change.push(store::update(&record));
            record.revision += 1;
            self.audit_api_key(
                &mut change,
                "api_key.updated",
                id,
                json!({ "fields": fields }),
            )
            .await?;
        }
        Ok(Decided {
            commit: change.into_commit(),
            answer: record,
            session: None,
        })
    }

    /// Stops a key for good; running servers know within a second. Repeated: the same answer.
    ///
    /// # Errors
    /// Not found; [`AppError::Invalid`] for the key that calls.
    pub async fn expire_api_key(
        &self,
        actor: &Actor,
        id: ApiKeyId,
    ) -> Result<Decided<ApiKeyRecord>, AppError> {
        let mut record = self.api_key(actor.tenant, id).await?;
        if actor.api_key() == Some(id) {
            let message = "A key can't stop itself: use another one.";
            return Err(Fault::new("id", FaultCode::Invalid, message).into());
        }
        let mut change = Change::begin(self, actor);
        if record.revoked_at.is_none() {
            change.push(store::revoke(id, change.now));
            record.revoked_at = Some(change.now);
            self.audit_api_key(&mut change, "api_key.expired", id, json!({}))
                .await?;
        }
        Ok(Decided {
            commit: change.into_commit(),
            answer: record,
            session: None,
        })
    }

    /// The same for the operator, who names the organization.
    ///
    /// # Errors
    /// Not found: a key of another organization, too.
    pub async fn expire_api_key_as_operator(
        &self,
        author: &Author,
        organization: OrganizationId,
        id: ApiKeyId,
    ) -> Result<Decided<ApiKeyRecord>, AppError> {
        let record = self.any_api_key(id).await?;
        if record.tenant.organization != organization {
            return Err(AppError::NotFound(Thing::ApiKey));
        }
        self.expire_api_key(&author.on(record.tenant), id).await
    }

    async fn audit_api_key(
        &self,
        change: &mut Change<'_>,
        event_type: &str,
        id: ApiKeyId,
        facts: serde_json::Value,
    ) -> Result<(), AppError> {
        let organization = change.tenant().organization;
        let key = self.keys.organization(&self.db, organization).await?;
        change.audit(
            event_type,
            Resource::api_key(id),
            Sealing::Organization(&key),
            &facts,
        );
        Ok(())
    }
}
