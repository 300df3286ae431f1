//! How far the events of a key were forwarded, kept in a file between runs.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::Context as _;
use sha2::{Digest as _, Sha256};
use url::Url;

/// Bytes of the name's hash: told apart, and nothing of the key.
const NAME_BYTES: usize = 8;

/// Where reading begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Start {
    /// Behind this number.
    After(i64),
    /// Behind the newest event.
    Latest,
}

impl fmt::Display for Start {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::After(seq) => seq.fmt(f),
            Self::Latest => f.write_str("latest"),
        }
    }
}

impl FromStr for Start {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "latest" {
            return Ok(Self::Latest);
        }
        let seq = text.parse().ok().filter(|seq| *seq >= 0);
        seq.map(Self::After)
            .ok_or("expected a number from 0, or `latest`")
    }
}

/// The position and its file.
pub(super) struct Position {
    file: PathBuf,
    start: Start,
}

impl Position {
    /// Where the last run with this server and key ended, unless `begin` says otherwise; the newest
    /// event where there was none.
    ///
    /// # Errors
    /// When the file can't be read, or is none of ours.
    pub(super) fn open(
        file: Option<PathBuf>,
        server: &Url,
        key: &str,
        begin: Option<Start>,
    ) -> anyhow::Result<Self> {
        let file = match file {
            Some(file) => file,
            None => usual_file(server, key)?,
        };
        let kept = read(&file)?;
        let start = begin.or(kept.map(Start::After)).unwrap_or(Start::Latest);
        Ok(Self { file, start })
    }

    /// Where to read on.
    pub(super) const fn start(&self) -> Start {
        self.start
    }

    /// Goes to the newest event; the file follows with the next answer.
    pub(super) const fn begin_at_end(&mut self) {
        self.start = Start::Latest;
    }

    /// Goes to the oldest event; the file follows with the next answer.
    pub(super) const fn begin_at_oldest(&mut self) {
        self.start = Start::After(0);
    }

    /// Moves to `seq`, and keeps it: whole or not at all.
    ///
    /// # Errors
    /// When the file can't be written.
    pub(super) fn keep(&mut self, seq: i64) -> anyhow::Result<()> {
        if self.start == Start::After(seq) {
            return Ok(());
        }
        self.start = Start::After(seq);
        let failed = || format!("cannot keep the position in `{}`", self.file.display());
        if let Some(directory) = self.file.parent() {
            std::fs::create_dir_all(directory).with_context(failed)?;
        }
        let draft = self.file.with_extension("new");
        std::fs::write(&draft, format!("{seq}\n")).with_context(failed)?;
        std::fs::rename(&draft, &self.file).with_context(failed)
    }
}

fn read(file: &Path) -> anyhow::Result<Option<i64>> {
    match std::fs::read_to_string(file) {
        Ok(text) => {
            let seq = text.trim().parse::<i64>().ok().filter(|seq| *seq >= 0);
            let seq = seq.with_context(|| {
                format!(
                    "`{}` holds no position. hint: delete it, or name another with --position",
                    file.display()
                )
            })?;
            Ok(Some(seq))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => {
            Err(error).with_context(|| format!("cannot read the position `{}`", file.display()))
        }
    }
}

/// A file of its own for each server and key, in the user's directory of states (XDG).
fn usual_file(server: &Url, key: &str) -> anyhow::Result<PathBuf> {
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    let state = variable("XDG_STATE_HOME").map(PathBuf::from);
    let home = || Some(PathBuf::from(variable("HOME")?).join(".local/state"));
    let state = state
        .or_else(home)
        .context("there is no home directory. hint: name a file with --position")?;
    let hash = Sha256::digest(format!("verifa listen position\n{server}\n{key}"));
    let name: Vec<u8> = hash.into_iter().take(NAME_BYTES).collect();
    let name = hex::encode(name);
    Ok(state.join("verifa").join(format!("listen-{name}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(file: &Path, begin: Option<Start>) -> anyhow::Result<Position> {
        let server = Url::parse("http://127.0.0.1:8080").unwrap();
        Position::open(Some(file.to_owned()), &server, "vk_sandbox_x", begin)
    }

    #[test]
    fn a_run_goes_on_where_the_last_one_ended() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("new/position");
        let mut first = open(&file, None).unwrap();
        assert_eq!(first.start(), Start::Latest);
        first.keep(41).unwrap();
        first.keep(42).unwrap();
        assert_eq!(open(&file, None).unwrap().start(), Start::After(42));
        let begin = Some(Start::After(7));
        assert_eq!(open(&file, begin).unwrap().start(), Start::After(7));
    }

    #[test]
    fn a_strange_file_is_not_overwritten() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("notes.txt");
        std::fs::write(&file, "my notes").unwrap();
        assert!(open(&file, None).is_err());
    }

    #[test]
    fn starts_are_read_as_they_are_written() {
        for start in [Start::Latest, Start::After(0), Start::After(17)] {
            assert_eq!(start.to_string().parse(), Ok(start));
        }
        for text in ["", "-1", "first", "1.5"] {
            assert!(text.parse::<Start>().is_err(), "{text}");
        }
    }
}
