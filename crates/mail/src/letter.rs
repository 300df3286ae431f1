//! Letters: what is to be told, put into words, as plain text and as HTML.

use askama::Template;
use verifa_core::mail::OperatorNotice;
use verifa_core::time::Timestamp;

use crate::language::Language;
use crate::plain_text::{self, isolated, one_line};

/// A letter in words. Holds personal data: without `Debug`.
#[derive(Clone)]
pub struct Letter {
    /// One line.
    pub subject: String,
    /// The plain-text part.
    pub text: String,
    /// The HTML part.
    pub html: String,
    /// Its language.
    pub language: Language,
}

/// Asks a person to begin or to complete a verification.
#[derive(Clone, Copy)]
pub struct Invitation<'a> {
    /// Whether the person began before.
    pub begun: bool,
    /// The person's name.
    pub name: Option<&'a str>,
    /// On whose behalf.
    pub brand: &'a str,
    /// The capture page.
    pub capture_url: &'a str,
    /// When the capture page closes.
    pub until: Timestamp,
    /// Where the person finds help.
    pub support_url: Option<&'a str>,
}

/// Tells an operator something.
#[derive(Clone, Copy)]
pub struct Notice<'a> {
    /// What.
    pub notice: &'a OperatorNotice,
    /// The organization's name.
    pub organization: &'a str,
}

/// The layout of every letter: `.txt` and `.html` of the same fields.
#[derive(Template)]
#[template(path = "letter.txt", escape = "none")]
struct PlainLayout<'a> {
    letter: Content<'a>,
}

#[derive(Template)]
#[template(path = "letter.html")]
struct RichLayout<'a> {
    letter: Content<'a>,
}

#[derive(Clone, Copy)]
struct Content<'a> {
    language: &'a str,
    direction: &'a str,
    subject: &'a str,
    greeting: &'a str,
    paragraphs: &'a [String],
    link: Option<Link<'a>>,
    closing: &'a [String],
    signature: &'a str,
}

#[derive(Clone, Copy)]
struct Link<'a> {
    label: &'a str,
    url: &'a str,
    or_copy: &'a str,
}

/// Writes an invitation.
///
/// # Errors
/// Never in practice: templates over plain texts.
pub fn invitation(
    invitation: &Invitation<'_>,
    language: Language,
) -> Result<Letter, askama::Error> {
    let brand = isolated(invitation.brand);
    let name = invitation
        .name
        .map(isolated)
        .filter(|name| !name.is_empty());
    let support = invitation.support_url.map(plain_text::url);
    let until = jiff::Timestamp::from_second(invitation.until.as_seconds()).unwrap_or_default();
    let words = language.invitation(
        invitation.begun,
        name.as_deref(),
        &brand,
        until,
        support.as_deref(),
    );
    let url = plain_text::url(invitation.capture_url);
    let mut closing = vec![words.until];
    closing.extend(words.help);
    closing.push(words.unexpected.to_owned());
    write(
        &Content {
            language: language.tag(),
            direction: language.direction(),
            subject: &words.subject,
            greeting: &words.greeting,
            paragraphs: &[words.request],
            link: Some(Link {
                label: words.button,
                url: &url,
                or_copy: words.or_copy,
            }),
            closing: &closing,
            signature: &brand,
        },
        language,
    )
}

/// Writes a notice to an operator.
///
/// # Errors
/// Never in practice: templates over plain texts.
pub fn notice(notice: &Notice<'_>, language: Language) -> Result<Letter, askama::Error> {
    let words = match notice.notice {
        OperatorNotice::WebhookEndpointDisabled {
            endpoint,
            url,
            label,
            because,
        } => {
            let label = label.as_deref().map(isolated);
            let (endpoint, url) = (one_line(endpoint), plain_text::url(url));
            language.endpoint_disabled(&endpoint, &url, label.as_deref(), *because)
        }
    };
    write(
        &Content {
            language: language.tag(),
            direction: language.direction(),
            subject: &words.subject,
            greeting: "",
            paragraphs: &words.paragraphs,
            link: None,
            closing: &[],
            signature: &isolated(notice.organization),
        },
        language,
    )
}

fn write(content: &Content<'_>, language: Language) -> Result<Letter, askama::Error> {
    let letter = *content;
    Ok(Letter {
        subject: letter.subject.to_owned(),
        text: PlainLayout { letter }.render()?,
        html: RichLayout { letter }.render()?,
        language,
    })
}
