//! Typed identifiers: a prefix, an underscore and 26 lower-case Crockford base32 characters of a
//! `UUIDv7` (spec/conventions.md, "Identifiers").
//!
//! An id of another kind does not parse, so that a handler can answer it as unknown.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use uuid::Uuid;

use crate::random::{Random, random_bytes};
use crate::time::Timestamp;

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const ENCODED_LENGTH: usize = 26;

/// A text that is no id of the wanted kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an identifier of this kind")]
pub struct InvalidId;

/// Makes the `UUIDv7` of `now` with bits from `random` (RFC 9562 §5.7).
///
/// The twelve bits behind the milliseconds hold their fraction (RFC 9562 §6.2, method 3), so
/// that ids made a microsecond apart sort in that order.
pub fn uuid_v7(now: Timestamp, random: &dyn Random) -> Uuid {
    let [high, low] = sub_millisecond_bits(now);
    let mut bits = random_bytes::<10>(random);
    bits[0] = high;
    bits[1] = low;
    from_parts(now, bits)
}

/// The least `UUIDv7` of an instant: no id made at or after it sorts before this value.
pub fn first_uuid_at(time: Timestamp) -> Uuid {
    let [high, low] = sub_millisecond_bits(time);
    from_parts(time, [high, low, 0, 0, 0, 0, 0, 0, 0, 0])
}

fn from_parts(time: Timestamp, bits: [u8; 10]) -> Uuid {
    let millis = u64::try_from(time.as_millis()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &bits).into_uuid()
}

/// The microseconds within the millisecond, scaled to twelve bits.
fn sub_millisecond_bits(time: Timestamp) -> [u8; 2] {
    let micros = time.as_micros().rem_euclid(1_000);
    let scaled = u16::try_from(micros * 4_096 / 1_000).unwrap_or(0);
    scaled.to_be_bytes()
}

fn encode(uuid: Uuid) -> [u8; ENCODED_LENGTH] {
    let mut value = uuid.as_u128();
    let mut text = [0; ENCODED_LENGTH];
    for place in text.iter_mut().rev() {
        *place = ALPHABET[(value & 31) as usize];
        value >>= 5;
    }
    text
}

fn decode(text: &str) -> Result<Uuid, InvalidId> {
    let bytes = text.as_bytes();
    // 26 characters carry 130 bits: the first may use only its lower three.
    if bytes.len() != ENCODED_LENGTH || !matches!(bytes[0], b'0'..=b'7') {
        return Err(InvalidId);
    }
    let mut value: u128 = 0;
    for byte in bytes {
        let digit = ALPHABET.iter().position(|c| c == byte).ok_or(InvalidId)?;
        value = (value << 5) | digit as u128;
    }
    Ok(Uuid::from_u128(value))
}

/// What every typed id can do; lets generic code load "a thing by its id".
pub trait Id: Copy + Eq + Ord + fmt::Display + Send + Sync + 'static {
    /// The prefix with its underscore, such as `ses_`.
    const PREFIX: &'static str;
    /// Wraps a raw UUID.
    fn from_uuid(uuid: Uuid) -> Self;
    /// The raw UUID.
    fn uuid(self) -> Uuid;
    /// Makes a new id from the time and random bits.
    fn generate(now: Timestamp, random: &dyn Random) -> Self {
        Self::from_uuid(uuid_v7(now, random))
    }
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl Id for $name {
            const PREFIX: &'static str = $prefix;
            fn from_uuid(uuid: Uuid) -> Self { Self(uuid) }
            fn uuid(self) -> Uuid { self.0 }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str($prefix)?;
                for byte in encode(self.0) {
                    fmt::Write::write_char(f, char::from(byte))?;
                }
                Ok(())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                decode(text.strip_prefix($prefix).ok_or(InvalidId)?).map(Self)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                text.parse().map_err(de::Error::custom)
            }
        }
    )+};
}

ids! {
    /// A verification session.
    SessionId = "ses_";
    /// A workflow.
    WorkflowId = "wfl_";
    /// One execution of a workflow for a session.
    RunId = "run_";
    /// A person known over several sessions.
    IdentityId = "idn_";
    /// A review case.
    CaseId = "case_";
    /// A document image.
    DocumentId = "doc_";
    /// One attempt of one check.
    VerificationId = "vrf_";
    /// An API key.
    ApiKeyId = "key_";
    /// An operator's admin token.
    AdminTokenId = "adm_";
    /// An audit event.
    AuditEventId = "aud_";
    /// An organization.
    OrganizationId = "org_";
    /// A user of an organization.
    OrganizationUserId = "orguser_";
    /// A one-time capture link.
    LinkId = "lnk_";
    /// A webhook endpoint.
    WebhookEndpointId = "webhook_";
    /// A delivery of an event to a webhook endpoint.
    DeliveryId = "dlv_";
    /// An event of the outbox; its text is the `idempotency_key` of webhook bodies.
    EventId = "idk_";
    /// A note on a review case.
    NoteId = "note_";
    /// A mail to an applicant or an operator (internal; never shown).
    MailId = "mail_";
    /// A record of a person's consent.
    ConsentId = "cns_";
    /// A durable job (internal; never shown).
    JobId = "job_";
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed(u8);
    impl Random for Fixed {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(self.0);
        }
    }

    #[test]
    fn round_trip_and_shape() {
        let id = SessionId::generate(Timestamp::from_seconds(1_769_947_200), &Fixed(0xab));
        let text = id.to_string();
        assert_eq!(text.len(), "ses_".len() + 26);
        assert_eq!(text.parse::<SessionId>().unwrap(), id);
        assert!(text.parse::<WorkflowId>().is_err());
        assert!(text.to_uppercase().parse::<SessionId>().is_err());
        assert!(format!("{text}0").parse::<SessionId>().is_err());
        assert!(
            "ses_8zzzzzzzzzzzzzzzzzzzzzzzzz"
                .parse::<SessionId>()
                .is_err()
        );
        assert!("ses_\u{0}".parse::<SessionId>().is_err());
    }

    #[test]
    fn text_order_is_time_order() {
        let early = SessionId::generate(Timestamp::from_seconds(1), &Fixed(0xff));
        let late = SessionId::generate(Timestamp::from_seconds(2), &Fixed(0));
        assert!(early < late);
        assert!(early.to_string() < late.to_string());
        assert!(first_uuid_at(Timestamp::from_seconds(2)) <= late.uuid());
        assert!(first_uuid_at(Timestamp::from_seconds(2)) > early.uuid());
        let next = SessionId::generate(Timestamp::from_micros(2_000_001), &Fixed(0));
        assert!(late < next, "a microsecond apart");
    }
}
