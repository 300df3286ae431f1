//! How values are told apart on the wire.

use serde::{Deserialize, Deserializer};

/// A field that is there, whatever its value; one that is absent takes its default. So null is
/// told from nothing, as PATCH needs it.
pub(crate) fn named<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(deserializer).map(Some)
}
