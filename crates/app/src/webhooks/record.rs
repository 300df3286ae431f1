//! What a try leaves behind: the try itself, its delivery's and its endpoint's standing, and the
//! lane, in one commit under the lane's epoch.

use std::time::Duration;

use serde_json::json;
use tokio::time::Instant;
use verifa_core::mail::{DisabledBecause, OperatorNotice};
use verifa_core::organization::RetryScheduleName;
use verifa_core::random::random_bytes;
use verifa_core::time::Timestamp;
use verifa_core::webhook::DeliveryStatus;
use verifa_store::db::{Commit, DbError, Row, Stmt};
use verifa_store::outbox::EventBody;
use verifa_store::webhook_deliveries::{
    self as deliveries, ATTEMPT_LABEL, AttemptRecord, DeliveryRecord,
};
use verifa_store::webhook_endpoints::{self as endpoints, WebhookEndpointRecord};
use verifa_store::webhook_lanes::{self as lanes, Lane, REMOVE_LABEL, UNDISTURBED_LABEL};
use verifa_vault::OrganizationKey;
use verifa_webhooks::{Disabling, Outcome, Overdue, next_delay};

use super::bodies::seal_response;
use super::desk::{Claim, Desk, lease};
use super::endpoints::audit;
use crate::actor::Actor;
use crate::error::AppError;
use crate::{App, Change};

/// How often a commit is made anew because the endpoint or the lane changed meanwhile.
const REVISIONS: usize = 8;
/// The waits before a commit is repeated that the database did not answer: the first, and as far as
/// they double.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

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
    /// It is removed, and this one of the same endpoint is ours in its place.
    Passed(Lane),
}

/// What a try decides for its delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Succeeded,
    /// Tried again at this time.
    Retried(Timestamp),
    /// Tried again at once, outside of the schedule: that was asked for during the try.
    Again,
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
            Self::Retried(_) | Self::Again | Self::Parked => "retried",
            Self::GivenUp => "failed",
            Self::Erased => "erased",
        }
    }
}

/// The state that a turn's commit is made from.
struct Seen {
    endpoint: WebhookEndpointRecord,
    /// Whether the endpoint was changed during the try: the answer is that of the former one.
    changed: bool,
    /// Whether another delivery waits behind this one.
    more: bool,
    /// Whether the lane was woken during the try.
    woken: bool,
}

/// A commit in the making.
struct Draft {
    commit: Commit,
    verdict: Verdict,
    disabling: Option<Disabling>,
    recorded: Recorded,
    /// Its last statement's, if that is one.
    claim: Option<Claim>,
}

/// A turn that is to be written down.
pub(super) struct Record<'a> {
    /// The application.
    pub(super) app: &'a App,
    /// The desk that holds the lane.
    pub(super) desk: &'a Desk,
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
        let mut seen = Seen {
            endpoint,
            changed: false,
            more,
            woken: false,
        };
        for _ in 0..REVISIONS {
            let draft = self.draft(schedule, attempt.as_ref(), &seen).await?;
            let Draft {
                verdict,
                disabling,
                claim,
                ..
            } = draft;
            match self.apply(draft.commit, disabling).await {
                Ok(rows) => {
                    self.tell(verdict, disabling);
                    let passed = rows.first().filter(|_| claim.is_some());
                    let passed = passed.map(Lane::from_row).transpose()?;
                    return Ok(passed.map_or(draft.recorded, Recorded::Passed));
                }
                // An earlier answer was lost: it had happened. The next look tells whose the lane
                // is now.
                Err(DbError::Unique { label }) if label == ATTEMPT_LABEL => {
                    self.tell(verdict, disabling);
                    self.desk.doubt(claim);
                    return Ok(Recorded::Kept);
                }
                Err(error) => {
                    if let DbError::Conflict { label } = error
                        && self.look_again(label, &mut seen).await?
                    {
                        continue;
                    }
                    self.desk.doubt(claim);
                    return Err(error.into());
                }
            }
        }
        Err(AppError::Unavailable("The webhook endpoint is busy."))
    }

    /// What a conflict says of the state that a draft was made from; whether another can be made.
    /// If the lane was lost, the next commit finds that.
    async fn look_again(&self, label: &'static str, seen: &mut Seen) -> Result<bool, AppError> {
        // A delivery joined the lane.
        if label == REMOVE_LABEL && !seen.more {
            seen.more = true;
        } else if label == UNDISTURBED_LABEL {
            seen.woken = true;
        } else if endpoints::is_standing(label) {
            let get = endpoints::by_id(seen.endpoint.id);
            let Some(row) = self.app.db.query_opt(get).await? else {
                return Ok(false);
            };
            let endpoint = WebhookEndpointRecord::from_row(&row)?;
            seen.changed |= endpoint.revision != seen.endpoint.revision;
            seen.endpoint = endpoint;
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    /// The commit, as of what was seen.
    async fn draft(
        &self,
        schedule: RetryScheduleName,
        attempt: Option<&AttemptRecord>,
        seen: &Seen,
    ) -> Result<Draft, AppError> {
        let now = self.app.clock.now();
        let verdict = self.judge(schedule, now, seen.woken);
        let disabling = if seen.changed {
            None
        } else {
            self.disabling(&seen.endpoint, verdict, schedule, now)
                .await?
        };
        let verdict = match disabling {
            // Nothing is lost by an endpoint that is gone for now.
            Some(Disabling::Gone) => Verdict::Parked,
            _ => verdict,
        };
        let actor = Actor::system(self.delivery.tenant);
        let mut change = Change::begin(self.app, &actor);
        // Endpoints before deliveries before lanes, here as in every commit, so that two can't
        // wait for one another.
        self.on_endpoint(&mut change, &seen.endpoint, verdict, disabling);
        if let Some(why) = disabling {
            let notice = notice(&seen.endpoint, why, now);
            self.app.queue_operator_mail(&mut change, &notice).await?;
        }
        change.extend(attempt.map(deliveries::insert_attempt));
        change.push(self.on_delivery(verdict, now));
        if self.has_failed() && !seen.woken {
            change.push(lanes::undisturbed(self.lane));
        }
        let (on_lane, recorded) = self.on_lane(verdict, disabling, seen.more, now);
        change.push(on_lane);
        let claim = self.claim(verdict, recorded);
        let mut commit = change.into_commit();
        // Last: its rows are answered.
        commit.extend(claim.map(|claim| claim.of(self.app, now, 1)));
        Ok(Draft {
            commit,
            verdict,
            disabling,
            recorded,
            claim,
        })
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

    fn has_failed(&self) -> bool {
        matches!(&self.tried, Tried::Answered { outcome, .. } if outcome.failure.is_some())
    }

    /// The claim of the lane that follows in place of one that is removed.
    fn claim(&self, verdict: Verdict, recorded: Recorded) -> Option<Claim> {
        let endpoint = self.lane.endpoint_id;
        let ended = verdict == Verdict::Succeeded && recorded == Recorded::Left;
        (ended && self.desk.board.goes_on(endpoint)).then(|| Claim::new(self.app, endpoint))
    }

    fn judge(&self, schedule: RetryScheduleName, now: Timestamp, woken: bool) -> Verdict {
        match &self.tried {
            Tried::Erased => Verdict::Erased,
            Tried::Answered { outcome, .. } if outcome.failure.is_none() => Verdict::Succeeded,
            Tried::Answered { .. } if woken => Verdict::Again,
            Tried::Answered { outcome, .. } => {
                let tried = self.delivery.tries.saturating_add(1);
                let spread = u32::from_be_bytes(random_bytes(&*self.app.random));
                let pause = next_delay(schedule, tried, spread).map(|pause| {
                    let asked = outcome.retry_after;
                    asked.map_or(pause, |asked| asked.prolong(pause, now))
                });
                pause.map_or(Verdict::GivenUp, |pause| Verdict::Retried(now.plus(pause)))
            }
        }
    }

    async fn disabling(
        &self,
        endpoint: &WebhookEndpointRecord,
        verdict: Verdict,
        schedule: RetryScheduleName,
        now: Timestamp,
    ) -> Result<Option<Disabling>, AppError> {
        let Tried::Answered { outcome, begun, .. } = &self.tried else {
            return Ok(None);
        };
        if outcome.failure.is_none() || !endpoint.enabled {
            return Ok(None);
        }
        let given_up = i64::from(verdict == Verdict::GivenUp);
        let failing_since = endpoint.failing_since.unwrap_or(*begun);
        let disabling = Disabling::after(
            schedule,
            outcome.http_status,
            endpoint.failed_in_a_row.saturating_add(given_up),
            failing_since,
            now,
        );
        if disabling.is_none()
            && let Some(overdue) = Overdue::at(schedule, failing_since, now)
        {
            let Overdue {
                since,
                until,
                tries,
            } = overdue;
            let count = deliveries::overdue_tries(endpoint.id, since, until, tries);
            let row = self.app.db.query_opt(count).await?;
            let failed: i64 = row.map_or(Ok(0), |row| row.get(0))?;
            return Ok((failed >= tries).then_some(Disabling::FailingTooLong));
        }
        Ok(disabling)
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
            Verdict::Retried(_) | Verdict::Again | Verdict::GivenUp | Verdict::Parked => {
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
            let since = endpoint
                .failing_since
                .filter(|_| why == Disabling::FailingTooLong);
            let revision = endpoint.revision;
            change.push(endpoints::disable(id, revision, since, why.as_str(), now));
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
            Verdict::Again => deliveries::again(id),
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
        let release = |due_at| lanes::release(self.lane, due_at, now);
        match (verdict, disabling) {
            (Verdict::Retried(next), _) => (release(next), Recorded::Left),
            // Of an endpoint that is disabled no lane is claimed.
            (Verdict::Again | Verdict::Parked, _) | (_, Some(_)) => (release(now), Recorded::Left),
            _ if more => {
                let until = now.plus(lease(self.app));
                (lanes::keep(self.lane, until), Recorded::Kept)
            }
            _ => (lanes::remove(self.lane, self.generation), Recorded::Left),
        }
    }

    /// Commits, and answers the last statement's rows. While the database does not answer, the
    /// commit is repeated for as long as the lane may be ours: what was sent is not to be sent
    /// again. A repeat of what had happened conflicts.
    async fn apply(
        &self,
        commit: Commit,
        disabling: Option<Disabling>,
    ) -> Result<Vec<Row>, DbError> {
        let until = Instant::now() + lease(self.app);
        let mut pause = FIRST_PAUSE;
        loop {
            match self.app.db.commit_returning(commit.clone()).await {
                Err(DbError::Unavailable(_) | DbError::DiskFull) if Instant::now() < until => {
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
                applied => {
                    if disabling.is_some() && applied.is_ok() {
                        // Its audit event has to be numbered.
                        self.app.committed.notify_one();
                    }
                    return applied;
                }
            }
        }
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
