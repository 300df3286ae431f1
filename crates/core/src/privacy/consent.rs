//! A person's consent: what a record of it holds, and what may not be done without one
//! (spec/sessions.md, "submit"; spec/capture.md, "consent").

use std::net::IpAddr;
use std::time::Duration;

use crate::fault::{Fault, FaultCode};
use crate::organization::ConsentSettings;
use crate::session::check_text;
use crate::time::Timestamp;
use crate::vocabulary::vocabulary;

vocabulary! {
    /// Through whom the consent came.
    ConsentSource {
        /// The operator says so, by API.
        Api = "api",
        /// The person gave it on the capture page.
        Capture = "capture",
    }
}

/// Most characters of the version of a consent text.
pub const MAXIMUM_VERSION: usize = 64;
/// How far the caller's clock may be ahead of ours.
const CLOCK_SKEW: Duration = Duration::from_mins(5);

/// Checks that process biometric data to identify a person (GDPR Art. 9(1)); spec/checks.md,
/// category "biometric".
pub const BIOMETRIC_POLICIES: &[&str] = &["face_match", "liveness", "nfc_chip_auth"];

/// Why a check was skipped that consent was not given for.
pub const NO_BIOMETRIC_CONSENT: &str = "no_biometric_consent";

/// What a caller says of a person's consent. Deliberately without `Debug`: it may hold an address.
#[derive(Clone, PartialEq, Eq)]
pub struct Consent {
    /// The version of the text that the person saw.
    pub version: String,
    /// When the person consented.
    pub given_at: Timestamp,
    /// Whether biometric processing is included.
    pub biometric: bool,
    /// The person's own address, where the caller knows it; never the caller's.
    pub address: Option<IpAddr>,
}

impl Consent {
    /// Checks the record against the time it comes at.
    ///
    /// # Errors
    /// Every offence, with paths below `consent`.
    pub fn check(&self, now: Timestamp) -> Result<(), Vec<Fault>> {
        let mut faults = Vec::new();
        faults.extend(check_text("consent.version", &self.version, MAXIMUM_VERSION).err());
        if self.given_at > now.plus(CLOCK_SKEW) {
            let message = "Lies in the future.";
            faults.push(Fault::new("consent.at", FaultCode::OutOfRange, message));
        }
        if faults.is_empty() {
            Ok(())
        } else {
            Err(faults)
        }
    }
}

/// What an organization demands of a submission, given the versions that were consented to.
///
/// # Errors
/// A fault that names `consent`, when none of them counts and one is demanded.
pub fn demand_consent<'a>(
    settings: &ConsentSettings,
    mut versions: impl Iterator<Item = &'a str>,
) -> Result<(), Fault> {
    let counts = |version: &str| {
        let wanted = settings.version.as_deref();
        wanted.is_none_or(|wanted| wanted == version)
    };
    if !settings.required || versions.any(counts) {
        return Ok(());
    }
    let message = "The person's consent is required: its version, the time, and whether it \
                   includes biometric processing.";
    Err(Fault::new("consent", FaultCode::Required, message))
}

/// Whether a check may not be run: it processes biometric data, the organization demands explicit
/// consent to that, and the person has given none.
pub fn lacks_biometric_consent(
    policy: &str,
    settings: &ConsentSettings,
    has_consented: bool,
) -> bool {
    settings.biometric_required && !has_consented && BIOMETRIC_POLICIES.contains(&policy)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_770_000_000);

    fn settings(required: bool, version: Option<&str>) -> ConsentSettings {
        ConsentSettings {
            required,
            biometric_required: true,
            version: version.map(ToOwned::to_owned),
        }
    }

    #[test]
    fn consent_is_demanded_in_the_version_that_counts() {
        let none = std::iter::empty;
        assert!(demand_consent(&settings(false, None), none()).is_ok());
        assert!(demand_consent(&settings(true, None), none()).is_err());
        assert!(demand_consent(&settings(true, None), ["1"].into_iter()).is_ok());
        let second = settings(true, Some("2"));
        assert!(demand_consent(&second, ["1"].into_iter()).is_err());
        assert!(demand_consent(&second, ["1", "2"].into_iter()).is_ok());
    }

    #[test]
    fn only_biometric_checks_need_biometric_consent() {
        let strict = settings(false, None);
        assert!(lacks_biometric_consent("face_match", &strict, false));
        assert!(!lacks_biometric_consent("face_match", &strict, true));
        assert!(!lacks_biometric_consent("document_ocr", &strict, false));
        let lenient = ConsentSettings::default();
        assert!(!lacks_biometric_consent("face_match", &lenient, false));
    }

    #[test]
    fn a_consent_of_tomorrow_is_refused() {
        let consent = |given_at, version: &str| Consent {
            version: version.to_owned(),
            given_at,
            biometric: true,
            address: None,
        };
        assert!(consent(NOW, "1").check(NOW).is_ok());
        let tomorrow = NOW.plus(Duration::from_hours(24));
        let faults = consent(tomorrow, "").check(NOW).unwrap_err();
        let fields: Vec<_> = faults.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(fields, ["consent.version", "consent.at"]);
    }
}
