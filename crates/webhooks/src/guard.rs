//! The guard: which URLs a webhook may go to, and which addresses behind a name.

use std::net::IpAddr;

use http::Uri;
use url::{Host, Url};

use crate::address::{is_metadata, is_public};

/// Longest URL of an endpoint.
pub const MAXIMUM_URL: usize = 2_048;

/// Why a URL is refused. The sentences are for the endpoint's owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UrlRefused {
    /// No URL at all, or one that is too long.
    #[error("Must be an absolute URL of at most 2048 characters.")]
    Malformed,
    /// Neither https, nor http to an allowed host.
    #[error("Must begin with https://.")]
    Scheme,
    /// A user name or password in the URL.
    #[error("Must not hold a user name or a password.")]
    Credentials,
    /// An address that is not one of the public internet.
    #[error("Must not lead to a private, local or reserved address.")]
    Address,
}

/// Judges URLs and addresses by what the operator allows.
#[derive(Debug, Clone, Default)]
pub struct Guard {
    /// Lower-case names, some with `:port`.
    allowed: Vec<String>,
}

/// A URL that passed the guard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The URL as it is requested.
    pub uri: Uri,
}

impl Guard {
    /// A guard that lets webhooks go to these hosts wherever they are, and over plain http: names
    /// or addresses, with `:port` for one port only. Meant for receivers in the operator's own
    /// network, tests and local development.
    pub fn new(allowed_hosts: impl IntoIterator<Item = String>) -> Self {
        let lower = allowed_hosts.into_iter().map(|host| host.to_lowercase());
        Self {
            allowed: lower.collect(),
        }
    }

    /// Judges a URL before anything is looked up.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check_url(&self, text: &str) -> Result<Target, UrlRefused> {
        if text.len() > MAXIMUM_URL {
            return Err(UrlRefused::Malformed);
        }
        let url = Url::parse(text).map_err(|_| UrlRefused::Malformed)?;
        let host = url.host().ok_or(UrlRefused::Malformed)?;
        let port = url.port_or_known_default().ok_or(UrlRefused::Scheme)?;
        let allowed = self.allows(&host.to_string(), port);
        match url.scheme() {
            "https" => {}
            "http" if allowed => {}
            _ => return Err(UrlRefused::Scheme),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(UrlRefused::Credentials);
        }
        let literal = match host {
            Host::Ipv4(address) => Some(IpAddr::V4(address)),
            Host::Ipv6(address) => Some(IpAddr::V6(address)),
            Host::Domain(_) => None,
        };
        if literal.is_some_and(|address| !permits(allowed, address)) {
            return Err(UrlRefused::Address);
        }
        let mut plain = url;
        plain.set_fragment(None);
        let uri = plain.as_str().parse().map_err(|_| UrlRefused::Malformed)?;
        Ok(Target { uri })
    }

    /// Whether bytes may go to `address`, which the host's name led to.
    pub(crate) fn permits(&self, host: &str, port: u16, address: IpAddr) -> bool {
        permits(self.allows(host, port), address)
    }

    fn allows(&self, host: &str, port: u16) -> bool {
        let host = host.to_lowercase();
        let with_port = format!("{host}:{port}");
        self.allowed
            .iter()
            .any(|allowed| *allowed == host || *allowed == with_port)
    }
}

fn permits(allowed: bool, address: IpAddr) -> bool {
    is_public(address) || (allowed && !is_metadata(address) && !address.is_unspecified())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(guard: &Guard, url: &str) -> Option<UrlRefused> {
        guard.check_url(url).err()
    }

    #[test]
    fn by_default_only_https_to_public_addresses() {
        let guard = Guard::default();
        assert_eq!(
            guard
                .check_url("https://Example.com/hook?a=b#c")
                .unwrap()
                .uri,
            "https://example.com/hook?a=b"
        );
        assert_eq!(refused(&guard, "https://1.1.1.1:8443/"), None);
        assert_eq!(refused(&guard, "https://[2606:4700::1111]/"), None);
        for (url, why) in [
            ("", UrlRefused::Malformed),
            ("example.com/hook", UrlRefused::Malformed),
            ("https://", UrlRefused::Malformed),
            ("mailto:a@example.com", UrlRefused::Malformed),
            ("http://example.com/", UrlRefused::Scheme),
            ("ftp://example.com/", UrlRefused::Scheme),
            ("file:///etc/passwd", UrlRefused::Malformed),
            ("gopher://example.com/", UrlRefused::Scheme),
            ("https://user@example.com/", UrlRefused::Credentials),
            ("https://:secret@example.com/", UrlRefused::Credentials),
            ("https://127.0.0.1/", UrlRefused::Address),
            ("https://2130706433/", UrlRefused::Address),
            ("https://0x7f.1/", UrlRefused::Address),
            ("https://017700000001/", UrlRefused::Address),
            ("https://[::1]/", UrlRefused::Address),
            ("https://[::ffff:10.0.0.1]/", UrlRefused::Address),
            (
                "https://169.254.169.254/latest/meta-data",
                UrlRefused::Address,
            ),
        ] {
            assert_eq!(refused(&guard, url), Some(why), "{url}");
        }
        let long = format!("https://example.com/{}", "a".repeat(MAXIMUM_URL));
        assert_eq!(refused(&guard, &long), Some(UrlRefused::Malformed));
    }

    #[test]
    fn the_operator_allows_hosts_by_name() {
        let hosts = ["Hooks.internal", "127.0.0.1:9000", "[::1]"];
        let guard = Guard::new(hosts.map(str::to_owned));
        for url in [
            "http://hooks.internal/x",
            "https://hooks.internal:1234/",
            "http://127.0.0.1:9000/",
            "http://[::1]:5/",
        ] {
            assert_eq!(refused(&guard, url), None, "{url}");
        }
        assert_eq!(
            refused(&guard, "http://127.0.0.1:9001/"),
            Some(UrlRefused::Scheme)
        );
        assert_eq!(
            refused(&guard, "http://sub.hooks.internal/"),
            Some(UrlRefused::Scheme)
        );
        let inside = "10.0.0.1".parse().unwrap();
        assert!(guard.permits("hooks.internal", 80, inside));
        assert!(!guard.permits("example.com", 443, inside));
    }

    #[test]
    fn no_name_opens_the_way_to_metadata() {
        let guard = Guard::new(["hooks.internal", "169.254.169.254"].map(str::to_owned));
        let metadata = "169.254.169.254".parse().unwrap();
        assert!(!guard.permits("hooks.internal", 80, metadata));
        assert_eq!(
            refused(&guard, "http://169.254.169.254/"),
            Some(UrlRefused::Address)
        );
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_judged(text in ".{0,60}") {
            let _judged = Guard::default().check_url(&text);
        }

        #[test]
        fn no_spelling_of_a_private_address_passes(bits: u32) {
            let address = std::net::Ipv4Addr::from_bits(bits);
            let passes = Guard::default().check_url(&format!("https://{bits}/")).is_ok();
            proptest::prop_assert_eq!(passes, is_public(IpAddr::V4(address)));
        }
    }
}
