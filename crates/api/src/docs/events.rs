//! The webhooks on the reference page: one section per event.

use serde_json::Value;

use super::html::Html;
use super::parts::{anchor, block, request_content, rows, text};
use super::schema::Document;

const TITLE: &str = "Webhook events";

/// Name and operation of each event.
fn events(root: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let all = root.get("webhooks").and_then(Value::as_object);
    let all = all.into_iter().flatten();
    all.filter_map(|(name, item)| Some((name.as_str(), item.get("post")?)))
}

/// The events in the list at the side.
pub(super) fn sidebar(html: &mut Html, root: &Value) {
    let mut events = events(root).peekable();
    if events.peek().is_none() {
        return;
    }
    html.raw("<h3>").text(TITLE).raw("</h3><ul>");
    for (name, _) in events {
        html.raw("<li><a href=\"#").text(&place(name)).raw("\">");
        html.raw("<span>").text(name).raw("</span></a></li>");
    }
    html.raw("</ul>");
}

/// What is sent, event by event.
pub(super) fn sections(html: &mut Html, root: &Value) {
    let document = Document(root);
    let mut events = events(root).peekable();
    if events.peek().is_none() {
        return;
    }
    html.raw("<section class=\"group\"><h2 id=\"")
        .text(&anchor(TITLE))
        .raw("\">")
        .text(TITLE)
        .raw("</h2>")
        .prose("What is sent to endpoints, and what the feed holds: the same bodies.")
        .raw("</section>");
    for (name, operation) in events {
        html.raw("<article id=\"")
            .text(&place(name))
            .raw("\"><div class=\"words\"><h3>")
            .text(name)
            .raw("</h3>")
            .prose(text(operation, "description"));
        if let Some((_, schema)) = request_content(document, operation) {
            html.raw("<h4>Body</h4>");
            rows(html, &document.fields(schema));
            html.raw("</div><div class=\"code\">");
            let example = serde_json::to_string_pretty(&document.example(schema));
            block(html, "Body", &example.unwrap_or_default());
        }
        html.raw("</div></article>");
    }
}

fn place(name: &str) -> String {
    format!("on-{}", name.replace('.', "-"))
}
