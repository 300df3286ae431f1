//! The states of a delivery, and why a try can fail.

use crate::vocabulary::vocabulary;

vocabulary! {
    /// Where a delivery stands.
    DeliveryStatus {
        /// Not sent yet, or waiting for its next try.
        Pending = "pending",
        /// The receiver answered with a 2xx.
        Succeeded = "succeeded",
        /// Given up after the last try.
        Failed = "failed",
    }
}

vocabulary! {
    /// Why a try failed.
    AttemptFailure {
        /// The receiver answered, but not with a 2xx.
        HttpStatus = "http_status",
        /// The receiver answered with a redirect, which is never followed.
        Redirect = "redirect",
        /// No whole answer within the time limit.
        Timeout = "timeout",
        /// No connection.
        Connect = "connect",
        /// The host's name has no address.
        Dns = "dns",
        /// TLS failed: certificate, name or protocol.
        Tls = "tls",
        /// The connection broke before an answer, or what came was no HTTP.
        Closed = "closed",
        /// The URL or its address is one that webhooks are never sent to.
        RefusedAddress = "refused_address",
        /// The event's body was erased and can't be sent any more.
        Erased = "erased",
    }
}
