//! Sending again what an endpoint missed.

use serde_json::json;
use uuid::Uuid;
use verifa_core::id::{Id, WebhookEndpointId, first_uuid_at};
use verifa_core::tenant::Tenant;
use verifa_core::time::Timestamp;
use verifa_store::db::{Commit, DbError};
use verifa_store::outbox::{self, OutboxRecord};
use verifa_store::webhook_deliveries::{self as deliveries, DeliveryRecord};
use verifa_store::webhook_endpoints::WebhookEndpointRecord;
use verifa_store::webhook_lanes as lanes;

use super::endpoints::audit;
use super::fan_out::{Subscriber, is_wanted, new_delivery};
use super::retry::DISABLED;
use crate::actor::Actor;
use crate::error::AppError;
use crate::{App, Change, Decided};

/// Most deliveries that one call puts into line.
pub const MOST_RECOVERED: usize = 10_000;
/// Rows of one commit, so that nobody waits long behind it.
const AT_ONCE: u16 = 250;

/// What a recovery put into line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recovered {
    /// The endpoint.
    pub id: WebhookEndpointId,
    /// Deliveries that are sent again, or for the first time.
    pub queued: usize,
    /// Whether that was all; if not, the same call goes on where this one ended.
    pub is_complete: bool,
}

impl App {
    /// Sends again what an endpoint failed to take since a time, and what came while it was
    /// disabled: each event that it wants once, in the order of the sessions. Events from before
    /// the endpoint was made are not its own.
    ///
    /// Large recoveries are written in several commits, each of which stands by itself: repeated,
    /// the call finds only what is left.
    ///
    /// # Errors
    /// Not found; a conflict while the endpoint is disabled.
    pub async fn recover_webhook_endpoint(
        &self,
        actor: &Actor,
        tenant: Tenant,
        id: WebhookEndpointId,
        since: Timestamp,
    ) -> Result<Decided<Recovered>, AppError> {
        let record = self.endpoint_record(tenant, id).await?;
        if !record.enabled {
            return Err(DISABLED);
        }
        let since = since.max(record.created_at);
        let mut queued = 0;
        let revived_all = self.revive_failed(&record, since, &mut queued).await?;
        let subscriber = Subscriber::new(record);
        let is_complete =
            revived_all && self.deliver_missed(&subscriber, since, &mut queued).await?;
        let organization = self.organization_key(tenant).await?;
        let mut change = Change::begin(self, actor);
        let facts = json!({ "queued": queued });
        audit(&mut change, &organization, "recovered", id, &facts);
        let mut commit = change.into_commit();
        commit.wake_jobs();
        Ok(Decided {
            commit,
            answer: Recovered {
                id,
                queued,
                is_complete,
            },
            session: None,
        })
    }

    /// Puts failed deliveries into line again; whether that was all of them.
    async fn revive_failed(
        &self,
        endpoint: &WebhookEndpointRecord,
        since: Timestamp,
        queued: &mut usize,
    ) -> Result<bool, AppError> {
        let mut after = Uuid::nil();
        loop {
            let failed = deliveries::failed_since(endpoint.id, after, since, AT_ONCE.into());
            let rows = self.db.query(failed).await?;
            for row in &rows {
                let record = DeliveryRecord::from_row(row)?;
                after = record.id.uuid();
                let mut commit = Commit::new();
                commit
                    .push(deliveries::revive(record.id, record.status))
                    .push(self.wake(&record));
                match self.db.commit(commit).await {
                    Ok(()) => *queued += 1,
                    // Somebody else did.
                    Err(DbError::Conflict { .. }) => {}
                    Err(error) => return Err(error.into()),
                }
            }
            if rows.len() < usize::from(AT_ONCE) {
                return Ok(true);
            }
            if *queued >= MOST_RECOVERED {
                return Ok(false);
            }
        }
    }

    /// Puts events into line that the endpoint has no delivery of; whether that was all of them.
    async fn deliver_missed(
        &self,
        subscriber: &Subscriber,
        since: Timestamp,
        queued: &mut usize,
    ) -> Result<bool, AppError> {
        let endpoint = &subscriber.record;
        let mut after = first_uuid_at(since);
        loop {
            let missed = outbox::missed(endpoint.tenant, endpoint.id, after, AT_ONCE.into());
            let rows = self.db.query(missed).await?;
            let mut commit = Commit::new();
            let mut found = 0;
            for row in &rows {
                let event = OutboxRecord::from_row(row)?;
                after = event.id.uuid();
                let Some(seq) = event.seq else { continue };
                if event.created_at >= since && is_wanted(self, subscriber, &event).await? {
                    let now = self.clock.now();
                    let record = new_delivery(self, endpoint.id, &event, seq, now);
                    commit.push(deliveries::insert(&record));
                    commit.push(self.wake(&record));
                    found += 1;
                }
            }
            self.db.commit(commit).await?;
            *queued += found;
            if rows.len() < usize::from(AT_ONCE) {
                return Ok(true);
            }
            if *queued >= MOST_RECOVERED {
                return Ok(false);
            }
        }
    }

    fn wake(&self, record: &DeliveryRecord) -> verifa_store::db::Stmt {
        let (endpoint, lane) = (record.endpoint_id, record.lane);
        lanes::wake(endpoint, lane, record.tenant, self.clock.now())
    }
}
