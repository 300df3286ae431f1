//! Checkpoints of the audit chain that were kept apart, in the forms in which they are handed out.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use anyhow::Context as _;
use serde::Deserialize;
use verifa_app::engine::KeptCheckpoint;
use verifa_core::time::Timestamp;
use verifa_store::audit::CheckpointRecord;

/// What a file may hold: lines of `verifa audit export`, and answers of the API.
#[derive(Deserialize)]
#[serde(untagged)]
enum Entry {
    Exported(Exported),
    Answered(Signed),
}

/// A line of `verifa audit export`.
#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Exported {
    /// The key of the checkpoints that follow.
    Key {
        public_key: String,
    },
    /// Passed over: only what is signed proves something.
    Event {},
    Checkpoint(Signed),
}

/// A checkpoint. The API writes names in the casing that its caller asks for.
#[derive(Deserialize)]
struct Signed {
    sequence: i64,
    hash: String,
    #[serde(
        rename = "signed_at_micros",
        alias = "signedAtMicros",
        alias = "signed-at-micros"
    )]
    micros: i64,
    signature: String,
    #[serde(alias = "publicKey", alias = "public-key")]
    public_key: Option<String>,
}

impl Signed {
    /// With the key that it names itself, else with the one that was named before it.
    fn into_kept(self, key: Option<&Vec<u8>>) -> anyhow::Result<KeptCheckpoint> {
        anyhow::ensure!(self.sequence > 0, "`sequence` is no number of an event");
        let named = self.public_key.map(|text| bytes("public_key", &text));
        Ok(KeptCheckpoint {
            record: CheckpointRecord {
                seq: self.sequence,
                hash: bytes("hash", &self.hash)?,
                signature: bytes("signature", &self.signature)?,
                created_at: Timestamp::from_micros(self.micros),
            },
            public_key: named.transpose()?.or_else(|| key.cloned()),
        })
    }
}

fn bytes(name: &str, text: &str) -> anyhow::Result<Vec<u8>> {
    hex::decode(text).with_context(|| format!("`{name}` is not hexadecimal"))
}

/// The checkpoints of a file, one or more.
///
/// # Errors
/// When it can't be read, holds something else, or holds none.
pub(super) fn read(path: &Path) -> anyhow::Result<Vec<KeptCheckpoint>> {
    let shown = path.display();
    let file = File::open(path).with_context(|| format!("`{shown}` can't be read"))?;
    let entries = serde_json::Deserializer::from_reader(BufReader::new(file)).into_iter();
    let kept = collect(entries).with_context(|| format!("`{shown}` is no file of checkpoints"))?;
    anyhow::ensure!(
        !kept.is_empty(),
        "`{shown}` holds no checkpoint. \
         hint: `verifa audit export` and `GET /api/v1/events/checkpoint` hand them out"
    );
    Ok(kept)
}

fn collect(
    entries: impl Iterator<Item = serde_json::Result<Entry>>,
) -> anyhow::Result<Vec<KeptCheckpoint>> {
    let mut kept = Vec::new();
    let mut key = None;
    for (position, entry) in entries.enumerate() {
        let number = position + 1;
        let entry = entry.with_context(|| format!("entry {number}"))?;
        match entry {
            Entry::Exported(Exported::Key { public_key }) => {
                key = Some(bytes("public_key", &public_key)?);
            }
            Entry::Exported(Exported::Event {}) => {}
            Entry::Exported(Exported::Checkpoint(signed)) | Entry::Answered(signed) => {
                let checkpoint = signed.into_kept(key.as_ref());
                kept.push(checkpoint.with_context(|| format!("entry {number}"))?);
            }
        }
    }
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> anyhow::Result<Vec<KeptCheckpoint>> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("checkpoints");
        std::fs::write(&path, text).unwrap();
        read(&path)
    }

    #[test]
    fn every_form_that_is_handed_out_is_read() {
        let text = r#"
            {"kind":"key","public_key":"aa"}
            {"kind":"event","seq":1,"metadata":"{}","hash":null}
            {"kind":"checkpoint","sequence":1,"hash":"01","signed_at_micros":5,"signature":"02"}
            {
              "sequence": 2, "hash": "03", "signed_at": "2026-02-01T12:00:00Z",
              "signed_at_micros": 6, "algorithm": "ed25519", "signature": "04", "public_key": "bb"
            }
            {"sequence":3,"hash":"05","signedAtMicros":7,"signature":"06","publicKey":"cc"}"#;
        let read = read_text(text).unwrap();
        let seen: Vec<_> = read
            .iter()
            .map(|kept| (kept.record.seq, kept.record.created_at.as_micros()))
            .collect();
        assert_eq!(seen, [(1, 5), (2, 6), (3, 7)]);
        let keys: Vec<_> = read.iter().map(|kept| kept.public_key.clone()).collect();
        assert_eq!(keys, [Some(vec![0xaa]), Some(vec![0xbb]), Some(vec![0xcc])]);
    }

    #[test]
    fn other_files_are_refused() {
        for text in [
            "",
            "checkpoint",
            "[]",
            "{}",
            r#"{"kind":"event","seq":1}"#,
            r#"{"sequence":0,"hash":"01","signed_at_micros":5,"signature":"02"}"#,
            r#"{"sequence":-1,"hash":"01","signed_at_micros":5,"signature":"02"}"#,
            r#"{"sequence":1,"hash":"zz","signed_at_micros":5,"signature":"02"}"#,
            r#"{"sequence":1,"hash":"01","signed_at_micros":5,"signa"#,
        ] {
            assert!(read_text(text).is_err(), "{text}");
        }
    }
}
