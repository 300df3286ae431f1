//! One session from start to end: created, a specimen uploaded, judged, stopped at a gate, let
//! through, decided.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use serde_json::{Value, json};
use verifa_core::random::Random as _;
use verifa_core::time::Clock as _;
use verifa_specimen::{Damage, Holder, QuarterTurns, Specimen};

use super::client::Client;
use crate::system::{SystemClock, SystemRandom};
use crate::terminal;

/// How often the session's status is asked for: as an operator's server without webhooks would.
const ASK_EVERY: Duration = Duration::from_millis(20);
/// The longest wait for a status.
const WAIT: Duration = Duration::from_mins(2);

/// A step of the story and how long it took.
pub(super) struct Chapter {
    /// What was done.
    pub(super) title: &'static str,
    /// What came of it.
    pub(super) outcome: String,
    /// How long the caller waited.
    pub(super) took: Duration,
}

/// What is told.
pub(super) struct Story {
    /// The steps in order.
    pub(super) chapters: Vec<Chapter>,
    /// The run as the API shows it.
    pub(super) run: Value,
    /// The result as the API shows it.
    pub(super) result: Value,
}

struct Teller {
    chapters: Vec<Chapter>,
    began: Instant,
}

impl Teller {
    fn begin(&mut self, title: &'static str) {
        terminal::redraw(format_args!("  {title} …"));
        self.began = now();
    }

    fn end(&mut self, title: &'static str, outcome: impl Into<String>) {
        self.chapters.push(Chapter {
            title,
            outcome: outcome.into(),
            took: self.began.elapsed(),
        });
        terminal::redraw("");
    }
}

/// The start of a measurement of what the person at the terminal waits for.
fn now() -> Instant {
    Instant::now()
}

fn workflow() -> Value {
    json!({
        "name": "Quickstart: passport, age, and your own decision",
        "steps": [
            {"id": "scan", "type": "policy", "policy": "document_ocr", "on_fail": "reject"},
            {"id": "expiry", "type": "policy", "policy": "document_expiration", "on_fail": "reject"},
            {"id": "age", "type": "policy", "policy": "age_verification",
             "config": {"minimum_age": 18}, "on_fail": "reject"},
            {"id": "gate", "type": "external_gate",
             "config": {"timeout_minutes": 1440, "on_timeout": "review"}, "on_fail": "reject"},
            {"id": "decision", "type": "policy", "policy": "auto_approve"}
        ]
    })
}

/// Tells the story.
///
/// # Errors
/// When a call is refused or a status does not come.
pub(super) async fn tell(client: &Client) -> anyhow::Result<Option<Story>> {
    let mut teller = Teller {
        chapters: Vec::new(),
        began: now(),
    };

    let title = "Draw a specimen passport";
    teller.begin(title);
    let picture = tokio::task::spawn_blocking(specimen).await??;
    teller.end(
        title,
        format!("{} KB JPEG, nobody's data", picture.len() / 1024),
    );

    let title = "Create a workflow with a gate";
    teller.begin(title);
    let made = client.post("/api/v1/workflows", &workflow()).await?;
    let workflow = text(&made, "id")?;
    teller.end(title, workflow.clone());

    let title = "Create a session";
    teller.begin(title);
    let body = json!({ "workflow_id": workflow, "external_ref": "quickstart-1" });
    let session = client.post("/api/v1/sessions", &body).await?;
    let path = format!("/api/v1/sessions/{}", text(&session, "id")?);
    teller.end(title, text(&session, "id")?);

    let title = "Upload the passport";
    teller.begin(title);
    let document = client
        .upload(&format!("{path}/documents"), "id_front", picture)
        .await?;
    teller.end(title, text(&document, "mime_type")?);

    let title = "Submit; read and judge it";
    teller.begin(title);
    client.post(&format!("{path}/submit"), &json!({})).await?;
    let status = until(client, &path, &["awaiting_external"]).await?;
    teller.end(title, status);

    let title = "Answer the gate; decide";
    teller.begin(title);
    let decision = json!({ "decision": "continue", "metadata": { "core_banking": "ok" } });
    client
        .post(&format!("{path}/external-decision"), &decision)
        .await?;
    let status = until(client, &path, &["completed"]).await?;
    teller.end(title, status);

    let run = client.get(&format!("{path}/workflow-run")).await?;
    let result = client.get(&format!("{path}/result")).await?;
    Ok(Some(Story {
        chapters: teller.chapters,
        run,
        result,
    }))
}

/// A photograph of a passport that was drawn just now.
fn specimen() -> anyhow::Result<Vec<u8>> {
    let mut seed = [0; 8];
    SystemRandom.fill(&mut seed);
    let seed = u64::from_le_bytes(seed);
    let holder = Holder::example(seed, SystemClock.now().date());
    let photograph =
        Specimen::passport(seed, &holder)?.photograph(seed, Damage::Light, QuarterTurns::None);
    Ok(photograph.jpeg()?)
}

async fn until(client: &Client, path: &str, wanted: &[&str]) -> anyhow::Result<String> {
    let waited = now();
    loop {
        let session = client.get(path).await?;
        let status = text(&session, "status")?;
        if wanted.contains(&status.as_str()) {
            return Ok(status);
        }
        let going_on = matches!(status.as_str(), "processing" | "awaiting_external");
        anyhow::ensure!(
            going_on,
            "the session ended as `{status}`. hint: see the log above"
        );
        anyhow::ensure!(waited.elapsed() < WAIT, "the session is still `{status}`");
        tokio::time::sleep(ASK_EVERY).await;
    }
}

fn text(answer: &Value, field: &str) -> anyhow::Result<String> {
    let found = answer.get(field).and_then(Value::as_str);
    Ok(found
        .with_context(|| format!("an answer without `{field}`"))?
        .to_owned())
}
