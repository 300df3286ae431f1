//! Where the listener for metrics is.

use std::net::SocketAddr;

use serde::{Deserialize, Deserializer, de};

/// The address that "auto" tries: 9464 is the port that Prometheus exporters of OpenTelemetry use.
const AUTO: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 9464);

/// The admin listener.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AdminListen {
    /// None.
    Off,
    /// The usual address where it is free, else none: two servers on one machine must not keep one
    /// another from starting.
    Auto,
    /// Exactly this address.
    Address(SocketAddr),
}

impl AdminListen {
    /// The address to try, and whether failing to get it is an error.
    pub(crate) const fn address(self) -> Option<(SocketAddr, bool)> {
        match self {
            Self::Off => None,
            Self::Auto => Some((AUTO, false)),
            Self::Address(address) => Some((address, true)),
        }
    }
}

impl<'de> Deserialize<'de> for AdminListen {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match String::deserialize(deserializer)?.as_str() {
            "off" => Ok(Self::Off),
            "auto" => Ok(Self::Auto),
            text => text.parse().map(Self::Address).map_err(|_| {
                de::Error::custom("neither an address with a port nor `auto` nor `off`")
            }),
        }
    }
}
