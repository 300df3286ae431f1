//! How a wrap names the key that made it.

use std::fmt;

use sha2::{Digest as _, Sha256};

use crate::key::{KEY_LENGTH, derive};

/// Bytes of a [`KeyId`].
pub(crate) const KEY_ID_LENGTH: usize = 8;

/// Names a key without telling it: the first 8 bytes of SHA-256 over a value derived from the key.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyId([u8; KEY_ID_LENGTH]);

impl KeyId {
    pub(crate) fn of(key: &[u8; KEY_LENGTH]) -> Self {
        let digest = Sha256::digest(derive::<32>(key, None, &[b"verifa/1/key-id"]));
        let mut id = [0; KEY_ID_LENGTH];
        id.copy_from_slice(&digest[..KEY_ID_LENGTH]);
        Self(id)
    }

    pub(crate) const fn from_bytes(bytes: [u8; KEY_ID_LENGTH]) -> Self {
        Self(bytes)
    }

    pub(crate) const fn as_bytes(&self) -> &[u8; KEY_ID_LENGTH] {
        &self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
