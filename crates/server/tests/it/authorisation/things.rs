//! The things that operations hang on: one of each kind that the served description needs, made
//! by their owner, and the call that asks for it.

use std::collections::BTreeMap;

use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use verifa_testkit::{Answer, Client, TestServer, eventually};

use super::Operation;
use crate::support::{gate_steps, paused_session};

/// What an operation hangs on, which decides who must not find it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Hangs {
    /// On a session: another organization and another environment find nothing.
    Session,
    /// On a session of the sandbox, for calls that only a sandbox key may make: a live key is
    /// refused (403) before anything is looked for.
    SandboxSession,
    /// On a workflow, which both environments share: another organization finds nothing.
    Workflow,
    /// On a review case.
    Case,
    /// On a webhook endpoint.
    Endpoint,
    /// On a delivery to a webhook endpoint.
    Delivery,
    /// On an API key.
    ApiKey,
    /// On an organization: only the operator's admin token finds it, and every API key is unknown.
    Organization,
    /// On the server as a whole, for the operator's admin token.
    Server,
    /// On nothing: a list, a creation or the account itself, which shows each caller its own.
    Nothing,
    /// On no key: a signed link.
    Signature,
    /// On no key: the token of a capture URL.
    CaptureToken,
}

/// Every kind of which a thing can be made.
const KINDS: [Hangs; 8] = [
    Hangs::Session,
    Hangs::SandboxSession,
    Hangs::Workflow,
    Hangs::Case,
    Hangs::Endpoint,
    Hangs::Delivery,
    Hangs::ApiKey,
    Hangs::Organization,
];

impl Hangs {
    /// Whether a key of another organization finds nothing (404).
    pub(super) fn is_of_one_organization(self) -> bool {
        KINDS.contains(&self) && !self.is_the_operators()
    }

    /// Whether only an admin token is known to it.
    pub(super) fn is_the_operators(self) -> bool {
        [Self::Organization, Self::Server].contains(&self)
    }

    /// Whether a key of the other environment finds nothing (404).
    pub(super) fn is_of_one_environment(self) -> bool {
        self.is_of_one_organization() && ![Self::Workflow, Self::SandboxSession].contains(&self)
    }

    /// The environment that its thing is made in.
    pub(super) fn environment(self) -> &'static str {
        match self {
            Self::SandboxSession => "sandbox",
            _ => "live",
        }
    }
}

/// One thing of each kind that some operation hangs on, by its id.
pub(super) struct Things(BTreeMap<Hangs, String>);

impl Things {
    /// Made by the holders of every scope.
    pub(super) async fn of(server: &TestServer, operations: &[Operation]) -> Self {
        let mut things = BTreeMap::new();
        for kind in KINDS {
            if !operations.iter().any(|operation| operation.hangs == kind) {
                continue;
            }
            let owner = owner_of(server, kind);
            let id = match kind {
                Hangs::Session => paused_session(&owner).await,
                Hangs::SandboxSession => owner.session(json!({})).await,
                Hangs::Workflow => owner.workflow(gate_steps()).await,
                Hangs::Case => case(&owner).await,
                Hangs::Endpoint => endpoint(&owner).await,
                Hangs::Delivery => delivery(&owner).await,
                Hangs::ApiKey => api_key(&owner).await,
                Hangs::Organization => organization(&owner, "Of a test").await,
                Hangs::Server | Hangs::Nothing | Hangs::Signature | Hangs::CaptureToken => continue,
            };
            things.insert(kind, id);
        }
        Self(things)
    }

    /// The id of the thing of a kind.
    pub(super) fn id(&self, kind: Hangs) -> &str {
        self.0.get(&kind).expect("a thing of this kind was made")
    }

    /// The live session, paused at a gate.
    pub(super) fn session(&self) -> String {
        self.id(Hangs::Session).to_owned()
    }

    /// Sends the operation for its thing.
    pub(super) async fn send(&self, client: &Client, operation: &Operation) -> Answer {
        let mut path = String::new();
        for part in operation.template.split('/').skip(1) {
            path.push('/');
            path.push_str(match part {
                "{doc_type}" => "id_front",
                "{policy}" => "auto_approve",
                "{n}" | "{version}" => "1",
                "{key_id}" => "key_01k0000000000000000000000z",
                "{token}" => "tok_00000000000000000000000000000000",
                _ if part.starts_with('{') && operation.hangs == Hangs::Signature => {
                    self.id(Hangs::Session)
                }
                _ if part.starts_with('{') => self.id(operation.hangs),
                plain => plain,
            });
        }
        let call = client.call(operation.method.clone(), &path);
        if operation.template.ends_with("/documents") && operation.method == Method::POST {
            let file = Part::bytes(crate::images::small_png(1)).file_name("x");
            let form = Form::new().text("document_type", "id_front");
            return call.form(form.part("file", file)).await;
        }
        match operation.method {
            Method::GET => call.await,
            _ => call.json(json!({})).await,
        }
    }
}

/// The holder of every scope to whom things of a kind belong.
pub(super) fn owner_of(server: &TestServer, kind: Hangs) -> Client {
    match kind.environment() {
        _ if kind.is_the_operators() => server.operator(),
        "sandbox" => server.sandbox(),
        _ => server.live(),
    }
}

/// The case of a session whose gate sent it to a reviewer.
async fn case(owner: &Client) -> String {
    let session = paused_session(owner).await;
    owner.decide(&session, "fail").await;
    let found = owner.until(&session, "under_review").await;
    text(&found["case_id"])
}

/// An endpoint whose host exists nowhere (RFC 6761, `.invalid`): nothing is ever delivered.
async fn endpoint(owner: &Client) -> String {
    let body = json!({"url": "https://receiver.invalid/verifa"});
    let made = owner.post("/api/v1/webhooks/endpoints").json(body).await;
    text(&made.ok(201)["id"])
}

/// What was to be sent to such an endpoint when a session was made.
async fn delivery(owner: &Client) -> String {
    let endpoint = endpoint(owner).await;
    owner.session(json!({})).await;
    let path = format!("/api/v1/webhooks/endpoints/{endpoint}/deliveries");
    eventually("the session's event is fanned out", async || {
        let page = owner.get(&path).await.ok(200);
        page["data"].get(0).map(|delivery| text(&delivery["id"]))
    })
    .await
}

/// A key beside the one that asks.
async fn api_key(owner: &Client) -> String {
    let made = owner.post("/api/v1/api-keys").json(json!({})).await;
    text(&made.ok(201)["id"])
}

/// Another organization.
async fn organization(operator: &Client, name: &str) -> String {
    let body = json!({"name": name});
    let made = operator.post("/api/v1/organizations").json(body).await;
    text(&made.ok(201)["id"])
}

#[track_caller]
fn text(value: &Value) -> String {
    value.as_str().expect("an id").to_owned()
}
