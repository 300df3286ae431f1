//! One session from start to end: created, a specimen uploaded, judged, stopped at a gate, let
//! through, decided.

use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};
use verifa_client::Client;
use verifa_client::types::{
    CreateSessionQuery, ExternalDecision, GetSessionQuery, GetSessionWorkflowRunQuery,
    Result as Decision, SessionCreate, SessionSubmit, UploadSessionDocumentForm, WorkflowCreate,
    WorkflowRun,
};
use verifa_core::random::Random as _;
use verifa_core::time::Clock as _;
use verifa_specimen::{Damage, Holder, QuarterTurns, Specimen};

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
    pub(super) run: WorkflowRun,
    /// The result as the API shows it.
    pub(super) result: Decision,
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
    let body: WorkflowCreate = serde_json::from_value(workflow())?;
    let workflow = client.create_workflow(&body).await?.id;
    teller.end(title, workflow.clone());

    let title = "Create a session";
    teller.begin(title);
    let body = SessionCreate {
        workflow_id: Some(workflow),
        external_ref: Some("quickstart-1".to_owned()),
        ..SessionCreate::default()
    };
    let session = client
        .create_session(&CreateSessionQuery::default(), &body)
        .await?
        .id;
    teller.end(title, session.clone());

    let title = "Upload the passport";
    teller.begin(title);
    let form = UploadSessionDocumentForm {
        file: picture,
        document_type: "id_front".to_owned(),
        id_type: None,
        poa_document_type: None,
        poa_document_date: None,
    };
    let document = client.upload_session_document(&session, form).await?;
    teller.end(title, document.mime_type);

    let title = "Submit; read and judge it";
    teller.begin(title);
    let body = SessionSubmit::default();
    client.submit_session(&session, &body).await?;
    let status = until(client, &session, &["awaiting_external"]).await?;
    teller.end(title, status);

    let title = "Answer the gate; decide";
    teller.begin(title);
    let decision = ExternalDecision {
        decision: "continue".to_owned(),
        metadata: Some(Map::from_iter([("core_banking".to_owned(), json!("ok"))])),
        node: None,
    };
    client.decide_external_gate(&session, &decision).await?;
    let status = until(client, &session, &["completed"]).await?;
    teller.end(title, status);

    let run = client
        .get_session_workflow_run(&session, &GetSessionWorkflowRunQuery::default())
        .await?;
    let result = client.get_session_result(&session).await?;
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

async fn until(client: &Client, session: &str, wanted: &[&str]) -> anyhow::Result<String> {
    let waited = now();
    let query = GetSessionQuery::default();
    loop {
        let status = client.get_session(session, &query).await?.status;
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
