//! The blob store, and what the default workflows have become.

use verifa_store::db::DbError;
use verifa_store::organizations::{self, OrganizationRecord};
use verifa_store::workflows::{self, WorkflowRecord};

use super::fault::FaultKind;
use super::{Examination, with_causes};
use crate::config::BlobStoreKind;

const SUBJECT: &str = "blob store";

pub(super) async fn examine(examination: &mut Examination<'_>) {
    examine_blobs(examination).await;
    match edited_default_workflows(examination).await {
        Ok(edited) => {
            for detail in edited {
                examination.report.note("default workflow", detail);
            }
        }
        Err(error) => examination
            .report
            .skipped("default workflow", error.to_string()),
    }
}

async fn examine_blobs(examination: &mut Examination<'_>) {
    let config = examination.config;
    let local = config.blobs.store == BlobStoreKind::Local;
    if local && config.blobs.dir.is_none() && !examination.directory {
        examination
            .report
            .skipped(SUBJECT, "there is no data directory");
        return;
    }
    let probed = match config.blobs.open(&config.data) {
        Ok(store) => store.probe(examination.surroundings.random).await,
        Err(error) => Err(error),
    };
    match probed {
        Ok(()) if local => {
            let detail = format!("`{}`", config.blobs.directory(&config.data).display());
            examination.report.ok(SUBJECT, detail);
        }
        Ok(()) => examination.report.ok(SUBJECT, "the bucket takes writes"),
        Err(error) => {
            let detail = with_causes(&error);
            examination
                .report
                .fault(SUBJECT, FaultKind::BlobStoreUnusable, detail);
        }
    }
}

/// A default workflow that was edited no longer follows the releases.
async fn edited_default_workflows(examination: &Examination<'_>) -> Result<Vec<String>, DbError> {
    let Some(database) = &examination.database else {
        return Ok(Vec::new());
    };
    let mut edited = Vec::new();
    for row in database.query(organizations::all()).await? {
        let organization = OrganizationRecord::from_row(&row)?;
        let workflow = workflows::get(organization.id, organization.default_workflow_id);
        let Some(row) = database.query_opt(workflow).await? else {
            continue;
        };
        let workflow = WorkflowRecord::from_row(&row)?;
        if workflow.current_version > 1 {
            edited.push(format!(
                "{} of organization `{}` was edited (version {}); changes that releases make to \
                 the default are not in it",
                workflow.id, organization.slug, workflow.current_version
            ));
        }
    }
    Ok(edited)
}
