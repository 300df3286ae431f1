//! A run in a worker's hands: everything loaded once, then taken from step to step.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde_json::{Map, Value};
use verifa_checks::{Earlier, ExtractedData};
use verifa_core::id::RunId;
use verifa_core::session::{Reason, Status};
use verifa_core::time::Timestamp;
use verifa_core::workflow::{Facts, ScreeningSettings};
use verifa_store::attempts::{self, AttemptRecord};
use verifa_store::jobs::{self, Job};
use verifa_store::runs::{self, RunRecord};

use crate::actor::Actor;
use crate::error::{AppError, Thing};
use crate::run_memory::RunMemory;
use crate::sessions::{Session, details_place};
use crate::workflows::CompiledVersion;
use crate::{App, Change};

/// A run being taken further.
pub(super) struct Drive<'a> {
    pub(super) app: &'a Arc<App>,
    pub(super) job: &'a Job,
    pub(super) actor: Actor,
    pub(super) session: Session,
    pub(super) run: RunRecord,
    pub(super) version: Arc<CompiledVersion>,
    pub(super) memory: RunMemory,
    /// How many attempts of each check the session has seen.
    pub(super) attempts: HashMap<String, i64>,
    /// What the newest attempt of each check gave as its reasons.
    pub(super) reasons: HashMap<String, Vec<Reason>>,
    /// Details of this run's checks, for conditions.
    pub(super) details: BTreeMap<String, Value>,
    /// The time of the last fact of the session, by whichever process's clock.
    pub(super) latest: Timestamp,
}

impl<'a> Drive<'a> {
    /// Loads a run; `None` when there is nothing left to do for it.
    pub(super) async fn load(
        app: &'a Arc<App>,
        job: &'a Job,
        id: RunId,
    ) -> Result<Option<Self>, AppError> {
        let Some(row) = app.db.query_opt(runs::by_id(id)).await? else {
            return Ok(None);
        };
        let run = RunRecord::from_row(&row)?;
        let session = match app.session_by_id(run.session_id).await {
            Ok(session) => session,
            Err(AppError::NotFound(Thing::Session)) => return Ok(None),
            Err(error) => return Err(error),
        };
        if run.status != "running" || session.status() != Status::Processing {
            return Ok(None);
        }
        let Some(memory) = RunMemory::open(&run, session.key()?)? else {
            return Ok(None);
        };
        let version = app
            .workflow_version(run.workflow_id, run.workflow_version)
            .await?;
        let latest = session.record.updated_at;
        let mut drive = Self {
            app,
            job,
            actor: Actor::system(session.record.tenant),
            session,
            run,
            version,
            memory,
            attempts: HashMap::new(),
            reasons: HashMap::new(),
            details: BTreeMap::new(),
            latest,
        };
        drive.load_attempts().await?;
        Ok(Some(drive))
    }

    async fn load_attempts(&mut self) -> Result<(), AppError> {
        let wanted = self.version.compiled.graph.has_conditions();
        for row in self
            .app
            .db
            .query(attempts::of_session(self.session.id()))
            .await?
        {
            let attempt = AttemptRecord::from_row(&row)?;
            let seen = self.attempts.entry(attempt.policy.clone()).or_insert(0);
            *seen = (*seen).max(attempt.attempt_number);
            self.latest = self.latest.max(attempt.completed_at.unwrap_or_default());
            let reasons = serde_json::from_str(&attempt.reasons).unwrap_or_default();
            self.reasons.insert(attempt.policy.clone(), reasons);
            let shown = wanted && self.stands(&attempt);
            if let Some(sealed) = attempt.sealed.filter(|_| shown) {
                let text = self
                    .session
                    .key()?
                    .open(&details_place(attempt.id), &sealed)?;
                let details = serde_json::from_slice(&text).unwrap_or(Value::Null);
                self.details.insert(attempt.policy, details);
            }
        }
        Ok(())
    }

    /// Whether an attempt's judgement counts in this run: it is one of its own, or one that was
    /// carried over.
    fn stands(&self, attempt: &AttemptRecord) -> bool {
        let carried = &self.memory.state.carried;
        attempt.run_id == self.run.id || carried.contains_key(&attempt.policy)
    }

    /// What conditions and the interpreter know.
    pub(super) fn facts(&self) -> Facts {
        let record = &self.session.record;
        let extracted = &self.memory.extracted;
        let mut read = as_map(extracted);
        if let Some(age) = extracted.age_on(self.app.clock.now().date()) {
            read.insert("age".to_owned(), Value::from(age));
        }
        Facts {
            extracted: read,
            fields: as_map(&self.session.private.fields),
            country: record.country.clone(),
            document_type: self
                .session
                .told_document_type()
                .or(extracted.document_type.as_deref())
                .map(str::to_owned),
            external_ref: record.external_ref.clone(),
            metadata: self.session.private.metadata.clone(),
            details: self.details.clone(),
            // They are checks of the session's own workflow: of another one, triggered by call,
            // they leave nothing out.
            requested: record
                .checks
                .as_ref()
                .filter(|_| self.run.workflow_id == record.workflow_id)
                .map(|checks| checks.iter().cloned().collect()),
            screening: self.screening().clone(),
        }
    }

    pub(super) fn screening(&self) -> &ScreeningSettings {
        &self.version.compiled.screening
    }

    /// The checks judged so far, for a check that looks at the others.
    pub(super) fn earlier(&self) -> Vec<Earlier> {
        let checks = self
            .memory
            .state
            .earlier_checks(self.screening())
            .into_iter();
        checks
            .map(|check| Earlier {
                policy: check.policy.to_owned(),
                auto: check.auto,
                status: check.status,
                reasons: check.reasons.to_vec(),
                passed_over: check.passed_over,
                finding: check.finding,
            })
            .collect()
    }

    /// The guard of every engine commit: the claim still holds, and goes on holding.
    pub(super) fn guard(&self) -> verifa_store::db::Stmt {
        jobs::get_on(self.job, self.app.clock.now().plus(self.app.settings.lease))
    }

    /// Seals the memory and writes the run's row.
    pub(super) fn write_run(&mut self) -> Result<verifa_store::db::Stmt, AppError> {
        self.run.current_node = Some(self.memory.state.current.clone());
        self.memory
            .seal_into(&mut self.run, self.session.key()?, &*self.app.random)?;
        let statement = runs::update(&self.run);
        self.run.revision += 1;
        Ok(statement)
    }

    /// Takes over what a document-reading check found.
    pub(super) fn learn(&mut self, extracted: ExtractedData) {
        self.memory.extracted = extracted;
    }

    /// Writes the session's row, with what was read of it.
    pub(super) fn write_session(
        &mut self,
        change: &mut Change<'_>,
        before: Status,
    ) -> Result<(), AppError> {
        let read = self.memory.extracted.document_type.as_deref();
        self.session.learn_document_type(read);
        self.session.write(self.app, change, before)
    }
}

/// A plain value as a map of its fields.
pub(super) fn as_map(value: &impl serde::Serialize) -> Map<String, Value> {
    match serde_json::to_value(value) {
        Ok(Value::Object(map)) => map,
        _ => Map::new(),
    }
}
