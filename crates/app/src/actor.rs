//! Who acts, for the audit trail.

use std::net::IpAddr;

use verifa_core::id::{AdminTokenId, ApiKeyId};
use verifa_core::tenant::Tenant;

/// The HTTP call behind an act. Holds the route's template, never its path.
#[derive(Debug, Clone)]
pub struct RequestInfo {
    /// The method.
    pub method: String,
    /// The route template, such as `/api/v1/sessions/{id}`.
    pub route: String,
    /// The caller's address, as trusted proxies tell it.
    pub ip: Option<IpAddr>,
}

/// Who acts.
#[derive(Debug, Clone)]
pub enum Who {
    /// A caller with an API key.
    ApiKey(ApiKeyId),
    /// The server itself: jobs, expiry, the engine.
    System,
    /// The person that a session verifies, by a token of the capture page.
    Applicant,
    /// A person at the command line.
    CommandLine,
    /// Whoever runs the server, with an admin token.
    Operator(AdminTokenId),
}

/// Who acts, before it is known for which tenant: an operator, or a person at the command line.
#[derive(Debug, Clone)]
pub struct Author {
    /// Who.
    pub who: Who,
    /// Through which call, if any.
    pub request: Option<RequestInfo>,
}

impl Author {
    /// A person at the command line.
    pub const fn command_line() -> Self {
        Self {
            who: Who::CommandLine,
            request: None,
        }
    }

    /// The same, acting on a tenant.
    pub fn on(&self, tenant: Tenant) -> Actor {
        Actor {
            tenant,
            who: self.who.clone(),
            request: self.request.clone(),
        }
    }
}

/// Who acts, for whom, through which call.
#[derive(Debug, Clone)]
pub struct Actor {
    /// Whose data is touched.
    pub tenant: Tenant,
    /// Who.
    pub who: Who,
    /// Through which call, if any.
    pub request: Option<RequestInfo>,
}

impl Actor {
    /// The server acting by itself.
    pub const fn system(tenant: Tenant) -> Self {
        Self {
            tenant,
            who: Who::System,
            request: None,
        }
    }

    /// The API key that calls, if one does.
    pub const fn api_key(&self) -> Option<ApiKeyId> {
        match self.who {
            Who::ApiKey(id) => Some(id),
            _ => None,
        }
    }

    /// Its name in audit events.
    pub fn name(&self) -> String {
        match self.who {
            Who::ApiKey(id) => id.to_string(),
            Who::System => "system".to_owned(),
            Who::Applicant => "applicant".to_owned(),
            Who::CommandLine => "cli".to_owned(),
            Who::Operator(id) => id.to_string(),
        }
    }
}
