//! Opening a case by call, for a session that came to its end without one.

use serde_json::{Map, json};
use verifa_core::id::{CaseId, SessionId};
use verifa_core::session::{Status, WebhookEvent};
use verifa_core::tenant::Tenant;
use verifa_core::workflow::Because;
use verifa_store::sessions as store;

use super::claim::decided;
use super::load::Case;
use super::queue::put_to_review;
use crate::actor::Actor;
use crate::error::AppError;
use crate::sessions::tell;
use crate::{App, Change, Decided};

/// The reason of a case that a call opened.
const OPENED_BY_CALL: &str = "opened_by_call";

impl App {
    /// The answer of a call that finds the session's case made.
    async fn case_there_is(
        &self,
        actor: &Actor,
        tenant: Tenant,
        id: CaseId,
    ) -> Result<Decided<Case>, AppError> {
        let case = self.case(tenant, id).await?;
        // The session's key may be gone: then the organization's seals a kept answer.
        let session = case.key.as_ref().map(|_| case.record.session_id);
        Ok(Decided {
            commit: Change::begin(self, actor).into_commit(),
            session,
            answer: case,
        })
    }

    /// The create call: the session's case, whether it was there or is new. A reviewer of a
    /// finished session can write notes and override checks, which judges it anew.
    ///
    /// # Errors
    /// Not found: the session; a conflict for a session that has no case and is neither completed
    /// nor failed, or whose data is deleted.
    pub async fn create_case(
        &self,
        actor: &Actor,
        tenant: Tenant,
        session: SessionId,
    ) -> Result<Decided<Case>, AppError> {
        let session = self.session(tenant, session).await?;
        if let Some((case, _)) = session.record.case {
            return self.case_there_is(actor, tenant, case).await;
        }
        let ended = matches!(session.status(), Status::Completed | Status::Failed);
        if !ended || session.is_redacted() {
            return Err(AppError::Conflict(
                "A case can only be opened for a completed or failed session.",
            ));
        }
        let mut change = Change::after(self, actor, session.record.updated_at);
        let because = [Because {
            node: String::new(),
            policy: None,
            code: OPENED_BY_CALL.to_owned(),
        }];
        // A redaction or a new judgement meanwhile: then this is decided anew.
        change.push(store::unchanged(&session.record));
        let record = put_to_review(&mut change, &session, &because).await?;
        if record.created_at != change.now {
            // Another call was first, after the session was loaded: its commit told of the case.
            return self.case_there_is(actor, tenant, record.id).await;
        }
        let case = self.open_case(record).await?;
        case.audited(
            &mut change,
            "case.created",
            &json!({ "session_id": session.id() }),
        )?;
        let status = session.status().as_str();
        let more = Map::from_iter([("case_id".to_owned(), json!(case.id()))]);
        tell(
            &mut change,
            &session,
            WebhookEvent::CaseCreated,
            status,
            more,
        )?;
        Ok(decided(change, case))
    }
}
