//! The signatures that a delivery carries (spec/resources.md, "Signature"):
//!
//! - `X-Verifa-Signature: t=<unix>,v1=<hex>`: HMAC-SHA-256 over `{t}.{raw body}`, its key the UTF-8
//!   bytes of the whole `whsec_…` text; one `v1=` for each valid secret;
//! - the headers of Standard Webhooks: `webhook-signature: v1,<base64>`, HMAC-SHA-256 over
//!   `{id}.{t}.{raw body}`, its key the bytes that the secret's base64 stands for; and
//!   `v1a,<base64>`, the same content signed with Ed25519 for receivers that hold no secret.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use verifa_core::time::Timestamp;
use verifa_vault::WebhookSigner;

use crate::secret::WebhookSecret;

/// What is signed.
#[derive(Clone, Copy)]
pub struct Message<'a> {
    /// The same over all tries: the event's `idempotency_key`.
    pub id: &'a str,
    /// The time of this try.
    pub time: Timestamp,
    /// The exact bytes of the body.
    pub body: &'a [u8],
}

/// The values of the signature headers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signatures {
    /// `X-Verifa-Signature`.
    pub verifa: String,
    /// `webhook-id`.
    pub id: String,
    /// `webhook-timestamp`, seconds since 1970.
    pub timestamp: String,
    /// `webhook-signature`.
    pub standard: String,
}

impl Message<'_> {
    /// Signs with every valid secret, the newest first, and with the endpoint's own key.
    pub fn sign(&self, secrets: &[WebhookSecret], signer: &WebhookSigner) -> Signatures {
        let timestamp = self.time.as_seconds().to_string();
        let content = [self.id.as_bytes(), b".", timestamp.as_bytes(), b"."];
        let mut verifa = format!("t={timestamp}");
        let mut standard = Vec::new();
        for secret in secrets {
            let own = hmac(
                secret.reveal().as_bytes(),
                &[timestamp.as_bytes(), b"."],
                self.body,
            );
            verifa.push_str(",v1=");
            verifa.push_str(&hex::encode(own));
            let standards = hmac(secret.bytes(), &content, self.body);
            standard.push(format!("v1,{}", STANDARD.encode(standards)));
        }
        let mut signed = content.concat();
        signed.extend_from_slice(self.body);
        standard.push(format!("v1a,{}", STANDARD.encode(signer.sign(&signed))));
        Signatures {
            verifa,
            id: self.id.to_owned(),
            timestamp,
            standard: standard.join(" "),
        }
    }
}

fn hmac(key: &[u8], head: &[&[u8]], body: &[u8]) -> [u8; 32] {
    #[expect(
        clippy::expect_used,
        reason = "HMAC takes keys of every length (RFC 2104 §2)"
    )]
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC key");
    for part in head {
        mac.update(part);
    }
    mac.update(body);
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    fn signer() -> WebhookSigner {
        WebhookSigner::from_seed(&[7; 32])
    }

    /// The example of the Standard Webhooks specification.
    #[test]
    fn standard_webhooks_known_answer() {
        let message = Message {
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
            time: Timestamp::from_seconds(1_614_265_330),
            body: br#"{"test": 2432232314}"#,
        };
        let secret = WebhookSecret::parse(SECRET).unwrap();
        let signed = message.sign(&[secret], &signer());
        assert!(
            signed
                .standard
                .starts_with("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE= v1a,"),
            "{}",
            signed.standard
        );
        assert_eq!(signed.timestamp, "1614265330");
    }

    /// Computed with the `hmac` module of Python 3.
    #[test]
    fn verifa_signature_is_keyed_by_the_whole_text() {
        let message = Message {
            id: "idk_1",
            time: Timestamp::from_seconds(1_769_947_200),
            body: br#"{"event":"session.created"}"#,
        };
        let secrets = [SECRET, "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="]
            .map(|text| WebhookSecret::parse(text).unwrap());
        let signed = message.sign(&secrets, &signer());
        assert_eq!(
            signed.verifa,
            include_str!("../tests/known/overlap.txt").trim()
        );
        assert_eq!(signed.standard.split(' ').count(), 3);
    }

    #[test]
    fn the_public_key_verifies_the_asymmetric_signature() {
        let message = Message {
            id: "idk_1",
            time: Timestamp::from_seconds(5),
            body: b"{}",
        };
        let signed = message.sign(&[], &signer());
        let signature = signed.standard.strip_prefix("v1a,").unwrap();
        let signature = STANDARD.decode(signature).unwrap();
        let verifier = signer().verifier();
        assert!(verifier.verifies(b"idk_1.5.{}", &signature));
        assert!(!verifier.verifies(b"idk_1.5.{ }", &signature));
    }
}
