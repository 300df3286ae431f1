//! Notes on a case: what reviewers write for one another, sealed by the session's key.

use serde::{Deserialize, Serialize};
use serde_json::json;
use verifa_core::fault::Fault;
use verifa_core::id::{CaseId, Id, NoteId};
use verifa_core::session::check_text;
use verifa_core::tenant::Tenant;
use verifa_core::time::Timestamp;
use verifa_store::case_notes::{self as store, NoteRecord};
use verifa_vault::Place;

use super::load::{Case, check_reviewer};
use crate::actor::Actor;
use crate::error::AppError;
use crate::page::{Page, PageRequest};
use crate::{App, Change, Decided};

/// Most characters of a note.
const MAXIMUM_NOTE: usize = 10_000;

/// A note to write.
#[derive(Clone)]
pub struct AddNote {
    /// 1–10,000 characters.
    pub text: String,
    /// Who writes it, by the operator's own name.
    pub reviewer_id: Option<String>,
}

/// A note with its text opened. Deliberately without `Debug`.
pub struct Note {
    /// Its id.
    pub id: NoteId,
    /// The case.
    pub case_id: CaseId,
    /// The text.
    pub text: String,
    /// Who wrote it, where that was said.
    pub reviewer_id: Option<String>,
    /// When.
    pub created_at: Timestamp,
}

/// What only the session's data key opens.
#[derive(Serialize, Deserialize)]
struct Sealed {
    text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reviewer_id: Option<String>,
}

fn sealed_place(id: NoteId) -> Place<'static> {
    Place::new("case_notes", "sealed", id.uuid())
}

/// Checks the text of a note in the field `field`.
pub(super) fn check_note(field: &str, text: &str) -> Result<(), Fault> {
    check_text(field, text, MAXIMUM_NOTE)
}

/// Writes a note, within a fact about its case.
pub(super) fn write_note(
    change: &mut Change<'_>,
    case: &Case,
    text: &str,
    reviewer: Option<&str>,
) -> Result<Note, AppError> {
    let app = change.app();
    let note = Note {
        id: NoteId::generate(change.now, &*app.random),
        case_id: case.id(),
        text: text.to_owned(),
        reviewer_id: reviewer.map(str::to_owned),
        created_at: change.now,
    };
    let sealed = Sealed {
        text: note.text.clone(),
        reviewer_id: note.reviewer_id.clone(),
    };
    let plain = serde_json::to_vec(&sealed).map_err(|_| AppError::Internal("a note is no JSON"))?;
    let sealed = case
        .key()?
        .seal(&sealed_place(note.id), &plain, &*app.random);
    change.push(store::insert(&NoteRecord {
        id: note.id,
        case_id: note.case_id,
        session_id: case.record.session_id,
        organization_id: case.record.tenant.organization,
        sealed: Some(sealed),
        created_at: note.created_at,
    }));
    Ok(note)
}

impl Case {
    pub(super) fn open_note(&self, record: &NoteRecord) -> Result<Note, AppError> {
        let sealed = record.sealed.as_deref().unwrap_or_default();
        let plain = self.key()?.open(&sealed_place(record.id), sealed)?;
        let opened: Sealed = serde_json::from_slice(&plain)
            .map_err(|_| AppError::Internal("a note can't be read"))?;
        Ok(Note {
            id: record.id,
            case_id: record.case_id,
            text: opened.text,
            reviewer_id: opened.reviewer_id,
            created_at: record.created_at,
        })
    }
}

impl App {
    /// Adds a note to a case, at any status.
    ///
    /// # Errors
    /// Not found; [`AppError::Invalid`] for the text; gone once the session's data is deleted.
    pub async fn add_case_note(
        &self,
        actor: &Actor,
        tenant: Tenant,
        id: CaseId,
        command: &AddNote,
    ) -> Result<Decided<Note>, AppError> {
        let mut case = self.case(tenant, id).await?;
        let reviewer = command.reviewer_id.as_deref();
        let mut faults = Vec::new();
        faults.extend(check_note("text", &command.text).err());
        faults.extend(reviewer.and_then(|reviewer| check_reviewer(reviewer).err()));
        if !faults.is_empty() {
            return Err(AppError::Invalid(faults));
        }
        let mut change = Change::after(self, actor, case.record.updated_at);
        case.keep_claim(&mut change);
        let note = write_note(&mut change, &case, &command.text, reviewer)?;
        case.audited(
            &mut change,
            "case.note_added",
            &json!({ "note_id": note.id }),
        )?;
        case.write(&mut change)?;
        Ok(Decided {
            commit: change.into_commit(),
            answer: note,
            session: Some(case.record.session_id),
        })
    }

    /// A page of a case's notes, newest first; none once the session's data is deleted.
    ///
    /// # Errors
    /// Not found; gone once the session's sensitive window is over; a failure of the database.
    pub async fn case_notes(
        &self,
        tenant: Tenant,
        id: CaseId,
        request: PageRequest,
    ) -> Result<Page<Note>, AppError> {
        let case = self.case(tenant, id).await?;
        if case.key.is_some() && !case.is_disclosed() {
            return Err(AppError::Gone("The time to read personal data is over."));
        }
        let (start, limit) = request.start();
        let mut notes = Vec::new();
        for row in self.db.query(store::list(tenant, id, start, limit)).await? {
            notes.push(case.open_note(&NoteRecord::from_row(&row)?)?);
        }
        let total = if request.has_total() {
            let row = self.db.query_opt(store::count(id)).await?;
            Some(row.map_or(Ok(0), |row| row.get(0))?)
        } else {
            None
        };
        Ok(Page::of(notes, request, total, |note| note.id.uuid()))
    }
}
