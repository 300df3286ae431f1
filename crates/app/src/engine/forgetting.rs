//! What is forgotten because it is old: events with their deliveries, and mails.

use std::collections::BTreeMap;

use uuid::Uuid;
use verifa_core::id::Id;
use verifa_store::db::{Commit, DbError};
use verifa_store::mails::{self, MailRecord};
use verifa_store::outbox::{self, OutboxRecord};
use verifa_store::sequence_heads;

use crate::App;
use crate::error::AppError;
use crate::webhooks::forgotten_sequence;

/// Mails of one look.
const MAILS_AT_ONCE: u8 = 100;

/// Forgets the events of webhooks, with their deliveries and tries, that are older than
/// `keep_deliveries` and of which nothing was sent since. Whatever is pending stays, however old.
///
/// An event goes only as a whole: of one that lost its delivery alone, a recovery would think that it
/// was never sent. The feed remembers how far it forgot ([`forgotten_sequence`]).
pub(super) async fn events(app: &App) -> Result<(), AppError> {
    let before = app.clock.now().minus(app.settings.keep_deliveries);
    let mut after = Uuid::nil();
    loop {
        let rows = app.db.query(outbox::forgettable(after, before)).await?;
        let mut ids = Vec::with_capacity(rows.len());
        let mut heads: BTreeMap<String, i64> = BTreeMap::new();
        for row in &rows {
            let event = OutboxRecord::from_row(row)?;
            after = event.id.uuid();
            ids.push(event.id);
            let head = heads.entry(forgotten_sequence(event.tenant)).or_default();
            *head = event.seq.unwrap_or(0).max(*head);
        }
        if ids.is_empty() {
            return Ok(());
        }
        let mut commit = Commit::new();
        commit.extend(outbox::forget(&ids));
        commit.extend(
            heads
                .iter()
                .map(|(name, seq)| sequence_heads::raise(name, *seq)),
        );
        match app.db.commit(commit).await {
            // One of them is sent again just now; the others go the next time.
            Ok(()) | Err(DbError::Conflict { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// Forgets mails that ended longer ago than `keep_mails`, with the files that they became.
pub(super) async fn mails(app: &App) -> Result<(), AppError> {
    let before = app.clock.now().minus(app.settings.keep_mails);
    let mut after = Uuid::nil();
    loop {
        let old = mails::forgettable(after, before, MAILS_AT_ONCE.into());
        let rows = app.db.query(old).await?;
        let mut commit = Commit::new();
        for row in &rows {
            let mail = MailRecord::from_row(row)?;
            after = mail.id.uuid();
            // Before the row: without it nobody would know of the file.
            match app.mailer.forget(mail.id).await {
                Ok(()) => {
                    commit.push(mails::forget(mail.id));
                }
                Err(error) => tracing::warn!(mail = %mail.id, error = %error, "an old mail stays"),
            }
        }
        if !commit.is_empty() {
            app.db.commit(commit).await?;
        }
        if rows.len() < usize::from(MAILS_AT_ONCE) {
            return Ok(());
        }
    }
}
