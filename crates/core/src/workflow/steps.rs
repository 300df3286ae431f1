//! The steps format: an ordered list, as most operators write a workflow.

use std::collections::BTreeMap;

use serde_json::Value;

use super::condition::Condition;
use super::graph::{GateConfig, MAXIMUM_GATE_MINUTES, OnTimeout, PolicyCall};
use crate::fault::{Fault, FaultCode};
use crate::object::{Object, required, unknown_value, wrong_type};

/// Most nodes of a graph, and most steps of a list.
pub const MAXIMUM_NODES: usize = 200;
/// Most characters of a node's id.
pub const MAXIMUM_ID: usize = 64;

/// Where a step leads when it doesn't pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Action {
    /// To a rejection.
    Reject,
    /// To a review.
    Review,
    /// To the next step.
    Continue,
    /// To a later step.
    Goto(String),
    /// Nowhere: the session fails. Only of `on_error`.
    FailSession,
}

/// A check and where it stands in the JSON.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PlacedCall {
    pub(crate) path: String,
    pub(crate) call: PolicyCall,
}

/// What a step does.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum StepKind {
    /// One check.
    Policy(PlacedCall),
    /// An external gate.
    Gate(GateConfig),
    /// Checks side by side.
    Parallel(Vec<PlacedCall>),
}

/// One step, defaults filled in.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Step {
    /// Where it stands in the JSON.
    pub(crate) path: String,
    pub(crate) id: String,
    pub(crate) kind: StepKind,
    pub(crate) on_fail: Action,
    pub(crate) on_error: Action,
    /// Absent: as `on_fail`.
    pub(crate) on_skipped: Option<Action>,
    pub(crate) when: Option<Condition>,
}

/// Reads a list of steps. A step that can't be read is left out of the answer.
pub(crate) fn parse_steps(path: &str, value: &Value, faults: &mut Vec<Fault>) -> Vec<Step> {
    let Value::Array(items) = value else {
        faults.push(wrong_type(path, "a list of steps"));
        return Vec::new();
    };
    if items.is_empty() {
        // Nothing to check would approve everybody: that has to be said, not left out.
        let message = "A workflow needs a step; to approve without any check, place auto_approve.";
        faults.push(Fault::new(path, FaultCode::Required, message));
        return Vec::new();
    }
    if items.len() > MAXIMUM_NODES {
        faults.push(too_many_nodes(path));
        return Vec::new();
    }
    let mut steps = Vec::new();
    let mut positions = BTreeMap::new();
    for (position, item) in items.iter().enumerate() {
        let path = format!("{path}[{position}]");
        if let Some(id) = declared_id(item)
            && positions.insert(id, position).is_some()
        {
            let message = "Another step has the same id.";
            faults.push(Fault::new(
                format_args!("{path}.id"),
                FaultCode::Duplicate,
                message,
            ));
        }
        let step = parse_step(&path, item, faults);
        steps.extend(step.map(|step| (position, step)));
    }
    for (position, step) in &steps {
        check_jumps(*position, step, &positions, faults);
    }
    steps.into_iter().map(|(_, step)| step).collect()
}

/// The id of a step, even of one that has offences: jumps to it are not wrong as well.
fn declared_id(item: &Value) -> Option<&str> {
    ["id", "policy", "type"]
        .iter()
        .find_map(|name| item.get(name)?.as_str())
}

pub(crate) fn too_many_nodes(path: &str) -> Fault {
    let message = format!("A workflow may have at most {MAXIMUM_NODES} nodes.");
    Fault::new(path, FaultCode::TooMany, message)
}

/// A jump goes to a later step.
fn check_jumps(
    position: usize,
    step: &Step,
    positions: &BTreeMap<&str, usize>,
    faults: &mut Vec<Fault>,
) {
    let actions = [
        ("on_fail", Some(&step.on_fail)),
        ("on_error", Some(&step.on_error)),
        ("on_skipped", step.on_skipped.as_ref()),
    ];
    for (name, action) in actions {
        let Some(Action::Goto(target)) = action else {
            continue;
        };
        let (code, message) = match positions.get(target.as_str()) {
            None => (FaultCode::UnknownReference, "No step has this id."),
            Some(there) if *there <= position => {
                (FaultCode::NotForward, "A jump must go to a later step.")
            }
            Some(_) => continue,
        };
        faults.push(Fault::new(
            format_args!("{}.{name}.goto", step.path),
            code,
            message,
        ));
    }
}

fn parse_step(path: &str, value: &Value, faults: &mut Vec<Fault>) -> Option<Step> {
    let mut object = Object::open(path, value, faults)?;
    let kind = object.text("type", faults).unwrap_or("policy");
    let id = object.text("id", faults);
    let kind = match kind {
        "policy" => {
            let call = parse_policy(&mut object, faults);
            let path = path.to_owned();
            call.map(|call| StepKind::Policy(PlacedCall { path, call }))
        }
        "external_gate" => Some(StepKind::Gate(parse_gate_config(&mut object, faults))),
        "parallel" => parse_group(&mut object, faults).map(StepKind::Parallel),
        _ => {
            let known = &["policy", "external_gate", "parallel"];
            faults.push(unknown_value(object.at("type"), known));
            return None;
        }
    };
    let on_fail = parse_action(&mut object, "on_fail", false, faults).unwrap_or(Action::Review);
    // A gate has no third outcome: naming one is a mistake, not a default.
    let (on_error, on_skipped) = if matches!(kind, Some(StepKind::Gate(_))) {
        (None, None)
    } else {
        let on_error = parse_action(&mut object, "on_error", true, faults);
        (
            on_error,
            parse_action(&mut object, "on_skipped", false, faults),
        )
    };
    let when = object.get("when").map(|value| (object.at("when"), value));
    let when = when.and_then(|(path, value)| Condition::parse(&path, value, faults));
    let id_path = object.at("id");
    object.refuse_unknown(faults);

    let kind = kind?;
    let id = id.unwrap_or(match &kind {
        StepKind::Policy(placed) => &placed.call.policy,
        StepKind::Gate(_) => "external_gate",
        StepKind::Parallel(_) => "parallel",
    });
    check_id(&id_path, id, faults);
    Some(Step {
        path: path.to_owned(),
        id: id.to_owned(),
        kind,
        on_fail,
        on_error: on_error.unwrap_or(Action::FailSession),
        on_skipped,
        when,
    })
}

/// The id of a node that an operator made: it never begins with `_`, and has no dots, so that
/// `<node>.<edge>` and condition paths can be taken apart.
pub(crate) fn check_id(path: &str, id: &str, faults: &mut Vec<Fault>) {
    let mut bytes = id.bytes();
    let first = bytes
        .next()
        .is_some_and(|byte| byte.is_ascii_alphanumeric());
    let rest = bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
    if !first || !rest || id.len() > MAXIMUM_ID {
        faults.push(Fault::new(
            path,
            FaultCode::Invalid,
            "An id has 1 to 64 letters, digits, `-` and `_`, and begins with a letter or a digit.",
        ));
    }
}

/// The `policy` and `config` of the object at hand.
pub(crate) fn parse_policy(object: &mut Object<'_>, faults: &mut Vec<Fault>) -> Option<PolicyCall> {
    let policy = object.required_text("policy", faults);
    let config = object.map("config", faults).cloned().unwrap_or_default();
    Some(PolicyCall {
        policy: policy?.to_owned(),
        config: Value::Object(config),
    })
}

/// The `config` of a gate.
pub(crate) fn parse_gate_config(object: &mut Object<'_>, faults: &mut Vec<Fault>) -> GateConfig {
    let mut config = GateConfig::default();
    let Some(value) = object.get("config") else {
        return config;
    };
    let Some(mut inner) = Object::open(&object.at("config"), value, faults) else {
        return config;
    };
    if let Some(minutes) = inner.integer("timeout_minutes", 1..=MAXIMUM_GATE_MINUTES, faults) {
        config.timeout_minutes = minutes;
    }
    let words = &["continue", "fail", "reject", "review"];
    config.on_timeout = inner
        .word("on_timeout", words, faults)
        .unwrap_or(OnTimeout::Review);
    inner.refuse_unknown(faults);
    config
}

/// The checks of a parallel step: policies only, routed by the group.
fn parse_group(object: &mut Object<'_>, faults: &mut Vec<Fault>) -> Option<Vec<PlacedCall>> {
    if !object.has("steps") {
        faults.push(required(object.at("steps")));
    }
    let path = object.at("steps");
    let items = object.list("steps", faults)?;
    check_group_size(&path, items.len(), faults)?;
    let mut calls = Vec::new();
    let mut ids = Vec::new();
    for (position, item) in items.iter().enumerate() {
        let path = format!("{path}[{position}]");
        let Some(mut inner) = Object::open(&path, item, faults) else {
            continue;
        };
        if inner
            .text("type", faults)
            .is_some_and(|kind| kind != "policy")
        {
            faults.push(Fault::new(
                inner.at("type"),
                FaultCode::Invalid,
                "A parallel group holds policies only.",
            ));
        }
        let id = inner.text("id", faults);
        if let Some(id) = id {
            check_id(&inner.at("id"), id, faults);
            if ids.contains(&id) {
                faults.push(Fault::new(
                    inner.at("id"),
                    FaultCode::Duplicate,
                    "The same id twice.",
                ));
            }
            ids.push(id);
        }
        let call = parse_policy(&mut inner, faults);
        calls.extend(call.map(|call| PlacedCall { path, call }));
        inner.refuse_unknown(faults);
    }
    Some(calls)
}

/// A group has 1 to [`MAXIMUM_NODES`] checks.
pub(crate) fn check_group_size(path: &str, size: usize, faults: &mut Vec<Fault>) -> Option<()> {
    if (1..=MAXIMUM_NODES).contains(&size) {
        return Some(());
    }
    let message = format!("A group has 1 to {MAXIMUM_NODES} checks.");
    faults.push(Fault::new(path, FaultCode::OutOfRange, message));
    None
}

fn parse_action(
    object: &mut Object<'_>,
    name: &'static str,
    of_error: bool,
    faults: &mut Vec<Fault>,
) -> Option<Action> {
    let path = object.at(name);
    match object.get(name)? {
        Value::String(word) => match word.as_str() {
            "reject" => Some(Action::Reject),
            "review" => Some(Action::Review),
            "continue" => Some(Action::Continue),
            "fail_session" if of_error => Some(Action::FailSession),
            _ if of_error => {
                let known = &[
                    "reject",
                    "review",
                    "continue",
                    "fail_session",
                    "{\"goto\": id}",
                ];
                faults.push(unknown_value(path, known));
                None
            }
            _ => {
                faults.push(unknown_value(
                    path,
                    &["reject", "review", "continue", "{\"goto\": id}"],
                ));
                None
            }
        },
        value @ Value::Object(_) => {
            let mut inner = Object::open(&path, value, faults)?;
            let target = inner.required_text("goto", faults);
            inner.refuse_unknown(faults);
            target.map(|target| Action::Goto(target.to_owned()))
        }
        _ => {
            faults.push(wrong_type(path, "a word or {\"goto\": id}"));
            None
        }
    }
}
