//! The reference page: one section per operation, made from the document.

use serde_json::Value;

use super::events;
use super::html::Html;
use super::parts::{anchor, block, request_content, rows, text};
use super::schema::{Document, FieldRow};

/// One operation with its place.
struct Operation<'a> {
    method: String,
    path: &'a str,
    tag: &'a str,
    id: &'a str,
    summary: &'a str,
    value: &'a Value,
}

/// Renders the page of a document.
pub(super) fn render(root: &Value, public_url: &str) -> String {
    let document = Document(root);
    let operations = operations(root);
    let mut html = Html::default();
    html.raw(concat!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">",
        "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">",
        "<title>Verifa API reference</title>",
        "<link rel=\"stylesheet\" href=\"/docs/reference.css\">",
        "<script src=\"/docs/reference.js\" defer></script></head><body>",
    ));
    sidebar(&mut html, root, &operations);
    html.raw("<main>");
    introduction(&mut html, root);
    for (tag, text) in tags(root) {
        let mut members = operations
            .iter()
            .filter(|operation| operation.tag == tag)
            .peekable();
        if members.peek().is_none() {
            continue;
        }
        html.raw("<section class=\"group\"><h2 id=\"")
            .text(&anchor(tag))
            .raw("\">")
            .text(tag);
        html.raw("</h2>").prose(text).raw("</section>");
        members.for_each(|operation| section(&mut html, document, operation, public_url));
    }
    events::sections(&mut html, root);
    html.raw("</main></body></html>");
    html.into_string()
}

fn tags(root: &Value) -> Vec<(&str, &str)> {
    let tags = root
        .get("tags")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    tags.map(|tag| (text(tag, "name"), text(tag, "description")))
        .collect()
}

fn operations(root: &Value) -> Vec<Operation<'_>> {
    let mut found = Vec::new();
    let paths = root
        .get("paths")
        .and_then(Value::as_object)
        .into_iter()
        .flatten();
    for (path, item) in paths {
        for (method, value) in item.as_object().into_iter().flatten() {
            let tag = value
                .get("tags")
                .and_then(|tags| tags.get(0))
                .and_then(Value::as_str);
            found.push(Operation {
                method: method.to_ascii_uppercase(),
                path,
                tag: tag.unwrap_or_default(),
                id: text(value, "operationId"),
                summary: text(value, "summary"),
                value,
            });
        }
    }
    found
}

fn sidebar(html: &mut Html, root: &Value, operations: &[Operation<'_>]) {
    html.raw("<nav><a class=\"brand\" href=\"#top\">Verifa <span>API</span></a>");
    html.raw("<input id=\"filter\" type=\"search\" placeholder=\"Filter\" aria-label=\"Filter\">");
    for (tag, _) in tags(root) {
        let members: Vec<_> = operations.iter().filter(|o| o.tag == tag).collect();
        if members.is_empty() {
            continue;
        }
        html.raw("<h3>").text(tag).raw("</h3><ul>");
        for operation in members {
            html.raw("<li><a href=\"#").text(operation.id).raw("\">");
            badge(html, &operation.method);
            html.raw("<span>")
                .text(operation.summary)
                .raw("</span></a></li>");
        }
        html.raw("</ul>");
    }
    events::sidebar(html, root);
    html.raw("<p class=\"foot\"><a href=\"/openapi.json\">openapi.json</a></p></nav>");
}

fn badge(html: &mut Html, method: &str) {
    html.raw("<b class=\"method ")
        .text(&method.to_ascii_lowercase())
        .raw("\">");
    html.text(if method == "DELETE" { "DEL" } else { method })
        .raw("</b>");
}

fn introduction(html: &mut Html, root: &Value) {
    let info = root.get("info").unwrap_or(&Value::Null);
    html.raw("<header id=\"top\"><h1>")
        .text(text(info, "title"))
        .raw("</h1>");
    html.raw("<p class=\"version\">Version ")
        .text(text(info, "version"))
        .raw("</p>");
    html.prose(text(info, "description")).raw("</header>");
}

fn section(html: &mut Html, document: Document<'_>, operation: &Operation<'_>, url: &str) {
    html.raw("<article id=\"")
        .text(operation.id)
        .raw("\"><div class=\"words\"><h3>");
    html.text(operation.summary).raw("</h3><p class=\"route\">");
    badge(html, &operation.method);
    html.raw("<code>").text(operation.path).raw("</code></p>");
    html.prose(text(operation.value, "description"));
    scopes(html, operation.value);
    parameters(html, document, operation.value);
    let body = request_content(document, operation.value);
    if let Some((kind, schema)) = body {
        html.raw("<h4>Body <small>").text(kind).raw("</small></h4>");
        rows(html, &document.fields(schema));
    }
    responses(html, document, operation.value);
    html.raw("</div><div class=\"code\">");
    block(html, "Request", &curl(document, operation, body, url));
    if let Some((status, schema)) = success(document, operation.value) {
        let example = document.example(schema);
        let example = serde_json::to_string_pretty(&example).unwrap_or_default();
        block(html, &format!("Answer {status}"), &example);
    }
    html.raw("</div></article>");
}

fn scopes(html: &mut Html, operation: &Value) {
    let Some(scopes) = operation.get("x-required-scopes").and_then(Value::as_array) else {
        html.raw("<p class=\"scopes\">No API key.</p>");
        return;
    };
    html.raw("<p class=\"scopes\">");
    if scopes.is_empty() {
        html.raw("Any secret key");
    } else {
        html.raw("Scope ");
        for (index, scope) in scopes.iter().filter_map(Value::as_str).enumerate() {
            html.raw(if index > 0 { " or <code>" } else { "<code>" })
                .text(scope)
                .raw("</code>");
        }
    }
    let schemes = operation
        .get("security")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    if schemes
        .into_iter()
        .any(|scheme| scheme.get("PublishableKey").is_some())
    {
        html.raw(", or a publishable key");
    }
    html.raw(".</p>");
}

fn parameters(html: &mut Html, document: Document<'_>, operation: &Value) {
    let all = operation
        .get("parameters")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    let all: Vec<_> = all.map(|parameter| document.resolve(parameter)).collect();
    for (place, title) in [("path", "Path"), ("query", "Query"), ("header", "Headers")] {
        let rows_here: Vec<_> = all
            .iter()
            .filter(|parameter| text(parameter, "in") == place)
            .map(|parameter| FieldRow {
                name: text(parameter, "name").to_owned(),
                kind: parameter
                    .get("schema")
                    .map_or_else(String::new, |s| document.kind(s)),
                required: parameter.get("required") == Some(&Value::Bool(true)),
                description: text(parameter, "description").to_owned(),
            })
            .collect();
        if !rows_here.is_empty() {
            html.raw("<h4>").text(title).raw("</h4>");
            rows(html, &rows_here);
        }
    }
}

fn success<'a>(document: Document<'a>, operation: &'a Value) -> Option<(&'a str, &'a Value)> {
    let responses = operation.get("responses")?.as_object()?;
    let (status, response) = responses
        .iter()
        .find(|(status, _)| status.starts_with('2'))?;
    let content = document
        .resolve(response)
        .get("content")?
        .get("application/json")?;
    Some((status, content.get("schema")?))
}

fn responses(html: &mut Html, document: Document<'_>, operation: &Value) {
    html.raw("<h4>Answers</h4><ul class=\"answers\">");
    let all = operation
        .get("responses")
        .and_then(Value::as_object)
        .into_iter()
        .flatten();
    for (status, response) in all {
        let good = status.starts_with('2');
        html.raw(if good {
            "<li class=\"good\"><b>"
        } else {
            "<li><b>"
        })
        .text(status);
        html.raw("</b> ")
            .inline(text(document.resolve(response), "description"))
            .raw("</li>");
    }
    html.raw("</ul>");
    if let Some((_, schema)) = success(document, operation) {
        html.raw("<details><summary>Fields of the answer</summary>");
        rows(html, &document.fields(schema));
        html.raw("</details>");
    }
}

fn curl(
    document: Document<'_>,
    operation: &Operation<'_>,
    body: Option<(&str, &Value)>,
    url: &str,
) -> String {
    let mut lines = vec![format!("curl -sS '{url}{}'", operation.path)];
    if operation.method != "GET" {
        lines[0] = format!("curl -sS -X {} '{url}{}'", operation.method, operation.path);
    }
    if operation.value.get("x-required-scopes").is_some() {
        lines.push("-H \"X-API-Key: $VERIFA_KEY\"".to_owned());
    }
    match body {
        Some(("multipart/form-data", schema)) => {
            for row in document.fields(schema) {
                let value = if row.name == "file" {
                    "@passport.jpg"
                } else {
                    "…"
                };
                if row.required || row.name == "file" {
                    lines.push(format!("-F '{}={value}'", row.name));
                }
            }
        }
        Some((_, schema)) => {
            let mut example = document.example(schema);
            if let Value::Object(fields) = &mut example {
                fields.retain(|_, value| !value.is_null());
            }
            let example = serde_json::to_string_pretty(&example);
            lines.push("-H 'Content-Type: application/json'".to_owned());
            lines.push(format!(
                "-d '{}'",
                example.unwrap_or_default().replace('\'', "'\\''")
            ));
        }
        None => {}
    }
    lines.join(" \\\n  ")
}
