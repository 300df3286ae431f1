//! The signed statement that a session's data was destroyed: what an erasure certificate holds and
//! what the erasure log is checked by.

use ed25519_dalek::{Signature, Signer as _};
use uuid::Uuid;
use verifa_core::time::Timestamp;

use crate::audit::{AuditSigner, AuditVerifier};

/// What is signed. Holds ids and numbers, no personal data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErasureStatement<'a> {
    /// The session.
    pub session: Uuid,
    /// The organization that it belonged to.
    pub organization: Uuid,
    /// `live` or `sandbox`.
    pub environment: &'a str,
    /// What brought it about.
    pub cause: &'a str,
    /// Images deleted.
    pub documents_removed: i64,
    /// The audit event that tells of it.
    pub audit_event: Uuid,
    /// When.
    pub erased_at: Timestamp,
}

/// What an exported erasure log reaches, as its last line tells it: without it a log that is old or
/// was cut could not be told from a whole one. Holds numbers and a hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErasureLogStatement<'a> {
    /// How many erasures it has.
    pub erasures: i64,
    /// When the last of them was.
    pub last_erased_at: Option<Timestamp>,
    /// SHA-256 of its lines.
    pub lines_hash: &'a [u8],
    /// When it was exported: every erasure until then is in it.
    pub exported_at: Timestamp,
}

/// A statement whose signature is not the server's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the erasure's signature is not by this key")]
pub struct ErasureRefused;

impl ErasureStatement<'_> {
    /// The bytes that the signature covers: a label, then each part behind its length.
    pub fn signed_bytes(&self) -> Vec<u8> {
        let numbers = [
            self.documents_removed.to_be_bytes(),
            self.erased_at.as_micros().to_be_bytes(),
        ];
        let parts: [&[u8]; 7] = [
            self.session.as_bytes(),
            self.organization.as_bytes(),
            self.environment.as_bytes(),
            self.cause.as_bytes(),
            &numbers[0],
            self.audit_event.as_bytes(),
            &numbers[1],
        ];
        framed(b"verifa/1/erasure\0", &parts)
    }
}

impl ErasureLogStatement<'_> {
    /// The bytes that the signature covers: a label, then each part behind its length.
    pub fn signed_bytes(&self) -> Vec<u8> {
        let last = self
            .last_erased_at
            .map(|last| last.as_micros().to_be_bytes());
        let parts: [&[u8]; 4] = [
            &self.erasures.to_be_bytes(),
            last.as_ref().map_or(&[], |last| last.as_slice()),
            self.lines_hash,
            &self.exported_at.as_micros().to_be_bytes(),
        ];
        framed(b"verifa/1/erasure-log\0", &parts)
    }
}

fn framed(label: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let mut bytes = label.to_vec();
    for part in parts {
        bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
        bytes.extend_from_slice(part);
    }
    bytes
}

impl AuditSigner {
    /// The 64-byte signature of an erasure (Ed25519, RFC 8032).
    pub fn sign_erasure(&self, statement: &ErasureStatement<'_>) -> [u8; 64] {
        self.signing_key()
            .sign(&statement.signed_bytes())
            .to_bytes()
    }

    /// The 64-byte signature of what an exported erasure log reaches.
    pub fn sign_erasure_log(&self, statement: &ErasureLogStatement<'_>) -> [u8; 64] {
        self.signing_key()
            .sign(&statement.signed_bytes())
            .to_bytes()
    }
}

impl AuditVerifier {
    /// Checks an erasure's signature, refusing weak keys and malleable forms.
    ///
    /// # Errors
    /// When it is not by this key, or for another statement.
    pub fn verify_erasure(
        &self,
        statement: &ErasureStatement<'_>,
        signature: &[u8],
    ) -> Result<(), ErasureRefused> {
        self.verify_statement(&statement.signed_bytes(), signature)
    }

    /// Checks the signature over the bytes of a statement, as a certificate carries them.
    ///
    /// # Errors
    /// When it is not by this key, or for other bytes.
    pub fn verify_statement(&self, bytes: &[u8], signature: &[u8]) -> Result<(), ErasureRefused> {
        let signature = Signature::from_slice(signature).map_err(|_| ErasureRefused)?;
        let verified = self.verifying_key().verify_strict(bytes, &signature);
        verified.map_err(|_| ErasureRefused)
    }
}
