//! Routes with what they demand: a route can't be added without saying who may call it.

use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use http::Method;
use utoipa::ToSchema;
use utoipa::openapi::extensions::ExtensionsBuilder;
use utoipa::openapi::path::{Operation, PathItem, Paths};
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{OpenApi, Ref, RefOr, Required, Schema};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};

use crate::auth::{Access, authorise};
use crate::openapi::{
    COMMON_PARAMETERS, IDEMPOTENCY_PARAMETER, OPERATOR_SCHEME, PUBLISHABLE_SCHEME, SECURITY_SCHEME,
};

/// One operation and what it demands; the list of these is the table that tests walk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteAccess {
    /// HTTP method.
    pub method: Method,
    /// Route template, such as `/api/v1/sessions/{id}`.
    pub path: String,
    /// What it demands.
    pub access: Access,
}

/// A router that guards, documents and lists its routes.
pub struct ApiRouter<S> {
    router: OpenApiRouter<S>,
    accesses: Vec<RouteAccess>,
}

impl<S: Clone + Send + Sync + 'static> ApiRouter<S> {
    /// No routes, over the document's frame.
    pub fn new(document: OpenApi) -> Self {
        Self {
            router: OpenApiRouter::with_openapi(document),
            accesses: Vec::new(),
        }
    }

    /// Adds the operations of one path that demand the same.
    #[must_use]
    pub fn add(mut self, access: Access, routes: UtoipaMethodRouter<S>) -> Self {
        let (schemas, mut paths, methods) = routes;
        describe(access, &schemas, &mut paths, &mut self.accesses);
        let guarded = methods.route_layer(from_fn(move |request: Request, next: Next| {
            authorise(access, request, next)
        }));
        self.router = self.router.routes((schemas, paths, guarded));
        self
    }

    /// Registers a view that an answer shows, with everything it refers to.
    #[must_use]
    pub fn view<T: ToSchema>(mut self) -> Self {
        let document = self.router.get_openapi_mut();
        crate::openapi::schema::<T>(document.components.get_or_insert_default());
        self
    }

    /// The router, its document, and the table of what each operation demands.
    pub fn into_parts(self) -> (axum::Router<S>, OpenApi, Vec<RouteAccess>) {
        let (router, document) = self.router.split_for_parts();
        (router, document, self.accesses)
    }
}

/// Schemas by their names.
type Schemas = [(String, RefOr<Schema>)];

fn describe(access: Access, schemas: &Schemas, paths: &mut Paths, accesses: &mut Vec<RouteAccess>) {
    for (path, item) in &mut paths.paths {
        for (method, operation) in operations(item) {
            document(access, &method, operation);
            document_body(operation, schemas);
            accesses.push(RouteAccess {
                method,
                path: path.clone(),
                access,
            });
        }
    }
}

/// The operations of a path item by method.
pub(crate) fn operations(item: &mut PathItem) -> Vec<(Method, &mut Operation)> {
    let slots = [
        (Method::GET, &mut item.get),
        (Method::POST, &mut item.post),
        (Method::PUT, &mut item.put),
        (Method::PATCH, &mut item.patch),
        (Method::DELETE, &mut item.delete),
        (Method::OPTIONS, &mut item.options),
    ];
    slots
        .into_iter()
        .filter_map(|(method, slot)| slot.as_mut().map(|operation| (method, operation)))
        .collect()
}

/// Adds what holds for every operation: refusals, and for guarded ones security and common headers.
fn document(access: Access, method: &Method, operation: &mut Operation) {
    let responses = &mut operation.responses.responses;
    let mut refusal = |code: &str, name: &str| {
        let place = RefOr::Ref(Ref::from_response_name(name));
        responses.entry(code.to_owned()).or_insert(place);
    };
    if access != Access::Probe {
        refusal("429", "RateLimited");
    }
    // Of the two negotiated headers.
    refusal("400", "BadRequest");
    if operation.request_body.is_some() {
        refusal("413", "TooLarge");
        refusal("415", "UnsupportedMedia");
    }
    refusal("500", "Internal");
    refusal("503", "Unavailable");
    if !access.needs_key() {
        operation.security = Some(vec![SecurityRequirement::default()]);
        return;
    }
    refusal("401", "Unauthorized");
    refusal("403", "Forbidden");
    if *method != Method::GET {
        // Of an idempotency key: used for another call just now, its answer deleted with its
        // session's data, used with other parameters.
        refusal("409", "Conflict");
        refusal("410", "Gone");
        refusal("422", "Invalid");
    }
    let scopes: Vec<String> = access.scopes().iter().map(ToString::to_string).collect();
    let by = |scheme: &str| SecurityRequirement::new(scheme, Vec::<String>::new());
    let security = match access {
        Access::Operator => vec![by(OPERATOR_SCHEME)],
        Access::Publishable(_) => vec![by(SECURITY_SCHEME), by(PUBLISHABLE_SCHEME)],
        _ => vec![by(SECURITY_SCHEME)],
    };
    operation.security = Some(security);
    // One extension only: several have no order of their own, and the document has to be the same
    // on every build. Where all scopes are needed, the operation's text says so.
    operation.extensions = Some(
        ExtensionsBuilder::new()
            .add("x-required-scopes", scopes)
            .build(),
    );
    let mut names = COMMON_PARAMETERS.to_vec();
    if *method != Method::GET {
        names.push(IDEMPOTENCY_PARAMETER);
    }
    let parameters = operation.parameters.get_or_insert_default();
    parameters.extend(names.into_iter().map(crate::openapi::parameter));
}

/// An empty body counts as `{}`: where every field may be left out, the body may be.
fn document_body(operation: &mut Operation, schemas: &Schemas) {
    let Some(RefOr::T(body)) = &mut operation.request_body else {
        return;
    };
    let demanded = body.content.values().any(|content| match content {
        RefOr::T(content) => content
            .schema
            .as_ref()
            .is_none_or(|schema| has_required(schema, schemas)),
        RefOr::Ref(_) => true,
    });
    body.required = Some(if demanded {
        Required::True
    } else {
        Required::False
    });
}

/// Whether an object has fields that must be there; what is no object must be there itself.
fn has_required(schema: &RefOr<Schema>, schemas: &Schemas) -> bool {
    let found = match schema {
        RefOr::T(schema) => Some(schema),
        RefOr::Ref(place) => schemas.iter().find_map(|(name, schema)| match schema {
            RefOr::T(schema) if place.ref_location.rsplit('/').next() == Some(name) => Some(schema),
            _ => None,
        }),
    };
    !matches!(found, Some(Schema::Object(object)) if object.required.is_empty())
}
