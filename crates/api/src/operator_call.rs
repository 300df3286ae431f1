//! Calls of whoever runs the server, with an admin token, that change something.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use axum::extract::{FromRequest, Request};
use verifa_app::actor::{Author, Who};
use verifa_core::id::Id;

use crate::call::Call;
use crate::error::ApiError;
use crate::exchange::Exchange;
use crate::outcome::Holder;

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
}

/// Reading the body, and running a use case once for each idempotency key.
impl Deref for OperatorCall {
    type Target = Call;

    fn deref(&self) -> &Call {
        &self.call
    }
}

impl DerefMut for OperatorCall {
    fn deref_mut(&mut self) -> &mut Call {
        &mut self.call
    }
}
