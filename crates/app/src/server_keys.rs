//! The server's own keys: rotation of the one that signs download links.

use verifa_store::db::Commit;
use verifa_store::keys;
use verifa_vault::{ServerKeyName, ServerKeys};

use crate::App;
use crate::error::AppError;

impl App {
    /// Puts a new key in the place of the one that signs download links; the present one still opens
    /// the links that are out. Running servers take it up when they start again.
    ///
    /// # Errors
    /// When the present key does not open, or the database fails.
    pub async fn rotate_url_key(&self) -> Result<(), AppError> {
        let now = self.clock.now();
        let mut commit = Commit::new();
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
}
