//! Running one check: its input gathered, its computing off the async threads and bounded.

use std::sync::Arc;

use tokio::sync::OwnedSemaphorePermit;
use verifa_checks::{Check, CheckInput, CheckOutcome, DocumentImage, Registry};
use verifa_core::id::{Id, VerificationId};
use verifa_core::privacy::{BIOMETRIC_POLICIES, NO_BIOMETRIC_CONSENT, lacks_biometric_consent};
use verifa_core::sandbox::SandboxTenant;
use verifa_core::session::{CheckResult, CheckStatus, DocumentType, IdKind};
use verifa_core::time::Timestamp;
use verifa_core::workflow::CheckCall;
use verifa_store::attempts::{self, AttemptRecord};
use verifa_store::db::Stmt;
use verifa_store::documents::{self, DocumentRecord};
use verifa_vault::BlobId;

use super::drive::Drive;
use super::measures::CHECK_SECONDS;
use crate::error::AppError;
use crate::sandbox::SimulatedCheck;
use crate::sessions::{details_place, has_biometric_consent};

/// A check that was run.
pub(super) struct Judged {
    pub(super) call: CheckCall,
    pub(super) outcome: CheckOutcome,
    pub(super) started_at: Timestamp,
    pub(super) completed_at: Timestamp,
}

/// Who judges: the check itself, or in a sandbox its script.
enum Examiner {
    Real(Arc<Registry>, String),
    Simulated(SimulatedCheck),
}

impl Examiner {
    fn of(drive: &Drive<'_>, policy: &str) -> Self {
        let checks = &drive.app.checks;
        let simulated = SandboxTenant::of(drive.session.record.tenant).and_then(|sandbox| {
            let number = drive.attempts.get(policy).copied().unwrap_or(0) + 1;
            let number = u32::try_from(number).unwrap_or(u32::MAX);
            let metadata = &drive.session.private.metadata;
            SimulatedCheck::of(sandbox, checks, policy, metadata, number)
        });
        simulated.map_or_else(
            || Self::Real(Arc::clone(checks), policy.to_owned()),
            Self::Simulated,
        )
    }

    /// `None` for a check that this release does not know.
    fn check(&self) -> Option<&dyn Check> {
        match self {
            Self::Real(checks, policy) => checks.get(policy),
            Self::Simulated(check) => Some(check),
        }
    }
}

/// The pictures that a check names; one that names any computes on them.
pub(super) fn pictures(check: &dyn Check) -> Vec<DocumentType> {
    let inputs = check.descriptor().inputs.iter();
    inputs
        .filter_map(|name| DocumentType::parse(name))
        .collect()
}

/// Runs a check, in the room of `permit` where one was kept for it. Troubles of the check itself
/// are results; only troubles of storage are errors.
pub(super) async fn judge(
    drive: &Drive<'_>,
    call: CheckCall,
    permit: Option<OwnedSemaphorePermit>,
) -> Result<Judged, AppError> {
    let app = drive.app;
    let examiner = Examiner::of(drive, &call.policy);
    let Some(check) = examiner.check() else {
        return Ok(unknown(call, app.clock.now()));
    };
    if let Some(skipped) = without_consent(drive, &call).await? {
        return Ok(skipped);
    }
    let wanted = pictures(check);
    // A check without pictures takes microseconds: it does not wait behind those that compute.
    let permit = if wanted.is_empty() || permit.is_some() {
        permit
    } else {
        let permit = Arc::clone(&app.compute).acquire_owned().await;
        Some(permit.map_err(|_| AppError::Unavailable("the server is shutting down"))?)
    };
    let started_at = app.clock.now();
    let input = gather(drive, &wanted, started_at).await?;
    let config = call.config.clone();
    let span = tracing::Span::current();
    let computing = tokio::task::spawn_blocking(move || {
        let _entered = span.enter();
        let outcome = examiner.check().map(|check| check.run(&input, &config));
        // A check beyond its time keeps its place until it really ends.
        drop(permit);
        outcome
    });
    let outcome = match tokio::time::timeout(app.settings.check_timeout, computing).await {
        Ok(Ok(Some(outcome))) => outcome,
        Ok(Ok(None) | Err(_)) => {
            tracing::error!(policy = call.policy, "a check broke off");
            trouble(CheckStatus::Error, "check_broke", "The check broke off.")
        }
        Err(_) => trouble(
            CheckStatus::RequiresRetry,
            "timeout",
            "The check took longer than it may.",
        ),
    };
    let completed_at = app.clock.now().max(started_at);
    metrics::histogram!(CHECK_SECONDS, "policy" => call.policy.clone())
        .record(completed_at.since(started_at).as_secs_f64());
    Ok(Judged {
        call,
        outcome,
        started_at,
        completed_at,
    })
}

/// The judgement of a check that may not be run, because the person has not consented to it:
/// neither is it computed nor are its pictures opened.
async fn without_consent(drive: &Drive<'_>, call: &CheckCall) -> Result<Option<Judged>, AppError> {
    let app = drive.app;
    if !BIOMETRIC_POLICIES.contains(&call.policy.as_str()) {
        return Ok(None);
    }
    let tenant = drive.session.record.tenant;
    let settings = app.organization_settings(tenant).await?;
    let recorded = app.consents(drive.session.id()).await?;
    let has_consented = has_biometric_consent(&recorded);
    if !lacks_biometric_consent(&call.policy, &settings.consent, has_consented) {
        return Ok(None);
    }
    let message = "The person has not consented to biometric processing.";
    let now = app.clock.now();
    Ok(Some(Judged {
        call: call.clone(),
        outcome: trouble(CheckStatus::Skipped, NO_BIOMETRIC_CONSENT, message),
        started_at: now,
        completed_at: now,
    }))
}

fn unknown(call: CheckCall, now: Timestamp) -> Judged {
    let message = "This release has no such check.";
    Judged {
        call,
        outcome: trouble(CheckStatus::Error, "unknown_check", message),
        started_at: now,
        completed_at: now,
    }
}

fn trouble(status: CheckStatus, code: &str, message: &str) -> CheckOutcome {
    CheckOutcome {
        result: CheckResult::with_reason(status, code, message),
        extracted: None,
        engine: concat!("verifa/", env!("CARGO_PKG_VERSION")).to_owned(),
    }
}

/// Everything the check may look at; pictures only of the kinds that it names.
async fn gather(
    drive: &Drive<'_>,
    wanted: &[DocumentType],
    now: Timestamp,
) -> Result<CheckInput, AppError> {
    let app = drive.app;
    let record = &drive.session.record;
    let mut images = Vec::new();
    if !wanted.is_empty() {
        for row in app.db.query(documents::of_session(record.id)).await? {
            let document = DocumentRecord::from_row(&row)?;
            if !wanted.contains(&document.document_type) {
                continue;
            }
            let blob = BlobId::new(document.id.uuid());
            let key = drive.session.key()?;
            let bytes = app
                .blobs
                .get_all(blob, key, app.settings.upload_bytes)
                .await?;
            images.push(DocumentImage {
                document_type: document.document_type,
                bytes,
                id_kind: document.id_kind,
            });
        }
    }
    let provider = Arc::clone(app);
    Ok(CheckInput {
        now,
        documents: images,
        extracted: drive.memory.extracted.clone(),
        fields: drive.session.private.fields.clone(),
        country: record.country.clone(),
        id_kind: drive.session.told_document_type().and_then(IdKind::parse),
        earlier: drive.earlier(),
        models: Arc::new(move || {
            let models = provider.models.get();
            models.inspect_err(|cause| tracing::error!(cause, "documents can't be read"))
        }),
    })
}

impl Drive<'_> {
    /// The row of one attempt, its details sealed.
    pub(super) fn attempt(&self, judged: &Judged, number: i64) -> Result<Stmt, AppError> {
        let result = &judged.outcome.result;
        let id = VerificationId::generate(judged.completed_at, &*self.app.random);
        let details = result.details.to_string();
        let sealed =
            self.session
                .key()?
                .seal(&details_place(id), details.as_bytes(), &*self.app.random);
        let duration = judged.completed_at.since(judged.started_at).as_millis();
        Ok(attempts::insert(&AttemptRecord {
            id,
            session_id: self.session.id(),
            run_id: self.run.id,
            node: judged.call.node.clone(),
            policy: judged.call.policy.clone(),
            attempt_number: number,
            status: result.status,
            score: result.score,
            reasons: serde_json::to_string(&result.reasons)
                .map_err(|_| AppError::Internal("reasons are no JSON"))?,
            sealed: Some(sealed),
            engine: judged.outcome.engine.clone(),
            started_at: judged.started_at,
            completed_at: Some(judged.completed_at),
            duration_ms: Some(i64::try_from(duration).unwrap_or(i64::MAX)),
        }))
    }
}
