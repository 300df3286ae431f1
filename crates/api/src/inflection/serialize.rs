//! A serializer that writes the names of struct fields in the wanted casing.
//!
//! Serde tells fields of structs from keys of maps; the first are the API's names, the second
//! are somebody's data. So the types of the views decide, and no list of names is needed.

use serde::ser::{
    Error, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant,
};
use serde::{Serialize, Serializer};
use serde_json::Value;

use super::Inflection;

/// Numbers and raw values of `serde_json` travel as structs of this name; they aren't objects.
const PRIVATE: &str = "$serde_json::private::";
const FIELDS: &str = "$verifa::fields";

/// JSON whose object keys are names of the API although the type is dynamic, such as a check's
/// details. Free maps inside it keep their keys.
#[derive(Debug, Clone, PartialEq)]
pub struct Fields(pub Value);

impl Serialize for Fields {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(FIELDS, &self.0)
    }
}

/// Writes a value as compact JSON with its field names in `inflection`.
///
/// # Errors
/// When the value can't be written as JSON; no view of the API is such a value.
pub fn to_bytes<T: Serialize + ?Sized>(
    value: &T,
    inflection: Inflection,
) -> Result<Vec<u8>, serde_json::Error> {
    if inflection == Inflection::Snake {
        return serde_json::to_vec(value);
    }
    let mut out = Vec::with_capacity(256);
    Wrapped { value, inflection }.serialize(&mut serde_json::Serializer::new(&mut out))?;
    Ok(out)
}

struct Wrapped<'a, T: ?Sized> {
    value: &'a T,
    inflection: Inflection,
}

impl<T: Serialize + ?Sized> Serialize for Wrapped<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value.serialize(Inflecting {
            inner: serializer,
            inflection: self.inflection,
        })
    }
}

/// A serializer, or one of its compounds, with the casing it writes.
struct Inflecting<S> {
    inner: S,
    inflection: Inflection,
}

impl<S> Inflecting<S> {
    fn wrap<'a, T: ?Sized>(&self, value: &'a T) -> Wrapped<'a, T> {
        Wrapped {
            value,
            inflection: self.inflection,
        }
    }
}

/// A struct is written as a map with renamed keys; private structs of `serde_json` pass through.
enum StructWriter<S: Serializer> {
    Renamed(Inflecting<S::SerializeMap>),
    Private(S::SerializeStruct),
}

macro_rules! pass {
    ($($method:ident: $kind:ty,)+) => {$(
        fn $method(self, value: $kind) -> Result<S::Ok, S::Error> {
            self.inner.$method(value)
        }
    )+};
}

impl<S: Serializer> Serializer for Inflecting<S> {
    type Ok = S::Ok;
    type Error = S::Error;
    type SerializeSeq = Inflecting<S::SerializeSeq>;
    type SerializeTuple = Inflecting<S::SerializeTuple>;
    type SerializeTupleStruct = Inflecting<S::SerializeTupleStruct>;
    type SerializeTupleVariant = Inflecting<S::SerializeTupleVariant>;
    type SerializeMap = Inflecting<S::SerializeMap>;
    type SerializeStruct = StructWriter<S>;
    type SerializeStructVariant = Inflecting<S::SerializeStructVariant>;

    pass! {
        serialize_bool: bool, serialize_i8: i8, serialize_i16: i16, serialize_i32: i32,
        serialize_i64: i64, serialize_i128: i128, serialize_u8: u8, serialize_u16: u16,
        serialize_u32: u32, serialize_u64: u64, serialize_u128: u128, serialize_f32: f32,
        serialize_f64: f64, serialize_char: char, serialize_str: &str, serialize_bytes: &[u8],
        serialize_unit_struct: &'static str,
    }

    fn serialize_none(self) -> Result<S::Ok, S::Error> {
        self.inner.serialize_none()
    }

    fn serialize_unit(self) -> Result<S::Ok, S::Error> {
        self.inner.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<S::Ok, S::Error> {
        let value = self.wrap(value);
        self.inner.serialize_some(&value)
    }

    fn serialize_unit_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
    ) -> Result<S::Ok, S::Error> {
        self.inner.serialize_unit_variant(name, index, variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<S::Ok, S::Error> {
        if name == FIELDS {
            let value = serde_json::to_value(value).map_err(S::Error::custom)?;
            let renamed = self.inflection.apply_to_keys(value);
            return renamed.serialize(self.inner);
        }
        let value = self.wrap(value);
        self.inner.serialize_newtype_struct(name, &value)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<S::Ok, S::Error> {
        let value = self.wrap(value);
        self.inner
            .serialize_newtype_variant(name, index, variant, &value)
    }

    fn serialize_seq(self, len: Option<usize>) -> Result<Self::SerializeSeq, S::Error> {
        let inflection = self.inflection;
        Ok(Inflecting {
            inner: self.inner.serialize_seq(len)?,
            inflection,
        })
    }

    fn serialize_tuple(self, len: usize) -> Result<Self::SerializeTuple, S::Error> {
        let inflection = self.inflection;
        Ok(Inflecting {
            inner: self.inner.serialize_tuple(len)?,
            inflection,
        })
    }

    fn serialize_tuple_struct(
        self,
        name: &'static str,
        len: usize,
    ) -> Result<Self::SerializeTupleStruct, S::Error> {
        let inflection = self.inflection;
        Ok(Inflecting {
            inner: self.inner.serialize_tuple_struct(name, len)?,
            inflection,
        })
    }

    fn serialize_tuple_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Self::SerializeTupleVariant, S::Error> {
        let inflection = self.inflection;
        let inner = self
            .inner
            .serialize_tuple_variant(name, index, variant, len)?;
        Ok(Inflecting { inner, inflection })
    }

    fn serialize_map(self, len: Option<usize>) -> Result<Self::SerializeMap, S::Error> {
        let inflection = self.inflection;
        Ok(Inflecting {
            inner: self.inner.serialize_map(len)?,
            inflection,
        })
    }

    fn serialize_struct(
        self,
        name: &'static str,
        len: usize,
    ) -> Result<Self::SerializeStruct, S::Error> {
        let inflection = self.inflection;
        if name.starts_with(PRIVATE) {
            return Ok(StructWriter::Private(
                self.inner.serialize_struct(name, len)?,
            ));
        }
        let inner = self.inner.serialize_map(Some(len))?;
        Ok(StructWriter::Renamed(Inflecting { inner, inflection }))
    }

    fn serialize_struct_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Self::SerializeStructVariant, S::Error> {
        let inflection = self.inflection;
        let inner = self
            .inner
            .serialize_struct_variant(name, index, variant, len)?;
        Ok(Inflecting { inner, inflection })
    }
}

impl<S: Serializer> SerializeStruct for StructWriter<S> {
    type Ok = S::Ok;
    type Error = S::Error;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), S::Error> {
        match self {
            Self::Renamed(map) => {
                let key = map.inflection.apply(key);
                let value = map.wrap(value);
                map.inner.serialize_entry(key.as_ref(), &value)
            }
            Self::Private(inner) => inner.serialize_field(key, value),
        }
    }

    fn end(self) -> Result<S::Ok, S::Error> {
        match self {
            Self::Renamed(map) => map.inner.end(),
            Self::Private(inner) => inner.end(),
        }
    }
}

macro_rules! elements {
    ($($kind:ident.$method:ident,)+) => {$(
        impl<S: $kind> $kind for Inflecting<S> {
            type Ok = S::Ok;
            type Error = S::Error;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), S::Error> {
                let value = self.wrap(value);
                self.inner.$method(&value)
            }

            fn end(self) -> Result<S::Ok, S::Error> {
                self.inner.end()
            }
        }
    )+};
}

elements! {
    SerializeSeq.serialize_element,
    SerializeTuple.serialize_element,
    SerializeTupleStruct.serialize_field,
    SerializeTupleVariant.serialize_field,
}

impl<S: SerializeMap> SerializeMap for Inflecting<S> {
    type Ok = S::Ok;
    type Error = S::Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), S::Error> {
        self.inner.serialize_key(key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), S::Error> {
        let value = self.wrap(value);
        self.inner.serialize_value(&value)
    }

    fn end(self) -> Result<S::Ok, S::Error> {
        self.inner.end()
    }
}

impl<S: SerializeStructVariant> SerializeStructVariant for Inflecting<S> {
    type Ok = S::Ok;
    type Error = S::Error;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), S::Error> {
        // The names inside an externally tagged variant have to be static for the inner
        // serializer; views use internally tagged enums, whose fields arrive as structs.
        let value = self.wrap(value);
        self.inner.serialize_field(key, &value)
    }

    fn end(self) -> Result<S::Ok, S::Error> {
        self.inner.end()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;

    #[derive(Serialize)]
    struct Inner {
        routed_to: Option<String>,
    }

    #[derive(Serialize)]
    #[serde(tag = "node_type", rename_all = "snake_case")]
    enum Node {
        WaitGate { on_timeout: u8 },
    }

    #[derive(Serialize)]
    struct View {
        external_ref: Option<&'static str>,
        metadata: Value,
        node_results: BTreeMap<String, Inner>,
        node: Node,
        check_details: Fields,
        pairs: (Inner, [Inner; 1]),
    }

    fn view() -> View {
        let inner = || Inner { routed_to: None };
        View {
            external_ref: Some("a_b"),
            metadata: serde_json::from_str(
                r#"{"user_plan":{"max_seats":1.50},"big_number":12345678901234567890123}"#,
            )
            .unwrap(),
            node_results: BTreeMap::from([("my_node".to_owned(), inner())]),
            node: Node::WaitGate { on_timeout: 1 },
            check_details: Fields(json!({"read_fields": {"birth_date": 1},
                "metadata": {"keep_me": [{"and_me": 2}]}})),
            pairs: (inner(), [inner()]),
        }
    }

    #[test]
    fn field_names_change_and_data_does_not() {
        let camel = String::from_utf8(to_bytes(&view(), Inflection::Camel).unwrap()).unwrap();
        assert_eq!(
            camel,
            r#"{"externalRef":"a_b","metadata":{"user_plan":{"max_seats":1.50},"big_number":12345678901234567890123},"nodeResults":{"my_node":{"routedTo":null}},"node":{"nodeType":"wait_gate","onTimeout":1},"checkDetails":{"readFields":{"birthDate":1},"metadata":{"keep_me":[{"and_me":2}]}},"pairs":[{"routedTo":null},[{"routedTo":null}]]}"#
        );
        let kebab = String::from_utf8(to_bytes(&view(), Inflection::Kebab).unwrap()).unwrap();
        assert!(
            kebab.contains(r#""node-results":{"my_node":{"routed-to":null}}"#),
            "{kebab}"
        );
        assert!(
            kebab.contains(r#"{"user_plan":{"max_seats":1.50}"#),
            "{kebab}"
        );
    }

    #[test]
    fn snake_is_plain_json() {
        let plain = serde_json::to_vec(&view()).unwrap();
        assert_eq!(to_bytes(&view(), Inflection::Snake).unwrap(), plain);
    }
}
