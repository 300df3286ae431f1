//! Turns the one SQL text into each database's words.
//!
//! Statements use `?1` and the marker `/*skip locked*/`; schema files use PostgreSQL's type
//! names. Quoted text and comments are never touched.

/// Where PostgreSQL is told to pass over rows that another transaction holds.
const SKIP_LOCKED: &str = "/*skip locked*/";

/// A piece of SQL text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Piece<'a> {
    Code(&'a str),
    /// A quoted string or name, or a comment.
    Verbatim(&'a str),
}

/// Splits off the first piece; `None` at the end.
fn next_piece(sql: &str) -> Option<(Piece<'_>, &str)> {
    let first = sql.as_bytes().first()?;
    let length = match first {
        b'\'' | b'"' => quoted_length(sql, *first),
        _ if sql.starts_with("--") => sql.find('\n').map_or(sql.len(), |at| at + 1),
        _ if sql.starts_with("/*") => sql.find("*/").map_or(sql.len(), |at| at + 2),
        _ => {
            let length = code_length(sql);
            let (code, rest) = sql.split_at(length);
            return Some((Piece::Code(code), rest));
        }
    };
    let (verbatim, rest) = sql.split_at(length);
    Some((Piece::Verbatim(verbatim), rest))
}

/// Up to the closing quote; a doubled quote reads as two adjacent pieces, which is the same.
fn quoted_length(sql: &str, quote: u8) -> usize {
    sql.bytes()
        .skip(1)
        .position(|byte| byte == quote)
        .map_or(sql.len(), |at| at + 2)
}

fn code_length(sql: &str) -> usize {
    let starts = ["'", "\"", "--", "/*"];
    starts
        .iter()
        .filter_map(|start| sql.find(start))
        .min()
        .unwrap_or(sql.len())
}

fn pieces(sql: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = sql;
    std::iter::from_fn(move || {
        let (piece, after) = next_piece(rest)?;
        rest = after;
        Some(piece)
    })
}

/// A statement in PostgreSQL's words: `$1` for `?1`, `FOR UPDATE SKIP LOCKED` for its marker.
pub(crate) fn postgres_statement(sql: &str) -> String {
    let mut text = String::with_capacity(sql.len() + 16);
    for piece in pieces(sql) {
        match piece {
            Piece::Code(code) => text.extend(code.chars().map(|c| if c == '?' { '$' } else { c })),
            Piece::Verbatim(SKIP_LOCKED) => text.push_str("FOR UPDATE SKIP LOCKED"),
            Piece::Verbatim(verbatim) => text.push_str(verbatim),
        }
    }
    text
}

/// A schema file in SQLite's words: its storage classes, no `COLLATE "C"` (which is SQLite's
/// default order), and `STRICT` on every table, so that it refuses what PostgreSQL would.
pub(crate) fn sqlite_schema(sql: &str) -> String {
    let mut text = String::with_capacity(sql.len() + 64);
    let mut table = Table::Outside;
    let mut collation_dropped = false;
    for piece in pieces(sql) {
        match piece {
            Piece::Verbatim("\"C\"") if collation_dropped => collation_dropped = false,
            Piece::Verbatim(verbatim) => text.push_str(verbatim),
            Piece::Code(code) => {
                let code = match code.trim_end().strip_suffix("COLLATE") {
                    Some(before) => {
                        collation_dropped = true;
                        before
                    }
                    None => code,
                };
                push_schema_code(&mut text, code, &mut table);
            }
        }
    }
    text
}

/// Where the reader of a schema stands.
enum Table {
    Outside,
    /// Between `CREATE` and the statement's first word after it.
    Created,
    /// In a table's definition, this deep in parentheses.
    Inside(usize),
}

fn push_schema_code(text: &mut String, code: &str, table: &mut Table) {
    let mut rest = code;
    while let Some(first) = rest.chars().next() {
        let is_word = first.is_ascii_alphanumeric() || first == '_';
        let length = if is_word {
            rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                .unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        let (token, after) = rest.split_at(length);
        rest = after;
        if token == "DOUBLE" && rest.trim_start().starts_with("PRECISION") {
            text.push_str("REAL");
            rest = rest.trim_start().strip_prefix("PRECISION").unwrap_or(rest);
            continue;
        }
        text.push_str(if is_word { sqlite_word(token) } else { token });
        follow_table(text, token, table);
    }
}

fn follow_table(text: &mut String, token: &str, table: &mut Table) {
    *table = match (&*table, token) {
        (_, "CREATE") => Table::Created,
        (Table::Created, "TABLE") => Table::Inside(0),
        (Table::Created, "INDEX" | "UNIQUE" | "VIEW") | (_, ";") => Table::Outside,
        (Table::Inside(depth), "(") => Table::Inside(depth + 1),
        (Table::Inside(1), ")") => {
            text.push_str(" STRICT");
            Table::Outside
        }
        (Table::Inside(depth), ")") => Table::Inside(depth.saturating_sub(1)),
        _ => return,
    };
}

fn sqlite_word(word: &str) -> &str {
    match word {
        "UUID" | "BYTEA" => "BLOB",
        "BIGINT" | "SMALLINT" | "BOOLEAN" => "INTEGER",
        "JSONB" => "TEXT",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_change_outside_quotes_and_comments_only() {
        let sql = "SELECT '?1', \"?2\" -- ?3\n, ?1 /* ?4 */ FROM t WHERE a = 'it''s ?' AND b = ?12";
        assert_eq!(
            postgres_statement(sql),
            "SELECT '?1', \"?2\" -- ?3\n, $1 /* ?4 */ FROM t WHERE a = 'it''s ?' AND b = $12"
        );
    }

    #[test]
    fn skip_locked_is_a_comment_for_sqlite_and_a_clause_for_postgres() {
        assert_eq!(
            postgres_statement("SELECT key FROM jobs LIMIT ?1 /*skip locked*/"),
            "SELECT key FROM jobs LIMIT $1 FOR UPDATE SKIP LOCKED"
        );
    }

    #[test]
    fn schema_words_become_storage_classes_and_tables_strict() {
        let sql = "-- UUID stays here\n\
             CREATE TABLE t (id UUID PRIMARY KEY, name TEXT COLLATE \"C\" NOT NULL,\n\
             score DOUBLE PRECISION, n BIGINT DEFAULT (1), body BYTEA, CHECK (n > (0)));\n\
             CREATE UNIQUE INDEX t_by_name ON t (name) WHERE (n IS NULL);\n\
             INSERT INTO t (name) VALUES ('BIGINT');";
        assert_eq!(
            sqlite_schema(sql),
            "-- UUID stays here\n\
             CREATE TABLE t (id BLOB PRIMARY KEY, name TEXT  NOT NULL,\n\
             score REAL, n INTEGER DEFAULT (1), body BLOB, CHECK (n > (0))) STRICT;\n\
             CREATE UNIQUE INDEX t_by_name ON t (name) WHERE (n IS NULL);\n\
             INSERT INTO t (name) VALUES ('BIGINT');"
        );
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_cut_into_pieces_that_join_to_itself(sql in "[-a?'\"/*\n é]{0,40}") {
            let joined: String = pieces(&sql)
                .map(|piece| match piece { Piece::Code(text) | Piece::Verbatim(text) => text })
                .collect();
            proptest::prop_assert_eq!(joined, sql);
        }
    }
}
