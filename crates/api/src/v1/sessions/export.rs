//! `GET /api/v1/sessions/{id}/export`

use axum::extract::State;
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use verifa_app::page::PageRequest;
use verifa_app::sessions::{
    Audience, ExportedConsent, ExportedDocument, ExportedEvent, ExportedRun, ExportedTold,
    SessionExport, tells_hits, told_to_subject,
};
use verifa_app::webhooks::Delivery;
use verifa_core::id::{AuditEventId, RunId, SessionId};
use verifa_core::privacy::ConsentSource;
use verifa_core::session::{DocumentType, IdKind};
use verifa_core::time::Timestamp;

use super::result::ResultView;
use super::verifications::VerificationView;
use super::view::SessionView;
use crate::acting::Acting;
use crate::api_state::ApiState;
use crate::error::ApiError;
use crate::inflection::Fields;
use crate::page::Query;
use crate::path::IdPath;
use crate::respond::{Found, answers};
use crate::v1::cases::notes::NoteView;
use crate::v1::cases::view::CaseView;
use crate::v1::webhooks::view::DeliveryView;

/// Everything that is held about the person of a session.
#[derive(Serialize, ToSchema)]
#[schema(as = SessionExport)]
pub struct ExportView {
    /// As of when.
    #[schema(value_type = String, format = DateTime)]
    exported_at: Timestamp,
    /// `operator` or `subject`.
    #[schema(example = "operator")]
    audience: &'static str,
    /// The session, with its metadata.
    session: SessionView,
    /// The result with all that was read, whatever the filter of personal fields says.
    result: Option<ResultView>,
    /// The images, each with a link that lives 24 hours.
    documents: Vec<DocumentExport>,
    /// The screening and its hits; not for the subject.
    #[schema(value_type = Option<Object>)]
    screening: Option<Fields>,
    /// The review case.
    review_case: Option<CaseView>,
    /// The reviewers' notes, oldest first; not for the subject.
    case_notes: Vec<NoteView>,
    /// Signals of fraud.
    #[schema(value_type = Vec<Object>)]
    fraud_signals: Vec<Fields>,
    /// What was sent to receivers, and what they answered; newest first.
    webhook_deliveries: Vec<DeliveryView>,
    /// Every event that was told, whoever received it.
    webhook_events: Vec<ToldExport>,
    /// What the operator and the person said of the person.
    #[schema(value_type = Object)]
    applicant: Fields,
    /// The person's consents, oldest first.
    consents: Vec<ConsentExport>,
    /// The person's objection to the decision.
    contest: Option<ContestExport>,
    /// Every attempt of every check.
    verifications: Vec<VerificationView>,
    /// Every run of a workflow.
    workflow_runs: Vec<RunExport>,
    /// The audit trail, newest first, with the addresses that calls came from.
    audit_events: Vec<EventExport>,
}

/// An image.
#[derive(Serialize, ToSchema)]
pub struct DocumentExport {
    /// `id_front`, `id_back`, `selfie`, `proof_of_address` or `supporting`.
    #[schema(value_type = String, example = "id_front")]
    doc_type: DocumentType,
    /// By content.
    #[schema(example = "image/jpeg")]
    mime_type: String,
    /// Its length.
    #[schema(example = 245_120)]
    file_size_bytes: i64,
    /// The kind of identity document, where the sender said it.
    #[schema(value_type = Option<String>, example = "passport")]
    id_type: Option<IdKind>,
    /// The kind of paper of a proof of address.
    poa_document_type: Option<String>,
    /// The paper's date.
    poa_document_date: Option<String>,
    /// When it was received.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// A link that needs no API key; null for the operator once the sensitive window is over.
    download_url: Option<String>,
    /// When the link dies.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
}

/// A consent.
#[derive(Serialize, ToSchema)]
pub struct ConsentExport {
    /// The version of the text.
    #[schema(example = "2026-01")]
    version: String,
    /// When it was given.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// Whether biometric processing is included.
    #[schema(example = true)]
    biometric: bool,
    /// `api` or `capture`.
    #[schema(value_type = String, example = "api")]
    source: ConsentSource,
    /// The person's address.
    ip_address: Option<String>,
}

/// An objection.
#[derive(Serialize, ToSchema)]
pub struct ContestExport {
    /// The person's words.
    message: Option<String>,
    /// When it came.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When a reviewer answered it by a decision.
    #[schema(value_type = Option<String>, format = DateTime)]
    answered_at: Option<Timestamp>,
}

/// A run of a workflow.
#[derive(Serialize, ToSchema)]
pub struct RunExport {
    /// Its id.
    #[schema(value_type = String, example = "run_01kcd2fgpzeq7v5rk1yh3b6a9d")]
    id: RunId,
    /// Where it stands.
    #[schema(example = "completed")]
    status: String,
    /// What was read from the document.
    #[schema(value_type = Object)]
    extracted_data: Fields,
    /// The decisions at its gates, with the data that came with them.
    #[schema(value_type = Vec<Object>)]
    gate_decisions: Vec<Fields>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

/// A webhook event.
#[derive(Serialize, ToSchema)]
pub struct ToldExport {
    /// Its name.
    #[schema(example = "session.approved")]
    event: String,
    /// Its body.
    #[schema(value_type = Option<Object>)]
    payload: Fields,
    /// When the fact was.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

/// An audit event.
#[derive(Serialize, ToSchema)]
pub struct EventExport {
    /// Its id.
    #[schema(value_type = String, example = "aud_01kcd2fgpzeq7v5rk1yh3b6a9d")]
    id: AuditEventId,
    /// What happened.
    #[serde(rename = "type")]
    #[schema(example = "session.created")]
    event_type: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// Who did it.
    #[schema(example = "system")]
    actor: String,
    /// The address that the call came from.
    ip_address: Option<String>,
}

impl From<ExportedDocument> for DocumentExport {
    fn from(document: ExportedDocument) -> Self {
        let record = document.record;
        Self {
            doc_type: record.document_type,
            mime_type: record.mime_type,
            file_size_bytes: record.size_bytes,
            id_type: record.id_kind,
            poa_document_type: record.poa_document_type,
            poa_document_date: record.poa_document_date,
            created_at: record.created_at,
            download_url: document.download_url,
            expires_at: document.expires_at,
        }
    }
}

impl From<ExportedConsent> for ConsentExport {
    fn from(consent: ExportedConsent) -> Self {
        let record = consent.record;
        Self {
            version: record.version,
            at: record.given_at,
            biometric: record.biometric,
            source: record.source,
            ip_address: consent.ip_address,
        }
    }
}

impl From<ExportedRun> for RunExport {
    fn from(run: ExportedRun) -> Self {
        let decisions = run.gate_decisions.into_iter().map(|decision| {
            Fields(json!({
                "node": decision.node,
                "decision": decision.decision,
                "metadata": decision.metadata,
                "decided_at": decision.decided_at,
                "by": decision.by,
            }))
        });
        Self {
            id: run.record.id,
            status: run.record.status,
            extracted_data: Fields(run.extracted_data),
            gate_decisions: decisions.collect(),
            created_at: run.record.created_at,
        }
    }
}

impl From<ExportedTold> for ToldExport {
    fn from(told: ExportedTold) -> Self {
        Self {
            event: told.event,
            payload: Fields(told.payload),
            created_at: told.created_at,
        }
    }
}

impl From<ExportedEvent> for EventExport {
    fn from(event: ExportedEvent) -> Self {
        Self {
            id: event.record.id,
            event_type: event.record.event_type,
            created_at: event.record.created_at,
            actor: event.record.actor,
            ip_address: event.ip_address,
        }
    }
}

/// The screening's check, with its hits for the operator.
fn screening(export: &SessionExport) -> Option<Fields> {
    let mut screened = export.attempts.iter().rev();
    let attempt = screened.find(|attempt| attempt.record.policy == "watchlist_screening")?;
    let hits = attempt.details.get("hits").filter(|hits| hits.is_array());
    let hits = match export.audience {
        Audience::Operator => hits.cloned().unwrap_or_else(|| json!([])),
        Audience::Subject => json!([]),
    };
    Some(Fields(
        json!({ "status": attempt.record.status, "hits": hits }),
    ))
}

fn applicant(export: &SessionExport) -> Fields {
    let private = &export.session.private;
    let record = &export.session.record;
    let fields = serde_json::to_value(&private.fields).unwrap_or_default();
    let mut applicant = match fields {
        Value::Object(fields) => fields,
        _ => Map::new(),
    };
    let invitation = &private.invitation;
    for (name, value) in [
        ("applicant_email", &invitation.email),
        ("applicant_name", &invitation.name),
        ("brand_name", &invitation.brand),
        ("support_url", &invitation.support_url),
        ("redirect_url", &record.redirect_url),
        ("locale", &record.locale),
    ] {
        applicant.insert(name.to_owned(), json!(value));
    }
    let hold = private.legal_hold.as_ref();
    // Whose proceedings they are is not the person's to learn from here.
    let hold = hold.filter(|_| export.audience == Audience::Operator);
    let reason = hold.map(|hold| hold.reason.as_str());
    applicant.insert("legal_hold_reason".to_owned(), json!(reason));
    Fields(Value::Object(applicant))
}

fn deliveries_for(audience: Audience, mut deliveries: Vec<Delivery>) -> Vec<DeliveryView> {
    if audience == Audience::Subject {
        deliveries.retain(|delivery| !tells_hits(&delivery.record.event));
        for payload in deliveries.iter_mut().filter_map(|one| one.payload.as_mut()) {
            told_to_subject(payload);
        }
    }
    deliveries.iter().map(DeliveryView::of).collect()
}

/// Most deliveries of one session in an export: the newest.
const MOST_DELIVERIES: i64 = 10_000;

/// Export a session
///
/// Everything that is held about the person, for the operator or, with `audience=subject`, for the
/// person: without the reviewers' notes, without screening or a reason that gives a hit away, and
/// without what was held for proceedings.
/// Noted in the audit trail. Once the sensitive window is over the operator is shown no more than by
/// the other calls; the person is shown everything until the data are destroyed, since what is held
/// has to be disclosed to its subject.
#[utoipa::path(
    get, path = "/api/v1/sessions/{id}/export", tag = "Sessions", operation_id = "export_session",
    params(
        ("id" = String, Path, description = "The session."),
        ("audience" = Option<String>, Query, description = "`operator` (default) or `subject`.")
    ),
    responses(answers::NotFound, answers::Invalid)
)]
pub async fn export_session(
    State(state): State<ApiState>,
    Acting(actor): Acting,
    IdPath(id): IdPath<SessionId>,
    mut query: Query,
) -> Result<Found<ExportView>, ApiError> {
    let app = &state.app;
    app.session(actor.tenant, id).await?;
    let audience = query.word::<Audience>("audience", &["operator", "subject"]);
    let audience = audience.unwrap_or_default();
    query.finish()?;
    let export = app
        .export_session(&actor, actor.tenant, id, audience)
        .await?;
    let every = PageRequest::Offset {
        limit: MOST_DELIVERIES,
        offset: 0,
    };
    let deliveries = app.list_session_deliveries(actor.tenant, id, every).await?;
    let reviewed = app.exported_case(&export.session, audience).await?;
    let notes = reviewed.iter().flat_map(|reviewed| &reviewed.notes);
    let result = export.result.as_ref().map(ResultView::of).transpose()?;
    let (screening, applicant) = (screening(&export), applicant(&export));
    let attempts = export.attempts.into_iter().map(VerificationView::of);
    Ok(Found::new(ExportView {
        exported_at: export.exported_at,
        audience: audience.as_str(),
        session: SessionView::whole(app, &export.session),
        result,
        documents: export.documents.into_iter().map(Into::into).collect(),
        screening,
        review_case: reviewed
            .as_ref()
            .map(|reviewed| CaseView::whole(&reviewed.case, export.exported_at)),
        case_notes: notes.map(NoteView::of).collect(),
        fraud_signals: Vec::new(),
        webhook_deliveries: deliveries_for(audience, deliveries.items),
        webhook_events: export.told.into_iter().map(Into::into).collect(),
        applicant,
        consents: export.consents.into_iter().map(Into::into).collect(),
        contest: export.contest.map(|contest| ContestExport {
            message: contest.message,
            created_at: contest.created_at,
            answered_at: contest.answered_at,
        }),
        verifications: attempts.collect::<Result<_, _>>()?,
        workflow_runs: export.runs.into_iter().map(Into::into).collect(),
        audit_events: export.audit_events.into_iter().map(Into::into).collect(),
    }))
}
