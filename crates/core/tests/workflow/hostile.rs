//! Arbitrary input: the parsers answer, whatever comes, and what they let pass is sound.

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use verifa_core::session::{ApplicantFields, apply_aliases};
use verifa_core::workflow::{Content, Node, input};

use crate::properties::assert_well_formed;
use crate::support::{Catalog, POLICIES};

/// The words of the formats, so that random values get past the first look.
const WORDS: &[&str] = &[
    "name",
    "steps",
    "graph",
    "nodes",
    "entry",
    "type",
    "policy",
    "config",
    "on_fail",
    "onError",
    "on-skipped",
    "when",
    "goto",
    "id",
    "all",
    "any",
    "not",
    "field",
    "op",
    "value",
    "next",
    "passed",
    "failed",
    "branches",
    "default",
    "outcome",
    "document_ocr",
    "auto_approve",
    "parallel",
    "external_gate",
    "review",
    "reject",
    "extracted.age",
    "==",
    "in",
    "timeout_minutes",
    "fields",
    "data_requirements",
    "user_info",
    "address",
    "date_of_birth",
    "name-first",
    "é\u{0}",
];

fn word() -> impl Strategy<Value = String> {
    prop::sample::select(WORDS.to_vec()).prop_map(str::to_owned)
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        Just(serde_json::from_str("1e999").unwrap_or(Value::Null)),
        word().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 60, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((word(), inner), 0..6)
                .prop_map(|entries| Value::Object(entries.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// Nodes `n0` to `n5` of random types with random edges; most such graphs have offences.
fn any_nodes() -> impl Strategy<Value = Value> {
    let id = || (0_usize..6).prop_map(|number| format!("n{number}"));
    let node = (
        0_usize..6,
        0_usize..POLICIES.len(),
        id(),
        id(),
        prop::option::of(id()),
    )
        .prop_map(|(kind, policy, first, second, third)| match kind {
            0 => json!({"type": "wait", "next": {"continue": first, "fail": second}}),
            1 => json!({"type": "conditional", "default": first, "branches": [
                {"when": {"field": "session.country", "op": "exists"}, "next": second}]}),
            2 => json!({"type": "terminal", "outcome": "rejected"}),
            3 => json!({"type": "terminal", "outcome": "approved"}),
            _ => json!({"type": "policy", "policy": POLICIES[policy],
                "next": {"passed": first, "failed": second, "error": third}}),
        });
    prop::collection::vec(node, 1..6).prop_map(|nodes| {
        let mut map = Map::new();
        map.insert("n0".into(), json!({"type": "start", "next": "n1"}));
        map.extend(
            nodes
                .into_iter()
                .enumerate()
                .map(|(n, node)| (format!("n{}", n + 1), node)),
        );
        Value::Object(map)
    })
}

/// The same nodes with every edge turned forward, so that a good part of them is valid.
fn forward(mut nodes: Value) -> Value {
    let last = nodes.as_object().map_or(0, Map::len).saturating_sub(1);
    for position in 0..=last {
        let turn = |edge: &mut Value| {
            let number: Option<usize> = edge.as_str().and_then(|id| id.get(1..)?.parse().ok());
            if let Some(number) = number {
                *edge = json!(format!("n{}", (position + 1 + number % 2).min(last)));
            }
        };
        let node = &mut nodes[format!("n{position}")];
        if position == last {
            *node = json!({"type": "terminal", "outcome": "approved"});
            continue;
        }
        match node.get_mut("next") {
            Some(Value::Object(next)) => next.values_mut().for_each(turn),
            Some(next) => turn(next),
            None => {}
        }
        if let Some(branch) = node.get_mut("branches") {
            turn(&mut branch[0]["next"]);
            turn(&mut node["default"]);
        }
    }
    nodes
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn any_body_is_answered(body in any_json()) {
        let named = json!({"name": "n", "steps": body, "data_requirements": body, "screening_settings": body});
        for body in [&body, &named] {
            if let Err(faults) = input::create(body, &Catalog) {
                prop_assert!(!faults.is_empty());
                prop_assert!(faults.iter().all(|fault| !fault.field.contains('\0')));
            }
        }
        let _ = ApplicantFields::parse("fields", &body);
        if let Value::Object(mut map) = body {
            apply_aliases(&mut map);
        }
    }

    #[test]
    fn any_graph_is_refused_or_sound(nodes in any_nodes(), ahead: bool) {
        let nodes = if ahead { forward(nodes) } else { nodes };
        let content = Content::from_graph(json!({"entry": "n0", "nodes": nodes}));
        match content.compile(&Catalog) {
            Ok(compiled) => {
                assert_well_formed(&compiled.graph);
                let ends = compiled.graph.nodes.values();
                prop_assert!(ends.filter(|node| matches!(node, Node::Terminal(_))).count() > 0);
            }
            Err(faults) => prop_assert!(!faults.is_empty()),
        }
    }
}

#[test]
fn the_generator_makes_valid_graphs_too() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let valid = (0..300).filter(|_| {
        let nodes = forward(any_nodes().new_tree(&mut runner).unwrap().current());
        Content::from_graph(json!({"entry": "n0", "nodes": nodes}))
            .compile(&Catalog)
            .is_ok()
    });
    assert!(valid.count() > 20);
}
