//! An API key as the HTTP layer sees it, and the caller that presented it.

use std::net::IpAddr;
use std::sync::Arc;

use ipnet::IpNet;
use verifa_core::api_key::{Grant, KeyLimits};
use verifa_core::id::ApiKeyId;
use verifa_core::tenant::{Scopes, Tenant};
use verifa_core::time::Timestamp;

use crate::inflection::Inflection;
use crate::limits::Plan;

/// What is known of a key.
#[derive(Debug, Clone)]
pub struct ApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// Whose data it opens.
    pub tenant: Tenant,
    /// Whether it may appear in a browser; such a key may only create sessions.
    pub publishable: bool,
    /// What it may do.
    pub scopes: Scopes,
    /// The version of calls that name none, as stored.
    pub api_version: Option<String>,
    /// The casing of calls that name none.
    pub inflection: Inflection,
    /// Networks it may be used from; `None`: all.
    pub allowed_ips: Option<Vec<IpNet>>,
    /// Origins that a publishable key may be used from; `None`: all.
    pub allowed_origins: Option<Vec<String>>,
    /// When it stops working by itself.
    pub expires_at: Option<Timestamp>,
    /// When somebody stopped it.
    pub revoked_at: Option<Timestamp>,
    /// Roughly when it was last used.
    pub last_used_at: Option<Timestamp>,
    /// The plan of its organization.
    pub plan: Plan,
}

impl ApiKey {
    /// Whether it works at `now`.
    pub fn is_active(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| end > now)
    }

    /// What it may hand on to other keys.
    pub fn grant(&self) -> Grant {
        Grant {
            scopes: self.scopes.clone(),
            limits: KeyLimits {
                expires_at: self.expires_at,
                allowed_ips: self.allowed_ips.clone(),
            },
        }
    }

    /// Whether it may be used from `address`.
    pub fn allows_address(&self, address: IpAddr) -> bool {
        self.allowed_ips
            .as_ref()
            .is_none_or(|networks| networks.iter().any(|network| network.contains(&address)))
    }

    /// Whether it may be used by a page of `origin`.
    pub fn allows_origin(&self, origin: &str) -> bool {
        self.allowed_origins
            .as_ref()
            .is_none_or(|origins| origins.iter().any(|allowed| allowed == origin))
    }
}

/// The authenticated caller of this request; extract it in handlers of guarded routes.
#[derive(Debug, Clone)]
pub struct Caller {
    key: Arc<ApiKey>,
    /// Where the call came from, behind trusted proxies. Never the applicant's address.
    pub address: IpAddr,
}

impl Caller {
    pub(crate) fn new(key: Arc<ApiKey>, address: IpAddr) -> Self {
        Self { key, address }
    }

    /// The key it presented.
    pub fn key(&self) -> &ApiKey {
        &self.key
    }

    /// Whose data it may touch: the first argument of every query.
    pub fn tenant(&self) -> Tenant {
        self.key.tenant
    }
}
