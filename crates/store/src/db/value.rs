//! Parameter and column values, the same for both databases.

use uuid::Uuid;
use verifa_core::time::Timestamp;

use super::DbError;

/// A parameter or a column.
///
/// Times are microseconds in `BIGINT`; ids are `UUID` in PostgreSQL and 16-byte blobs in SQLite.
#[derive(Clone, PartialEq)]
pub enum Value {
    /// SQL `NULL`.
    Null,
    /// `BIGINT`.
    Int(i64),
    /// `DOUBLE PRECISION`.
    Float(f64),
    /// `TEXT`.
    Text(String),
    /// `BYTEA` or `BLOB`.
    Bytes(Vec<u8>),
    /// `UUID`, or a 16-byte blob.
    Uuid(Uuid),
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}
impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Int(i64::from(value))
    }
}
impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Float(value)
    }
}
impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}
impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}
impl From<Vec<u8>> for Value {
    fn from(value: Vec<u8>) -> Self {
        Self::Bytes(value)
    }
}
impl From<&[u8]> for Value {
    fn from(value: &[u8]) -> Self {
        Self::Bytes(value.to_vec())
    }
}
impl From<Uuid> for Value {
    fn from(value: Uuid) -> Self {
        Self::Uuid(value)
    }
}
impl From<Timestamp> for Value {
    fn from(value: Timestamp) -> Self {
        Self::Int(value.as_micros())
    }
}
impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// Reads a Rust value out of a column.
pub trait FromValue: Sized {
    /// Converts, or says that the column holds something else.
    fn from_value(value: &Value) -> Option<Self>;
}

impl FromValue for i64 {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Int(number) => Some(*number),
            _ => None,
        }
    }
}
impl FromValue for bool {
    fn from_value(value: &Value) -> Option<Self> {
        i64::from_value(value).map(|number| number != 0)
    }
}
impl FromValue for f64 {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Float(number) => Some(*number),
            Value::Int(number) => Some(*number as Self),
            _ => None,
        }
    }
}
impl FromValue for String {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Text(text) => Some(text.clone()),
            _ => None,
        }
    }
}
impl FromValue for Vec<u8> {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Bytes(bytes) => Some(bytes.clone()),
            Value::Uuid(uuid) => Some(uuid.as_bytes().to_vec()),
            _ => None,
        }
    }
}
impl FromValue for Uuid {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Uuid(uuid) => Some(*uuid),
            Value::Bytes(bytes) => Uuid::from_slice(bytes).ok(),
            _ => None,
        }
    }
}
impl FromValue for Timestamp {
    fn from_value(value: &Value) -> Option<Self> {
        i64::from_value(value).map(Self::from_micros)
    }
}
impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Null => Some(None),
            other => T::from_value(other).map(Some),
        }
    }
}

/// One row of an answer, columns by position.
pub struct Row(Vec<Value>);

/// Shows no value: columns are people's data.
impl std::fmt::Debug for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Row of {} columns", self.0.len())
    }
}

impl Row {
    /// From the columns that a driver read.
    pub fn new(columns: Vec<Value>) -> Self {
        Self(columns)
    }

    /// The column at `index`, as it is.
    pub fn value(&self, index: usize) -> Option<&Value> {
        self.0.get(index)
    }

    /// All columns.
    pub(crate) fn values(&self) -> &[Value] {
        &self.0
    }

    /// The column at `index`, converted.
    ///
    /// # Errors
    /// [`DbError::Column`] when the column is absent or of another type.
    pub fn get<T: FromValue>(&self, index: usize) -> Result<T, DbError> {
        self.0
            .get(index)
            .and_then(T::from_value)
            .ok_or(DbError::Column { index })
    }

    /// The column at `index`, wrapped as a typed id.
    ///
    /// # Errors
    /// [`DbError::Column`] when the column is absent or no UUID.
    pub fn id<T: verifa_core::id::Id>(&self, index: usize) -> Result<T, DbError> {
        self.get::<Uuid>(index).map(T::from_uuid)
    }

    /// The column at `index` as a typed id, or `None` where it is NULL.
    ///
    /// # Errors
    /// [`DbError::Column`] when the column is absent or no UUID.
    pub fn id_opt<T: verifa_core::id::Id>(&self, index: usize) -> Result<Option<T>, DbError> {
        Ok(self.get::<Option<Uuid>>(index)?.map(T::from_uuid))
    }
}
