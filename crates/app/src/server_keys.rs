//! The server's own keys: rotation of the one that signs download links, and of the master key
//! that wraps them all.
//!
//! A process keeps the master key that it started with. Whatever it wraps with it after a rotation
//! by another process, nobody could open again: so each commit that wraps a key is guarded by a row
//! that a rotation changes, and the other way round.

use verifa_store::db::{Commit, DbError, Stmt};
use verifa_store::keys;
use verifa_store::organizations::{self, OrganizationRecord};
use verifa_vault::{MasterKey, Place, ServerKeyName, ServerKeys, VaultError, rewrap};

use crate::App;
use crate::error::AppError;
use crate::keyring::organization_key_place;

/// The server key by whose wrapping a rotation is noticed: no other command replaces it.
const GUARD: &str = ServerKeyName::ApiKeyHash.as_str();

/// How often a rotation looks anew when organizations are made meanwhile.
const ROTATION_TRIES: u8 = 10;

const ROTATED: &str = "the master key was rotated while this process ran: it wraps no key with the \
                       former one. Start it with the new master key";

impl App {
    /// Puts a new key in the place of the one that signs download links; the present one still opens
    /// the links that are out. Running servers take it up when they start again.
    ///
    /// # Errors
    /// When the present key does not open, or the database fails.
    pub async fn rotate_url_key(&self) -> Result<(), AppError> {
        let now = self.clock.now();
        let mut commit = Commit::new();
        commit.push(self.guard_master_key().await?);
        for row in self.db.query(keys::all_server()).await? {
            let (name, wrapped): (String, Vec<u8>) = (row.get(0)?, row.get(1)?);
            if name != ServerKeyName::UrlSigning.as_str() {
                continue;
            }
            let masters = self.keys.masters();
            for (name, wrapped) in ServerKeys::rotate_url_signing(masters, &wrapped, &*self.random)?
            {
                commit.push(keys::put_server(name.as_str(), &wrapped, now));
            }
        }
        Ok(self.apply(commit).await?)
    }

    /// Whether this process holds the master key that wraps the stored keys.
    ///
    /// # Errors
    /// [`AppError::Unavailable`] when the master key was rotated since this process started.
    pub async fn check_master_key(&self) -> Result<(), AppError> {
        self.guard_master_key().await.map(drop)
    }

    /// What a commit that wraps a key needs: it conflicts when the master key is rotated meanwhile.
    ///
    /// # Errors
    /// [`AppError::Unavailable`] when it was rotated already.
    pub(crate) async fn guard_master_key(&self) -> Result<Stmt, AppError> {
        let row = self.db.query_opt(keys::one_server(GUARD)).await?;
        let row = row.ok_or(VaultError::MissingServerKey(GUARD))?;
        let wrapped: Vec<u8> = row.get(0)?;
        let masters = self.keys.masters();
        match masters.holder_of(&wrapped) {
            Ok(holder) if holder.id() == masters.current().id() => {
                Ok(keys::guard_server(GUARD, &wrapped))
            }
            Ok(_) | Err(VaultError::OtherKey { .. }) => Err(AppError::Unavailable(ROTATED)),
            Err(error) => Err(error.into()),
        }
    }

    /// Wraps every key of the master key under `new`; what they seal stays as it is. Answers how
    /// many. All in one commit: a rotation that broke off changed nothing.
    ///
    /// # Errors
    /// When a key does not open, or the database fails: then nothing is changed.
    pub async fn rotate_master_key(&self, new: &MasterKey) -> Result<usize, AppError> {
        let mut tries = 0;
        loop {
            let (commit, wrapped) = self.rewrapped(new).await?;
            match self.apply(commit).await {
                Ok(()) => return Ok(wrapped),
                Err(DbError::Conflict { .. }) if tries < ROTATION_TRIES => tries += 1,
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// The commit that wraps every key under `new`, and how many they are. Server keys come first
    /// and are looked at first, so that an organization made meanwhile makes it conflict.
    async fn rewrapped(&self, new: &MasterKey) -> Result<(Commit, usize), AppError> {
        let mut commit = Commit::new();
        let mut wrapped = 0;
        let masters = self.keys.masters();
        for row in self.db.query(keys::all_server()).await? {
            let (name, old): (String, Vec<u8>) = (row.get(0)?, row.get(1)?);
            let place = Place::named("server_keys", "wrapped", name.as_bytes());
            let again = rewrap(masters.holder_of(&old)?, new, &place, &old, &*self.random)?;
            commit.push(keys::rewrap_server(&name, &again, (&old, row.get(2)?)));
            wrapped += 1;
        }
        for row in self.db.query(organizations::all()).await? {
            let record = OrganizationRecord::from_row(&row)?;
            let place = organization_key_place(record.id);
            let holder = masters.holder_of(&record.wrapped_key)?;
            let again = rewrap(holder, new, &place, &record.wrapped_key, &*self.random)?;
            commit.push(organizations::rewrap(record.id, &again));
            wrapped += 1;
        }
        Ok((commit, wrapped))
    }
}
