//! `core` is arithmetic on values: no async, no files, no network, no clock, no threads. What it
//! decides must be the same on every machine and at every replay.

use anyhow::{Context as _, Result};

use super::CrateSources;
use super::tokens::{WrittenPath, paths};

/// The crate's directory name.
pub(super) const CRATE: &str = "core";

/// Modules of the standard library that reach outside.
const OUTSIDE: [&str; 5] = ["fs", "net", "process", "thread", "env"];
/// What those modules have that is only a value.
const VALUES: [&str; 5] = [
    "IpAddr",
    "Ipv4Addr",
    "Ipv6Addr",
    "SocketAddr",
    "AddrParseError",
];
/// Crates that do.
const CRATES: [&str; 5] = ["tokio", "futures", "rusqlite", "reqwest", "axum"];

pub(super) fn offences(sources: &CrateSources) -> Result<Vec<String>> {
    let mut offences = Vec::new();
    for file in &sources.files {
        let written = paths(&file.text).with_context(|| file.path.display().to_string())?;
        for path in written {
            if let Some(reason) = reason(&path) {
                offences.push(format!(
                    "{}:{}: core is pure: {reason}",
                    file.path.display(),
                    path.line
                ));
            }
        }
    }
    Ok(offences)
}

fn reason(path: &WrittenPath) -> Option<String> {
    let segments: Vec<&str> = path.segments.iter().map(String::as_str).collect();
    match segments.as_slice() {
        ["async" | "await"] => Some("no async".into()),
        ["std", "net", name, ..] if VALUES.contains(name) => None,
        ["std", module, ..] if OUTSIDE.contains(module) => Some(format!("no std::{module}")),
        // `Read` and `Write` over memory are values; the process's own streams are not.
        ["std", "io", name, ..] if ["stdin", "stdout", "stderr"].contains(name) => {
            Some(format!("no std::io::{name}"))
        }
        ["std", "time", name, ..] if ["Instant", "SystemTime"].contains(name) => {
            Some(format!("no std::time::{name}; time is an argument"))
        }
        [name, _, ..] if CRATES.contains(name) => Some(format!("no {name}")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::offences;
    use crate::rules::sample;

    #[test]
    fn finds_what_reaches_outside() {
        for text in [
            "async fn f() {}",
            "use std::fs;",
            "use std::{collections::BTreeMap, net::{IpAddr, TcpStream}};",
            "fn f() { std::time::SystemTime::now(); }",
            "use tokio::sync::Mutex;",
        ] {
            assert_eq!(
                offences(&sample("core", &[("a.rs", text)])).unwrap().len(),
                1,
                "{text}"
            );
        }
    }

    #[test]
    fn lets_values_be() {
        let text = "use std::time::Duration; use std::fmt; use std::net::IpAddr; /// async fs\nfn net() -> Duration { todo() }";
        assert!(
            offences(&sample("core", &[("a.rs", text)]))
                .unwrap()
                .is_empty()
        );
    }
}
