//! The job that expires a session when its capture token is over.

use std::sync::Arc;

use verifa_core::id::SessionId;
use verifa_core::session::{Event, due_expiry};
use verifa_store::jobs::{self, Job};
use verifa_store::sessions as store;

use super::housekeeping::finish;
use crate::actor::Actor;
use crate::error::AppError;
use crate::{App, Change, sessions};

/// Expires the session, unless it went on or got a new token meanwhile.
pub(super) async fn expire(app: &Arc<App>, job: &Job, id: SessionId) -> Result<(), AppError> {
    let mut session = match app.session_by_id(id).await {
        Ok(session) => session,
        Err(AppError::NotFound(_)) => return finish(app, job).await,
        Err(error) => return Err(error),
    };
    let record = &session.record;
    let end = record.token_expires_at;
    let now = app.clock.now();
    if !due_expiry(record.status, end, now) || session.is_redacted() {
        return match end.filter(|end| record.status.accepts_capture() && *end > now) {
            // A resume moved the end; its own job replaced this one, or does so now.
            Some(end) => {
                let mut commit = verifa_store::db::Commit::new();
                commit.push(jobs::reschedule(job, end));
                // A sandbox's clock may be bringing the end nearer at this moment.
                commit.push(store::unchanged(record));
                app.db.commit(commit).await.map_err(Into::into)
            }
            None => finish(app, job).await,
        };
    }
    let actor = Actor::system(record.tenant);
    let mut change = Change::after(app, &actor, record.updated_at);
    // First, so that a lost claim is noticed; the expiry then cancels the job by name.
    change.push(jobs::finish(job));
    sessions::expire(&mut change, &mut session, Event::TokenExpired, None)?;
    app.apply(change.into_commit()).await.map_err(Into::into)
}
