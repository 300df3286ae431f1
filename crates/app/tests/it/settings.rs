//! What an organization's settings do to what is shown and kept.

use std::time::Duration;

use serde_json::{Value, json};
use verifa_checks::ExtractedData;
use verifa_core::id::{Id, SessionId};
use verifa_core::session::CheckResult;
use verifa_store::counters;
use verifa_store::outbox::{self, OutboxRecord};
use verifa_vault::Place;

use crate::harness::Bench;

async fn set(bench: &Bench, body: Value) {
    let changed = bench.app.update_settings(&bench.actor, &body).await;
    bench.apply(changed).await;
}

/// The body of an event of a session whose key still lives.
async fn body_of(bench: &Bench, id: SessionId, event: &str) -> Value {
    let session = bench.app.session(bench.tenant, id).await.unwrap();
    for row in bench.app.db.query(outbox::of_session(id)).await.unwrap() {
        let record = OutboxRecord::from_row(&row).unwrap();
        if record.event == event {
            let place = Place::new("outbox_events", "sealed", record.id.uuid());
            let text = session.key().unwrap().open(&place, &record.sealed.unwrap());
            return serde_json::from_slice(&text.unwrap()).unwrap();
        }
    }
    panic!("{event} was not told")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_filter_governs_every_place_that_shows_what_was_read() {
    let bench = Bench::new().await;
    bench.reads(ExtractedData {
        first_name: Some("Tessa".to_owned()),
        last_name: Some("Testwoman".to_owned()),
        document_number: Some("L01X00T47".to_owned()),
        ..ExtractedData::default()
    });
    bench.checks(|policy| {
        let mut result = CheckResult::passed();
        if policy == "document_ocr" {
            result.details = json!({
                "fields": {"first_name": {"value": "Tessa"}, "last_name": {"value": "Testwoman"}},
                "mrz": {"lines": ["P<UTOTESTWOMAN<<TESSA"]},
            });
        }
        result
    });
    set(&bench, json!({"api_pii_fields": ["first_name"]})).await;
    let worker = bench.worker();
    let steps = json!([{"id": "scan", "policy": "document_ocr"},
        {"id": "done", "policy": "auto_approve"}]);
    let id = bench.submitted(steps).await;
    bench.until(id, "completed").await;

    let shown = json!({"first_name": "Tessa"});
    let result = bench.app.result(bench.tenant, id).await.unwrap();
    assert_eq!(json!(result.stored.extracted_data), shown);
    let told = body_of(&bench, id, "session.approved").await;
    assert_eq!(told["result"]["extracted_data"], shown);
    let details = async || {
        let checks = bench.app.verifications(bench.tenant, id).await.unwrap();
        let mut checks = checks.into_iter();
        let scan = checks.find(|check| check.record.policy == "document_ocr");
        scan.unwrap().details
    };
    assert_eq!(
        details().await,
        json!({"fields": {"first_name": {"value": "Tessa"}}})
    );
    // What is kept is whole: the filter is lifted, and everything is there again.
    set(&bench, json!({"api_pii_fields": null})).await;
    let result = bench.app.result(bench.tenant, id).await.unwrap();
    assert_eq!(result.stored.extracted_data.len(), 3);
    assert!(details().await["mrz"].is_object());
    worker.stop(Duration::from_secs(1)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_counts_of_former_days_are_forgotten() {
    let bench = Bench::new().await;
    let today = bench.app.clock.now().date();
    let days = [
        "2020-01-01".to_owned(),
        today.saturating_sub(jiff::Span::new().days(2)).to_string(),
        today.saturating_sub(jiff::Span::new().days(1)).to_string(),
        today.to_string(),
    ];
    for day in &days {
        let name = format!("{}:{day}", verifa_app::engine::DAILY_VERIFICATIONS);
        let counted = counters::add(bench.tenant, &name, 3, 1);
        bench.app.db.write(counted).await.unwrap();
    }
    bench.app.plan_work(true).await.unwrap();
    let worker = bench.worker();
    let kept = async || {
        bench
            .rows("SELECT name FROM counters WHERE name LIKE 'quota.%' ORDER BY name")
            .await
    };
    for _ in 0..400 {
        if kept().await.len() == 2 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let wanted = days[2..]
        .iter()
        .map(|day| format!("quota.verifications:{day}"));
    assert_eq!(kept().await, wanted.collect::<Vec<_>>());
    worker.stop(Duration::from_secs(1)).await;
}
