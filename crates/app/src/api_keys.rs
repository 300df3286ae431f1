//! API keys: made once, shown once, found by keyed hash.

use std::str::FromStr;

use serde_json::json;
use verifa_core::fault::{Fault, FaultCode};
use verifa_core::id::{ApiKeyId, Id, OrganizationId};
use verifa_core::tenant::{Scope, Scopes, Tenant};
use verifa_core::time::Timestamp;
use verifa_store::api_keys::{self as store, ApiKeyRecord};
use verifa_store::db::Stmt;
use verifa_vault::{ApiKeyKind, ApiKeySecret};

use crate::actor::{Actor, Who};
use crate::error::{AppError, Thing};
use crate::{App, Change, Resource, Sealing};

/// What a key is made with.
#[derive(Debug, Clone, Default)]
pub struct NewApiKey {
    /// Short name.
    pub label: Option<String>,
    /// What it may do; absent: the default scopes.
    pub scopes: Option<Scopes>,
    /// When it stops working.
    pub expires_at: Option<Timestamp>,
}

/// A key just made, with its secret, which is shown this once.
pub struct MadeApiKey {
    /// The stored key.
    pub record: ApiKeyRecord,
    /// The secret.
    pub secret: ApiKeySecret,
}

/// Reads scopes as people write them: `*`, or names joined by commas.
///
/// # Errors
/// A fault that tells that a name is unknown.
pub fn parse_scopes(text: &str) -> Result<Scopes, Fault> {
    if text.trim() == "*" {
        return Ok(Scopes::all());
    }
    let scopes: Result<Vec<Scope>, _> = text
        .split(',')
        .map(|name| Scope::from_str(name.trim()))
        .collect();
    scopes.map(Scopes::new).map_err(|_| {
        let known: Vec<_> = Scope::ALL.iter().map(|scope| scope.as_str()).collect();
        Fault::new(
            "scopes",
            FaultCode::UnknownValue,
            format_args!("Unknown scope. Known are `*` and: {}.", known.join(", ")),
        )
    })
}

impl App {
    /// Draws a key and the statement that stores it.
    pub fn new_api_key(
        &self,
        tenant: Tenant,
        kind: ApiKeyKind,
        key: NewApiKey,
    ) -> (MadeApiKey, Stmt) {
        let now = self.clock.now();
        let secret = ApiKeySecret::generate(kind, tenant.environment, &*self.random);
        let scopes = match kind {
            ApiKeyKind::Secret => key
                .scopes
                .unwrap_or_else(|| Scopes::new(Scope::DEFAULT.iter().copied())),
            ApiKeyKind::Publishable => Scopes::new([Scope::SessionsCreate]),
        };
        let record = ApiKeyRecord {
            id: ApiKeyId::generate(now, &*self.random),
            tenant,
            publishable: kind == ApiKeyKind::Publishable,
            key_prefix: secret.key_prefix().to_owned(),
            label: key.label,
            note: None,
            scopes,
            api_version: None,
            default_key_inflection: None,
            allowed_ips: None,
            allowed_origins: None,
            expires_at: key.expires_at,
            revoked_at: None,
            last_used_at: None,
            created_at: now,
        };
        let hash = self.keys.server().api_key_hash(&secret);
        let statement = store::insert(&record, hash.as_bytes());
        (MadeApiKey { record, secret }, statement)
    }

    /// The key that a secret belongs to, whatever its state.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_api_key(
        &self,
        secret: &ApiKeySecret,
    ) -> Result<Option<ApiKeyRecord>, AppError> {
        let hash = self.keys.server().api_key_hash(secret);
        let row = self.db.query_opt(store::by_hash(hash.as_bytes())).await?;
        row.as_ref()
            .map(ApiKeyRecord::from_row)
            .transpose()
            .map_err(Into::into)
    }

    /// Makes a key, with its audit event.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn create_api_key(
        &self,
        actor: &Actor,
        kind: ApiKeyKind,
        key: NewApiKey,
    ) -> Result<MadeApiKey, AppError> {
        let organization = self
            .keys
            .organization(&self.db, actor.tenant.organization)
            .await?;
        let (made, statement) = self.new_api_key(actor.tenant, kind, key);
        let mut change = Change::begin(self, actor);
        change.push(statement);
        let resource = Resource {
            kind: "api_key",
            id: made.record.id.to_string(),
        };
        let scopes: Vec<_> = made.record.scopes.iter().map(Scope::as_str).collect();
        let facts = json!({ "kind": kind.as_str(), "scopes": scopes });
        change.audit(
            "api_key.created",
            resource,
            Sealing::Organization(&organization),
            &facts,
        );
        self.apply(change.into_commit()).await?;
        Ok(made)
    }

    /// The newest thousand keys of an organization.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_api_keys(
        &self,
        organization: OrganizationId,
    ) -> Result<Vec<ApiKeyRecord>, AppError> {
        let rows = self.db.query(store::list(organization)).await?;
        rows.iter()
            .map(ApiKeyRecord::from_row)
            .collect::<Result<_, _>>()
            .map_err(Into::into)
    }

    /// Stops a key for good; running servers know within a second.
    ///
    /// # Errors
    /// Not found: an unknown key, or one that is stopped already.
    pub async fn revoke_api_key(&self, id: ApiKeyId) -> Result<(), AppError> {
        let row = self.db.query_opt(store::get(id)).await?;
        let record = ApiKeyRecord::from_row(&row.ok_or(AppError::NotFound(Thing::ApiKey))?)?;
        if record.revoked_at.is_some() {
            return Err(AppError::NotFound(Thing::ApiKey));
        }
        let actor = Actor {
            tenant: record.tenant,
            who: Who::CommandLine,
            request: None,
        };
        let organization = self
            .keys
            .organization(&self.db, record.tenant.organization)
            .await?;
        let mut change = Change::begin(self, &actor);
        change.push(store::revoke(id, change.now));
        let resource = Resource {
            kind: "api_key",
            id: id.to_string(),
        };
        let sealing = Sealing::Organization(&organization);
        change.audit("api_key.revoked", resource, sealing, &json!({}));
        self.apply(change.into_commit()).await?;
        Ok(())
    }
}
