// Written by `cargo xtask client` from docs/openapi.json: change that, not this.
//! The calls tagged `workflows`.

use super::types::{
    ListWorkflowVersionsQuery, ListWorkflowsQuery, VerificationPolicies, Workflow, WorkflowCreate,
    WorkflowPage, WorkflowTrigger, WorkflowTriggered, WorkflowUpdate,
};
use crate::call::Call;
use crate::{Client, Error};
use futures::Stream;
use reqwest::Method;

impl Client {
    /// List verification policies.
    ///
    /// The checks that a workflow can place, and the schema of each one's `config`.
    ///
    /// `GET /api/v1/verification-policies`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn list_verification_policies(
        &self,
    ) -> std::result::Result<VerificationPolicies, Error> {
        let call = Call::new(Method::GET, "/api/v1/verification-policies", &[]);
        self.json(call).await
    }

    /// List workflows.
    ///
    /// Newest first; both environments share them.
    ///
    /// `GET /api/v1/workflows`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn list_workflows(
        &self,
        query: &ListWorkflowsQuery,
    ) -> std::result::Result<WorkflowPage, Error> {
        let call = Call::new(Method::GET, "/api/v1/workflows", &[]).query(query)?;
        self.json(call).await
    }

    /// [`Client::list_workflows`] page after page, by cursor: each entry once, whatever is added meanwhile. `limit`, `offset` and the cursors of the query are not looked at.
    pub fn list_workflows_stream(
        &self,
        query: &ListWorkflowsQuery,
    ) -> impl Stream<Item = std::result::Result<Workflow, Error>> + Send + use<> {
        let call = Call::new(Method::GET, "/api/v1/workflows", &[]).query(query);
        self.pages::<WorkflowPage>(call)
    }

    /// Create a workflow.
    ///
    /// Validated and compiled before anything is stored; a 422 names the path of each offence, and
    /// unknown keys are refused at every level. A sandbox key can't make it the default (403).
    ///
    /// `POST /api/v1/workflows`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn create_workflow(
        &self,
        body: &WorkflowCreate,
    ) -> std::result::Result<Workflow, Error> {
        let call = Call::new(Method::POST, "/api/v1/workflows", &[]).body(body)?;
        self.json(call).await
    }

    /// Get a workflow.
    ///
    /// With its current version.
    ///
    /// `GET /api/v1/workflows/{id}`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn get_workflow(&self, id: &str) -> std::result::Result<Workflow, Error> {
        let call = Call::new(Method::GET, "/api/v1/workflows/{id}", &[id]);
        self.json(call).await
    }

    /// Update a workflow.
    ///
    /// A change of steps, graph, data requirements or screening settings makes a new version; runs
    /// under way keep theirs.
    ///
    /// A sandbox key changes only what a sandbox key made, and not while it is the default or once a live
    /// session has it (403); it can't make a workflow the default.
    ///
    /// `PATCH /api/v1/workflows/{id}`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn update_workflow(
        &self,
        id: &str,
        body: &WorkflowUpdate,
    ) -> std::result::Result<Workflow, Error> {
        let call = Call::new(Method::PATCH, "/api/v1/workflows/{id}", &[id]).body(body)?;
        self.json(call).await
    }

    /// Deactivate a workflow.
    ///
    /// New sessions can no longer take it; those that have it go on. The default can't be deactivated.
    /// A sandbox key deactivates only what it may change (403).
    ///
    /// `POST /api/v1/workflows/{id}/deactivate`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn deactivate_workflow(&self, id: &str) -> std::result::Result<Workflow, Error> {
        let call = Call::new(Method::POST, "/api/v1/workflows/{id}/deactivate", &[id]);
        self.json(call).await
    }

    /// Make a workflow the default.
    ///
    /// Sessions that name no workflow take it from now on, in both environments: needs a live key (403).
    ///
    /// `POST /api/v1/workflows/{id}/set-default`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn set_default_workflow(&self, id: &str) -> std::result::Result<Workflow, Error> {
        let call = Call::new(Method::POST, "/api/v1/workflows/{id}/set-default", &[id]);
        self.json(call).await
    }

    /// Trigger a workflow.
    ///
    /// Runs the workflow's current version on a completed or failed session.
    ///
    /// `POST /api/v1/workflows/{id}/trigger`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn trigger_workflow(
        &self,
        id: &str,
        body: &WorkflowTrigger,
    ) -> std::result::Result<WorkflowTriggered, Error> {
        let call = Call::new(Method::POST, "/api/v1/workflows/{id}/trigger", &[id]).body(body)?;
        self.json(call).await
    }

    /// List a workflow's versions.
    ///
    /// Newest first. Versions never change.
    ///
    /// `GET /api/v1/workflows/{id}/versions`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn list_workflow_versions(
        &self,
        id: &str,
        query: &ListWorkflowVersionsQuery,
    ) -> std::result::Result<WorkflowPage, Error> {
        let call = Call::new(Method::GET, "/api/v1/workflows/{id}/versions", &[id]).query(query)?;
        self.json(call).await
    }

    /// [`Client::list_workflow_versions`] page after page, by cursor: each entry once, whatever is added meanwhile. `limit`, `offset` and the cursors of the query are not looked at.
    pub fn list_workflow_versions_stream(
        &self,
        id: &str,
        query: &ListWorkflowVersionsQuery,
    ) -> impl Stream<Item = std::result::Result<Workflow, Error>> + Send + use<> {
        let call = Call::new(Method::GET, "/api/v1/workflows/{id}/versions", &[id]).query(query);
        self.pages::<WorkflowPage>(call)
    }

    /// Get a version of a workflow.
    ///
    /// `GET /api/v1/workflows/{id}/versions/{version}`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn get_workflow_version(
        &self,
        id: &str,
        version: &str,
    ) -> std::result::Result<Workflow, Error> {
        let call = Call::new(
            Method::GET,
            "/api/v1/workflows/{id}/versions/{version}",
            &[id, version],
        );
        self.json(call).await
    }
}
