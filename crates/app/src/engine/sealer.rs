//! The sealer: numbers audit events and webhook events after their commit.
//!
//! Facts commit without a number, so that writers never queue on one row. One process at a time
//! holds the sealer's lease, chains the audit events (each hash covers the one before it), gives
//! outbox events their place in the tenant's feed and a delivery for each webhook endpoint that
//! wants them, and signs a checkpoint (spec/resources.md, "Documents, audit, data").

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use verifa_core::id::Id;
use verifa_core::time::Timestamp;
use verifa_store::audit::{self, AuditRecord, CheckpointRecord};
use verifa_store::db::{Commit, DbError};
use verifa_store::jobs::{self, Queue};
use verifa_store::leases;
use verifa_store::outbox::{self, OutboxRecord};
use verifa_store::sequence_heads::{self, Head};
use verifa_store::webhook_endpoints::UNCHANGED_LABEL;
use verifa_store::webhook_lanes;
use verifa_vault::{ChainHash, Checkpoint, chain_hash};

use super::measures::{tell_overdue, tell_standstill};
use crate::App;
use crate::error::AppError;
use crate::webhooks::{FanOut, feed_sequence};

/// The sequence of the audit chain.
pub(super) const AUDIT_SEQUENCE: &str = "audit";
const LEASE: &str = "sealer";
/// Most events numbered in one commit.
const BATCH: u16 = 500;
/// Events gather this long before they are numbered.
const GATHER: Duration = Duration::from_millis(200);
/// How long a lease may outlive its holder.
const LEASE_LIFE: Duration = Duration::from_secs(10);
/// Allowance for clocks that differ between processes (spec/workflows.md).
const CLOCK_SKEW: Duration = Duration::from_secs(5);
/// The wait after the database failed: the wake-up that told of work is used up.
const PAUSE: Duration = Duration::from_secs(1);
/// Looks without being woken: only for what another process left behind when it died.
const NET: Duration = Duration::from_secs(30);

/// Seals in the background of one process.
pub struct Sealer {
    app: Arc<App>,
    owner: Uuid,
}

impl Sealer {
    /// A sealer for this process.
    pub fn new(app: Arc<App>) -> Self {
        let owner = app.new_uuid();
        Self { app, owner }
    }

    /// Seals whenever something was committed, until told to stop; then once more.
    pub async fn run(self, stop: CancellationToken) {
        loop {
            let net = match self.seal_all().await {
                Ok(()) => NET,
                Err(error) => {
                    tracing::warn!(error = %error, "sealing audit and webhook events failed; trying again");
                    PAUSE
                }
            };
            if let Err(error) = self.measure().await {
                tracing::debug!(error = %error, "what stands still could not be measured");
            }
            tokio::select! {
                () = stop.cancelled() => break,
                () = self.app.committed.notified() => {
                    tokio::select! {
                        () = stop.cancelled() => break,
                        () = tokio::time::sleep(GATHER) => {}
                    }
                }
                () = tokio::time::sleep(net) => {}
            }
        }
        if let Err(error) = self.seal_all().await {
            tracing::warn!(error = %error, "the last sealing failed; the next start does it");
        }
    }

    /// Numbers everything there is, if no other process is at it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn seal_all(&self) -> Result<(), AppError> {
        let Some(epoch) = self.acquire().await? else {
            // The holder may have read before our commit: look again when it is done.
            self.app.committed.notify_one();
            return Ok(());
        };
        while self.seal_batch(epoch).await? {}
        self.app
            .db
            .write(leases::release(LEASE, self.owner))
            .await?;
        Ok(())
    }

    /// Tells how long events wait to be numbered, webhooks to be sent and jobs to be run: whoever
    /// holds the lease, and whether deliverers and workers run.
    async fn measure(&self) -> Result<(), AppError> {
        let db = &self.app.db;
        let unsealed = db.query_opt(outbox::oldest_unsealed()).await?;
        let unsealed = unsealed.map(|row| row.get(0)).transpose()?;
        let mut due: Option<Timestamp> = None;
        for row in db.query(webhook_lanes::agenda()).await? {
            let first: Option<Timestamp> = row.get(1)?;
            due = due.into_iter().chain(first).min();
        }
        let mut job: Option<Timestamp> = None;
        for queue in Queue::ALL {
            let row = db.query_opt(jobs::next_due(queue)).await?;
            let first: Option<Timestamp> = row.map_or(Ok(None), |row| row.get(0))?;
            job = job.into_iter().chain(first).min();
        }
        let now = self.app.clock.now();
        tell_standstill(unsealed, due, now);
        tell_overdue(job, now);
        Ok(())
    }

    async fn acquire(&self) -> Result<Option<i64>, AppError> {
        let now = self.app.clock.now();
        let lease = leases::acquire(
            LEASE,
            self.owner,
            now.plus(LEASE_LIFE),
            now.minus(CLOCK_SKEW),
        );
        let rows = self.app.db.write(lease).await?;
        rows.first()
            .map(|row| row.get(0))
            .transpose()
            .map_err(Into::into)
    }

    /// Numbers one batch; whether there may be more.
    async fn seal_batch(&self, epoch: i64) -> Result<bool, AppError> {
        let mut commit = Commit::new();
        let audits = self.seal_audit(&mut commit).await?;
        let events = self.seal_outbox(&mut commit).await?;
        if commit.is_empty() {
            return Ok(false);
        }
        let until = self.app.clock.now().plus(LEASE_LIFE);
        commit.push(leases::guard(LEASE, self.owner, epoch, until));
        match self.app.db.commit(commit).await {
            // A webhook endpoint changed: its deliveries are decided anew.
            Err(DbError::Conflict { label }) if label == UNCHANGED_LABEL => Ok(true),
            // Another process took the lease over: it numbers these events.
            Err(DbError::Conflict { .. } | DbError::Unique { .. }) => Ok(false),
            Err(error) => Err(error.into()),
            Ok(()) => Ok(audits.max(events) >= usize::from(BATCH)),
        }
    }

    async fn seal_audit(&self, commit: &mut Commit) -> Result<usize, AppError> {
        let rows = self.app.db.query(audit::unsealed(BATCH.into())).await?;
        if rows.is_empty() {
            return Ok(0);
        }
        let head = self.head(AUDIT_SEQUENCE).await?;
        let mut seq = head.seq;
        let mut hash = match &head.hash {
            Some(stored) => ChainHash::from_stored(stored)
                .ok_or(AppError::Internal("the audit chain's head is no hash"))?,
            None => ChainHash::GENESIS,
        };
        for row in &rows {
            let event = AuditRecord::from_row(row)?;
            seq += 1;
            hash = chain_hash(&hash, seq.unsigned_abs(), &canonical(&event));
            commit.push(audit::seal(event.id, seq, hash.as_bytes()));
        }
        let now = self.app.clock.now();
        let checkpoint = Checkpoint {
            sequence: seq.unsigned_abs(),
            chain_hash: hash,
            time: now,
        };
        commit.push(sequence_heads::advance(
            AUDIT_SEQUENCE,
            head.seq,
            seq,
            Some(hash.as_bytes()),
        ));
        commit.push(audit::insert_checkpoint(&CheckpointRecord {
            seq,
            hash: hash.as_bytes().to_vec(),
            signature: self
                .app
                .keys
                .server()
                .audit_signer()
                .sign(&checkpoint)
                .to_vec(),
            created_at: now,
        }));
        Ok(rows.len())
    }

    async fn seal_outbox(&self, commit: &mut Commit) -> Result<usize, AppError> {
        let rows = self.app.db.query(outbox::unsealed(BATCH.into())).await?;
        let mut feeds: BTreeMap<String, (i64, i64)> = BTreeMap::new();
        let mut fan_out = FanOut::new(&self.app);
        for row in &rows {
            if fan_out.is_full() {
                break;
            }
            let event = OutboxRecord::from_row(row)?;
            let name = feed_sequence(event.tenant);
            let from = match feeds.get(&name) {
                Some((from, _)) => *from,
                None => self.head(&name).await?.seq,
            };
            let (_, last) = feeds.entry(name).or_insert((from, from));
            *last += 1;
            commit.push(outbox::seal(event.id, *last));
            fan_out.add(&event, *last).await?;
        }
        let is_full = fan_out.is_full();
        fan_out.finish(commit);
        for (name, (from, to)) in feeds {
            commit.push(sequence_heads::advance(&name, from, to, None));
        }
        if !rows.is_empty() {
            // Readers of the feed wait for it.
            commit.wake_jobs();
        }
        // What did not fit comes with the next batch.
        Ok(if is_full { BATCH.into() } else { rows.len() })
    }

    async fn head(&self, name: &str) -> Result<Head, AppError> {
        let row = self.app.db.query_opt(sequence_heads::get(name)).await?;
        row.as_ref()
            .map_or(Ok(Head { seq: 0, hash: None }), Head::from_row)
            .map_err(Into::into)
    }
}

/// The bytes of an audit event that its hash covers: each part behind its length.
///
/// The sealed address is covered as sealed bytes, so that a redaction, which destroys the key and
/// not the bytes, leaves the chain whole.
pub(super) fn canonical(event: &AuditRecord) -> Vec<u8> {
    let created_at = event.created_at.as_micros().to_be_bytes();
    let session = event.session_id.map(Id::uuid);
    let (id, organization) = (event.id.uuid(), event.tenant.organization.uuid());
    let parts: [&[u8]; 12] = [
        id.as_bytes(),
        organization.as_bytes(),
        event.tenant.environment.as_str().as_bytes(),
        event.event_type.as_bytes(),
        event.resource_type.as_bytes(),
        event.resource_id.as_bytes(),
        session
            .as_ref()
            .map_or(&[], |uuid| uuid.as_bytes().as_slice()),
        event.actor.as_bytes(),
        event.metadata.as_bytes(),
        event
            .request_method
            .as_deref()
            .unwrap_or_default()
            .as_bytes(),
        event.request_path.as_deref().unwrap_or_default().as_bytes(),
        event.sealed_ip.as_deref().unwrap_or_default(),
    ];
    let mut bytes = created_at.to_vec();
    for part in parts {
        bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
        bytes.extend_from_slice(part);
    }
    bytes
}
