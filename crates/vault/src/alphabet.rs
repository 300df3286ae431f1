//! Random text in lower-case Crockford base32: no look-alikes, safe in URLs, one case.

use verifa_core::random::Random;
use zeroize::Zeroizing;

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Appends `length` characters of 5 random bits each.
pub(crate) fn push_random_text(text: &mut String, length: usize, random: &dyn Random) {
    let mut bytes = Zeroizing::new(vec![0_u8; length]);
    random.fill(&mut bytes);
    text.extend(
        bytes
            .iter()
            .map(|byte| char::from(ALPHABET[usize::from(byte & 31)])),
    );
}

/// Whether every character belongs to the alphabet.
pub(crate) fn is_alphabet_text(text: &str) -> bool {
    text.bytes().all(|byte| ALPHABET.contains(&byte))
}
