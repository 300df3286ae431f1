//! The default workflow that every organization starts with.

use verifa_core::id::{Id, OrganizationId, WorkflowId};
use verifa_core::tenant::Environment;
use verifa_core::time::Timestamp;
use verifa_core::workflow::{Content, DEFAULT_NAME, default_steps};
use verifa_store::db::Stmt;
use verifa_store::workflows::{self as store, WorkflowRecord};

use super::catalog::Catalog;
use super::create::version_record;
use crate::App;
use crate::error::AppError;

/// What the default workflow says of itself.
const DESCRIPTION: &str = "Reads the document, checks its expiry and the person's age.";

/// The default workflow's id and the statements that store it.
pub(crate) fn first_workflow(
    app: &App,
    organization: OrganizationId,
    now: Timestamp,
) -> Result<(WorkflowId, Vec<Stmt>), AppError> {
    let content = Content::from_steps(default_steps());
    let compiled = content.compile(&Catalog(&app.checks))?;
    let id = WorkflowId::generate(now, &*app.random);
    let record = WorkflowRecord {
        id,
        organization_id: organization,
        name: DEFAULT_NAME.to_owned(),
        description: Some(DESCRIPTION.to_owned()),
        current_version: 1,
        is_active: true,
        rollout_percentage: None,
        purpose: None,
        profile: None,
        graph_layout: None,
        revision: 1,
        created_at: now,
        updated_at: now,
        environment: Environment::Live,
        is_default: true,
    };
    let version = version_record(id, 1, &content, &compiled, now)?;
    Ok((
        id,
        vec![store::insert(&record), store::insert_version(&version)],
    ))
}
