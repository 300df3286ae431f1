//! The document and its page.

use verifa_api::{auth::Access, openapi};

use crate::harness::Server;

#[tokio::test]
async fn the_document_describes_every_route_and_leads_somewhere() {
    let (_, document, accesses) = Server::routes().into_parts();
    assert_eq!(
        openapi::dangling_references(&document),
        Vec::<String>::new()
    );
    let server = Server::new();
    let served = server.get("/openapi.json", &[]).await;
    assert_eq!(served.header("content-type"), "application/json");
    let served = served.json();
    assert_eq!(served["openapi"], "3.1.0");
    for route in &accesses {
        let method = route.method.as_str().to_ascii_lowercase();
        let operation = &served["paths"][&route.path][&method];
        assert!(operation.is_object(), "{route:?}");
        assert_eq!(
            operation["responses"]["429"].is_object(),
            route.access != Access::Probe
        );
        assert_eq!(
            operation["responses"]["401"].is_object(),
            route.access.needs_key()
        );
    }
    let make = &served["paths"]["/api/v1/things/{id}"]["post"];
    assert_eq!(make["x-required-scopes"][0], "sessions:create");
    assert_eq!(
        make["responses"]["201"]["content"]["application/json"]["schema"]["$ref"],
        "#/components/schemas/Thing"
    );
    let accesses: Vec<_> = accesses
        .iter()
        .filter(|r| r.access == Access::Probe)
        .collect();
    assert_eq!(accesses.len(), 2);
}

#[test]
fn every_operation_says_how_its_body_and_headers_are_refused() {
    let document: serde_json::Value =
        serde_json::from_str(&verifa_api::openapi_json().unwrap()).unwrap();
    let mut bodies = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let name = format!("{method} {path}");
            let answers = |code: &str| operation["responses"][code].is_object();
            assert!(answers("400"), "{name}");
            let body = &operation["requestBody"];
            assert_eq!(answers("413"), body.is_object(), "{name}");
            assert_eq!(answers("415"), body.is_object(), "{name}");
            let Some(content) = body["content"].as_object() else {
                continue;
            };
            bodies += 1;
            for kind in content.values() {
                let mut schema = &kind["schema"];
                if let Some(place) = schema["$ref"].as_str() {
                    let place = place.strip_prefix('#').unwrap();
                    schema = document.pointer(place).unwrap();
                }
                let fields = schema["required"].as_array();
                let needed = fields.is_some_and(|fields| !fields.is_empty());
                assert_eq!(body["required"], needed, "{name}");
            }
        }
    }
    assert!(bodies > 30, "{bodies} bodies");
}

/// Walks the table of routes: each one that needs a key refuses a call without, and each one
/// with scopes refuses a key that has every other scope.
#[tokio::test]
async fn no_route_is_unguarded() {
    use verifa_core::tenant::{Scope, Scopes};
    let server = Server::new();
    for (index, route) in Server::routes().into_parts().2.into_iter().enumerate() {
        if !route.access.needs_key() {
            continue;
        }
        let path = route.path.replace("{id}", "known");
        let send = |headers: &[(&str, &str)]| {
            server.send(crate::harness::request(
                route.method.as_str(),
                &path,
                headers,
                "",
            ))
        };
        send(&[]).await.refused(401, "unauthorized");
        let scopes = route.access.scopes();
        if scopes.is_empty() {
            continue;
        }
        let others = Scope::ALL.iter().copied().filter(|scope| {
            !scopes
                .iter()
                .any(|wanted| wanted == scope || wanted.accepted_instead() == Some(*scope))
        });
        let secret = format!("vk_live_other{index}");
        server.add_key(&secret, |key| key.scopes = Scopes::new(others));
        let body = send(&[("x-api-key", &secret)])
            .await
            .refused(403, "forbidden");
        assert!(
            body["detail"]
                .as_str()
                .unwrap()
                .contains(scopes[0].as_str())
        );
    }
}

/// The document is locked: a change of the API shows as a change of this file.
/// `VERIFA_UPDATE_OPENAPI=1 cargo nextest run -p verifa-api openapi` writes it anew.
#[test]
fn the_openapi_document_is_the_committed_one() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");
    let document = verifa_api::openapi_json().unwrap();
    if std::env::var_os("VERIFA_UPDATE_OPENAPI").is_some() {
        std::fs::write(path, &document).unwrap();
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    let same = committed == document;
    assert!(
        same,
        "docs/openapi.json is out of date; see this test's comment"
    );
}

/// Written anew by the same variable.
#[test]
fn the_page_of_webhook_events_is_the_committed_one() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/WEBHOOK-EVENTS.md");
    let page = verifa_core::webhook::reference();
    if std::env::var_os("VERIFA_UPDATE_OPENAPI").is_some() {
        std::fs::write(path, &page).unwrap();
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    let same = committed == page;
    assert!(
        same,
        "docs/WEBHOOK-EVENTS.md is out of date; see the test of the OpenAPI document"
    );
}

#[test]
fn the_document_of_this_release_is_whole() {
    let (_, document, accesses) = verifa_api::v1::routes().into_parts();
    assert_eq!(
        openapi::dangling_references(&document),
        Vec::<String>::new()
    );
    let mut names: Vec<_> = Vec::new();
    for item in document.paths.paths.values() {
        for operation in [&item.get, &item.post, &item.patch, &item.delete]
            .into_iter()
            .flatten()
        {
            assert!(
                operation.summary.is_some() && operation.tags.is_some(),
                "{:?}",
                operation.operation_id
            );
            names.push(operation.operation_id.clone().unwrap());
        }
    }
    assert_eq!(names.len(), accesses.len());
    names.sort();
    names.dedup();
    assert_eq!(names.len(), accesses.len(), "operation ids repeat");
}

#[tokio::test]
async fn the_page_stands_alone() {
    let server = Server::new();
    let page = server.get("/docs", &[]).await;
    let html = String::from_utf8(page.bytes.clone()).unwrap();
    assert!(html.contains("Make a thing") && html.contains("/api/v1/things/{id}"));
    assert!(html.contains("curl -sS -X POST"));
    assert!(!html.contains("https://") && !html.contains("<script>") && !html.contains("style="));
    let policy = page.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"));
    for (path, kind) in [
        ("/docs/reference.css", "text/css"),
        ("/docs/reference.js", "text/javascript"),
    ] {
        let asset = server.get(path, &[]).await;
        assert!(asset.header("content-type").starts_with(kind));
        assert!(html.contains(path));
    }
}

/// The same for every route of this release, over the real application.
#[tokio::test]
async fn no_route_of_this_release_is_unguarded() {
    use verifa_core::tenant::{Environment, Scope, Scopes};
    let server = crate::app::AppServer::start().await;
    let tenant = verifa_core::tenant::Tenant {
        organization: server.organization.id,
        environment: Environment::Live,
    };
    let open: Vec<_> = verifa_api::v1::routes()
        .into_parts()
        .2
        .into_iter()
        .filter(|route| !route.access.needs_key())
        .map(|route| route.path)
        .collect();
    assert_eq!(
        open,
        [
            "/healthz",
            "/readyz",
            "/api/v1/sessions/{id}/documents/{doc_type}",
            "/verify/{token}/start",
            "/verify/{token}/outcome",
            "/verify/{token}/contest"
        ]
    );
    for route in verifa_api::v1::routes().into_parts().2 {
        if !route.access.needs_key() {
            continue;
        }
        let path = route.path.replace(['{', '}'], "x");
        let send = |headers: Vec<(&'static str, String)>| {
            let mut request = http::Request::builder()
                .method(route.method.clone())
                .uri(&path);
            for (name, value) in headers {
                request = request.header(name, value);
            }
            server.send(request.body(axum::body::Body::empty()).unwrap())
        };
        send(vec![]).await.refused(401, "unauthorized");
        let Some(wanted) = route.access.scopes().first() else {
            continue;
        };
        let others = Scope::ALL.iter().copied().filter(|scope| {
            !route
                .access
                .scopes()
                .iter()
                .any(|s| s == scope || s.accepted_instead() == Some(*scope))
        });
        let new = verifa_app::api_keys::NewApiKey {
            scopes: Some(Scopes::new(others)),
            ..Default::default()
        };
        let (made, statement) =
            server
                .app
                .new_api_key(tenant, verifa_vault::ApiKeyKind::Secret, new);
        server.app.db.write(statement).await.unwrap();
        let key = made.secret.reveal().to_owned();
        let body = send(vec![("x-api-key", key)])
            .await
            .refused(403, "forbidden");
        assert!(
            body["detail"].as_str().unwrap().contains(wanted.as_str()),
            "{route:?}"
        );
    }
}
