//! The three primitives that the rest of the crate is built from: AES-256-GCM, HMAC-SHA-256 and
//! HKDF-SHA-256. Every use of a key goes through [`derive`] with its own label, so that no two
//! purposes ever share key bytes.

use aes_gcm::aead::{AeadInOut, Buffer};
use aes_gcm::{Aes256Gcm, KeyInit as _};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use verifa_core::random::{Random, random_bytes};
use zeroize::Zeroizing;

use crate::VaultError;

/// Bytes of every key in the hierarchy.
pub(crate) const KEY_LENGTH: usize = 32;
/// Bytes of an AES-GCM nonce (NIST SP 800-38D §8.2: 96 bits).
pub(crate) const NONCE_LENGTH: usize = 12;
/// Bytes of an AES-GCM tag.
pub(crate) const TAG_LENGTH: usize = 16;

/// Key bytes that are wiped on drop.
pub(crate) type KeyBytes = Zeroizing<[u8; KEY_LENGTH]>;

/// Draws a new key.
pub(crate) fn random_key(random: &dyn Random) -> KeyBytes {
    Zeroizing::new(random_bytes::<KEY_LENGTH>(random))
}

/// HKDF-SHA-256 (RFC 5869) of a key for one purpose.
pub(crate) fn derive<const N: usize>(
    key: &[u8; KEY_LENGTH],
    salt: Option<&[u8]>,
    purpose: &[&[u8]],
) -> Zeroizing<[u8; N]> {
    const { assert!(N <= 255 * 32, "HKDF-SHA-256 gives at most 255 blocks") };
    let mut derived = Zeroizing::new([0; N]);
    #[expect(
        clippy::expect_used,
        reason = "fails only for outputs beyond 255 blocks, asserted above"
    )]
    Hkdf::<Sha256>::new(salt, key)
        .expand_multi_info(purpose, derived.as_mut_slice())
        .expect("HKDF output length");
    derived
}

/// HMAC-SHA-256 over parts, each preceded by its length so that no two lists of parts collide.
pub(crate) fn hmac_parts(key: &[u8; KEY_LENGTH], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = keyed_mac(key);
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// HMAC-SHA-256 of one message as any other implementation computes it.
pub(crate) fn hmac_plain(key: &[u8], message: &[u8]) -> [u8; 32] {
    #[expect(
        clippy::expect_used,
        reason = "HMAC takes keys of every length (RFC 2104 §2)"
    )]
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC key");
    mac.update(message);
    mac.finalize().into_bytes().into()
}

fn keyed_mac(key: &[u8; KEY_LENGTH]) -> Hmac<Sha256> {
    // RFC 2104 §2 fills short keys with zeros up to the block: doing it here can't fail.
    let mut block = Zeroizing::new([0; 64]);
    block[..KEY_LENGTH].copy_from_slice(key);
    Hmac::new((&*block).into())
}

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

    /// RFC 4231 §4.3 (test case 2): the zero-filled block equals the ordinary key setup.
    #[test]
    fn hmac_known_answer() {
        assert_eq!(
            hex::encode(hmac_plain(b"Jefe", b"what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        let mut mac = keyed_mac(&[7; 32]);
        mac.update(b"message");
        let fast: [u8; 32] = mac.finalize().into_bytes().into();
        assert_eq!(fast, hmac_plain(&[7; 32], b"message"));
    }

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

    #[test]
    fn parts_do_not_run_into_each_other() {
        let key = [1; 32];
        assert_ne!(
            hmac_parts(&key, &[b"ab", b"c"]),
            hmac_parts(&key, &[b"a", b"bc"])
        );
        assert_ne!(hmac_parts(&key, &[b"ab"]), hmac_parts(&key, &[b"ab", b""]));
    }

    #[test]
    fn purposes_give_unlike_keys() {
        let key = [1; 32];
        assert_ne!(
            *derive::<32>(&key, None, &[b"a"]),
            *derive::<32>(&key, None, &[b"b"])
        );
        assert_ne!(*derive::<32>(&key, None, &[b"a"]), key);
    }
}
