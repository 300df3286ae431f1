//! The export of a session: everything that is held about the person, for the operator or for the
//! person's own request (GDPR Art. 15). `verifa-store`'s classification names what must be in it.
//!
//! Once the sensitive window is over it shows the operator no more than the other calls do. The
//! person is still shown everything: what is held has to be disclosed to its subject.

use std::time::Duration;

use serde_json::{Value, json};
use verifa_core::id::{Id, SessionId};
use verifa_core::session::Status;
use verifa_core::tenant::Tenant;
use verifa_core::time::Timestamp;
use verifa_core::workflow::GateDecision;
use verifa_store::attempts::{self, AttemptRecord};
use verifa_store::audit::{self, AuditRecord};
use verifa_store::consents::ConsentRecord;
use verifa_store::contests::{self, ContestRecord};
use verifa_store::documents::{self, DocumentRecord};
use verifa_store::outbox::{self, OutboxRecord};
use verifa_store::results::{self, ResultRecord};
use verifa_store::runs::{self, RunRecord};
use verifa_vault::{Place, VaultError};

use super::consent::address_place;
use super::erase::event_body;
use super::load::Session;
use super::moved::audited;
use super::results::{ResultView, StoredResult, result_place};
use super::subject::for_subject;
use super::verifications::{Attempt, open_details};
use crate::actor::Actor;
use crate::document_link::document_link;
use crate::error::AppError;
use crate::run_memory::RunMemory;
use crate::{App, Change, Resource, Sealing};

/// Life of the links of an export.
const LINK_LIFE: Duration = Duration::from_hours(24);
/// Most audit events of one session in an export: the newest.
const MOST_EVENTS: i64 = 10_000;

/// Where the words of a person's objection stand.
pub(crate) fn objection_place(id: SessionId) -> Place<'static> {
    Place::new("contests", "sealed_words", id.uuid())
}

/// For whom an export is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Audience {
    /// The operator: everything, until the sensitive window is over.
    #[default]
    Operator,
    /// The person: without the reviewers' notes and without screening hits, which may tip off or
    /// concern others (spec/sessions.md, "export").
    Subject,
}

impl Audience {
    /// Its name in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Subject => "subject",
        }
    }
}

/// A word that names no audience.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be operator or subject")]
pub struct UnknownAudience;

impl std::str::FromStr for Audience {
    type Err = UnknownAudience;

    fn from_str(text: &str) -> Result<Self, UnknownAudience> {
        match text {
            "operator" => Ok(Self::Operator),
            "subject" => Ok(Self::Subject),
            _ => Err(UnknownAudience),
        }
    }
}

/// An image and a link to it.
pub struct ExportedDocument {
    /// The row.
    pub record: DocumentRecord,
    /// The link; none once the image may not be shown.
    pub download_url: Option<String>,
    /// When the link dies.
    pub expires_at: Option<Timestamp>,
}

/// A run and what it remembers of the person.
pub struct ExportedRun {
    /// The row.
    pub record: RunRecord,
    /// What was read from the document.
    pub extracted_data: Value,
    /// The decisions at its gates, with the data that came with them.
    pub gate_decisions: Vec<GateDecision>,
}

/// A consent with its address opened.
pub struct ExportedConsent {
    /// The row.
    pub record: ConsentRecord,
    /// The person's address.
    pub ip_address: Option<String>,
}

/// An objection with its words opened.
pub struct ExportedContest {
    /// The person's words.
    pub message: Option<String>,
    /// When it came.
    pub created_at: Timestamp,
    /// When a reviewer answered it by a decision.
    pub answered_at: Option<Timestamp>,
}

/// An audit event with its address opened.
pub struct ExportedEvent {
    /// The row.
    pub record: AuditRecord,
    /// The address that the call came from.
    pub ip_address: Option<String>,
}

/// A webhook event with its body opened.
pub struct ExportedTold {
    /// Its name.
    pub event: String,
    /// The body; null where it can't be read any more.
    pub payload: Value,
    /// When the fact was.
    pub created_at: Timestamp,
}

/// Everything that is held about the person of a session. Deliberately without `Debug`.
pub struct SessionExport {
    /// As of when.
    pub exported_at: Timestamp,
    /// For whom.
    pub audience: Audience,
    /// The session, its sealed part whole.
    pub session: Session,
    /// The result, if there is one.
    pub result: Option<ResultView>,
    /// The images.
    pub documents: Vec<ExportedDocument>,
    /// Every attempt of every check.
    pub attempts: Vec<Attempt>,
    /// Every run.
    pub runs: Vec<ExportedRun>,
    /// Every consent.
    pub consents: Vec<ExportedConsent>,
    /// The person's objection.
    pub contest: Option<ExportedContest>,
    /// What was told to receivers, oldest first.
    pub told: Vec<ExportedTold>,
    /// The audit trail, newest first.
    pub audit_events: Vec<ExportedEvent>,
}

impl App {
    /// Gathers everything and notes in the audit trail that it was given out.
    ///
    /// # Errors
    /// Not found, or a failure of the database.
    pub async fn export_session(
        &self,
        actor: &Actor,
        tenant: Tenant,
        id: SessionId,
        audience: Audience,
    ) -> Result<SessionExport, AppError> {
        let mut session = self.session(tenant, id).await?;
        self.note_export(actor, &session, audience).await?;
        if audience == Audience::Operator {
            session.hide();
        }
        let exported_at = self.clock.now();
        let mut export = SessionExport {
            exported_at,
            audience,
            result: self.whole_result(&session).await?,
            documents: self
                .exported_documents(&session, audience, exported_at)
                .await?,
            attempts: self.exported_attempts(&session).await?,
            runs: self.exported_runs(&session).await?,
            consents: self.exported_consents(&session).await?,
            contest: self.exported_contest(&session).await?,
            told: self.exported_told(&session).await?,
            audit_events: self.exported_events(&session).await?,
            session,
        };
        if audience == Audience::Subject {
            for_subject(&mut export)?;
        }
        Ok(export)
    }

    async fn note_export(
        &self,
        actor: &Actor,
        session: &Session,
        audience: Audience,
    ) -> Result<(), AppError> {
        let organization = session.record.tenant.organization;
        let organization = self.keys.organization(&self.db, organization).await?;
        let mut change = Change::begin(self, actor);
        let facts = json!({ "audience": audience.as_str() });
        let name = "api.session.export";
        if session.key.is_some() {
            audited(&mut change, session, name, &facts)?;
        } else {
            let sealing = Sealing::Organization(&organization);
            change.audit(name, Resource::session(session.id()), sealing, &facts);
        }
        Ok(self.apply(change.into_commit()).await?)
    }

    /// The result with all that was read, whatever the organization's filter says.
    async fn whole_result(&self, session: &Session) -> Result<Option<ResultView>, AppError> {
        if matches!(session.status(), Status::Expired | Status::Failed) {
            return Ok(None);
        }
        let Some(row) = self.db.query_opt(results::get(session.id())).await? else {
            return Ok(None);
        };
        let record = ResultRecord::from_row(&row)?;
        let place = result_place(session.id());
        let stored = match open(session, &place, record.sealed.as_deref())? {
            Some(text) => serde_json::from_str(&text)
                .map_err(|_| AppError::Internal("a result's sealed part is no JSON"))?,
            None => StoredResult::default(),
        };
        Ok(Some(ResultView {
            session: self.session_by_id(session.id()).await?,
            record,
            stored,
            sensitive_data_expired: session.disclosed().is_none(),
        }))
    }

    async fn exported_documents(
        &self,
        session: &Session,
        audience: Audience,
        now: Timestamp,
    ) -> Result<Vec<ExportedDocument>, AppError> {
        let id = session.id();
        // Only the person's own links open behind the sensitive window.
        let of_export = audience == Audience::Subject;
        let expires_at = session.key.is_some().then(|| now.plus(LINK_LIFE));
        let mut exported = Vec::new();
        for row in self.db.query(documents::of_session(id)).await? {
            let mut record = DocumentRecord::from_row(&row)?;
            if expires_at.is_none() {
                record.id_kind = None;
                record.poa_document_type = None;
                record.poa_document_date = None;
            }
            let link = |end: Timestamp| {
                let end = end.as_seconds();
                document_link(self, id, record.document_type, end, of_export)
            };
            exported.push(ExportedDocument {
                download_url: expires_at.map(link),
                record,
                expires_at,
            });
        }
        Ok(exported)
    }

    async fn exported_attempts(&self, session: &Session) -> Result<Vec<Attempt>, AppError> {
        let rows = self.db.query(attempts::of_session(session.id())).await?;
        rows.iter()
            .map(|row| open_details(session, AttemptRecord::from_row(row)?))
            .collect()
    }

    async fn exported_runs(&self, session: &Session) -> Result<Vec<ExportedRun>, AppError> {
        let mut exported = Vec::new();
        for row in self.db.query(runs::all_of_session(session.id())).await? {
            let record = RunRecord::from_row(&row)?;
            let memory = match &session.key {
                Some(key) => RunMemory::open(&record, key)?,
                None => None,
            };
            let (extracted_data, gate_decisions) = match memory {
                Some(memory) => (
                    serde_json::to_value(&memory.extracted).unwrap_or_default(),
                    memory.state.gate_decisions,
                ),
                None => (json!({}), Vec::new()),
            };
            exported.push(ExportedRun {
                record,
                extracted_data,
                gate_decisions,
            });
        }
        Ok(exported)
    }

    async fn exported_consents(&self, session: &Session) -> Result<Vec<ExportedConsent>, AppError> {
        let records = self.consents(session.id()).await?.into_iter();
        records
            .map(|record| {
                let place = address_place(record.id);
                Ok(ExportedConsent {
                    ip_address: open(session, &place, record.sealed_ip.as_deref())?,
                    record,
                })
            })
            .collect()
    }

    async fn exported_contest(
        &self,
        session: &Session,
    ) -> Result<Option<ExportedContest>, AppError> {
        let Some(row) = self.db.query_opt(contests::get(session.id())).await? else {
            return Ok(None);
        };
        let record = ContestRecord::from_row(&row)?;
        let place = objection_place(session.id());
        Ok(Some(ExportedContest {
            message: open(session, &place, record.sealed_words.as_deref())?,
            created_at: record.created_at,
            answered_at: record.answered_at,
        }))
    }

    async fn exported_told(&self, session: &Session) -> Result<Vec<ExportedTold>, AppError> {
        let organization = session.record.tenant.organization;
        let organization = self.keys.organization(&self.db, organization).await?;
        let mut exported = Vec::new();
        for row in self.db.query(outbox::of_session(session.id())).await? {
            let event = OutboxRecord::from_row(&row)?;
            let body = event_body(session, &organization, &event);
            exported.push(ExportedTold {
                payload: body.map_or(Value::Null, Value::Object),
                event: event.event,
                created_at: event.created_at,
            });
        }
        Ok(exported)
    }

    async fn exported_events(&self, session: &Session) -> Result<Vec<ExportedEvent>, AppError> {
        let tenant = session.record.tenant;
        let rows = audit::of_session(tenant, session.id(), MOST_EVENTS);
        let mut exported = Vec::new();
        for row in self.db.query(rows).await? {
            let record = AuditRecord::from_row(&row)?;
            let place = Place::new("audit_events", "sealed_ip", record.id.uuid());
            // What is told of the session's end is under the organization's key: no address of the
            // person's.
            let own = record.session_id == Some(session.id());
            let sealed = record.sealed_ip.as_deref().filter(|_| own);
            exported.push(ExportedEvent {
                ip_address: open(session, &place, sealed)?,
                record,
            });
        }
        Ok(exported)
    }
}

/// Opens a text under the session's key; `None` where there is none, or the key is gone.
fn open(
    session: &Session,
    place: &Place<'_>,
    sealed: Option<&[u8]>,
) -> Result<Option<String>, VaultError> {
    let (Some(sealed), Some(key)) = (sealed, session.key.as_ref()) else {
        return Ok(None);
    };
    let text = key.open(place, sealed)?;
    Ok(Some(String::from_utf8_lossy(&text).into_owned()))
}
