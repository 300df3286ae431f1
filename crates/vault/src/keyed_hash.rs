//! HMAC-SHA-256 values by which things are found without storing what they are.

use subtle::ConstantTimeEq as _;

use crate::error::VaultError;
use crate::key::{KeyBytes, hmac_parts};

/// A keyed hash; compares in constant time.
#[derive(Clone, Copy)]
pub struct KeyedHash([u8; 32]);

impl KeyedHash {
    pub(crate) fn compute(key: &[u8; 32], parts: &[&[u8]]) -> Self {
        Self(hmac_parts(key, parts))
    }

    /// The bytes, as stored.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// From the stored bytes.
    pub fn from_stored(bytes: &[u8]) -> Result<Self, VaultError> {
        bytes
            .try_into()
            .map(Self)
            .map_err(|_| VaultError::WrongKeyLength)
    }
}

impl PartialEq for KeyedHash {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for KeyedHash {}

/// Keyed hashes of personal data for exact look-ups (spec/resources.md, "Search over PII only by
/// keyed hash"). One per organization; the same value under another label hashes differently.
pub struct BlindIndex(KeyBytes);

impl BlindIndex {
    pub(crate) const fn new(key: KeyBytes) -> Self {
        Self(key)
    }

    /// The hash of a value that the caller has normalised, such as `("email", "a@example.org")`.
    pub fn compute(&self, field_label: &str, normalised_value: &str) -> KeyedHash {
        KeyedHash::compute(
            &self.0,
            &[field_label.as_bytes(), normalised_value.as_bytes()],
        )
    }
}
