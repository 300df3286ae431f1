//! Claiming a case, and giving it back: by call, or by time.

use serde_json::json;
use verifa_core::case::{CLAIM_LIFE, CaseEvent, claim_has_lapsed};
use verifa_core::id::CaseId;
use verifa_core::tenant::Tenant;
use verifa_store::db::DbError;
use verifa_store::jobs::{self, Job};

use super::load::{Case, check_reviewer};
use crate::actor::Actor;
use crate::error::AppError;
use crate::job::JobName;
use crate::{App, Change, Decided};

/// Refuses whoever made the first of two decisions.
pub(super) const SECOND_BY_ANOTHER: AppError =
    AppError::Conflict("The second decision must come from another reviewer.");

/// Who claims a case, or gives it back.
#[derive(Clone)]
pub struct ClaimCase {
    /// The operator's own name for its reviewer, 1–255 characters.
    pub reviewer_id: String,
}

impl Case {
    /// Whatever is done to a claimed case keeps it claimed for another half hour.
    pub(super) fn keep_claim(&mut self, change: &mut Change<'_>) {
        if self.record.claimed_until.is_some() {
            let until = change.now.plus(CLAIM_LIFE);
            self.record.claimed_until = Some(until);
            change.job(&JobName::ReleaseCase(self.id()), until);
        }
    }

    /// Ends the claim; the job that would do so by time goes too.
    pub(super) fn drop_claim(&mut self, change: &mut Change<'_>) {
        self.record.claimed_at = None;
        self.record.claimed_until = None;
        change.cancel_job(&JobName::ReleaseCase(self.id()));
    }
}

/// Gives a case back whose claim is over, in a commit of its own; `job` ends or comes again with
/// it.
pub(crate) async fn release_if_lapsed(
    app: &App,
    mut case: Case,
    job: Option<&Job>,
) -> Result<(), AppError> {
    let actor = Actor::system(case.record.tenant);
    let mut change = Change::after(app, &actor, case.record.updated_at);
    let until = case.record.claimed_until;
    if case.key.is_none() || !claim_has_lapsed(until, app.clock.now()) {
        // Held on, given back or decided meanwhile; or its end was moved.
        if let Some(job) = job {
            let until = until.filter(|_| case.key.is_some());
            change.push(
                until.map_or_else(|| jobs::finish(job), |until| jobs::reschedule(job, until)),
            );
            change.push(verifa_store::cases::unchanged(&case.record));
        }
        return app.apply(change.into_commit()).await.map_err(Into::into);
    }
    match job {
        // First, so that a lost claim of the job is noticed.
        Some(job) => change.push(jobs::finish(job)),
        None => change.cancel_job(&JobName::ReleaseCase(case.id())),
    };
    case.step(CaseEvent::Released);
    let facts = json!({ "by": "time" });
    case.record.assigned_to = None;
    case.record.claimed_at = None;
    case.record.claimed_until = None;
    case.audited(&mut change, "case.released", &facts)?;
    case.write(&mut change)?;
    match app.apply(change.into_commit()).await {
        Ok(()) => Ok(()),
        // Somebody else did something to it; whoever asked looks again.
        Err(DbError::Conflict { .. }) if job.is_none() => Ok(()),
        Err(error) => Err(error.into()),
    }
}

impl App {
    /// The claim call: the case is the reviewer's until half an hour without activity is over.
    /// Claiming again prolongs.
    ///
    /// # Errors
    /// Not found; [`AppError::Invalid`] for the reviewer; a conflict while another reviewer holds
    /// the case, and once it is decided.
    pub async fn claim_case(
        &self,
        actor: &Actor,
        tenant: Tenant,
        id: CaseId,
        command: &ClaimCase,
    ) -> Result<Decided<Case>, AppError> {
        let mut case = self.case(tenant, id).await?;
        let reviewer = &command.reviewer_id;
        check_reviewer(reviewer)?;
        let mut change = Change::after(self, actor, case.record.updated_at);
        if case.key.is_none() || !case.step(CaseEvent::Claimed) {
            return Err(AppError::Conflict("The case is no longer open."));
        }
        if case.is_held_by_another(reviewer, change.now) {
            return Err(AppError::Conflict("Another reviewer holds the case."));
        }
        if case.awaits_another_than(reviewer) {
            return Err(SECOND_BY_ANOTHER);
        }
        let is_new = case.record.claimed_until.is_none();
        if is_new {
            case.record.assigned_to = Some(reviewer.clone());
            case.record.claimed_at = Some(change.now);
            case.record.claimed_until = Some(change.now);
        }
        case.keep_claim(&mut change);
        let facts = json!({ "reviewer_id": reviewer, "again": !is_new });
        case.audited(&mut change, "case.claimed", &facts)?;
        case.write(&mut change)?;
        Ok(decided(change, case))
    }

    /// The release call.
    ///
    /// # Errors
    /// Not found; [`AppError::Invalid`] for the reviewer; a conflict when nobody holds the case,
    /// or another than the reviewer named.
    pub async fn release_case(
        &self,
        actor: &Actor,
        tenant: Tenant,
        id: CaseId,
        reviewer: Option<&str>,
    ) -> Result<Decided<Case>, AppError> {
        let mut case = self.case(tenant, id).await?;
        reviewer.map(check_reviewer).transpose()?;
        let mut change = Change::after(self, actor, case.record.updated_at);
        if case.record.claimed_until.is_none() || !case.step(CaseEvent::Released) {
            return Err(AppError::Conflict("Nobody holds the case."));
        }
        if reviewer.is_some_and(|reviewer| case.is_held_by_another(reviewer, change.now)) {
            return Err(AppError::Conflict("Another reviewer holds the case."));
        }
        case.drop_claim(&mut change);
        case.record.assigned_to = None;
        case.audited(&mut change, "case.released", &json!({ "by": "call" }))?;
        case.write(&mut change)?;
        Ok(decided(change, case))
    }
}

/// A change of a case as its call's outcome.
pub(super) fn decided(change: Change<'_>, case: Case) -> Decided<Case> {
    Decided {
        commit: change.into_commit(),
        session: Some(case.record.session_id),
        answer: case,
    }
}
