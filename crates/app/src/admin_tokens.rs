//! Tokens of whoever operates the server: they make and change organizations, and open no tenant's
//! data. Made and stopped at the command line only.

use serde_json::json;
use verifa_core::id::{AdminTokenId, Id};
use verifa_core::tenant::{Environment, Tenant};
use verifa_core::time::Timestamp;
use verifa_store::admin_tokens::{self as store, AdminTokenRecord};
use verifa_store::organizations::{self, OrganizationRecord};
use verifa_vault::AdminTokenSecret;

use crate::actor::Author;
use crate::error::{AppError, Thing};
use crate::{App, Change, Resource, Sealing};

/// A token just made, with its secret, which is shown this once.
pub struct MadeAdminToken {
    /// The stored token.
    pub record: AdminTokenRecord,
    /// The secret.
    pub secret: AdminTokenSecret,
}

impl App {
    /// Makes a token.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn make_admin_token(
        &self,
        label: Option<String>,
        expires_at: Option<Timestamp>,
    ) -> Result<MadeAdminToken, AppError> {
        let now = self.clock.now();
        let secret = AdminTokenSecret::generate(&*self.random);
        let record = AdminTokenRecord {
            id: AdminTokenId::generate(now, &*self.random),
            token_prefix: secret.token_prefix().to_owned(),
            label,
            expires_at,
            revoked_at: None,
            last_used_at: None,
            created_at: now,
        };
        let hash = self.keys.server().admin_token_hash(&secret);
        let insert = store::insert(&record, hash.as_bytes());
        self.audited(insert, "admin_token.created", record.id)
            .await?;
        Ok(MadeAdminToken { record, secret })
    }

    /// The newest thousand tokens.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_admin_tokens(&self) -> Result<Vec<AdminTokenRecord>, AppError> {
        let rows = self.db.query(store::list()).await?;
        rows.iter()
            .map(AdminTokenRecord::from_row)
            .collect::<Result<_, _>>()
            .map_err(Into::into)
    }

    /// Stops a token for good; running servers know within a second.
    ///
    /// # Errors
    /// Not found: an unknown token, or one that is stopped already.
    pub async fn revoke_admin_token(&self, id: AdminTokenId) -> Result<(), AppError> {
        let row = self.db.query_opt(store::get(id)).await?;
        let record = row.as_ref().map(AdminTokenRecord::from_row).transpose()?;
        if record.is_none_or(|record| record.revoked_at.is_some()) {
            return Err(AppError::NotFound(Thing::AdminToken));
        }
        let revoke = store::revoke(id, self.clock.now());
        self.audited(revoke, "admin_token.revoked", id).await
    }

    /// Writes with an audit event. What concerns the whole server stands in the trail of its first
    /// organization, the operator's own.
    async fn audited(
        &self,
        statement: verifa_store::db::Stmt,
        event_type: &str,
        id: AdminTokenId,
    ) -> Result<(), AppError> {
        let rows = self.db.query(organizations::all()).await?;
        let first = rows
            .first()
            .ok_or(AppError::NotFound(Thing::Organization))?;
        let first = OrganizationRecord::from_row(first)?;
        let key = self.keys.organization(&self.db, first.id).await?;
        let actor = Author::command_line().on(Tenant {
            organization: first.id,
            environment: Environment::Live,
        });
        let mut change = Change::begin(self, &actor);
        change.push(statement);
        let resource = Resource {
            kind: "admin_token",
            id: id.to_string(),
        };
        change.audit(
            event_type,
            resource,
            Sealing::Organization(&key),
            &json!({}),
        );
        self.apply(change.into_commit()).await?;
        Ok(())
    }
}
