//! What the calls that make and change an endpoint read.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer};
use serde_json::Value;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use utoipa::{PartialSchema, ToSchema};
use verifa_core::change::Change;
use verifa_core::time::Timestamp;
use verifa_core::webhook::EndpointChanges;

use crate::body::RequestBody;
use crate::error::{ApiError, FieldError};
use crate::inflection::{Inflection, Shape};
use crate::version::ApiVersion;

const SHAPE: Shape = Shape {
    free: &["event_filter_conditions"],
    keyed: &[],
};

/// What an endpoint may have; absent fields stay, null stands for the default.
#[derive(Deserialize, ToSchema)]
#[schema(as = WebhookEndpointUpdate)]
pub struct Update {
    /// Where to send, at most 2,048 characters: https to a public address. The operator may allow
    /// hosts by name, then over http too.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, max_length = 2048, example = "https://example.com/verifa")]
    url: Option<String>,
    /// Short name.
    #[serde(default, deserialize_with = "named")]
    #[schema(value_type = Option<String>, max_length = 255, example = "Production")]
    label: Change<String>,
    /// Free text.
    #[serde(default, deserialize_with = "named")]
    #[schema(value_type = Option<String>, max_length = 2000, example = json!(null))]
    description: Change<String>,
    /// Whether events are sent; default true. Enabling again sends what waited, and forgets
    /// failures.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = bool, example = true)]
    enabled: Option<bool>,
    /// Names of events; null, the empty list and `["*"]` mean all.
    #[serde(default, deserialize_with = "named")]
    #[schema(value_type = Option<Vec<String>>, example = json!(["session.approved", "session.declined"]))]
    enabled_events: Change<Vec<String>>,
    /// Paths that are left out of bodies, in snake case, such as `result.extracted_data.ssn`; at
    /// most 100.
    #[serde(default, deserialize_with = "named")]
    #[schema(value_type = Option<Vec<String>>, max_items = 100, example = json!(["result.extracted_data.ssn"]))]
    attribute_blocklist: Change<Vec<String>>,
    /// Only events whose body fulfils this condition are sent; the grammar of a workflow's
    /// conditions, over paths within the body.
    #[serde(default, deserialize_with = "named")]
    #[schema(
        value_type = Option<Value>,
        example = json!({"field": "result.age_check_passed", "op": "==", "value": true})
    )]
    event_filter_conditions: Change<Value>,
    /// The API version of bodies, a date; null: the newest.
    #[serde(default, deserialize_with = "named")]
    #[schema(value_type = Option<String>, example = "2026-01-01")]
    api_version: Change<String>,
    /// How field names are written: `snake`, `camel` or `kebab`; null: `snake`.
    #[serde(default, deserialize_with = "named")]
    #[schema(value_type = Option<String>, example = "snake")]
    key_inflection: Change<String>,
}

impl RequestBody for Update {
    const SHAPE: Shape = SHAPE;
}

/// A new endpoint: the same fields, of which `url` has to be there.
#[derive(Deserialize)]
#[serde(transparent)]
pub struct Create(Update);

impl RequestBody for Create {
    const SHAPE: Shape = SHAPE;
}

impl PartialSchema for Create {
    fn schema() -> RefOr<Schema> {
        let mut schema = Update::schema();
        if let RefOr::T(Schema::Object(object)) = &mut schema {
            object.required = vec!["url".to_owned()];
        }
        schema
    }
}

impl ToSchema for Create {
    fn name() -> Cow<'static, str> {
        "WebhookEndpointCreate".into()
    }
}

impl Create {
    /// What the use case reads.
    ///
    /// # Errors
    /// 422 for a version or a casing that does not exist.
    pub fn into_command(self, now: Timestamp) -> Result<EndpointChanges, ApiError> {
        self.0.into_command(now)
    }
}

impl Update {
    /// What the use case reads.
    ///
    /// # Errors
    /// 422 for a version or a casing that does not exist.
    pub fn into_command(mut self, now: Timestamp) -> Result<EndpointChanges, ApiError> {
        let mut errors = Vec::new();
        if let Change::Set(text) = &mut self.api_version {
            match ApiVersion::resolve(text, now) {
                Ok(version) => *text = version.to_string(),
                Err(_) => errors.push(FieldError::new(
                    "api_version",
                    "unknown_value",
                    "Must be a date from the first version, 2026-01-01, to today.",
                )),
            }
        }
        if let Change::Set(text) = &self.key_inflection
            && text.parse::<Inflection>().is_err()
        {
            errors.push(FieldError::new(
                "key_inflection",
                "unknown_value",
                "Expected one of snake, camel, kebab.",
            ));
        }
        if !errors.is_empty() {
            return Err(ApiError::invalid(errors));
        }
        Ok(EndpointChanges {
            url: self.url,
            label: self.label,
            description: self.description,
            enabled: self.enabled,
            enabled_events: self.enabled_events,
            attribute_blocklist: self.attribute_blocklist,
            event_filter_conditions: self.event_filter_conditions,
            api_version: self.api_version,
            key_inflection: self.key_inflection,
        })
    }
}

/// Tells a field that is null from one that is absent.
fn named<'de, D, T>(deserializer: D) -> Result<Change<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Ok(Option::deserialize(deserializer)?.map_or(Change::Clear, Change::Set))
}

/// A field that may be absent and not null.
fn present<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(deserializer).map(Some)
}
