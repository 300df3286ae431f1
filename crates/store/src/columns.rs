//! Reading and writing columns that hold more than a plain value.

use verifa_core::tenant::{Environment, Tenant};

use crate::db::{DbError, Row, Value};

/// Reads the organization at `index` and the environment behind it.
pub(crate) fn tenant_at(row: &Row, index: usize) -> Result<Tenant, DbError> {
    let environment: Environment = row
        .get::<String>(index + 1)?
        .parse()
        .map_err(|_| DbError::Column { index: index + 1 })?;
    Ok(Tenant {
        organization: row.id(index)?,
        environment,
    })
}

/// Reads a stored enum; an unknown word is a column error.
pub(crate) fn parsed<T: std::str::FromStr>(row: &Row, index: usize) -> Result<T, DbError> {
    row.get::<String>(index)?
        .parse()
        .map_err(|_| DbError::Column { index })
}

/// Reads an optional stored enum.
pub(crate) fn parsed_opt<T: std::str::FromStr>(
    row: &Row,
    index: usize,
) -> Result<Option<T>, DbError> {
    row.get::<Option<String>>(index)?
        .map(|text| text.parse().map_err(|_| DbError::Column { index }))
        .transpose()
}

/// Reads a JSON text column.
pub(crate) fn json<T: serde::de::DeserializeOwned>(row: &Row, index: usize) -> Result<T, DbError> {
    serde_json::from_str(&row.get::<String>(index)?).map_err(|_| DbError::Column { index })
}

/// Reads an optional JSON text column.
pub(crate) fn json_opt<T: serde::de::DeserializeOwned>(
    row: &Row,
    index: usize,
) -> Result<Option<T>, DbError> {
    row.get::<Option<String>>(index)?
        .map(|text| serde_json::from_str(&text).map_err(|_| DbError::Column { index }))
        .transpose()
}

/// Writes a value as JSON text.
pub(crate) fn to_json<T: serde::Serialize>(value: &T) -> Value {
    // Serialising our own plain types cannot fail; an empty text would be refused on reading.
    Value::Text(serde_json::to_string(value).unwrap_or_default())
}
