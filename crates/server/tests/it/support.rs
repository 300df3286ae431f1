//! What most stories begin with.

use serde_json::{Value, json};
use verifa_testkit::{Client, Options, TestServer};

/// The binary under test.
pub(crate) const VERIFA: &str = env!("CARGO_BIN_EXE_verifa");
/// The list of sessions, and where new ones are made.
pub(crate) const SESSIONS: &str = "/api/v1/sessions";
/// The list of workflows.
pub(crate) const WORKFLOWS: &str = "/api/v1/workflows";

/// A server as `init` and `serve` make it, without models.
pub(crate) async fn server() -> TestServer {
    TestServer::start(VERIFA, &Options::default()).await
}

/// A server and the holder of its live key.
pub(crate) async fn server_and_live() -> (TestServer, Client) {
    let server = server().await;
    let live = server.live();
    (server, live)
}

/// One gate, then approved: a session reaches it with nothing handed in.
pub(crate) fn gate_steps() -> Value {
    json!([
        {"id": "gate", "type": "external_gate", "on_fail": "review"},
        {"id": "done", "policy": "auto_approve"}
    ])
}

/// A workflow of [`gate_steps`] and a session on it, paused at the gate.
pub(crate) async fn paused_session(client: &Client) -> String {
    let workflow = client.workflow(gate_steps()).await;
    paused_on(client, &workflow).await
}

/// A session on a workflow, submitted, paused at its first gate.
pub(crate) async fn paused_on(client: &Client, workflow: &str) -> String {
    let session = client.session(json!({"workflow_id": workflow})).await;
    client.run_until(&session, "awaiting_external").await;
    session
}

/// The names of an object's fields, sorted.
#[track_caller]
pub(crate) fn fields(object: &Value) -> Vec<&str> {
    let object = object.as_object().expect("an object");
    let mut names: Vec<&str> = object.keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}

/// Checks that an object has these fields and no others; `names` are separated by spaces.
#[track_caller]
pub(crate) fn assert_fields(object: &Value, names: &str) {
    let mut wanted: Vec<&str> = names.split_whitespace().collect();
    wanted.sort_unstable();
    assert_eq!(fields(object), wanted, "{object}");
}

/// The ids of a page's items.
#[track_caller]
pub(crate) fn ids(page: &Value) -> Vec<String> {
    let data = page["data"].as_array().expect("a page");
    data.iter()
        .map(|item| item["id"].as_str().expect("an id").to_owned())
        .collect()
}

/// Checks the form of a time: `2026-02-01T12:00:00Z`, with or without milliseconds.
#[track_caller]
pub(crate) fn assert_time(value: &Value) {
    let text = value
        .as_str()
        .unwrap_or_else(|| panic!("{value} is no time"));
    let form: String = text
        .chars()
        .map(|c| if c.is_ascii_digit() { '0' } else { c })
        .collect();
    assert!(
        ["0000-00-00T00:00:00Z", "0000-00-00T00:00:00.000Z"].contains(&form.as_str()),
        "{text} is no time of the contract"
    );
}

/// Checks the form of an id: the prefix and 26 characters of Crockford's base32 in lower case.
#[track_caller]
pub(crate) fn assert_id(value: &Value, prefix: &str) {
    let text = value.as_str().unwrap_or_default();
    let rest = text
        .strip_prefix(prefix)
        .unwrap_or_else(|| panic!("{value} is no {prefix} id"));
    let crockford = |c: char| c.is_ascii_digit() || (c.is_ascii_lowercase() && !"ilou".contains(c));
    assert!(rest.len() == 26 && rest.chars().all(crockford), "{value}");
}

/// A well-formed id of nothing.
pub(crate) fn unknown_id(prefix: &str) -> String {
    format!("{prefix}01k0000000000000000000000z")
}
