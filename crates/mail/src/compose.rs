//! From a letter to the bytes of a message (RFC 5322, RFC 2046).

use std::time::{Duration, UNIX_EPOCH};

use lettre::Message;
use lettre::message::header::{Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use verifa_core::id::{Id as _, MailId};
use verifa_core::time::Timestamp;

use crate::address::{Address, Sender};
use crate::letter::Letter;
use crate::plain_text::one_line;

/// A letter with its envelope. Holds personal data: without `Debug`.
pub struct Mail {
    /// Its id, from which the `Message-ID` comes: a mail that is sent twice is one to its reader.
    pub id: MailId,
    /// Who it comes from.
    pub from: Sender,
    /// Who it goes to.
    pub to: Address,
    /// The recipient's name.
    pub to_name: Option<String>,
    /// What it says.
    pub letter: Letter,
    /// The time in its `Date`.
    pub date: Timestamp,
}

/// Says that no person wrote the message, so that nothing answers it by itself (RFC 3834 §5).
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

/// A message could not be put together.
#[derive(Debug, thiserror::Error)]
#[error("the message can't be put together")]
pub(crate) struct Unwritable;

impl Mail {
    /// The finished message.
    pub(crate) fn compose(&self) -> Result<Message, Unwritable> {
        let since = Duration::from_secs(self.date.as_seconds().max(0).unsigned_abs());
        let name = self.to_name.as_deref().map(one_line);
        let to = Mailbox::new(name.filter(|name| !name.is_empty()), self.to.inner());
        let id = format!("<{}@{}>", self.id.uuid().simple(), self.from.domain());
        let letter = &self.letter;
        Message::builder()
            .message_id(Some(id))
            .date(UNIX_EPOCH + since)
            .from(self.from.mailbox())
            .to(to)
            .subject(one_line(&letter.subject))
            .header(AutoSubmitted)
            .multipart(MultiPart::alternative_plain_html(
                letter.text.clone(),
                letter.html.clone(),
            ))
            .map_err(|_| Unwritable)
    }
}
