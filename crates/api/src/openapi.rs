//! The frame of the OpenAPI 3.1 document: everything that belongs to no single route.

use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaType, Type};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{Components, InfoBuilder, OpenApi, OpenApiBuilder, Ref, RefOr, Required};
use utoipa::{PartialSchema, ToSchema};

use crate::error::{ErrorBody, FieldError};
use crate::respond::answers;
use crate::webhook_events;

/// Name of the security scheme.
pub(crate) const SECURITY_SCHEME: &str = "ApiKey";
/// Name of the security scheme of publishable keys.
pub(crate) const PUBLISHABLE_SCHEME: &str = "PublishableKey";
/// Name of the security scheme of operators' tokens.
pub(crate) const OPERATOR_SCHEME: &str = "AdminToken";
/// Parameters of every guarded operation.
pub(crate) const COMMON_PARAMETERS: &[&str] = &["VerifaVersion", "KeyInflection"];
/// Parameter of every guarded operation that changes something.
pub(crate) const IDEMPOTENCY_PARAMETER: &str = "IdempotencyKey";

const DESCRIPTION: &str = "\
Verifies who a person is: a session collects documents and data, a workflow of checks judges \
them, and the result comes back through this API.\n\n\
Send your secret key in `X-API-Key`. A key opens one environment, `live` or `sandbox`, and things \
of the other do not exist for it. Every answer carries `X-Request-Id` and the three \
`X-RateLimit-*` headers; every refusal has the body of the schema `Error`.\n\n\
Field names are snake case unless `Key-Inflection` says otherwise. Requests are read in any of the \
three casings, bare or as `{\"data\": {\"attributes\": {…}}}`.";

/// The groups of operations, in the order of the reference.
const TAGS: &[(&str, &str)] = &[
    (
        "Sessions",
        "One verification attempt of one person, from its creation to its result.",
    ),
    ("Documents", "The images of a session."),
    (
        "Capture",
        "The person's side, where the token of the capture page is the credential.",
    ),
    (
        "Results",
        "What a session's workflow decided, and on what grounds.",
    ),
    (
        "Workflows",
        "Graphs of checks as data: versioned, validated, executed durably.",
    ),
    (
        "Cases",
        "Sessions that a person has to look at: claimed, noted on, decided.",
    ),
    (
        "Sandbox",
        "Outcomes by choice, and a clock that can be moved. For sandbox keys only.",
    ),
    (
        webhook_events::TAG,
        "Endpoints that are told what happens, what was sent to them, and the same events to pull.",
    ),
    (
        "Account",
        "The organization of the calling key: its settings, API keys, audit trail, limits.",
    ),
    (
        "Organizations",
        "For whoever runs the server, by admin token: the organizations on it and their keys.",
    ),
    ("Operations", "The state of the server itself."),
];

/// The document without any route.
pub fn frame() -> OpenApi {
    let info = InfoBuilder::new()
        .title("Verifa API")
        .version(crate::version::ApiVersion::current().to_string())
        .description(Some(DESCRIPTION))
        .license(Some(
            utoipa::openapi::LicenseBuilder::new()
                .name("Apache-2.0")
                .identifier(Some("Apache-2.0"))
                .build(),
        ))
        .build();
    let tags = TAGS.iter().map(|(name, text)| {
        TagBuilder::new()
            .name(*name)
            .description(Some(*text))
            .build()
    });
    OpenApiBuilder::new()
        .info(info)
        .tags(Some(tags.collect::<Vec<_>>()))
        .components(Some(components()))
        .webhooks(Some(webhook_events::webhooks()))
        .build()
}

fn components() -> Components {
    let mut components = Components::new();
    schema::<ErrorBody<'static>>(&mut components);
    schema::<FieldError>(&mut components);
    for (name, response) in answers::components() {
        components
            .responses
            .insert(name.to_owned(), response.into());
    }
    for (name, parameter) in parameters() {
        components
            .parameters
            .insert(name.to_owned(), parameter.into());
    }
    components.schemas.extend(webhook_events::schemas());
    let scheme = |text| {
        SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::with_description(
            "X-API-Key",
            text,
        )))
    };
    components.add_security_scheme(
        SECURITY_SCHEME,
        scheme("A secret key, `vk_live_…` or `vk_sandbox_…`, with one of `x-required-scopes`."),
    );
    components.add_security_scheme(
        PUBLISHABLE_SCHEME,
        scheme("A publishable key, `vk_pub_live_…` or `vk_pub_sandbox_…`; fit for browsers."),
    );
    components.add_security_scheme(
        OPERATOR_SCHEME,
        scheme("A token of whoever runs the server, `vk_admin_…`; opens no organization's data."),
    );
    components
}

/// Fields of views that are left out instead of being null.
const LEFT_OUT: &[&str] = &["errors", "qr_code_data_url"];

/// Registers a view and everything it refers to, so that answers can refer to it.
///
/// Fields of answers may be null and are always there, so each one is marked as required.
pub fn schema<T: ToSchema + PartialSchema>(components: &mut Components) {
    let mut views = vec![(T::name().into_owned(), T::schema())];
    T::schemas(&mut views);
    for (name, mut view) in views {
        if let RefOr::T(Schema::Object(object)) = &mut view {
            let names = object
                .properties
                .keys()
                .filter(|name| !LEFT_OUT.contains(&name.as_str()));
            object.required = names.cloned().collect();
        }
        components.schemas.insert(name, view);
    }
}

fn parameters() -> [(&'static str, Parameter); 3] {
    [
        (
            "VerifaVersion",
            header(
                "Verifa-Version",
                "Date of the API version, `YYYY-MM-DD`; any date up to today stands for the \
                 newest version not after it. Default: the version pinned to the key.",
                text().examples(["2026-01-01"]),
            ),
        ),
        (
            "KeyInflection",
            header(
                "Key-Inflection",
                "Casing of field names in the answer. Keys inside free maps stay as they were \
                 sent.",
                text().enum_values(Some(["snake", "camel", "kebab"])),
            ),
        ),
        (
            "IdempotencyKey",
            header(
                "Idempotency-Key",
                "The same key with the same parameters gives the first answer again, for 24 \
                 hours; with others 422 `idempotency_mismatch`.",
                text().min_length(Some(1)).max_length(Some(255)),
            ),
        ),
    ]
}

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(SchemaType::new(Type::String))
}

fn header(name: &str, description: &str, schema: ObjectBuilder) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(description))
        .schema(Some(Schema::Object(schema.build())))
        .build()
}

/// A reference to a parameter component.
pub(crate) fn parameter(name: &str) -> RefOr<Parameter> {
    RefOr::Ref(Ref::new(format!("#/components/parameters/{name}")))
}

/// Every `$ref` of a document that leads nowhere; a test keeps this empty.
pub fn dangling_references(document: &OpenApi) -> Vec<String> {
    let root = serde_json::to_value(document).unwrap_or_default();
    let mut found = Vec::new();
    collect(&root, &root, &mut found);
    found.sort();
    found.dedup();
    found
}

fn collect(root: &serde_json::Value, value: &serde_json::Value, found: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(map) => {
            if let Some(target) = map.get("$ref").and_then(|target| target.as_str())
                && target
                    .strip_prefix('#')
                    .and_then(|path| root.pointer(path))
                    .is_none()
            {
                found.push(target.to_owned());
            }
            for value in map.values() {
                collect(root, value, found);
            }
        }
        serde_json::Value::Array(items) => {
            for value in items {
                collect(root, value, found);
            }
        }
        _ => {}
    }
}
