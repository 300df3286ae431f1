//! Keys that wrap other keys, below everything that has one.
//!
//! A wrapped key is version `1`, the id of the wrapping key (8 bytes), a random 96-bit nonce, 32 key
//! bytes and tag (AES-256-GCM): the id tells which key opens it before anything is tried.

use verifa_core::random::Random;
use zeroize::Zeroizing;

use crate::cipher::Cipher;
use crate::error::VaultError;
use crate::key::{KEY_LENGTH, KeyBytes, derive};
use crate::key_id::{KEY_ID_LENGTH, KeyId};
use crate::place::Place;

const WRAP_VERSION: u8 = 1;

/// A key that wraps other keys.
pub(crate) struct WrappingKey {
    id: KeyId,
    cipher: Cipher,
}

impl WrappingKey {
    /// The wrapping key that belongs to a key of the hierarchy.
    pub(crate) fn of(key: &[u8; KEY_LENGTH]) -> Self {
        Self {
            id: KeyId::of(key),
            cipher: Cipher::new(&derive(key, None, &[b"verifa/1/wrap"])),
        }
    }

    pub(crate) const fn id(&self) -> KeyId {
        self.id
    }

    pub(crate) fn wrap(
        &self,
        key: &[u8; KEY_LENGTH],
        place: &Place<'_>,
        random: &dyn Random,
    ) -> Vec<u8> {
        self.cipher
            .seal(&wrap_header(self.id), &place.encode(), key, random)
    }

    pub(crate) fn unwrap(&self, wrapped: &[u8], place: &Place<'_>) -> Result<KeyBytes, VaultError> {
        let wanted = wrapped_by(wrapped)?;
        if wanted != self.id {
            return Err(VaultError::OtherKey { wanted });
        }
        let opened = self
            .cipher
            .open(&wrap_header(self.id), &place.encode(), wrapped)?;
        let bytes = <&[u8; KEY_LENGTH]>::try_from(opened.as_slice())
            .map_err(|_| VaultError::WrongKeyLength)?;
        Ok(Zeroizing::new(*bytes))
    }
}

fn wrap_header(id: KeyId) -> [u8; 1 + KEY_ID_LENGTH] {
    let mut header = [WRAP_VERSION; 1 + KEY_ID_LENGTH];
    header[1..].copy_from_slice(id.as_bytes());
    header
}

/// The id of the key under which `wrapped` was wrapped: tells a rotation what is left to do.
pub fn wrapped_by(wrapped: &[u8]) -> Result<KeyId, VaultError> {
    match wrapped.split_first() {
        Some((&WRAP_VERSION, rest)) => rest
            .first_chunk::<KEY_ID_LENGTH>()
            .map(|id| KeyId::from_bytes(*id))
            .ok_or(VaultError::UnknownFormat),
        _ => Err(VaultError::UnknownFormat),
    }
}
