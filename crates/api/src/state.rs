//! What all requests share.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::Semaphore;
use verifa_core::random::Random;
use verifa_core::time::Clock;

use crate::keys::{KeyCache, KeyDirectory, TrustedProxies};
use crate::limits::{LimitSettings, Limits};
use crate::probe::{Probe, Probes};

/// Most calls that wait at the same time: each looks into the database now and then.
const WAITING_CALLS: usize = 256;

/// How the HTTP layer is set up.
#[derive(Clone)]
pub struct ApiSettings {
    /// The proxies whose forwarding headers are believed.
    pub proxies: TrustedProxies,
    /// Rate limits.
    pub limits: LimitSettings,
    /// The longest a call may take, its body included.
    pub request_timeout: Duration,
    /// The base of URLs shown in the reference, such as `https://id.example.org`.
    pub public_url: String,
}

impl Default for ApiSettings {
    fn default() -> Self {
        Self {
            proxies: TrustedProxies::default(),
            limits: LimitSettings::default(),
            request_timeout: Duration::from_mins(1),
            public_url: "http://127.0.0.1:8080".to_owned(),
        }
    }
}

/// Clock, keys, limits and probes: what the conventions need, without any use case.
pub struct Shared {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) keys: KeyCache,
    pub(crate) limits: Limits,
    pub(crate) proxies: TrustedProxies,
    pub(crate) probes: Probes,
    pub(crate) request_timeout: Duration,
    pub(crate) public_url: String,
    /// Bounds calls that wait for what comes; beyond it a call answers at once.
    pub(crate) waiting: Semaphore,
    draining: AtomicBool,
}

impl Shared {
    /// From the parts that the binary wires.
    pub fn new(
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        keys: Arc<dyn KeyDirectory>,
        probes: Vec<Box<dyn Probe>>,
        settings: ApiSettings,
    ) -> Self {
        Self {
            clock,
            random,
            keys: KeyCache::new(keys),
            limits: Limits::new(settings.limits),
            proxies: settings.proxies,
            probes: Probes::new(probes),
            request_timeout: settings.request_timeout,
            public_url: settings.public_url,
            waiting: Semaphore::new(WAITING_CALLS),
            draining: AtomicBool::new(false),
        }
    }

    /// Makes `/readyz` refuse from now on, so that load balancers stop sending calls while those
    /// under way finish.
    pub fn start_draining(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }
}
