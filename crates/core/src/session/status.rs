//! Where a session stands, and the other closed word lists of spec/sessions.md.

use crate::vocabulary::vocabulary;

vocabulary! {
    /// The status of a session (spec/sessions.md, "Status").
    Status {
        /// Created; nobody has begun with its current token.
        Pending = "pending",
        /// The person began, or the first document arrived.
        Capturing = "capturing",
        /// Capture is complete, the workflow runs.
        Processing = "processing",
        /// The workflow is paused at an external gate.
        AwaitingExternal = "awaiting_external",
        /// The workflow ended in `needs_review`; a case is open.
        UnderReview = "under_review",
        /// Sandbox only: waits for somebody to choose the outcome.
        SandboxPending = "sandbox_pending",
        /// The decision is in the result.
        Completed = "completed",
        /// The capture token ran out, or the session was expired by call.
        Expired = "expired",
        /// The workflow broke beyond its retries.
        Failed = "failed",
    }
}

impl Status {
    /// Whether the session still goes on.
    pub const fn is_active(self) -> bool {
        !self.is_terminal()
    }

    /// Whether the session came to an end (`completed`, `expired`, `failed`).
    pub const fn is_terminal(self) -> bool {
        matches!(self, Self::Completed | Self::Expired | Self::Failed)
    }

    /// Whether the person may still hand things in: `pending` and `capturing`.
    pub const fn accepts_capture(self) -> bool {
        matches!(self, Self::Pending | Self::Capturing)
    }
}

vocabulary! {
    /// How much of a session's data is still there.
    RetentionStatus {
        /// Everything.
        Active = "active",
        /// Personal data gone from the API, the record kept.
        SensitiveRedacted = "sensitive_redacted",
        /// All personal data destroyed; the session refuses every change.
        Redacted = "redacted",
    }
}

vocabulary! {
    /// What an uploaded image shows.
    DocumentType {
        /// The front, or the data page, of an identity document.
        IdFront = "id_front",
        /// The back of a card.
        IdBack = "id_back",
        /// The person's face.
        Selfie = "selfie",
        /// A bill or letter that shows the address.
        ProofOfAddress = "proof_of_address",
        /// One frame of a liveness capture; never uploaded by API.
        LivenessFrame = "liveness_frame",
        /// Any further paper.
        Supporting = "supporting",
    }
}

impl DocumentType {
    /// Whether a document of this type may come through the API (else only by the capture page).
    pub const fn uploadable(self) -> bool {
        !matches!(self, Self::LivenessFrame)
    }
}

vocabulary! {
    /// The kind of an identity document.
    IdKind {
        /// A passport booklet (TD3).
        Passport = "passport",
        /// A driving licence.
        DriversLicense = "drivers_license",
        /// A national identity card.
        NationalId = "national_id",
        /// A residence permit.
        ResidencePermit = "residence_permit",
    }
}

impl IdKind {
    /// Whether submit demands the back as well (spec/sessions.md, "submit"): driving licences and
    /// national identity cards.
    pub const fn is_two_sided(self) -> bool {
        matches!(self, Self::DriversLicense | Self::NationalId)
    }
}

vocabulary! {
    /// What a session came to; also the outcome of a workflow's terminal.
    ResultStatus {
        /// The person is accepted.
        Approved = "approved",
        /// The person is refused.
        Rejected = "rejected",
        /// A person has to look.
        NeedsReview = "needs_review",
    }
}

vocabulary! {
    /// Who made the decision in a result.
    ProcessingMode {
        /// The workflow.
        Workflow = "workflow",
        /// A sandbox call chose it.
        Simulated = "simulated",
        /// A reviewer.
        Manual = "manual",
    }
}

vocabulary! {
    /// The status of a verification attempt.
    CheckStatus {
        /// Not judged yet.
        Pending = "pending",
        /// All well.
        Passed = "passed",
        /// Judged, and found wanting.
        Failed = "failed",
        /// Could not be judged.
        Error = "error",
        /// A prerequisite is missing; the reason says which.
        Skipped = "skipped",
        /// A passing trouble; a new attempt follows.
        RequiresRetry = "requires_retry",
    }
}

impl CheckStatus {
    /// Whether the attempt is over and will not change any more.
    pub const fn is_final(self) -> bool {
        !matches!(self, Self::Pending | Self::RequiresRetry)
    }

    /// Whether `POST …/verifications/{policy}/retry` may try the check again.
    pub const fn is_retryable(self) -> bool {
        matches!(self, Self::Failed | Self::Error | Self::RequiresRetry)
    }
}

vocabulary! {
    /// Why a session was rejected: stable codes of spec/sessions.md, "Result object".
    RejectionReasonCode {
        /// No document could be read.
        DocumentUnreadable = "document_unreadable",
        /// The document has expired.
        DocumentExpired = "document_expired",
        /// Country or type of the document is not accepted.
        DocumentTypeNotAllowed = "document_type_not_allowed",
        /// The document shows signs of forgery.
        DocumentTampered = "document_tampered",
        /// The document's own data disagree with each other.
        DocumentDataMismatch = "document_data_mismatch",
        /// The selfie is not the document's holder.
        FaceMismatch = "face_mismatch",
        /// No face was found.
        FaceNotFound = "face_not_found",
        /// No live person before the camera.
        LivenessFailed = "liveness_failed",
        /// Younger than the minimum age.
        Underage = "underage",
        /// On a sanction list.
        WatchlistMatch = "watchlist_match",
        /// On one of the operator's own lists.
        ListMatch = "list_match",
        /// The same person under another reference.
        Duplicate = "duplicate",
        /// The risk score is too high.
        HighRisk = "high_risk",
        /// The person declined to consent.
        ConsentDeclined = "consent_declined",
        /// An external gate ran out of time.
        ExternalTimeout = "external_timeout",
        /// What was typed disagrees with the document.
        IdentityMismatch = "identity_mismatch",
        /// The address could not be confirmed.
        AddressUnverified = "address_unverified",
        /// An external gate said no.
        ExternalRejected = "external_rejected",
        /// A reviewer said no.
        ManualReview = "manual_review",
        /// None of the above.
        Other = "other",
    }
}

impl RejectionReasonCode {
    /// The rejection in a sentence that can be shown to the person.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::DocumentUnreadable => "The document could not be read.",
            Self::DocumentExpired => "The document has expired.",
            Self::DocumentTypeNotAllowed => "This kind of document is not accepted.",
            Self::DocumentTampered => "The document shows signs of alteration.",
            Self::DocumentDataMismatch => "The document's data disagree with each other.",
            Self::FaceMismatch => "The selfie does not match the document.",
            Self::FaceNotFound => "No face was found.",
            Self::LivenessFailed => "The liveness check was not passed.",
            Self::Underage => "The person is below the required age.",
            Self::WatchlistMatch => "The name matches a sanctions list.",
            Self::ListMatch => "The data matches a list of the organization.",
            Self::Duplicate => "The person is known under another reference.",
            Self::HighRisk => "The risk is too high.",
            Self::ConsentDeclined => "Consent was declined.",
            Self::ExternalTimeout => "An external decision did not come in time.",
            Self::IdentityMismatch => "The given data does not match the document.",
            Self::AddressUnverified => "The address could not be confirmed.",
            Self::ExternalRejected => "An external system declined.",
            Self::ManualReview => "A reviewer declined.",
            Self::Other => "The verification was not passed.",
        }
    }
}
