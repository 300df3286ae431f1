//! Whole tables as lines of JSON, the same from either database and into either: what a backup
//! carries.
//!
//! A line is a list of columns: numbers, texts, null, and `{"b": …}` for bytes and ids in base64.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value as Json};

use crate::db::{Db, DbError, Row, Stmt, Value};
use crate::schema::{LiveTable, live_tables};

/// A line that is no row of its table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the line is no row of the table")]
pub struct NoRow;

/// A row as a line, without the line's end.
pub fn to_line(row: &Row) -> String {
    let columns = row.values().iter().map(to_json).collect();
    Json::Array(columns).to_string()
}

fn to_json(value: &Value) -> Json {
    let bytes = |bytes: &[u8]| {
        let text = Json::String(STANDARD.encode(bytes));
        Json::Object(Map::from_iter([("b".to_owned(), text)]))
    };
    match value {
        Value::Null => Json::Null,
        Value::Int(number) => Json::from(*number),
        Value::Float(number) => Json::from(*number),
        Value::Text(text) => Json::from(text.as_str()),
        Value::Bytes(content) => bytes(content),
        Value::Uuid(uuid) => bytes(uuid.as_bytes()),
    }
}

/// The columns of a line.
///
/// # Errors
/// When it is not what [`to_line`] writes.
pub fn from_line(line: &str) -> Result<Vec<Value>, NoRow> {
    let columns: Vec<Json> = serde_json::from_str(line).map_err(|_| NoRow)?;
    columns.into_iter().map(from_json).collect()
}

fn from_json(value: Json) -> Result<Value, NoRow> {
    Ok(match value {
        Json::Null => Value::Null,
        Json::String(text) => Value::Text(text),
        Json::Number(number) => match number.as_i64() {
            Some(whole) => Value::Int(whole),
            None => Value::Float(number.as_f64().ok_or(NoRow)?),
        },
        Json::Object(object) => {
            let text = object.get("b").and_then(Json::as_str).ok_or(NoRow)?;
            Value::Bytes(STANDARD.decode(text).map_err(|_| NoRow)?)
        }
        Json::Bool(_) | Json::Array(_) => return Err(NoRow),
    })
}

/// Reads a table whole, its columns in the order of the live schema.
pub fn select(table: &LiveTable) -> Stmt {
    let columns = table.columns.join(", ");
    let sql = format!("SELECT {columns} FROM {}", table.name);
    Stmt::of_schema("dump.select", sql, Vec::new())
}

/// Writes one row of a table, its columns in the order of the live schema.
pub fn insert(table: &LiveTable, columns: Vec<Value>) -> Stmt {
    let places: Vec<String> = (1..=table.columns.len())
        .map(|place| format!("?{place}"))
        .collect();
    let sql = format!(
        "INSERT INTO {} ({}) VALUES ({})",
        table.name,
        table.columns.join(", "),
        places.join(", ")
    );
    Stmt::of_schema("dump.insert", sql, columns).expect(1)
}

/// The live table of this name with just these columns, in the order given: names of a backup become
/// SQL only when the live schema has them.
///
/// # Errors
/// When the database fails.
pub async fn live_table(
    db: &Db,
    name: &str,
    columns: &[String],
) -> Result<Option<LiveTable>, DbError> {
    let sorted = |names: &[String]| {
        let mut names = names.to_vec();
        names.sort_unstable();
        names
    };
    let wanted = sorted(columns);
    let mut tables = live_tables(db).await?.into_iter();
    let found = tables.find(|table| table.name == name && sorted(&table.columns) == wanted);
    Ok(found.map(|table| LiveTable {
        columns: columns.to_vec(),
        ..table
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_back_as_they_were() {
        let values = vec![
            Value::Null,
            Value::Int(i64::MIN),
            Value::Float(0.1),
            Value::Text("\"ü\"\n".to_owned()),
            Value::Bytes(vec![0, 255, 10]),
        ];
        let line = to_line(&Row::new(values.clone()));
        assert!(!line.contains('\n'));
        assert!(from_line(&line).unwrap() == values);
    }

    proptest::proptest! {
        #[test]
        fn no_line_makes_it_panic(line in "\\PC{0,60}") {
            let _read = from_line(&line);
        }

        #[test]
        fn numbers_survive(whole: i64, real in -1e300_f64..1e300) {
            let row = Row::new(vec![Value::Int(whole), Value::Float(real)]);
            let read = from_line(&to_line(&row)).unwrap();
            proptest::prop_assert!(read[0] == Value::Int(whole));
            let same = match read[1] {
                Value::Float(number) => number.to_bits() == real.to_bits(),
                Value::Int(number) => (number as f64).to_bits() == real.to_bits(),
                _ => false,
            };
            proptest::prop_assert!(same);
        }
    }
}
