//! Signatures of download URLs: HMAC-SHA-256 over session, document type and expiry
//! (spec/sessions.md, "download").

use subtle::ConstantTimeEq as _;
use verifa_core::id::{Id as _, SessionId};
use verifa_core::time::Timestamp;

use crate::key::{KeyBytes, hmac_parts};

/// Why a signed URL was refused. Both answer 403.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureRefused {
    /// The signature belongs to another URL, or to none.
    #[error("the signature does not match")]
    Forged,
    /// The signature is right, its time is over.
    #[error("the link has expired")]
    Expired,
}

/// Signs and checks the `expires` and `sig` of a download URL.
pub struct UrlSigner {
    key: KeyBytes,
    former: Option<KeyBytes>,
}

impl UrlSigner {
    pub(crate) const fn new(key: KeyBytes, former: Option<KeyBytes>) -> Self {
        Self { key, former }
    }

    /// The `sig` parameter: 64 lower-case hexadecimal digits. `expires` is in Unix seconds, as in
    /// the URL.
    pub fn sign(&self, session: SessionId, document_type: &str, expires: i64) -> String {
        hex::encode(signature(&self.key, session, document_type, expires))
    }

    /// Checks a URL's parameters. The link is good up to the second before `expires`.
    pub fn verify(
        &self,
        session: SessionId,
        document_type: &str,
        expires: i64,
        signature: &str,
        now: Timestamp,
    ) -> Result<(), SignatureRefused> {
        let mut sent = [0; 32];
        hex::decode_to_slice(signature, &mut sent).map_err(|_| SignatureRefused::Forged)?;
        let mut keys = std::iter::once(&self.key).chain(&self.former);
        let right = keys.any(|key| {
            let right = self::signature(key, session, document_type, expires);
            right.ct_eq(&sent).into()
        });
        if !right {
            return Err(SignatureRefused::Forged);
        }
        if now.as_seconds() >= expires {
            return Err(SignatureRefused::Expired);
        }
        Ok(())
    }
}

fn signature(key: &[u8; 32], session: SessionId, document_type: &str, expires: i64) -> [u8; 32] {
    let session = session.uuid();
    let parts = [
        session.as_bytes().as_slice(),
        document_type.as_bytes(),
        &expires.to_be_bytes(),
    ];
    hmac_parts(key, &parts)
}
