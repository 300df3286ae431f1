//! Key bytes, and the two functions over SHA-256 that take them: HKDF and HMAC. Every use of a key
//! goes through [`derive`] with its own label, so that no two purposes ever share key bytes.

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit as _, Mac};
use sha2::Sha256;
use verifa_core::random::{Random, random_bytes};
use zeroize::Zeroizing;

/// Bytes of every key in the hierarchy.
pub(crate) const KEY_LENGTH: usize = 32;

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
