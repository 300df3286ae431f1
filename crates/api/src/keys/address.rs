//! The caller's address behind proxies (spec/conventions.md, "Behind a proxy").
//!
//! Only peers of the configured networks may say whom they speak for, and only in the one header
//! that the proxies write: a proxy that appends to the one passes a forged other on as it came.

use std::net::{IpAddr, SocketAddr};

use http::HeaderMap;
use http::header::FORWARDED;
use ipnet::IpNet;
use serde::Deserialize;

/// The header in which the proxies say whom they speak for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ForwardingHeader {
    /// `X-Forwarded-For`, which nearly every proxy appends to.
    #[default]
    XForwardedFor,
    /// `Forwarded` (RFC 7239).
    Forwarded,
}

/// The networks whose forwarding header is believed.
#[derive(Debug, Clone, Default)]
pub struct TrustedProxies {
    networks: Vec<IpNet>,
    header: ForwardingHeader,
}

impl TrustedProxies {
    /// From the configured networks and the header that they write.
    pub fn new(networks: Vec<IpNet>, header: ForwardingHeader) -> Self {
        Self { networks, header }
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.networks
            .iter()
            .any(|network| network.contains(&address))
    }

    /// The address of the caller: the nearest hop that is no trusted proxy.
    ///
    /// The list is read from its end, because each proxy appends the peer that it saw. An entry
    /// that is no address ends the walk at the last proxy that is known.
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut address = peer.to_canonical();
        if !self.trusts(address) {
            return address;
        }
        for hop in self.hops(headers).into_iter().rev() {
            let Some(hop) = hop else { break };
            address = hop.to_canonical();
            if !self.trusts(address) {
                break;
            }
        }
        address
    }

    /// The addresses of the header, farthest first; `None` for an entry without one.
    fn hops(&self, headers: &HeaderMap) -> Vec<Option<IpAddr>> {
        let (name, read): (&str, fn(&str) -> Option<IpAddr>) = match self.header {
            ForwardingHeader::XForwardedFor => ("x-forwarded-for", node_address),
            ForwardingHeader::Forwarded => (FORWARDED.as_str(), forwarded_for),
        };
        let values = headers.get_all(name).iter();
        values
            .flat_map(|value| value.to_str().unwrap_or("?").split(',').map(read))
            .collect()
    }
}

/// The `for` parameter of one element of `Forwarded`.
fn forwarded_for(element: &str) -> Option<IpAddr> {
    element.split(';').find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case("for")
            .then(|| node_address(value))?
    })
}

/// An address with or without port, brackets and quotes.
fn node_address(text: &str) -> Option<IpAddr> {
    let text = text.trim().trim_matches('"');
    if let Ok(address) = text.parse::<IpAddr>() {
        return Some(address);
    }
    if let Ok(socket) = text.parse::<SocketAddr>() {
        return Some(socket.ip());
    }
    text.strip_prefix('[')?.strip_suffix(']')?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn client(peer: &str, headers: &[(&'static str, &str)]) -> String {
        client_by(ForwardingHeader::XForwardedFor, peer, headers)
    }

    fn client_by(header: ForwardingHeader, peer: &str, headers: &[(&'static str, &str)]) -> String {
        let networks = vec!["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()];
        let proxies = TrustedProxies::new(networks, header);
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, HeaderValue::from_str(value).unwrap());
        }
        proxies.client(peer.parse().unwrap(), &map).to_string()
    }

    #[test]
    fn strangers_may_not_say_who_they_are() {
        let headers = [("x-forwarded-for", "1.2.3.4"), ("forwarded", "for=1.2.3.4")];
        assert_eq!(client("203.0.113.9", &headers), "203.0.113.9");
        assert_eq!(client("::ffff:203.0.113.9", &[]), "203.0.113.9");
    }

    #[test]
    fn the_nearest_untrusted_hop_counts() {
        let forged = [
            ("x-forwarded-for", "6.6.6.6, 198.51.100.7"),
            ("x-forwarded-for", "10.0.0.2"),
        ];
        assert_eq!(client("10.0.0.1", &forged), "198.51.100.7");
        assert_eq!(
            client("10.0.0.1", &[("x-forwarded-for", "10.9.9.9")]),
            "10.9.9.9"
        );
        assert_eq!(client("10.0.0.1", &[]), "10.0.0.1");
    }

    /// A proxy that writes one of the headers passes the other on as a stranger sent it.
    #[test]
    fn the_header_that_the_proxies_do_not_write_says_nothing() {
        let headers = [
            ("forwarded", "for=192.0.2.1"),
            ("x-forwarded-for", "198.51.100.7"),
        ];
        assert_eq!(client("10.0.0.1", &headers), "198.51.100.7");
        let by_forwarded = client_by(ForwardingHeader::Forwarded, "10.0.0.1", &headers);
        assert_eq!(by_forwarded, "192.0.2.1");
        assert_eq!(client("10.0.0.1", &headers[..1]), "10.0.0.1");
    }

    #[test]
    fn the_standard_header_in_its_forms() {
        let client = |peer, headers: &[(&'static str, &str)]| {
            client_by(ForwardingHeader::Forwarded, peer, headers)
        };
        let value = r#"for=6.6.6.6, for="[2001:db8::1]:4711";proto=https, For=10.0.0.3:80;by=x"#;
        assert_eq!(client("fd00::1", &[("forwarded", value)]), "2001:db8::1");
        assert_eq!(
            client("10.0.0.1", &[("forwarded", "for=_hidden")]),
            "10.0.0.1"
        );
        assert_eq!(
            client("10.0.0.1", &[("forwarded", "for=1.1.1.1, for=unknown")]),
            "10.0.0.1"
        );
    }
}
