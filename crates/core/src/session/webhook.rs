//! The names of webhook events (spec/resources.md, "Webhooks").

use crate::vocabulary::vocabulary;

vocabulary! {
    /// An event that operators can subscribe to.
    WebhookEvent {
        /// A session was created.
        SessionCreated = "session.created",
        /// The person began, or the first document arrived.
        SessionStarted = "session.started",
        /// A one-time link was made.
        SessionLinkGenerated = "session.link_generated",
        /// The workflow stands before an external gate.
        SessionAwaitingExternal = "session.awaiting_external",
        /// The workflow ended in `needs_review`.
        SessionRequiresReview = "session.requires-review",
        /// The session was approved.
        SessionApproved = "session.approved",
        /// The session was rejected.
        SessionDeclined = "session.declined",
        /// The session expired.
        SessionExpired = "session.expired",
        /// The workflow broke.
        SessionFailed = "session.failed",
        /// The person has to hand something in again.
        SessionResubmissionRequired = "session.resubmission-required",
        /// The session's personal data was destroyed.
        SessionRedacted = "session.redacted",
        /// The session's retention time is over.
        SessionRetentionExpired = "session.retention-expired",
        /// The session's screening is done.
        ScreeningCompleted = "screening.completed",
        /// A standalone check is done.
        CheckCompleted = "check.completed",
        /// Monitoring found new hits.
        CheckMonitoringNewHits = "check.monitoring.new_hits",
        /// The older name of the same.
        ScreeningMonitoringNewHits = "screening.monitoring.new_hits",
        /// An identity was made.
        IdentityCreated = "identity.created",
        /// An identity changed.
        IdentityUpdated = "identity.updated",
        /// An identity was archived.
        IdentityArchived = "identity.archived",
        /// An identity came back from the archive.
        IdentityRestored = "identity.restored",
        /// An identity was flagged.
        IdentityFlagged = "identity.flagged",
        /// An identity got a tag.
        IdentityTagAdded = "identity.tag-added",
        /// An identity lost a tag.
        IdentityTagRemoved = "identity.tag-removed",
        /// A review case was opened.
        CaseCreated = "case.created",
        /// A reviewer approved a case.
        CaseApproved = "case.approved",
        /// A reviewer rejected a case.
        CaseRejected = "case.rejected",
        /// A case was escalated.
        CaseEscalated = "case.escalated",
        /// A document's checks passed.
        DocumentVerified = "document.verified",
        /// A document's fields were stored.
        DocumentExtracted = "document.extracted",
    }
}
