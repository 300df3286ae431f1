//! Submitting a session: everything that its workflow demands is there, so it is judged.

use std::collections::BTreeSet;

use serde_json::json;
use verifa_core::fault::{Fault, FaultCode};
use verifa_core::id::SessionId;
use verifa_core::privacy::{Consent, ConsentSource};
use verifa_core::session::{Event, IdKind, Status};
use verifa_core::tenant::Tenant;
use verifa_store::documents::{self, DocumentRecord};
use verifa_store::workflows::WorkflowRecord;

use super::consent::record_consent;
use super::load::Session;
use super::moved::audited;
use super::start::{new_run, version_for};
use crate::actor::Actor;
use crate::error::{AppError, Thing};
use crate::job::JobName;
use crate::{App, Change, Decided};

/// A submitted session.
#[derive(Debug, Clone)]
pub struct Submitted {
    /// The session.
    pub id: SessionId,
    /// `processing`, or `sandbox_pending` in the sandbox.
    pub status: Status,
    /// Whether it is a sandbox session.
    pub is_sandbox: bool,
}

impl App {
    /// The submit call. `id_type` is the kind of identity document, where the caller says it;
    /// `consent` is the person's, recorded with the submission.
    ///
    /// # Errors
    /// Not found; [`AppError::Invalid`] naming each missing thing; a conflict in every status but
    /// pending and capturing.
    pub async fn submit_session(
        &self,
        actor: &Actor,
        tenant: Tenant,
        id: SessionId,
        id_type: Option<&str>,
        consent: Option<&Consent>,
    ) -> Result<Decided<Submitted>, AppError> {
        const REFUSED: AppError =
            AppError::Conflict("The session can't be submitted in its status.");
        let kind = id_type.map(parse_kind).transpose()?;
        if let Some(consent) = consent {
            consent.check(self.clock.now())?;
        }
        let mut session = self.session(tenant, id).await?;
        if session.is_redacted() || !session.status().accepts_capture() {
            return Err(REFUSED);
        }
        let workflow = self.demanded(&session, kind, consent).await?;

        let mut change = Change::after(self, actor, session.record.updated_at);
        let before = session.status();
        if !session.step(Event::Submitted, change.now) {
            return Err(REFUSED);
        }
        if let Some(kind) = kind {
            session.tell_document_type(kind);
        }
        let mut facts = json!({});
        if let Some(consent) = consent {
            record_consent(&mut change, &mut session, consent, ConsentSource::Api)?;
            facts = json!({ "consent": { "biometric": consent.biometric } });
        }
        change.cancel_job(&JobName::ExpireSession(id));
        if session.status() == Status::Processing {
            new_run(self, &mut change, &mut session, &workflow).await?;
        }
        audited(&mut change, &session, "session.submitted", &facts)?;
        session.write(self, &mut change, before)?;
        let answer = Submitted {
            id,
            status: session.status(),
            is_sandbox: tenant.environment.is_sandbox(),
        };
        Ok(Decided {
            commit: change.into_commit(),
            answer,
            session: Some(id),
        })
    }

    /// The workflow that will judge the session, once all that it demands is there.
    async fn demanded(
        &self,
        session: &Session,
        kind: Option<IdKind>,
        consent: Option<&Consent>,
    ) -> Result<WorkflowRecord, AppError> {
        let (workflow, mut missing) = self.lacking(session, kind).await?;
        missing.extend(self.check_consent(session, consent).await?);
        if missing.is_empty() {
            Ok(workflow)
        } else {
            Err(AppError::Invalid(missing))
        }
    }

    /// The session's workflow, and what of its data requirements the session lacks.
    pub(super) async fn lacking(
        &self,
        session: &Session,
        kind: Option<IdKind>,
    ) -> Result<(WorkflowRecord, Vec<Fault>), AppError> {
        let record = &session.record;
        let workflow = self
            .workflow_record(record.tenant.organization, record.workflow_id)
            .await;
        let workflow = workflow.map_err(|error| match error {
            AppError::NotFound(Thing::Workflow) => {
                AppError::Internal("a session's workflow is gone")
            }
            other => other,
        })?;
        let version = version_for(&workflow, record.id);
        let version = self.workflow_version(workflow.id, version).await?;
        let mut there = BTreeSet::new();
        let mut said = None;
        for row in self.db.query(documents::of_session(record.id)).await? {
            let document = DocumentRecord::from_row(&row)?;
            there.insert(document.document_type);
            said = said.or(document.id_kind);
        }
        let requirements = &version.compiled.requirements;
        let missing = requirements.missing(&there, kind.or(said), &session.private.fields);
        Ok((workflow, missing))
    }
}

fn parse_kind(text: &str) -> Result<IdKind, Fault> {
    IdKind::parse(text).ok_or_else(|| {
        Fault::new(
            "id_type",
            FaultCode::UnknownValue,
            "Not one of the known values.",
        )
    })
}
