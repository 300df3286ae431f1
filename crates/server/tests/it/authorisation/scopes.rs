//! Each operation against keys that lack its scopes, and keys that have nothing else.

use std::collections::{BTreeMap, BTreeSet};

use verifa_testkit::{Client, TestServer};

use super::things::{Hangs, Things};
use super::{Operation, operations};
use crate::support::{SESSIONS, server};
use Hangs::{CaptureToken, Signature};

/// Keys by environment and scopes; each is made once.
struct Keys<'a> {
    server: &'a TestServer,
    made: BTreeMap<String, String>,
}

impl<'a> Keys<'a> {
    const fn of(server: &'a TestServer) -> Self {
        Self {
            server,
            made: BTreeMap::new(),
        }
    }

    fn with(&mut self, environment: &str, scopes: &BTreeSet<&str>) -> Client {
        let scopes = scopes.iter().copied().collect::<Vec<_>>().join(",");
        let key = self
            .made
            .entry(format!("{environment} {scopes}"))
            .or_insert_with(|| self.server.installation.create_key(environment, &scopes));
        self.server.anonymous().key(key)
    }
}

/// The operations that a key may be asked scopes for.
fn with_scopes(operations: &[Operation]) -> impl Iterator<Item = &Operation> {
    operations.iter().filter(|operation| {
        if operation.hangs.is_the_operators() {
            return false;
        }
        if operation.needs_key && !operation.scopes.is_empty() {
            return true;
        }
        // Only these may be asked with any key at all.
        assert!(
            ["/api/v1/rate-limits"].contains(&operation.template.as_str())
                || [Signature, CaptureToken].contains(&operation.hangs),
            "{} needs no scope",
            operation.template
        );
        false
    })
}

/// What opens when one has this scope: it, and broader ones that stand in for it.
fn openers(scope: &str) -> impl Iterator<Item = &str> {
    let broader = BROADER.iter().filter(move |(narrow, _)| *narrow == scope);
    std::iter::once(scope).chain(broader.map(|(_, broad)| *broad))
}

#[tokio::test]
async fn with_every_other_scope_nothing_answers() {
    let server = server().await;
    let operations = operations(&server).await;
    let things = Things::of(&server, &operations).await;
    let mut keys = Keys::of(&server);
    for operation in with_scopes(&operations) {
        let scopes: Vec<&str> = operation.scopes.iter().map(String::as_str).collect();
        // Where each is needed, each is missing once; else all are.
        let missing: Vec<&[&str]> = if operation.needs_all {
            scopes.chunks(1).collect()
        } else {
            vec![scopes.as_slice()]
        };
        for missing in missing {
            let mut others: BTreeSet<&str> = ALL_SCOPES.iter().copied().collect();
            for opener in missing.iter().flat_map(|scope| openers(scope)) {
                others.remove(opener);
            }
            let key = keys.with(operation.hangs.environment(), &others);
            let answer = things.send(&key, operation).await;
            let detail = answer.refused(403, "forbidden")["detail"].to_string();
            assert!(
                missing.iter().any(|scope| detail.contains(scope)),
                "{}: {detail} names none of {missing:?}",
                answer.call
            );
        }
    }
}

/// The scopes that the contract names are enough, each by itself where it says "or". What an
/// operation then makes of the empty body, or of a thing that an earlier one ended, is its own.
#[tokio::test]
async fn with_the_named_scope_and_no_other_it_answers() {
    let server = server().await;
    let operations = operations(&server).await;
    let things = Things::of(&server, &operations).await;
    let mut keys = Keys::of(&server);
    let mut asked = 0;
    for operation in with_scopes(&operations) {
        let ways: Vec<BTreeSet<&str>> = if operation.needs_all {
            vec![operation.scopes.iter().map(String::as_str).collect()]
        } else {
            let openers = operation.scopes.iter().flat_map(|scope| openers(scope));
            openers.map(|scope| BTreeSet::from([scope])).collect()
        };
        for scopes in ways {
            let environment = if operation.template.starts_with("/api/v1/sandbox/") {
                "sandbox"
            } else {
                operation.hangs.environment()
            };
            let key = keys.with(environment, &scopes);
            let answer = things.send(&key, operation).await;
            // A copy may do what its original may: whoever makes it must hold that.
            let as_granted = answer.shown().contains("so it can't grant it");
            assert!(
                answer.status != 401 && (answer.status != 403 || as_granted),
                "{} with {scopes:?}: {}",
                answer.call,
                answer.shown()
            );
            asked += 1;
        }
    }
    assert!(asked >= 80, "only {asked} ways");
}

/// spec/conventions.md, "Authentication": broad scopes that stand in for narrow ones.
const BROADER: &[(&str, &str)] = &[
    ("sessions:create", "sessions:write"),
    ("workflows:trigger", "workflows:write"),
    ("cases:decide", "cases:write"),
];

const ALL_SCOPES: &[&str] = &[
    "sessions:read",
    "sessions:create",
    "sessions:write",
    "verifications:read",
    "identities:read",
    "documents:read",
    "documents:write",
    "workflows:read",
    "workflows:write",
    "workflows:trigger",
    "cases:read",
    "cases:write",
    "cases:decide",
    "checks:read",
    "checks:write",
    "screening:write",
    "lists:read",
    "lists:write",
    "identities:write",
    "webhooks:read",
    "webhooks:write",
    "settings:read",
    "settings:write",
    "redact:write",
    "audit:read",
    "api_keys:read",
    "api_keys:write",
];

#[tokio::test]
async fn an_expired_or_revoked_key_is_unknown() {
    let server = server().await;
    for column in ["expires_at", "revoked_at"] {
        let secret = server.installation.create_key("live", "*");
        let client = server.anonymous().key(&secret);
        client.get(SESSIONS).await.ok(200);
        let change = format!(
            "UPDATE api_keys SET {column} = created_at \
             WHERE created_at = (SELECT max(created_at) FROM api_keys)"
        );
        server.installation.database.change(&change).await;
        // Known within 1 s, as a new key is.
        verifa_testkit::within(
            std::time::Duration::from_secs(2),
            "the key ends",
            async || (client.get(SESSIONS).await.status == 401).then_some(()),
        )
        .await;
        client.get(SESSIONS).await.refused(401, "unauthorized");
    }
}

#[tokio::test]
async fn a_key_may_be_bound_to_addresses() {
    let server = server().await;
    let secret = server.installation.create_key("live", "*");
    let change = "UPDATE api_keys SET allowed_ips = '[\"203.0.113.0/24\"]' \
                  WHERE created_at = (SELECT max(created_at) FROM api_keys)";
    server.installation.database.change(change).await;
    let client = server.anonymous().key(&secret);
    let answer = client.get(SESSIONS).await;
    assert!([401, 403].contains(&answer.status), "{}", answer.shown());
    // We are no trusted proxy: what we say about others is not believed.
    let spoofed = client
        .get(SESSIONS)
        .header("x-forwarded-for", "203.0.113.5")
        .await;
    assert!([401, 403].contains(&spoofed.status), "{}", spoofed.shown());
}
