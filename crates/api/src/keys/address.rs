//! The caller's address behind proxies (spec/conventions.md, "Behind a proxy").
//!
//! Only peers of the configured networks may say whom they speak for; from anybody else
//! `Forwarded` (RFC 7239) and `X-Forwarded-For` are ignored.

use std::net::{IpAddr, SocketAddr};

use http::HeaderMap;
use http::header::FORWARDED;
use ipnet::IpNet;

/// The networks whose forwarding headers are believed.
#[derive(Debug, Clone, Default)]
pub struct TrustedProxies(Vec<IpNet>);

impl TrustedProxies {
    /// From the configured networks.
    pub fn new(networks: Vec<IpNet>) -> Self {
        Self(networks)
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
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
        for hop in hops(headers).into_iter().rev() {
            let Some(hop) = hop else { break };
            address = hop.to_canonical();
            if !self.trusts(address) {
                break;
            }
        }
        address
    }
}

/// The addresses of the forwarding header, farthest first; `None` for an entry without one.
fn hops(headers: &HeaderMap) -> Vec<Option<IpAddr>> {
    let list = |name: &str| -> Vec<String> {
        headers
            .get_all(name)
            .iter()
            .flat_map(|value| value.to_str().unwrap_or("?").split(',').map(str::to_owned))
            .collect()
    };
    if headers.contains_key(FORWARDED) {
        return list(FORWARDED.as_str())
            .iter()
            .map(|element| forwarded_for(element))
            .collect();
    }
    list("x-forwarded-for")
        .iter()
        .map(|entry| node_address(entry))
        .collect()
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
        let proxies = TrustedProxies::new(vec![
            "10.0.0.0/8".parse().unwrap(),
            "fd00::/8".parse().unwrap(),
        ]);
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

    #[test]
    fn the_standard_header_in_its_forms() {
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
