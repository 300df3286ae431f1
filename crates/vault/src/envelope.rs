//! The key hierarchy: the master key wraps organization keys, an organization key wraps one data
//! key per session, and a data key seals that session's values.
//!
//! A sealed value is version `1`, a random 96-bit nonce, ciphertext and tag (AES-256-GCM); a wrapped
//! key has the form that the module `wrapping` describes.

use verifa_core::random::Random;
use zeroize::Zeroizing;

use crate::cipher::Cipher;
use crate::error::VaultError;
use crate::key::{KEY_LENGTH, KeyBytes, derive, random_key};
use crate::key_id::KeyId;
use crate::keyed_hash::BlindIndex;
use crate::master::MasterKey;
use crate::place::Place;
use crate::webhook_key::WebhookSigner;
use crate::wrapping::WrappingKey;

const SEAL_VERSION: u8 = 1;

/// Wraps again under `new` what `old` wrapped, at the same place. Used by the rotation of the
/// master key; the key inside, and so everything that it seals, stays as it is.
pub fn rewrap(
    old: &MasterKey,
    new: &MasterKey,
    place: &Place<'_>,
    wrapped: &[u8],
    random: &dyn Random,
) -> Result<Vec<u8>, VaultError> {
    let key = old.wrapping().unwrap(wrapped, place)?;
    Ok(new.wrapping().wrap(&key, place, random))
}

/// Seals values under one key.
struct SealingKey(Cipher);

impl SealingKey {
    fn of(key: &[u8; KEY_LENGTH]) -> Self {
        Self(Cipher::new(&derive(key, None, &[b"verifa/1/seal"])))
    }

    fn seal(&self, place: &Place<'_>, plaintext: &[u8], random: &dyn Random) -> Vec<u8> {
        self.0
            .seal(&[SEAL_VERSION], &place.encode(), plaintext, random)
    }

    fn open(&self, place: &Place<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        self.0.open(&[SEAL_VERSION], &place.encode(), sealed)
    }
}

/// The key of one session (or of another thing that is erased as a whole).
///
/// Random nonces allow 2³² values under one key (NIST SP 800-38D §8.3): far beyond a session.
pub struct DataKey {
    bytes: KeyBytes,
    sealing: SealingKey,
}

impl DataKey {
    /// Draws a new key.
    pub fn generate(random: &dyn Random) -> Self {
        Self::from_bytes(random_key(random))
    }

    fn from_bytes(bytes: KeyBytes) -> Self {
        Self {
            sealing: SealingKey::of(&bytes),
            bytes,
        }
    }

    /// Seals a value for its place.
    pub fn seal(&self, place: &Place<'_>, plaintext: &[u8], random: &dyn Random) -> Vec<u8> {
        self.sealing.seal(place, plaintext, random)
    }

    /// Opens a value at its place; the plaintext is wiped on drop.
    pub fn open(&self, place: &Place<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        self.sealing.open(place, sealed)
    }

    /// The key of one blob: fresh for each salt, so that chunk counters may serve as nonces.
    pub(crate) fn blob_key(&self, salt: &[u8], blob: &[u8]) -> Zeroizing<[u8; KEY_LENGTH]> {
        derive(&self.bytes, Some(salt), &[b"verifa/1/blob", blob])
    }
}

/// The key of one organization: wraps its data keys, seals what belongs to no session, and keys
/// its blind index.
pub struct OrganizationKey {
    bytes: KeyBytes,
    wrapping: WrappingKey,
    sealing: SealingKey,
    index: BlindIndex,
}

impl OrganizationKey {
    /// Draws a new key.
    pub fn generate(random: &dyn Random) -> Self {
        Self::from_bytes(random_key(random))
    }

    fn from_bytes(bytes: KeyBytes) -> Self {
        Self {
            wrapping: WrappingKey::of(&bytes),
            sealing: SealingKey::of(&bytes),
            index: BlindIndex::new(derive(&bytes, None, &[b"verifa/1/blind-index"])),
            bytes,
        }
    }

    /// The id under which data keys are wrapped.
    pub const fn id(&self) -> KeyId {
        self.wrapping.id()
    }

    /// Wraps a session's data key for its row.
    pub fn wrap(&self, key: &DataKey, place: &Place<'_>, random: &dyn Random) -> Vec<u8> {
        self.wrapping.wrap(&key.bytes, place, random)
    }

    /// Unwraps a session's data key.
    pub fn unwrap(&self, place: &Place<'_>, wrapped: &[u8]) -> Result<DataKey, VaultError> {
        self.wrapping
            .unwrap(wrapped, place)
            .map(DataKey::from_bytes)
    }

    /// Seals a value of the organization itself (settings, list items) for its place.
    pub fn seal(&self, place: &Place<'_>, plaintext: &[u8], random: &dyn Random) -> Vec<u8> {
        self.sealing.seal(place, plaintext, random)
    }

    /// Opens a value of the organization itself.
    pub fn open(&self, place: &Place<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        self.sealing.open(place, sealed)
    }

    /// The key that signs the webhooks of one endpoint.
    pub fn webhook_signer(&self, endpoint: uuid::Uuid) -> WebhookSigner {
        let purpose: &[&[u8]] = &[b"verifa/1/webhook-signer", endpoint.as_bytes()];
        WebhookSigner::from_seed(&derive(&self.bytes, None, purpose))
    }

    /// Keyed hashes for exact look-ups of personal data within this organization.
    pub const fn blind_index(&self) -> &BlindIndex {
        &self.index
    }
}

impl MasterKey {
    /// Wraps an organization's key for its row.
    pub fn wrap(&self, key: &OrganizationKey, place: &Place<'_>, random: &dyn Random) -> Vec<u8> {
        self.wrapping().wrap(&key.bytes, place, random)
    }

    /// Unwraps an organization's key.
    pub fn unwrap(&self, place: &Place<'_>, wrapped: &[u8]) -> Result<OrganizationKey, VaultError> {
        self.wrapping()
            .unwrap(wrapped, place)
            .map(OrganizationKey::from_bytes)
    }
}
