//! A session's report: a plain [`SessionReport`] in, the bytes of a PDF document out.
//!
//! The document is what a compliance officer files: the decision, what it rests on, and the hash
//! that ties it to the audit log. It is PDF/A-2a, so tagged, searchable and self-contained, and
//! the same report gives the same bytes: nothing here knows a clock, a database or the network.
//!
//! From the outside in: [`model`] is what is reported, `session` says which parts the document has
//! and in which words, `page` lays them out in the flow of pages, `text` makes lines of glyphs
//! (bidirectional text, joining scripts), `pdf` writes the file.

pub mod model;
mod page;
mod pdf;
mod picture;
mod session;
mod text;

pub use model::SessionReport;
pub use picture::Picture;

/// Why a report could not be made. None of it depends on what a stranger sent: such text is
/// cleaned before it is drawn.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// A picture could not be shrunk or encoded.
    #[error("a picture could not be encoded")]
    Picture,
    /// The PDF writer refused the document.
    #[error("the document could not be written: {0}")]
    Document(String),
}

impl SessionReport {
    /// The report as a PDF document.
    ///
    /// Takes some tens of milliseconds of computing; call it off the async threads.
    ///
    /// # Errors
    /// [`ReportError::Document`] when the PDF writer finds a fault.
    pub fn render(&self) -> Result<Vec<u8>, ReportError> {
        let sheets = session::compose(self)?;
        pdf::write(&sheets, &session::about(self))
    }
}
