//! A decision in plain words for the person it was made about, and the person's objection to it
//! (GDPR Art. 22(3)). The last capture token says who asks: its hash is kept when it dies.

use serde_json::{Map, json};
use verifa_core::id::SessionId;
use verifa_core::privacy::{MAXIMUM_OBJECTION, contest_until, plain_words, told_code};
use verifa_core::session::{
    ProcessingMode, RejectionReasonCode, ResultStatus, Status, WebhookEvent, check_text,
};
use verifa_core::time::Timestamp;
use verifa_core::workflow::Because;
use verifa_store::contests::{self, ContestRecord};
use verifa_store::results::{self, ResultRecord};
use verifa_store::sessions::{self as store, SessionRecord};
use verifa_vault::CaptureToken;

use super::queue::put_to_review;
use crate::actor::{Actor, RequestInfo, Who};
use crate::error::AppError;
use crate::sessions::{Session, audited, objection_place, tell};
use crate::{App, Change, Decided};

/// One sentence for every token that tells nothing, so that nothing can be probed.
const DEAD: AppError = AppError::BadRequest("This link is not valid any more.");
/// Why a case was opened by a person's objection.
pub(super) const CONTESTED: &str = "contested_by_person";

/// What a person is told of a decision.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Where the session stands.
    pub status: Status,
    /// The decision, once there is one.
    pub decision: Option<ResultStatus>,
    /// The reason in plain words.
    pub reason: &'static str,
    /// The same as a code, where it may be told.
    pub reason_code: Option<RejectionReasonCode>,
    /// Whether a program alone decided.
    pub automated: Option<bool>,
    /// When the decision fell.
    pub decided_at: Option<Timestamp>,
    /// Until when it may be contested.
    pub contest_until: Option<Timestamp>,
    /// When it was contested.
    pub contested_at: Option<Timestamp>,
}

impl App {
    /// The session whose last capture token this is.
    async fn session_of_person(&self, token: &str) -> Result<Session, AppError> {
        let token = CaptureToken::parse(token).map_err(|_| DEAD)?;
        let hash = self.keys.server().token_hash(&token);
        let row = store::by_former_token(hash.as_bytes());
        let row = self.db.query_opt(row).await?.ok_or(DEAD)?;
        let session = self.open_session(SessionRecord::from_row(&row)?).await?;
        if session.is_redacted() {
            return Err(DEAD);
        }
        Ok(session)
    }

    /// What the person is told.
    ///
    /// # Errors
    /// Bad request for a token that belongs to no ended capture.
    pub async fn outcome_for_person(&self, token: &str) -> Result<Outcome, AppError> {
        let session = self.session_of_person(token).await?;
        let contest = self.contest_of(session.id()).await?;
        let result = self.decided_result(&session).await?;
        let contest = contest.filter(|contest| is_about(contest, result.as_ref()));
        Ok(outcome(&session, result, contest.as_ref()))
    }

    async fn contest_of(&self, id: SessionId) -> Result<Option<ContestRecord>, AppError> {
        let row = self.db.query_opt(contests::get(id)).await?;
        Ok(row.as_ref().map(ContestRecord::from_row).transpose()?)
    }

    /// Whether the person objected to the session's end, and no reviewer has answered yet. Nothing
    /// but a person may then close its case, and only an end without any decision, by expiry or
    /// erasure, leaves nothing to answer (GDPR Art. 22(3)).
    pub(crate) async fn has_open_contest(&self, session: &Session) -> Result<bool, AppError> {
        let contest = self.contest_of(session.id()).await?;
        Ok(contest.is_some_and(|contest| contest.answered_at.is_none()))
    }

    /// The session's result, once there is one that stands.
    async fn decided_result(&self, session: &Session) -> Result<Option<ResultRecord>, AppError> {
        if matches!(session.status(), Status::Expired | Status::Failed) {
            return Ok(None);
        }
        let row = self.db.query_opt(results::get(session.id())).await?;
        Ok(row.as_ref().map(ResultRecord::from_row).transpose()?)
    }

    /// The contest call: the person's words are kept sealed, and the session's case is opened, or
    /// opened again. Repeated: the same answer, the first words stand. Once a reviewer has answered,
    /// a later decision can be contested as the first could; its words take the former's place.
    ///
    /// # Errors
    /// Bad request for a dead token, while nothing is decided, and when the time is over;
    /// [`AppError::Invalid`] for the words.
    pub async fn contest_decision(
        &self,
        request: &RequestInfo,
        token: &str,
        words: &str,
    ) -> Result<Decided<Outcome>, AppError> {
        let mut session = self.session_of_person(token).await?;
        let id = session.id();
        let actor = Actor {
            tenant: session.record.tenant,
            who: Who::Applicant,
            request: Some(request.clone()),
        };
        let mut change = Change::after(self, &actor, session.record.updated_at);
        let result = self.decided_result(&session).await?;
        let known = self.contest_of(id).await?;
        if let Some(contest) = known.filter(|known| is_about(known, result.as_ref())) {
            return Ok(Decided {
                commit: change.into_commit(),
                answer: outcome(&session, result, Some(&contest)),
                session: Some(id),
            });
        }
        check_text("message", words, MAXIMUM_OBJECTION)?;
        let until = contest_until(session.status(), session.record.retention_anchor);
        let until = until.ok_or(AppError::BadRequest(
            "Nothing is decided that could be contested.",
        ))?;
        if change.now > until {
            return Err(AppError::BadRequest(
                "The time to contest the decision is over.",
            ));
        }
        let place = objection_place(id);
        let sealed = session.key()?.seal(&place, words.as_bytes(), &*self.random);
        let record = ContestRecord {
            sealed_words: Some(sealed),
            created_at: change.now,
            answered_at: None,
        };
        change.push(contests::insert(id, session.record.tenant, &record));
        let because = [Because {
            node: String::new(),
            policy: None,
            code: CONTESTED.to_owned(),
        }];
        let case = put_to_review(&mut change, &session, &because).await?.id;
        audited(&mut change, &session, "session.contested", &json!({}))?;
        let more = Map::from_iter([("case_id".to_owned(), json!(case))]);
        let status = session.status();
        let event = WebhookEvent::CaseCreated;
        tell(&mut change, &session, event, status.as_str(), more)?;
        // The revision settles who was first; the status and the windows stay as they are.
        session.write(self, &mut change, status)?;
        Ok(Decided {
            commit: change.into_commit(),
            answer: outcome(&session, result, Some(&record)),
            session: Some(id),
        })
    }
}

/// Whether an objection is about what stands now: it still waits for its answer, or nothing was
/// decided since that.
fn is_about(contest: &ContestRecord, result: Option<&ResultRecord>) -> bool {
    let Some(answered_at) = contest.answered_at else {
        return true;
    };
    result.is_none_or(|result| result.updated_at <= answered_at)
}

fn outcome(
    session: &Session,
    result: Option<ResultRecord>,
    contest: Option<&ContestRecord>,
) -> Outcome {
    let status = session.status();
    let decision = result.as_ref().map(|result| result.status);
    let code = result
        .as_ref()
        .and_then(|result| result.rejection_reason_code);
    Outcome {
        status,
        decision,
        reason: plain_words(status, decision, code),
        reason_code: told_code(code),
        automated: result
            .as_ref()
            .map(|result| result.processing_mode != ProcessingMode::Manual),
        decided_at: result.map(|result| result.updated_at),
        contest_until: contest_until(status, session.record.retention_anchor),
        contested_at: contest.map(|contest| contest.created_at),
    }
}
