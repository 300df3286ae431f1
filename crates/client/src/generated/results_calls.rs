// Written by `cargo xtask client` from docs/openapi.json: change that, not this.
//! The calls tagged `results`.

use super::types::{
    DetailedResult, GetSessionWorkflowRunQuery, ListMatch, ListMatchPage, ListResultsQuery,
    ListSessionListMatchesQuery, Result, ResultRow, ResultRowPage, RiskAssessment,
    VerificationAttempts, VerificationRetried, Verifications, WorkflowRun,
};
use crate::call::Call;
use crate::{Client, Error};
use futures::Stream;
use reqwest::Method;

impl Client {
    /// List results.
    ///
    /// Newest session first, without personal data.
    ///
    /// `GET /api/v1/results`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn list_results(
        &self,
        query: &ListResultsQuery,
    ) -> std::result::Result<ResultRowPage, Error> {
        let call = Call::new(Method::GET, "/api/v1/results", &[]).query(query)?;
        self.json(call).await
    }

    /// [`Client::list_results`] page after page, by cursor: each entry once, whatever is added meanwhile. `limit`, `offset` and the cursors of the query are not looked at.
    pub fn list_results_stream(
        &self,
        query: &ListResultsQuery,
    ) -> impl Stream<Item = std::result::Result<ResultRow, Error>> + Send + use<> {
        let call = Call::new(Method::GET, "/api/v1/results", &[]).query(query);
        self.pages::<ResultRowPage>(call)
    }

    /// Get a result.
    ///
    /// `GET /api/v1/results/{session_id}`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn get_result(&self, session_id: &str) -> std::result::Result<DetailedResult, Error> {
        let call = Call::new(Method::GET, "/api/v1/results/{session_id}", &[session_id]);
        self.json(call).await
    }

    /// List a session's matches with custom lists.
    ///
    /// Newest first. Without lists nothing matches.
    ///
    /// `GET /api/v1/sessions/{id}/list-matches`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn list_session_list_matches(
        &self,
        id: &str,
        query: &ListSessionListMatchesQuery,
    ) -> std::result::Result<ListMatchPage, Error> {
        let call =
            Call::new(Method::GET, "/api/v1/sessions/{id}/list-matches", &[id]).query(query)?;
        self.json(call).await
    }

    /// [`Client::list_session_list_matches`] page after page, by cursor: each entry once, whatever is added meanwhile. `limit`, `offset` and the cursors of the query are not looked at.
    pub fn list_session_list_matches_stream(
        &self,
        id: &str,
        query: &ListSessionListMatchesQuery,
    ) -> impl Stream<Item = std::result::Result<ListMatch, Error>> + Send + use<> {
        let call = Call::new(Method::GET, "/api/v1/sessions/{id}/list-matches", &[id]).query(query);
        self.pages::<ListMatchPage>(call)
    }

    /// Get a session's report.
    ///
    /// A document to be filed: the decision, the checks with their evidence, the images, the timeline,
    /// and the hash that ties it to the audit log. What the organization does not show, and what is
    /// redacted, is not in it. There is one as soon as there is a result; asking for it is an audit
    /// event.
    ///
    /// `GET /api/v1/sessions/{id}/report`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn get_session_report(&self, id: &str) -> std::result::Result<Vec<u8>, Error> {
        let call = Call::new(Method::GET, "/api/v1/sessions/{id}/report", &[id]);
        self.bytes(call).await
    }

    /// Get a session's result.
    ///
    /// There is one from `under_review` on; never for failed or expired sessions.
    ///
    /// `GET /api/v1/sessions/{id}/result`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn get_session_result(&self, id: &str) -> std::result::Result<Result, Error> {
        let call = Call::new(Method::GET, "/api/v1/sessions/{id}/result", &[id]);
        self.json(call).await
    }

    /// Get a session's risk assessment.
    ///
    /// 404 while none was made.
    ///
    /// `GET /api/v1/sessions/{id}/risk-assessment`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn get_risk_assessment(
        &self,
        id: &str,
    ) -> std::result::Result<RiskAssessment, Error> {
        let call = Call::new(Method::GET, "/api/v1/sessions/{id}/risk-assessment", &[id]);
        self.json(call).await
    }

    /// List a session's checks.
    ///
    /// The newest attempt of each check.
    ///
    /// `GET /api/v1/sessions/{id}/verifications`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn list_session_verifications(
        &self,
        id: &str,
    ) -> std::result::Result<Verifications, Error> {
        let call = Call::new(Method::GET, "/api/v1/sessions/{id}/verifications", &[id]);
        self.json(call).await
    }

    /// List a check's attempts.
    ///
    /// Oldest first. A check that never ran in the session is a 404.
    ///
    /// `GET /api/v1/sessions/{id}/verifications/{policy}/attempts`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn list_verification_attempts(
        &self,
        id: &str,
        policy: &str,
    ) -> std::result::Result<VerificationAttempts, Error> {
        let call = Call::new(
            Method::GET,
            "/api/v1/sessions/{id}/verifications/{policy}/attempts",
            &[id, policy],
        );
        self.json(call).await
    }

    /// Try a check again.
    ///
    /// For a check whose newest attempt failed, broke or asks for it, in a session that is under
    /// review, completed or failed. It and what came after it is judged anew, and the workflow routes
    /// anew; when everything then passes, the session is approved.
    ///
    /// `POST /api/v1/sessions/{id}/verifications/{policy}/retry`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn retry_verification(
        &self,
        id: &str,
        policy: &str,
    ) -> std::result::Result<VerificationRetried, Error> {
        let call = Call::new(
            Method::POST,
            "/api/v1/sessions/{id}/verifications/{policy}/retry",
            &[id, policy],
        );
        self.json(call).await
    }

    /// Get a session's workflow run.
    ///
    /// The newest run, or the one that `run` names.
    ///
    /// `GET /api/v1/sessions/{id}/workflow-run`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn get_session_workflow_run(
        &self,
        id: &str,
        query: &GetSessionWorkflowRunQuery,
    ) -> std::result::Result<WorkflowRun, Error> {
        let call =
            Call::new(Method::GET, "/api/v1/sessions/{id}/workflow-run", &[id]).query(query)?;
        self.json(call).await
    }
}
