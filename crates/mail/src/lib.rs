//! Mail out: letters written from templates, made into messages, handed to a transport.
//!
//! Nothing here knows the database or decides when to send: `verifa-app` queues mails in the
//! commits of the facts they tell and hands them over one by one. No type with a person's address
//! or name has `Debug`, and no error repeats either.

mod address;
mod compose;
mod language;
mod letter;
mod plain_text;
mod smtp;
mod transport;

pub use address::{Address, InvalidAddress, Sender};
pub use compose::Mail;
pub use language::Language;
pub use letter::{Invitation, Letter, Notice, invitation, notice};
pub use smtp::{SmtpSettings, UnusableSettings};
pub use transport::{Mailer, SendError};
