//! Parameters and columns in PostgreSQL's binary form, by the types of the prepared statement.

use std::error::Error;

use bytes::{BufMut as _, BytesMut};
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use uuid::Uuid;

use crate::db::{DbError, Row, Value};

/// A parameter on its way out.
pub(super) struct Parameter<'a>(pub(super) &'a Value);

/// Shows no value: parameters are people's data.
impl std::fmt::Debug for Parameter<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Parameter")
    }
}

type Failed = Box<dyn Error + Sync + Send>;

impl ToSql for Parameter<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Failed> {
        match (self.0, ty) {
            (Value::Null, _) => return Ok(IsNull::Yes),
            (Value::Int(number), &Type::INT8) => out.put_i64(*number),
            (Value::Int(number), &Type::INT4) => out.put_i32(i32::try_from(*number)?),
            (Value::Int(number), &Type::INT2) => out.put_i16(i16::try_from(*number)?),
            (Value::Int(number), &Type::BOOL) => out.put_u8(u8::from(*number != 0)),
            (Value::Int(number), &Type::FLOAT8) => out.put_f64(*number as f64),
            (Value::Float(number), &Type::FLOAT8) => out.put_f64(*number),
            (Value::Text(text), &(Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME)) => {
                out.put_slice(text.as_bytes());
            }
            (Value::Bytes(bytes), &Type::BYTEA) => out.put_slice(bytes),
            (Value::Uuid(uuid), &(Type::UUID | Type::BYTEA)) => out.put_slice(uuid.as_bytes()),
            // From a backup, which knows ids as the bytes that SQLite keeps.
            (Value::Bytes(bytes), &Type::UUID) => {
                out.put_slice(Uuid::from_slice(bytes)?.as_bytes());
            }
            (_, other) => return Err(format!("value does not fit {other}").into()),
        }
        Ok(IsNull::No)
    }

    /// Decided by [`Parameter::to_sql`], which knows the value.
    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// A column on its way in.
struct Column(Value);

impl<'a> FromSql<'a> for Column {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Failed> {
        Ok(Self(match *ty {
            Type::INT8 => Value::Int(i64::from_sql(ty, raw)?),
            Type::INT4 => Value::Int(i32::from_sql(ty, raw)?.into()),
            Type::INT2 => Value::Int(i16::from_sql(ty, raw)?.into()),
            Type::BOOL => Value::Int(bool::from_sql(ty, raw)?.into()),
            Type::NUMERIC => Value::Int(whole_number(raw).ok_or("not a whole number in 64 bits")?),
            Type::FLOAT8 => Value::Float(f64::from_sql(ty, raw)?),
            Type::FLOAT4 => Value::Float(f32::from_sql(ty, raw)?.into()),
            Type::BYTEA => Value::Bytes(raw.to_vec()),
            Type::UUID => Value::Uuid(Uuid::from_slice(raw)?),
            _ => Value::Text(std::str::from_utf8(raw)?.to_owned()),
        }))
    }

    fn from_sql_null(_: &Type) -> Result<Self, Failed> {
        Ok(Self(Value::Null))
    }

    fn accepts(ty: &Type) -> bool {
        matches!(
            *ty,
            Type::INT8
                | Type::INT4
                | Type::INT2
                | Type::BOOL
                | Type::NUMERIC
                | Type::FLOAT8
                | Type::FLOAT4
                | Type::BYTEA
                | Type::UUID
                | Type::TEXT
                | Type::VARCHAR
                | Type::BPCHAR
                | Type::NAME
        )
    }
}

/// `NUMERIC` as `SUM` of integers answers it: a header of four 16-bit fields (count of digits,
/// weight of the first, sign, scale), then digits of base 10,000.
fn whole_number(raw: &[u8]) -> Option<i64> {
    let (header, digits) = raw.split_first_chunk::<8>()?;
    let [_, _, w0, w1, s0, s1, _, _] = *header;
    let weight = i16::from_be_bytes([w0, w1]);
    let mut total: i128 = 0;
    let mut digits = digits.chunks_exact(2).map(|pair| match pair {
        [high, low] => i16::from_be_bytes([*high, *low]),
        _ => 0,
    });
    for _ in 0..=weight {
        let digit = digits.next().unwrap_or(0);
        total = total.checked_mul(10_000)?.checked_add(digit.into())?;
    }
    if digits.any(|digit| digit != 0) {
        return None;
    }
    match u16::from_be_bytes([s0, s1]) {
        0x0000 => i64::try_from(total).ok(),
        0x4000 => i64::try_from(-total).ok(),
        _ => None,
    }
}

/// Reads a row of an answer.
pub(super) fn read_row(row: &tokio_postgres::Row, label: &'static str) -> Result<Row, DbError> {
    (0..row.len())
        .map(|column| row.try_get::<_, Column>(column).map(|column| column.0))
        .collect::<Result<Vec<_>, _>>()
        .map(Row::new)
        .map_err(|error| DbError::Internal(format!("{label}: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numeric(weight: i16, sign: u16, digits: &[i16]) -> Vec<u8> {
        let mut raw = Vec::new();
        raw.extend((digits.len() as u16).to_be_bytes());
        raw.extend(weight.to_be_bytes());
        raw.extend(sign.to_be_bytes());
        raw.extend(0_i16.to_be_bytes());
        for digit in digits {
            raw.extend(digit.to_be_bytes());
        }
        raw
    }

    #[test]
    fn whole_numerics_are_read() {
        assert_eq!(whole_number(&numeric(0, 0, &[])), Some(0));
        assert_eq!(whole_number(&numeric(1, 0, &[12, 3456])), Some(123_456));
        assert_eq!(whole_number(&numeric(2, 0x4000, &[7])), Some(-700_000_000));
        assert_eq!(
            whole_number(&numeric(4, 0, &[922, 3372, 368, 5477, 5807])),
            Some(i64::MAX)
        );
    }

    #[test]
    fn fractions_overflow_and_not_a_number_are_refused() {
        assert_eq!(whole_number(&numeric(0, 0, &[1, 5000])), None);
        assert_eq!(
            whole_number(&numeric(4, 0, &[922, 3372, 368, 5477, 5808])),
            None
        );
        assert_eq!(whole_number(&numeric(32_767, 0, &[9999])), None);
        assert_eq!(whole_number(&numeric(0, 0xC000, &[])), None);
        assert_eq!(whole_number(&[0; 7]), None);
    }
}
