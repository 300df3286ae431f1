//! Names that lead to addresses which are nobody's business, at the first look or at a later one.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures::future::BoxFuture;
use verifa_core::webhook::AttemptFailure;
use verifa_webhooks::{Resolve, Sender, SenderSettings};

use crate::receiver::{Receiver, say, send, send_with};

const SHORT: Duration = Duration::from_secs(2);

/// Answers each look with the next list of addresses, the last one again and again.
struct Changing {
    looks: AtomicUsize,
    answers: Vec<Vec<IpAddr>>,
}

impl Changing {
    fn new(answers: &[&[&str]]) -> Arc<Self> {
        let parse = |texts: &&[&str]| texts.iter().map(|text| text.parse().unwrap()).collect();
        Arc::new(Self {
            looks: AtomicUsize::new(0),
            answers: answers.iter().map(parse).collect(),
        })
    }
}

impl Resolve for Changing {
    fn resolve<'a>(&'a self, _: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
        let look = self.looks.fetch_add(1, Ordering::SeqCst);
        let answer = self.answers.get(look).or(self.answers.last()).cloned();
        Box::pin(async move { answer.ok_or_else(|| io::Error::other("no answer")) })
    }
}

async fn listener() -> Receiver {
    Receiver::start(|tcp| Box::pin(say(tcp, b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"))).await
}

#[tokio::test]
async fn a_name_that_leads_inside_gets_no_byte() {
    let inside = listener().await;
    let port = inside.address.port();
    for addresses in [
        ["127.0.0.1"].as_slice(),
        &["::ffff:127.0.0.1"],
        &["::1", "127.0.0.1", "0.0.0.0"],
        &["64:ff9b::7f00:1"],
        &["10.0.0.1", "169.254.169.254", "192.168.1.1", "fd00::1"],
    ] {
        let resolver = Changing::new(&[addresses]);
        let url = format!("https://innocent.example:{port}/hook");
        let outcome = send(&url, &[], SHORT, resolver).await;
        assert_eq!(
            outcome.failure,
            Some(AttemptFailure::RefusedAddress),
            "{addresses:?}"
        );
    }
    assert_eq!(inside.connections(), 0);
}

/// The first look, as at the endpoint's making, finds a public address; every later one the
/// loopback. Each connection is judged by its own look.
#[tokio::test]
async fn a_name_that_changes_its_address_gets_no_byte() {
    let inside = listener().await;
    let port = inside.address.port();
    // 192.0.2.0/24 is documentation space; a public address that never answers would do as well,
    // but no test sends a byte to the internet. So the public answer names no address at all.
    let resolver = Changing::new(&[&[], &["127.0.0.1"]]);
    let sender = Sender::new(
        &SenderSettings {
            timeout: SHORT,
            ..SenderSettings::default()
        },
        Arc::clone(&resolver) as Arc<dyn Resolve>,
    );
    let url = format!("https://innocent.example:{port}/hook");
    assert!(
        sender.guard().check_url(&url).is_ok(),
        "the URL itself is fine"
    );
    let outcome = send_with(&sender, &url).await;
    assert_eq!(outcome.failure, Some(AttemptFailure::Dns));
    for _ in 0..3 {
        let outcome = send_with(&sender, &url).await;
        assert_eq!(outcome.failure, Some(AttemptFailure::RefusedAddress));
    }
    assert!(
        resolver.looks.load(Ordering::SeqCst) >= 4,
        "each try looks anew"
    );
    assert_eq!(inside.connections(), 0);
}

/// The same listener is reached where the operator allows the name: the guard, and nothing else,
/// kept the tests above from it.
#[tokio::test]
async fn an_allowed_name_is_reached_and_its_address_may_change() {
    let inside = listener().await;
    let port = inside.address.port();
    let resolver = Changing::new(&[&["127.0.0.1"], &["169.254.169.254"]]);
    let url = format!("http://innocent.example:{port}/hook");
    let outcome = send(
        &url,
        &["innocent.example"],
        SHORT,
        Arc::clone(&resolver) as _,
    )
    .await;
    assert_eq!((outcome.http_status, outcome.failure), (Some(200), None));
    assert_eq!(inside.requests(), 1);
    let outcome = send(&url, &["innocent.example"], SHORT, resolver).await;
    assert_eq!(outcome.failure, Some(AttemptFailure::RefusedAddress));
    assert_eq!(inside.connections(), 1);
}

#[tokio::test]
async fn literal_addresses_get_no_byte() {
    let inside = listener().await;
    let port = inside.address.port();
    for host in [
        "127.0.0.1",
        "2130706433",
        "0x7f000001",
        "[::ffff:127.0.0.1]",
        "localhost",
    ] {
        for scheme in ["http", "https"] {
            let url = format!("{scheme}://{host}:{port}/");
            let outcome = send(&url, &[], SHORT, Changing::new(&[&["127.0.0.1"]])).await;
            assert_eq!(
                outcome.failure,
                Some(AttemptFailure::RefusedAddress),
                "{url}"
            );
        }
    }
    assert_eq!(inside.connections(), 0);
}
