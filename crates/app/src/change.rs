//! A fact in the making: its statements, audit events and webhook events, committed together.

use std::time::Duration;

use serde_json::{Map, Value, json};
use verifa_core::id::{ApiKeyId, AuditEventId, CaseId, EventId, Id, OrganizationId, SessionId};
use verifa_core::sandbox::SandboxTenant;
use verifa_core::session::WebhookEvent;
use verifa_core::tenant::Tenant;
use verifa_core::time::Timestamp;
use verifa_core::webhook::{Sender, payload};
use verifa_store::audit::{self, AuditRecord};
use verifa_store::db::{Commit, Stmt};
use verifa_store::outbox::{self, OutboxRecord};
use verifa_store::{counters, jobs};
use verifa_vault::{DataKey, OrganizationKey, Place};

use crate::App;
use crate::actor::Actor;

/// What seals a fact's audit address and webhook bodies.
#[derive(Clone, Copy)]
pub enum Sealing<'a> {
    /// The session's data key.
    Session(SessionId, &'a DataKey),
    /// The organization's key, where no session is concerned or its key is gone.
    Organization(&'a OrganizationKey),
}

impl Sealing<'_> {
    /// Seals bytes for their place.
    pub fn seal(&self, app: &App, place: &Place<'_>, plain: &[u8]) -> Vec<u8> {
        match self {
            Self::Session(_, key) => key.seal(place, plain, &*app.random),
            Self::Organization(key) => key.seal(place, plain, &*app.random),
        }
    }

    const fn session(&self) -> Option<SessionId> {
        match self {
            Self::Session(id, _) => Some(*id),
            Self::Organization(_) => None,
        }
    }
}

/// Room for the entries of one fact, of which each has a microsecond of its own.
const ROOM: Duration = Duration::from_micros(64);

/// A job that is due later than this wakes nobody: workers look into the table more often.
pub(crate) const NO_NEED_TO_WAKE: Duration = Duration::from_secs(30);

/// Collects what one fact writes.
pub struct Change<'a> {
    app: &'a App,
    actor: &'a Actor,
    /// The time of the fact.
    pub now: Timestamp,
    commit: Commit,
    told: u32,
}

/// A resource for an audit event.
pub struct Resource {
    /// Its kind, such as `session`.
    pub kind: &'static str,
    /// Its id as text.
    pub id: String,
}

impl Resource {
    /// An organization as a resource.
    pub fn organization(id: OrganizationId) -> Self {
        Self {
            kind: "organization",
            id: id.to_string(),
        }
    }

    /// An API key as a resource.
    pub fn api_key(id: ApiKeyId) -> Self {
        Self {
            kind: "api_key",
            id: id.to_string(),
        }
    }

    /// A session as a resource.
    pub fn session(id: SessionId) -> Self {
        Self {
            kind: "session",
            id: id.to_string(),
        }
    }

    /// A review case as a resource.
    pub fn case(id: CaseId) -> Self {
        Self {
            kind: "case",
            id: id.to_string(),
        }
    }
}

impl<'a> Change<'a> {
    /// Begins a fact of the present.
    pub fn begin(app: &'a App, actor: &'a Actor) -> Self {
        Self::at(app, actor, app.clock.now())
    }

    /// Begins a fact that is later than the one of `before` with all its entries: clocks of several
    /// processes may differ, but the events of one session keep their order.
    pub fn after(app: &'a App, actor: &'a Actor, before: Timestamp) -> Self {
        let now = app.clock.now().max(before.plus(ROOM));
        Self::at(app, actor, now)
    }

    fn at(app: &'a App, actor: &'a Actor, now: Timestamp) -> Self {
        Self {
            app,
            actor,
            now,
            commit: Commit::new(),
            told: 0,
        }
    }

    /// What the use cases work with.
    pub const fn app(&self) -> &'a App {
        self.app
    }

    /// The tenant the fact belongs to.
    pub const fn tenant(&self) -> Tenant {
        self.actor.tenant
    }

    /// Who causes the fact.
    pub const fn actor(&self) -> &Actor {
        self.actor
    }

    /// Adds a statement.
    pub fn push(&mut self, statement: Stmt) -> &mut Self {
        self.commit.push(statement);
        self
    }

    /// Adds statements.
    pub fn extend(&mut self, statements: impl IntoIterator<Item = Stmt>) -> &mut Self {
        self.commit.extend(statements);
        self
    }

    /// Makes or moves a job; one that is due soon wakes the workers. In a sandbox the due times of
    /// clocked jobs are moved by its clock.
    pub fn job(&mut self, job: &crate::job::JobName, due_at: Timestamp) -> &mut Self {
        let sandbox = SandboxTenant::of(self.actor.tenant).filter(|_| job.is_clocked());
        self.commit.push(jobs::upsert(
            &job.key(),
            job.kind(),
            job.subject(),
            due_at,
            self.now,
            sandbox.map(SandboxTenant::organization),
        ));
        if due_at < self.now.plus(NO_NEED_TO_WAKE) {
            self.commit.wake_jobs();
        }
        self
    }

    /// Makes a job that is due at once, by this process's own clock: that of the fact before may
    /// have been ahead.
    pub fn job_at_once(&mut self, job: &crate::job::JobName) -> &mut Self {
        self.job(job, self.app.clock.now().min(self.now))
    }

    /// Wakes the workers after the commit: something became due.
    pub fn wake_jobs(&mut self) -> &mut Self {
        self.commit.wake_jobs();
        self
    }

    /// Marks that the fact erases data.
    pub fn erase(&mut self) -> &mut Self {
        self.commit.erase();
        self
    }

    /// Removes a job.
    pub fn cancel_job(&mut self, job: &crate::job::JobName) -> &mut Self {
        self.commit.push(jobs::cancel(&job.key()));
        self
    }

    /// Adds to a counter of the tenant.
    pub fn count(&mut self, name: &str, n: i64) -> &mut Self {
        let [spread] = verifa_core::random::random_bytes::<1>(&*self.app.random);
        self.commit
            .push(counters::add(self.actor.tenant, name, spread, n));
        self
    }

    /// Each entry of a commit gets its own microsecond, so that their ids sort in this order.
    fn tick(&mut self) -> Timestamp {
        let time = self.now.plus(Duration::from_micros(u64::from(self.told)));
        self.told += 1;
        time
    }

    /// Writes an audit event. `metadata` must hold no personal data.
    pub fn audit(
        &mut self,
        event_type: &str,
        resource: Resource,
        sealing: Sealing<'_>,
        metadata: &Value,
    ) -> &mut Self {
        self.audit_event(event_type, resource, sealing, metadata);
        self
    }

    /// Writes an audit event and answers its id, for what refers to it.
    pub fn audit_event(
        &mut self,
        event_type: &str,
        resource: Resource,
        sealing: Sealing<'_>,
        metadata: &Value,
    ) -> AuditEventId {
        let created_at = self.tick();
        let id = AuditEventId::generate(created_at, &*self.app.random);
        let request = self.actor.request.as_ref();
        let sealed_ip = request
            .and_then(|request| request.ip)
            .map(|ip| sealing.seal(self.app, &address_place(id), ip.to_string().as_bytes()));
        self.commit.push(audit::insert(&AuditRecord {
            id,
            tenant: self.actor.tenant,
            event_type: event_type.to_owned(),
            resource_type: resource.kind.to_owned(),
            resource_id: resource.id,
            session_id: sealing.session(),
            actor: self.actor.name(),
            metadata: metadata.to_string(),
            request_method: request.map(|request| request.method.clone()),
            request_path: request.map(|request| request.route.clone()),
            sealed_ip,
            created_at,
            seq: None,
            hash: None,
        }));
        id
    }

    /// Writes a webhook event into the outbox, its body frozen now (spec/resources.md,
    /// "Webhooks": flat, with `event`, `idempotency_key` and `created_at`).
    pub fn tell(
        &mut self,
        event: WebhookEvent,
        session: Option<SessionId>,
        sealing: Sealing<'_>,
        fields: Map<String, Value>,
    ) -> &mut Self {
        debug_assert!(
            payload(event).sender == Sender::ThisRelease,
            "{} is told, and its description says that no release does",
            event.as_str()
        );
        let created_at = self.tick();
        let id = EventId::generate(created_at, &*self.app.random);
        let mut body = Map::new();
        body.insert("event".to_owned(), json!(event.as_str()));
        body.insert("idempotency_key".to_owned(), json!(id.to_string()));
        body.insert("created_at".to_owned(), json!(created_at.to_string()));
        body.extend(fields);
        let place = outbox_place(id);
        let sealed = sealing.seal(self.app, &place, Value::Object(body).to_string().as_bytes());
        self.commit.push(outbox::insert(&OutboxRecord {
            id,
            tenant: self.actor.tenant,
            event: event.as_str().to_owned(),
            session_id: session,
            sealed: Some(sealed),
            created_at,
            seq: None,
        }));
        self
    }

    /// The finished commit.
    pub fn into_commit(self) -> Commit {
        self.commit
    }
}

/// Where an audit event's address stands.
pub(crate) fn address_place(id: AuditEventId) -> Place<'static> {
    Place::new("audit_events", "sealed_ip", id.uuid())
}

/// Where an event's body stands.
pub(crate) fn outbox_place(id: EventId) -> Place<'static> {
    Place::new("outbox_events", "sealed", id.uuid())
}

/// A use case's outcome before it is committed: the caller adds what belongs into the same
/// commit (a kept answer) and applies it.
pub struct Decided<T> {
    /// What to write.
    pub commit: Commit,
    /// What to answer once it is written.
    pub answer: T,
    /// The session concerned, whose key seals a kept answer.
    pub session: Option<SessionId>,
}
