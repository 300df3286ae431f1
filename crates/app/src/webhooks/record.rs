//! What a try leaves behind: the try itself, its delivery's and its endpoint's standing, and the
//! lane, in one commit under the lane's epoch.

use std::time::Duration;

use serde_json::json;
use verifa_core::random::random_bytes;
use verifa_core::time::Timestamp;
use verifa_core::webhook::{AttemptFailure, DeliveryStatus};
use verifa_store::db::{Commit, DbError, Stmt};
use verifa_store::outbox::EventBody;
use verifa_store::webhook_deliveries::{self as deliveries, AttemptRecord, DeliveryRecord, LaneHead};
use verifa_store::webhook_endpoints::{self as endpoints, WebhookEndpointRecord};
use verifa_store::webhook_lanes::{self as lanes, Lane, REMOVE_LABEL};
use verifa_vault::OrganizationKey;
use verifa_webhooks::{Disabling, Outcome, next_delay};

use super::bodies::seal_response;
use super::lane::lease;
use crate::actor::Actor;
use crate::error::AppError;
use crate::{App, Change, Resource, Sealing};

/// How often a commit is made anew because the endpoint or the lane changed meanwhile.
const REVISIONS: usize = 8;
/// How often a commit is repeated whose outcome is unknown, and the wait before.
const REPEATS: u32 = 5;
const REPEAT_PAUSE: Duration = Duration::from_millis(200);

/// What became of a delivery's turn.
pub(super) enum Tried {
    /// It was sent, and this came of it.
    Answered {
        /// What came of it.
        outcome: Outcome,
        /// When it began.
        begun: Timestamp,
        /// The event that was sent, whose key seals the answer.
        body: Option<EventBody>,
    },
    /// Its body was erased: there is nothing to send.
    Erased,
}

/// Whose the lane is after the commit.
pub(super) enum Recorded {
    /// Ours still: there is more to send.
    Kept,
    /// Nobody's, or asleep.
    Left,
}

/// What a try decides.
enum Verdict {
    Succeeded,
    /// Tried again at this time.
    Retried(Timestamp),
    GivenUp,
    /// Waits until the endpoint is enabled again.
    Parked,
    Erased,
}

/// Writes what came of a try. The lane's claim must be ours, or nothing is written.
pub(super) async fn record(
    app: &App,
    lane: &Lane,
    head: &LaneHead,
    endpoint: WebhookEndpointRecord,
    organization: &OrganizationKey,
    tried: Tried,
) -> Result<Recorded, AppError> {
    let Some(delivery) = &head.delivery else {
        return Err(AppError::Internal("a try without a delivery"));
    };
    let attempt = attempt_of(app, organization, delivery, &tried);
    let mut endpoint = endpoint;
    let mut more = head.more;
    for _ in 0..REVISIONS {
        let now = app.clock.now();
        let (verdict, disabling) = judge(app, delivery, &endpoint, &tried, now).await?;
        let mut commit = Commit::new();
        note_on_endpoint(app, &mut commit, &endpoint, &verdict, disabling, organization, now);
        commit.extend(attempt.as_ref().map(deliveries::insert_attempt));
        commit.push(deliver(delivery, &verdict, now));
        let stays = leave(app, &mut commit, lane, head.generation, &verdict, more, disabling, now);
        match apply(app, commit, disabling.is_some()).await {
            Ok(()) => {
                tell(&verdict, &tried, disabling);
                return Ok(stays);
            }
            // A delivery joined the lane; if the claim was lost, the next commit finds that out.
            Err(DbError::Conflict { label }) if label == REMOVE_LABEL && !more => more = true,
            Err(DbError::Conflict { label }) if endpoints::is_standing(label) => {
                let row = app.db.query_opt(endpoints::by_id(endpoint.id)).await?;
                let Some(row) = row else {
                    return Ok(Recorded::Left);
                };
                endpoint = WebhookEndpointRecord::from_row(&row)?;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Err(AppError::Unavailable("The endpoint is busy."))
}
