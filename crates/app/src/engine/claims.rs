//! The job that gives a case back whose reviewer did nothing for half an hour.

use std::sync::Arc;

use verifa_core::id::CaseId;
use verifa_store::jobs::Job;

use super::housekeeping::finish;
use crate::App;
use crate::cases::release_if_lapsed;
use crate::error::AppError;

/// Gives the case back, unless the reviewer did something meanwhile: then it comes again.
pub(super) async fn release(app: &Arc<App>, job: &Job, id: CaseId) -> Result<(), AppError> {
    match app.case_by_id(id).await? {
        Some(case) => release_if_lapsed(app, case, Some(job)).await,
        None => finish(app, job).await,
    }
}
