//! A call that changes something, whoever makes it: what was sent, and the answer kept for replays.
//!
//! A kept answer is written in the commit of its effect under a unique key, so a crash or a race
//! can neither repeat an effect nor lose its answer (spec/conventions.md, "Idempotency").

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Body;
use axum::extract::{MatchedPath, Request};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use serde_json::Value;
use verifa_app::actor::RequestInfo;
use verifa_app::{App, AppError, Decided, ROUNDS};
use verifa_store::db::DbError;

use crate::body::{Canonical, Form, RequestBody, parse_json, parse_value, read_json};
use crate::error::ApiError;
use crate::exchange::Exchange;
use crate::idempotency::{Found, KeptKey};
use crate::inflection::to_bytes;
use crate::outcome::{Holder, Outcome};
use crate::refusal::busy;
use crate::respond::{Answer, Payload};

const KEY_LIMIT: usize = 255;

/// A call that changes something, its body unread: what is common to [`Mutation`] and
/// [`OperatorCall`].
///
/// [`Mutation`]: crate::mutation::Mutation
/// [`OperatorCall`]: crate::operator_call::OperatorCall
pub struct Call {
    exchange: Arc<Exchange>,
    holder: Holder,
    request: RequestInfo,
    key: Option<String>,
    target: String,
    headers: HeaderMap,
    // Never locked: the mutex only makes the unread body shareable between threads.
    body: Mutex<Option<Body>>,
    canonical: Canonical,
    loses_on: Option<&'static str>,
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

impl Call {
    /// Takes a request apart; `holder` made it.
    ///
    /// # Errors
    /// 400 for an idempotency key of a wrong length.
    pub(crate) fn of(
        exchange: &Arc<Exchange>,
        holder: Holder,
        request: Request,
    ) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        let route = parts
            .extensions
            .get::<MatchedPath>()
            .map_or("", MatchedPath::as_str);
        let info = RequestInfo {
            method: parts.method.to_string(),
            route: route.to_owned(),
            ip: Some(exchange.client_address()),
        };
        let key = idempotency_key(parts.headers.get("idempotency-key"))?;
        let path = parts.uri.path_and_query().map_or("", |path| path.as_str());
        Ok(Self {
            exchange: Arc::clone(exchange),
            holder,
            request: info,
            key,
            target: format!("{} {path}", parts.method),
            headers: parts.headers,
            body: Mutex::new(Some(body)),
            canonical: Canonical(Vec::new()),
            loses_on: None,
        })
    }

    /// What the audit trail keeps of the call.
    pub(crate) fn request(&self) -> &RequestInfo {
        &self.request
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

    /// Opens the body as a form; give it back with [`Call::form_read`].
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

    /// The answer of an earlier call of which this one is the repetition. For handlers that count
    /// what they make; [`Call::run`] looks by itself.
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
        Some(KeptKey::new(
            app,
            self.holder,
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
        for round in 0..ROUNDS {
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
            let kept = key
                .seal(app, decided.session, &decided.answer, &bytes)
                .await?;
            let status = A::STATUS.as_u16();
            let commit = key.keep(app, decided.commit, expired, status, kept);
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
                        app.step_aside(round).await;
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
        for round in 0..ROUNDS {
            let decided = decide().await?;
            match app.apply(decided.commit).await {
                Ok(()) => return Ok(A::from_payload(Payload::View(view(&decided.answer)))),
                Err(error) => self.overtaken(error)?,
            }
            app.step_aside(round).await;
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
