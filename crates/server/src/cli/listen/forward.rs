//! Sending an event on, signed like a delivery.

use std::fmt;
use std::time::Duration;

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};
use tokio::time::Instant;
use url::Url;
use verifa_core::id::{DeliveryId, Id as _};
use verifa_core::time::Clock as _;
use verifa_vault::WebhookSigner;
use verifa_webhooks::{Message, WebhookSecret};

use super::feed::Event;
use crate::system::SystemClock;
use crate::terminal;

/// As long as a delivery waits for its receiver.
const ANSWER: Duration = Duration::from_secs(30);
/// The wait for a receiver that isn't there: doubled each time.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Sends events to one address.
pub(super) struct Forwarder {
    http: reqwest::Client,
    url: Url,
    secret: WebhookSecret,
    signer: WebhookSigner,
}

/// What the receiver made of an event.
pub(super) enum Outcome {
    /// It answered, after this time.
    Answered(u16, Duration),
    /// It took the connection and gave no whole answer.
    Broken,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answered(status, took) => write!(f, "{status}  {} ms", took.as_millis()),
            Self::Broken => f.write_str("no answer"),
        }
    }
}

impl Forwarder {
    /// A forwarder whose secret follows from the key, so that a receiver need not be told a new
    /// one at each start, and no file has to keep it.
    pub(super) fn new(url: &Url, key: &str) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder()
            .timeout(ANSWER)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .user_agent("Verifa-Webhooks/1")
            .build()?;
        let derived = |purpose: &str| -> [u8; 32] {
            Sha256::digest(format!("verifa listen {purpose}\n{key}")).into()
        };
        let secret = format!("whsec_{}", STANDARD.encode(derived("secret")));
        Ok(Self {
            http,
            url: url.clone(),
            secret: WebhookSecret::parse(&secret).context("the derived secret")?,
            signer: WebhookSigner::from_seed(&derived("signer")),
        })
    }

    /// The secret that the receiver verifies with.
    pub(super) fn secret(&self) -> &str {
        self.secret.reveal()
    }

    /// Sends an event. While nobody listens at the address, waits for somebody.
    pub(super) async fn forward(&self, event: &Event) -> Outcome {
        let mut pause = FIRST_PAUSE;
        let mut told = false;
        loop {
            let began = Instant::now();
            match self.send(event).await {
                Ok(status) => return Outcome::Answered(status, began.elapsed()),
                Err(error) if error.is_connect() => {
                    if !told {
                        terminal::note(format_args!(
                            "nobody listens at {}: waiting with #{}",
                            self.url, event.seq
                        ));
                        told = true;
                    }
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
                Err(_) => return Outcome::Broken,
            }
        }
    }

    async fn send(&self, event: &Event) -> reqwest::Result<u16> {
        let id = event.id.to_string();
        let message = Message {
            id: &id,
            time: SystemClock.now(),
            body: &event.body,
        };
        let signed = message.sign(std::slice::from_ref(&self.secret), &self.signer);
        let request = self
            .http
            .post(self.url.clone())
            .header("content-type", "application/json")
            // There is no delivery behind it; the same for each try of the same event.
            .header(
                "x-verifa-delivery-id",
                DeliveryId::from_uuid(event.id.uuid()).to_string(),
            )
            .header("x-verifa-event", &event.name)
            .header("x-verifa-signature", signed.verifa)
            .header("webhook-id", signed.id)
            .header("webhook-timestamp", signed.timestamp)
            .header("webhook-signature", signed.standard)
            .body(event.body.clone());
        Ok(request.send().await?.status().as_u16())
    }
}
