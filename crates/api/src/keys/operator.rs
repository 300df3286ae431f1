//! Whoever runs the server, as the HTTP layer sees them.

use std::net::IpAddr;

use verifa_core::id::AdminTokenId;

/// The authenticated operator of this request; extract it in handlers of operators' routes.
#[derive(Debug, Clone, Copy)]
pub struct Operator {
    /// The token that was presented.
    pub token: AdminTokenId,
    /// Where the call came from, behind trusted proxies.
    pub address: IpAddr,
}
