//! Secrets as they are shown to a caller once: API keys, capture tokens, reference secrets.
//!
//! They carry their kind in a prefix, are drawn from a look-alike-free lower-case alphabet, are
//! wiped on drop and can't be printed by accident. Parsing only checks the shape, so that rubbish
//! costs no look-up.

use subtle::ConstantTimeEq as _;
use verifa_core::random::Random;
use verifa_core::tenant::Environment;
use zeroize::Zeroizing;

use crate::alphabet::{is_alphabet_text, push_random_text};
use crate::key::hmac_plain;

/// Random characters of an API key: 5 bits each, 260 bits.
const API_KEY_CHARACTERS: usize = 52;
/// Random characters of a capture token: 160 bits.
const TOKEN_CHARACTERS: usize = 32;
/// Random characters of a reference secret: 260 bits.
const REFERENCE_SECRET_CHARACTERS: usize = 52;
/// Random characters that the display prefix of an API key shows.
const SHOWN_CHARACTERS: usize = 4;

const ADMIN_TOKEN_PREFIX: &str = "vk_admin_";
const TOKEN_PREFIX: &str = "tok_";
const REFERENCE_SECRET_PREFIX: &str = "refsec_";

/// A text that has not the shape of the secret that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a secret of this kind")]
pub struct MalformedSecret;

/// What an API key may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ApiKeyKind {
    /// For servers: does what its scopes say.
    Secret,
    /// For browsers: may only create sessions.
    Publishable,
}

impl ApiKeyKind {
    /// Its name in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Secret => "secret",
            Self::Publishable => "publishable",
        }
    }
}

const fn api_key_prefix(kind: ApiKeyKind, environment: Environment) -> &'static str {
    match (kind, environment) {
        (ApiKeyKind::Secret, Environment::Live) => "vk_live_",
        (ApiKeyKind::Secret, Environment::Sandbox) => "vk_sandbox_",
        (ApiKeyKind::Publishable, Environment::Live) => "vk_pub_live_",
        (ApiKeyKind::Publishable, Environment::Sandbox) => "vk_pub_sandbox_",
    }
}

const API_KEY_SORTS: [(ApiKeyKind, Environment); 4] = [
    (ApiKeyKind::Secret, Environment::Live),
    (ApiKeyKind::Secret, Environment::Sandbox),
    (ApiKeyKind::Publishable, Environment::Live),
    (ApiKeyKind::Publishable, Environment::Sandbox),
];

/// Draws `prefix` and `length` random characters without a reallocation that leaves a copy.
fn draw(prefix: &str, length: usize, random: &dyn Random) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(prefix.len() + length));
    text.push_str(prefix);
    push_random_text(&mut text, length, random);
    text
}

/// Whether `text` is `prefix` and `length` characters of the alphabet.
fn has_shape(text: &str, prefix: &str, length: usize) -> bool {
    text.strip_prefix(prefix)
        .is_some_and(|rest| rest.len() == length && is_alphabet_text(rest))
}

/// An API key in clear (spec/conventions.md, "Authentication").
pub struct ApiKeySecret {
    text: Zeroizing<String>,
    kind: ApiKeyKind,
    environment: Environment,
}

impl ApiKeySecret {
    /// Draws a new key of 260 random bits.
    pub fn generate(kind: ApiKeyKind, environment: Environment, random: &dyn Random) -> Self {
        let text = draw(
            api_key_prefix(kind, environment),
            API_KEY_CHARACTERS,
            random,
        );
        Self {
            text,
            kind,
            environment,
        }
    }

    /// Reads a key that a caller sent; only the shape is checked.
    pub fn parse(text: &str) -> Result<Self, MalformedSecret> {
        let (kind, environment) = API_KEY_SORTS
            .into_iter()
            .find(|&(kind, environment)| {
                has_shape(text, api_key_prefix(kind, environment), API_KEY_CHARACTERS)
            })
            .ok_or(MalformedSecret)?;
        Ok(Self {
            text: Zeroizing::new(text.to_owned()),
            kind,
            environment,
        })
    }

    /// The whole key, to be shown once.
    pub fn reveal(&self) -> &str {
        &self.text
    }

    /// The beginning that may be kept and shown in lists: the prefix and 4 random characters.
    pub fn key_prefix(&self) -> &str {
        let shown = api_key_prefix(self.kind, self.environment).len() + SHOWN_CHARACTERS;
        self.text.get(..shown).unwrap_or_default()
    }

    /// Secret or publishable.
    pub const fn kind(&self) -> ApiKeyKind {
        self.kind
    }

    /// The environment that the key opens.
    pub const fn environment(&self) -> Environment {
        self.environment
    }
}

/// A token of whoever operates the server, in clear. It opens no tenant's data.
pub struct AdminTokenSecret(Zeroizing<String>);

impl AdminTokenSecret {
    /// Draws a new token of 260 random bits.
    pub fn generate(random: &dyn Random) -> Self {
        Self(draw(ADMIN_TOKEN_PREFIX, API_KEY_CHARACTERS, random))
    }

    /// Reads a token that a caller sent; only the shape is checked.
    pub fn parse(text: &str) -> Result<Self, MalformedSecret> {
        if has_shape(text, ADMIN_TOKEN_PREFIX, API_KEY_CHARACTERS) {
            Ok(Self(Zeroizing::new(text.to_owned())))
        } else {
            Err(MalformedSecret)
        }
    }

    /// The whole token, to be shown once.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The beginning that may be kept and shown in lists.
    pub fn token_prefix(&self) -> &str {
        let shown = ADMIN_TOKEN_PREFIX.len() + SHOWN_CHARACTERS;
        self.0.get(..shown).unwrap_or_default()
    }
}

/// The credential of a capture URL in clear.
pub struct CaptureToken(Zeroizing<String>);

impl CaptureToken {
    /// Draws a new token of 160 random bits.
    pub fn generate(random: &dyn Random) -> Self {
        Self(draw(TOKEN_PREFIX, TOKEN_CHARACTERS, random))
    }

    /// Reads a token from a URL or from its opened sealed form; only the shape is checked.
    pub fn parse(text: &str) -> Result<Self, MalformedSecret> {
        if has_shape(text, TOKEN_PREFIX, TOKEN_CHARACTERS) {
            Ok(Self(Zeroizing::new(text.to_owned())))
        } else {
            Err(MalformedSecret)
        }
    }

    /// The token as it stands in the capture URL.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

/// An organization's publishable secret: its server signs `external_ref` with it, so that a
/// browser with a publishable key can't attach itself to somebody's identity (spec/sessions.md,
/// "Create").
pub struct ExternalReferenceSecret(Zeroizing<String>);

impl ExternalReferenceSecret {
    /// Draws a new secret of 260 random bits.
    pub fn generate(random: &dyn Random) -> Self {
        Self(draw(
            REFERENCE_SECRET_PREFIX,
            REFERENCE_SECRET_CHARACTERS,
            random,
        ))
    }

    /// Reads the text form.
    pub fn parse(text: &str) -> Result<Self, MalformedSecret> {
        if has_shape(text, REFERENCE_SECRET_PREFIX, REFERENCE_SECRET_CHARACTERS) {
            Ok(Self(Zeroizing::new(text.to_owned())))
        } else {
            Err(MalformedSecret)
        }
    }

    /// The text form, to be shown to the organization.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether `signature` is the hexadecimal HMAC-SHA-256 of `external_ref` under the bytes of
    /// the whole text form. Either case of the digits is taken; compares in constant time.
    pub fn verifies(&self, external_ref: &str, signature: &str) -> bool {
        let mut sent = [0; 32];
        if hex::decode_to_slice(signature, &mut sent).is_err() {
            return false;
        }
        hmac_plain(self.0.as_bytes(), external_ref.as_bytes())
            .ct_eq(&sent)
            .into()
    }
}
