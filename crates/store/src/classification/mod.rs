//! Every column of every table: whether it holds something about an applicant, where the subject's
//! export shows it, and what an erasure does to it.
//!
//! A test compares this list with the live schema of both databases, so that no column is added
//! without an answer to the three questions (spec/resources.md, "Documents, audit, data"; GDPR
//! Art. 15 and 17).

mod operator;
mod sessions;
mod webhooks;

/// What an erasure does to a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Erased {
    /// Set to null, or to the empty text or list.
    Emptied,
    /// The row is removed.
    RowRemoved,
    /// The ciphertext stays, the key that opens it is destroyed.
    WithKey,
    /// Replaced by what is not about the person, under the organization's key.
    Rewritten,
    /// Kept, for this reason.
    Kept(&'static str),
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Something about an applicant.
    Personal {
        /// Where the export of a session shows it, as a path; or, in parentheses, why it does not.
        exported: &'static str,
        /// What an erasure does to it.
        erased: Erased,
    },
    /// A key, a keyed hash or a signature: opens or finds things, tells nothing about anybody.
    Secret,
    /// Ids, times, states, numbers.
    Plain,
    /// What the operator said about itself: names, texts, settings of its own.
    Operator,
}

/// A column and its class.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub class: Class,
}

/// A table's columns.
#[derive(Debug, Clone, Copy)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// The column that names the session, where rows belong to one.
    pub session: Option<&'static str>,
    /// Its columns.
    pub columns: &'static [Column],
}

const fn plain(name: &'static str) -> Column {
    Column {
        name,
        class: Class::Plain,
    }
}

const fn secret(name: &'static str) -> Column {
    Column {
        name,
        class: Class::Secret,
    }
}

const fn operator(name: &'static str) -> Column {
    Column {
        name,
        class: Class::Operator,
    }
}

const fn personal(name: &'static str, exported: &'static str, erased: Erased) -> Column {
    Column {
        name,
        class: Class::Personal { exported, erased },
    }
}

/// Every table but those of the migrations' own bookkeeping, [`BOOKKEEPING`].
pub fn tables() -> impl Iterator<Item = &'static Table> {
    [sessions::TABLES, webhooks::TABLES, operator::TABLES]
        .into_iter()
        .flatten()
}

/// Tables of the migrations, which no backup carries and nobody's data lies in.
pub const BOOKKEEPING: &[&str] = &["schema_lease", "schema_migrations"];

/// Tables that don't name the session, whose rows belong to a row of another table that does: the
/// table, its column, the other table.
pub const THROUGH: &[(&str, &str, &str)] = &[
    ("case_tags", "case_id", "cases"),
    ("gate_decisions", "run_id", "workflow_runs"),
    ("webhook_attempts", "delivery_id", "webhook_deliveries"),
];
