//! The languages of letters. A language is a variant here and a file of phrases beside this one.

mod english;

use verifa_core::mail::DisabledBecause;

/// A language that letters are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// English.
    #[default]
    English,
}

/// What an invitation says, beside names and addresses.
pub(crate) struct InvitationWords {
    pub(crate) subject: String,
    pub(crate) greeting: String,
    pub(crate) request: String,
    pub(crate) button: &'static str,
    pub(crate) or_copy: &'static str,
    pub(crate) until: String,
    pub(crate) help: Option<String>,
    pub(crate) unexpected: &'static str,
}

/// What a notice to an operator says.
pub(crate) struct NoticeWords {
    pub(crate) subject: String,
    pub(crate) paragraphs: Vec<String>,
}

impl Language {
    /// Every language there is.
    pub const ALL: &'static [Self] = &[Self::English];

    /// The language for a BCP 47 tag: by its first part; English where there is no other.
    pub fn best(tag: Option<&str>) -> Self {
        let wanted = tag.and_then(|tag| tag.split(['-', '_']).next());
        let known = Self::ALL.iter().find(|language| {
            wanted.is_some_and(|wanted| wanted.eq_ignore_ascii_case(language.tag()))
        });
        known.copied().unwrap_or_default()
    }

    /// Its BCP 47 tag.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
        }
    }

    /// How its lines run, as HTML's `dir`.
    pub(crate) const fn direction(self) -> &'static str {
        match self {
            Self::English => "ltr",
        }
    }

    pub(crate) fn invitation(
        self,
        begun: bool,
        name: Option<&str>,
        brand: &str,
        until: jiff::Timestamp,
        support_url: Option<&str>,
    ) -> InvitationWords {
        match self {
            Self::English => english::invitation(begun, name, brand, until, support_url),
        }
    }

    pub(crate) fn endpoint_disabled(
        self,
        endpoint: &str,
        url: &str,
        label: Option<&str>,
        because: DisabledBecause,
    ) -> NoticeWords {
        match self {
            Self::English => english::endpoint_disabled(endpoint, url, label, because),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_tags_are_english() {
        for tag in [
            None,
            Some("en"),
            Some("EN-gb"),
            Some("en_US"),
            Some("de"),
            Some(""),
        ] {
            assert_eq!(Language::best(tag), Language::English);
        }
    }
}
