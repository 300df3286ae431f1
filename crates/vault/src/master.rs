//! The server's master key: where it comes from, and the ring that a rotation needs.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use verifa_core::random::Random;
use zeroize::{Zeroize as _, Zeroizing};

use crate::error::VaultError;
use crate::key::{KEY_LENGTH, KeyBytes, random_key};
use crate::key_id::KeyId;
use crate::wrapping::{WrappingKey, wrapped_by};

/// A key file holds one short line; anything longer is another file.
const MAX_FILE_BYTES: u64 = 1024;

/// Why a master key could not be made or loaded.
#[derive(Debug, thiserror::Error)]
pub enum MasterKeyError {
    /// There is no file at the path.
    #[error("no master key at {}", .0.display())]
    Missing(PathBuf),
    /// A file is there already; it is never overwritten.
    #[error("{} exists; a master key is never overwritten", .0.display())]
    Exists(PathBuf),
    /// Group or others may read or write the file.
    #[error("{} has mode {mode:04o}; others may read it", path.display())]
    ReadableByOthers {
        /// The key file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The text is neither 64 hexadecimal digits nor base64 of 32 bytes.
    #[error("a master key is 32 bytes as base64 or 64 hexadecimal digits")]
    Malformed,
    /// The file could not be read or written.
    #[error("{} can't be read or written", path.display())]
    Io {
        /// The key file.
        path: PathBuf,
        /// The system's answer.
        #[source]
        source: io::Error,
    },
}

/// Who may read a key file besides its owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyFileAccess {
    /// Nobody.
    OwnerOnly,
    /// A credential that systemd hands to a service (systemd.exec(5), "Credentials"): it belongs to
    /// `owner`, and the service's user reads it by an access control list, whose mask the mode shows
    /// as a group that may read (0440).
    Credential {
        /// The user id that it has to belong to: root's.
        owner: u32,
    },
}

impl KeyFileAccess {
    /// The permission bits that a file of this owner may not have.
    const fn forbidden(self, owner: u32) -> u32 {
        match self {
            Self::Credential { owner: wanted } if owner == wanted => 0o037,
            Self::Credential { .. } | Self::OwnerOnly => 0o077,
        }
    }
}

/// The key on top of the hierarchy. Wiped on drop; has no printable form but the one that
/// [`MasterKey::create_file`] writes.
pub struct MasterKey {
    bytes: KeyBytes,
    wrapping: WrappingKey,
}

impl MasterKey {
    /// Draws a new key.
    pub fn generate(random: &dyn Random) -> Self {
        Self::from_bytes(random_key(random))
    }

    fn from_bytes(bytes: KeyBytes) -> Self {
        Self {
            wrapping: WrappingKey::of(&bytes),
            bytes,
        }
    }

    /// Reads the text form: base64 (padded or not) or 64 hexadecimal digits; blanks around it are
    /// ignored. This is how the key comes from the environment.
    pub fn from_text(text: &str) -> Result<Self, MasterKeyError> {
        let text = text.trim();
        let mut bytes: KeyBytes = Zeroizing::new([0; KEY_LENGTH]);
        if text.len() == 2 * KEY_LENGTH {
            hex::decode_to_slice(text, &mut *bytes).map_err(|_| MasterKeyError::Malformed)?;
            return Ok(Self::from_bytes(bytes));
        }
        // 33 bytes: the decoder wants room for a whole last quantum.
        let mut buffer = Zeroizing::new([0; KEY_LENGTH + 1]);
        let padded = Zeroizing::new(format!("{}=", text.trim_end_matches('=')));
        let length = STANDARD
            .decode_slice(padded.as_bytes(), &mut *buffer)
            .map_err(|_| MasterKeyError::Malformed)?;
        if length != KEY_LENGTH {
            return Err(MasterKeyError::Malformed);
        }
        bytes.copy_from_slice(&buffer[..KEY_LENGTH]);
        Ok(Self::from_bytes(bytes))
    }

    /// Loads the key from a file that only its owner may read.
    pub fn load(path: &Path) -> Result<Self, MasterKeyError> {
        Self::load_with(path, KeyFileAccess::OwnerOnly)
    }

    /// Loads the key from a file that nobody else may read than `access` says.
    pub fn load_with(path: &Path, access: KeyFileAccess) -> Result<Self, MasterKeyError> {
        let io_error = |source: io::Error| match source.kind() {
            io::ErrorKind::NotFound => MasterKeyError::Missing(path.to_owned()),
            _ => MasterKeyError::Io {
                path: path.to_owned(),
                source,
            },
        };
        let file = File::open(path).map_err(io_error)?;
        // The opened file is asked, not the path: nobody can swap it between the two.
        let metadata = file.metadata().map_err(io_error)?;
        let mode = metadata.mode() & 0o7777;
        if mode & access.forbidden(metadata.uid()) != 0 {
            return Err(MasterKeyError::ReadableByOthers {
                path: path.to_owned(),
                mode,
            });
        }
        let mut text = Zeroizing::new(String::with_capacity(MAX_FILE_BYTES as usize));
        file.take(MAX_FILE_BYTES)
            .read_to_string(&mut text)
            .map_err(|source| match source.kind() {
                io::ErrorKind::InvalidData => MasterKeyError::Malformed,
                _ => io_error(source),
            })?;
        Self::from_text(&text)
    }

    /// Draws a key and writes it to a new file of mode 0600, durably.
    pub fn create_file(path: &Path, random: &dyn Random) -> Result<Self, MasterKeyError> {
        let key = Self::generate(random);
        key.write_file(path)?;
        Ok(key)
    }

    /// Writes the key to a new file of mode 0600, durably. An existing file is never touched.
    pub fn write_file(&self, path: &Path) -> Result<(), MasterKeyError> {
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)
            .map_err(|source| match source.kind() {
                io::ErrorKind::AlreadyExists => MasterKeyError::Exists(path.to_owned()),
                _ => MasterKeyError::Io {
                    path: path.to_owned(),
                    source,
                },
            })?;
        let mut text = Zeroizing::new(STANDARD.encode(*self.bytes));
        text.push('\n');
        let written = file
            .write_all(text.as_bytes())
            .and_then(|()| file.sync_all())
            .and_then(|()| sync_directory_of(path));
        text.zeroize();
        written.map_err(|source| {
            // A half-written key would be taken for a key at the next start.
            let _ = std::fs::remove_file(path);
            MasterKeyError::Io {
                path: path.to_owned(),
                source,
            }
        })
    }

    /// The id that wraps made by this key carry.
    pub const fn id(&self) -> KeyId {
        self.wrapping.id()
    }

    pub(crate) const fn wrapping(&self) -> &WrappingKey {
        &self.wrapping
    }
}

fn sync_directory_of(path: &Path) -> io::Result<()> {
    let parent = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    File::open(parent.unwrap_or(Path::new(".")))?.sync_all()
}

/// The master keys a server holds: the present one, and during a rotation also the former.
pub struct MasterKeyRing {
    current: MasterKey,
    former: Vec<MasterKey>,
}

impl MasterKeyRing {
    /// A ring with the present key alone.
    pub const fn new(current: MasterKey) -> Self {
        Self {
            current,
            former: Vec::new(),
        }
    }

    /// Adds a former key, whose wraps still open.
    #[must_use]
    pub fn with_former(mut self, former: MasterKey) -> Self {
        self.former.push(former);
        self
    }

    /// The key that new wraps are made with.
    pub const fn current(&self) -> &MasterKey {
        &self.current
    }

    /// The key that made this wrap.
    pub fn holder_of(&self, wrapped: &[u8]) -> Result<&MasterKey, VaultError> {
        let wanted = wrapped_by(wrapped)?;
        std::iter::once(&self.current)
            .chain(&self.former)
            .find(|key| key.id() == wanted)
            .ok_or(VaultError::OtherKey { wanted })
    }
}
