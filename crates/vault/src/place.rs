//! Where sealed bytes live: the associated data that pins them to a table, a column and a row.

use uuid::Uuid;

/// The row of a [`Place`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Row<'a> {
    /// A row keyed by an id.
    Uuid(Uuid),
    /// A row keyed by a name, or by several values joined unambiguously.
    Bytes(&'a [u8]),
}

/// The one place where a sealed value opens: moved to another row, column or table it is refused.
///
/// Holds no personal data: rows are ids and names of things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// The table's name.
    pub table: &'static str,
    /// The column's name.
    pub column: &'static str,
    /// The row's key.
    pub row: Row<'a>,
}

impl Place<'static> {
    /// A place in a row keyed by a UUID.
    pub const fn new(table: &'static str, column: &'static str, row: Uuid) -> Self {
        Self {
            table,
            column,
            row: Row::Uuid(row),
        }
    }
}

impl<'a> Place<'a> {
    /// A place in a row keyed by text or bytes.
    pub const fn named(table: &'static str, column: &'static str, row: &'a [u8]) -> Self {
        Self {
            table,
            column,
            row: Row::Bytes(row),
        }
    }

    /// Unambiguous bytes: each part behind its length, the kind of row marked.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let (kind, row): (u8, &[u8]) = match &self.row {
            Row::Uuid(uuid) => (1, uuid.as_bytes()),
            Row::Bytes(bytes) => (2, bytes),
        };
        let parts = [self.table.as_bytes(), self.column.as_bytes(), row];
        let length = parts.iter().map(|part| part.len() + 8).sum::<usize>() + 1;
        let mut encoded = Vec::with_capacity(length);
        encoded.push(kind);
        for part in parts {
            encoded.extend_from_slice(&(part.len() as u64).to_be_bytes());
            encoded.extend_from_slice(part);
        }
        encoded
    }
}
