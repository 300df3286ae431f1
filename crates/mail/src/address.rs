//! Addresses, checked once where they come in.

use lettre::message::Mailbox;

/// A text that is no address a mail can be sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an e-mail address")]
pub struct InvalidAddress;

/// An e-mail address (RFC 5321 §4.1.2). Personal data: without `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Address(lettre::Address);

impl Address {
    /// Reads an address; stricter than what a form field takes, so that what passes here can be
    /// put into a message.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(text: &str) -> Result<Self, InvalidAddress> {
        text.parse().map(Self).map_err(|_| InvalidAddress)
    }

    pub(crate) fn inner(&self) -> lettre::Address {
        self.0.clone()
    }
}

/// Who a mail comes from: a name that may be absent, and an address.
#[derive(Clone, PartialEq, Eq)]
pub struct Sender(Mailbox);

impl Sender {
    /// Reads `address` or `Name <address>`.
    ///
    /// # Errors
    /// When it is neither.
    pub fn parse(text: &str) -> Result<Self, InvalidAddress> {
        let mailbox: Mailbox = text.parse().map_err(|_| InvalidAddress)?;
        Ok(Self(mailbox))
    }

    /// The same address under another name.
    #[must_use]
    pub fn named(&self, name: &str) -> Self {
        let name = crate::plain_text::one_line(name);
        Self(Mailbox::new(Some(name), self.0.email.clone()))
    }

    /// Whether the sender goes by a name.
    pub fn has_name(&self) -> bool {
        self.0.name.is_some()
    }

    /// The part behind the `@`.
    pub(crate) fn domain(&self) -> &str {
        self.0.email.domain()
    }

    pub(crate) fn mailbox(&self) -> Mailbox {
        self.0.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_would_break_a_message_are_none() {
        for good in [
            "a@example.org",
            "first.last+tag@mail.example.co.uk",
            "x@[192.0.2.1]",
        ] {
            assert!(Address::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "a",
            "@example.org",
            "a@",
            "a b@example.org",
            "a@example.org\r\nBcc: b@example.org",
            "a@example.org\n",
            "a@exa mple.org",
            "a@b@example.org",
            "a@example.org>, <b@example.org",
            "<a@example.org>",
        ] {
            assert!(Address::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_sender_may_have_a_name() {
        let plain = Sender::parse("verify@example.org").ok().unwrap();
        assert!(!plain.has_name());
        let named = Sender::parse("Verifa <verify@example.org>").ok().unwrap();
        assert!(named.has_name());
        assert_eq!(named.domain(), "example.org");
        assert!(plain.named("Acme") != plain);
        assert!(Sender::parse("Verifa <>").is_err());
    }
}
