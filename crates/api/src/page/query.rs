//! Query strings: names in any casing, values given their type, every offence named.

use std::str::FromStr;

use axum::extract::FromRequestParts;
use http::request::Parts;
use uuid::Uuid;
use verifa_app::page::PageRequest;
use verifa_core::time::Timestamp;

use super::{Cursor, MAX_LIMIT};
use crate::error::{ApiError, FieldError};
use crate::inflection::to_snake;

/// Most parameters of one query string.
const MAX_PARAMETERS: usize = 64;

/// A query string being read. Take the parameters, then [`Query::finish`].
#[derive(Debug)]
pub struct Query {
    pairs: Vec<(String, String)>,
    errors: Vec<FieldError>,
}

impl Query {
    /// Splits and decodes a raw query string.
    pub fn parse(raw: &str) -> Self {
        let mut pairs: Vec<(String, String)> = Vec::new();
        let mut errors = Vec::new();
        for (key, value) in form_urlencoded::parse(raw.as_bytes()).take(MAX_PARAMETERS) {
            let key = to_snake(&key).into_owned();
            if value.contains('\0') || key.contains('\0') {
                let field = key.replace('\0', "\u{fffd}");
                errors.push(FieldError::new(
                    field,
                    "nul_character",
                    "NUL characters are not allowed.",
                ));
            } else if pairs.iter().any(|(name, _)| *name == key) {
                errors.push(FieldError::new(
                    key,
                    "duplicate",
                    "The parameter is given twice.",
                ));
            } else {
                pairs.push((key, value.into_owned()));
            }
        }
        Self { pairs, errors }
    }

    /// The text of a parameter; an empty one counts as absent.
    pub fn text(&mut self, name: &str, max_characters: usize) -> Option<String> {
        let value = self.take(name)?;
        if value.chars().count() > max_characters {
            let message = format!("Must have at most {max_characters} characters.");
            self.errors.push(FieldError::new(name, "too_long", message));
            return None;
        }
        Some(value)
    }

    /// A parameter of a type that parses; `expected` says what would have been right.
    pub fn value<T: FromStr>(&mut self, name: &str, expected: &str) -> Option<T> {
        let value = self.take(name)?;
        let parsed = value.parse().ok();
        if parsed.is_none() {
            self.errors.push(FieldError::new(
                name,
                "invalid",
                format!("Expected {expected}."),
            ));
        }
        parsed
    }

    /// A parameter that is one of a closed list of words.
    pub fn word<T: FromStr>(&mut self, name: &str, words: &[&str]) -> Option<T> {
        let expected = format!("one of {}", words.join(", "));
        self.value(name, &expected)
    }

    /// A point in time.
    pub fn time(&mut self, name: &str) -> Option<Timestamp> {
        self.value(
            name,
            "an ISO 8601 time in UTC, such as 2026-02-01T12:00:00Z",
        )
    }

    /// A point in time that a search goes up to and includes. Times are shown in milliseconds and
    /// kept in microseconds: all of the millisecond is meant.
    pub fn time_through(&mut self, name: &str) -> Option<Timestamp> {
        self.time(name).map(Timestamp::end_of_millisecond)
    }

    /// Which page is asked for.
    pub fn paging(&mut self, default_limit: u32) -> PageRequest {
        let limit = self.number("limit", 1, MAX_LIMIT);
        let offset = self.number("offset", 0, u32::MAX);
        let size = self.number("page[size]", 1, MAX_LIMIT);
        let after = self.cursor("page[after]");
        let before = self.cursor("page[before]");
        if after.is_some() && before.is_some() {
            let message = "page[after] and page[before] exclude each other.";
            self.errors
                .push(FieldError::new("page[before]", "invalid", message));
        }
        let by_cursor = after.is_some() || before.is_some() || size.is_some();
        if by_cursor && offset.is_some() {
            let message = "offset can't be combined with page[…].";
            self.errors
                .push(FieldError::new("offset", "invalid", message));
        }
        let limit = i64::from(size.or(limit).unwrap_or(default_limit));
        match (after, before) {
            (None, Some(before)) => PageRequest::Before {
                size: limit,
                before,
            },
            (after, _) if by_cursor => PageRequest::After { size: limit, after },
            _ => PageRequest::Offset {
                limit,
                offset: i64::from(offset.unwrap_or(0)),
            },
        }
    }

    fn cursor(&mut self, name: &str) -> Option<Uuid> {
        self.value::<Cursor>(name, "a cursor of a former page")
            .map(Cursor::id)
    }

    /// Ends the reading; parameters that nobody took are ignored.
    ///
    /// # Errors
    /// 422 that names each offence.
    pub fn finish(self) -> Result<(), ApiError> {
        if self.errors.is_empty() {
            Ok(())
        } else {
            Err(ApiError::invalid(self.errors))
        }
    }

    /// A whole number from `low` to `high`.
    pub fn number(&mut self, name: &str, low: u32, high: u32) -> Option<u32> {
        let value = self.take(name)?;
        let number = value
            .parse::<u32>()
            .ok()
            .filter(|number| (low..=high).contains(number));
        if number.is_none() {
            let message = if high == u32::MAX {
                format!("Must be a whole number, at least {low}.")
            } else {
                format!("Must be a whole number from {low} to {high}.")
            };
            self.errors
                .push(FieldError::new(name, "out_of_range", message));
        }
        number
    }

    fn take(&mut self, name: &str) -> Option<String> {
        let index = self.pairs.iter().position(|(key, _)| key == name)?;
        Some(self.pairs.swap_remove(index).1).filter(|value| !value.is_empty())
    }
}

impl<S: Sync> FromRequestParts<S> for Query {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        Ok(Self::parse(parts.uri.query().unwrap_or("")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offences(raw: &str) -> Vec<String> {
        let mut query = Query::parse(raw);
        query.paging(50);
        match query.finish() {
            Ok(()) => Vec::new(),
            Err(error) => error
                .errors()
                .iter()
                .map(|error| error.field.clone())
                .collect(),
        }
    }

    #[test]
    fn pages_and_their_defaults() {
        let paging = |raw: &str| {
            let mut query = Query::parse(raw);
            let paging = query.paging(50);
            query.finish().unwrap();
            paging
        };
        assert_eq!(
            paging(""),
            PageRequest::Offset {
                limit: 50,
                offset: 0
            }
        );
        assert_eq!(
            paging("limit=&offset=7"),
            PageRequest::Offset {
                limit: 50,
                offset: 7
            }
        );
        let id = Uuid::from_u128(7);
        let cursor = Cursor::new(id);
        assert_eq!(
            paging(&format!("page%5Bafter%5D={cursor}&limit=3")),
            PageRequest::After {
                size: 3,
                after: Some(id)
            }
        );
        assert_eq!(
            paging(&format!("page[before]={cursor}")),
            PageRequest::Before {
                size: 50,
                before: id
            }
        );
        assert_eq!(
            paging("page[size]=9"),
            PageRequest::After {
                size: 9,
                after: None
            }
        );
    }

    #[test]
    fn out_of_range_is_named() {
        assert_eq!(offences("limit=0"), ["limit"]);
        assert_eq!(offences("limit=101&offset=-1"), ["limit", "offset"]);
        assert_eq!(offences("limit=abc"), ["limit"]);
        assert_eq!(offences("limit=99999999999999999999"), ["limit"]);
        assert_eq!(offences("page[after]=zzz"), ["page[after]"]);
        assert_eq!(offences("limit=1&limit=2"), ["limit"]);
        assert_eq!(offences("q=%00"), ["q"]);
        let cursor = Cursor::new(Uuid::nil());
        let both = format!("page[after]={cursor}&page[before]={cursor}&offset=1");
        assert_eq!(offences(&both), ["page[before]", "offset"]);
    }

    #[test]
    fn texts_words_and_times() {
        let mut query =
            Query::parse("externalRef=a%20b&created-after=2026-01-01T00:00:00Z&n=x&long=aaaa");
        assert_eq!(query.text("external_ref", 255).as_deref(), Some("a b"));
        let time = query.time("created_after").unwrap();
        let through = query.time_through("created_after").unwrap();
        assert_eq!(through.as_micros() - time.as_micros(), 999);
        assert_eq!(query.word::<u8>("n", &["1", "2"]), None);
        assert_eq!(query.text("long", 3), None);
        let error = query.finish().unwrap_err();
        assert_eq!(error.errors()[0].message, "Expected one of 1, 2.");
        assert_eq!(error.errors()[1].code, "too_long");
    }
}
