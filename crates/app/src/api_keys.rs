//! API keys: made once, shown once, found by keyed hash.

use std::str::FromStr;

use verifa_core::fault::{Fault, FaultCode};
use verifa_core::id::{ApiKeyId, Id};
use verifa_core::tenant::{Scope, Scopes, Tenant};
use verifa_core::time::Timestamp;
use verifa_store::api_keys::{self as store, ApiKeyRecord};
use verifa_store::db::Stmt;
use verifa_vault::{ApiKeyKind, ApiKeySecret};

use crate::App;
use crate::error::AppError;

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
}
