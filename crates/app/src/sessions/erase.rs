//! What an erasure does, whoever asks for it: a call, the end of the retention, or the erasure log
//! over a restored backup. One commit with its certificate.

use serde_json::{Map, Value, json};
use verifa_core::id::{AuditEventId, Id, SessionId};
use verifa_core::privacy::{ErasureCause, RetentionStage};
use verifa_core::session::{Event, RetentionStatus, WebhookEvent};
use verifa_core::webhook::impersonal;
use verifa_store::documents::{self, DocumentRecord};
use verifa_store::erasures::{self, ErasureRecord};
use verifa_store::outbox::{self, OutboxRecord};
use verifa_store::sessions as store;
use verifa_store::{
    attempts, case_notes, cases, consents, contests, idempotency, keys, results, runs,
    webhook_deliveries,
};
use verifa_vault::{ErasureStatement, OrganizationKey};

use super::expire::{close_case, end};
use super::load::Session;
use super::moved::base_fields;
use crate::change::outbox_place;
use crate::error::AppError;
use crate::job::JobName;
use crate::mail::forget_mails;
use crate::{App, Change, Resource, Sealing};

/// Destroys a session's personal data; answers how many images went. An active session expires
/// first. The caller has seen to it that no legal hold stands.
///
/// # Errors
/// When the database fails.
pub(crate) async fn erase(
    app: &App,
    change: &mut Change<'_>,
    session: &mut Session,
    cause: ErasureCause,
) -> Result<usize, AppError> {
    let id = session.id();
    let tenant = session.record.tenant;
    let organization = app.keys.organization(&app.db, tenant.organization).await?;
    let removed = remove_documents(app, change, id).await?;
    scrub_events(app, change, session, &organization).await?;
    let before = session.status();
    if before.is_active() {
        let run = app.open_run(id).await?;
        let event = Event::ExpireCalled;
        end(change, session, event, run, Some(&organization))?;
    }
    close_case(change, session);
    change.push(runs::scrub(id));
    session.revoke_grants(change);
    forget_mails(change, id).await?;
    let record = &mut session.record;
    record.retention_status = RetentionStatus::Redacted;
    record.retention_stage = RetentionStage::Erased;
    record.sealed = None;
    record.token_hash = None;
    record.former_token_hash = None;
    record.legal_hold_at = None;
    // Labels are the operator's words and may name the person.
    record.tags.clear();
    change.extend(cases::scrub(id));
    session.write_row(change, before);
    change.extend(store::replace_tags(&session.record));
    change.extend([
        store::erase(id),
        attempts::scrub(id),
        results::scrub(id),
        case_notes::erase(id),
        consents::scrub(id),
        contests::scrub(id),
        webhook_deliveries::scrub(id),
        idempotency::erase_of_session(id),
        keys::destroy_data(id),
    ]);
    change.erase();
    certify(app, change, session, &organization, cause, removed);
    Ok(removed)
}

/// Takes what is personal out of the session's events, and puts the rest under the organization's
/// key: receivers still hear that they happened.
pub(super) async fn scrub_events(
    app: &App,
    change: &mut Change<'_>,
    session: &Session,
    organization: &OrganizationKey,
) -> Result<(), AppError> {
    for row in app.db.query(outbox::of_session(session.id())).await? {
        let event = OutboxRecord::from_row(&row)?;
        let place = outbox_place(event.id);
        // What can't be read can't be told either, and must not stand in the way.
        let body = event_body(session, organization, &event);
        let name = WebhookEvent::parse(&event.event);
        let sealed = name.zip(body).map(|(name, body)| {
            let rest = Value::Object(impersonal(name, body)).to_string();
            organization.seal(&place, rest.as_bytes(), &*app.random)
        });
        change.push(outbox::replace_body(event.id, sealed.as_deref()));
    }
    Ok(())
}

/// The body of a session's event: under the session's key, or the organization's once it was scrubbed;
/// `None` where neither opens it.
pub(super) fn event_body(
    session: &Session,
    organization: &OrganizationKey,
    event: &OutboxRecord,
) -> Option<Map<String, Value>> {
    let (place, sealed) = (outbox_place(event.id), event.sealed.as_ref()?);
    let own = session
        .key()
        .ok()
        .and_then(|key| key.open(&place, sealed).ok());
    let text = own.or_else(|| organization.open(&place, sealed).ok())?;
    serde_json::from_slice(&text).ok()
}

/// Drops the rows of a session's documents and orders their blobs deleted.
async fn remove_documents(
    app: &App,
    change: &mut Change<'_>,
    id: SessionId,
) -> Result<usize, AppError> {
    let rows = app.db.query(documents::of_session(id)).await?;
    for row in &rows {
        let document = DocumentRecord::from_row(row)?;
        change.push(documents::delete(document.id));
        change.job_at_once(&JobName::DeleteBlob(document.id));
    }
    Ok(rows.len())
}

/// Notes the erasure in the audit trail and in the signed log, and tells of it.
fn certify(
    app: &App,
    change: &mut Change<'_>,
    session: &Session,
    organization: &OrganizationKey,
    cause: ErasureCause,
    removed: usize,
) {
    let id = session.id();
    let sealing = Sealing::Organization(organization);
    let facts = json!({
        "documents_removed": removed, "data_key": "destroyed", "cause": cause,
    });
    let resource = Resource::session(id);
    let event = change.audit_event("session.redacted", resource, sealing, &facts);
    let record = signed(app, change, session, cause, removed, event);
    change.push(erasures::insert(&record));
    let mut fields = base_fields(session, session.status().as_str());
    fields.insert("documents_removed".to_owned(), json!(removed));
    change.tell(WebhookEvent::SessionRedacted, Some(id), sealing, fields);
}

fn signed(
    app: &App,
    change: &Change<'_>,
    session: &Session,
    cause: ErasureCause,
    removed: usize,
    audit_event_id: AuditEventId,
) -> ErasureRecord {
    let mut record = ErasureRecord {
        session_id: session.id(),
        tenant: session.record.tenant,
        cause,
        documents_removed: i64::try_from(removed).unwrap_or(i64::MAX),
        audit_event_id,
        erased_at: change.now,
        signature: Vec::new(),
    };
    let signer = app.keys.server().audit_signer();
    record.signature = signer.sign_erasure(&statement(&record)).to_vec();
    record
}

/// What the signature of a row of the log covers.
pub(crate) fn statement(record: &ErasureRecord) -> ErasureStatement<'_> {
    ErasureStatement {
        session: record.session_id.uuid(),
        organization: record.tenant.organization.uuid(),
        environment: record.tenant.environment.as_str(),
        cause: record.cause.as_str(),
        documents_removed: record.documents_removed,
        audit_event: record.audit_event_id.uuid(),
        erased_at: record.erased_at,
    }
}
