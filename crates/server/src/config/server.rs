//! `[server]`: listeners, the public URL, proxies, TLS.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use ipnet::IpNet;
use serde::Deserialize;
use url::Url;
use verifa_api::auth::ForwardingHeader;

use super::listen::AdminListen;
use super::problem::Report;
use super::text;
use super::tls::Tls;

/// Listeners and how they are reached.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Server {
    /// Address of the API and the capture pages.
    pub(crate) listen: SocketAddr,
    /// Address of the metrics.
    pub(crate) admin_listen: AdminListen,
    /// What people reach this server by; see [`Server::base_url`].
    pub(crate) public_url: Option<Url>,
    /// Networks whose forwarding header is believed.
    #[serde(deserialize_with = "text::list")]
    pub(crate) trusted_proxies: Vec<IpNet>,
    /// The header that they write.
    pub(crate) forwarding_header: ForwardingHeader,
    /// What requests and jobs in flight get after SIGTERM.
    #[serde(rename = "shutdown_grace_seconds", deserialize_with = "text::seconds")]
    pub(crate) shutdown_grace: Duration,
    /// Most connections at a time.
    pub(crate) max_connections: usize,
    /// The longest that the next request's head may take.
    #[serde(rename = "header_timeout_seconds", deserialize_with = "text::seconds")]
    pub(crate) header_timeout: Duration,
    /// The longest that a caller may take nothing of its answer.
    #[serde(rename = "send_timeout_seconds", deserialize_with = "text::seconds")]
    pub(crate) send_timeout: Duration,
    /// TLS by this process.
    #[serde(default)]
    pub(crate) tls: Tls,
}

impl Server {
    /// The base of links, without a slash at its end. Without `public_url` it is made from the
    /// listen address, where an unspecified one becomes `localhost`.
    pub(crate) fn base_url(&self) -> String {
        if let Some(url) = &self.public_url {
            return url.as_str().trim_end_matches('/').to_owned();
        }
        let scheme = if self.tls.files().is_some() {
            "https"
        } else {
            "http"
        };
        let port = self.listen.port();
        match self.listen.ip() {
            address if address.is_unspecified() => format!("{scheme}://localhost:{port}"),
            IpAddr::V4(address) => format!("{scheme}://{address}:{port}"),
            IpAddr::V6(address) => format!("{scheme}://[{address}]:{port}"),
        }
    }

    pub(super) fn validate(&self, report: &mut Report<'_>) {
        if let Some(url) = &self.public_url {
            let web = matches!(url.scheme(), "http" | "https") && url.has_host();
            if !web || url.query().is_some() || url.fragment().is_some() {
                report.problem(
                    "server.public_url",
                    "is no plain http or https URL",
                    "as in https://verify.example.org",
                );
            }
            if !url.username().is_empty() || url.password().is_some() {
                report.problem("server.public_url", "holds a user name or password", "");
            }
        }
        report.seconds(
            "server.shutdown_grace_seconds",
            self.shutdown_grace,
            &(1..=600),
        );
        report.range(
            "server.max_connections",
            self.max_connections,
            &(1..=1_000_000),
        );
        let bounds = [
            ("server.header_timeout_seconds", self.header_timeout),
            ("server.send_timeout_seconds", self.send_timeout),
        ];
        for (key, bound) in bounds {
            report.seconds(key, bound, &(1..=600));
        }
        if self.tls.cert_path.is_some() != self.tls.key_path.is_some() {
            report.problem(
                "server.tls",
                "has one of `cert_path` and `key_path`",
                "TLS needs both; behind a proxy that does TLS, neither",
            );
        }
        if self.admin_listen == AdminListen::Address(self.listen) {
            report.problem(
                "server.admin_listen",
                "is the same as `server.listen`",
                "metrics have an address of their own, so that no proxy exposes them",
            );
        }
    }
}
