//! The job that ends retention windows.
//!
//! Nothing stores when a window ends: the settings may change at any time. Each round asks the
//! index for the sessions that are due by the settings that their environment has at the moment, a
//! few of each tenant, so that neither a large tenant nor a large backlog holds anybody up.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use verifa_core::id::SessionId;
use verifa_core::privacy::RetentionDue;
use verifa_core::tenant::{Environment, Tenant};
use verifa_store::db::DbError;
use verifa_store::jobs::Job;
use verifa_store::organizations::{self, OrganizationRecord};
use verifa_store::retention;

use super::housekeeping::come_again;
use super::measures::RETENTION_STEPS_TOTAL;
use crate::App;
use crate::error::AppError;
use crate::organizations::read_settings;

/// How often windows are looked at.
const LOOK_EVERY: Duration = Duration::from_mins(5);
/// The pause before the next round while there is more to do.
const BREATH: Duration = Duration::from_millis(250);
/// Most sessions of one tenant, search and round.
const AT_ONCE: u16 = 50;

/// One round over all tenants.
pub(super) async fn sweep(app: &Arc<App>, job: &Job) -> Result<(), AppError> {
    let mut more = false;
    let mut ended = 0;
    for row in app.db.query(organizations::all()).await? {
        let record = OrganizationRecord::from_row(&row)?;
        let id = record.id;
        for environment in [Environment::Live, Environment::Sandbox] {
            let Ok(settings) = read_settings(&record, environment) else {
                tracing::error!(
                    organization = %id, %environment,
                    "retention stands still: the settings can't be read"
                );
                continue;
            };
            let due = RetentionDue::at(app.clock.now(), &settings);
            let tenant = Tenant {
                organization: id,
                environment,
            };
            let (done, filled) = Box::pin(sweep_tenant(app, tenant, &due)).await?;
            ended += done;
            more |= filled && done > 0;
        }
    }
    if ended > 0 {
        metrics::counter!(RETENTION_STEPS_TOTAL).increment(ended);
        tracing::info!(sessions = ended, "retention windows ended");
        // What was erased must not stay in the log.
        if let Err(error) = app.db.checkpoint().await {
            tracing::debug!(%error, "the log is emptied by the clock instead");
        }
    }
    come_again(app, job, if more { BREATH } else { LOOK_EVERY }).await
}

/// How many steps were done, and whether there may be more.
async fn sweep_tenant(
    app: &Arc<App>,
    tenant: Tenant,
    due: &RetentionDue,
) -> Result<(u64, bool), AppError> {
    let (mut done, mut more) = (0, false);
    for search in due.searches() {
        // Sessions in disorder must not keep the others, however many they are: a search that found
        // some of them reaches as much further.
        let mut disordered = HashSet::new();
        loop {
            let limit = usize::from(AT_ONCE).saturating_add(disordered.len());
            let rows = i64::try_from(limit).unwrap_or(i64::MAX);
            let rows = app.db.query(retention::due(tenant, &search, rows)).await?;
            let filled = rows.len() >= limit;
            let known = disordered.len();
            for row in &rows {
                let id: SessionId = row.id(0)?;
                if disordered.contains(&id) {
                    continue;
                }
                match age(app, id, due).await? {
                    Aged::Ended => done += 1,
                    Aged::Left => {}
                    Aged::Disordered => {
                        disordered.insert(id);
                    }
                }
            }
            more |= filled;
            if !filled || disordered.len() == known {
                break;
            }
        }
    }
    Ok((done, more))
}

/// What became of a session that was found due.
enum Aged {
    /// A window of it ended.
    Ended,
    /// Nothing was due any more, or somebody is at the session: the next round looks again.
    Left,
    /// It can't be read.
    Disordered,
}

async fn age(app: &Arc<App>, id: SessionId, due: &RetentionDue) -> Result<Aged, AppError> {
    match app.age_session(id, due).await {
        Ok(Some(_)) => Ok(Aged::Ended),
        Ok(None) | Err(AppError::Database(DbError::Conflict { .. }) | AppError::NotFound(_)) => {
            Ok(Aged::Left)
        }
        Err(
            error @ (AppError::Database(DbError::Unavailable(_) | DbError::DiskFull)
            | AppError::Unavailable(_)),
        ) => Err(error),
        Err(error) => {
            tracing::error!(session = %id, %error, "a retention window could not be ended");
            Ok(Aged::Disordered)
        }
    }
}
