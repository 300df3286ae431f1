//! English phrases.

use verifa_core::mail::DisabledBecause;

use super::{InvitationWords, NoticeWords};

/// `28 November 2026, 14:05 UTC`: people read it in any zone.
const MOMENT: &str = "%-d %B %Y, %H:%M UTC";

pub(super) fn invitation(
    begun: bool,
    name: Option<&str>,
    brand: &str,
    until: jiff::Timestamp,
    support_url: Option<&str>,
) -> InvitationWords {
    let (subject, request, button) = if begun {
        (
            format!("Complete your verification for {brand}"),
            format!(
                "You began to verify your identity for {brand}, and something is still missing. \
                 What you have handed in is kept; you can go on where you left off."
            ),
            "Complete verification",
        )
    } else {
        (
            format!("Verify your identity for {brand}"),
            format!(
                "{brand} asks you to verify your identity. You need an identity document and a \
                 few minutes; a phone with a camera is best."
            ),
            "Start verification",
        )
    };
    InvitationWords {
        subject,
        greeting: name.map_or_else(|| "Hello,".to_owned(), |name| format!("Hello {name},")),
        request,
        button,
        or_copy: "Or open this address in your browser:",
        until: format!("The link works until {}.", until.strftime(MOMENT)),
        help: support_url.map(|url| format!("Questions? {brand} helps here: {url}")),
        unexpected: "The link is meant for you alone: please don't forward it. If you did not \
                     expect this message, you can ignore it.",
    }
}

pub(super) fn endpoint_disabled(
    endpoint: &str,
    url: &str,
    label: Option<&str>,
    because: DisabledBecause,
) -> NoticeWords {
    let named = label.map_or_else(
        || endpoint.to_owned(),
        |label| format!("{label} ({endpoint})"),
    );
    let cause = match because {
        DisabledBecause::FailedInARow(count) => {
            format!("{count} deliveries in a row have failed.")
        }
        DisabledBecause::FailedForHours(hours) => {
            format!("Every delivery of the last {hours} hours has failed.")
        }
        DisabledBecause::Gone => "It answered 410 Gone.".to_owned(),
    };
    NoticeWords {
        subject: format!("Webhook endpoint switched off: {named}"),
        paragraphs: vec![
            format!("The webhook endpoint {named} at {url} has been switched off. {cause}"),
            "Events go on being kept. Mend the receiver and enable the endpoint again; what it \
             missed is sent by its recover call, or can be read from the feed."
                .to_owned(),
        ],
    }
}
