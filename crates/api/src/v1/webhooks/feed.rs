//! `GET /api/v1/webhooks/feed`

use std::str::FromStr;
use std::time::Duration;

use axum::extract::State;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};
use verifa_app::webhooks::{FeedEvent, FeedPage, FeedStart};

use crate::api_state::ApiState;
use crate::error::ApiError;
use crate::inflection::Fields;
use crate::keys::Caller;
use crate::page::{MAX_LIMIT, Query};
use crate::respond::{Found, answers};

const DEFAULT_LIMIT: u32 = 50;
/// The longest wait: well below what proxies in between take for a dead connection.
const LONGEST_WAIT: u32 = 25;

/// The parameters, for the document.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only its documentation is used")]
pub struct Parameters {
    /// `next_after` of the page before; 0, the default, for the oldest event that is kept; `latest`
    /// for what comes from now on.
    #[param(example = "0")]
    after: Option<String>,
    /// Most events, 1 to 100; default 50.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
    /// Seconds to wait while there is no event, 0 to 25; default 0.
    #[param(minimum = 0, maximum = 25)]
    wait: Option<u32>,
}

/// One event of the feed, for the document.
#[derive(ToSchema)]
#[schema(as = WebhookFeedEvent)]
#[expect(dead_code, reason = "only its documentation is used")]
pub struct FeedEventView {
    /// Its number: one more than that of the event before.
    #[schema(example = 17)]
    seq: i64,
    /// Its name; the further fields are those of the event's body.
    #[schema(example = "session.approved")]
    event: String,
    /// The same as in the deliveries of this event.
    #[schema(example = "idk_01kcd2fgpzeq7v5rk1yh3b6a9d")]
    idempotency_key: String,
    /// When the fact was.
    #[schema(example = "2026-02-01T12:00:00.000Z")]
    created_at: String,
}

/// Events in their order.
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookFeed)]
pub struct FeedView {
    /// The events, oldest first.
    #[schema(value_type = Vec<FeedEventView>)]
    data: Vec<Fields>,
    /// For `after` of the next call; as asked for where there was no event.
    #[schema(example = 17)]
    next_after: i64,
}

impl FeedView {
    fn of(page: FeedPage) -> Self {
        Self {
            data: page.events.into_iter().map(flat).collect(),
            next_after: page.next_after,
        }
    }
}

/// The number in front of the body's own fields.
fn flat(event: FeedEvent) -> Fields {
    let mut fields = Map::new();
    fields.insert("seq".to_owned(), event.seq.into());
    fields.extend(event.body);
    Fields(Value::Object(fields))
}

/// The `after` of a query.
struct After(FeedStart);

impl FromStr for After {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        if text == "latest" {
            return Ok(Self(FeedStart::Latest));
        }
        let seq: i64 = text.parse().map_err(drop)?;
        (seq >= 0).then_some(Self(FeedStart::After(seq))).ok_or(())
    }
}

/// Read the feed of events
///
/// The pull form of webhooks: every event of the environment, oldest first, each exactly once,
/// under numbers without gaps. Begin with `after=0` or `after=latest`, then go on with `next_after`.
/// With `wait` the call stays until there is an event or the time is over. No endpoint is needed.
/// Events are kept for a time that the operator of the server sets (90 days by default). A reader who
/// was away longer gets a 410 instead of a gap.
/// 409 where the feed ends before `after`, as after the restore of a backup; the detail names the
/// end, behind which to go on.
#[utoipa::path(
    get,
    path = "/api/v1/webhooks/feed",
    tag = "Webhooks",
    operation_id = "get_webhook_feed",
    params(Parameters),
    responses(answers::Gone, answers::Invalid, answers::Conflict)
)]
pub async fn get_webhook_feed(
    State(state): State<ApiState>,
    caller: Caller,
    mut query: Query,
) -> Result<Found<FeedView>, ApiError> {
    let after = query.value::<After>("after", "a number from 0, or `latest`");
    let limit = query.number("limit", 1, MAX_LIMIT);
    let wait = query.number("wait", 0, LONGEST_WAIT);
    query.finish()?;
    let shared = &state.shared;
    let place = shared.waiting.try_acquire();
    let wait = match (&place, wait) {
        (Ok(_), Some(seconds)) => Duration::from_secs(seconds.into()),
        _ => Duration::ZERO,
    };
    let page = state
        .app
        .feed(
            caller.tenant(),
            after.map_or(FeedStart::After(0), |After(start)| start),
            i64::from(limit.unwrap_or(DEFAULT_LIMIT)),
            wait.min(shared.request_timeout / 2),
            || shared.is_draining(),
        )
        .await?;
    Ok(Found::new(FeedView::of(page)))
}
