//! Statements in PostgreSQL's words, translated once.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use crate::db::dialect::postgres_statement;

/// Statement texts are constants and joins of constants; more than this many are a defect, and
/// are translated each time instead of filling memory.
const LIMIT: usize = 4096;

/// Translated texts by the original.
#[derive(Default)]
pub(super) struct Texts(RwLock<HashMap<Box<str>, Arc<str>>>);

impl Texts {
    /// The text for PostgreSQL.
    pub(super) fn postgres(&self, sql: &str) -> Arc<str> {
        // Nothing under the lock can panic halfway through a change.
        if let Some(text) = self
            .0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(sql)
        {
            return Arc::clone(text);
        }
        let text: Arc<str> = postgres_statement(sql).into();
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() < LIMIT {
            known.insert(sql.into(), Arc::clone(&text));
        }
        text
    }
}
