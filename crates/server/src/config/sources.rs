//! The layers of the configuration and where each value came from.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use figment::providers::{Format as _, Toml};
use figment::value::{Dict, Map};
use figment::{Figment, Metadata, Profile, Provider};
use serde::de::DeserializeOwned;

use super::DEFAULTS;
use super::problem::{ConfigErrors, Report};

/// Prefix of the environment variables.
const PREFIX: &str = "VERIFA_";
/// The variable that names the file.
const FILE_VARIABLE: &str = "VERIFA_CONFIG";
/// The variable in which systemd names the directory of a service's credentials.
const CREDENTIALS_VARIABLE: &str = "CREDENTIALS_DIRECTORY";
/// The file that is looked for in the data directory.
const FILE_NAME: &str = "verifa.toml";
/// A configuration file is never longer.
const MAX_FILE_BYTES: u64 = 1024 * 1024;

/// A flag of the command line that sets a key.
#[derive(Debug, Clone)]
pub(crate) struct Flag {
    /// As the user wrote it, such as `--listen`.
    pub(crate) name: &'static str,
    /// The setting, such as `server.listen`.
    pub(crate) key: &'static str,
    /// Its value.
    pub(crate) value: String,
}

/// What lies over the defaults.
#[derive(Clone, Default)]
pub(crate) struct Sources {
    /// The file that `--config` names.
    pub(crate) file: Option<PathBuf>,
    /// Environment variables; those that do not start with `VERIFA_` are passed over.
    pub(crate) environment: Vec<(String, String)>,
    /// Flags.
    pub(crate) flags: Vec<Flag>,
    /// The directory of the credentials that systemd handed over.
    pub(crate) credentials: Option<PathBuf>,
}

impl Sources {
    /// The environment of this process, with a file and flags of the command line.
    pub(crate) fn of_process(file: Option<PathBuf>, flags: Vec<Flag>) -> Self {
        let environment = std::env::vars_os()
            .map(|(name, value)| {
                (
                    name.to_string_lossy().into_owned(),
                    value.to_string_lossy().into_owned(),
                )
            })
            .filter(|(name, _)| name.starts_with(PREFIX))
            .collect();
        Self {
            file,
            environment,
            flags,
            credentials: std::env::var_os(CREDENTIALS_VARIABLE).map(PathBuf::from),
        }
    }

    pub(super) fn layers(&self) -> Result<Layers, ConfigErrors> {
        let defaults = Figment::from(Layer::toml("the defaults", DEFAULTS));
        let over = self.overrides(Figment::new());
        let (file, found_through) = match self.named_file() {
            Some(file) => (Some(file), None),
            None => match file_in_data_directory(&defaults.clone().merge(&over))? {
                Some((file, directory)) => (Some(file), Some(directory)),
                None => (None, None),
            },
        };
        let mut figment = defaults;
        if let Some(path) = &file {
            let name = format!("file `{}`", path.display());
            let text = read_text(path).map_err(|error| {
                let problem = format!("can't be read: {error}");
                ConfigErrors::one(
                    "",
                    &name,
                    problem,
                    Some("check `--config` and VERIFA_CONFIG".into()),
                )
            })?;
            figment = figment.merge(Layer::toml(&name, &text));
        }
        Ok(Layers {
            figment: self.overrides(figment),
            file,
            found_through,
        })
    }

    fn named_file(&self) -> Option<PathBuf> {
        self.file.clone().or_else(|| {
            self.environment
                .iter()
                .find(|(name, value)| name == FILE_VARIABLE && !value.is_empty())
                .map(|(_, value)| PathBuf::from(value))
        })
    }

    fn overrides(&self, mut figment: Figment) -> Figment {
        for (name, value) in &self.environment {
            if let Some(key) = key_of_variable(name) {
                figment = figment.merge(Layer::value(
                    format!("environment variable `{name}`"),
                    &key,
                    value,
                ));
            }
        }
        for flag in &self.flags {
            let name = format!("flag `{}`", flag.name);
            figment = figment.merge(Layer::value(name, flag.key, &flag.value));
        }
        figment
    }
}

/// `VERIFA_SERVER__LISTEN` is `server.listen`. Names without a section are other people's:
/// every setting has one.
fn key_of_variable(name: &str) -> Option<String> {
    let rest = name.strip_prefix(PREFIX)?;
    rest.contains("__")
        .then(|| rest.to_ascii_lowercase().replace("__", "."))
}

fn file_in_data_directory(figment: &Figment) -> Result<Option<(PathBuf, PathBuf)>, ConfigErrors> {
    let directory: PathBuf = figment
        .extract_inner("data.dir")
        .map_err(ConfigErrors::from_figment)?;
    let file = directory.join(FILE_NAME);
    Ok(file.is_file().then_some((file, directory)))
}

fn read_text(path: &Path) -> io::Result<String> {
    let length = fs::metadata(path)?.len();
    if length > MAX_FILE_BYTES {
        return Err(io::Error::other(format!(
            "{length} bytes are no configuration"
        )));
    }
    fs::read_to_string(path)
}

/// All layers on top of one another.
pub(super) struct Layers {
    figment: Figment,
    /// The file among them.
    pub(super) file: Option<PathBuf>,
    /// The data directory, when the file was found in it.
    found_through: Option<PathBuf>,
}

impl Layers {
    pub(super) fn extract<T: DeserializeOwned>(&self) -> Result<T, ConfigErrors> {
        // Lossy: the environment and flags have only text, which may mean a number or a switch.
        self.figment
            .extract_lossy()
            .map_err(ConfigErrors::from_figment)
    }

    /// Where a key's value came from; for one that is not set, the nearest section that is.
    pub(super) fn origin(&self, key: &str) -> String {
        let mut key = key;
        loop {
            if let Some(metadata) = self.figment.find_metadata(key) {
                return metadata.name.to_string();
            }
            match key.rsplit_once('.') {
                Some((section, _)) => key = section,
                None => return "the defaults".to_owned(),
            }
        }
    }

    /// A file that was found through the data directory can't name another one.
    pub(super) fn check_data_directory(&self, named: &Path, report: &mut Report<'_>) {
        if self
            .found_through
            .as_deref()
            .is_some_and(|found| found != named)
        {
            report.problem(
                "data.dir",
                "names another directory than the one in which this file was found",
                "set it by `--data-dir`, VERIFA_DATA__DIR or in a file given by `--config`",
            );
        }
    }
}

/// Values with a name that a person understands.
struct Layer {
    name: String,
    data: Result<Map<Profile, Dict>, figment::Error>,
}

impl Layer {
    fn toml(name: &str, text: &str) -> Self {
        Self {
            name: name.to_owned(),
            data: Toml::string(text).data(),
        }
    }

    fn value(name: String, key: &str, value: &str) -> Self {
        let nested = figment::util::nest(key, value.to_owned().into());
        let data = nested.into_dict().unwrap_or_default();
        Self {
            name,
            data: Ok(Profile::Default.collect(data)),
        }
    }
}

impl Provider for Layer {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.name.clone())
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        self.data.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Only the default directory can be contradicted: environment and flags outrank the file.
    #[test]
    fn a_file_found_in_the_data_directory_cannot_name_another() {
        let layers = Layers {
            figment: Figment::from(Layer::toml("file `here/verifa.toml`", "data.dir = 'there'")),
            file: Some(PathBuf::from("here/verifa.toml")),
            found_through: Some(PathBuf::from("here")),
        };
        let mut report = Report::new(&layers);
        layers.check_data_directory(Path::new("there"), &mut report);
        let refused = report.finish(()).unwrap_err();
        assert_eq!(refused.0[0].source, "file `here/verifa.toml`");
        let mut report = Report::new(&layers);
        layers.check_data_directory(Path::new("here"), &mut report);
        assert_eq!(report.finish(()), Ok(()));
    }
}
