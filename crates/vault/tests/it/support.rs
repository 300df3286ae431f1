//! A seeded source of randomness and shared pieces.

use std::sync::Mutex;

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha12Rng;
use uuid::Uuid;
use verifa_core::random::Random;
use verifa_vault::{MasterKey, MasterKeyRing, Place, ServerKeys};

pub(crate) struct Seeded(Mutex<ChaCha12Rng>);

impl Seeded {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Mutex::new(ChaCha12Rng::seed_from_u64(seed)))
    }
}

impl Random for Seeded {
    fn fill(&self, buffer: &mut [u8]) {
        self.0.lock().unwrap().fill_bytes(buffer);
    }
}

pub(crate) fn place(row: u128) -> Place<'static> {
    Place::new("sessions", "fields", Uuid::from_u128(row))
}

pub(crate) fn server_keys(random: &Seeded) -> ServerKeys {
    let master = MasterKey::generate(random);
    let rows: Vec<_> = ServerKeys::generate(&master, random)
        .into_iter()
        .map(|(name, wrapped)| (name.as_str(), wrapped))
        .collect();
    ServerKeys::open(&MasterKeyRing::new(master), &rows).unwrap()
}
