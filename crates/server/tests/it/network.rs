//! Who is believed about addresses, which URLs are given out, and TLS by the binary.

use std::process::Stdio;
use std::sync::Arc;

use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use verifa_testkit::{Installation, Options, TestServer, eventually, free_address};

use crate::images::small_png;
use crate::support::{SESSIONS, VERIFA};

#[tokio::test]
async fn only_a_trusted_proxy_is_believed_about_addresses() {
    let options = Options::default().set("VERIFA_SERVER__TRUSTED_PROXIES", "127.0.0.1/32");
    let server = TestServer::start(VERIFA, &options).await;
    let secret = server.installation.create_key("live", "*");
    let change = "UPDATE api_keys SET allowed_ips = '[\"203.0.113.0/24\"]' \
                  WHERE created_at = (SELECT max(created_at) FROM api_keys)";
    assert_eq!(server.installation.database.change(change).await, 1);
    let client = server.anonymous().key(&secret);
    client.get(SESSIONS).await.refused(401, "unauthorized");
    let from = |address: &str| client.get(SESSIONS).header("x-forwarded-for", address);
    from("203.0.113.5").await.ok(200);
    from("198.51.100.5").await.refused(401, "unauthorized");
    // What came before our own proxy's word was written by the caller.
    from("203.0.113.5, 198.51.100.5")
        .await
        .refused(401, "unauthorized");
}

#[tokio::test]
async fn limits_count_the_address_behind_the_proxy() {
    let options = Options::default()
        .set("VERIFA_SERVER__TRUSTED_PROXIES", "127.0.0.1/32")
        .set("VERIFA_RATE_LIMITS__PER_IP_PER_MINUTE", 5);
    let server = TestServer::start(VERIFA, &options).await;
    let from = |address: &str| {
        let call = server.anonymous().get(SESSIONS);
        call.header("x-forwarded-for", address)
    };
    for _ in 0..5 {
        from("203.0.113.1").await.refused(401, "unauthorized");
    }
    from("203.0.113.1").await.refused(429, "rate_limited");
    from("203.0.113.2").await.refused(401, "unauthorized");
}

#[tokio::test]
async fn links_begin_with_the_public_url() {
    let options = Options::default().set("VERIFA_SERVER__PUBLIC_URL", "https://id.example.org");
    let server = TestServer::start(VERIFA, &options).await;
    let live = server.live();
    let made = live.post(SESSIONS).json(json!({})).await.ok(201);
    let capture = made["capture_url"].as_str().unwrap();
    assert!(
        capture.starts_with("https://id.example.org/verify/"),
        "{capture}"
    );
    let session = made["id"].as_str().unwrap();
    live.upload(session, "id_front", small_png(1)).await.ok(201);
    let documents = live.part(session, "documents").await;
    let link = documents["data"][0]["url"].as_str().unwrap();
    assert!(link.starts_with("https://id.example.org/api/v1/"), "{link}");
}

async fn connect(
    address: std::net::SocketAddr,
    roots: RootCertStore,
) -> std::io::Result<TlsStream<TcpStream>> {
    let config = ClientConfig::builder()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(address).await?;
    let name = ServerName::try_from("localhost").unwrap();
    TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_binary_speaks_tls() {
    // Somebody was first: fine.
    let _first = rustls::crypto::ring::default_provider().install_default();
    let issued = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let files = tempfile::tempdir().unwrap();
    let (certificate, key) = (files.path().join("cert.pem"), files.path().join("key.pem"));
    std::fs::write(&certificate, issued.cert.pem()).unwrap();
    std::fs::write(&key, issued.signing_key.serialize_pem()).unwrap();
    let options = Options::default()
        .set("VERIFA_SERVER__TLS__CERT_PATH", certificate.display())
        .set("VERIFA_SERVER__TLS__KEY_PATH", key.display());
    let installation = Installation::init(VERIFA, &options).await;
    let address = free_address();
    let mut child = installation
        .command(&["serve", "--listen", &address.to_string()])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut trusted = RootCertStore::empty();
    let pem = CertificateDer::from_pem_file(&certificate).unwrap();
    trusted.add(pem).unwrap();
    let mut stream = eventually("the server speaks TLS", async || {
        connect(address, trusted.clone()).await.ok()
    })
    .await;
    let ask = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    stream.write_all(ask).await.unwrap();
    let mut answer = String::new();
    // Servers close without a word now and then; what counts is the answer.
    let _end = stream.read_to_string(&mut answer).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.contains("\"status\":\"ok\""), "{answer}");
    // Nobody who does not know the certificate gets through, and nothing is spoken in the clear.
    assert!(connect(address, RootCertStore::empty()).await.is_err());
    let mut plain = TcpStream::connect(address).await.unwrap();
    plain.write_all(ask).await.unwrap();
    let mut said = Vec::new();
    let _end = plain.read_to_end(&mut said).await;
    assert!(!said.starts_with(b"HTTP"), "spoke in the clear");
    child.kill().unwrap();
    child.wait().unwrap();
}
