//! A program against the published API: the client crate and nothing else, against a real server.
//! That its types read what the server answers is what no description can prove.

use std::pin::pin;
use std::time::Duration;

use futures::StreamExt as _;
use serde_json::{Map, json};
use verifa_client::types::{
    CaseClaim, CaseNoteAdd, CaseReject, CreateSessionQuery, DownloadSessionDocumentQuery,
    ExportSessionQuery, ExternalDecision, GenerateOneTimeLinkQuery, GetSessionQuery,
    GetSessionWorkflowRunQuery, LegalHoldPlacement, ListSessionsQuery, OneTimeLinkCreate,
    SessionCreate, SessionSubmit, SessionTagsSet, SessionUpdate, UploadSessionDocumentForm,
    WebhookEndpointCreate, WorkflowCreate,
};
use verifa_client::{Client, Error};
use verifa_testkit::{TestServer, eventually};

use crate::images::small_png;
use crate::support::{gate_steps, server};

fn client(server: &TestServer) -> Client {
    let key = server.installation.printed["keys"]["live"].as_str();
    let address = format!("http://{}", server.address());
    let builder = Client::builder(&address).key(key.unwrap());
    builder.timeout(Duration::from_secs(30)).build().unwrap()
}

async fn until(client: &Client, session: &str, status: &str) {
    eventually(status, async || {
        let query = GetSessionQuery::default();
        let shown = client.get_session(session, &query).await.unwrap();
        (shown.status == status).then_some(())
    })
    .await;
}

/// A workflow with a gate, and a session on it with an image, that waits there.
async fn at_the_gate(client: &Client) -> String {
    let workflow = json!({"name": "By the client", "steps": gate_steps()});
    let workflow: WorkflowCreate = serde_json::from_value(workflow).unwrap();
    let workflow = client.create_workflow(&workflow).await.unwrap();
    let body = SessionCreate {
        workflow_id: Some(workflow.id),
        external_ref: Some("order-7".to_owned()),
        ..SessionCreate::default()
    };
    let query = CreateSessionQuery::default();
    let made = client.create_session(&query, &body).await.unwrap();
    assert_eq!(made.status, "pending");
    let form = UploadSessionDocumentForm {
        file: small_png(1),
        document_type: "id_front".to_owned(),
        id_type: None,
        poa_document_type: None,
        poa_document_date: None,
    };
    let image = client
        .upload_session_document(&made.id, form)
        .await
        .unwrap();
    assert_eq!(image.mime_type, "image/png");
    let submit = SessionSubmit::default();
    client.submit_session(&made.id, &submit).await.unwrap();
    until(client, &made.id, "awaiting_external").await;
    made.id
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_of_the_client_goes_all_the_way() {
    let server = server().await;
    let client = client(&server);
    let endpoint = json!({"url": "https://hooks.example.com/verifa"});
    let endpoint: WebhookEndpointCreate = serde_json::from_value(endpoint).unwrap();
    let endpoint = client.create_webhook_endpoint(&endpoint).await.unwrap();
    let session = at_the_gate(&client).await;

    // Its data.
    let update = SessionUpdate {
        metadata: Some(Map::from_iter([("plan".to_owned(), json!("gold"))])),
        ..SessionUpdate::default()
    };
    let updated = client.update_session(&session, &update).await.unwrap();
    assert_eq!(updated.metadata["plan"], "gold");
    let tags = vec!["vip".to_owned()];
    let tags = SessionTagsSet { tags };
    let tagged = client.set_session_tags(&session, &tags).await.unwrap();
    assert_eq!(tagged.tags, ["vip"]);
    let images = client.list_session_documents(&session).await.unwrap();
    assert_eq!(images.data.len(), 1);
    let signed = signature_of(&images.data[0].url);
    let bytes = client.download_session_document(&session, "id_front", &signed);
    assert_eq!(bytes.await.unwrap(), small_png(1));

    // Through the gate to a reviewer.
    let run = GetSessionWorkflowRunQuery::default();
    let run = client
        .get_session_workflow_run(&session, &run)
        .await
        .unwrap();
    assert_eq!(run.status, "paused");
    assert!(run.node_results.is_some() && run.graph_snapshot.is_some());
    let decision = ExternalDecision {
        decision: "fail".to_owned(),
        metadata: None,
        node: None,
    };
    let accepted = client.decide_external_gate(&session, &decision).await;
    assert_eq!(accepted.unwrap().session_id, session);
    until(&client, &session, "under_review").await;
    let again = client.decide_external_gate(&session, &decision).await;
    assert_eq!(refusal(again), (409, "conflict".to_owned()));
    let query = GetSessionQuery::default();
    let shown = client.get_session(&session, &query).await.unwrap();
    let case = shown.case_id.unwrap();
    let reviewer_id = "anna".to_owned();
    let claimed = client.claim_case(&case, &CaseClaim { reviewer_id }).await;
    assert_eq!(claimed.unwrap().assigned_to.as_deref(), Some("anna"));
    let note = CaseNoteAdd {
        text: "Looks copied.".to_owned(),
        reviewer_id: None,
    };
    assert_eq!(
        client.add_case_note(&case, &note).await.unwrap().text,
        note.text
    );
    let reject = CaseReject {
        rejection_reason_code: Some("document_tampered".to_owned()),
        ..CaseReject::default()
    };
    let rejected = client.reject_case(&case, &reject).await.unwrap();
    assert_eq!(rejected.status, "rejected");

    // What came of it.
    until(&client, &session, "completed").await;
    let result = client.get_session_result(&session).await.unwrap();
    assert_eq!(result.status, "rejected");
    let checks = client.list_session_verifications(&session).await.unwrap();
    assert!(checks.data.iter().all(|check| check.session_id == session));
    let report = client.get_session_report(&session).await.unwrap();
    assert!(report.starts_with(b"%PDF-"));
    let query = ListSessionsQuery {
        external_ref: Some("order-7".to_owned()),
        ..ListSessionsQuery::default()
    };
    let found: Vec<_> = pin!(client.list_sessions_stream(&query)).collect().await;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].as_ref().unwrap().id, session);

    // The person's data.
    let reason = "Az. 12 O 3/26".to_owned();
    let hold = LegalHoldPlacement { reason };
    let held = client.place_session_legal_hold(&session, &hold).await;
    assert!(held.is_ok());
    let refused = client.redact_session(&session).await;
    assert_eq!(refusal(refused), (409, "conflict".to_owned()));
    client.lift_session_legal_hold(&session).await.unwrap();
    let query = ExportSessionQuery::default();
    let export = client.export_session(&session, &query).await.unwrap();
    assert_eq!(export.case_notes.len(), 1);
    let redacted = client.redact_session(&session).await.unwrap();
    assert_eq!(redacted.documents_removed, 1);
    let run = GetSessionWorkflowRunQuery::default();
    let run = client.get_session_workflow_run(&session, &run).await;
    assert!(run.unwrap().node_results.is_none());
    let query = GetSessionQuery::default();
    assert!(client.get_session(&session, &query).await.is_ok());
    assert!(client.get_session_result(&session).await.is_ok());
    assert!(client.list_session_verifications(&session).await.is_ok());
    let certificate = client.get_session_erasure_certificate(&session).await;
    assert_eq!(certificate.unwrap().session_id, session);
    let bytes = client.download_session_document(&session, "id_front", &signed);
    assert_eq!(refusal(bytes.await).0, 410);
    let deleted = client.delete_webhook_endpoint(&endpoint.id).await.unwrap();
    assert_eq!(deleted.id, endpoint.id);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refusals_are_typed() {
    let server = server().await;
    let client = client(&server);
    let body = SessionCreate::default();
    let query = CreateSessionQuery::default();
    let made = client.create_session(&query, &body).await.unwrap();
    let link = OneTimeLinkCreate {
        expires_in_minutes: Some(5),
    };
    let query = GenerateOneTimeLinkQuery::default();
    let link = client.generate_one_time_link(&made.id, &query, &link).await;
    assert_eq!(link.unwrap().session_id, made.id);
    assert!(client.create_client_token(&made.id).await.is_ok());
    let risk = client.get_risk_assessment(&made.id).await;
    assert_eq!(refusal(risk), (404, "not_found".to_owned()));
    let update = SessionUpdate {
        external_ref: Some(Some("x".repeat(300))),
        ..SessionUpdate::default()
    };
    let Err(Error::Refused(refused)) = client.update_session(&made.id, &update).await else {
        panic!("an overlong reference was taken");
    };
    assert_eq!(refused.status_code, 422);
    assert_eq!(refused.errors[0].field, "external_ref");
    assert!(refused.request_id.is_some());
    let missing = client.get_session_result(&made.id).await;
    assert_eq!(refusal(missing).0, 404);
}

/// What a link to an image proves itself with.
fn signature_of(link: &str) -> DownloadSessionDocumentQuery {
    let url = reqwest::Url::parse(link).unwrap();
    let value = |wanted: &str| {
        let mut named = url.query_pairs();
        named.find_map(|(name, value)| (name == wanted).then(|| value.into_owned()))
    };
    DownloadSessionDocumentQuery {
        expires: value("expires").unwrap().parse().unwrap(),
        sig: value("sig").unwrap(),
        of: value("of"),
    }
}

#[track_caller]
fn refusal<T>(answer: Result<T, Error>) -> (u16, String) {
    match answer {
        Err(Error::Refused(refusal)) => (refusal.status_code, refusal.code),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it was accepted"),
    }
}
