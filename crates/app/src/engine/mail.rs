//! The job that hands a mail over.

use std::sync::Arc;

use serde_json::json;
use verifa_core::id::MailId;
use verifa_core::mail::{GIVE_UP_AFTER, MailStatus, OperatorNotice, retry_pause};
use verifa_core::session::due_expiry;
use verifa_mail::{Address, Invitation, Language, Letter, Mail, Notice, SendError, Sender};
use verifa_store::db::Commit;
use verifa_store::jobs::{self, Job};
use verifa_store::mails::{self, MailRecord};

use crate::actor::Actor;
use crate::error::{AppError, Thing};
use crate::mail::{Matter, QueuedMail, mail_place};
use crate::sessions::Session;
use crate::{App, Change, Resource, Sealing};

/// Hands a mail over, unless it is out or has no purpose any more.
pub(super) async fn send(app: &Arc<App>, job: &Job, id: MailId) -> Result<(), AppError> {
    let row = app.db.query_opt(mails::by_id(id)).await?;
    let record = row.as_ref().map(MailRecord::from_row).transpose()?;
    let Some(record) = record.filter(|record| record.status == MailStatus::Queued) else {
        return finish(app, job, None).await;
    };
    let Some(mail) = write(app, &record).await? else {
        let end = mails::end(
            id,
            MailStatus::Dropped,
            Some("purpose_gone"),
            app.clock.now(),
        );
        return finish(app, job, Some(end)).await;
    };
    let handed_over = app.mailer.send(&mail).await;
    let outcome = match handed_over {
        Ok(()) => "sent",
        Err(error) if error.is_passing() => "later",
        Err(_) => "refused",
    };
    metrics::counter!("verifa_mails_total", "kind" => record.kind.as_str(), "outcome" => outcome)
        .increment(1);
    match handed_over {
        Ok(()) => {
            let end = mails::end(id, MailStatus::Sent, None, app.clock.now());
            let noted = finish(app, job, Some(end)).await;
            if noted.is_err() {
                forget_dropped(app, id).await?;
            }
            noted
        }
        Err(error) => later_or_never(app, job, &record, error).await,
    }
}

/// A redaction that came while the mail was handed over wants nothing of it left here.
async fn forget_dropped(app: &App, id: MailId) -> Result<(), AppError> {
    let row = app.db.query_opt(mails::by_id(id)).await?;
    let record = row.as_ref().map(MailRecord::from_row).transpose()?;
    if record.is_some_and(|record| record.status == MailStatus::Dropped) {
        let forgotten = app.mailer.forget(id).await;
        forgotten.map_err(|_| AppError::Unavailable("a mail's file can't be removed"))?;
    }
    Ok(())
}

/// After a failure: another try in a while, or the end of trying.
async fn later_or_never(
    app: &Arc<App>,
    job: &Job,
    record: &MailRecord,
    error: SendError,
) -> Result<(), AppError> {
    let now = app.clock.now();
    let given_up = now.since(record.created_at) >= GIVE_UP_AFTER;
    if error.is_passing() && !given_up {
        tracing::warn!(mail = %record.id, attempt = job.attempts, error = %error, "a mail waits");
        let mut commit = Commit::new();
        commit.push(jobs::reschedule(job, now.plus(retry_pause(job.attempts))));
        return app.db.commit(commit).await.map_err(Into::into);
    }
    tracing::error!(mail = %record.id, error = %error, "a mail is given up");
    let reason = match error {
        SendError::Refused(code) => code.to_string(),
        SendError::Unwritable => "unwritable".to_owned(),
        SendError::Later(_) => "gave_up".to_owned(),
    };
    let actor = Actor::system(record.tenant);
    let mut change = Change::begin(app, &actor);
    change.push(jobs::finish(job));
    let end = mails::end(record.id, MailStatus::Failed, Some(&reason), now);
    change.push(end);
    let organization = app.keys.organization(&app.db, record.tenant.organization);
    let organization = organization.await?;
    let facts = json!({ "kind": record.kind, "reason": reason });
    let resource = match record.session_id {
        Some(session) => Resource::session(session),
        None => Resource {
            kind: "mail",
            id: record.id.to_string(),
        },
    };
    let sealing = Sealing::Organization(&organization);
    change.audit("mail.failed", resource, sealing, &facts);
    app.apply(change.into_commit()).await.map_err(Into::into)
}

async fn finish(app: &App, job: &Job, end: Option<verifa_store::db::Stmt>) -> Result<(), AppError> {
    let mut commit = Commit::new();
    commit.push(jobs::finish(job));
    commit.extend(end);
    app.db.commit(commit).await.map_err(Into::into)
}

/// The mail in words; `None` when nobody needs it any more.
async fn write(app: &App, record: &MailRecord) -> Result<Option<Mail>, AppError> {
    if let Some(session) = record.session_id {
        let session = match app.session_by_id(session).await {
            Ok(session) => session,
            Err(AppError::NotFound(Thing::Session)) => return Ok(None),
            Err(error) => return Err(error),
        };
        let Some(key) = &session.key else {
            return Ok(None);
        };
        let Some(sealed) = &record.sealed else {
            return Ok(None);
        };
        let queued = read(&key.open(&mail_place(record.id), sealed)?)?;
        match queued.matter {
            Matter::Invitation { begun } => {
                write_invitation(app, record, &session, &queued.to, begun).await
            }
            Matter::Notice(_) => Err(AppError::Internal("a notice that belongs to a session")),
        }
    } else {
        let organization = record.tenant.organization;
        let key = app.keys.organization(&app.db, organization).await?;
        let Some(sealed) = &record.sealed else {
            return Ok(None);
        };
        let queued = read(&key.open(&mail_place(record.id), sealed)?)?;
        match queued.matter {
            Matter::Notice(notice) => write_notice(app, record, &queued.to, &notice)
                .await
                .map(Some),
            Matter::Invitation { .. } => Err(AppError::Internal("an invitation to nothing")),
        }
    }
}

fn read(plain: &[u8]) -> Result<QueuedMail, AppError> {
    serde_json::from_slice(plain).map_err(|_| AppError::Internal("a queued mail can't be read"))
}

const UNWRITABLE: AppError = AppError::Internal("a letter can't be written");

async fn write_invitation(
    app: &App,
    record: &MailRecord,
    session: &Session,
    to: &str,
    begun: bool,
) -> Result<Option<Mail>, AppError> {
    let end = session.record.token_expires_at;
    let over = due_expiry(session.status(), end, app.clock.now());
    let (Some(capture_url), Some(until), false) = (session.capture_url(app), end, over) else {
        return Ok(None);
    };
    let organization = app.settings_of(record.tenant).await?;
    let settings = &organization.settings;
    let invitation = &session.private.invitation;
    let own_brand = invitation.brand.as_deref();
    let brand = own_brand.or(settings.branding.name.as_deref());
    let help = invitation.support_url.as_deref();
    let letter = verifa_mail::invitation(
        &Invitation {
            begun,
            name: invitation.name.as_deref(),
            brand: brand.unwrap_or(&organization.record.name),
            capture_url: &capture_url,
            until,
            support_url: help.or(settings.branding.support_url.as_deref()),
        },
        Language::best(session.record.locale.as_deref()),
    )
    .map_err(|_| UNWRITABLE)?;
    let from = settings.email.from.as_deref();
    let name = invitation.name.clone();
    let brand = brand.unwrap_or(&organization.record.name);
    envelope(app, record, from, brand, to, name, letter).map(Some)
}

async fn write_notice(
    app: &App,
    record: &MailRecord,
    to: &str,
    notice: &OperatorNotice,
) -> Result<Mail, AppError> {
    let organization = app.settings_of(record.tenant).await?;
    let settings = &organization.settings;
    let notice = Notice {
        notice,
        organization: &organization.record.name,
    };
    let letter = verifa_mail::notice(&notice, Language::default()).map_err(|_| UNWRITABLE)?;
    let from = settings.email.from.as_deref();
    envelope(app, record, from, "Verifa", to, None, letter)
}

/// `from` is the organization's own sender, where it has one; a sender without a name goes by
/// `brand`.
fn envelope(
    app: &App,
    record: &MailRecord,
    from: Option<&str>,
    brand: &str,
    to: &str,
    to_name: Option<String>,
    letter: Letter,
) -> Result<Mail, AppError> {
    let own = from.and_then(|from| Sender::parse(from).ok());
    let from = own.unwrap_or_else(|| app.mailer.from().clone());
    let from = if from.has_name() {
        from
    } else {
        from.named(brand)
    };
    Ok(Mail {
        id: record.id,
        from,
        to: Address::parse(to).map_err(|_| AppError::Internal("a mail to no address"))?,
        to_name,
        letter,
        date: record.created_at,
    })
}
