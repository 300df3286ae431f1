//! `/openapi.json` and `/docs`.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::{SESSIONS, paused_session, server, server_and_live};

/// The locked description; `cargo xtask openapi` writes it.
const LOCKED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");

#[tokio::test]
async fn the_description_is_the_locked_one() {
    let server = server().await;
    let mut served = server.anonymous().get("/openapi.json").await.ok(200);
    let locked = std::fs::read_to_string(LOCKED).expect("docs/openapi.json: cargo xtask openapi");
    let mut locked: Value = serde_json::from_str(&locked).expect("docs/openapi.json is no JSON");
    // Where the server is reached is each server's own.
    for document in [&mut served, &mut locked] {
        document.as_object_mut().unwrap().remove("servers");
    }
    insta::with_settings!({omit_expression => true, prepend_module_to_snapshot => false}, {
        let operations = operations(&served);
        insta::assert_json_snapshot!("operations", operations);
    });
    assert!(
        served == locked,
        "the description changed: run cargo xtask openapi and read its diff"
    );
}

/// Method, path, scopes and success of each operation: what a reviewer wants to see change.
fn operations(document: &Value) -> Vec<String> {
    let mut list = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let codes: Vec<_> = operation["responses"].as_object().unwrap().keys().collect();
            let codes: Vec<_> = codes.iter().map(|code| code.as_str()).collect();
            let scopes = operation["x-required-scopes"]
                .as_array()
                .cloned()
                .unwrap_or_default();
            let scopes: Vec<_> = scopes.iter().map(|scope| scope.as_str().unwrap()).collect();
            list.push(format!(
                "{} {path} [{}] {}",
                method.to_ascii_uppercase(),
                scopes.join(" | "),
                codes.join(" ")
            ));
        }
    }
    list
}

#[tokio::test]
async fn the_description_is_whole() {
    let server = server().await;
    let document = server.anonymous().get("/openapi.json").await.ok(200);
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    assert!(document["info"]["title"].is_string() && document["info"]["version"].is_string());
    let mut ids = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let name = format!("{method} {path}");
            let id = operation["operationId"]
                .as_str()
                .unwrap_or_else(|| panic!("{name}: no id"));
            assert!(ids.insert(id.to_owned()), "{name}: {id} is used twice");
            assert!(operation["summary"].is_string(), "{name} says nothing");
            let codes = operation["responses"].as_object().unwrap();
            assert!(
                codes.keys().any(|code| code.starts_with('2')),
                "{name}: no success"
            );
            let parameters = operation["parameters"]
                .as_array()
                .cloned()
                .unwrap_or_default();
            for parameter in path.split('/').filter_map(|part| part.strip_prefix('{')) {
                let wanted = parameter.trim_end_matches('}');
                let named = |one: &Value| one["name"] == wanted && one["in"] == "path";
                assert!(
                    parameters.iter().any(named),
                    "{name}: {wanted} is not described"
                );
            }
        }
    }
    check_references(&document, &document);
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        compile(&document, schema, name);
    }
}

fn check_references(document: &Value, part: &Value) {
    match part {
        Value::Object(fields) => {
            if let Some(Value::String(reference)) = fields.get("$ref") {
                let pointer = reference
                    .strip_prefix('#')
                    .expect("a reference leads elsewhere");
                assert!(
                    document.pointer(pointer).is_some(),
                    "{reference} leads nowhere"
                );
            }
            fields
                .values()
                .for_each(|field| check_references(document, field));
        }
        Value::Array(items) => items
            .iter()
            .for_each(|item| check_references(document, item)),
        _ => {}
    }
}

/// A validator of one schema; references lead into the document's components.
fn compile(document: &Value, schema: &Value, name: &str) -> jsonschema::Validator {
    let mut whole = schema.clone();
    whole["components"] = document["components"].clone();
    match jsonschema::draft202012::new(&whole) {
        Ok(validator) => validator,
        Err(error) => panic!("the schema of {name} is none: {error}"),
    }
}

#[tokio::test]
async fn answers_are_what_the_description_says() {
    let (_server, live) = server_and_live().await;
    let document = live.get("/openapi.json").await.ok(200);
    let session = paused_session(&live).await;
    live.upload(
        &live.session(json!({})).await,
        "id_front",
        crate::images::small_png(1),
    )
    .await;
    live.decide(&session, "continue").await;
    live.until(&session, "completed").await;
    let own = format!("{SESSIONS}/{session}");
    for (template, path) in [
        ("/api/v1/sessions", SESSIONS.to_owned()),
        ("/api/v1/sessions/{id}", own.clone()),
        ("/api/v1/sessions/{id}/result", format!("{own}/result")),
        (
            "/api/v1/sessions/{id}/verifications",
            format!("{own}/verifications"),
        ),
        (
            "/api/v1/sessions/{id}/workflow-run",
            format!("{own}/workflow-run"),
        ),
        (
            "/api/v1/sessions/{id}/documents",
            format!("{own}/documents"),
        ),
        ("/api/v1/workflows", "/api/v1/workflows".to_owned()),
        (
            "/api/v1/verification-policies",
            "/api/v1/verification-policies".to_owned(),
        ),
    ] {
        let answer = live.get(&path).await.ok(200);
        let schema = &document["paths"][template]["get"]["responses"]["200"]["content"]["application/json"]
            ["schema"];
        assert!(schema.is_object(), "{template} has no schema");
        let validator = compile(&document, schema, template);
        let faults: Vec<_> = validator
            .iter_errors(&answer)
            .map(|fault| format!("{} at {}", fault, fault.instance_path()))
            .collect();
        assert!(faults.is_empty(), "{template}: {faults:?}");
    }
}

#[tokio::test]
async fn the_page_needs_nobody_else() {
    let server = server().await;
    let page = server.anonymous().get("/docs").await;
    assert_eq!(page.status, 200);
    assert!(page.header("content-type").starts_with("text/html"));
    let policy = page.header("content-security-policy");
    assert!(policy.contains("default-src 'none'"), "{policy}");
    assert!(!policy.contains("unsafe") && !policy.contains('*') && !policy.contains("http"));
    let html = page.text();
    assert!(html.contains("/api/v1/sessions/{id}/external-decision"));
    let mut assets = 0;
    for attribute in ["src=\"", "href=\""] {
        for link in html.split(attribute).skip(1) {
            let target = link.split('"').next().unwrap();
            let own = target.starts_with('/') || target.starts_with('#');
            assert!(
                own && !target.starts_with("//"),
                "the page refers to {target}"
            );
            if target.starts_with("/docs/") {
                assets += 1;
                assert_eq!(server.anonymous().get(target).await.status, 200, "{target}");
            }
        }
    }
    assert!(assets > 0, "no style sheet was found");
    assert!(
        !html.contains("<script>"),
        "a script stands in the page itself"
    );
}
