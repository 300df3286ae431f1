//! Calls that change something: who acts, what they sent, and the answer kept for replays.
//!
//! A kept answer is written in the commit of its effect under a unique key, so a crash or a race
//! can neither repeat an effect nor lose its answer (spec/conventions.md, "Idempotency").

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::Body;
use axum::extract::{FromRequest, MatchedPath, Request};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use serde_json::Value;
use verifa_app::actor::{Actor, RequestInfo, Who};
use verifa_app::{App, AppError, Decided};
use verifa_core::id::SessionId;
use verifa_core::tenant::Tenant;
use verifa_store::db::DbError;
use verifa_vault::DataKey;

use crate::body::{Canonical, Form, RequestBody, parse_json, parse_value, read_json};
use crate::error::ApiError;
use crate::exchange::Exchange;
use crate::idempotency::{Found, KeptKey};
use crate::inflection::to_bytes;
use crate::keys::Caller;
use crate::refusal::busy;
use crate::respond::{Answer, Payload};

/// How often a decision that others overtook is made anew. Of calls that change one thing at
/// once, each round lets one through: so many may come together before any hears of it.
const TRIES: u8 = 40;
const KEY_LIMIT: usize = 255;

/// What a use case decided, and the key that seals its kept answer where the session is only
/// being made.
pub trait Outcome {
    /// The data key of the session in it.
    fn data_key(&self) -> Option<&DataKey> {
        None
    }
}

/// A call that changes something. Extract it last: it holds the unread body.
pub struct Mutation {
    exchange: Arc<Exchange>,
    actor: Actor,
    caller: Caller,
    key: Option<String>,
    target: String,
    headers: HeaderMap,
    // Never locked: the mutex only makes the unread body shareable between threads.
    body: Mutex<Option<Body>>,
    canonical: Canonical,
    loses_on: Option<&'static str>,
}

impl<S: Sync> FromRequest<S> for Mutation {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        let exchange = Arc::clone(Exchange::of(&parts.extensions)?);
        let caller = exchange
            .caller()
            .cloned()
            .ok_or_else(|| ApiError::internal("a mutation on an open route"))?;
        let route = parts
            .extensions
            .get::<MatchedPath>()
            .map_or("", MatchedPath::as_str);
        let actor = Actor {
            tenant: caller.tenant(),
            who: Who::ApiKey(caller.key().id),
            request: Some(RequestInfo {
                method: parts.method.to_string(),
                route: route.to_owned(),
                ip: Some(caller.address),
            }),
        };
        let key = idempotency_key(parts.headers.get("idempotency-key"))?;
        let path = parts.uri.path_and_query().map_or("", |path| path.as_str());
        Ok(Self {
            exchange,
            actor,
            caller,
            key,
            target: format!("{} {path}", parts.method),
            headers: parts.headers,
            body: Mutex::new(Some(body)),
            canonical: Canonical(Vec::new()),
            loses_on: None,
        })
    }
}

fn idempotency_key(value: Option<&HeaderValue>) -> Result<Option<String>, ApiError> {
    let Some(value) = value else { return Ok(None) };
    let text = std::str::from_utf8(value.as_bytes()).unwrap_or("");
    let length = text.chars().count();
    if (1..=KEY_LIMIT).contains(&length) {
        return Ok(Some(text.to_owned()));
    }
    Err(ApiError::bad_request(
        "Idempotency-Key must have 1 to 255 characters.",
    ))
}

impl Mutation {
    /// Who acts, through which call.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// Whose data may be touched.
    pub fn tenant(&self) -> Tenant {
        self.actor.tenant
    }

    /// The authenticated caller.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// The request and its answer in the making.
    pub fn exchange(&self) -> &Exchange {
        &self.exchange
    }

    /// Lets the call lose, instead of being decided anew, when others changed what the statement
    /// `label` writes.
    pub fn loses_on(&mut self, label: &'static str) {
        self.loses_on = Some(label);
    }

    /// What a commit that others overtook means: try anew, or a refusal.
    fn overtaken(&self, error: DbError) -> Result<(), ApiError> {
        match error {
            DbError::Conflict { label } if self.loses_on == Some(label) => Err(ApiError::conflict(
                "Another call changed the resource first. Look at it again.",
            )),
            DbError::Unique { .. } | DbError::Conflict { .. } => Ok(()),
            error => Err(error.into()),
        }
    }

    /// Steps aside for up to as many milliseconds as there were tries.
    async fn step_aside(&self, app: &App, tries: u8) {
        let [draw] = verifa_core::random::random_bytes::<1>(&*app.random);
        let pause = u64::from(draw % tries.max(1));
        tokio::time::sleep(Duration::from_millis(pause)).await;
    }

    /// Reads the body as a JSON type.
    ///
    /// # Errors
    /// 400, 413, 415 and 422 as the body deserves.
    pub async fn json<T: RequestBody>(&mut self) -> Result<T, ApiError> {
        let text = self.read().await?;
        let (value, canonical) = parse_json(&text)?;
        self.canonical = canonical;
        Ok(value)
    }

    /// Reads the body as checked JSON whose names stay as sent, for readers of their own.
    ///
    /// # Errors
    /// 400, 413, 415, and 422 for what no body may hold.
    pub async fn value(&mut self) -> Result<Value, ApiError> {
        let text = self.read().await?;
        let (value, canonical) = parse_value(&text)?;
        self.canonical = canonical;
        Ok(value)
    }

    async fn read(&mut self) -> Result<Bytes, ApiError> {
        let body = self.take_body();
        read_json(&self.headers, body).await
    }

    fn take_body(&mut self) -> Body {
        let body = self.body.get_mut().unwrap_or_else(PoisonError::into_inner);
        body.take().unwrap_or_default()
    }

    /// Opens the body as a form; give it back with [`Mutation::form_read`].
    ///
    /// # Errors
    /// 413 and 415.
    pub fn form(&mut self) -> Result<Form, ApiError> {
        let body = self.take_body();
        Form::open(&self.headers, body)
    }

    /// Takes the parameters of a form that was read to its end.
    pub fn form_read(&mut self, form: Form) {
        self.canonical = form.canonical();
    }

    /// Puts refusals in their order: what is wrong with a body only counts when the session is
    /// there.
    pub async fn unknown_first(&self, app: &App, id: SessionId, error: ApiError) -> ApiError {
        if !error.status().is_client_error() {
            return error;
        }
        match app.session(self.tenant(), id).await {
            Err(missing @ AppError::NotFound(_)) => missing.into(),
            _ => error,
        }
    }

    /// The answer of an earlier call of which this one is the repetition. For handlers that count
    /// what they make; [`Mutation::run`] looks by itself.
    ///
    /// # Errors
    /// 422 for a key that was used with other parameters; 410 when the answer was deleted.
    pub async fn earlier<A: Answer>(&self, app: &App) -> Result<Option<A>, ApiError> {
        let Some(key) = self.kept_key(app) else {
            return Ok(None);
        };
        Ok(match key.find(app).await? {
            Found::Answer(bytes) => Some(replay(bytes)),
            Found::Nothing | Found::Expired => None,
        })
    }

    fn kept_key(&self, app: &App) -> Option<KeptKey> {
        let text = self.key.as_ref()?;
        let caller = self.caller.key();
        Some(KeptKey::new(
            app,
            caller,
            text,
            &self.target,
            &self.canonical,
        ))
    }

    /// Runs a use case and answers it, once for each idempotency key.
    ///
    /// `decide` makes the commit and is called anew when others were faster; `view` is what the
    /// caller sees.
    ///
    /// # Errors
    /// The use case's refusals; 422 for a key that was used with other parameters.
    pub async fn run<A, T, D, F>(
        &self,
        app: &App,
        decide: D,
        view: impl Fn(&T) -> A::View,
    ) -> Result<A, ApiError>
    where
        A: Answer,
        T: Outcome,
        D: Fn() -> F,
        F: Future<Output = Result<Decided<T>, AppError>>,
    {
        let Some(key) = self.kept_key(app) else {
            return self.plain(app, decide, view).await;
        };
        let mut found = key.find(app).await?;
        for tries in 0..TRIES {
            if let Found::Answer(bytes) = found {
                return Ok(replay(bytes));
            }
            let expired = matches!(found, Found::Expired);
            let decided = match decide().await {
                Ok(decided) => decided,
                // The call that was first may have changed the state between look-up and here.
                Err(refusal) => match key.find(app).await? {
                    Found::Answer(bytes) => return Ok(replay(bytes)),
                    _ => return Err(refusal.into()),
                },
            };
            let bytes = self.render(&view(&decided.answer))?;
            let (session, held) = (decided.session, decided.answer.data_key());
            let sealed = key.seal(app, session, held, &bytes).await?;
            let status = A::STATUS.as_u16();
            let commit = key.keep(app, decided.commit, expired, status, session, sealed);
            match app.apply(commit).await {
                Ok(()) => {
                    return Ok(A::from_payload(Payload::Kept {
                        bytes,
                        replayed: false,
                    }));
                }
                Err(error) => {
                    let lost = self.overtaken(error);
                    found = key.find(app).await?;
                    if !matches!(found, Found::Answer(_)) {
                        lost?;
                        self.step_aside(app, tries).await;
                    }
                }
            }
        }
        Err(busy())
    }

    async fn plain<A, T, D, F>(
        &self,
        app: &App,
        decide: D,
        view: impl Fn(&T) -> A::View,
    ) -> Result<A, ApiError>
    where
        A: Answer,
        D: Fn() -> F,
        F: Future<Output = Result<Decided<T>, AppError>>,
    {
        for tries in 0..TRIES {
            let decided = decide().await?;
            match app.apply(decided.commit).await {
                Ok(()) => return Ok(A::from_payload(Payload::View(view(&decided.answer)))),
                Err(error) => self.overtaken(error)?,
            }
            self.step_aside(app, tries).await;
        }
        Err(busy())
    }

    fn render<V: serde::Serialize>(&self, view: &V) -> Result<Bytes, ApiError> {
        to_bytes(view, self.exchange.negotiated().inflection)
            .map(Bytes::from)
            .map_err(|error| ApiError::from_fault(&error))
    }
}

fn replay<A: Answer>(bytes: Bytes) -> A {
    A::from_payload(Payload::Kept {
        bytes,
        replayed: true,
    })
}
