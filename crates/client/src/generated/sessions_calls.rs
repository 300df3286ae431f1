// Written by `cargo xtask client` from docs/openapi.json: change that, not this.
//! The calls tagged `sessions`.

use super::types::{
    ClientToken, CreateSessionQuery, ErasureCertificate, ExportSessionQuery, ExternalDecision,
    ExternalDecisionAccepted, GenerateOneTimeLinkQuery, GetSessionQuery, LegalHold,
    LegalHoldPlacement, ListOneTimeLinksQuery, ListSessionsQuery, OneTimeLink, OneTimeLinkCreate,
    OneTimeLinks, ResumeSessionQuery, Session, SessionCreate, SessionCreated, SessionExpired,
    SessionExport, SessionInvited, SessionPage, SessionRedacted, SessionReprocessed,
    SessionResumed, SessionSubmit, SessionSubmitted, SessionTagAdd, SessionTagRemove, SessionTags,
    SessionTagsSet, SessionUpdate, SessionsBulkRedact, SessionsBulkRedacted,
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
        query: &CreateSessionQuery,
        body: &SessionCreate,
    ) -> std::result::Result<SessionCreated, Error> {
        let call = Call::new(Method::POST, "/api/v1/sessions", &[])
            .query(query)?
            .body(body)?;
        self.json(call).await
    }

    /// Redact many sessions.
    ///
    /// Each on its own: what stands in the way of one does not stand in the way of the others. With an
    /// `Idempotency-Key` a repetition gets the first answer; one that comes before the first has ended
    /// tells of what is left.
    ///
    /// `POST /api/v1/sessions/bulk-redact`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn bulk_redact_sessions(
        &self,
        body: &SessionsBulkRedact,
    ) -> std::result::Result<SessionsBulkRedacted, Error> {
        let call = Call::new(Method::POST, "/api/v1/sessions/bulk-redact", &[]).body(body)?;
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

    /// Add a tag.
    ///
    /// One that is there already changes nothing. A session has at most 50.
    ///
    /// `POST /api/v1/sessions/{id}/add-tag`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn add_session_tag(
        &self,
        id: &str,
        body: &SessionTagAdd,
    ) -> std::result::Result<SessionTags, Error> {
        let call = Call::new(Method::POST, "/api/v1/sessions/{id}/add-tag", &[id]).body(body)?;
        self.json(call).await
    }

    /// Make a client token.
    ///
    /// For a pending or capturing session. It lives ten minutes, belongs to the session and may be
    /// given to a browser, which exchanges it once: `POST /verify/{client_token}/start`.
    ///
    /// `POST /api/v1/sessions/{id}/client-token`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn create_client_token(&self, id: &str) -> std::result::Result<ClientToken, Error> {
        let call = Call::new(Method::POST, "/api/v1/sessions/{id}/client-token", &[id]);
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
    /// person: without the reviewers' notes, without screening or a reason that gives a hit away, and
    /// without what was held for proceedings.
    /// Noted in the audit trail. Once the sensitive window is over the operator is shown no more than by
    /// the other calls; the person is shown everything until the data are destroyed, since what is held
    /// has to be disclosed to its subject.
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

    /// Make a one-time link.
    ///
    /// It opens the capture once: when the person presses Start, not when the page is fetched. A
    /// session has one active link; the former is revoked. The session's own expiry moves to the
    /// link's, if that is later, and an expired session is opened again.
    ///
    /// `POST /api/v1/sessions/{id}/generate-one-time-link`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn generate_one_time_link(
        &self,
        id: &str,
        query: &GenerateOneTimeLinkQuery,
        body: &OneTimeLinkCreate,
    ) -> std::result::Result<OneTimeLink, Error> {
        let call = Call::new(
            Method::POST,
            "/api/v1/sessions/{id}/generate-one-time-link",
            &[id],
        )
        .query(query)?
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

    /// List a session's one-time links.
    ///
    /// Newest first.
    ///
    /// `GET /api/v1/sessions/{id}/one-time-links`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn list_one_time_links(
        &self,
        id: &str,
        query: &ListOneTimeLinksQuery,
    ) -> std::result::Result<OneTimeLinks, Error> {
        let call =
            Call::new(Method::GET, "/api/v1/sessions/{id}/one-time-links", &[id]).query(query)?;
        self.json(call).await
    }

    /// Remove a tag.
    ///
    /// One that is not there changes nothing.
    ///
    /// `POST /api/v1/sessions/{id}/remove-tag`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn remove_session_tag(
        &self,
        id: &str,
        body: &SessionTagRemove,
    ) -> std::result::Result<SessionTags, Error> {
        let call = Call::new(Method::POST, "/api/v1/sessions/{id}/remove-tag", &[id]).body(body)?;
        self.json(call).await
    }

    /// Judge a session anew.
    ///
    /// Runs the current version of its workflow on its original documents. Only for completed and
    /// failed sessions (409) whose documents are still there (422).
    ///
    /// `POST /api/v1/sessions/{id}/reprocess`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn reprocess_session(
        &self,
        id: &str,
    ) -> std::result::Result<SessionReprocessed, Error> {
        let call = Call::new(Method::POST, "/api/v1/sessions/{id}/reprocess", &[id]);
        self.json(call).await
    }

    /// Send the invitation again.
    ///
    /// For pending and capturing sessions that were created with `send_email`, up to five times. Who
    /// has begun is asked to complete the verification.
    ///
    /// `POST /api/v1/sessions/{id}/resend-invite`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn resend_session_invite(
        &self,
        id: &str,
    ) -> std::result::Result<SessionInvited, Error> {
        let call = Call::new(Method::POST, "/api/v1/sessions/{id}/resend-invite", &[id]);
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

    /// Replace all tags.
    ///
    /// Repeats are dropped; an empty list removes all.
    ///
    /// `POST /api/v1/sessions/{id}/set-tags`
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn set_session_tags(
        &self,
        id: &str,
        body: &SessionTagsSet,
    ) -> std::result::Result<SessionTags, Error> {
        let call = Call::new(Method::POST, "/api/v1/sessions/{id}/set-tags", &[id]).body(body)?;
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
