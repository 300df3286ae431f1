//! The audit trail's hash chain and its signed checkpoints.
//!
//! The chain alone proves nothing against whoever keeps it; a checkpoint signed at a time and kept
//! elsewhere does (spec/resources.md, "Audit").

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest as _, Sha256};
use verifa_core::time::Timestamp;

use crate::key::KEY_LENGTH;

/// The hash of an event and everything before it. Public: it may be exported and printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChainHash([u8; 32]);

impl ChainHash {
    /// What the first event is chained to.
    pub const GENESIS: Self = Self([0; 32]);

    /// From stored bytes; `None` when there are not 32 of them.
    pub fn from_stored(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The bytes, as stored.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// SHA-256 over a domain label, the former hash, the sequence number and the length-prefixed
/// canonical bytes of the event.
pub fn chain_hash(previous: &ChainHash, sequence: u64, event: &[u8]) -> ChainHash {
    let mut hasher = Sha256::new();
    hasher.update(b"verifa/1/audit-chain\0");
    hasher.update(previous.0);
    hasher.update(sequence.to_be_bytes());
    hasher.update((event.len() as u64).to_be_bytes());
    hasher.update(event);
    ChainHash(hasher.finalize().into())
}

/// How far the chain had come at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checkpoint {
    /// The sequence number of the last event it covers.
    pub sequence: u64,
    /// The hash of that event.
    pub chain_hash: ChainHash,
    /// When it was signed.
    pub time: Timestamp,
}

impl Checkpoint {
    fn signed_bytes(&self) -> Vec<u8> {
        let mut bytes = b"verifa/1/audit-checkpoint\0".to_vec();
        bytes.extend_from_slice(&self.sequence.to_be_bytes());
        bytes.extend_from_slice(&self.chain_hash.0);
        bytes.extend_from_slice(&self.time.as_micros().to_be_bytes());
        bytes
    }
}

/// A checkpoint whose signature is not the server's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the checkpoint's signature is not by this key")]
pub struct CheckpointRefused;

/// Signs checkpoints (Ed25519, RFC 8032).
pub struct AuditSigner(SigningKey);

impl AuditSigner {
    pub(crate) fn from_seed(seed: &[u8; KEY_LENGTH]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    pub(crate) const fn signing_key(&self) -> &SigningKey {
        &self.0
    }

    /// The 64-byte signature of a checkpoint.
    pub fn sign(&self, checkpoint: &Checkpoint) -> [u8; 64] {
        self.0.sign(&checkpoint.signed_bytes()).to_bytes()
    }

    /// The public half, to be kept by whoever audits.
    pub fn verifier(&self) -> AuditVerifier {
        AuditVerifier(self.0.verifying_key())
    }
}

/// Checks checkpoints with the public key alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditVerifier(VerifyingKey);

impl AuditVerifier {
    /// From the 32 public bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CheckpointRefused> {
        let bytes = bytes.try_into().map_err(|_| CheckpointRefused)?;
        VerifyingKey::from_bytes(bytes)
            .map(Self)
            .map_err(|_| CheckpointRefused)
    }

    pub(crate) const fn verifying_key(&self) -> &VerifyingKey {
        &self.0
    }

    /// The 32 public bytes.
    pub fn to_bytes(&self) -> [u8; 32] {
        self.0.to_bytes()
    }

    /// Checks a signature, refusing weak keys and malleable forms.
    pub fn verify(
        &self,
        checkpoint: &Checkpoint,
        signature: &[u8],
    ) -> Result<(), CheckpointRefused> {
        let signature = Signature::from_slice(signature).map_err(|_| CheckpointRefused)?;
        self.0
            .verify_strict(&checkpoint.signed_bytes(), &signature)
            .map_err(|_| CheckpointRefused)
    }
}
