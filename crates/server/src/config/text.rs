//! Forms that settings take in text.

use std::fmt::Display;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Deserializer, de};

/// A number of seconds.
pub(super) fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    u64::deserialize(deserializer).map(Duration::from_secs)
}

/// A number of minutes.
pub(super) fn minutes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let minutes = u64::deserialize(deserializer)?;
    Ok(Duration::from_secs(minutes.saturating_mul(60)))
}

/// A number of days.
pub(super) fn days<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let days = u64::deserialize(deserializer)?;
    Ok(Duration::from_secs(days.saturating_mul(24 * 3_600)))
}

/// A list, or a text with commas between the items.
pub(super) fn list<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr,
    T::Err: Display,
{
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Form {
        List(Vec<String>),
        Text(String),
    }
    let items = match Form::deserialize(deserializer)? {
        Form::List(items) => items,
        Form::Text(text) => text
            .split(',')
            .map(|item| item.trim().to_owned())
            .filter(|item| !item.is_empty())
            .collect(),
    };
    items
        .iter()
        .map(|item| {
            item.parse()
                .map_err(|error| de::Error::custom(format!("`{item}`: {error}")))
        })
        .collect()
}
