//! Receivers with certificates, good and bad.

use std::sync::Arc;
use std::time::Duration;

use rustls::RootCertStore;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use verifa_core::webhook::AttemptFailure;
use verifa_webhooks::{Sender, SenderSettings, SystemResolver};

use crate::receiver::send_with;

/// A receiver with a certificate for `localhost`; its port and the certificate.
async fn receiver() -> (u16, rustls::pki_types::CertificateDer<'static>) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let certificate = made.cert.der().clone();
    let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], PrivateKeyDer::Pkcs8(key))
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((tcp, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut tls) = acceptor.accept(tcp).await else {
                    return;
                };
                let mut request = vec![0; 4_096];
                let _read = tls.read(&mut request).await;
                let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
                let _sent = tls.write_all(answer).await;
                let _closed = tls.shutdown().await;
            });
        }
    });
    (port, certificate)
}

fn sender(roots: RootCertStore) -> Sender {
    let settings = SenderSettings {
        allowed_hosts: vec!["localhost".to_owned(), "127.0.0.1".to_owned()],
        timeout: Duration::from_secs(10),
        ..SenderSettings::default()
    };
    Sender::with_roots(&settings, Arc::new(SystemResolver), roots)
}

#[tokio::test]
async fn certificates_are_verified_with_their_name() {
    let (port, certificate) = receiver().await;
    let mut roots = RootCertStore::empty();
    roots.add(certificate).unwrap();
    let trusting = sender(roots);
    let url = format!("https://localhost:{port}/");
    let outcome = send_with(&trusting, &url).await;
    assert_eq!((outcome.http_status, outcome.failure), (Some(200), None));

    let wrong_name = send_with(&trusting, &format!("https://127.0.0.1:{port}/")).await;
    assert_eq!(wrong_name.failure, Some(AttemptFailure::Tls));
    let unknown = send_with(&sender(RootCertStore::empty()), &url).await;
    assert_eq!(unknown.failure, Some(AttemptFailure::Tls));
}
