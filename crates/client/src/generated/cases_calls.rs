// Written by `cargo xtask client` from docs/openapi.json: change that, not this.
//! The calls tagged `cases`.

use super::types::{
    Case, CaseApprove, CaseClaim, CaseCreate, CaseNote, CaseNoteAdd, CaseNotePage, CasePage,
    CaseReject, CaseRelease, CaseUpdate, CheckOverridden, CheckOverride, ListCaseNotesQuery,
    ListCasesQuery,
};
use crate::call::Call;
use crate::{Client, Error};
use futures::Stream;
use reqwest::Method;

impl Client {
    /// List review cases.
    ///
    /// Newest first. A case whose reviewer did nothing for 30 minutes counts as `open`.
    ///
    /// `GET /api/v1/cases`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn list_cases(&self, query: &ListCasesQuery) -> std::result::Result<CasePage, Error> {
        let call = Call::new(Method::GET, "/api/v1/cases", &[]).query(query)?;
        self.json(call).await
    }

    /// [`Client::list_cases`] page after page, by cursor: each entry once, whatever is added meanwhile. `limit`, `offset` and the cursors of the query are not looked at.
    pub fn list_cases_stream(
        &self,
        query: &ListCasesQuery,
    ) -> impl Stream<Item = std::result::Result<Case, Error>> + Send + use<> {
        let call = Call::new(Method::GET, "/api/v1/cases", &[]).query(query);
        self.pages::<CasePage>(call)
    }

    /// Create a review case.
    ///
    /// A session has one case: where there is one, it is the answer. Sessions that come to
    /// `under_review` get theirs by themselves.
    ///
    /// `POST /api/v1/cases`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn create_case(&self, body: &CaseCreate) -> std::result::Result<Case, Error> {
        let call = Call::new(Method::POST, "/api/v1/cases", &[]).body(body)?;
        self.json(call).await
    }

    /// Get a review case.
    ///
    /// `GET /api/v1/cases/{id}`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn get_case(&self, id: &str) -> std::result::Result<Case, Error> {
        let call = Call::new(Method::GET, "/api/v1/cases/{id}", &[id]);
        self.json(call).await
    }

    /// Update a review case.
    ///
    /// Changes priority, labels and your own data, at any status.
    ///
    /// `PATCH /api/v1/cases/{id}`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn update_case(
        &self,
        id: &str,
        body: &CaseUpdate,
    ) -> std::result::Result<Case, Error> {
        let call = Call::new(Method::PATCH, "/api/v1/cases/{id}", &[id]).body(body)?;
        self.json(call).await
    }

    /// Approve a review case.
    ///
    /// Completes the session as approved. Of several decisions at once exactly one is accepted. Where
    /// your settings want two reviewers (`dual_review`), each has to be named or to hold the case: the
    /// first decision leaves it `pending_second_review`, and that of another reviewer counts.
    ///
    /// `POST /api/v1/cases/{id}/approve`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn approve_case(
        &self,
        id: &str,
        body: &CaseApprove,
    ) -> std::result::Result<Case, Error> {
        let call = Call::new(Method::POST, "/api/v1/cases/{id}/approve", &[id]).body(body)?;
        self.json(call).await
    }

    /// Override a check.
    ///
    /// Puts a reviewer's judgement in place of the check's. Every other judgement stands; the workflow
    /// is routed through once more, and may end in review again. 404 for a check that the session's
    /// newest run did not judge.
    ///
    /// `POST /api/v1/cases/{id}/checks/{policy}/override`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn override_case_check(
        &self,
        id: &str,
        policy: &str,
        body: &CheckOverride,
    ) -> std::result::Result<CheckOverridden, Error> {
        let call = Call::new(
            Method::POST,
            "/api/v1/cases/{id}/checks/{policy}/override",
            &[id, policy],
        )
        .body(body)?;
        self.json(call).await
    }

    /// Claim a review case.
    ///
    /// The case is the reviewer's until 30 minutes without activity are over; claiming again prolongs.
    /// A case that another reviewer holds is a 409.
    ///
    /// `POST /api/v1/cases/{id}/claim`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn claim_case(&self, id: &str, body: &CaseClaim) -> std::result::Result<Case, Error> {
        let call = Call::new(Method::POST, "/api/v1/cases/{id}/claim", &[id]).body(body)?;
        self.json(call).await
    }

    /// List a case's notes.
    ///
    /// Newest first; none once the session's data was deleted, and 410 once its sensitive window is over.
    ///
    /// `GET /api/v1/cases/{id}/notes`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn list_case_notes(
        &self,
        id: &str,
        query: &ListCaseNotesQuery,
    ) -> std::result::Result<CaseNotePage, Error> {
        let call = Call::new(Method::GET, "/api/v1/cases/{id}/notes", &[id]).query(query)?;
        self.json(call).await
    }

    /// [`Client::list_case_notes`] page after page, by cursor: each entry once, whatever is added meanwhile. `limit`, `offset` and the cursors of the query are not looked at.
    pub fn list_case_notes_stream(
        &self,
        id: &str,
        query: &ListCaseNotesQuery,
    ) -> impl Stream<Item = std::result::Result<CaseNote, Error>> + Send + use<> {
        let call = Call::new(Method::GET, "/api/v1/cases/{id}/notes", &[id]).query(query);
        self.pages::<CaseNotePage>(call)
    }

    /// Add a note to a case.
    ///
    /// At any status. Notes are encrypted with the session's data and deleted with it.
    ///
    /// `POST /api/v1/cases/{id}/notes`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn add_case_note(
        &self,
        id: &str,
        body: &CaseNoteAdd,
    ) -> std::result::Result<CaseNote, Error> {
        let call = Call::new(Method::POST, "/api/v1/cases/{id}/notes", &[id]).body(body)?;
        self.json(call).await
    }

    /// Reject a review case.
    ///
    /// Completes the session as rejected. Of several decisions at once exactly one is accepted. Where
    /// your settings want two reviewers (`dual_review`), each has to be named or to hold the case: the
    /// first decision leaves it `pending_second_review`, and that of another reviewer counts.
    ///
    /// `POST /api/v1/cases/{id}/reject`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn reject_case(
        &self,
        id: &str,
        body: &CaseReject,
    ) -> std::result::Result<Case, Error> {
        let call = Call::new(Method::POST, "/api/v1/cases/{id}/reject", &[id]).body(body)?;
        self.json(call).await
    }

    /// Release a review case.
    ///
    /// The case goes back to the queue. One that nobody holds is a 409.
    ///
    /// `POST /api/v1/cases/{id}/release`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn release_case(
        &self,
        id: &str,
        body: &CaseRelease,
    ) -> std::result::Result<Case, Error> {
        let call = Call::new(Method::POST, "/api/v1/cases/{id}/release", &[id]).body(body)?;
        self.json(call).await
    }
}
