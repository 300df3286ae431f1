//! The state machine of a session: one table, in the order of spec/sessions.md, "Transitions".
//!
//! Every pair that is not in the table is refused; the caller answers with its own status code.

use super::status::Status;
use super::webhook::WebhookEvent;
use crate::time::Timestamp;
use crate::vocabulary::vocabulary;

vocabulary! {
    /// What a sandbox call makes of a session (`POST /simulate`).
    SimulatedAction {
        /// Approved, with sample data.
        Approve = "approve",
        /// Rejected.
        Decline = "decline",
        /// Sent to review.
        RequireReview = "require-review",
        /// Expired.
        Expire = "expire",
        /// The real graph runs with simulated check results.
        RunWorkflow = "run-workflow",
    }
}

/// A cause that moves a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Event {
    /// The session is made.
    Created,
    /// Start was pressed and consent given.
    CaptureBegun,
    /// The first document came through the API.
    FirstDocumentUploaded,
    /// Capture completed or submitted, with all required data.
    Submitted,
    /// The workflow ended in an approved terminal.
    TerminalApproved,
    /// The workflow ended in a rejected terminal.
    TerminalRejected,
    /// The workflow ended in a `needs_review` terminal.
    TerminalNeedsReview,
    /// The workflow stands before an external gate.
    GateReached,
    /// The gate got its decision: continue, fail or reject.
    GateDecided,
    /// The gate ran out of time.
    GateTimedOut,
    /// A check in error routes nowhere, or the engine itself broke.
    WorkflowBroke,
    /// A reviewer approved the case.
    CaseApproved,
    /// A reviewer rejected the case.
    CaseRejected,
    /// A check is tried again.
    CheckRetried,
    /// A reviewer overrode a check.
    CheckOverridden,
    /// All checks run again on the stored documents.
    Reprocessed,
    /// The workflow was triggered by call.
    WorkflowTriggered,
    /// The capture token's lifetime is over.
    TokenExpired,
    /// The expire call; also the first step of redacting an active session.
    ExpireCalled,
    /// A new capture token is asked for.
    Resumed,
    /// A sandbox call chose the outcome.
    Simulated(SimulatedAction),
}

impl Event {
    /// Every event there is.
    pub const ALL: &'static [Self] = &[
        Self::Created,
        Self::CaptureBegun,
        Self::FirstDocumentUploaded,
        Self::Submitted,
        Self::TerminalApproved,
        Self::TerminalRejected,
        Self::TerminalNeedsReview,
        Self::GateReached,
        Self::GateDecided,
        Self::GateTimedOut,
        Self::WorkflowBroke,
        Self::CaseApproved,
        Self::CaseRejected,
        Self::CheckRetried,
        Self::CheckOverridden,
        Self::Reprocessed,
        Self::WorkflowTriggered,
        Self::TokenExpired,
        Self::ExpireCalled,
        Self::Resumed,
        Self::Simulated(SimulatedAction::Approve),
        Self::Simulated(SimulatedAction::Decline),
        Self::Simulated(SimulatedAction::RequireReview),
        Self::Simulated(SimulatedAction::Expire),
        Self::Simulated(SimulatedAction::RunWorkflow),
    ];

    /// The webhook events that the transition commits with, in order of sending.
    pub const fn webhook_events(self) -> &'static [WebhookEvent] {
        use SimulatedAction as Action;
        use WebhookEvent as W;
        match self {
            Self::Created => &[W::SessionCreated],
            Self::CaptureBegun | Self::FirstDocumentUploaded => &[W::SessionStarted],
            Self::TerminalApproved | Self::Simulated(Action::Approve) => &[W::SessionApproved],
            Self::TerminalRejected | Self::Simulated(Action::Decline) => &[W::SessionDeclined],
            Self::TerminalNeedsReview | Self::Simulated(Action::RequireReview) => {
                &[W::SessionRequiresReview, W::CaseCreated]
            }
            Self::GateReached => &[W::SessionAwaitingExternal],
            Self::WorkflowBroke => &[W::SessionFailed],
            Self::CaseApproved => &[W::CaseApproved, W::SessionApproved],
            Self::CaseRejected => &[W::CaseRejected, W::SessionDeclined],
            Self::TokenExpired | Self::ExpireCalled | Self::Simulated(Action::Expire) => {
                &[W::SessionExpired]
            }
            Self::Submitted
            | Self::GateDecided
            | Self::GateTimedOut
            | Self::CheckRetried
            | Self::CheckOverridden
            | Self::Reprocessed
            | Self::WorkflowTriggered
            | Self::Resumed
            | Self::Simulated(Action::RunWorkflow) => &[],
        }
    }
}

/// A pair of status and event that the table does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the session's status does not allow this")]
pub struct Refused {
    /// The status that refused; `None` for a session that does not exist yet.
    pub from: Option<Status>,
    /// The event that came.
    pub event: Event,
}

/// Where `event` moves a session that stands at `from` (`None`: not made yet). `sandbox` says
/// whether the session belongs to the sandbox environment.
#[expect(
    clippy::match_same_arms,
    reason = "one arm per row of the specification's table"
)]
pub fn transition(from: Option<Status>, event: Event, sandbox: bool) -> Result<Status, Refused> {
    use SimulatedAction as Action;
    use Status as S;
    let refused = Err(Refused { from, event });
    let Some(status) = from else {
        return match event {
            Event::Created => Ok(S::Pending),
            _ => refused,
        };
    };
    match (status, event) {
        (S::Pending, Event::CaptureBegun | Event::FirstDocumentUploaded) => Ok(S::Capturing),
        (S::Pending | S::Capturing, Event::Submitted) if sandbox => Ok(S::SandboxPending),
        (S::Pending | S::Capturing, Event::Submitted) => Ok(S::Processing),

        (S::Processing, Event::TerminalApproved | Event::TerminalRejected) => Ok(S::Completed),
        (S::Processing, Event::TerminalNeedsReview) => Ok(S::UnderReview),
        (S::Processing, Event::GateReached) => Ok(S::AwaitingExternal),
        (S::Processing, Event::WorkflowBroke) => Ok(S::Failed),
        (S::AwaitingExternal, Event::GateDecided | Event::GateTimedOut) => Ok(S::Processing),

        (S::UnderReview, Event::CaseApproved | Event::CaseRejected) => Ok(S::Completed),
        (
            S::UnderReview | S::Completed | S::Failed,
            Event::CheckRetried | Event::CheckOverridden,
        )
        | (S::Completed | S::Failed, Event::Reprocessed | Event::WorkflowTriggered) => {
            Ok(S::Processing)
        }

        (S::Pending | S::Capturing, Event::TokenExpired) => Ok(S::Expired),
        (active, Event::ExpireCalled) if active.is_active() => Ok(S::Expired),
        (S::Pending | S::Capturing | S::Expired | S::Failed, Event::Resumed) => Ok(S::Pending),

        (S::SandboxPending | S::Pending | S::Capturing, Event::Simulated(action)) if sandbox => {
            Ok(match action {
                Action::Approve | Action::Decline => S::Completed,
                Action::RequireReview => S::UnderReview,
                Action::Expire => S::Expired,
                Action::RunWorkflow => S::Processing,
            })
        }
        (
            S::Processing | S::AwaitingExternal | S::UnderReview,
            Event::Simulated(Action::Approve | Action::Decline),
        ) if sandbox => Ok(S::Completed),
        (
            S::Processing | S::AwaitingExternal | S::UnderReview,
            Event::Simulated(Action::Expire),
        ) if sandbox => Ok(S::Expired),

        _ => refused,
    }
}

/// Whether a call that comes at `now` has to expire the session first: its token's lifetime is
/// over and processing had not begun. The instant of expiry itself is already over.
pub fn due_expiry(status: Status, token_expires_at: Option<Timestamp>, now: Timestamp) -> bool {
    status.accepts_capture() && token_expires_at.is_some_and(|end| now >= end)
}

#[cfg(test)]
mod tests;
