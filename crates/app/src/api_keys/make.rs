//! Making keys: by the command line, by a call, by a copy.

use std::str::FromStr;

use serde_json::{Value, json};
use verifa_core::api_key::{ApiKeyChange, Grant, KeyLimits, NewApiKeyInput, read_new};
use verifa_core::change::Change as FieldChange;
use verifa_core::fault::{Fault, FaultCode};
use verifa_core::id::{ApiKeyId, Id, OrganizationId};
use verifa_core::tenant::{Environment, Scope, Scopes, Tenant};
use verifa_core::time::Timestamp;
use verifa_store::api_keys::{self as store, ApiKeyRecord};
use verifa_store::db::Stmt;
use verifa_store::organizations;
use verifa_vault::{ApiKeyKind, ApiKeySecret};

use super::change::apply;
use crate::actor::{Actor, Author};
use crate::error::{AppError, Thing};
use crate::{App, Change, Decided, Resource, Sealing};

/// What a key is made with.
#[derive(Debug, Clone, Default)]
pub struct NewApiKey {
    /// Short name.
    pub label: Option<String>,
    /// What it may do; absent: the default scopes.
    pub scopes: Option<Scopes>,
    /// When it stops working.
    pub expires_at: Option<Timestamp>,
}

/// A key just made, with its secret, which is shown this once.
pub struct MadeApiKey {
    /// The stored key.
    pub record: ApiKeyRecord,
    /// The secret.
    pub secret: ApiKeySecret,
}

/// Reads scopes as people write them: `*`, or names joined by commas.
///
/// # Errors
/// A fault that tells that a name is unknown.
pub fn parse_scopes(text: &str) -> Result<Scopes, Fault> {
    if text.trim() == "*" {
        return Ok(Scopes::all());
    }
    let scopes: Result<Vec<Scope>, _> = text
        .split(',')
        .map(|name| Scope::from_str(name.trim()))
        .collect();
    scopes.map(Scopes::new).map_err(|_| {
        let known: Vec<_> = Scope::ALL.iter().map(|scope| scope.as_str()).collect();
        Fault::new(
            "scopes",
            FaultCode::UnknownValue,
            format_args!("Unknown scope. Known are `*` and: {}.", known.join(", ")),
        )
    })
}

pub(super) const fn kind_of(publishable: bool) -> ApiKeyKind {
    if publishable {
        ApiKeyKind::Publishable
    } else {
        ApiKeyKind::Secret
    }
}

/// What the audit trail says of a new key.
fn facts_of(record: &ApiKeyRecord) -> Value {
    let scopes: Vec<_> = record.scopes.iter().map(Scope::as_str).collect();
    json!({ "kind": kind_of(record.publishable).as_str(), "scopes": scopes })
}

/// Refuses scopes that the holder of `held` may not grant.
pub(super) fn check_grant(scopes: &Scopes, held: &Grant) -> Result<(), AppError> {
    match held.lacks(scopes) {
        None => Ok(()),
        Some(scope) => Err(AppError::CannotGrant(scope)),
    }
}

/// The default scopes that the holder of `held` may grant.
fn default_scopes(held: &Grant) -> Result<Scopes, Fault> {
    let default = Scope::DEFAULT.iter().copied();
    let granted: Vec<_> = default.filter(|scope| held.scopes.allows(*scope)).collect();
    if granted.is_empty() {
        let message = "Name the scopes: the calling key holds none of the default ones.";
        return Err(Fault::new("scopes", FaultCode::TooShort, message));
    }
    Ok(Scopes::new(granted))
}

/// The limits of a stored key.
pub(super) fn limits_of(record: &ApiKeyRecord) -> KeyLimits {
    KeyLimits::from_stored(record.expires_at, record.allowed_ips.as_deref())
}

/// The limits of a maker that bind what it makes. A key for browsers is used from anywhere and can
/// do one thing only; the networks of the office that makes it are none of its own.
pub(super) fn handed_on(held: &KeyLimits, kind: ApiKeyKind) -> KeyLimits {
    KeyLimits {
        expires_at: held.expires_at,
        allowed_ips: match kind {
            ApiKeyKind::Secret => held.allowed_ips.clone(),
            ApiKeyKind::Publishable => None,
        },
    }
}

/// Limits that a body leaves open are those of the maker.
fn inherit(asked: &mut ApiKeyChange, held: &KeyLimits) {
    if let (FieldChange::Keep, Some(end)) = (&asked.expires_at, held.expires_at) {
        asked.expires_at = FieldChange::Set(end);
    }
    if let (FieldChange::Keep, Some(networks)) = (&asked.allowed_ips, &held.allowed_ips) {
        asked.allowed_ips = FieldChange::Set(networks.clone());
    }
}

impl App {
    /// Draws a key and the statement that stores it.
    pub fn new_api_key(
        &self,
        tenant: Tenant,
        kind: ApiKeyKind,
        key: NewApiKey,
    ) -> (MadeApiKey, Stmt) {
        let scopes = match kind {
            ApiKeyKind::Secret => key
                .scopes
                .unwrap_or_else(|| Scopes::new(Scope::DEFAULT.iter().copied())),
            ApiKeyKind::Publishable => Scopes::new([Scope::SessionsCreate]),
        };
        let mut made = self.draw_api_key(tenant, kind, scopes);
        made.record.label = key.label;
        made.record.expires_at = key.expires_at;
        let statement = self.stored(&made);
        (made, statement)
    }

    /// Draws a secret and the record of an unrestricted key.
    fn draw_api_key(&self, tenant: Tenant, kind: ApiKeyKind, scopes: Scopes) -> MadeApiKey {
        let now = self.clock.now();
        let secret = ApiKeySecret::generate(kind, tenant.environment, &*self.random);
        let record = ApiKeyRecord {
            id: ApiKeyId::generate(now, &*self.random),
            tenant,
            publishable: kind == ApiKeyKind::Publishable,
            key_prefix: secret.key_prefix().to_owned(),
            label: None,
            note: None,
            scopes,
            api_version: None,
            default_key_inflection: None,
            allowed_ips: None,
            allowed_origins: None,
            expires_at: None,
            revoked_at: None,
            last_used_at: None,
            created_at: now,
            revision: 1,
        };
        MadeApiKey { record, secret }
    }

    fn stored(&self, made: &MadeApiKey) -> Stmt {
        let hash = self.keys.server().api_key_hash(&made.secret);
        store::insert(&made.record, hash.as_bytes())
    }

    /// Makes a key by the body of a call. Without scopes it gets those of the default that its
    /// maker holds; without limits those of its maker.
    ///
    /// # Errors
    /// [`AppError::Invalid`] with every offence, no scope at all and limits beyond the maker's own
    /// among them; [`AppError::CannotGrant`] for a scope that is not in `held`.
    pub async fn issue_api_key(
        &self,
        actor: &Actor,
        held: &Grant,
        body: &Value,
    ) -> Result<Decided<MadeApiKey>, AppError> {
        let new = read_new(body, self.clock.now())?;
        let own = actor.tenant.environment;
        if new
            .environment
            .is_some_and(|environment| environment != own)
        {
            let message = "A key makes keys of its own environment.";
            return Err(Fault::new("environment", FaultCode::Invalid, message).into());
        }
        self.issue(actor, held, new).await
    }

    /// Makes a key of an organization for its operator, in the environment that the body names;
    /// live without.
    ///
    /// # Errors
    /// Not found: the organization; [`AppError::Invalid`] with every offence.
    pub async fn issue_api_key_as_operator(
        &self,
        author: &Author,
        organization: OrganizationId,
        body: &Value,
    ) -> Result<Decided<MadeApiKey>, AppError> {
        let found = self.db.query_opt(organizations::get(organization)).await?;
        if found.is_none() {
            return Err(AppError::NotFound(Thing::Organization));
        }
        let new = read_new(body, self.clock.now())?;
        let environment = new.environment.unwrap_or(Environment::Live);
        let actor = author.on(Tenant {
            organization,
            environment,
        });
        self.issue(&actor, &Grant::everything(), new).await
    }

    async fn issue(
        &self,
        actor: &Actor,
        held: &Grant,
        mut new: NewApiKeyInput,
    ) -> Result<Decided<MadeApiKey>, AppError> {
        let kind = kind_of(new.publishable);
        let scopes = match (kind, &new.attributes.scopes) {
            (ApiKeyKind::Publishable, _) => Scopes::new([Scope::SessionsCreate]),
            (ApiKeyKind::Secret, Some(scopes)) => scopes.clone(),
            (ApiKeyKind::Secret, None) => default_scopes(held)?,
        };
        check_grant(&scopes, held)?;
        let mut made = self.draw_api_key(actor.tenant, kind, scopes);
        let limits = handed_on(&held.limits, kind);
        inherit(&mut new.attributes, &limits);
        apply(&mut made.record, new.attributes)?;
        limits_of(&made.record).check_within(&limits, |_| true)?;
        self.told(actor, made, json!({})).await
    }

    /// Makes a key with a new secret and everything else as another key has it.
    ///
    /// # Errors
    /// Not found; [`AppError::CannotGrant`] for a scope that is not in `held`;
    /// [`AppError::Invalid`] for limits beyond the maker's own.
    pub async fn clone_api_key(
        &self,
        actor: &Actor,
        held: &Grant,
        id: ApiKeyId,
    ) -> Result<Decided<MadeApiKey>, AppError> {
        let source = self.api_key(actor.tenant, id).await?;
        check_grant(&source.scopes, held)?;
        let kind = kind_of(source.publishable);
        let mut made = self.draw_api_key(actor.tenant, kind, source.scopes.clone());
        let now = made.record.created_at;
        made.record = ApiKeyRecord {
            label: source.label,
            note: source.note,
            api_version: source.api_version,
            default_key_inflection: source.default_key_inflection,
            allowed_ips: source.allowed_ips,
            allowed_origins: source.allowed_origins,
            // A copy of a key that is over is wanted for its rights, not for its end.
            expires_at: match source.expires_at {
                Some(end) if end <= now => held.limits.expires_at,
                end => end,
            },
            ..made.record
        };
        limits_of(&made.record).check_within(&handed_on(&held.limits, kind), |_| true)?;
        self.told(actor, made, json!({ "cloned_from": id })).await
    }

    /// The commit of a new key, with its audit event.
    async fn told(
        &self,
        actor: &Actor,
        made: MadeApiKey,
        more: Value,
    ) -> Result<Decided<MadeApiKey>, AppError> {
        let organization = actor.tenant.organization;
        let key = self.keys.organization(&self.db, organization).await?;
        let mut change = Change::begin(self, actor);
        change.push(self.stored(&made));
        let mut facts = facts_of(&made.record);
        if let (Some(facts), Value::Object(more)) = (facts.as_object_mut(), more) {
            facts.extend(more);
        }
        change.audit(
            "api_key.created",
            Resource::api_key(made.record.id),
            Sealing::Organization(&key),
            &facts,
        );
        Ok(Decided {
            commit: change.into_commit(),
            answer: made,
            session: None,
        })
    }

    /// Makes a key from the command line.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn create_api_key(
        &self,
        actor: &Actor,
        kind: ApiKeyKind,
        key: NewApiKey,
    ) -> Result<MadeApiKey, AppError> {
        let (made, _) = self.new_api_key(actor.tenant, kind, key);
        let decided = self.told(actor, made, json!({})).await?;
        self.apply(decided.commit).await?;
        Ok(decided.answer)
    }
}
