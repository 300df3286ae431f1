//! What holds of every list of steps and of every run.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use verifa_core::session::{CheckResult, CheckStatus, Metadata, ResultStatus};
use verifa_core::workflow::{
    AUTO_POLICIES, Compiled, Content, ExternalDecision, Facts, Graph, Node, RunState, Step,
};

use crate::support::{Catalog, POLICIES, at, record};

/// A word for `on_fail` and its like; numbers are jumps that many steps ahead.
#[derive(Debug, Clone)]
enum Way {
    Word(&'static str),
    Ahead(usize),
}

#[derive(Debug, Clone)]
struct Draft {
    kind: usize,
    on_fail: Option<Way>,
    on_error: Option<Way>,
    on_skipped: Option<Way>,
    conditional: bool,
}

fn way() -> impl Strategy<Value = Option<Way>> {
    prop::option::of(prop_oneof![
        prop::sample::select(vec!["reject", "review", "continue"]).prop_map(Way::Word),
        (1_usize..4).prop_map(Way::Ahead),
    ])
}

fn drafts() -> impl Strategy<Value = (Vec<Draft>, Vec<&'static str>)> {
    let draft = (0_usize..6, way(), way(), way(), any::<bool>()).prop_map(
        |(kind, on_fail, on_error, on_skipped, conditional)| Draft {
            kind,
            on_fail,
            on_error,
            on_skipped,
            conditional,
        },
    );
    (
        prop::collection::vec(draft, 1..10),
        Just(POLICIES.to_vec()).prop_shuffle(),
    )
}

/// Valid steps of the drafts: policies each once, jumps that land.
fn steps((drafts, policies): &(Vec<Draft>, Vec<&'static str>)) -> Value {
    let mut policies = policies.iter();
    let count = drafts.len();
    let written = drafts.iter().enumerate().map_while(|(position, draft)| {
        let mut step = Map::new();
        step.insert("id".into(), json!(format!("n{position}")));
        let mut may_wait = true;
        match draft.kind {
            0 => {
                step.insert("type".into(), json!("external_gate"));
            }
            1 => {
                let names: Vec<_> = policies
                    .by_ref()
                    .take(2)
                    .filter(|name| **name != "auto_approve")
                    .collect();
                let group: Vec<Value> = names.iter().map(|name| json!({"policy": name})).collect();
                if group.is_empty() {
                    return None;
                }
                may_wait = !names.iter().any(|name| AUTO_POLICIES.contains(name));
                step.insert("type".into(), json!("parallel"));
                step.insert("steps".into(), json!(group));
            }
            _ => {
                let name = policies.next()?;
                may_wait = !AUTO_POLICIES.contains(name);
                step.insert("policy".into(), json!(name));
            }
        }
        let target = |way: &Option<Way>| match way {
            Some(Way::Word(word)) => Some(json!(word)),
            Some(Way::Ahead(steps)) if position + steps < count => {
                Some(json!({"goto": format!("n{}", position + steps)}))
            }
            _ => None,
        };
        let ways = [
            ("on_fail", &draft.on_fail),
            ("on_error", &draft.on_error),
            ("on_skipped", &draft.on_skipped),
        ];
        for (name, way) in ways.iter().take(if draft.kind == 0 { 1 } else { 3 }) {
            step.extend(target(way).map(|target| ((*name).to_owned(), target)));
        }
        if draft.conditional && may_wait {
            step.insert(
                "when".into(),
                json!({"field": "session.metadata.x", "op": "==", "value": 1}),
            );
        }
        Some(Value::Object(step))
    });
    let mut written: Vec<Value> = written.collect();
    // A list cut short may hold jumps beyond its end.
    let last = written.len();
    for step in &mut written {
        for name in ["on_fail", "on_error", "on_skipped"] {
            let target = step
                .get(name)
                .and_then(|way| way.get("goto")?.as_str()?.get(1..)?.parse::<usize>().ok());
            if target.is_some_and(|target| target >= last) {
                step[name] = json!("review");
            }
        }
    }
    Value::Array(written)
}

/// Every edge resolves, every node is reachable, nothing is cyclic, ends are ends.
pub(crate) fn assert_well_formed(graph: &Graph) {
    fn walk<'a>(
        graph: &'a Graph,
        id: &'a str,
        path: &mut Vec<&'a str>,
        done: &mut BTreeSet<&'a str>,
    ) {
        assert!(!path.contains(&id), "cycle through {id}");
        if !done.insert(id) {
            return;
        }
        path.push(id);
        let node = graph
            .nodes
            .get(id)
            .unwrap_or_else(|| panic!("no node {id}"));
        let edges = node.edges();
        assert_eq!(edges.is_empty(), matches!(node, Node::Terminal(_)), "{id}");
        for (_, target) in edges {
            walk(graph, target, path, done);
        }
        path.pop();
    }
    let mut done = BTreeSet::new();
    walk(graph, &graph.entry, &mut Vec::new(), &mut done);
    assert_eq!(done.len(), graph.nodes.len(), "unreachable nodes");
}

/// One random answer of the outside world.
#[derive(Debug, Clone, Copy)]
struct Answer {
    status: usize,
    score: u8,
    blocks: bool,
    decision: usize,
}

fn answers() -> impl Strategy<Value = Vec<Answer>> {
    let answer = (0_usize..9, any::<u8>(), any::<bool>(), 0_usize..4).prop_map(
        |(status, score, blocks, decision)| Answer {
            status,
            score,
            blocks,
            decision,
        },
    );
    prop::collection::vec(answer, 1..12)
}

fn check_result(answer: Answer, retries: bool) -> CheckResult {
    let status = match answer.status {
        0..=3 => CheckStatus::Passed,
        4 | 5 => CheckStatus::Failed,
        6 => CheckStatus::Skipped,
        7 => CheckStatus::Error,
        _ if retries => CheckStatus::RequiresRetry,
        _ => CheckStatus::Failed,
    };
    CheckResult {
        score: Some(f64::from(answer.score) / 2.56),
        route: answer.blocks.then_some(ResultStatus::Rejected),
        ..CheckResult::with_reason(status, "random", "for a test")
    }
}

/// Runs to the end; `store` sees the state between any two steps and gives it back.
fn run(
    compiled: &Compiled,
    facts: &Facts,
    answers: &[Answer],
    store: &dyn Fn(&RunState) -> RunState,
) -> (RunState, Step, usize) {
    let graph = &compiled.graph;
    let mut answers = answers.iter().copied().cycle();
    let mut state = store(&RunState::start(graph));
    let mut turns = 0;
    loop {
        let (advanced, step) = store(&state).advance(graph, facts);
        let (same, again) = advanced.clone().advance(graph, facts);
        assert_eq!(
            (&same, &again),
            (&advanced, &step),
            "advancing twice is not advancing once"
        );
        state = store(&advanced);
        turns += 1;
        let calls = match step {
            Step::RunCheck(call) => vec![call],
            Step::RunParallel { checks, .. } => checks,
            Step::PauseAtGate { node, .. } => {
                let answer = answers.next().unwrap();
                state = match ExternalDecision::ALL.get(answer.decision) {
                    Some(decision) => state
                        .decide(graph, Some(&node), *decision, Metadata::new(), at(1), "k")
                        .unwrap(),
                    None => state.time_out(graph, &node, at(1)).unwrap(),
                };
                continue;
            }
            end @ (Step::Finish(_) | Step::Broken { .. }) => return (state, end, turns),
        };
        for call in calls {
            let result = check_result(answers.next().unwrap(), call.retry < 4);
            state = store(&record(graph, state, &call, &result).0);
        }
    }
}

fn reloaded(state: &RunState) -> RunState {
    serde_json::from_str(&serde_json::to_string(state).unwrap()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn valid_steps_compile_to_sound_graphs(drafts in drafts()) {
        let steps = steps(&drafts);
        let compiled = Content::from_steps(steps.clone()).compile(&Catalog);
        let compiled = compiled.unwrap_or_else(|faults| panic!("{steps}: {faults:?}"));
        assert_well_formed(&compiled.graph);
        let text = serde_json::to_string(&compiled).unwrap();
        prop_assert_eq!(serde_json::from_str::<Compiled>(&text).unwrap(), compiled);
    }

    #[test]
    fn every_run_ends_once_and_survives_a_crash_between_any_two_steps(
        drafts in drafts(),
        answers in answers(),
        x in 0..2_i32,
        subset in prop::option::of(prop::sample::subsequence(POLICIES.to_vec(), 0..5)),
    ) {
        let compiled = Content::from_steps(steps(&drafts)).compile(&Catalog).unwrap();
        let facts = Facts {
            metadata: Metadata::from_iter([("x".to_owned(), json!(x))]),
            requested: subset.map(|names| names.into_iter().map(str::to_owned).collect()),
            screening: compiled.screening.clone(),
            ..Facts::default()
        };
        let (state, end, turns) = run(&compiled, &facts, &answers, &RunState::clone);
        // Each node at most five times (its retries), and the end.
        prop_assert!(turns <= compiled.graph.nodes.len() * 5 + 1, "{} turns", turns);
        prop_assert_eq!(run(&compiled, &facts, &answers, &reloaded), (state.clone(), end.clone(), turns));

        // No check was judged twice, and the screening was done before any approval.
        let mut judged = BTreeSet::new();
        for (_, result) in state.check_results() {
            prop_assert!(judged.insert(result.policy.clone()), "{:?} twice", result.policy);
        }
        if let Step::Finish(finish) = end {
            if finish.outcome == ResultStatus::Approved {
                for policy in AUTO_POLICIES {
                    let result = state.result_of(policy);
                    prop_assert!(result.is_some_and(|result| !result.passed_over()), "approved without {}", policy);
                }
            }
            prop_assert_eq!(
                finish.reason_code.is_some() || finish.outcome != ResultStatus::Rejected,
                true
            );
            prop_assert_eq!(finish.because.is_empty(), finish.outcome == ResultStatus::Approved);
        }
    }
}
