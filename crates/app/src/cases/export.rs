//! A case and its notes, as the export of its session shows them.

use verifa_store::case_notes::{self, NoteRecord};

use super::load::{Case, CasePrivate};
use super::notes::Note;
use crate::App;
use crate::error::AppError;
use crate::sessions::{Audience, Session, is_told};

/// What reviewers hold about a session. Deliberately without `Debug`.
pub struct ExportedCase {
    /// The case.
    pub case: Case,
    /// Its notes, oldest first.
    pub notes: Vec<Note>,
}

impl App {
    /// The case of a loaded session, if it has one, with its notes: for the operator as long as the
    /// API shows them, for the person without the notes, since what reviewers write for one another
    /// may be about others too, and without what gives a hit of screening away.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn exported_case(
        &self,
        session: &Session,
        audience: Audience,
    ) -> Result<Option<ExportedCase>, AppError> {
        let Some(mut case) = self.case_of(session.id()).await? else {
            return Ok(None);
        };
        let mut notes = Vec::new();
        if audience == Audience::Subject {
            let mut reasons = case.reasons();
            reasons.retain(is_told);
            case.record.reasons = serde_json::to_string(&reasons)
                .map_err(|_| AppError::Internal("a case's reasons are no JSON"))?;
            return Ok(Some(ExportedCase { case, notes }));
        }
        if !case.is_disclosed() {
            case.private = CasePrivate::default();
            return Ok(Some(ExportedCase { case, notes }));
        }
        for row in self.db.query(case_notes::of_session(session.id())).await? {
            notes.push(case.open_note(&NoteRecord::from_row(&row)?)?);
        }
        Ok(Some(ExportedCase { case, notes }))
    }
}
