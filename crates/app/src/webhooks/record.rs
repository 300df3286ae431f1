//! What a try leaves behind: the try itself, its delivery's and its endpoint's standing, and the
//! lane, in one commit under the lane's epoch.

use std::time::Duration;

use serde_json::json;
use verifa_core::mail::{DisabledBecause, OperatorNotice};
use verifa_core::organization::RetryScheduleName;
use verifa_core::random::random_bytes;
use verifa_core::time::Timestamp;
use verifa_core::webhook::DeliveryStatus;
use verifa_store::db::{Commit, DbError, Stmt};
use verifa_store::outbox::EventBody;
use verifa_store::webhook_deliveries::{self as deliveries, AttemptRecord, DeliveryRecord};
use verifa_store::webhook_endpoints::{self as endpoints, WebhookEndpointRecord};
use verifa_store::webhook_lanes::{self as lanes, Lane, REMOVE_LABEL};
use verifa_vault::OrganizationKey;
use verifa_webhooks::{Disabling, Outcome, next_delay};

use super::bodies::seal_response;
use super::endpoints::audit;
use super::lane::lease;
use crate::actor::Actor;
use crate::error::AppError;
use crate::{App, Change};

/// How often a commit is made anew because the endpoint or the lane changed meanwhile.
const REVISIONS: usize = 8;
/// How often a commit is repeated whose outcome is unknown, and the wait before.
const REPEATS: usize = 5;
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
        body: Box<EventBody>,
    },
    /// Its body was erased: there is nothing to send.
    Erased,
}

/// Whose the lane is after the commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Recorded {
    /// Ours still: there is more to send.
    Kept,
    /// Nobody's, or asleep.
    Left,
}

/// What a try decides for its delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Succeeded,
    /// Tried again at this time.
    Retried(Timestamp),
    GivenUp,
    /// Waits until the endpoint is enabled again.
    Parked,
    Erased,
}

impl Verdict {
    /// The metric's word.
    const fn name(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Retried(_) | Self::Parked => "retried",
            Self::GivenUp => "failed",
            Self::Erased => "erased",
        }
    }
}

/// A turn that is to be written down.
pub(super) struct Record<'a> {
    /// The application.
    pub(super) app: &'a App,
    /// The lane, which must be ours still.
    pub(super) lane: &'a Lane,
    /// Its generation when the delivery was read.
    pub(super) generation: i64,
    /// The delivery.
    pub(super) delivery: &'a DeliveryRecord,
    /// The key of its organization.
    pub(super) organization: &'a OrganizationKey,
    /// What became of it.
    pub(super) tried: Tried,
}

impl Record<'_> {
    /// Writes it. `more`: another delivery waits behind this one.
    ///
    /// # Errors
    /// A conflict when the lane or the delivery is not ours any more: then nothing is written.
    pub(super) async fn write(
        &self,
        endpoint: WebhookEndpointRecord,
        more: bool,
    ) -> Result<Recorded, AppError> {
        let schedule = self.schedule().await?;
        let attempt = self.attempt();
        let (mut endpoint, mut more) = (endpoint, more);
        for _ in 0..REVISIONS {
            let now = self.app.clock.now();
            let verdict = self.judge(schedule, now);
            let disabling = self.disabling(&endpoint, verdict, schedule, now);
            let verdict = match disabling {
                // Nothing is lost by an endpoint that is gone for now.
                Some(Disabling::Gone) => Verdict::Parked,
                _ => verdict,
            };
            let actor = Actor::system(self.delivery.tenant);
            let mut change = Change::begin(self.app, &actor);
            // Endpoints before deliveries before lanes, here as in every commit, so that two
            // can't wait for one another.
            self.on_endpoint(&mut change, &endpoint, verdict, disabling);
            if let Some(why) = disabling {
                let notice = notice(&endpoint, why, now);
                self.app.queue_operator_mail(&mut change, &notice).await?;
            }
            change.extend(attempt.as_ref().map(deliveries::insert_attempt));
            change.push(self.on_delivery(verdict, now));
            let (on_lane, recorded) = self.on_lane(verdict, disabling, more, now);
            change.push(on_lane);
            match self.apply(change.into_commit(), disabling).await {
                Ok(()) => {
                    self.tell(verdict, disabling);
                    return Ok(recorded);
                }
                // A delivery joined the lane. If it was lost instead, the next commit finds that.
                Err(DbError::Conflict { label }) if label == REMOVE_LABEL && !more => more = true,
                Err(DbError::Conflict { label }) if endpoints::is_standing(label) => {
                    let row = self.app.db.query_opt(endpoints::by_id(endpoint.id)).await?;
                    let Some(row) = row else {
                        return Ok(Recorded::Left);
                    };
                    endpoint = WebhookEndpointRecord::from_row(&row)?;
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(AppError::Unavailable("The webhook endpoint is busy."))
    }

    /// The schedule of the delivery's environment, where a failure needs one.
    async fn schedule(&self) -> Result<RetryScheduleName, AppError> {
        match &self.tried {
            Tried::Answered { outcome, .. } if outcome.failure.is_some() => {
                let tenant = self.delivery.tenant;
                let settings = self.app.organization_settings(tenant).await?;
                Ok(settings.webhooks.schedule)
            }
            _ => Ok(RetryScheduleName::Standard),
        }
    }

    fn attempt(&self) -> Option<AttemptRecord> {
        let Tried::Answered {
            outcome,
            begun,
            body,
        } = &self.tried
        else {
            return None;
        };
        let number = self.delivery.attempts.saturating_add(1);
        let id = self.delivery.id;
        let (key, random) = (self.organization, &*self.app.random);
        Some(AttemptRecord {
            delivery_id: id,
            number,
            attempted_at: *begun,
            http_status: outcome.http_status.map(i64::from),
            duration_ms: i64::try_from(outcome.duration.as_millis()).unwrap_or(i64::MAX),
            error: outcome.failure,
            sealed_response: seal_response(key, body, id, &outcome.excerpt, random),
        })
    }

    fn judge(&self, schedule: RetryScheduleName, now: Timestamp) -> Verdict {
        match &self.tried {
            Tried::Erased => Verdict::Erased,
            Tried::Answered { outcome, .. } if outcome.failure.is_none() => Verdict::Succeeded,
            Tried::Answered { .. } => {
                let tried = self.delivery.tries.saturating_add(1);
                let spread = u32::from_be_bytes(random_bytes(&*self.app.random));
                next_delay(schedule, tried, spread)
                    .map_or(Verdict::GivenUp, |pause| Verdict::Retried(now.plus(pause)))
            }
        }
    }

    fn disabling(
        &self,
        endpoint: &WebhookEndpointRecord,
        verdict: Verdict,
        schedule: RetryScheduleName,
        now: Timestamp,
    ) -> Option<Disabling> {
        let Tried::Answered { outcome, begun, .. } = &self.tried else {
            return None;
        };
        outcome.failure?;
        let given_up = i64::from(verdict == Verdict::GivenUp);
        Disabling::after(
            schedule,
            outcome.http_status,
            endpoint.failed_in_a_row.saturating_add(given_up),
            endpoint.failing_since.unwrap_or(*begun),
            now,
        )
        .filter(|_| endpoint.enabled)
    }

    fn on_endpoint(
        &self,
        change: &mut Change<'_>,
        endpoint: &WebhookEndpointRecord,
        verdict: Verdict,
        disabling: Option<Disabling>,
    ) {
        let id = endpoint.id;
        let stood = endpoint.failed_in_a_row;
        match verdict {
            Verdict::Succeeded if stood > 0 || endpoint.failing_since.is_some() => {
                change.push(endpoints::note_success(id));
            }
            Verdict::Succeeded | Verdict::Erased => {}
            Verdict::Retried(_) | Verdict::GivenUp | Verdict::Parked => {
                if endpoint.failing_since.is_none() {
                    change.push(endpoints::note_failing(id, change.now));
                }
            }
        }
        if verdict == Verdict::GivenUp {
            change.push(endpoints::note_given_up(id, stood));
        }
        if let Some(why) = disabling {
            let now = change.now;
            change.push(endpoints::disable(id, endpoint.revision, why.as_str(), now));
            let facts = json!({ "reason": why.as_str() });
            audit(change, self.organization, "disabled", id, &facts);
        }
    }

    fn on_delivery(&self, verdict: Verdict, now: Timestamp) -> Stmt {
        let id = self.delivery.id;
        match verdict {
            Verdict::Succeeded => deliveries::complete(id, DeliveryStatus::Succeeded, now),
            Verdict::GivenUp => deliveries::complete(id, DeliveryStatus::Failed, now),
            Verdict::Retried(next) => deliveries::postpone(id, Some(next)),
            Verdict::Parked => deliveries::postpone(id, None),
            Verdict::Erased => deliveries::erased(id, now),
        }
    }

    fn on_lane(
        &self,
        verdict: Verdict,
        disabling: Option<Disabling>,
        more: bool,
        now: Timestamp,
    ) -> (Stmt, Recorded) {
        match (verdict, disabling) {
            (Verdict::Retried(next), _) => (lanes::release(self.lane, next), Recorded::Left),
            // Of an endpoint that is disabled no lane is claimed.
            (Verdict::Parked, _) | (_, Some(_)) => (lanes::release(self.lane, now), Recorded::Left),
            _ if more => {
                let until = now.plus(lease(self.app));
                (lanes::keep(self.lane, until), Recorded::Kept)
            }
            _ => (lanes::remove(self.lane, self.generation), Recorded::Left),
        }
    }

    /// Commits; one whose outcome is unknown is repeated, which conflicts if it had happened.
    async fn apply(&self, commit: Commit, disabling: Option<Disabling>) -> Result<(), DbError> {
        for _ in 0..REPEATS {
            let applied = match disabling {
                // Its audit event has to be numbered.
                Some(_) => self.app.apply(commit.clone()).await,
                None => self.app.db.commit(commit.clone()).await,
            };
            match applied {
                Err(DbError::Unavailable(_)) => tokio::time::sleep(REPEAT_PAUSE).await,
                applied => return applied,
            }
        }
        self.app.db.commit(commit).await
    }

    fn tell(&self, verdict: Verdict, disabling: Option<Disabling>) {
        metrics::counter!("verifa_webhook_deliveries_total", "outcome" => verdict.name())
            .increment(1);
        if let Tried::Answered { outcome, .. } = &self.tried {
            metrics::histogram!("verifa_webhook_attempt_seconds")
                .record(outcome.duration.as_secs_f64());
        }
        if let Some(why) = disabling {
            tracing::warn!(
                endpoint = %self.lane.endpoint_id,
                reason = why.as_str(),
                "a webhook endpoint was disabled"
            );
        }
    }
}

/// What the organization's administrators are told by mail.
fn notice(endpoint: &WebhookEndpointRecord, why: Disabling, now: Timestamp) -> OperatorNotice {
    let because = match why {
        Disabling::Gone => DisabledBecause::Gone,
        Disabling::GivenUp => {
            let given_up = endpoint.failed_in_a_row.saturating_add(1);
            DisabledBecause::FailedInARow(u32::try_from(given_up).unwrap_or(u32::MAX))
        }
        Disabling::FailingTooLong => {
            let failing = endpoint
                .failing_since
                .map_or(Duration::ZERO, |since| now.since(since));
            let hours = failing.as_secs() / 3_600;
            DisabledBecause::FailedForHours(u32::try_from(hours).unwrap_or(u32::MAX))
        }
    };
    OperatorNotice::WebhookEndpointDisabled {
        endpoint: endpoint.id.to_string(),
        url: endpoint.url.clone(),
        label: endpoint.label.clone(),
        because,
    }
}
