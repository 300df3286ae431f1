//! What the live database holds: its tables and their columns, as the database itself says.
//!
//! Not among the statements that are prepared on both databases: each asks its own catalogue.

use crate::db::{DatabaseKind, Db, DbError, Stmt};

const SQLITE_COLUMNS: &str = "SELECT m.name, p.name FROM sqlite_master m \
    JOIN pragma_table_info(m.name) p WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' \
    ORDER BY m.name, p.cid";
const POSTGRES_COLUMNS: &str = "SELECT CAST(table_name AS TEXT), CAST(column_name AS TEXT) \
    FROM information_schema.columns WHERE table_schema = current_schema() \
    ORDER BY table_name, ordinal_position";

/// A table and its columns in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveTable {
    /// Its name.
    pub name: String,
    /// The names of its columns.
    pub columns: Vec<String>,
}

/// Every table of the database, by name; those of the migrations' own bookkeeping too.
///
/// # Errors
/// When the database fails.
pub async fn live_tables(db: &Db) -> Result<Vec<LiveTable>, DbError> {
    let sql = match db.kind() {
        DatabaseKind::Sqlite => SQLITE_COLUMNS,
        DatabaseKind::Postgres => POSTGRES_COLUMNS,
    };
    let mut tables: Vec<LiveTable> = Vec::new();
    for row in db.query(Stmt::new("schema.columns", sql, vec![])).await? {
        let (name, column): (String, String) = (row.get(0)?, row.get(1)?);
        match tables.last_mut() {
            Some(table) if table.name == name => table.columns.push(column),
            _ => tables.push(LiveTable {
                name,
                columns: vec![column],
            }),
        }
    }
    Ok(tables)
}
