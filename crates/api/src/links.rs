//! Links of the OpenAPI document (3.1, section 4.8.20): from the call that makes a thing to the
//! calls about it. They follow from the paths, so that no route has to name them.

use utoipa::openapi::link::LinkBuilder;
use utoipa::openapi::{OpenApi, RefOr};

use crate::routes::operations;

/// Where a created object has its id.
const MADE: &str = "$response.body#/id";
/// Paths elsewhere that hang on a thing, by the name of their parameter.
const ELSEWHERE: &[(&str, &str)] = &[("/api/v1/sessions", "session_id")];

/// Adds to each answer with status 201 a link to every operation below it.
pub(crate) fn add_links(document: &mut OpenApi) {
    let mut targets: Vec<(String, String)> = Vec::new();
    for (path, item) in &mut document.paths.paths {
        for (_, operation) in operations(item) {
            let id = operation.operation_id.clone().unwrap_or_default();
            targets.push((path.clone(), id));
        }
    }
    for (path, item) in &mut document.paths.paths {
        let answers = item.post.as_mut().map(|post| &mut post.responses.responses);
        let Some(RefOr::T(made)) = answers.and_then(|answers| answers.get_mut("201")) else {
            continue;
        };
        for (target, operation_id) in &targets {
            if let Some(parameter) = parameter_below(path, target) {
                let link = LinkBuilder::new()
                    .operation_id(operation_id)
                    .parameter(parameter, MADE)
                    .build();
                made.links.insert(operation_id.clone(), link.into());
            }
        }
    }
}

/// The parameter of `target` that takes the id of what is made at `collection`.
fn parameter_below<'a>(collection: &str, target: &'a str) -> Option<&'a str> {
    if let Some((_, name)) = ELSEWHERE.iter().find(|(place, _)| *place == collection)
        && target.contains(&format!("{{{name}}}"))
    {
        return Some(name);
    }
    let rest = target.strip_prefix(collection)?.strip_prefix("/{")?;
    rest.split('}').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_leads_below_its_collection_only() {
        let sessions = "/api/v1/sessions";
        assert_eq!(
            parameter_below(sessions, "/api/v1/sessions/{id}/result"),
            Some("id")
        );
        assert_eq!(
            parameter_below(sessions, "/api/v1/results/{session_id}"),
            Some("session_id")
        );
        assert_eq!(parameter_below(sessions, "/api/v1/sessions"), None);
        assert_eq!(
            parameter_below(sessions, "/api/v1/sessions/bulk-redact"),
            None
        );
        assert_eq!(parameter_below(sessions, "/api/v1/sessionsx/{id}"), None);
    }
}
