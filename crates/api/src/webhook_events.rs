//! The `webhooks` of the OpenAPI document: what we send, from the descriptions in `core`.

use serde_json::Value;
use utoipa::openapi::path::{HttpMethod, OperationBuilder, PathItem, Paths, PathsBuilder};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::schema::{
    ArrayBuilder, KnownFormat, ObjectBuilder, Schema, SchemaFormat, SchemaType, Type,
};
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Required, ResponseBuilder};
use verifa_core::session::WebhookEvent;
use verifa_core::webhook::{Field, Kind, Payload, Sender, payload};

/// The group of the management calls and of the events.
pub(crate) const TAG: &str = "Webhooks";

/// One item per event, under the event's name.
pub(crate) fn webhooks() -> Paths {
    let all = WebhookEvent::ALL.iter().map(|event| payload(*event));
    all.fold(PathsBuilder::new(), |paths, payload| {
        let item = PathItem::new(HttpMethod::Post, operation(&payload));
        paths.path(payload.event.as_str(), item)
    })
    .build()
}

/// The schemas of the bodies, by name.
pub(crate) fn schemas() -> impl Iterator<Item = (String, RefOr<Schema>)> {
    WebhookEvent::ALL.iter().map(|event| {
        let payload = payload(*event);
        let mut schema = object(&payload.fields, false)
            .description(Some(payload.when))
            .examples([Value::Object(payload.example())])
            .build();
        if let Some(RefOr::T(Schema::Object(name))) = schema.properties.get_mut("event") {
            name.enum_values = Some(vec![event.as_str().into()]);
        }
        (schema_name(*event), Schema::Object(schema).into())
    })
}

/// `session.requires-review` becomes `SessionRequiresReviewEvent`.
fn schema_name(event: WebhookEvent) -> String {
    let words = event.as_str().split(['.', '-', '_']);
    let mut name: String = words
        .map(|word| {
            let (first, rest) = word.split_at(1);
            first.to_ascii_uppercase() + rest
        })
        .collect();
    name.push_str("Event");
    name
}

fn operation(payload: &Payload) -> OperationBuilder {
    let later = match payload.sender {
        Sender::ThisRelease => "",
        Sender::ALaterRelease => " Not sent by this release; the schema is its contract.",
    };
    let content = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name(schema_name(payload.event))))
        .build();
    let body = RequestBodyBuilder::new()
        .content("application/json", content)
        .required(Some(Required::True))
        .build();
    let taken = ResponseBuilder::new().description(
        "Any 2xx within 30 seconds takes the delivery; everything else is tried again.",
    );
    OperationBuilder::new()
        .tag(TAG)
        .operation_id(Some(format!("on {}", payload.event)))
        .summary(Some(payload.event.as_str()))
        .description(Some(format!("{}{later}", payload.when)))
        .request_body(Some(body))
        .response("2XX", taken)
}

fn object(fields: &[Field], nullable: bool) -> ObjectBuilder {
    let mut object = ObjectBuilder::new().schema_type(kinds(Type::Object, nullable));
    for field in fields {
        object = object.property(field.name, schema(field));
        if !field.optional {
            object = object.required(field.name);
        }
    }
    object
}

fn kinds(kind: Type, nullable: bool) -> SchemaType {
    if nullable {
        SchemaType::from_iter([kind, Type::Null])
    } else {
        SchemaType::new(kind)
    }
}

fn schema(field: &Field) -> Schema {
    let text = if field.personal {
        format!("{} Personal: empty after a redaction.", field.text)
    } else {
        field.text.to_owned()
    };
    match of_kind(field.kind, field.nullable) {
        Schema::Object(mut object) => {
            object.description = Some(text);
            if field.personal {
                // `{}` is what a redaction leaves.
                object.required.clear();
            }
            Schema::Object(object)
        }
        Schema::Array(mut array) => {
            array.description = Some(text);
            Schema::Array(array)
        }
        other => other,
    }
}

fn of_kind(kind: Kind, nullable: bool) -> Schema {
    let plain = |kind| ObjectBuilder::new().schema_type(kinds(kind, nullable));
    let text = || plain(Type::String);
    let formatted = |format| text().format(Some(SchemaFormat::KnownFormat(format)));
    let object = match kind {
        Kind::Text => text(),
        Kind::Id(prefix) => {
            text().pattern(Some(format!("^{prefix}[0-7][0-9a-hjkmnp-tv-z]{{25}}$")))
        }
        Kind::Time => formatted(KnownFormat::DateTime),
        Kind::Date => formatted(KnownFormat::Date),
        Kind::Flag => plain(Type::Boolean),
        Kind::Count => plain(Type::Integer).minimum(Some(0_u64)),
        Kind::Share => plain(Type::Number)
            .minimum(Some(0_u64))
            .maximum(Some(1_u64)),
        Kind::Word(words) => {
            let words = words().into_iter().map(Value::from);
            text().enum_values(Some(words.chain(nullable.then_some(Value::Null))))
        }
        Kind::Object(fields) => object(fields, nullable),
        Kind::List(of) => {
            let list = ArrayBuilder::new().items(RefOr::T(of_kind(*of, false)));
            return Schema::Array(list.schema_type(kinds(Type::Array, nullable)).build());
        }
    };
    Schema::Object(object.build())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_schemas_are_identifiers() {
        let name = |event| schema_name(event);
        assert_eq!(
            name(WebhookEvent::SessionRequiresReview),
            "SessionRequiresReviewEvent"
        );
        assert_eq!(
            name(WebhookEvent::CheckMonitoringNewHits),
            "CheckMonitoringNewHitsEvent"
        );
    }

    #[test]
    fn examples_fit_their_schemas() {
        for (name, schema) in schemas() {
            let schema = serde_json::to_value(&schema).unwrap();
            let validator = jsonschema::validator_for(&schema).unwrap();
            let example = &schema["examples"][0];
            let errors: Vec<_> = validator
                .iter_errors(example)
                .map(|error| error.to_string())
                .collect();
            assert!(errors.is_empty(), "{name}: {errors:?}");
        }
    }
}
