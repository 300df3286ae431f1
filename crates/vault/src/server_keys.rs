//! The server's own keys: random, each for one purpose, kept wrapped by the master key in a table
//! of names and wrapped bytes. The caller moves the bytes; this module knows no SQL.

use verifa_core::random::Random;

use crate::audit::AuditSigner;
use crate::error::VaultError;
use crate::key::{KeyBytes, random_key};
use crate::keyed_hash::KeyedHash;
use crate::master::{MasterKey, MasterKeyRing};
use crate::place::Place;
use crate::secret::{AdminTokenSecret, ApiKeySecret, CaptureToken};
use crate::signed_url::UrlSigner;
use crate::wrapping::WrappingKey;

/// Names a server key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ServerKeyName {
    /// Keyed hashes of API keys.
    ApiKeyHash,
    /// Keyed hashes of capture tokens.
    TokenHash,
    /// Signatures of download URLs.
    UrlSigning,
    /// Ed25519 signatures of audit checkpoints.
    AuditSigning,
    /// Keyed fingerprints of idempotent requests.
    IdempotencyFingerprint,
    /// The key that signed download URLs before the last rotation: links that are out still open.
    /// Only there after a rotation.
    FormerUrlSigning,
}

impl ServerKeyName {
    /// Every key that a server must have.
    pub const ALL: [Self; 5] = [
        Self::ApiKeyHash,
        Self::TokenHash,
        Self::UrlSigning,
        Self::AuditSigning,
        Self::IdempotencyFingerprint,
    ];

    /// Its name in the table.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ApiKeyHash => "api_key_hash",
            Self::TokenHash => "token_hash",
            Self::UrlSigning => "url_signing",
            Self::AuditSigning => "audit_signing",
            Self::IdempotencyFingerprint => "idempotency_fingerprint",
            Self::FormerUrlSigning => "former_url_signing",
        }
    }

    /// Where its wrapped bytes stand: table `server_keys`, column `wrapped`, row by name.
    pub const fn place(self) -> Place<'static> {
        Place::named("server_keys", "wrapped", self.as_str().as_bytes())
    }
}

/// The server's keys, opened.
pub struct ServerKeys {
    api_key_hash: KeyBytes,
    token_hash: KeyBytes,
    idempotency_fingerprint: KeyBytes,
    url_signer: UrlSigner,
    audit_signer: AuditSigner,
}

impl ServerKeys {
    /// Draws a new set and wraps it: the rows to store.
    pub fn generate(master: &MasterKey, random: &dyn Random) -> Vec<(ServerKeyName, Vec<u8>)> {
        ServerKeyName::ALL
            .into_iter()
            .map(|name| {
                let key = random_key(random);
                (name, master.wrapping().wrap(&key, &name.place(), random))
            })
            .collect()
    }

    /// Opens the stored set. Names that this build does not know are left alone.
    pub fn open<N: AsRef<str>, W: AsRef<[u8]>>(
        masters: &MasterKeyRing,
        rows: &[(N, W)],
    ) -> Result<Self, VaultError> {
        let found = |name: ServerKeyName| -> Result<Option<KeyBytes>, VaultError> {
            let mut rows = rows.iter();
            let Some((_, wrapped)) = rows.find(|(stored, _)| stored.as_ref() == name.as_str())
            else {
                return Ok(None);
            };
            let wrapping: &WrappingKey = masters.holder_of(wrapped.as_ref())?.wrapping();
            wrapping.unwrap(wrapped.as_ref(), &name.place()).map(Some)
        };
        let key =
            |name: ServerKeyName| found(name)?.ok_or(VaultError::MissingServerKey(name.as_str()));
        Ok(Self {
            api_key_hash: key(ServerKeyName::ApiKeyHash)?,
            token_hash: key(ServerKeyName::TokenHash)?,
            idempotency_fingerprint: key(ServerKeyName::IdempotencyFingerprint)?,
            url_signer: UrlSigner::new(
                key(ServerKeyName::UrlSigning)?,
                found(ServerKeyName::FormerUrlSigning)?,
            ),
            audit_signer: AuditSigner::from_seed(&*key(ServerKeyName::AuditSigning)?),
        })
    }

    /// A new key for download URLs, and the present one as the former: the rows to store in their
    /// place. Links that are out live on until they expire, or until the next rotation.
    ///
    /// # Errors
    /// When the present key does not open.
    pub fn rotate_url_signing(
        masters: &MasterKeyRing,
        present: &[u8],
        random: &dyn Random,
    ) -> Result<[(ServerKeyName, Vec<u8>); 2], VaultError> {
        let (name, former) = (ServerKeyName::UrlSigning, ServerKeyName::FormerUrlSigning);
        let key = masters
            .holder_of(present)?
            .wrapping()
            .unwrap(present, &name.place())?;
        let wrapping = masters.current().wrapping();
        let fresh = wrapping.wrap(&random_key(random), &name.place(), random);
        Ok([
            (former, wrapping.wrap(&key, &former.place(), random)),
            (name, fresh),
        ])
    }

    /// The hash by which an API key is found.
    pub fn api_key_hash(&self, secret: &ApiKeySecret) -> KeyedHash {
        KeyedHash::compute(&self.api_key_hash, &[secret.reveal().as_bytes()])
    }

    /// The hash by which an operator's token is found. Its prefix keeps it apart from API keys.
    pub fn admin_token_hash(&self, secret: &AdminTokenSecret) -> KeyedHash {
        KeyedHash::compute(&self.api_key_hash, &[secret.reveal().as_bytes()])
    }

    /// The hash by which a capture token is found.
    pub fn token_hash(&self, token: &CaptureToken) -> KeyedHash {
        KeyedHash::compute(&self.token_hash, &[token.reveal().as_bytes()])
    }

    /// The fingerprint of an idempotent request: method, path with query, canonical body
    /// (spec/conventions.md, "Idempotency").
    pub fn request_fingerprint(&self, method: &str, path: &str, body: &[u8]) -> KeyedHash {
        let parts = [method.as_bytes(), path.as_bytes(), body];
        KeyedHash::compute(&self.idempotency_fingerprint, &parts)
    }

    /// Signs and checks download URLs.
    pub const fn url_signer(&self) -> &UrlSigner {
        &self.url_signer
    }

    /// Signs audit checkpoints.
    pub const fn audit_signer(&self) -> &AuditSigner {
        &self.audit_signer
    }
}
