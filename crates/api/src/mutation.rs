//! Calls of API keys that change something: who acts, for whom.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use axum::extract::{FromRequest, Request};
use verifa_app::actor::{Actor, Who};
use verifa_app::{App, AppError};
use verifa_core::id::{Id, SessionId};
use verifa_core::tenant::Tenant;

use crate::call::Call;
use crate::error::ApiError;
use crate::exchange::Exchange;
use crate::keys::Caller;
use crate::outcome::Holder;

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
}

/// Reading the body, and running a use case once for each idempotency key.
impl Deref for Mutation {
    type Target = Call;

    fn deref(&self) -> &Call {
        &self.call
    }
}

impl DerefMut for Mutation {
    fn deref_mut(&mut self) -> &mut Call {
        &mut self.call
    }
}
