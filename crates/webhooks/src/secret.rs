//! The secret that an endpoint and its receiver share.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use verifa_core::random::{Random, random_bytes};
use zeroize::Zeroizing;

const PREFIX: &str = "whsec_";
/// Random bytes of a new secret; Standard Webhooks asks for 24 to 64.
const BYTES: usize = 32;
const SHORTEST: usize = 24;
const LONGEST: usize = 64;

/// A text that is no webhook secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a webhook secret: `whsec_` and the base64 of 24 to 64 bytes")]
pub struct MalformedWebhookSecret;

/// A secret in clear: `whsec_` and the base64 of its bytes. Wiped on drop, without `Debug`.
pub struct WebhookSecret {
    text: Zeroizing<String>,
    bytes: Zeroizing<Vec<u8>>,
}

impl WebhookSecret {
    /// Draws a new secret of 256 random bits.
    pub fn generate(random: &dyn Random) -> Self {
        let bytes = Zeroizing::new(random_bytes::<BYTES>(random));
        // Room for the whole text, so that no reallocation leaves a copy.
        let mut text = Zeroizing::new(String::with_capacity(PREFIX.len() + 2 * BYTES));
        text.push_str(PREFIX);
        STANDARD.encode_string(bytes.as_slice(), &mut text);
        Self {
            text,
            bytes: Zeroizing::new(bytes.to_vec()),
        }
    }

    /// Reads the text form.
    ///
    /// # Errors
    /// [`MalformedWebhookSecret`].
    pub fn parse(text: &str) -> Result<Self, MalformedWebhookSecret> {
        let encoded = text.strip_prefix(PREFIX).ok_or(MalformedWebhookSecret)?;
        if encoded.len() > 2 * LONGEST {
            return Err(MalformedWebhookSecret);
        }
        let bytes = STANDARD
            .decode(encoded)
            .map_err(|_| MalformedWebhookSecret)?;
        let bytes = Zeroizing::new(bytes);
        if !(SHORTEST..=LONGEST).contains(&bytes.len()) {
            return Err(MalformedWebhookSecret);
        }
        Ok(Self {
            text: Zeroizing::new(text.to_owned()),
            bytes,
        })
    }

    /// The text form, to be shown to the endpoint's owner.
    pub fn reveal(&self) -> &str {
        &self.text
    }

    /// What the base64 stands for: the key of the Standard Webhooks signature.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Counting;
    impl Random for Counting {
        fn fill(&self, buffer: &mut [u8]) {
            for (n, byte) in (0_u8..).zip(buffer.iter_mut()) {
                *byte = n;
            }
        }
    }

    #[test]
    fn a_drawn_secret_reads_back() {
        let drawn = WebhookSecret::generate(&Counting);
        assert_eq!(
            drawn.reveal(),
            "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
        );
        let read = WebhookSecret::parse(drawn.reveal()).unwrap();
        assert_eq!(read.bytes(), (0..32).collect::<Vec<u8>>());
    }

    #[test]
    fn other_texts_are_refused() {
        let short = format!("whsec_{}", STANDARD.encode([0; 23]));
        let long = format!("whsec_{}", STANDARD.encode([0; 65]));
        for text in [
            "",
            "whsec_",
            "whsec_*",
            "sk_AAAA",
            &short,
            &long,
            &"whsec_A".repeat(99),
        ] {
            assert!(WebhookSecret::parse(text).is_err(), "{text}");
        }
        assert!(WebhookSecret::parse(&format!("whsec_{}", STANDARD.encode([0; 24]))).is_ok());
    }
}
