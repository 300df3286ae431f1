//! The table of spec/sessions.md written out once more as text, and walks over it.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

/// `from | event | to`; `live` or `sandbox` where only one environment has the row. Written from the
/// specification's table, not from the code.
const TABLE: &str = "
- | created | pending
pending | capture_begun | capturing
pending | first_document_uploaded | capturing
pending | submitted | processing live
pending | submitted | sandbox_pending sandbox
capturing | submitted | processing live
capturing | submitted | sandbox_pending sandbox
processing | terminal_approved | completed
processing | terminal_rejected | completed
processing | terminal_needs_review | under_review
processing | gate_reached | awaiting_external
processing | workflow_broke | failed
awaiting_external | gate_decided | processing
awaiting_external | gate_timed_out | processing
under_review | case_approved | completed
under_review | case_rejected | completed
under_review | check_retried | processing
completed | check_retried | processing
failed | check_retried | processing
under_review | check_overridden | processing
completed | check_overridden | processing
failed | check_overridden | processing
completed | reprocessed | processing
failed | reprocessed | processing
completed | workflow_triggered | processing
failed | workflow_triggered | processing
pending | token_expired | expired
capturing | token_expired | expired
pending | expire_called | expired
capturing | expire_called | expired
processing | expire_called | expired
awaiting_external | expire_called | expired
under_review | expire_called | expired
sandbox_pending | expire_called | expired
pending | resumed | pending
capturing | resumed | pending
expired | resumed | pending
failed | resumed | pending
sandbox_pending | simulated approve | completed sandbox
sandbox_pending | simulated decline | completed sandbox
sandbox_pending | simulated require-review | under_review sandbox
sandbox_pending | simulated expire | expired sandbox
sandbox_pending | simulated run-workflow | processing sandbox
pending | simulated approve | completed sandbox
pending | simulated decline | completed sandbox
pending | simulated require-review | under_review sandbox
pending | simulated expire | expired sandbox
pending | simulated run-workflow | processing sandbox
capturing | simulated approve | completed sandbox
capturing | simulated decline | completed sandbox
capturing | simulated require-review | under_review sandbox
capturing | simulated expire | expired sandbox
capturing | simulated run-workflow | processing sandbox
processing | simulated approve | completed sandbox
processing | simulated decline | completed sandbox
processing | simulated expire | expired sandbox
awaiting_external | simulated approve | completed sandbox
awaiting_external | simulated decline | completed sandbox
awaiting_external | simulated expire | expired sandbox
under_review | simulated approve | completed sandbox
under_review | simulated decline | completed sandbox
under_review | simulated expire | expired sandbox
";

fn event_name(event: Event) -> String {
    let debug = match event {
        Event::Simulated(action) => return format!("simulated {action}"),
        other => format!("{other:?}"),
    };
    let mut name = String::new();
    for letter in debug.chars() {
        if letter.is_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.extend(letter.to_lowercase());
    }
    name
}

#[test]
fn every_pair_is_as_the_written_table_says() {
    let expected: BTreeSet<(String, String, String, bool)> = TABLE
        .lines()
        .filter(|line| !line.is_empty())
        .flat_map(|line| {
            let cells: Vec<&str> = line.split(" | ").collect();
            let (to, environments) = match cells[2].split_once(' ') {
                Some((to, "sandbox")) => (to, vec![true]),
                Some((to, _)) => (to, vec![false]),
                None => (cells[2], vec![false, true]),
            };
            environments
                .into_iter()
                .map(|sandbox| (cells[0].into(), cells[1].into(), to.into(), sandbox))
                .collect::<Vec<_>>()
        })
        .collect();
    let mut found = BTreeSet::new();
    for from in std::iter::once(None).chain(Status::ALL.iter().copied().map(Some)) {
        for event in Event::ALL {
            for sandbox in [false, true] {
                if let Ok(to) = transition(from, *event, sandbox) {
                    found.insert((
                        from.map_or("-", Status::as_str).to_owned(),
                        event_name(*event),
                        to.as_str().to_owned(),
                        sandbox,
                    ));
                }
            }
        }
    }
    assert_eq!(found, expected);
}

#[test]
fn expiry_is_due_only_before_processing() {
    let end = Timestamp::from_seconds(1_000);
    for status in Status::ALL {
        let open = matches!(status, Status::Pending | Status::Capturing);
        assert_eq!(due_expiry(*status, Some(end), end), open, "{status}");
        assert!(!due_expiry(
            *status,
            Some(end),
            Timestamp::from_seconds(999)
        ));
        assert!(!due_expiry(*status, None, end));
    }
}

fn walk() -> impl Strategy<Value = Vec<Event>> {
    prop::collection::vec(prop::sample::select(Event::ALL.to_vec()), 0..40)
}

proptest! {
    #[test]
    fn random_walks_keep_the_promises(events in walk(), sandbox: bool) {
        let mut status = transition(None, Event::Created, sandbox).unwrap();
        for event in events {
            let Ok(next) = transition(Some(status), event, sandbox) else { continue };
            if status.is_terminal() {
                let reopened = matches!(
                    event,
                    Event::CheckRetried | Event::CheckOverridden | Event::Reprocessed
                        | Event::WorkflowTriggered | Event::Resumed
                );
                prop_assert!(reopened, "{status} left by {event:?}");
            }
            prop_assert!(sandbox || next != Status::SandboxPending);
            prop_assert!(sandbox || !matches!(event, Event::Simulated(_)));
            // A session comes to its end with exactly one event that says so.
            let announces = event.webhook_events().iter().filter(|name| matches!(
                name,
                WebhookEvent::SessionApproved | WebhookEvent::SessionDeclined
                    | WebhookEvent::SessionExpired | WebhookEvent::SessionFailed
            )).count();
            prop_assert_eq!(announces == 1, next.is_terminal());
            status = next;
        }
    }
}
