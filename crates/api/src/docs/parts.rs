//! Pieces that sections of the reference page share.

use serde_json::Value;

use super::html::Html;
use super::schema::{Document, FieldRow};

/// A text of an object of the document; empty where there is none.
pub(super) fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// The place of a heading on the page.
pub(super) fn anchor(text: &str) -> String {
    text.to_ascii_lowercase().replace(' ', "-")
}

/// A framed piece of code under a title.
pub(super) fn block(html: &mut Html, title: &str, code: &str) {
    html.raw("<figure><figcaption><span>")
        .text(title)
        .raw("</span>");
    html.raw("<button type=\"button\" class=\"copy\">Copy</button></figcaption><pre><code>");
    html.text(code).raw("</code></pre></figure>");
}

/// Fields with their kind and meaning.
pub(super) fn rows(html: &mut Html, rows: &[FieldRow]) {
    html.raw("<dl>");
    for row in rows {
        html.raw("<div><dt><code>")
            .text(&row.name)
            .raw("</code> <i>")
            .text(&row.kind);
        html.raw("</i>");
        if row.required {
            html.raw(" <em>required</em>");
        }
        html.raw("</dt><dd>")
            .inline(&row.description)
            .raw("</dd></div>");
    }
    html.raw("</dl>");
}

/// Media type and schema of an operation's request body.
pub(super) fn request_content<'a>(
    document: Document<'a>,
    operation: &'a Value,
) -> Option<(&'a str, &'a Value)> {
    let content = document
        .resolve(operation.get("requestBody")?)
        .get("content")?
        .as_object()?;
    let (kind, media) = content.iter().next()?;
    Some((kind, media.get("schema")?))
}
