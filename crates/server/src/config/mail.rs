//! `[mail]`: who sends, and how.

use std::path::PathBuf;

use serde::Deserialize;
use verifa_mail::{Mailer, Sender, SmtpSettings};

use super::data::Data;
use super::problem::Report;
use super::secret::{self, SecretText};

/// Certificates of authorities are never longer.
const MAX_AUTHORITIES_BYTES: u64 = 1024 * 1024;

/// Mail.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mail {
    /// `address` or `Name <address>`.
    pub(crate) from: String,
    /// The server that takes mail; without one, mails become files.
    pub(crate) smtp_url: Option<SecretText>,
    /// A file with the URL.
    pub(crate) smtp_url_file: Option<PathBuf>,
    /// The password of the URL's user.
    pub(crate) smtp_password: Option<SecretText>,
    /// A file with the password.
    pub(crate) smtp_password_file: Option<PathBuf>,
    /// Certificates to trust instead of the machine's.
    pub(crate) smtp_ca_path: Option<PathBuf>,
    /// Where mails become files; see [`Mail::directory`].
    pub(crate) dir: Option<PathBuf>,
}

impl Mail {
    /// The directory of mails that become files.
    pub(crate) fn directory(&self, data: &Data) -> PathBuf {
        self.dir.clone().unwrap_or_else(|| data.dir.join("mail"))
    }

    /// Whether mails go to a server.
    pub(crate) const fn by_smtp(&self) -> bool {
        self.smtp_url.is_some()
    }

    /// The transport that is configured; connects to nothing yet.
    ///
    /// # Errors
    /// What is wrong with the settings, without the secrets in them.
    pub(crate) fn open(&self, data: &Data) -> Result<Mailer, String> {
        let from = Sender::parse(&self.from)
            .map_err(|error| format!("`mail.from` can't be used: {error}"))?;
        match self.smtp_settings()? {
            None => Ok(Mailer::files(from, self.directory(data))),
            Some(settings) => Mailer::smtp(from, &settings, self.directory(data))
                .map_err(|error| format!("`mail.smtp_url` can't be used: {error}")),
        }
    }

    fn smtp_settings(&self) -> Result<Option<SmtpSettings>, String> {
        let Some(url) = &self.smtp_url else {
            return Ok(None);
        };
        let authorities = self.smtp_ca_path.as_ref().map(|path| {
            let length = std::fs::metadata(path).map(|found| found.len());
            match length {
                Ok(length) if length > MAX_AUTHORITIES_BYTES => {
                    Err(format!("`{}` is too large", path.display()))
                }
                _ => std::fs::read(path).map_err(|error| format!("`{}`: {error}", path.display())),
            }
        });
        let authorities = authorities
            .transpose()
            .map_err(|error| format!("can't be read: {error}"))?;
        let password = self.smtp_password.as_ref();
        Ok(Some(SmtpSettings {
            url: url.expose().to_owned(),
            password: password.map(|password| password.expose().to_owned()),
            authorities,
        }))
    }

    pub(super) fn read_secret_files(&mut self, report: &mut Report<'_>) {
        let file = self.smtp_url_file.as_deref();
        secret::read_file(&mut self.smtp_url, file, "mail.smtp_url", report);
        let file = self.smtp_password_file.as_deref();
        secret::read_file(&mut self.smtp_password, file, "mail.smtp_password", report);
    }

    pub(super) fn validate(&self, report: &mut Report<'_>) {
        if Sender::parse(&self.from).is_err() {
            let hint = "such as \"Verifa <verify@example.org>\"";
            report.problem("mail.from", "is no e-mail address", hint);
        }
        if self.by_smtp() {
            match self.smtp_settings() {
                Err(problem) => report.problem("mail.smtp_ca_path", problem, ""),
                Ok(settings) => {
                    let checked = settings.map_or(Ok(()), |settings| settings.check());
                    if let Err(error) = checked {
                        let problem = format!("can't be used: {error}");
                        let hint = "such as smtps://user@mail.example.org";
                        report.problem("mail.smtp_url", problem, hint);
                    }
                }
            }
        } else if self.smtp_password.is_some() {
            let hint = "set `mail.smtp_url`, or leave it out";
            report.problem("mail.smtp_password", "is for no server", hint);
        }
    }
}
