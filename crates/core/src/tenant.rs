//! Whose data a call may touch: organization, environment, scopes.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::id::OrganizationId;

/// One of the two fully separate environments of an organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Environment {
    /// Real people, real checks.
    Live,
    /// Simulated outcomes for integration tests.
    Sandbox,
}

impl Environment {
    /// Its name in the API and the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Sandbox => "sandbox",
        }
    }

    /// Whether this is the simulated environment.
    pub const fn is_sandbox(self) -> bool {
        matches!(self, Self::Sandbox)
    }
}

impl fmt::Display for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A name that is neither `live` nor `sandbox`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("environment must be `live` or `sandbox`")]
pub struct UnknownEnvironment;

impl FromStr for Environment {
    type Err = UnknownEnvironment;
    fn from_str(text: &str) -> Result<Self, UnknownEnvironment> {
        match text {
            "live" => Ok(Self::Live),
            "sandbox" => Ok(Self::Sandbox),
            _ => Err(UnknownEnvironment),
        }
    }
}

/// The pair that every query on tenant data starts with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tenant {
    /// The organization.
    pub organization: OrganizationId,
    /// The environment within it.
    pub environment: Environment,
}

macro_rules! scopes {
    ($($variant:ident = $name:literal,)+) => {
        /// A permission of an API key (spec/conventions.md, "Authentication").
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Scope {
            $(#[doc = concat!("`", $name, "`")] $variant,)+
        }

        impl Scope {
            /// Every scope there is.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Its name as `resource:action`.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }
        }

        impl FromStr for Scope {
            type Err = UnknownScope;
            fn from_str(text: &str) -> Result<Self, UnknownScope> {
                match text { $($name => Ok(Self::$variant),)+ _ => Err(UnknownScope) }
            }
        }
    };
}

scopes! {
    SessionsRead = "sessions:read",
    SessionsCreate = "sessions:create",
    SessionsWrite = "sessions:write",
    VerificationsRead = "verifications:read",
    IdentitiesRead = "identities:read",
    IdentitiesWrite = "identities:write",
    DocumentsRead = "documents:read",
    DocumentsWrite = "documents:write",
    WorkflowsRead = "workflows:read",
    WorkflowsWrite = "workflows:write",
    WorkflowsTrigger = "workflows:trigger",
    CasesRead = "cases:read",
    CasesWrite = "cases:write",
    CasesDecide = "cases:decide",
    ChecksRead = "checks:read",
    ChecksWrite = "checks:write",
    ScreeningWrite = "screening:write",
    ListsRead = "lists:read",
    ListsWrite = "lists:write",
    WebhooksRead = "webhooks:read",
    WebhooksWrite = "webhooks:write",
    SettingsRead = "settings:read",
    SettingsWrite = "settings:write",
    RedactWrite = "redact:write",
    AuditRead = "audit:read",
    ApiKeysRead = "api_keys:read",
    ApiKeysWrite = "api_keys:write",
}

/// A scope name that is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("unknown scope")]
pub struct UnknownScope;

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Scope {
    /// What a new key gets when nobody says otherwise.
    pub const DEFAULT: &'static [Self] = &[
        Self::SessionsRead,
        Self::SessionsCreate,
        Self::SessionsWrite,
        Self::VerificationsRead,
        Self::IdentitiesRead,
    ];

    /// The broader scope that is accepted in this one's place, if any.
    pub const fn accepted_instead(self) -> Option<Self> {
        match self {
            Self::SessionsCreate => Some(Self::SessionsWrite),
            Self::WorkflowsTrigger => Some(Self::WorkflowsWrite),
            Self::CasesDecide => Some(Self::CasesWrite),
            _ => None,
        }
    }
}

/// The scopes a key holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scopes(Vec<Scope>);

impl Scopes {
    /// From a list; order is kept, repeats are dropped.
    pub fn new(scopes: impl IntoIterator<Item = Scope>) -> Self {
        let mut kept = Vec::new();
        for scope in scopes {
            if !kept.contains(&scope) {
                kept.push(scope);
            }
        }
        Self(kept)
    }

    /// Every scope.
    pub fn all() -> Self {
        Self(Scope::ALL.to_vec())
    }

    /// Whether the key may do what `scope` names, directly or by its broader form.
    pub fn allows(&self, scope: Scope) -> bool {
        self.0.contains(&scope)
            || scope
                .accepted_instead()
                .is_some_and(|broader| self.0.contains(&broader))
    }

    /// The scopes, in the order given at creation.
    pub fn iter(&self) -> impl Iterator<Item = Scope> + '_ {
        self.0.iter().copied()
    }

    /// The scopes of `self` that `holder` may not do, and so may not grant.
    pub fn beyond(&self, holder: &Self) -> Vec<Scope> {
        let beyond = self.iter().filter(|scope| !holder.allows(*scope));
        beyond.collect()
    }

    /// As stored: names joined by commas.
    pub fn to_stored(&self) -> String {
        let names: Vec<_> = self.0.iter().map(|scope| scope.as_str()).collect();
        names.join(",")
    }

    /// From the stored form; names that a newer release knew are dropped.
    pub fn from_stored(text: &str) -> Self {
        Self::new(text.split(',').filter_map(|name| name.parse().ok()))
    }
}
