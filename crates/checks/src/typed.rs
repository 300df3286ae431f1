//! Checks with a typed configuration: schema, validation and reading in one place, so that a
//! check's module holds its judgement alone.

use std::fmt;
use std::marker::PhantomData;

use schemars::JsonSchema;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};
use verifa_core::fault::{Fault, FaultCode};
use verifa_core::session::{CheckResult, CheckStatus, Reason};

use crate::check::{Check, CheckInput, CheckOutcome, Descriptor};

/// A check with its own configuration type.
pub(crate) trait TypedCheck: Send + Sync {
    /// The configuration; it must refuse unknown keys.
    type Config: DeserializeOwned + JsonSchema;

    /// What the check is.
    const DESCRIPTOR: Descriptor;
    /// Grows with every change of the rules; part of each result.
    const RULES_VERSION: u32 = 1;

    /// Offences that the type can't express, such as ranges.
    fn check_config(_config: &Self::Config, _faults: &mut Vec<Fault>) {}

    /// Judges.
    fn judge(input: &CheckInput, config: &Self::Config) -> CheckOutcome;
}

/// Makes a [`Check`] of a [`TypedCheck`].
pub(crate) struct Typed<T> {
    descriptor: Descriptor,
    check: PhantomData<fn() -> T>,
}

/// The check, as the registry holds it.
pub(crate) fn boxed<T: TypedCheck + 'static>() -> Box<dyn Check> {
    Box::new(Typed::<T> {
        descriptor: T::DESCRIPTOR,
        check: PhantomData,
    })
}

impl<T: TypedCheck> Check for Typed<T> {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    fn config_schema(&self) -> Value {
        schemars::schema_for!(T::Config).to_value()
    }

    fn validate_config(&self, config: &Value) -> Result<(), Vec<Fault>> {
        read_config::<T>(config).map(|_| ())
    }

    fn run(&self, input: &CheckInput, config: &Value) -> CheckOutcome {
        let mut outcome = match read_config::<T>(config) {
            Ok(config) => T::judge(input, &config),
            // Stored configurations were valid when they were written; a later release may know
            // better, and must not guess.
            Err(_) => error(
                "config_invalid",
                "The configuration of this check is no longer valid.",
            ),
        };
        let rules = format!("{}/{}", self.descriptor.name, T::RULES_VERSION);
        outcome.engine = match outcome.engine.as_str() {
            "" => rules,
            models => format!("{rules} {models}"),
        };
        outcome
    }
}

/// An outcome with one reason and nothing else.
fn bare(status: CheckStatus, code: &str, message: &str) -> CheckOutcome {
    CheckOutcome {
        result: CheckResult::with_reason(status, code, message),
        extracted: None,
        engine: String::new(),
    }
}

/// The check could not be judged, and trying again won't help.
pub(crate) fn error(code: &str, message: &str) -> CheckOutcome {
    bare(CheckStatus::Error, code, message)
}

/// A prerequisite is missing.
pub(crate) fn skipped(code: &str, message: &str) -> CheckOutcome {
    bare(CheckStatus::Skipped, code, message)
}

/// A judgement: passed without `blame`, else failed for these reasons. `notes` are reasons that
/// don't decide.
pub(crate) fn judged(
    blame: Vec<Reason>,
    notes: Vec<Reason>,
    details: &impl Serialize,
) -> CheckOutcome {
    let status = if blame.is_empty() {
        CheckStatus::Passed
    } else {
        CheckStatus::Failed
    };
    let mut result = CheckResult::passed();
    result.status = status;
    result.reasons = blame;
    result.reasons.extend(notes);
    result.details = details_of(details);
    CheckOutcome {
        result,
        extracted: None,
        engine: String::new(),
    }
}

/// Details as JSON. The types are plain structures of our own, which always serialise.
pub(crate) fn details_of(details: &impl Serialize) -> Value {
    serde_json::to_value(details).unwrap_or_else(|_| Value::Object(Map::new()))
}

fn read_config<T: TypedCheck>(config: &Value) -> Result<T::Config, Vec<Fault>> {
    let empty = Value::Object(Map::new());
    let value = if config.is_null() { &empty } else { config };
    // serde would also take a list, value by value.
    if !value.is_object() {
        return Err(vec![Fault::new(
            "",
            FaultCode::WrongType,
            "Must be an object.",
        )]);
    }
    let config: T::Config =
        serde_path_to_error::deserialize(value).map_err(|error| vec![fault_of(&error)])?;
    let mut faults = Vec::new();
    T::check_config(&config, &mut faults);
    if faults.is_empty() {
        Ok(config)
    } else {
        Err(faults)
    }
}

/// Turns serde's words into a fault. The value itself is never repeated.
fn fault_of(error: &serde_path_to_error::Error<serde_json::Error>) -> Fault {
    let path = error.path().to_string();
    let path = if path == "." { "" } else { path.as_str() };
    let text = error.inner().to_string();
    let quoted = text.split('`').nth(1).unwrap_or_default();
    let inside = |name: &str| {
        if path.is_empty() {
            name.to_owned()
        } else {
            format!("{path}.{name}")
        }
    };
    if text.starts_with("unknown field") {
        // serde_path_to_error puts the unknown key into the path on its own.
        let field = if path.ends_with(quoted) {
            path.to_owned()
        } else {
            inside(quoted)
        };
        return Fault::new(
            field,
            FaultCode::UnknownField,
            "This check has no such setting.",
        );
    }
    if text.starts_with("missing field") {
        return Fault::new(
            inside(quoted),
            FaultCode::Required,
            "This setting has to be given.",
        );
    }
    if text.starts_with("unknown variant") {
        let words = text
            .split_once("expected")
            .map_or("", |(_, words)| words.trim());
        let words: String = words.chars().take(200).filter(|c| *c != '`').collect();
        return Fault::new(
            path,
            FaultCode::UnknownValue,
            format_args!("Must be {words}."),
        );
    }
    if text.starts_with("invalid type") {
        let kind = text
            .rsplit_once("expected ")
            .map_or("another type", |(_, kind)| kind);
        return Fault::new(path, FaultCode::WrongType, format_args!("Must be {kind}."));
    }
    Fault::new(
        path,
        FaultCode::Invalid,
        "Not a value that this setting can have.",
    )
}

/// A structure inside a configuration. serde alone would also take a list, value by value.
pub(crate) struct Strict<T>(pub(crate) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Strict<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ObjectVisitor<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
            type Value = Strict<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(Strict)
            }
        }

        deserializer.deserialize_map(ObjectVisitor(PhantomData))
    }
}

/// The configuration of a check that has nothing to configure.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoConfig {}
