//! The report of a session: gathered, drawn as a PDF off the async threads, and noted in the audit
//! log.

mod evidence;
mod gather;
mod pictures;
mod trail;

use std::num::NonZero;
use std::sync::Arc;

use serde_json::json;
use verifa_core::id::SessionId;
use verifa_core::tenant::Tenant;

use super::load::Session;
use super::results::ResultView;
use crate::actor::Actor;
use crate::error::{AppError, Thing};
use crate::{App, Change, Resource, Sealing};

impl App {
    /// The session's report as a PDF document. A session whose personal data is gone has one too,
    /// without it. That it was made is an audit event.
    ///
    /// Images are decoded under the same bound as uploads, so that reports asked for at once don't
    /// take more memory than uploads do.
    ///
    /// # Errors
    /// Not found: the session. A conflict while it has no result.
    pub async fn session_report(
        &self,
        actor: &Actor,
        tenant: Tenant,
        id: SessionId,
    ) -> Result<Vec<u8>, AppError> {
        let view = match self.result(tenant, id).await {
            Err(AppError::NotFound(Thing::Result)) => {
                return Err(AppError::Conflict("The session has no result yet."));
            }
            other => other?,
        };
        let pdf = self.draw_report(actor, &view).await?;
        self.note_report(actor, &view.session).await?;
        Ok(pdf)
    }

    async fn draw_report(&self, actor: &Actor, view: &ResultView) -> Result<Vec<u8>, AppError> {
        let mut report = self.gather_report(actor, view).await?;
        let permit = Arc::clone(&self.decoding).acquire_owned().await;
        let permit = permit.map_err(|_| AppError::Unavailable("The server is shutting down."))?;
        let images = self.report_images(view).await?;
        // One image at a time has to do while others decode; what is free makes it faster.
        let mut permits = vec![permit];
        let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
        while permits.len() < images.len().min(cores)
            && let Ok(free) = Arc::clone(&self.decoding).try_acquire_owned()
        {
            permits.push(free);
        }
        let drawing = tokio::task::spawn_blocking(move || {
            report.pictures = pictures::shrunk(&images, permits.len())?;
            permits.truncate(1);
            report.render()
        });
        match drawing.await {
            Ok(Ok(pdf)) => Ok(pdf),
            Ok(Err(error)) => {
                tracing::error!(cause = %error, "a report could not be drawn");
                Err(AppError::Internal("a report could not be drawn"))
            }
            Err(_) => Err(AppError::Internal("the drawing of a report broke off")),
        }
    }

    async fn note_report(&self, actor: &Actor, session: &Session) -> Result<(), AppError> {
        let id = session.id();
        let organization = self
            .keys
            .organization(&self.db, actor.tenant.organization)
            .await?;
        let sealing = match &session.key {
            Some(key) => Sealing::Session(id, key),
            None => Sealing::Organization(&organization),
        };
        let mut change = Change::begin(self, actor);
        let resource = Resource::session(id);
        change.audit("api.session.report", resource, sealing, &json!({}));
        self.apply(change.into_commit()).await?;
        Ok(())
    }
}
