//! A case and its notes, as the export of its session shows them.

use verifa_store::case_notes::{self, NoteRecord};

use super::load::Case;
use super::notes::Note;
use crate::App;
use crate::error::AppError;
use crate::sessions::Session;

/// What reviewers hold about a session. Deliberately without `Debug`.
pub struct ExportedCase {
    /// The case.
    pub case: Case,
    /// Its notes, oldest first.
    pub notes: Vec<Note>,
}

impl App {
    /// The case of a loaded session, if it has one, with its notes.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn exported_case(&self, session: &Session) -> Result<Option<ExportedCase>, AppError> {
        let Some(case) = self.case_of(session.id()).await? else {
            return Ok(None);
        };
        let mut notes = Vec::new();
        for row in self.db.query(case_notes::of_session(session.id())).await? {
            notes.push(case.open_note(&NoteRecord::from_row(&row)?)?);
        }
        Ok(Some(ExportedCase { case, notes }))
    }
}
