//! Reading the audit trail of a tenant, and the newest signed checkpoint.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Value;
use verifa_core::id::{Id, SessionId};
use verifa_core::tenant::Tenant;
use verifa_store::audit::{self as store, AuditFilter, AuditRecord, CheckpointRecord};
use verifa_store::keys;
use verifa_vault::{DataKey, OrganizationKey};

use crate::App;
use crate::change::address_place;
use crate::error::{AppError, Thing};
use crate::keyring::data_key_place;
use crate::page::{Page, PageRequest};

/// Lists are counted exactly up to this many rows; beyond it the total is unknown.
const COUNTED: i64 = 10_000;

/// A search by beginnings looks at this many of the newest events that fit the other filters; it may
/// not exceed what is counted exactly.
pub const SEARCHED: i64 = 10_000;
const _: () = assert!(SEARCHED <= COUNTED);

/// An audit event as its tenant may see it.
pub struct AuditView {
    /// The row.
    pub record: AuditRecord,
    /// Its details.
    pub metadata: Value,
    /// Where the call came from; absent once the key that seals it is destroyed.
    pub ip_address: Option<String>,
}

/// The newest checkpoint and the key that it can be checked with.
pub struct CheckpointView {
    /// The row.
    pub record: CheckpointRecord,
    /// The ed25519 public key.
    pub public_key: [u8; 32],
}

/// The keys of one page's events, each loaded once; `None` for a key that is destroyed.
struct Keys<'a> {
    app: &'a App,
    organization: Arc<OrganizationKey>,
    sessions: HashMap<SessionId, Option<DataKey>>,
}

impl Keys<'_> {
    async fn open(&mut self, record: &AuditRecord) -> Result<Option<String>, AppError> {
        let Some(sealed) = &record.sealed_ip else {
            return Ok(None);
        };
        let place = address_place(record.id);
        let opened = match record.session_id {
            None => self.organization.open(&place, sealed)?,
            Some(session) => match self.of_session(session).await? {
                Some(key) => key.open(&place, sealed)?,
                None => return Ok(None),
            },
        };
        let text = std::str::from_utf8(&opened)
            .map_err(|_| AppError::Internal("an audit event's address is no text"))?;
        Ok(Some(text.to_owned()))
    }

    async fn of_session(&mut self, id: SessionId) -> Result<Option<&DataKey>, AppError> {
        if !self.sessions.contains_key(&id) {
            let row = self.app.db.query_opt(keys::get_data(id)).await?;
            let key = match row {
                None => None,
                Some(row) => {
                    let wrapped: Vec<u8> = row.get(0)?;
                    Some(self.organization.unwrap(&data_key_place(id), &wrapped)?)
                }
            };
            self.sessions.insert(id, key);
        }
        Ok(self.sessions.get(&id).and_then(Option::as_ref))
    }
}

impl App {
    /// A page of a tenant's audit events.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn audit_events(
        &self,
        tenant: Tenant,
        filter: &AuditFilter,
        request: PageRequest,
    ) -> Result<Page<AuditView>, AppError> {
        let (start, limit) = request.start();
        let mut keys = Keys {
            app: self,
            organization: self
                .keys
                .organization(&self.db, tenant.organization)
                .await?,
            sessions: HashMap::new(),
        };
        let mut views = Vec::new();
        for row in self
            .db
            .query(store::list(tenant, filter, start, limit))
            .await?
        {
            let record = AuditRecord::from_row(&row)?;
            let ip_address = keys.open(&record).await?;
            let metadata = serde_json::from_str(&record.metadata)
                .map_err(|_| AppError::Internal("an audit event's details are no JSON"))?;
            views.push(AuditView {
                record,
                metadata,
                ip_address,
            });
        }
        let total = if request.has_total() {
            let row = self
                .db
                .query_opt(store::count(tenant, filter, COUNTED + 1))
                .await?;
            let total: i64 = row.map_or(Ok(0), |row| row.get(0))?;
            Some(total).filter(|total| *total <= COUNTED)
        } else {
            None
        };
        Ok(Page::of(views, request, total, |view| {
            view.record.id.uuid()
        }))
    }

    /// The newest signed statement of how far the chain had come.
    ///
    /// # Errors
    /// Not found while nothing has been sealed.
    pub async fn latest_checkpoint(&self) -> Result<CheckpointView, AppError> {
        let row = self.db.query_opt(store::last_checkpoint()).await?;
        let row = row.ok_or(AppError::NotFound(Thing::Checkpoint))?;
        Ok(CheckpointView {
            record: CheckpointRecord::from_row(&row)?,
            public_key: self.keys.server().audit_signer().verifier().to_bytes(),
        })
    }

    /// Numbered events of the whole server behind `after`, in their order; for the operator.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn audit_chain(&self, after: i64, most: i64) -> Result<Vec<AuditRecord>, AppError> {
        let rows = self.db.query(store::chain(after, most)).await?;
        rows.iter()
            .map(AuditRecord::from_row)
            .collect::<Result<_, _>>()
            .map_err(Into::into)
    }

    /// Signed checkpoints behind `after`, in their order.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn audit_checkpoints(
        &self,
        after: i64,
        most: i64,
    ) -> Result<Vec<CheckpointRecord>, AppError> {
        let rows = self.db.query(store::checkpoints(after, most)).await?;
        rows.iter()
            .map(CheckpointRecord::from_row)
            .collect::<Result<_, _>>()
            .map_err(Into::into)
    }
}
