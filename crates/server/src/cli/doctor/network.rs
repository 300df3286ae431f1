//! The listeners, TLS and the public URL.

use std::net::{SocketAddr, TcpListener};

use super::Examination;
use super::fault::FaultKind;
use crate::config::Tls;

pub(super) fn examine(examination: &mut Examination<'_>) {
    examine_address(examination, "address", examination.config.server.listen);
    if let Some((address, true)) = examination.config.server.admin_listen.address() {
        examine_address(examination, "admin address", address);
    }
    examine_tls(examination);
    examine_public_url(examination);
}

fn examine_address(examination: &mut Examination<'_>, subject: &'static str, address: SocketAddr) {
    if examination.serving {
        examination
            .report
            .skipped(subject, "the running server uses it");
        return;
    }
    match TcpListener::bind(address) {
        Ok(_) => examination.report.ok(subject, address.to_string()),
        Err(error) => {
            let detail = format!("{address}: {error}");
            examination
                .report
                .fault(subject, FaultKind::AddressUnavailable, detail);
        }
    }
}

fn examine_tls(examination: &mut Examination<'_>) {
    match load_tls(&examination.config.server.tls) {
        None => {}
        Some(Ok(())) => examination
            .report
            .ok("TLS", "certificate and key belong together"),
        Some(Err(detail)) => examination
            .report
            .fault("TLS", FaultKind::TlsUnusable, detail),
    }
}

fn load_tls(tls: &Tls) -> Option<Result<(), String>> {
    tls.files()?;
    Some(tls.load().map(drop).map_err(|error| error.to_string()))
}

fn examine_public_url(examination: &mut Examination<'_>) {
    let server = &examination.config.server;
    let url = server.base_url();
    if !server.listen.ip().is_loopback() && !url.starts_with("https://") {
        let detail = format!("{url}, listening on {}", server.listen);
        examination
            .report
            .fault("public URL", FaultKind::PublicUrlNotHttps, detail);
    } else {
        examination.report.ok("public URL", url);
    }
}
