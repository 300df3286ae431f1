//! AES-256-GCM: the one cipher that everything at rest is sealed with.

use aes_gcm::aead::{AeadInOut, Buffer};
use aes_gcm::{Aes256Gcm, KeyInit as _};
use verifa_core::random::{Random, random_bytes};
use zeroize::Zeroizing;

use crate::error::VaultError;
use crate::key::KEY_LENGTH;

/// Bytes of an AES-GCM nonce (NIST SP 800-38D §8.2: 96 bits).
pub(crate) const NONCE_LENGTH: usize = 12;
/// Bytes of an AES-GCM tag.
pub(crate) const TAG_LENGTH: usize = 16;

/// AES-256-GCM under one key. The key schedule is wiped on drop.
pub(crate) struct Cipher(Aes256Gcm);

impl Cipher {
    pub(crate) fn new(key: &[u8; KEY_LENGTH]) -> Self {
        Self(Aes256Gcm::new(key.into()))
    }

    /// Encrypts in place and appends the tag.
    pub(crate) fn encrypt(
        &self,
        nonce: &[u8; NONCE_LENGTH],
        associated_data: &[u8],
        buffer: &mut dyn Buffer,
    ) {
        #[expect(
            clippy::expect_used,
            reason = "fails only beyond 64 GiB (SP 800-38D §5.2.1.1), more than a buffer can hold here"
        )]
        self.0
            .encrypt_in_place(nonce.into(), associated_data, buffer)
            .expect("AES-GCM plaintext length");
    }

    /// Checks the tag, then decrypts in place and cuts the tag off.
    pub(crate) fn decrypt(
        &self,
        nonce: &[u8; NONCE_LENGTH],
        associated_data: &[u8],
        buffer: &mut dyn Buffer,
    ) -> Result<(), VaultError> {
        self.0
            .decrypt_in_place(nonce.into(), associated_data, buffer)
            .map_err(|_| VaultError::NotAuthentic)
    }

    /// `header ‖ nonce ‖ ciphertext ‖ tag` under a fresh random nonce; the header is authenticated.
    pub(crate) fn seal(
        &self,
        header: &[u8],
        place: &[u8],
        plaintext: &[u8],
        random: &dyn Random,
    ) -> Vec<u8> {
        let nonce = random_bytes::<NONCE_LENGTH>(random);
        let mut sealed =
            Vec::with_capacity(header.len() + NONCE_LENGTH + plaintext.len() + TAG_LENGTH);
        sealed.extend_from_slice(header);
        sealed.extend_from_slice(&nonce);
        let start = sealed.len();
        sealed.extend_from_slice(plaintext);
        let mut body = Tail::new(&mut sealed, start);
        self.encrypt(&nonce, &associated(header, place), &mut body);
        sealed
    }

    /// Opens what [`Cipher::seal`] made with the same header and place.
    pub(crate) fn open(
        &self,
        header: &[u8],
        place: &[u8],
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let (nonce, body) = sealed
            .strip_prefix(header)
            .and_then(<[u8]>::split_first_chunk::<NONCE_LENGTH>)
            .ok_or(VaultError::UnknownFormat)?;
        let mut opened = Zeroizing::new(body.to_vec());
        self.decrypt(nonce, &associated(header, place), &mut *opened)?;
        Ok(opened)
    }
}

fn associated(header: &[u8], place: &[u8]) -> Vec<u8> {
    [header, place].concat()
}

/// The part of a vector behind `start`, as the buffer that AES-GCM works in: saves one copy.
pub(crate) struct Tail<'a> {
    whole: &'a mut Vec<u8>,
    start: usize,
}

impl<'a> Tail<'a> {
    pub(crate) const fn new(whole: &'a mut Vec<u8>, start: usize) -> Self {
        Self { whole, start }
    }
}

impl AsRef<[u8]> for Tail<'_> {
    fn as_ref(&self) -> &[u8] {
        &self.whole[self.start..]
    }
}

impl AsMut<[u8]> for Tail<'_> {
    fn as_mut(&mut self) -> &mut [u8] {
        &mut self.whole[self.start..]
    }
}

impl Buffer for Tail<'_> {
    fn extend_from_slice(&mut self, other: &[u8]) -> aes_gcm::aead::Result<()> {
        self.whole.extend_from_slice(other);
        Ok(())
    }

    fn truncate(&mut self, length: usize) {
        self.whole.truncate(self.start + length);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Test case 16 of the GCM specification (appendix B).
    #[test]
    fn aes_gcm_known_answer() {
        let key: [u8; 32] =
            hex::decode("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308")
                .unwrap()
                .try_into()
                .unwrap();
        let nonce: [u8; 12] = hex::decode("cafebabefacedbaddecaf888")
            .unwrap()
            .try_into()
            .unwrap();
        let associated_data = hex::decode("feedfacedeadbeeffeedfacedeadbeefabaddad2").unwrap();
        let mut buffer = hex::decode(concat!(
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72",
            "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"
        ))
        .unwrap();
        Cipher::new(&key).encrypt(&nonce, &associated_data, &mut buffer);
        assert_eq!(
            hex::encode(&buffer),
            concat!(
                "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa",
                "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662",
                "76fc6ece0f4e1768cddf8853bb2d551b"
            )
        );
    }
}
