//! `auto_approve`: what passes, what a person has to look at, what is rejected.

use serde_json::{Value, json};
use verifa_checks::{CheckInput, Earlier};
use verifa_core::session::{CheckStatus, ResultStatus};

use crate::support::{input, run, verdict};

fn earlier(policy: &str, status: CheckStatus, reasons: &[&str]) -> Earlier {
    Earlier {
        policy: policy.to_owned(),
        auto: false,
        status,
        reasons: reasons.iter().map(ToString::to_string).collect(),
        passed_over: false,
        finding: None,
    }
}

/// Status and route of a decision over `document_ocr` passed and one more check.
fn decide(other: Earlier, config: Value) -> (CheckStatus, Option<ResultStatus>) {
    let earlier = vec![earlier("document_ocr", CheckStatus::Passed, &[]), other];
    let outcome = run("auto_approve", &CheckInput { earlier, ..input() }, config);
    (outcome.result.status, outcome.result.route)
}

const PASS: (CheckStatus, Option<ResultStatus>) = (CheckStatus::Passed, None);
const DOUBT: (CheckStatus, Option<ResultStatus>) = (CheckStatus::Failed, None);
const BLOCK: (CheckStatus, Option<ResultStatus>) =
    (CheckStatus::Failed, Some(ResultStatus::Rejected));

#[test]
fn it_passes_when_everything_passed() {
    assert_eq!(
        decide(
            earlier("age_verification", CheckStatus::Passed, &[]),
            json!({})
        ),
        PASS
    );
    assert_eq!(
        run("auto_approve", &input(), json!({})).result.status,
        CheckStatus::Passed
    );
}

#[test]
fn whatever_did_not_pass_is_a_doubt() {
    for status in [
        CheckStatus::Failed,
        CheckStatus::Error,
        CheckStatus::Skipped,
        CheckStatus::RequiresRetry,
        CheckStatus::Pending,
    ] {
        assert_eq!(
            decide(earlier("age_verification", status, &[]), json!({})),
            DOUBT,
            "{status}"
        );
    }
}

#[test]
fn what_was_passed_over_and_skipped_insertions_are_no_doubt() {
    let over = Earlier {
        passed_over: true,
        ..earlier("age_verification", CheckStatus::Skipped, &["condition"])
    };
    assert_eq!(
        decide(over, json!({"reject_on": ["age_verification"]})),
        PASS
    );
    let inserted = Earlier {
        auto: true,
        ..earlier(
            "watchlist_screening",
            CheckStatus::Skipped,
            &["not_available"],
        )
    };
    assert_eq!(
        decide(inserted, json!({"review_on": ["watchlist_screening"]})),
        PASS
    );
}

#[test]
fn findings_of_inserted_checks_decide_as_the_settings_say() {
    let found = |status, finding| Earlier {
        auto: true,
        finding,
        ..earlier("identity_crossref", status, &["identity_mismatch"])
    };
    assert_eq!(decide(found(CheckStatus::Failed, None), json!({})), PASS);
    let review = found(CheckStatus::Failed, Some(ResultStatus::NeedsReview));
    assert_eq!(decide(review, json!({})), DOUBT);
    let reject = found(CheckStatus::Failed, Some(ResultStatus::Rejected));
    assert_eq!(decide(reject, json!({})), BLOCK);
}

#[test]
fn operators_choose_what_rejects_and_what_needs_a_look() {
    let expired = || {
        earlier(
            "document_expiration",
            CheckStatus::Failed,
            &["document_expired"],
        )
    };
    assert_eq!(
        decide(expired(), json!({"reject_on": ["document_expiration"]})),
        BLOCK
    );
    assert_eq!(
        decide(expired(), json!({"reject_on": ["document_expired"]})),
        BLOCK
    );
    assert_eq!(decide(expired(), json!({"reject_on": ["underage"]})), DOUBT);
    let noted = || {
        earlier(
            "document_expiration",
            CheckStatus::Passed,
            &["expired_within_allowance"],
        )
    };
    assert_eq!(decide(noted(), json!({})), PASS);
    assert_eq!(
        decide(noted(), json!({"review_on": ["expired_within_allowance"]})),
        DOUBT
    );
    let both = json!({"review_on": ["document_expired"], "reject_on": ["document_expired"]});
    assert_eq!(decide(expired(), both), BLOCK);
    assert_eq!(
        decide(noted(), json!({"review_on": ["document_expiration"]})),
        PASS
    );
}

#[test]
fn it_says_what_decided_worst_first() {
    let earlier = vec![
        earlier("age_verification", CheckStatus::Error, &["timeout"]),
        earlier(
            "document_expiration",
            CheckStatus::Failed,
            &["document_expired"],
        ),
    ];
    let config = json!({"reject_on": ["document_expired"]});
    let outcome = run("auto_approve", &CheckInput { earlier, ..input() }, config);
    assert_eq!(verdict(&outcome).1, ["blocked", "doubt"]);
    let decided = &outcome.result.details["decided_by"];
    assert_eq!(decided[0]["policy"], "document_expiration");
    assert_eq!(decided[1]["effect"], "doubt");
    assert_eq!(outcome.result.details["considered"], 2);
}
