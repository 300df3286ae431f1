//! Consent: recorded with the submission, demanded where the organization says so, and what is not
//! done without it.

use std::time::Duration;

use serde_json::json;
use verifa_app::AppError;
use verifa_app::sessions::CreateSession;
use verifa_core::id::SessionId;
use verifa_core::privacy::Consent;
use verifa_core::session::CheckResult;
use verifa_store::consents::{self, ConsentRecord};
use verifa_store::db::{Commit, Stmt};

use crate::harness::Bench;

async fn bench(settings: &'static str) -> Bench {
    let bench = Bench::new().await;
    let mut commit = Commit::new();
    let sql = "UPDATE organizations SET settings = ?1";
    commit.push(Stmt::new("test", sql, vec![settings.into()]));
    bench.app.db.commit(commit).await.unwrap();
    bench
}

async fn session(bench: &Bench) -> SessionId {
    let steps = json!([
        {"id": "face", "policy": "face_match", "on_fail": "continue"},
        {"id": "done", "policy": "auto_approve"}
    ]);
    let workflow = bench.workflow(steps).await;
    let command = CreateSession {
        workflow_id: Some(workflow.to_string()),
        ..CreateSession::default()
    };
    bench.session(command).await
}

fn consent(bench: &Bench, biometric: bool) -> Consent {
    Consent {
        version: "2026-01".to_owned(),
        given_at: bench.app.clock.now(),
        biometric,
        address: Some("203.0.113.7".parse().unwrap()),
    }
}

async fn submit(bench: &Bench, id: SessionId, given: Option<&Consent>) -> Result<(), AppError> {
    let submitted = bench
        .app
        .submit_session(&bench.actor, bench.tenant, id, None, given)
        .await?;
    bench.app.apply(submitted.commit).await?;
    Ok(())
}

async fn face_match(bench: &Bench, id: SessionId) -> (String, String) {
    let attempts = bench.app.verifications(bench.tenant, id).await.unwrap();
    let attempt = attempts
        .into_iter()
        .find(|attempt| attempt.record.policy == "face_match")
        .expect("an attempt");
    (attempt.record.status.to_string(), attempt.record.reasons)
}

#[tokio::test]
async fn a_submission_without_the_demanded_consent_names_it() {
    let bench = bench(r#"{"consent": {"required": true}}"#).await;
    let id = session(&bench).await;
    let Err(AppError::Invalid(faults)) = submit(&bench, id, None).await else {
        panic!("submitted without consent");
    };
    let named: Vec<_> = faults.iter().map(|fault| fault.field.as_str()).collect();
    assert_eq!(named, ["consent"]);
    submit(&bench, id, Some(&consent(&bench, false)))
        .await
        .unwrap();
    let rows = bench.app.db.query(consents::of_session(id)).await.unwrap();
    let record = ConsentRecord::from_row(&rows[0]).unwrap();
    assert_eq!(
        (record.version.as_str(), record.biometric),
        ("2026-01", false)
    );
    let session = bench.app.session(bench.tenant, id).await.unwrap();
    assert_eq!(session.private.consent_ip.as_deref(), Some("203.0.113.7"));
    assert!(!bench.files().windows(11).any(|part| part == b"203.0.113.7"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn biometric_checks_are_skipped_without_biometric_consent() {
    let bench = bench(r#"{"consent": {"biometric_required": true}}"#).await;
    let worker = bench.worker();
    for (given, status) in [
        (None, "skipped"),
        (Some(false), "skipped"),
        (Some(true), "passed"),
    ] {
        let id = session(&bench).await;
        let given = given.map(|biometric| consent(&bench, biometric));
        submit(&bench, id, given.as_ref()).await.unwrap();
        bench.until(id, "completed").await;
        let (found, reasons) = face_match(&bench, id).await;
        assert_eq!(found, status, "{reasons}");
        assert_eq!(
            reasons.contains("no_biometric_consent"),
            status == "skipped"
        );
    }
    worker.stop(Duration::from_secs(1)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_nobody_demands_it_the_check_runs() {
    let bench = bench("{}").await;
    bench.checks(|_| CheckResult::passed());
    let worker = bench.worker();
    let id = session(&bench).await;
    submit(&bench, id, None).await.unwrap();
    bench.until(id, "completed").await;
    assert_eq!(face_match(&bench, id).await.0, "passed");
    worker.stop(Duration::from_secs(1)).await;
}
