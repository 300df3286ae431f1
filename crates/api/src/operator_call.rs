//! Calls of whoever runs the server, with an admin token, that change something.

use std::future::Future;
use std::sync::Arc;

use axum::extract::{FromRequest, Request};
use verifa_app::actor::{Author, Who};
use verifa_app::{App, AppError, Decided};
use verifa_core::id::Id;

use crate::body::RequestBody;
use crate::call::Call;
use crate::error::ApiError;
use crate::exchange::Exchange;
use crate::outcome::{Holder, Outcome};
use crate::respond::Answer;

/// An operator's call that changes something. Extract it last: it holds the unread body.
pub struct OperatorCall {
    call: Call,
    author: Author,
}

impl<S: Sync> FromRequest<S> for OperatorCall {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let exchange = Arc::clone(Exchange::of(request.extensions())?);
        let operator = exchange
            .operator()
            .copied()
            .ok_or_else(|| ApiError::internal("an operator's call on another route"))?;
        let holder = Holder {
            id: operator.token.uuid(),
            tenant: None,
        };
        let call = Call::of(&exchange, holder, request)?;
        let author = Author {
            who: Who::Operator(operator.token),
            request: Some(call.request().clone()),
        };
        Ok(Self { call, author })
    }
}

impl OperatorCall {
    /// Who acts, through which call.
    pub fn author(&self) -> &Author {
        &self.author
    }

    /// Reads the body as a JSON type.
    ///
    /// # Errors
    /// 400, 413, 415 and 422 as the body deserves.
    pub async fn json<T: RequestBody>(&mut self) -> Result<T, ApiError> {
        self.call.json().await
    }

    /// Reads the body as checked JSON whose names stay as sent.
    ///
    /// # Errors
    /// 400, 413, 415, and 422 for what no body may hold.
    pub async fn value(&mut self) -> Result<serde_json::Value, ApiError> {
        self.call.value().await
    }

    /// Runs a use case and answers it, once for each idempotency key.
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
