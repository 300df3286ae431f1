//! Mails handed over by SMTP.

use std::sync::Arc;

use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::TlsAcceptor;
use verifa_mail::{Mailer, SendError, SmtpSettings};

use crate::smtp_server::{Answer, SmtpServer};
use crate::{sender, some_mail};

fn mailer(url: String, authorities: Option<Vec<u8>>) -> Mailer {
    let settings = SmtpSettings {
        url,
        password: Some("secret word".to_owned()),
        authorities,
    };
    Mailer::smtp(sender("Acme <verify@example.org>"), &settings, "").unwrap()
}

/// A certificate for `localhost` and what serves under it.
fn self_signed() -> (Vec<u8>, TlsAcceptor) {
    let _first = rustls::crypto::ring::default_provider().install_default();
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let pem = made.cert.pem().into_bytes();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let config = rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    (pem, TlsAcceptor::from(Arc::new(config)))
}

#[tokio::test]
async fn a_mail_is_handed_over_with_its_envelope() {
    let server = SmtpServer::start(Answer::Takes, None).await;
    let mailer = mailer(
        format!("smtp://verifa@127.0.0.1:{}", server.address.port()),
        None,
    );
    mailer.probe().await.unwrap();
    mailer
        .send(&some_mail(1, "jane@example.org"))
        .await
        .unwrap();
    let dialogue = server.dialogues().pop().unwrap();
    let has = |wanted: &str| {
        dialogue
            .commands
            .iter()
            .any(|line| line.starts_with(wanted))
    };
    assert!(has("AUTH PLAIN"), "{:?}", dialogue.commands);
    assert!(
        has("MAIL FROM:<verify@example.org>"),
        "{:?}",
        dialogue.commands
    );
    assert!(has("RCPT TO:<jane@example.org>"), "{:?}", dialogue.commands);
    let id = "Message-ID: <00000000000000000000000000000001@example.org>\r\n";
    assert!(dialogue.message.contains(id), "{}", dialogue.message);
    assert!(
        dialogue
            .message
            .contains("Date: Tue, 01 Dec 2026 12:00:00 +0000"),
        "{}",
        dialogue.message
    );
}

#[tokio::test]
async fn what_the_server_says_decides_about_another_try() {
    for (answer, expected) in [
        (Answer::Refuses, SendError::Refused(550)),
        (
            Answer::Unauthorised,
            SendError::Later("the mail server refuses us: credentials, address or policy"),
        ),
        (
            Answer::Later,
            SendError::Later("the mail server asked to come again"),
        ),
    ] {
        let server = SmtpServer::start(answer, None).await;
        let mailer = mailer(
            format!("smtp://verifa@127.0.0.1:{}", server.address.port()),
            None,
        );
        let error = mailer
            .send(&some_mail(1, "jane@example.org"))
            .await
            .unwrap_err();
        assert_eq!(error, expected);
        // What it said names the recipient; what we say does not.
        assert!(!error.to_string().contains("jane"), "{error}");
    }
}

#[tokio::test]
async fn a_server_that_is_away_is_a_passing_trouble() {
    let server = SmtpServer::start(Answer::Takes, None).await;
    let port = server.address.port();
    let free = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    assert_ne!(port, free.port());
    let mailer = mailer(format!("smtp://verifa@127.0.0.1:{}", free.port()), None);
    assert!(
        mailer
            .send(&some_mail(1, "jane@example.org"))
            .await
            .unwrap_err()
            .is_passing()
    );
    assert!(mailer.probe().await.is_err());
}

#[tokio::test]
async fn tls_is_checked_against_the_named_authorities() {
    let (pem, acceptor) = self_signed();
    let server = SmtpServer::start(Answer::Takes, Some(acceptor)).await;
    let url = format!("smtps://verifa@localhost:{}", server.address.port());
    let trusting = mailer(url.clone(), Some(pem));
    trusting
        .send(&some_mail(1, "jane@example.org"))
        .await
        .unwrap();
    assert_eq!(server.dialogues().len(), 1);
    let wary = mailer(url, None);
    let refused = wary
        .send(&some_mail(2, "jane@example.org"))
        .await
        .unwrap_err();
    assert!(refused.is_passing(), "an operator can mend it: {refused}");
    assert_eq!(
        server.dialogues().len(),
        1,
        "nothing was sent to a stranger"
    );
}

#[tokio::test]
async fn starttls_is_demanded_of_other_machines() {
    // A name that is not this machine's, resolved to it: the server offers no STARTTLS.
    let server = SmtpServer::start(Answer::Takes, None).await;
    let settings = SmtpSettings {
        url: format!("smtp://0.0.0.0:{}", server.address.port()),
        ..SmtpSettings::default()
    };
    let mailer = Mailer::smtp(sender("verify@example.org"), &settings, "").unwrap();
    let refused = mailer.send(&some_mail(1, "jane@example.org")).await;
    assert!(refused.unwrap_err().is_passing());
    assert!(server.dialogues().is_empty());
}
