//! The application's API keys as the HTTP layer looks them up.

use std::sync::Arc;

use futures::future::BoxFuture;
use ipnet::IpNet;
use verifa_app::App;
use verifa_core::id::{AdminTokenId, ApiKeyId};
use verifa_core::time::Timestamp;
use verifa_store::admin_tokens::{self, AdminTokenRecord};
use verifa_store::api_keys::{self, ApiKeyRecord};
use verifa_store::db::DbError;
use verifa_store::organizations::{self, OrganizationRecord};
use verifa_vault::{AdminTokenSecret, ApiKeySecret};

use super::{ApiKey, KeyDirectory, KeyFault, Origins};
use crate::limits::Plan;

/// Keys in the application's database.
pub struct AppKeys(Arc<App>);

impl From<DbError> for KeyFault {
    fn from(error: DbError) -> Self {
        Self(error.to_string())
    }
}

impl AppKeys {
    /// The keys of an application.
    pub fn new(app: Arc<App>) -> Self {
        Self(app)
    }

    async fn load(&self, digest: [u8; 32]) -> Result<Option<ApiKey>, KeyFault> {
        let Some(row) = self.0.db.query_opt(api_keys::by_hash(&digest)).await? else {
            return Ok(None);
        };
        let record = ApiKeyRecord::from_row(&row)?;
        let organization = organizations::get(record.tenant.organization);
        let Some(row) = self.0.db.query_opt(organization).await? else {
            return Ok(None);
        };
        let organization = OrganizationRecord::from_row(&row)?;
        Ok(Some(key_of(record, &organization)))
    }

    async fn origins(&self) -> Result<Origins, KeyFault> {
        let now = self.0.clock.now();
        let mut origins = Origins::default();
        for row in self.0.db.query(api_keys::active_origins(now)).await? {
            let stored: Option<String> = row.get(0)?;
            match list::<String>(stored.as_deref()) {
                Some(list) => origins.listed.extend(list),
                None => origins.any = true,
            }
        }
        Ok(origins)
    }
}

impl KeyDirectory for AppKeys {
    fn digest(&self, presented: &str) -> Option<[u8; 32]> {
        let secret = ApiKeySecret::parse(presented).ok()?;
        Some(*self.0.keys.server().api_key_hash(&secret).as_bytes())
    }

    fn find(&self, digest: [u8; 32]) -> BoxFuture<'_, Result<Option<ApiKey>, KeyFault>> {
        Box::pin(self.load(digest))
    }

    fn touch(&self, id: ApiKeyId, now: Timestamp) -> BoxFuture<'static, Result<(), KeyFault>> {
        let app = Arc::clone(&self.0);
        Box::pin(async move {
            app.db.write(api_keys::touch(id, now)).await?;
            Ok(())
        })
    }

    fn find_operator(
        &self,
        presented: &str,
    ) -> BoxFuture<'_, Result<Option<AdminTokenRecord>, KeyFault>> {
        let secret = AdminTokenSecret::parse(presented).ok();
        Box::pin(async move {
            let Some(secret) = secret else {
                return Ok(None);
            };
            let hash = self.0.keys.server().admin_token_hash(&secret);
            let row = self.0.db.query_opt(admin_tokens::by_hash(hash.as_bytes()));
            let token = row.await?.as_ref().map(AdminTokenRecord::from_row);
            Ok(token.transpose()?)
        })
    }

    fn touch_operator(
        &self,
        id: AdminTokenId,
        now: Timestamp,
    ) -> BoxFuture<'static, Result<(), KeyFault>> {
        let app = Arc::clone(&self.0);
        Box::pin(async move {
            app.db.write(admin_tokens::touch(id, now)).await?;
            Ok(())
        })
    }

    fn browser_origins(&self) -> BoxFuture<'_, Result<Origins, KeyFault>> {
        Box::pin(self.origins())
    }
}

/// A stored list that can't be read allows nothing: a fault must not open a door.
fn list<T: serde::de::DeserializeOwned>(stored: Option<&str>) -> Option<Vec<T>> {
    stored.map(|text| serde_json::from_str(text).unwrap_or_default())
}

fn key_of(record: ApiKeyRecord, organization: &OrganizationRecord) -> ApiKey {
    let inflection = record.default_key_inflection.as_deref();
    ApiKey {
        id: record.id,
        tenant: record.tenant,
        publishable: record.publishable,
        scopes: record.scopes,
        api_version: record.api_version,
        inflection: inflection
            .and_then(|text| text.parse().ok())
            .unwrap_or_default(),
        allowed_ips: list::<IpNet>(record.allowed_ips.as_deref()),
        allowed_origins: list::<String>(record.allowed_origins.as_deref()),
        expires_at: record.expires_at,
        revoked_at: record.revoked_at,
        last_used_at: record.last_used_at,
        plan: organization.plan.parse().unwrap_or(Plan::Unlimited),
    }
}
