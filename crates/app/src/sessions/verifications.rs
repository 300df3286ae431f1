//! Reading verification attempts and workflow runs.

use std::collections::BTreeMap;

use serde_json::Value;
use verifa_core::id::{Id, RunId, SessionId, VerificationId};
use verifa_core::organization::OrganizationSettings;
use verifa_core::tenant::Tenant;
use verifa_core::workflow::GateDecision;
use verifa_store::attempts::{self, AttemptRecord};
use verifa_store::runs::{self, GateDecisionRecord, RunRecord};
use verifa_vault::Place;

use super::load::Session;
use super::shown::shown_details;
use crate::App;
use crate::error::{AppError, Thing};
use crate::run_memory::RunMemory;
use crate::workflows::CompiledVersion;

/// An attempt with its details opened. Deliberately without `Debug`.
pub struct Attempt {
    /// The row.
    pub record: AttemptRecord,
    /// Typed per check; null once personal data is gone.
    pub details: Value,
}

/// Where an attempt's details stand.
pub(crate) fn details_place(id: VerificationId) -> Place<'static> {
    Place::new("verification_attempts", "sealed", id.uuid())
}

/// A run with its state opened. Deliberately without `Debug`.
pub struct RunView {
    /// The row.
    pub record: RunRecord,
    /// The version it runs on.
    pub version: std::sync::Arc<CompiledVersion>,
    /// The interpreter's memory; absent once personal data is gone.
    pub memory: Option<RunMemory>,
    /// The decisions at its gates, oldest first.
    pub decisions: Vec<GateDecisionRecord>,
}

impl App {
    /// The newest attempt of each check of a session, in the order in which they first ran.
    ///
    /// # Errors
    /// Not found, or a failure of the database.
    pub async fn verifications(
        &self,
        tenant: Tenant,
        id: SessionId,
    ) -> Result<Vec<Attempt>, AppError> {
        let session = self.session(tenant, id).await?;
        let settings = self.organization_settings(tenant).await?;
        let mut order: Vec<String> = Vec::new();
        let mut latest: BTreeMap<String, AttemptRecord> = BTreeMap::new();
        for row in self.db.query(attempts::of_session(id)).await? {
            let record = AttemptRecord::from_row(&row)?;
            if !latest.contains_key(&record.policy) {
                order.push(record.policy.clone());
            }
            let newest = latest
                .get(&record.policy)
                .is_none_or(|known| known.attempt_number < record.attempt_number);
            if newest {
                latest.insert(record.policy.clone(), record);
            }
        }
        order
            .iter()
            .filter_map(|policy| latest.remove(policy))
            .map(|record| open_attempt(&session, record, &settings))
            .collect()
    }

    /// Every attempt of one check of a session, oldest first.
    ///
    /// # Errors
    /// Not found: the session, or a check that never ran in it.
    pub async fn verification_attempts(
        &self,
        tenant: Tenant,
        id: SessionId,
        policy: &str,
    ) -> Result<Vec<Attempt>, AppError> {
        let session = self.session(tenant, id).await?;
        let settings = self.organization_settings(tenant).await?;
        let mut found = Vec::new();
        for row in self.db.query(attempts::of_session(id)).await? {
            let record = AttemptRecord::from_row(&row)?;
            if record.policy == policy {
                found.push(open_attempt(&session, record, &settings)?);
            }
        }
        if found.is_empty() {
            return Err(AppError::NotFound(Thing::Verification));
        }
        found.sort_by_key(|attempt| attempt.record.attempt_number);
        Ok(found)
    }

    /// A session's run: the newest, or the one named.
    ///
    /// # Errors
    /// Not found: the session, or its run while there is none.
    pub async fn workflow_run(
        &self,
        tenant: Tenant,
        id: SessionId,
        run: Option<RunId>,
    ) -> Result<RunView, AppError> {
        let session = self.session(tenant, id).await?;
        let statement = match run {
            Some(run) => runs::of_session(id, run),
            None => runs::latest(id),
        };
        let row = self.db.query_opt(statement).await?;
        let record = RunRecord::from_row(&row.ok_or(AppError::NotFound(Thing::WorkflowRun))?)?;
        let version = self
            .workflow_version(record.workflow_id, record.workflow_version)
            .await?;
        let shown = session.disclosed().is_some();
        let memory = match &session.key {
            Some(key) if shown => RunMemory::open(&record, key)?,
            _ => None,
        };
        let decisions = if let Some(memory) = &memory {
            // Those among them that an earlier run brought along have their rows there.
            memory.state.gate_decisions.iter().map(record_of).collect()
        } else {
            let rows = self.db.query(runs::decisions(record.id)).await?;
            let read = rows.iter().map(GateDecisionRecord::from_row);
            read.collect::<Result<Vec<_>, _>>()?
        };
        Ok(RunView {
            record,
            version,
            memory,
            decisions,
        })
    }
}

fn record_of(decision: &GateDecision) -> GateDecisionRecord {
    GateDecisionRecord {
        node: decision.node.clone(),
        decision: decision.decision.clone(),
        decided_by: decision.by.clone(),
        decided_at: decision.decided_at,
    }
}

/// An attempt as the API shows it: with the details that the organization lets it show.
fn open_attempt(
    session: &Session,
    record: AttemptRecord,
    settings: &OrganizationSettings,
) -> Result<Attempt, AppError> {
    if session.disclosed().is_none() {
        let details = Value::Null;
        return Ok(Attempt { record, details });
    }
    let mut attempt = open_details(session, record)?;
    attempt.details = shown_details(attempt.details, settings);
    Ok(attempt)
}

/// An attempt with its details, as far as they are still there.
pub(super) fn open_details(session: &Session, record: AttemptRecord) -> Result<Attempt, AppError> {
    let details = match (&record.sealed, &session.key) {
        (Some(sealed), Some(key)) => {
            let text = key.open(&details_place(record.id), sealed)?;
            serde_json::from_slice(&text)
                .map_err(|_| AppError::Internal("an attempt's details are no JSON"))?
        }
        _ => Value::Null,
    };
    Ok(Attempt { record, details })
}
