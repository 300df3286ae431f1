//! The small rules of a session's own fields: reference, redirect address, tags.
//!
//! Each takes the text as it came and answers with the checked value or the field's offence.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use url::{Host, Url};

use crate::fault::{Fault, FaultCode};

/// Most characters of an `external_ref`.
pub const MAXIMUM_EXTERNAL_REF: usize = 255;
/// Most characters of a `redirect_url`.
pub const MAXIMUM_URL: usize = 2_048;
/// Most tags of one thing.
pub const MAXIMUM_TAGS: usize = 50;
/// Most characters of one tag.
pub const MAXIMUM_TAG: usize = 64;

/// Checks a text field: 1 to `maximum` characters and no NUL.
pub fn check_text(field: &str, text: &str, maximum: usize) -> Result<(), Fault> {
    if text.contains('\0') {
        return Err(Fault::new(
            field,
            FaultCode::NulCharacter,
            "NUL characters are not allowed.",
        ));
    }
    if text.is_empty() {
        return Err(Fault::new(field, FaultCode::TooShort, "May not be empty."));
    }
    // Characters are at most their bytes, so most texts are settled without counting.
    if text.len() > maximum && text.chars().count() > maximum {
        return Err(Fault::new(
            field,
            FaultCode::TooLong,
            format_args!("May have at most {maximum} characters."),
        ));
    }
    Ok(())
}

/// Checks the operator's reference: 1–255 characters.
pub fn check_external_ref(text: &str) -> Result<(), Fault> {
    check_text("external_ref", text, MAXIMUM_EXTERNAL_REF)
}

/// Checks where the person goes after the capture: an absolute `https` address, or `http` to this
/// machine only (`localhost`, 127.0.0.0/8, `::1`).
pub fn check_redirect_url(text: &str) -> Result<(), Fault> {
    check_text("redirect_url", text, MAXIMUM_URL)?;
    let allowed = Url::parse(text).is_ok_and(|url| match url.scheme() {
        "https" => url.has_host(),
        "http" => is_local(&url),
        _ => false,
    });
    if allowed {
        return Ok(());
    }
    Err(Fault::new(
        "redirect_url",
        FaultCode::Invalid,
        "Must be an https URL; http is allowed for localhost only.",
    ))
}

fn is_local(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        None => false,
    }
}

/// The labels of a thing: at most 50, each 1–64 characters, each once, in the order they came.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tags(Vec<String>);

impl Tags {
    /// From a list; repeats are dropped. Offences name `tags[n]`, or `tags` for too many.
    pub fn new(tags: impl IntoIterator<Item = String>) -> Result<Self, Vec<Fault>> {
        let mut kept: Vec<String> = Vec::new();
        let mut faults = Vec::new();
        for (position, tag) in tags.into_iter().enumerate() {
            if let Err(fault) = check_text(&format!("tags[{position}]"), &tag, MAXIMUM_TAG) {
                faults.push(fault);
            } else if !kept.contains(&tag) {
                kept.push(tag);
            }
            // Stop early: a list of a million tags gets one answer, not a million comparisons.
            if kept.len() > MAXIMUM_TAGS || faults.len() > MAXIMUM_TAGS {
                faults.push(too_many("tags"));
                break;
            }
        }
        if faults.is_empty() {
            Ok(Self(kept))
        } else {
            Err(faults)
        }
    }

    /// These tags and one more; a tag that is there already changes nothing. Offences name `tag`.
    pub fn with(&self, tag: &str) -> Result<Self, Fault> {
        check_text("tag", tag, MAXIMUM_TAG)?;
        let mut tags = self.clone();
        if !tags.0.iter().any(|kept| kept == tag) {
            if tags.0.len() >= MAXIMUM_TAGS {
                return Err(too_many("tag"));
            }
            tags.0.push(tag.to_owned());
        }
        Ok(tags)
    }

    /// These tags without one; a tag that is not there changes nothing.
    #[must_use]
    pub fn without(&self, tag: &str) -> Self {
        Self(self.0.iter().filter(|kept| *kept != tag).cloned().collect())
    }

    /// The tags in order.
    pub fn as_slice(&self) -> &[String] {
        &self.0
    }
}

fn too_many(field: &str) -> Fault {
    Fault::new(
        field,
        FaultCode::TooMany,
        format_args!("At most {MAXIMUM_TAGS} tags are allowed."),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirect_urls() {
        for good in [
            "https://example.com/done?x=1#y",
            "http://localhost:3000/",
            "http://127.0.0.1/a",
            "http://[::1]:8080",
            "HTTPS://EXAMPLE.COM",
        ] {
            assert_eq!(check_redirect_url(good), Ok(()), "{good}");
        }
        for bad in [
            "",
            "http://example.com",
            "http://localhost.example.com",
            "http://localhost@evil.example",
            "//example.com",
            "/done",
            "javascript:alert(1)",
            "data:text/html,x",
            "ftp://example.com",
            "https://",
            "https://exa\0mple.com",
            "http://10.0.0.1",
        ] {
            assert!(check_redirect_url(bad).is_err(), "{bad}");
        }
        let long = format!("https://example.com/{}", "a".repeat(MAXIMUM_URL));
        assert_eq!(
            check_redirect_url(&long).unwrap_err().code,
            FaultCode::TooLong
        );
    }

    #[test]
    fn external_ref_counts_characters() {
        assert!(check_external_ref(&"é".repeat(255)).is_ok());
        assert_eq!(
            check_external_ref(&"é".repeat(256)).unwrap_err().code,
            FaultCode::TooLong
        );
        assert!(check_external_ref("").is_err());
    }

    #[test]
    fn tags_are_bounded_and_unique() {
        let tags = Tags::new(["a".into(), "b".into(), "a".into()]).unwrap();
        assert_eq!(tags.as_slice(), ["a", "b"]);
        assert_eq!(tags.with("a").unwrap(), tags);
        assert_eq!(tags.without("zzz"), tags);
        assert_eq!(tags.without("a").with("a").unwrap().as_slice(), ["b", "a"]);

        let full = Tags::new((0..50).map(|n| n.to_string())).unwrap();
        assert_eq!(full.with("0").unwrap(), full);
        assert_eq!(full.with("more").unwrap_err().code, FaultCode::TooMany);
        assert!(Tags::new((0..51).map(|n| n.to_string())).is_err());

        let faults = Tags::new(["ok".into(), String::new(), "x".repeat(65)]).unwrap_err();
        let fields: Vec<_> = faults.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(fields, ["tags[1]", "tags[2]"]);
    }
}
