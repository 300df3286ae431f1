//! SHA-256 digests as values, so that a hash can't be mixed up with another text.

use std::fmt;
use std::io::{self, Read, Write};
use std::str::FromStr;

use serde::{Serialize, Serializer};
use sha2::{Digest, Sha256};

/// The SHA-256 of a file; its text form is 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Sha256Digest([u8; 32]);

/// A text that is not 64 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a SHA-256 digest is written as 64 hexadecimal digits")]
pub struct NotADigest;

impl Sha256Digest {
    /// The digest of bytes in memory.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// Reads to the end and digests what was read. Returns the length in bytes too.
    pub fn of_reader(mut reader: impl Read) -> io::Result<(Self, u64)> {
        copy_and_digest(&mut reader, &mut io::sink())
    }

    /// A digest written in the source. A wrong literal stops the compiler, not the program.
    pub(crate) const fn literal(text: &str) -> Self {
        let text = text.as_bytes();
        assert!(text.len() == 64, "64 hexadecimal digits");
        let mut bytes = [0; 32];
        let mut index = 0;
        while index < 32 {
            bytes[index] = nibble(text[2 * index]) << 4 | nibble(text[2 * index + 1]);
            index += 1;
        }
        Self(bytes)
    }
}

const fn nibble(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        b'a'..=b'f' => digit - b'a' + 10,
        _ => panic!("a lower-case hexadecimal digit"),
    }
}

/// Copies everything and digests it on the way. Returns the digest and the length in bytes.
pub(crate) fn copy_and_digest(
    from: &mut impl Read,
    to: &mut impl Write,
) -> io::Result<(Sha256Digest, u64)> {
    let mut state = Sha256::new();
    let mut buffer = vec![0; 128 * 1024];
    let mut length: u64 = 0;
    loop {
        let count = match from.read(&mut buffer) {
            Ok(0) => return Ok((Sha256Digest(state.finalize().into()), length)),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let part = buffer.get(..count).unwrap_or_default();
        state.update(part);
        to.write_all(part)?;
        length = length.saturating_add(count as u64);
    }
}

impl FromStr for Sha256Digest {
    type Err = NotADigest;

    fn from_str(text: &str) -> Result<Self, NotADigest> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| NotADigest)?;
        Ok(Self(bytes))
    }
}

impl fmt::Display for Sha256Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Sha256Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Sha256Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn literal_text_and_computed_digests_agree() {
        assert_eq!(Sha256Digest::of(b""), Sha256Digest::literal(EMPTY));
        assert_eq!(EMPTY.parse(), Ok(Sha256Digest::of(b"")));
        assert_eq!(Sha256Digest::of(b"").to_string(), EMPTY);
        let (digest, length) = Sha256Digest::of_reader(&b"abc"[..]).unwrap();
        assert_eq!((digest, length), (Sha256Digest::of(b"abc"), 3));
    }

    #[test]
    fn other_texts_are_no_digest() {
        assert_eq!("e3b0".parse::<Sha256Digest>(), Err(NotADigest));
        assert_eq!("x".repeat(64).parse::<Sha256Digest>(), Err(NotADigest));
    }
}
