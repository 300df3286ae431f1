//! Reading many rows as they were at one moment, while others write.

use tokio::sync::mpsc;

use super::{DbError, Row};

/// Rows that may wait for whoever reads them.
pub(super) const WAITING: usize = 256;

/// A row, and the position of the statement that gave it.
pub(super) type Item = Result<(usize, Row), DbError>;

/// The rows of several statements, all as of one moment, in the order of the statements. Dropping it
/// ends the reading.
pub struct Snapshot {
    rows: mpsc::Receiver<Item>,
}

impl Snapshot {
    pub(super) const fn new(rows: mpsc::Receiver<Item>) -> Self {
        Self { rows }
    }

    /// The next row and the position of its statement; `None` when all were read.
    ///
    /// # Errors
    /// When the database fails; what came before is then not all.
    pub async fn next(&mut self) -> Result<Option<(usize, Row)>, DbError> {
        self.rows.recv().await.transpose()
    }
}
