//! Mails: queued in the commit of the fact they tell, handed over by a job (`engine/mail.rs`).
//!
//! A mail is never lost: its row and its job commit with the fact. It may arrive twice when the
//! process dies between the transport's yes and the note of it; both bear the same `Message-ID`.

use serde::{Deserialize, Serialize};
use verifa_core::id::{Id, MailId, SessionId};
use verifa_core::mail::{MailKind, MailStatus, OperatorNotice};
use verifa_store::mails::{self, MailRecord};
use verifa_vault::Place;

use crate::error::AppError;
use crate::job::JobName;
use crate::{App, Change, Sealing};

/// Most recipients of one notice.
const MAXIMUM_ADMINS: usize = 20;

/// The sealed part of a queued mail. Deliberately without `Debug`.
#[derive(Serialize, Deserialize)]
pub(crate) struct QueuedMail {
    /// The recipient's address.
    pub(crate) to: String,
    /// What the letter is about.
    pub(crate) matter: Matter,
}

/// What a letter is about.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Matter {
    /// An invitation; what else it says is the session's, when it is sent.
    Invitation {
        /// Whether the person had begun when it was asked for.
        begun: bool,
    },
    /// A notice to an operator.
    Notice(OperatorNotice),
}

/// Where the sealed part of a mail stands.
pub(crate) fn mail_place(id: MailId) -> Place<'static> {
    Place::new("mails", "sealed", id.uuid())
}

/// Queues the mail that asks a session's applicant to begin, or to complete what was begun.
///
/// # Errors
/// Never in practice: what is queued is plain data.
pub(crate) fn queue_invitation(
    change: &mut Change<'_>,
    session: SessionId,
    sealing: Sealing<'_>,
    to: &str,
    begun: bool,
) -> Result<(), AppError> {
    let queued = QueuedMail {
        to: to.to_owned(),
        matter: Matter::Invitation { begun },
    };
    let kind = MailKind::Invitation;
    queue(change, kind, Some(session), sealing, &queued)
}

/// Forgets everything about a session's mails, the files of those that became files too. Goes into
/// the commit that destroys the session's data.
///
/// # Errors
/// When the database fails.
pub(crate) async fn forget_mails(
    change: &mut Change<'_>,
    session: SessionId,
) -> Result<(), AppError> {
    let app = change.app();
    for row in app.db.query(mails::of_session(session)).await? {
        let mail = MailRecord::from_row(&row)?;
        change.cancel_job(&JobName::SendMail(mail.id));
        change.job_at_once(&JobName::ForgetMail(mail.id));
    }
    change.push(mails::scrub(session));
    Ok(())
}

impl App {
    /// Queues a notice to each of the administrators (`settings.email.admins`) of the change's
    /// organization and environment. Whoever is named with a text that is no address gets nothing.
    ///
    /// # Errors
    /// When the database fails or the organization's key does not open.
    pub async fn queue_operator_mail(
        &self,
        change: &mut Change<'_>,
        notice: &OperatorNotice,
    ) -> Result<(), AppError> {
        let tenant = change.tenant();
        let settings = self.organization_settings(tenant).await?;
        let key = self.keys.organization(&self.db, tenant.organization);
        let key = key.await?;
        let admins = settings.email.admins.iter();
        let known = admins.filter(|to| verifa_mail::Address::parse(to).is_ok());
        for to in known.take(MAXIMUM_ADMINS) {
            let queued = QueuedMail {
                to: to.clone(),
                matter: Matter::Notice(notice.clone()),
            };
            let kind = MailKind::OperatorNotice;
            queue(change, kind, None, Sealing::Organization(&key), &queued)?;
        }
        Ok(())
    }
}

fn queue(
    change: &mut Change<'_>,
    kind: MailKind,
    session: Option<SessionId>,
    sealing: Sealing<'_>,
    mail: &QueuedMail,
) -> Result<(), AppError> {
    let app = change.app();
    let id = MailId::generate(change.now, &*app.random);
    let plain =
        serde_json::to_vec(mail).map_err(|_| AppError::Internal("a queued mail is no JSON"))?;
    let record = MailRecord {
        id,
        tenant: change.tenant(),
        session_id: session,
        kind,
        status: MailStatus::Queued,
        sealed: Some(sealing.seal(app, &mail_place(id), &plain)),
        created_at: change.now,
    };
    change.push(mails::insert(&record));
    change.job_at_once(&JobName::SendMail(id));
    Ok(())
}
