//! The sealed form of a blob.
//!
//! `version 1 (1 byte) ‖ salt (32 bytes) ‖ chunk 0 ‖ … ‖ chunk n`. Each chunk holds 64 KiB of
//! plaintext (the last one less, an empty blob one empty chunk) and a 16-byte tag. The chunks are
//! sealed under a key derived from the session's data key, the random salt and the blob's id; so
//! the chunk counter is a nonce that never repeats. Each chunk authenticates version, blob id,
//! counter, final flag and the plaintext length up to and including itself: truncated, reordered,
//! extended or exchanged blobs do not open (the STREAM construction of Hoang, Reyhanitabar,
//! Rogaway and Vizár, CRYPTO 2015).

use aes_gcm::aead::Buffer;

use super::store::BlobId;
use crate::cipher::{Cipher, NONCE_LENGTH, TAG_LENGTH, Tail};
use crate::{DataKey, VaultError};

/// Plaintext bytes of a full chunk.
pub(super) const CHUNK: usize = 64 * 1024;
/// Stored bytes of a full chunk.
pub(super) const SEALED_CHUNK: usize = CHUNK + TAG_LENGTH;
const SALT_LENGTH: usize = 32;
/// Stored bytes before the first chunk.
pub(super) const HEADER: usize = 1 + SALT_LENGTH;
const VERSION: u8 = 1;

/// The plaintext length of a blob of `stored` bytes; `None` when no blob has that many.
pub(super) fn plaintext_length(stored: u64) -> Option<u64> {
    let body = stored.checked_sub(HEADER as u64)?;
    let chunks = body.div_ceil(SEALED_CHUNK as u64).max(1);
    body.checked_sub(chunks * TAG_LENGTH as u64)
}

/// The bytes that open a blob with this salt.
pub(super) fn header(salt: &[u8; SALT_LENGTH]) -> [u8; HEADER] {
    let mut header = [VERSION; HEADER];
    header[1..].copy_from_slice(salt);
    header
}

/// Seals or opens the chunks of one blob in their order.
pub(super) struct Chunks {
    cipher: Cipher,
    id: BlobId,
    counter: u32,
    length: u64,
}

impl Chunks {
    /// For the blob that begins with `header`.
    pub(super) fn new(
        key: &DataKey,
        id: BlobId,
        header: &[u8; HEADER],
    ) -> Result<Self, VaultError> {
        let (&version, salt) = header.split_first().ok_or(VaultError::UnknownFormat)?;
        if version != VERSION {
            return Err(VaultError::UnknownFormat);
        }
        let key = key.blob_key(salt, id.uuid().as_bytes());
        Ok(Self {
            cipher: Cipher::new(&key),
            id,
            counter: 0,
            length: 0,
        })
    }

    /// Plaintext bytes that went through so far.
    pub(super) const fn length(&self) -> u64 {
        self.length
    }

    /// Appends the next chunk to `sealed`.
    pub(super) fn seal(
        &mut self,
        plaintext: &[u8],
        last: bool,
        sealed: &mut Vec<u8>,
    ) -> Result<(), VaultError> {
        let (nonce, associated_data) = self.advance(plaintext.len(), last)?;
        sealed.reserve(plaintext.len() + TAG_LENGTH);
        let start = sealed.len();
        sealed.extend_from_slice(plaintext);
        self.cipher
            .encrypt(&nonce, &associated_data, &mut Tail::new(sealed, start));
        Ok(())
    }

    /// Opens the next chunk in place.
    pub(super) fn open(&mut self, chunk: &mut dyn Buffer, last: bool) -> Result<(), VaultError> {
        let plaintext = chunk
            .len()
            .checked_sub(TAG_LENGTH)
            .ok_or(VaultError::UnknownFormat)?;
        let (nonce, associated_data) = self.advance(plaintext, last)?;
        self.cipher.decrypt(&nonce, &associated_data, chunk)
    }

    fn advance(
        &mut self,
        plaintext: usize,
        last: bool,
    ) -> Result<([u8; NONCE_LENGTH], [u8; 30]), VaultError> {
        let counter = self.counter.to_be_bytes();
        // 2³² chunks are 256 TiB; a counter must never come round.
        self.counter = self
            .counter
            .checked_add(1)
            .ok_or(VaultError::UnknownFormat)?;
        self.length += plaintext as u64;

        let mut nonce = [0; NONCE_LENGTH];
        nonce[7..11].copy_from_slice(&counter);
        nonce[11] = u8::from(last);

        let mut associated_data = [VERSION; 30];
        associated_data[1..17].copy_from_slice(self.id.uuid().as_bytes());
        associated_data[17..21].copy_from_slice(&counter);
        associated_data[21] = u8::from(last);
        associated_data[22..30].copy_from_slice(&self.length.to_be_bytes());
        Ok((nonce, associated_data))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_length_tells_plaintext_length() {
        let stored = |plain: u64| {
            let chunks = plain.div_ceil(CHUNK as u64).max(1);
            HEADER as u64 + plain + chunks * TAG_LENGTH as u64
        };
        for plain in [0, 1, 65_535, 65_536, 65_537, 131_072, 10_000_000] {
            assert_eq!(plaintext_length(stored(plain)), Some(plain));
        }
        assert_eq!(plaintext_length(0), None);
        assert_eq!(plaintext_length(HEADER as u64 + 15), None);
    }
}
