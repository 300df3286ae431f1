//! Loading a case, a claim that is over given back first.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use verifa_core::case::{CaseEvent, CaseStatus, claim_has_lapsed, transition};
use verifa_core::fault::Fault;
use verifa_core::id::{CaseId, Id, SessionId};
use verifa_core::session::{Metadata, RetentionStatus, check_text};
use verifa_core::tenant::Tenant;
use verifa_core::time::Timestamp;
use verifa_core::workflow::Because;
use verifa_store::cases::{self as store, CaseRecord};
use verifa_vault::{DataKey, Place};

use super::claim::release_if_lapsed;
use crate::change::Sealing;
use crate::error::{AppError, Thing};
use crate::keyring::data_key_place;
use crate::{App, Change, ROUNDS, Resource};

/// Most characters of a reviewer's name.
const MAXIMUM_REVIEWER: usize = 255;

/// The operator's free data on a case. Deliberately without `Debug`.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CasePrivate {
    /// As on sessions.
    pub metadata: Metadata,
    /// The operator's own fields.
    pub custom_fields: Metadata,
}

/// A case with its sealed part opened.
pub struct Case {
    /// The row.
    pub record: CaseRecord,
    /// The sealed part; empty once the key is destroyed.
    pub private: CasePrivate,
    pub(super) key: Option<DataKey>,
}

fn sealed_place(id: CaseId) -> Place<'static> {
    Place::new("cases", "sealed", id.uuid())
}

impl Case {
    /// Its id.
    pub const fn id(&self) -> CaseId {
        self.record.id
    }

    /// Where it stands.
    pub const fn status(&self) -> CaseStatus {
        self.record.status
    }

    /// Whether the API still shows what the operator wrote: until the session's sensitive window is
    /// over.
    pub fn is_disclosed(&self) -> bool {
        self.record.retention_status == RetentionStatus::Active
    }

    /// What sent the session here.
    pub fn reasons(&self) -> Vec<Because> {
        serde_json::from_str(&self.record.reasons).unwrap_or_default()
    }

    /// The key of the session it is about.
    pub(super) fn key(&self) -> Result<&DataKey, AppError> {
        self.key
            .as_ref()
            .ok_or(AppError::Gone("The session's data has been deleted."))
    }

    /// What seals facts about it.
    pub(super) fn sealing(&self) -> Result<Sealing<'_>, AppError> {
        Ok(Sealing::Session(self.record.session_id, self.key()?))
    }

    /// Moves the case by an event of its state machine; `false` when the table refuses.
    pub(super) fn step(&mut self, event: CaseEvent) -> bool {
        match transition(Some(self.record.status), event) {
            Ok(status) => {
                self.record.status = status;
                true
            }
            Err(_) => false,
        }
    }

    /// Whether somebody else than `reviewer` holds it at `now`.
    pub(super) fn is_held_by_another(&self, reviewer: &str, now: Timestamp) -> bool {
        let held = self.record.claimed_until.is_some_and(|until| now < until);
        held && self.record.assigned_to.as_deref() != Some(reviewer)
    }

    /// Whether it waits for a second decision, which `reviewer`, who made the first, can't make.
    pub(super) fn awaits_another_than(&self, reviewer: &str) -> bool {
        self.record.status == CaseStatus::PendingSecondReview
            && self.record.decided_by.as_deref() == Some(reviewer)
    }

    /// Writes an audit event of the case.
    pub(super) fn audited(
        &self,
        change: &mut Change<'_>,
        event_type: &str,
        facts: &Value,
    ) -> Result<(), AppError> {
        change.audit(
            event_type,
            Resource::case(self.id()),
            self.sealing()?,
            facts,
        );
        Ok(())
    }

    /// Writes the row, its free data sealed anew.
    pub(super) fn write(&mut self, change: &mut Change<'_>) -> Result<(), AppError> {
        let text = serde_json::to_vec(&self.private)
            .map_err(|_| AppError::Internal("a case's private part is no JSON"))?;
        let place = sealed_place(self.id());
        let sealed = self.key()?.seal(&place, &text, &*change.app().random);
        self.record.sealed = Some(sealed);
        change.push(store::update(&self.record, change.now));
        self.record.revision += 1;
        self.record.updated_at = change.now;
        Ok(())
    }
}

/// Checks the operator's name for a reviewer.
pub(super) fn check_reviewer(reviewer: &str) -> Result<(), Fault> {
    check_text("reviewer_id", reviewer, MAXIMUM_REVIEWER)
}

impl App {
    /// A case of a tenant, as it stands now: a claim that is over by the clock is given back
    /// first, in its own commit, whether or not the job ran.
    ///
    /// # Errors
    /// [`Thing::Case`] not found, or a failure of the database.
    pub async fn case(&self, tenant: Tenant, id: CaseId) -> Result<Case, AppError> {
        for round in 0..ROUNDS {
            let row = self.db.query_opt(store::get(tenant, id)).await?;
            let row = row.ok_or(AppError::NotFound(Thing::Case))?;
            let case = self.open_case(CaseRecord::from_row(&row)?).await?;
            if !claim_has_lapsed(case.record.claimed_until, self.clock.now()) {
                return Ok(case);
            }
            release_if_lapsed(self, case, None).await?;
            self.step_aside(round).await;
        }
        Err(AppError::Unavailable("The case is busy. Try again."))
    }

    /// The case of a session, if it has one, just as it is stored.
    pub(crate) async fn case_of(&self, session: SessionId) -> Result<Option<Case>, AppError> {
        match self.db.query_opt(store::of_session(session)).await? {
            Some(row) => Ok(Some(self.open_case(CaseRecord::from_row(&row)?).await?)),
            None => Ok(None),
        }
    }

    /// A case by id alone, for workers.
    pub(crate) async fn case_by_id(&self, id: CaseId) -> Result<Option<Case>, AppError> {
        match self.db.query_opt(store::by_id(id)).await? {
            Some(row) => Ok(Some(self.open_case(CaseRecord::from_row(&row)?).await?)),
            None => Ok(None),
        }
    }

    /// Opens the sealed part of a row.
    pub(super) async fn open_case(&self, record: CaseRecord) -> Result<Case, AppError> {
        let Some(wrapped) = &record.wrapped_key else {
            return Ok(Case {
                record,
                private: CasePrivate::default(),
                key: None,
            });
        };
        let organization = self
            .keys
            .organization(&self.db, record.tenant.organization)
            .await?;
        let key = organization.unwrap(&data_key_place(record.session_id), wrapped)?;
        let private = match &record.sealed {
            Some(sealed) => {
                let text = key.open(&sealed_place(record.id), sealed)?;
                serde_json::from_slice(&text)
                    .map_err(|_| AppError::Internal("a case's sealed part is no JSON"))?
            }
            None => CasePrivate::default(),
        };
        Ok(Case {
            record,
            private,
            key: Some(key),
        })
    }
}
