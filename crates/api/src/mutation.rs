//! Calls of API keys that change something: who acts, for whom.

use std::future::Future;
use std::sync::Arc;

use axum::extract::{FromRequest, Request};
use serde_json::Value;
use verifa_app::actor::{Actor, Who};
use verifa_app::{App, AppError, Decided};
use verifa_core::id::{Id, SessionId};
use verifa_core::tenant::Tenant;

use crate::body::{Form, RequestBody};
use crate::call::Call;
use crate::error::ApiError;
use crate::exchange::Exchange;
use crate::keys::Caller;
use crate::outcome::Holder;
use crate::respond::Answer;

pub use crate::outcome::Outcome;

/// A call that changes something. Extract it last: it holds the unread body.
pub struct Mutation {
    call: Call,
    actor: Actor,
    caller: Caller,
}

impl<S: Sync> FromRequest<S> for Mutation {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let exchange = Arc::clone(Exchange::of(request.extensions())?);
        let caller = exchange
            .caller()
            .cloned()
            .ok_or_else(|| ApiError::internal("a mutation on an open route"))?;
        let holder = Holder {
            id: caller.key().id.uuid(),
            tenant: Some(caller.tenant()),
        };
        let call = Call::of(&exchange, holder, request)?;
        let actor = Actor {
            tenant: caller.tenant(),
            who: Who::ApiKey(caller.key().id),
            request: Some(call.request().clone()),
        };
        Ok(Self {
            call,
            actor,
            caller,
        })
    }
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
        self.call.exchange()
    }

    /// Lets the call lose, instead of being decided anew, when others changed what the statement
    /// `label` writes.
    pub fn loses_on(&mut self, label: &'static str) {
        self.call.loses_on(label);
    }

    /// Reads the body as a JSON type.
    ///
    /// # Errors
    /// 400, 413, 415 and 422 as the body deserves.
    pub async fn json<T: RequestBody>(&mut self) -> Result<T, ApiError> {
        self.call.json().await
    }

    /// Reads the body as checked JSON whose names stay as sent, for readers of their own.
    ///
    /// # Errors
    /// 400, 413, 415, and 422 for what no body may hold.
    pub async fn value(&mut self) -> Result<Value, ApiError> {
        self.call.value().await
    }

    /// Opens the body as a form; give it back with [`Mutation::form_read`].
    ///
    /// # Errors
    /// 413 and 415.
    pub fn form(&mut self) -> Result<Form, ApiError> {
        self.call.form()
    }

    /// Takes the parameters of a form that was read to its end.
    pub fn form_read(&mut self, form: Form) {
        self.call.form_read(form);
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
        self.call.earlier(app).await
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
        self.call.run(app, decide, view).await
    }
}
