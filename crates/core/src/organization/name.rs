//! Display names and short names of organizations.

use crate::fault::{Fault, FaultCode};
use crate::session::check_text;

/// Most characters of an organization's name.
pub const MAXIMUM_NAME: usize = 200;
/// Most characters of an organization's short name.
pub const MAXIMUM_SLUG: usize = 63;

/// What a name without a letter or digit of ASCII becomes.
const NAMELESS: &str = "organization";

/// Checks a display name: 1 to 200 characters that are not all blank.
pub fn check_name(field: &str, text: &str) -> Result<(), Fault> {
    check_text(field, text, MAXIMUM_NAME)?;
    if text.trim().is_empty() {
        return Err(Fault::new(field, FaultCode::TooShort, "May not be blank."));
    }
    Ok(())
}

/// Checks a short name: `^[a-z0-9-]+$` (spec/resources.md), at most 63 characters.
pub fn check_slug(field: &str, text: &str) -> Result<(), Fault> {
    check_text(field, text, MAXIMUM_SLUG)?;
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if text.chars().all(allowed) {
        return Ok(());
    }
    let message = "May have lower-case letters, digits and hyphens only.";
    Err(Fault::new(field, FaultCode::Invalid, message))
}

/// A short name from a display name: lower-case letters, digits and hyphens.
pub fn slug_of(name: &str) -> String {
    let mut slug = String::new();
    for c in name.chars() {
        if slug.len() >= MAXIMUM_SLUG {
            break;
        }
        if c.is_ascii_alphanumeric() {
            slug.push(c.to_ascii_lowercase());
        } else if !slug.ends_with('-') && !slug.is_empty() {
            slug.push('-');
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() { NAMELESS } else { slug }.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_of_names() {
        assert_eq!(slug_of("Demo Bank & Co."), "demo-bank-co");
        assert_eq!(slug_of("Ünïcode"), "n-code");
        assert_eq!(slug_of("…"), "organization");
        assert_eq!(slug_of(&"ab ".repeat(200)).len(), MAXIMUM_SLUG - 1);
    }

    proptest::proptest! {
        #[test]
        fn every_name_has_a_slug_that_is_allowed(name in ".{0,300}") {
            proptest::prop_assert!(check_slug("slug", &slug_of(&name)).is_ok());
        }
    }

    #[test]
    fn names_and_slugs_are_bounded() {
        assert!(check_name("name", "Ä").is_ok());
        assert_eq!(
            check_name("name", " ").unwrap_err().code,
            FaultCode::TooShort
        );
        assert_eq!(
            check_name("name", &"x".repeat(201)).unwrap_err().code,
            FaultCode::TooLong
        );
        assert_eq!(
            check_slug("slug", "A").unwrap_err().code,
            FaultCode::Invalid
        );
        assert!(check_slug("slug", "a-1").is_ok());
    }
}
