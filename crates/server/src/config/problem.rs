//! What is wrong with a configuration: which key, from which source, and what to do.

use std::fmt;
use std::ops::RangeInclusive;
use std::time::Duration;

use figment::error::Kind;

use super::sources::Layers;

/// Keys whose values never appear in a message.
const SECRET_KEYS: [&str; 5] = [
    "data.master_key",
    "database.url",
    "blobs.s3.secret_access_key",
    "mail.smtp_url",
    "mail.smtp_password",
];

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ConfigProblem {
    /// The setting, such as `server.listen`; empty when the whole file is meant.
    pub(crate) key: String,
    /// Where its value comes from, such as "environment variable `VERIFA_SERVER__LISTEN`".
    pub(crate) source: String,
    /// What is wrong with it.
    pub(crate) problem: String,
    /// What to do.
    pub(crate) hint: Option<String>,
}

impl fmt::Display for ConfigProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.key.is_empty() {
            write!(f, "`{}` ", self.key)?;
        }
        write!(f, "{} (from {})", self.problem, self.source)?;
        match &self.hint {
            Some(hint) => write!(f, "\n  hint: {hint}"),
            None => Ok(()),
        }
    }
}

/// Everything that is wrong with a configuration; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ConfigErrors(pub(crate) Vec<ConfigProblem>);

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, problem) in self.0.iter().enumerate() {
            let separator = if n == 0 { "" } else { "\n" };
            write!(f, "{separator}{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigErrors {}

impl ConfigErrors {
    /// A single problem.
    pub(super) fn one(key: &str, source: &str, problem: String, hint: Option<String>) -> Self {
        Self(vec![ConfigProblem {
            key: key.to_owned(),
            source: source.to_owned(),
            problem,
            hint,
        }])
    }

    /// What the reader refused.
    pub(super) fn from_figment(error: figment::Error) -> Self {
        Self(error.into_iter().map(|error| problem_of(&error)).collect())
    }
}

fn problem_of(error: &figment::Error) -> ConfigProblem {
    let source = error.metadata.as_ref().map_or_else(
        || "the configuration".to_owned(),
        |metadata| metadata.name.to_string(),
    );
    let mut key = error.path.join(".");
    let (problem, hint) = match &error.kind {
        Kind::UnknownField(name, known) => {
            if error.path.last() != Some(name) {
                key = join(&key, name);
            }
            ("is no setting".to_owned(), suggestion(name, known))
        }
        Kind::UnknownVariant(name, known) => (
            format!("can't be `{name}`"),
            Some(format!("one of: {}", known.join(", "))),
        ),
        Kind::MissingField(name) => {
            key = join(&key, name);
            ("is missing".to_owned(), None)
        }
        // Other messages quote the value.
        _ if SECRET_KEYS.contains(&key.as_str()) => ("is not a text".to_owned(), None),
        kind => (format!("can't be read: {kind}"), None),
    };
    ConfigProblem {
        key,
        source,
        problem,
        hint,
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

/// The known name that is nearest to a misspelt one, or all that there are.
fn suggestion(name: &str, known: &[&str]) -> Option<String> {
    let nearest = known
        .iter()
        .map(|candidate| (strsim::damerau_levenshtein(name, candidate), *candidate))
        .min()
        .filter(|(distance, _)| *distance <= 2.max(name.len() / 3));
    match nearest {
        Some((_, candidate)) => Some(format!("did you mean `{candidate}`?")),
        None if known.is_empty() => None,
        None => Some(format!("known here: {}", known.join(", "))),
    }
}

/// Collects problems while the sections validate themselves.
pub(super) struct Report<'a> {
    layers: &'a Layers,
    problems: Vec<ConfigProblem>,
}

impl<'a> Report<'a> {
    pub(super) const fn new(layers: &'a Layers) -> Self {
        Self {
            layers,
            problems: Vec::new(),
        }
    }

    /// Notes what is wrong with a key.
    pub(super) fn problem(&mut self, key: &str, problem: impl Into<String>, hint: &str) {
        self.problems.push(ConfigProblem {
            key: key.to_owned(),
            source: self.layers.origin(key),
            problem: problem.into(),
            hint: Some(hint.to_owned()).filter(|hint| !hint.is_empty()),
        });
    }

    /// Notes a number outside its range.
    pub(super) fn range<T>(&mut self, key: &str, value: T, range: &RangeInclusive<T>)
    where
        T: Copy + PartialOrd + fmt::Display,
    {
        if !range.contains(&value) {
            let problem = format!("is {value}, not from {} to {}", range.start(), range.end());
            self.problem(key, problem, "");
        }
    }

    /// Notes a duration outside its range of seconds.
    pub(super) fn seconds(&mut self, key: &str, value: Duration, range: &RangeInclusive<u64>) {
        self.range(key, value.as_secs(), range);
    }

    /// Notes a duration outside its range of days.
    pub(super) fn days(&mut self, key: &str, value: Duration, range: &RangeInclusive<u64>) {
        self.range(key, value.as_secs() / (24 * 3_600), range);
    }

    /// Gives the value back if nothing is wrong.
    pub(super) fn finish<T>(self, value: T) -> Result<T, ConfigErrors> {
        if self.problems.is_empty() {
            Ok(value)
        } else {
            Err(ConfigErrors(self.problems))
        }
    }
}
