//! Letters as they are sent, and the SMTP dialogue with a server of our own.
#![expect(clippy::unwrap_used, reason = "a failing helper is a failing test")]

mod letters;
mod smtp;
mod smtp_server;

use verifa_core::id::{Id as _, MailId};
use verifa_core::time::Timestamp;
use verifa_mail::{Address, Invitation, Language, Mail, Sender};

/// 1 December 2026, 12:00 UTC.
pub(crate) const NOON: Timestamp = Timestamp::from_seconds(1_796_126_400);

pub(crate) fn sender(text: &str) -> Sender {
    Sender::parse(text).ok().unwrap()
}

pub(crate) fn some_invitation<'a>() -> Invitation<'a> {
    Invitation {
        begun: false,
        name: Some("Jane Doe"),
        brand: "Acme",
        capture_url: "https://id.example.org/verify/tok_0123456789",
        until: NOON,
        support_url: Some("https://acme.example/help"),
    }
}

pub(crate) fn some_mail(number: u128, to: &str) -> Mail {
    Mail {
        id: MailId::from_uuid(uuid::Uuid::from_u128(number)),
        from: sender("Acme <verify@example.org>"),
        to: Address::parse(to).ok().unwrap(),
        to_name: Some("Jane Doe".to_owned()),
        letter: verifa_mail::invitation(&some_invitation(), Language::English).unwrap(),
        date: NOON,
    }
}
