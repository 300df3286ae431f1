//! The reference of all events as Markdown: `docs/WEBHOOK-EVENTS.md`.

use std::fmt::Write as _;

use super::catalogue::payload;
use super::shape::{Field, Kind, Payload, Sender};
use crate::session::WebhookEvent;

const INTRODUCTION: &str = "\
# Webhook events

Generated from `crates/core/src/webhook/`; a test fails while this page differs from it
(`VERIFA_UPDATE_OPENAPI=1 cargo nextest run -p verifa-api reference` writes it anew).

Every event below comes as the body of a delivery and in the feed, with the same fields
(`docs/WEBHOOKS.md` tells how to receive and verify them). What holds for all of them:

- A body is flat and begins with `event`, `idempotency_key` and `created_at`. It is frozen when the
  fact is committed: what changes later is not in it.
- The fields of a table are always there. *or null* says that a field may be null, *may be absent*
  that it may be left out.
- *personal* marks what tells of a person: leave it out by the endpoint's `attribute_blocklist`
  where you don't need it. After a redaction these fields are empty: `{}`, `[]` or null.
- New fields may come at any time: ignore those you don't know. Fields go, or change their meaning,
  only with a new API version.
- Field names are written in the endpoint's `key_inflection`; the names of events never change.
- Events that this release does not send yet are marked. Their tables are the contract that the
  release which sends them keeps.
";

/// The reference of all events, as Markdown.
pub fn reference() -> String {
    let mut text = INTRODUCTION.to_owned();
    text.push_str("\n| event | when | |\n|---|---|---|\n");
    for event in WebhookEvent::ALL {
        let payload = payload(*event);
        let anchor: String = event
            .as_str()
            .chars()
            .filter(|letter| *letter != '.')
            .collect();
        let note = match payload.sender {
            Sender::ThisRelease => "",
            Sender::ALaterRelease => "later",
        };
        line(
            &mut text,
            format_args!("| [`{event}`](#{anchor}) | {} | {note} |", payload.when),
        );
    }
    for event in WebhookEvent::ALL {
        section(&mut text, &payload(*event));
    }
    text
}

fn line(text: &mut String, words: std::fmt::Arguments<'_>) {
    // Writing into a text can't fail.
    let _written = writeln!(text, "{words}");
}

fn section(text: &mut String, payload: &Payload) {
    line(text, format_args!("\n## {}\n", payload.event));
    line(text, format_args!("{}", payload.when));
    if payload.sender == Sender::ALaterRelease {
        text.push_str("\nNot sent by this release; what follows is its contract.\n");
    }
    text.push_str("\n| field | kind | meaning |\n|---|---|---|\n");
    rows(text, "", &payload.fields);
    let example = serde_json::to_string_pretty(&payload.example()).unwrap_or_default();
    line(text, format_args!("\n```json\n{example}\n```"));
}

fn rows(text: &mut String, prefix: &str, fields: &[Field]) {
    for field in fields {
        let path = format!("{prefix}{}", field.name);
        let mut kind = field.kind.name();
        if field.nullable {
            kind.push_str(", or null");
        }
        if field.optional {
            kind.push_str("; may be absent");
        }
        if field.personal {
            kind.push_str("; personal");
        }
        line(text, format_args!("| `{path}` | {kind} | {} |", field.text));
        match field.kind {
            Kind::Object(inner) => rows(text, &format!("{path}."), inner),
            Kind::List(Kind::Object(inner)) => rows(text, &format!("{path}[]."), inner),
            _ => {}
        }
    }
}
