//! Lists: optional filters joined from constant fragments, and pages by offset or by cursor.

use verifa_core::id::Id;
use verifa_core::tenant::Tenant;

use crate::NamedSql;
use crate::db::{Stmt, Value};

/// Where a page of a list begins.
#[derive(Clone, Copy, Debug)]
pub enum PageStart {
    /// Skip this many rows.
    Offset(i64),
    /// Rows older than this id.
    After(uuid::Uuid),
    /// Rows newer than this id, nearest first: the caller turns the page round.
    Before(uuid::Uuid),
}

const PLACES: [&str; 24] = [
    "?1", "?2", "?3", "?4", "?5", "?6", "?7", "?8", "?9", "?10", "?11", "?12", "?13", "?14", "?15",
    "?16", "?17", "?18", "?19", "?20", "?21", "?22", "?23", "?24",
];

/// Joins constant fragments and their parameters into a statement.
pub(crate) struct Fragments {
    label: &'static str,
    texts: Vec<&'static str>,
    params: Vec<Value>,
}

impl Fragments {
    /// Begins with a statement whose first two parameters are the tenant.
    pub(crate) fn new(base: NamedSql, tenant: Tenant) -> Self {
        Self {
            label: base.0,
            texts: vec![base.1],
            params: vec![
                tenant.organization.uuid().into(),
                tenant.environment.as_str().into(),
            ],
        }
    }

    pub(crate) fn text(&mut self, text: &'static str) {
        self.texts.push(text);
    }

    pub(crate) fn add(&mut self, text: &'static str, value: impl Into<Value>) {
        self.texts.push(text);
        self.params.push(value.into());
        // Twenty-four places are more than all filters together need.
        self.texts
            .push(PLACES.get(self.params.len() - 1).copied().unwrap_or("NULL"));
    }

    /// Ends a list that is ordered by a `UUIDv7` column, newest first.
    pub(crate) fn page(mut self, column: &'static str, start: PageStart, limit: i64) -> Stmt {
        self.add_page(column, start, limit);
        self.finish()
    }

    /// Ends a list of rows `column IN (SELECT column …`, the page being that of the inner select.
    pub(crate) fn page_of_ids(
        mut self,
        column: &'static str,
        start: PageStart,
        limit: i64,
    ) -> Stmt {
        let order = self.add_page(column, start, limit);
        self.texts.extend([") ORDER BY ", column, order]);
        self.finish()
    }

    /// Adds order and bounds of a page; its direction.
    fn add_page(&mut self, column: &'static str, start: PageStart, limit: i64) -> &'static str {
        let order = match start {
            PageStart::Offset(_) => " DESC",
            PageStart::After(id) => {
                self.texts.extend([" AND ", column]);
                self.add(" < ", id);
                " DESC"
            }
            PageStart::Before(id) => {
                self.texts.extend([" AND ", column]);
                self.add(" > ", id);
                " ASC"
            }
        };
        self.texts.extend([" ORDER BY ", column, order]);
        self.add(" LIMIT ", limit);
        if let PageStart::Offset(offset) = start {
            self.add(" OFFSET ", offset);
        }
        order
    }

    pub(crate) fn finish(self) -> Stmt {
        Stmt::joined(self.label, &self.texts, self.params)
    }
}
