//! Statements and commits as values.

use std::borrow::Cow;

use super::{DbError, Value};

/// How many rows a statement must touch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expect {
    /// Any number.
    Any,
    /// Exactly this many; anything else rolls the whole commit back as a conflict.
    Rows(u64),
}

/// One statement with its parameters.
///
/// The text uses `?1`, `?2` … and is the same for both databases; it is built from constants
/// only, so that input can never become SQL.
#[derive(Clone)]
pub struct Stmt {
    pub(crate) sql: Cow<'static, str>,
    pub(crate) params: Vec<Value>,
    pub(crate) expect: Expect,
    pub(crate) label: &'static str,
    pub(crate) planned_anew: bool,
}

impl Stmt {
    /// A statement; `label` names it in errors and in the prepare-every-statement test.
    pub fn new(label: &'static str, sql: &'static str, params: Vec<Value>) -> Self {
        Self {
            sql: Cow::Borrowed(sql),
            params,
            expect: Expect::Any,
            label,
            planned_anew: false,
        }
    }

    /// A statement joined from constant fragments, for lists with optional filters.
    pub fn joined(label: &'static str, fragments: &[&'static str], params: Vec<Value>) -> Self {
        Self {
            sql: Cow::Owned(fragments.concat()),
            params,
            expect: Expect::Any,
            label,
            planned_anew: false,
        }
    }

    /// A statement over names that the live schema gave; never of input.
    pub(crate) fn of_schema(label: &'static str, sql: String, params: Vec<Value>) -> Self {
        Self {
            sql: Cow::Owned(sql),
            params,
            expect: Expect::Any,
            label,
            planned_anew: false,
        }
    }

    /// Has PostgreSQL plan this statement for its own parameters each time, at the price of a round
    /// trip: for filters that fit a row in a million or every other one. A kept statement gets one
    /// plan for all values from its sixth call on.
    #[must_use]
    pub(crate) fn planned_anew(mut self) -> Self {
        self.planned_anew = true;
        self
    }

    /// Requires exactly `rows` affected rows.
    #[must_use]
    pub fn expect(mut self, rows: u64) -> Self {
        self.expect = Expect::Rows(rows);
        self
    }

    /// Refuses what one of the databases would store as something else: NUL in text (PostgreSQL
    /// has no such text) and not-a-number (SQLite makes it NULL).
    pub(crate) fn check(&self) -> Result<(), DbError> {
        let refused = self.params.iter().any(|value| match value {
            Value::Text(text) => text.as_bytes().contains(&0),
            Value::Float(number) => number.is_nan(),
            Value::Null | Value::Int(_) | Value::Bytes(_) | Value::Uuid(_) => false,
        });
        if refused {
            return Err(DbError::Internal(format!(
                "{}: a parameter holds NUL or not-a-number",
                self.label
            )));
        }
        Ok(())
    }

    /// Its name in errors.
    pub fn label(&self) -> &'static str {
        self.label
    }
}

/// A state change: statements that apply together or not at all.
#[derive(Clone, Default)]
pub struct Commit {
    pub(crate) statements: Vec<Stmt>,
    pub(crate) wakes_jobs: bool,
    erases: bool,
}

impl Commit {
    /// An empty commit.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a statement.
    pub fn push(&mut self, statement: Stmt) -> &mut Self {
        self.statements.push(statement);
        self
    }

    /// Adds several statements.
    pub fn extend(&mut self, statements: impl IntoIterator<Item = Stmt>) -> &mut Self {
        self.statements.extend(statements);
        self
    }

    /// Marks that the commit makes a job due, so that waiting workers are woken after it.
    pub fn wake_jobs(&mut self) -> &mut Self {
        self.wakes_jobs = true;
        self
    }

    /// Marks that the commit erases data, so that what still holds it is emptied after it; see
    /// [`super::Db::checkpoint`].
    pub fn erase(&mut self) -> &mut Self {
        self.erases = true;
        self
    }

    /// Whether the commit erases data.
    pub fn erases(&self) -> bool {
        self.erases
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.statements.is_empty()
    }
}
