//! The SMTP transport: how its settings are read.
//!
//! `smtps://` is TLS from the first byte (RFC 8314 §3.3); `smtp://` begins in clear and demands
//! STARTTLS before anything else, but for a server on this machine.

use std::time::Duration;

use lettre::transport::smtp::AsyncSmtpTransportBuilder;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, CertificateStore, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, Tokio1Executor};
use percent_encoding::percent_decode_str;
use url::{Host, Url};

/// Message submission over TLS (RFC 8314 §7.3).
const SUBMISSIONS_PORT: u16 = 465;
/// Message submission (RFC 6409).
const SUBMISSION_PORT: u16 = 587;
/// The beginning of a certificate in PEM (RFC 7468 §5).
const CERTIFICATE: &[u8] = b"-----BEGIN CERTIFICATE-----";
/// The longest wait for one answer of the server (RFC 5321 §4.5.3.2 allows minutes; a job that
/// waits holds a place of others).
const TIMEOUT: Duration = Duration::from_secs(30);

/// Where and how mail is handed over. Holds a password: without `Debug`.
#[derive(Clone, Default)]
pub struct SmtpSettings {
    /// `smtps://user:password@host:port` or `smtp://…`.
    pub url: String,
    /// The password, where the URL has none.
    pub password: Option<String>,
    /// Certificates (PEM) to trust instead of the machine's.
    pub authorities: Option<Vec<u8>>,
}

/// Settings that no transport can be made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnusableSettings {
    /// Not a URL, or one of another scheme.
    #[error("it is no smtp:// or smtps:// URL with a host")]
    Url,
    /// A user name or password that is no UTF-8 once decoded.
    #[error("its user name or password is no text")]
    Credentials,
    /// A password without a user name.
    #[error("there is a password and no user name")]
    UserMissing,
    /// The certificates can't be read.
    #[error("the certificates of the authorities can't be used")]
    Authorities,
}

pub(crate) type Transport = AsyncSmtpTransport<Tokio1Executor>;

impl SmtpSettings {
    /// Checks the settings without connecting anywhere.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn check(&self) -> Result<(), UnusableSettings> {
        self.builder().map(drop)
    }

    /// The transport. Called within a tokio runtime: its pool of connections starts a task.
    pub(crate) fn transport(&self) -> Result<Transport, UnusableSettings> {
        Ok(self.builder()?.build())
    }

    fn builder(&self) -> Result<AsyncSmtpTransportBuilder, UnusableSettings> {
        let url = Url::parse(&self.url).map_err(|_| UnusableSettings::Url)?;
        let immediate = match url.scheme() {
            "smtps" => true,
            "smtp" => false,
            _ => return Err(UnusableSettings::Url),
        };
        let host = url.host_str().filter(|host| !host.is_empty());
        let host = host.ok_or(UnusableSettings::Url)?.trim_matches(['[', ']']);
        let tls = if immediate {
            Tls::Wrapper(self.tls(host)?)
        } else if is_this_machine(&url) {
            // Nobody listens in between; its certificate would be for another name.
            Tls::None
        } else {
            Tls::Required(self.tls(host)?)
        };
        let port = if immediate {
            SUBMISSIONS_PORT
        } else {
            SUBMISSION_PORT
        };
        let mut builder = Transport::builder_dangerous(host)
            .port(url.port().unwrap_or(port))
            .tls(tls)
            .timeout(Some(TIMEOUT));
        if let Some(credentials) = self.credentials(&url)? {
            builder = builder.credentials(credentials);
        }
        Ok(builder)
    }

    fn tls(&self, host: &str) -> Result<TlsParameters, UnusableSettings> {
        let mut builder = TlsParameters::builder(host.to_owned());
        if let Some(pem) = &self.authorities {
            // The reader passes over what is none, and would trust nobody without a word.
            if !pem
                .windows(CERTIFICATE.len())
                .any(|part| part == CERTIFICATE)
            {
                return Err(UnusableSettings::Authorities);
            }
            let certificate =
                Certificate::from_pem(pem).map_err(|_| UnusableSettings::Authorities)?;
            builder = builder
                .certificate_store(CertificateStore::None)
                .add_root_certificate(certificate);
        }
        builder
            .build_rustls()
            .map_err(|_| UnusableSettings::Authorities)
    }

    fn credentials(&self, url: &Url) -> Result<Option<Credentials>, UnusableSettings> {
        let decode = |text: &str| -> Result<String, UnusableSettings> {
            let decoded = percent_decode_str(text).decode_utf8();
            Ok(decoded
                .map_err(|_| UnusableSettings::Credentials)?
                .into_owned())
        };
        let in_url = url.password().map(decode).transpose()?;
        let password = self.password.clone().or(in_url);
        match (url.username(), password) {
            ("", None) => Ok(None),
            ("", Some(_)) => Err(UnusableSettings::UserMissing),
            (user, password) => Ok(Some(Credentials::new(
                decode(user)?,
                password.unwrap_or_default(),
            ))),
        }
    }
}

fn is_this_machine(url: &Url) -> bool {
    // The host of a scheme that the URL standard does not know stays a text.
    match url.host() {
        Some(Host::Domain(name)) => {
            let address: Option<std::net::IpAddr> = name.parse().ok();
            name == "localhost" || address.is_some_and(|address| address.is_loopback())
        }
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, password: Option<&str>) -> Result<(), UnusableSettings> {
        let settings = SmtpSettings {
            url: url.to_owned(),
            password: password.map(str::to_owned),
            authorities: None,
        };
        settings.check()
    }

    #[test]
    fn urls_of_mail_servers() {
        for good in [
            "smtp://localhost:2525",
            "smtp://127.0.0.1:25",
            "smtp://[::1]:25",
            "smtps://mail.example.org",
            "smtps://user%40example.org:p%2Fw@mail.example.org:465",
            "smtp://user:word@mail.example.org",
        ] {
            assert_eq!(check(good, None), Ok(()), "{good}");
        }
        for bad in [
            "",
            "mail.example.org",
            "http://mail.example.org",
            "smtp://",
            "smtps:",
        ] {
            assert_eq!(check(bad, None), Err(UnusableSettings::Url), "{bad}");
        }
        assert_eq!(
            check("smtps://mail.example.org", Some("word")),
            Err(UnusableSettings::UserMissing)
        );
        assert_eq!(check("smtps://user@mail.example.org", Some("word")), Ok(()));
        assert_eq!(
            check("smtps://u%ff:x@mail.example.org", None),
            Err(UnusableSettings::Credentials)
        );
    }

    #[test]
    fn authorities_have_to_be_certificates() {
        let settings = SmtpSettings {
            url: "smtps://mail.example.org".to_owned(),
            password: None,
            authorities: Some(b"no certificate".to_vec()),
        };
        assert_eq!(settings.check(), Err(UnusableSettings::Authorities));
    }
}
