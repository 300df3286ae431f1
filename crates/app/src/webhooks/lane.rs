//! Working on one lane: its pending deliveries in order, until it is empty, asleep or lost.

use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;
use verifa_core::time::Timestamp;
use verifa_store::db::{Commit, DbError};
use verifa_store::webhook_deliveries::{self as deliveries, DeliveryRecord, LaneHead};
use verifa_store::webhook_endpoints::{self as endpoints, WebhookEndpointRecord};
use verifa_store::webhook_lanes::{self as lanes, Lane, REMOVE_LABEL};
use verifa_vault::OrganizationKey;
use verifa_webhooks::{Letter, Message, Outcome};

use super::bodies::{open_body, shape_of};
use super::desk::{Held, lease};
use super::record::{Record, Recorded, Tried};
use super::secrets::signing_secrets;
use crate::App;
use crate::error::AppError;

/// Deliveries that one claim sends before others get their turn.
const AT_A_STRETCH: usize = 64;
/// The wait after the database failed.
const PAUSE: Duration = Duration::from_secs(1);

/// What follows a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    /// The lane is ours: on with its next delivery.
    GoOn,
    /// It is empty, asleep, or another's.
    Leave,
    /// It is empty, and the same commit claimed this one.
    Pass(Lane),
}

/// Sends a lane's deliveries one after another. Answers another lane of the endpoint, if the last
/// commit claimed one.
pub(super) async fn work(app: &App, held: &Held) -> Result<Option<Lane>, AppError> {
    for _ in 0..AT_A_STRETCH {
        match step(app, held).await {
            Ok(Next::GoOn) => {}
            Ok(Next::Leave) => return Ok(None),
            Ok(Next::Pass(lane)) => return Ok(Some(lane)),
            // Whoever owns the lane now goes on.
            Err(AppError::Database(DbError::Conflict { label })) => {
                tracing::debug!(label, "a webhook's lane was lost");
                return Ok(None);
            }
            Err(error) => return Err(error),
        }
    }
    release(app, &held.lane, app.clock.now()).await?;
    Ok(None)
}

/// Makes a lane due again after a fault of the database, as soon as that answers. After another
/// error it is looked at again when its lease runs out by itself.
pub(super) async fn give_up(app: &App, lane: &Lane, error: &AppError) {
    if !matches!(error, AppError::Database(_) | AppError::Unavailable(_)) {
        return;
    }
    let until = Instant::now() + lease(app);
    while Instant::now() < until {
        tokio::time::sleep(PAUSE).await;
        match release(app, lane, app.clock.now()).await {
            // Let go, or another's.
            Ok(()) | Err(AppError::Database(DbError::Conflict { .. })) => return,
            Err(error) => {
                tracing::debug!(error = %error, "a webhook could not be given back; trying again");
            }
        }
    }
}

async fn step(app: &App, held: &Held) -> Result<Next, AppError> {
    let lane = &held.lane;
    let ahead = deliveries::next_of_lane(lane.endpoint_id, lane.lane, lane.epoch);
    let (ahead, row) = tokio::try_join!(
        app.db.query(ahead),
        app.db.query_opt(endpoints::by_id(lane.endpoint_id)),
    )?;
    let Some(head) = LaneHead::from_rows(&ahead)? else {
        return Ok(Next::Leave);
    };
    let Some(delivery) = &head.delivery else {
        return remove(app, lane, head.generation).await;
    };
    let Some(row) = row else {
        return Ok(Next::Leave);
    };
    let endpoint = WebhookEndpointRecord::from_row(&row)?;
    let now = app.clock.now();
    let waits_until = delivery.next_attempt_at.filter(|next| *next > now);
    if !endpoint.enabled || waits_until.is_some() {
        release(app, lane, waits_until.unwrap_or(now)).await?;
        return Ok(Next::Leave);
    }
    let tenant = delivery.tenant;
    let organization = app.keys.organization(&app.db, tenant.organization).await?;
    let tried = attempt(app, &organization, &endpoint, delivery, now).await?;
    if let Tried::Answered { outcome, .. } = &tried {
        let board = &held.desk.board;
        board.note(endpoint.id, outcome.failure.is_some(), outcome.duration);
    }
    let record = Record {
        app,
        desk: &held.desk,
        lane,
        generation: head.generation,
        delivery,
        organization: &organization,
        tried,
    };
    Ok(match record.write(endpoint, head.more).await? {
        Recorded::Kept => Next::GoOn,
        Recorded::Left => Next::Leave,
        Recorded::Passed(lane) => Next::Pass(lane),
    })
}

/// One try, signed at its own time.
async fn attempt(
    app: &App,
    organization: &OrganizationKey,
    endpoint: &WebhookEndpointRecord,
    delivery: &DeliveryRecord,
    now: Timestamp,
) -> Result<Tried, AppError> {
    let Some(body) = app.frozen_event(delivery.event_id).await? else {
        return Ok(Tried::Erased);
    };
    let Some(opened) = open_body(organization, &body) else {
        return Ok(Tried::Erased);
    };
    let bytes = Bytes::from(shape_of(endpoint).render(&opened));
    let outcome = send(app, organization, endpoint, delivery, bytes, now).await?;
    Ok(Tried::Answered {
        outcome,
        begun: now,
        body: Box::new(body),
    })
}

async fn send(
    app: &App,
    organization: &OrganizationKey,
    endpoint: &WebhookEndpointRecord,
    delivery: &DeliveryRecord,
    body: Bytes,
    now: Timestamp,
) -> Result<Outcome, AppError> {
    let secrets = signing_secrets(organization, endpoint, now)?;
    let signer = organization.webhook_signer(verifa_core::id::Id::uuid(endpoint.id));
    let message = Message {
        id: &delivery.event_id.to_string(),
        time: now,
        body: &body,
    };
    let signatures = message.sign(&secrets, &signer);
    let outcome = app
        .webhooks
        .send(Letter {
            url: &endpoint.url,
            delivery_id: &delivery.id.to_string(),
            event: &delivery.event,
            signatures: &signatures,
            body,
        })
        .await;
    Ok(outcome)
}

/// Removes a lane that has nothing pending, unless something joined it.
async fn remove(app: &App, lane: &Lane, generation: i64) -> Result<Next, AppError> {
    let mut commit = Commit::new();
    commit.push(lanes::remove(lane, generation));
    match app.db.commit(commit).await {
        Ok(()) => Ok(Next::Leave),
        Err(DbError::Conflict { label }) if label == REMOVE_LABEL => Ok(Next::GoOn),
        Err(error) => Err(error.into()),
    }
}

async fn release(app: &App, lane: &Lane, due_at: Timestamp) -> Result<(), AppError> {
    let mut commit = Commit::new();
    commit.push(lanes::release(lane, due_at, app.clock.now()));
    app.db.commit(commit).await.map_err(Into::into)
}
