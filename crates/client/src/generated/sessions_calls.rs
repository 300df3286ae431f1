// Written by `cargo xtask client` from docs/openapi.json: change that, not this.
//! The calls tagged `sessions`.

use super::types::{
    ErasureCertificate, ExportSessionQuery, ExternalDecision, ExternalDecisionAccepted,
    GetSessionQuery, LegalHold, LegalHoldPlacement, ListSessionsQuery, ResumeSessionQuery, Session,
    SessionCreate, SessionCreated, SessionExpired, SessionExport, SessionPage, SessionRedacted,
    SessionResumed, SessionSubmit, SessionSubmitted, SessionUpdate,
};
use crate::call::Call;
use crate::{Client, Error};
use futures::Stream;
use reqwest::Method;

impl Client {
    /// List sessions.
    ///
    /// Newest first.
    ///
    /// `GET /api/v1/sessions`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn list_sessions(
        &self,
        query: &ListSessionsQuery,
    ) -> std::result::Result<SessionPage, Error> {
        let call = Call::new(Method::GET, "/api/v1/sessions", &[]).query(query)?;
        self.json(call).await
    }

    /// [`Client::list_sessions`] page after page, by cursor: each entry once, whatever is added meanwhile. `limit`, `offset` and the cursors of the query are not looked at.
    pub fn list_sessions_stream(
        &self,
        query: &ListSessionsQuery,
    ) -> impl Stream<Item = std::result::Result<Session, Error>> + Send + use<> {
        let call = Call::new(Method::GET, "/api/v1/sessions", &[]).query(query);
        self.pages::<SessionPage>(call)
    }

    /// Create a session.
    ///
    /// Makes a session and its capture link. Field names of other platforms, such as `reference-id`,
    /// `inquiry-template-id` or `name-first`, are read as aliases.
    ///
    /// `POST /api/v1/sessions`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn create_session(
        &self,
        body: &SessionCreate,
    ) -> std::result::Result<SessionCreated, Error> {
        let call = Call::new(Method::POST, "/api/v1/sessions", &[]).body(body)?;
        self.json(call).await
    }

    /// Get a session.
    ///
    /// With `include=qr` the answer has `qr_code_data_url`, a PNG of the capture link.
    ///
    /// `GET /api/v1/sessions/{id}`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn get_session(
        &self,
        id: &str,
        query: &GetSessionQuery,
    ) -> std::result::Result<Session, Error> {
        let call = Call::new(Method::GET, "/api/v1/sessions/{id}", &[id]).query(query)?;
        self.json(call).await
    }

    /// Update a session.
    ///
    /// Changes reference and metadata, at any status. A session whose data was deleted refuses.
    ///
    /// `PATCH /api/v1/sessions/{id}`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn update_session(
        &self,
        id: &str,
        body: &SessionUpdate,
    ) -> std::result::Result<Session, Error> {
        let call = Call::new(Method::PATCH, "/api/v1/sessions/{id}", &[id]).body(body)?;
        self.json(call).await
    }

    /// Redact a session.
    ///
    /// Destroys the session's data key and images. What remains is the record without personal data.
    /// An active session expires first; one that is being processed refuses with 409. Repeated: the
    /// same answer, nothing removed.
    ///
    /// `DELETE /api/v1/sessions/{id}/data`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn redact_session(&self, id: &str) -> std::result::Result<SessionRedacted, Error> {
        let call = Call::new(Method::DELETE, "/api/v1/sessions/{id}/data", &[id]);
        self.json(call).await
    }

    /// Get the certificate of a session's erasure.
    ///
    /// 404 while the session was not redacted.
    ///
    /// `GET /api/v1/sessions/{id}/erasure-certificate`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn get_session_erasure_certificate(
        &self,
        id: &str,
    ) -> std::result::Result<ErasureCertificate, Error> {
        let call = Call::new(
            Method::GET,
            "/api/v1/sessions/{id}/erasure-certificate",
            &[id],
        );
        self.json(call).await
    }

    /// Expire a session.
    ///
    /// Ends any active session: its capture link dies, a run is cancelled, a case closed.
    ///
    /// `POST /api/v1/sessions/{id}/expire`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn expire_session(&self, id: &str) -> std::result::Result<SessionExpired, Error> {
        let call = Call::new(Method::POST, "/api/v1/sessions/{id}/expire", &[id]);
        self.json(call).await
    }

    /// Export a session.
    ///
    /// Everything that is held about the person, for the operator or, with `audience=subject`, for the
    /// person: without the reviewers' notes and screening hits. Noted in the audit trail. It answers
    /// until the data are destroyed, also when the other calls show nothing personal any more: what is
    /// held has to be disclosed to its subject.
    ///
    /// `GET /api/v1/sessions/{id}/export`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn export_session(
        &self,
        id: &str,
        query: &ExportSessionQuery,
    ) -> std::result::Result<SessionExport, Error> {
        let call = Call::new(Method::GET, "/api/v1/sessions/{id}/export", &[id]).query(query)?;
        self.json(call).await
    }

    /// Decide at an external gate.
    ///
    /// Answers the gate that the session's run is paused at. Of several calls at once exactly one is
    /// accepted; name `node` where a repeated call must not decide the next gate by accident.
    ///
    /// `POST /api/v1/sessions/{id}/external-decision`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn decide_external_gate(
        &self,
        id: &str,
        body: &ExternalDecision,
    ) -> std::result::Result<ExternalDecisionAccepted, Error> {
        let call = Call::new(
            Method::POST,
            "/api/v1/sessions/{id}/external-decision",
            &[id],
        )
        .body(body)?;
        self.json(call).await
    }

    /// Get a session's legal hold.
    ///
    /// `GET /api/v1/sessions/{id}/legal-hold`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn get_session_legal_hold(&self, id: &str) -> std::result::Result<LegalHold, Error> {
        let call = Call::new(Method::GET, "/api/v1/sessions/{id}/legal-hold", &[id]);
        self.json(call).await
    }

    /// Place a legal hold.
    ///
    /// While it stands, neither retention window ends and redaction refuses with 409. On a session that
    /// is held already the reason is replaced.
    ///
    /// `POST /api/v1/sessions/{id}/legal-hold`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn place_session_legal_hold(
        &self,
        id: &str,
        body: &LegalHoldPlacement,
    ) -> std::result::Result<LegalHold, Error> {
        let call = Call::new(Method::POST, "/api/v1/sessions/{id}/legal-hold", &[id]).body(body)?;
        self.json(call).await
    }

    /// Lift a legal hold.
    ///
    /// Windows that are over end at the next round. Without a hold: the same answer.
    ///
    /// `DELETE /api/v1/sessions/{id}/legal-hold`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn lift_session_legal_hold(&self, id: &str) -> std::result::Result<LegalHold, Error> {
        let call = Call::new(Method::DELETE, "/api/v1/sessions/{id}/legal-hold", &[id]);
        self.json(call).await
    }

    /// Resume a session.
    ///
    /// Gives a pending, capturing, expired or failed session a new capture link. The old link dies;
    /// documents and data stay.
    ///
    /// `POST /api/v1/sessions/{id}/resume`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn resume_session(
        &self,
        id: &str,
        query: &ResumeSessionQuery,
    ) -> std::result::Result<SessionResumed, Error> {
        let call = Call::new(Method::POST, "/api/v1/sessions/{id}/resume", &[id]).query(query)?;
        self.json(call).await
    }

    /// Submit a session.
    ///
    /// Needs exactly what the workflow's data requirements name; a 422 names each missing thing.
    ///
    /// `POST /api/v1/sessions/{id}/submit`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn submit_session(
        &self,
        id: &str,
        body: &SessionSubmit,
    ) -> std::result::Result<SessionSubmitted, Error> {
        let call = Call::new(Method::POST, "/api/v1/sessions/{id}/submit", &[id]).body(body)?;
        self.json(call).await
    }
}
