//! The keys a running server holds, and the places of sealed columns.

use std::collections::HashMap;
use std::sync::{Arc, RwLock};

use verifa_core::id::{Id, OrganizationId, SessionId};
use verifa_core::random::Random;
use verifa_core::tenant::Tenant;
use verifa_store::db::Db;
use verifa_store::organizations::{self, OrganizationRecord};
use verifa_vault::{DataKey, MasterKeyRing, OrganizationKey, Place, ServerKeys, VaultError};

use crate::App;
use crate::error::AppError;

/// Server keys, and organization keys as they are needed.
pub struct Keyring {
    masters: MasterKeyRing,
    server: ServerKeys,
    organizations: RwLock<HashMap<OrganizationId, Arc<OrganizationKey>>>,
}

/// Where an organization's wrapped key stands.
pub fn organization_key_place(id: OrganizationId) -> Place<'static> {
    Place::new("organizations", "wrapped_key", id.uuid())
}

/// Where a session's wrapped data key stands.
pub fn data_key_place(id: SessionId) -> Place<'static> {
    Place::new("data_keys", "wrapped", id.uuid())
}

impl Keyring {
    /// Opens the server keys that the database holds.
    ///
    /// # Errors
    /// When a key is missing, or the master key is not the one that wrapped them.
    pub async fn open(db: &Db, masters: MasterKeyRing) -> Result<Self, AppError> {
        let mut rows: Vec<(String, Vec<u8>)> = Vec::new();
        for row in db.query(verifa_store::keys::all_server()).await? {
            rows.push((row.get(0)?, row.get(1)?));
        }
        Self::with_server_keys(&rows, masters)
    }

    /// From the names and wrapped bytes of the server's keys, as a restored backup has them before
    /// they are in the database.
    ///
    /// # Errors
    /// When a key is missing, or the master key is not the one that wrapped them.
    pub fn with_server_keys(
        rows: &[(String, Vec<u8>)],
        masters: MasterKeyRing,
    ) -> Result<Self, AppError> {
        let server = ServerKeys::open(&masters, rows)?;
        Ok(Self {
            masters,
            server,
            organizations: RwLock::default(),
        })
    }

    /// The server's own keys.
    pub const fn server(&self) -> &ServerKeys {
        &self.server
    }

    /// The master keys.
    pub const fn masters(&self) -> &MasterKeyRing {
        &self.masters
    }

    /// An organization's key; unwrapped once and kept.
    ///
    /// # Errors
    /// When the organization is unknown or its key does not open.
    pub async fn organization(
        &self,
        db: &Db,
        id: OrganizationId,
    ) -> Result<Arc<OrganizationKey>, AppError> {
        if let Some(key) = self.cached(id) {
            return Ok(key);
        }
        let row = db
            .query_opt(organizations::get(id))
            .await?
            .ok_or(AppError::Internal("unknown organization"))?;
        let record = OrganizationRecord::from_row(&row)?;
        let key = self.unwrap_organization(&record)?;
        if let Ok(mut cache) = self.organizations.write() {
            cache.insert(id, Arc::clone(&key));
        }
        Ok(key)
    }

    fn cached(&self, id: OrganizationId) -> Option<Arc<OrganizationKey>> {
        self.organizations.read().ok()?.get(&id).cloned()
    }

    /// Unwraps the key of a loaded organization.
    ///
    /// # Errors
    /// When no master key at hand wrapped it.
    pub fn unwrap_organization(
        &self,
        record: &OrganizationRecord,
    ) -> Result<Arc<OrganizationKey>, VaultError> {
        let master = self.masters.holder_of(&record.wrapped_key)?;
        let place = organization_key_place(record.id);
        master.unwrap(&place, &record.wrapped_key).map(Arc::new)
    }
}

impl App {
    /// The key of a tenant's organization.
    ///
    /// # Errors
    /// When the organization is unknown or its key does not open.
    pub(crate) async fn organization_key(
        &self,
        tenant: Tenant,
    ) -> Result<Arc<OrganizationKey>, AppError> {
        self.keys.organization(&self.db, tenant.organization).await
    }
}

/// A new data key for a session, and its wrapped form for the key table.
pub fn new_data_key(
    organization: &OrganizationKey,
    session: SessionId,
    random: &dyn Random,
) -> (DataKey, Vec<u8>) {
    let key = DataKey::generate(random);
    let wrapped = organization.wrap(&key, &data_key_place(session), random);
    (key, wrapped)
}
