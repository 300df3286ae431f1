//! The key with which the server signs an endpoint's webhooks for receivers that hold no secret.
//!
//! It follows from the organization's key and the endpoint's id, so that it is stored nowhere and
//! stays the same over every rotation of the master key and of the shared secret.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};

use crate::key::KEY_LENGTH;

/// Signs webhooks (Ed25519, RFC 8032).
pub struct WebhookSigner(SigningKey);

impl WebhookSigner {
    /// From 32 secret bytes.
    pub fn from_seed(seed: &[u8; KEY_LENGTH]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// The 64-byte signature of a message.
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }

    /// The public half.
    pub fn verifier(&self) -> WebhookVerifier {
        WebhookVerifier(self.0.verifying_key())
    }
}

/// Checks webhooks with the public key alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WebhookVerifier(VerifyingKey);

impl WebhookVerifier {
    /// `whpk_` and the base64 of the 32 public bytes, as Standard Webhooks writes it.
    pub fn to_text(&self) -> String {
        format!("whpk_{}", STANDARD.encode(self.0.as_bytes()))
    }

    /// Checks a signature, refusing weak keys and malleable forms.
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        Signature::from_slice(signature)
            .is_ok_and(|signature| self.0.verify_strict(message, &signature).is_ok())
    }
}
