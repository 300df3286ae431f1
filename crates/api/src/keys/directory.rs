//! Finding API keys, with a cache so short that a revocation is known within a second.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::future::BoxFuture;
use verifa_core::id::{AdminTokenId, ApiKeyId};
use verifa_core::time::Timestamp;
use verifa_store::admin_tokens::AdminTokenRecord;

use super::ApiKey;

/// How long a found key is believed; unknown ones are never remembered.
const FRESH: Duration = Duration::from_millis(500);
/// `last_used_at` is written at most this often per key.
const TOUCH_EVERY: Duration = Duration::from_mins(1);
const CAPACITY: usize = 10_000;

/// A fault while looking for a key.
#[derive(Debug, thiserror::Error)]
#[error("API key look-up failed: {0}")]
pub struct KeyFault(pub String);

/// Where keys are kept.
pub trait KeyDirectory: Send + Sync {
    /// The keyed hash under which a presented secret is stored; `None` for a text that no key
    /// can be.
    fn digest(&self, presented: &str) -> Option<[u8; 32]>;
    /// The key with this hash, whatever its state.
    fn find(&self, digest: [u8; 32]) -> BoxFuture<'_, Result<Option<ApiKey>, KeyFault>>;
    /// Notes that a key was used.
    fn touch(&self, id: ApiKeyId, now: Timestamp) -> BoxFuture<'static, Result<(), KeyFault>>;
    /// The origins of pages that may use some active publishable key.
    fn browser_origins(&self) -> BoxFuture<'_, Result<Origins, KeyFault>>;
    /// The operator's token of a presented secret, whatever its state; a directory without
    /// operators knows none.
    fn find_operator(
        &self,
        _presented: &str,
    ) -> BoxFuture<'_, Result<Option<AdminTokenRecord>, KeyFault>> {
        Box::pin(async { Ok(None) })
    }
    /// Notes that an operator's token was used.
    fn touch_operator(
        &self,
        _id: AdminTokenId,
        _now: Timestamp,
    ) -> BoxFuture<'static, Result<(), KeyFault>> {
        Box::pin(async { Ok(()) })
    }
}

/// The origins of pages that may use some publishable key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origins {
    /// Whether a key without an allow-list exists.
    pub any: bool,
    /// The listed ones.
    pub listed: Vec<String>,
}

impl Origins {
    /// Whether a page of `origin` may use some key.
    pub fn allow(&self, origin: &str) -> bool {
        self.any || self.listed.iter().any(|listed| listed == origin)
    }
}

struct Entry {
    key: Arc<ApiKey>,
    loaded_at: Timestamp,
}

#[derive(Default)]
struct State {
    found: HashMap<[u8; 32], Entry>,
    touched: HashMap<ApiKeyId, Timestamp>,
}

/// The directory behind a cache of half a second: at thousands of calls a second it saves one
/// query on nearly each of them.
pub struct KeyCache {
    directory: Arc<dyn KeyDirectory>,
    state: Mutex<State>,
    /// Held while they are loaded, so that a crowd of browsers costs one query.
    origins: tokio::sync::Mutex<Option<(Arc<Origins>, Timestamp)>>,
}

impl KeyCache {
    /// An empty cache.
    pub fn new(directory: Arc<dyn KeyDirectory>) -> Self {
        Self {
            directory,
            state: Mutex::default(),
            origins: tokio::sync::Mutex::default(),
        }
    }

    /// The active key of a presented secret.
    ///
    /// # Errors
    /// When the directory can't be asked.
    pub async fn find(
        &self,
        presented: &str,
        now: Timestamp,
    ) -> Result<Option<Arc<ApiKey>>, KeyFault> {
        let Some(digest) = self.directory.digest(presented) else {
            return Ok(None);
        };
        let key = match self.cached(digest, now) {
            Some(key) => key,
            None => match self.directory.find(digest).await? {
                Some(key) => self.remember(digest, key, now),
                None => return Ok(None),
            },
        };
        if !key.is_active(now) {
            return Ok(None);
        }
        self.note_use(&key, now);
        Ok(Some(key))
    }

    /// The operator whose active token this is. They call rarely: nothing is remembered.
    ///
    /// # Errors
    /// When the directory can't be asked.
    pub async fn find_operator(
        &self,
        presented: &str,
        now: Timestamp,
    ) -> Result<Option<AdminTokenId>, KeyFault> {
        let found = self.directory.find_operator(presented).await?;
        let Some(token) = found.filter(|token| token.is_active(now)) else {
            return Ok(None);
        };
        let old = |time| now.since(time) >= TOUCH_EVERY;
        if token.last_used_at.is_none_or(old) {
            note(self.directory.touch_operator(token.id, now));
        }
        Ok(Some(token.id))
    }

    /// The origins that a browser's preflight is answered for. A preflight carries no key, so
    /// they are those of all keys; the call itself is checked against its own.
    ///
    /// # Errors
    /// When the directory can't be asked.
    pub async fn browser_origins(&self, now: Timestamp) -> Result<Arc<Origins>, KeyFault> {
        let mut kept = self.origins.lock().await;
        if let Some((origins, loaded_at)) = &*kept
            // Of those that waited, some came before the one that loaded.
            && now.since(*loaded_at).max(loaded_at.since(now)) < FRESH
        {
            return Ok(Arc::clone(origins));
        }
        let origins = Arc::new(self.directory.browser_origins().await?);
        *kept = Some((Arc::clone(&origins), now));
        Ok(origins)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn cached(&self, digest: [u8; 32], now: Timestamp) -> Option<Arc<ApiKey>> {
        let state = self.lock();
        let entry = state.found.get(&digest)?;
        let fresh = entry.loaded_at <= now && now.since(entry.loaded_at) < FRESH;
        fresh.then(|| Arc::clone(&entry.key))
    }

    fn remember(&self, digest: [u8; 32], key: ApiKey, now: Timestamp) -> Arc<ApiKey> {
        let key = Arc::new(key);
        let mut state = self.lock();
        if state.found.len() >= CAPACITY {
            state.found.clear();
        }
        state.found.insert(
            digest,
            Entry {
                key: Arc::clone(&key),
                loaded_at: now,
            },
        );
        key
    }

    fn note_use(&self, key: &ApiKey, now: Timestamp) {
        let old = |time: Timestamp| now.since(time) >= TOUCH_EVERY;
        if key.last_used_at.is_some_and(|time| !old(time)) {
            return;
        }
        {
            let mut state = self.lock();
            if state.touched.get(&key.id).is_some_and(|time| !old(*time)) {
                return;
            }
            if state.touched.len() >= CAPACITY {
                state.touched.clear();
            }
            state.touched.insert(key.id, now);
        }
        note(self.directory.touch(key.id, now));
    }
}

/// Writes a use beside the call that was it.
fn note(write: BoxFuture<'static, Result<(), KeyFault>>) {
    tokio::spawn(async move {
        if let Err(error) = write.await {
            tracing::warn!(%error, "last_used_at of a key was not written");
        }
    });
}
