//! `[data]`: the data directory and the master key.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use verifa_vault::KeyFileAccess;

use super::problem::Report;
use super::secret::SecretText;

/// Where things lie.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Data {
    /// The data directory.
    pub(crate) dir: PathBuf,
    /// The file of the master key; see [`Data::master_key_source`].
    pub(crate) master_key_path: Option<PathBuf>,
    /// The master key itself.
    pub(crate) master_key: Option<SecretText>,
    /// The directory of the credentials that systemd handed over.
    #[serde(skip)]
    pub(super) credentials: Option<PathBuf>,
}

/// systemd's credentials belong to root.
const ROOT: u32 = 0;

/// Where the master key comes from.
#[derive(Debug)]
pub(crate) enum MasterKeySource<'a> {
    /// From a file of mode 0600, or a credential of systemd's.
    File(PathBuf),
    /// From the configuration, which should mean: the environment.
    Text(&'a SecretText),
}

impl Data {
    /// The text in the configuration, or the file: the one that is named, else the data
    /// directory's name with `.master-key` added, beside it.
    pub(crate) fn master_key_source(&self) -> MasterKeySource<'_> {
        match (&self.master_key, &self.master_key_path) {
            (Some(text), _) => MasterKeySource::Text(text),
            (None, Some(path)) => MasterKeySource::File(path.clone()),
            (None, None) => MasterKeySource::File(beside(&self.dir)),
        }
    }

    /// Who may read a key file: a credential shows more than other files may. Resolved, so that no
    /// link or `..` leads out of the directory.
    pub(crate) fn key_file_access(&self, path: &Path) -> KeyFileAccess {
        let directory = self.credentials.as_ref().map(|found| found.canonicalize());
        match (path.canonicalize(), directory) {
            (Ok(path), Some(Ok(directory))) if path.starts_with(&directory) => {
                KeyFileAccess::Credential { owner: ROOT }
            }
            _ => KeyFileAccess::OwnerOnly,
        }
    }

    pub(super) fn validate(&self, report: &mut Report<'_>) {
        if self.dir.as_os_str().is_empty() {
            report.problem("data.dir", "is empty", "");
        }
        if self.master_key.is_some() && self.master_key_path.is_some() {
            report.problem(
                "data.master_key",
                "and `data.master_key_path` are both set",
                "keep one of them",
            );
        }
    }
}

/// `/srv/verifa` has its key in `/srv/verifa.master-key`. `components` drops a slash at the end,
/// which would put the key inside.
fn beside(directory: &Path) -> PathBuf {
    let mut path = directory.components().as_path().as_os_str().to_owned();
    path.push(".master-key");
    PathBuf::from(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_lies_in_the_directory_of_credentials_is_one() {
        let root = tempfile::tempdir().unwrap();
        let directory = root.path().join("credentials");
        std::fs::create_dir(&directory).unwrap();
        let (inside, outside) = (directory.join("master.key"), root.path().join("master.key"));
        for path in [&inside, &outside] {
            std::fs::write(path, "").unwrap();
        }
        let leading_out = directory.join("link");
        std::os::unix::fs::symlink(&outside, &leading_out).unwrap();
        let mut data = Data {
            dir: PathBuf::new(),
            master_key_path: None,
            master_key: None,
            credentials: Some(directory.clone()),
        };
        let credential = KeyFileAccess::Credential { owner: 0 };
        assert_eq!(data.key_file_access(&inside), credential);
        for other in [outside, leading_out, directory.join("../master.key")] {
            let access = data.key_file_access(&other);
            assert_eq!(access, KeyFileAccess::OwnerOnly, "{}", other.display());
        }
        for none in [None, Some(PathBuf::new()), Some(root.path().join("away"))] {
            data.credentials = none;
            assert_eq!(data.key_file_access(&inside), KeyFileAccess::OwnerOnly);
        }
    }

    #[test]
    fn the_key_lies_beside_the_directory_never_in_it() {
        assert_eq!(
            beside(Path::new("/srv/verifa")),
            Path::new("/srv/verifa.master-key")
        );
        assert_eq!(
            beside(Path::new("/srv/verifa/")),
            Path::new("/srv/verifa.master-key")
        );
        assert_eq!(
            beside(Path::new("verifa-data")),
            Path::new("verifa-data.master-key")
        );
    }
}
