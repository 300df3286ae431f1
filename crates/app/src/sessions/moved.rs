//! What every change of a session writes: the row, its counters, audit and webhook events.

use serde_json::{Map, Value, json};
use verifa_core::session::{Event, Status, WebhookEvent};
use verifa_store::sessions as store;
use verifa_store::{client_tokens, one_time_links};

use super::load::Session;
use crate::error::AppError;
use crate::{App, Change, Resource};

/// The counter of sessions of a status.
pub(crate) fn counter(status: Status) -> String {
    format!("sessions:{status}")
}

/// The fields that every webhook event of a session carries.
pub(crate) fn base_fields(session: &Session, status: &str) -> Map<String, Value> {
    let mut fields = Map::new();
    fields.insert("session_id".to_owned(), json!(session.id()));
    fields.insert(
        "external_ref".to_owned(),
        json!(session.record.external_ref),
    );
    fields.insert("status".to_owned(), json!(status));
    fields.insert(
        "is_sandbox".to_owned(),
        json!(session.record.tenant.environment.is_sandbox()),
    );
    fields
}

/// Writes a webhook event of a session: the base fields and `more`.
pub(crate) fn tell(
    change: &mut Change<'_>,
    session: &Session,
    event: WebhookEvent,
    status: &str,
    more: Map<String, Value>,
) -> Result<(), AppError> {
    let mut fields = base_fields(session, status);
    fields.extend(more);
    change.tell(event, Some(session.id()), session.sealing()?, fields);
    Ok(())
}

/// Writes an audit event of a session.
pub(crate) fn audited(
    change: &mut Change<'_>,
    session: &Session,
    event_type: &str,
    metadata: &Value,
) -> Result<(), AppError> {
    change.audit(
        event_type,
        Resource::session(session.id()),
        session.sealing()?,
        metadata,
    );
    Ok(())
}

impl Session {
    /// Writes the row, sealed anew, and moves the counters from `before` to the present status.
    pub(crate) fn write(
        &mut self,
        app: &App,
        change: &mut Change<'_>,
        before: Status,
    ) -> Result<(), AppError> {
        self.seal(app)?;
        self.write_row(change, before);
        Ok(())
    }

    /// Writes the row as it is, and moves the counters. Of every commit about a session these come
    /// after its run and its jobs, so that two commits cannot wait for one another.
    pub(super) fn write_row(&mut self, change: &mut Change<'_>, before: Status) {
        let moved = before != self.record.status;
        if moved && self.record.status.is_terminal() {
            self.revoke_grants(change);
        }
        change.push(store::update(&self.record, change.now));
        if moved {
            // Always in the same order, for the same reason.
            let (gone, come) = (counter(before), counter(self.record.status));
            let mut moves = [(gone, -1), (come, 1)];
            moves.sort();
            for (name, n) in moves {
                change.count(&name, n);
            }
        }
        self.record.revision += 1;
        self.record.updated_at = change.now;
    }
}

impl Session {
    /// Kills what else than the session's own token opens it: its link and client tokens.
    pub(super) fn revoke_grants(&self, change: &mut Change<'_>) {
        if self.private.has_grants {
            change.push(one_time_links::revoke(self.id(), change.now));
            change.push(client_tokens::delete_of_session(self.id()));
        }
    }
}

/// Moves a pending session to capturing: the first document came.
pub(crate) fn note_capturing(
    change: &mut Change<'_>,
    session: &mut Session,
    event: Event,
) -> Result<(), AppError> {
    if session.step(event, change.now) {
        let status = session.status().as_str();
        for told in event.webhook_events() {
            tell(change, session, *told, status, Map::new())?;
        }
    }
    Ok(())
}
