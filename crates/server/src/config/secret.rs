//! Settings that must not be seen.

use std::fmt;
use std::io::Read as _;
use std::path::Path;

use serde::{Deserialize, Deserializer};
use zeroize::Zeroizing;

use super::problem::Report;

/// A secret file is never longer.
const MAX_FILE_BYTES: u64 = 64 * 1024;

/// A text that has no printable form and is wiped on drop.
#[derive(Clone)]
pub(crate) struct SecretText(Zeroizing<String>);

impl SecretText {
    /// Wraps a text.
    pub(crate) fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text, for whoever uses it.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

impl<'de> Deserialize<'de> for SecretText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

/// Fills a secret from its file. Both at once are refused: nobody could tell which one counts.
pub(super) fn read_file(
    value: &mut Option<SecretText>,
    file: Option<&Path>,
    key: &str,
    report: &mut Report<'_>,
) {
    let Some(path) = file else { return };
    let file_key = format!("{key}_file");
    if value.is_some() {
        let problem = format!("and `{key}` are both set");
        return report.problem(&file_key, problem, "keep one of them");
    }
    let mut text = Zeroizing::new(String::new());
    let read = std::fs::File::open(path)
        .and_then(|file| file.take(MAX_FILE_BYTES).read_to_string(&mut text));
    match read {
        Ok(_) => {
            let trimmed = text.trim_end_matches(['\n', '\r']);
            *value = Some(SecretText::new(trimmed.to_owned()));
        }
        Err(error) => {
            let problem = format!("names `{}`, which can't be read: {error}", path.display());
            report.problem(&file_key, problem, "");
        }
    }
}
