//! The transports: SMTP, and files that can be looked at.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use lettre::AsyncTransport as _;
use lettre::transport::smtp;
use verifa_core::id::MailId;

use crate::address::Sender;
use crate::compose::Mail;
use crate::smtp::{SmtpSettings, Transport, UnusableSettings};

/// A mail that was not taken. Never holds what a mail server said: that may repeat an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The server refused it for good, with this code (RFC 5321 §4.2.1: 5yz).
    #[error("the mail server refused the mail for good ({0})")]
    Refused(u16),
    /// No message can be made of it.
    #[error("the message can't be put together")]
    Unwritable,
    /// Trying again may help; the text says what was in the way.
    #[error("the mail could not be handed over: {0}")]
    Later(&'static str),
}

impl SendError {
    /// Whether trying again can help.
    pub const fn is_passing(self) -> bool {
        matches!(self, Self::Later(_))
    }
}

/// Hands mails over.
pub struct Mailer {
    from: Sender,
    /// Where mails become files, or became files before there was a server.
    directory: PathBuf,
    smtp: Option<Transport>,
}

impl Mailer {
    /// By SMTP. `directory` is where mails became files before: they can still be forgotten.
    ///
    /// # Errors
    /// When no transport can be made of the settings.
    pub fn smtp(
        from: Sender,
        settings: &SmtpSettings,
        directory: impl Into<PathBuf>,
    ) -> Result<Self, UnusableSettings> {
        let smtp = Some(settings.transport()?);
        let directory = directory.into();
        Ok(Self {
            from,
            directory,
            smtp,
        })
    }

    /// As `.eml` files in a directory that is made when the first mail comes. They hold names and
    /// addresses in clear: for trying out, and for tests.
    pub fn files(from: Sender, directory: impl Into<PathBuf>) -> Self {
        Self {
            from,
            directory: directory.into(),
            smtp: None,
        }
    }

    /// Who mails come from unless an organization has a sender of its own.
    pub const fn from(&self) -> &Sender {
        &self.from
    }

    /// Hands a mail over. A file is written once however often this is called; an SMTP server may
    /// get a mail twice when the caller dies before it notes the first time.
    ///
    /// # Errors
    /// [`SendError`] says whether trying again can help.
    pub async fn send(&self, mail: &Mail) -> Result<(), SendError> {
        let message = mail.compose().map_err(|_| SendError::Unwritable)?;
        if let Some(transport) = &self.smtp {
            let sent = transport.send(message).await;
            return sent.map(drop).map_err(|error| reason(&error));
        }
        let path = self.path_of(mail.id);
        let written = blocking(move || write(&path, &message.formatted())).await;
        written.map_err(|_| SendError::Later("its file can't be written"))
    }

    /// Removes what is left of a mail on this machine: its file, if it became one, whole or in part,
    /// under whatever transport there was then.
    ///
    /// # Errors
    /// [`SendError::Later`] when the file can't be removed.
    pub async fn forget(&self, id: MailId) -> Result<(), SendError> {
        let path = self.path_of(id);
        let removed = blocking(move || {
            remove(&unfinished(&path))?;
            remove(&path)
        });
        let removed = removed.await;
        removed.map_err(|_| SendError::Later("its file can't be removed"))
    }

    /// Whether mails could be handed over: the server answers and takes the credentials, or a file
    /// can be written.
    ///
    /// # Errors
    /// What is wrong, for an operator.
    pub async fn probe(&self) -> Result<(), String> {
        if let Some(transport) = &self.smtp {
            return match transport.test_connection().await {
                Ok(true) => Ok(()),
                Ok(false) => Err("the server closed the connection".to_owned()),
                Err(error) => Err(with_causes(&error)),
            };
        }
        let directory = self.directory.clone();
        let probed = blocking(move || {
            let made = !directory.exists();
            let path = directory.join("probe.eml");
            write(&path, b"probe")?;
            fs::remove_file(&path)?;
            if made {
                fs::remove_dir(&directory)?;
            }
            Ok(())
        });
        probed.await.map_err(|error| error.to_string())
    }

    fn path_of(&self, id: MailId) -> PathBuf {
        self.directory.join(format!("{id}.eml"))
    }
}

/// A mail's file while it is written; a crash may leave it.
fn unfinished(path: &Path) -> PathBuf {
    path.with_extension("part")
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Writes a file whole or not at all, readable by nobody else.
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(directory) = path.parent() {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(directory)?;
    }
    let part = unfinished(path);
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    let mut file: File = options.open(&part)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&part, path)
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|_| Err(io::Error::other("writing broke off")))
}

/// Whether a code refuses this mail, or its recipient, for good (RFC 5321 §4.2.3, RFC 7504). The
/// other permanent ones are about us: credentials (RFC 4954 §6), the connection, a policy. They pass
/// once an operator mends them, and no mail may be lost until then.
const fn is_about_the_mail(code: u16) -> bool {
    matches!(code, 550..=553 | 555 | 556)
}

fn reason(error: &smtp::Error) -> SendError {
    if let (true, Some(code)) = (error.is_permanent(), error.status()) {
        let code = u16::from(code);
        return if is_about_the_mail(code) {
            SendError::Refused(code)
        } else {
            SendError::Later("the mail server refuses us: credentials, address or policy")
        };
    }
    SendError::Later(if error.is_timeout() {
        "the mail server took too long"
    } else if error.is_tls() {
        "TLS with the mail server failed"
    } else if error.is_transient() {
        "the mail server asked to come again"
    } else {
        "the mail server can't be reached"
    })
}

fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let words = cause.to_string();
        if !text.contains(&words) {
            text = format!("{text}: {words}");
        }
        next = cause.source();
    }
    text
}
