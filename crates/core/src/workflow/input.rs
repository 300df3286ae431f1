//! The bodies of the calls that create and change a workflow.
//!
//! Unknown keys are refused at every level: a misspelt `on_fial` must never become a default.

use serde_json::Value;

use super::compile::{Compiled, Content, Format, Profile};
use super::graph::Graph;
use super::requirements::DataRequirements;
use super::screening::ScreeningSettings;
use super::validate::PolicyCatalog;
use super::versions::makes_version;
use crate::change::Change;
use crate::fault::{Fault, FaultCode};
use crate::object::{Object, required, wrong_type};
use crate::session::{check_text, metadata};

/// Most characters of a name.
pub const MAXIMUM_NAME: usize = 200;
/// Most characters of a description or a purpose.
pub const MAXIMUM_DESCRIPTION: usize = 2_000;

/// The fields of a workflow that make no version. `None`: not named.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Attributes {
    /// The name.
    pub name: Option<String>,
    /// What it is for, in words.
    pub description: Change<String>,
    /// Why the data is processed.
    pub purpose: Change<String>,
    /// The checklist that it fulfils.
    pub profile: Change<Profile>,
    /// Whether it becomes the organization's default.
    pub is_default: Option<bool>,
    /// Positions for the builder; no meaning.
    pub graph_layout: Change<Value>,
    /// The share of new sessions that take the newest version, 0 to 100.
    pub rollout_percentage: Option<u8>,
}

/// A body that passed: what to store.
#[derive(Debug, Clone, PartialEq)]
pub struct WorkflowInput {
    /// The fields that make no version.
    pub attributes: Attributes,
    /// The content from now on.
    pub content: Content,
    /// The content, compiled.
    pub compiled: Compiled,
    /// Whether the content differs from the current version's; always so for a new workflow.
    pub new_version: bool,
}

/// Reads the body of a create call.
pub fn create(body: &Value, catalog: &dyn PolicyCatalog) -> Result<WorkflowInput, Vec<Fault>> {
    read(body, None, None, catalog)
}

/// Reads the body of an update call against the current version's content and profile.
pub fn update(
    body: &Value,
    current: &Content,
    profile: Option<Profile>,
    catalog: &dyn PolicyCatalog,
) -> Result<WorkflowInput, Vec<Fault>> {
    read(body, Some(current), profile, catalog)
}

fn read(
    body: &Value,
    current: Option<&Content>,
    profile: Option<Profile>,
    catalog: &dyn PolicyCatalog,
) -> Result<WorkflowInput, Vec<Fault>> {
    let mut faults = Vec::new();
    let Some(mut object) = Object::open("", body, &mut faults) else {
        return Err(faults);
    };
    metadata::check_value("body", body, &mut faults);
    let attributes = read_attributes(&mut object, current.is_some(), &mut faults);
    let content = read_content(&mut object, current, &mut faults);
    object.refuse_unknown(&mut faults);
    let Some(content) = content else {
        return Err(faults);
    };
    let compiled = match content.compile(catalog) {
        Ok(compiled) => compiled,
        Err(found) => {
            faults.extend(found);
            return Err(faults);
        }
    };
    if attributes.profile.clone().over(profile) == Some(Profile::UsEnhanced) {
        check_us_enhanced(&compiled.graph, &compiled.requirements, &mut faults);
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    Ok(WorkflowInput {
        attributes,
        new_version: current.is_none_or(|current| makes_version(current, &content)),
        content,
        compiled,
    })
}

fn read_attributes(object: &mut Object<'_>, updating: bool, faults: &mut Vec<Fault>) -> Attributes {
    let name = match object.raw("name") {
        None if updating => None,
        None => {
            faults.push(required("name"));
            None
        }
        Some(Value::String(name)) => {
            faults.extend(check_text("name", name, MAXIMUM_NAME).err());
            Some(name.clone())
        }
        Some(_) => {
            faults.push(wrong_type("name", "a string"));
            None
        }
    };
    Attributes {
        name,
        description: clearable_text(object, "description", faults),
        purpose: clearable_text(object, "purpose", faults),
        profile: clearable(object, "profile", |object| {
            object.word("profile", &["us_enhanced"], faults)
        }),
        is_default: object.flag("is_default", faults),
        graph_layout: clearable(object, "graph_layout", |object| {
            object.get("graph_layout").cloned()
        }),
        rollout_percentage: if updating {
            let percentage = object.integer("rollout_percentage", 0..=100, faults);
            percentage.and_then(|value| u8::try_from(value).ok())
        } else {
            None
        },
    }
}

/// Reads a field that `null` empties. An offence counts as not named.
fn clearable<'a, T>(
    object: &mut Object<'a>,
    name: &'static str,
    read: impl FnOnce(&mut Object<'a>) -> Option<T>,
) -> Change<T> {
    match object.raw(name) {
        None => Change::Keep,
        Some(Value::Null) => Change::Clear,
        Some(_) => read(object).map_or(Change::Keep, Change::Set),
    }
}

fn clearable_text(
    object: &mut Object<'_>,
    name: &'static str,
    faults: &mut Vec<Fault>,
) -> Change<String> {
    clearable(object, name, |object| {
        let text = object.text(name, faults)?;
        if !text.is_empty() {
            faults.extend(check_text(name, text, MAXIMUM_DESCRIPTION).err());
        }
        Some(text.to_owned())
    })
}

fn read_content(
    object: &mut Object<'_>,
    current: Option<&Content>,
    faults: &mut Vec<Fault>,
) -> Option<Content> {
    let named = object.word::<Format>("format", &["steps", "graph"], faults);
    let steps = object.get("steps");
    let graph = object.get("graph");
    let mut content = match (steps, graph, current) {
        (Some(_), Some(_), _) => {
            let message = "Give either steps or graph, not both.";
            faults.push(Fault::new("graph", FaultCode::Invalid, message));
            return None;
        }
        (Some(steps), None, _) => Content::from_steps(steps.clone()),
        (None, Some(graph), _) => Content::from_graph(graph.clone()),
        (None, None, Some(current)) => current.clone(),
        (None, None, None) => {
            let message = "Give steps or a graph.";
            faults.push(Fault::new("steps", FaultCode::Required, message));
            return None;
        }
    };
    if let Some(current) = current {
        content
            .data_requirements
            .clone_from(&current.data_requirements);
        content
            .screening_settings
            .clone_from(&current.screening_settings);
    }
    if named.is_some_and(|named| named != content.format) {
        let message = "Must name the one of steps and graph that is given.";
        faults.push(Fault::new("format", FaultCode::Invalid, message));
    }
    let given = clearable(object, "data_requirements", |object| {
        let value = object.get("data_requirements")?;
        Some(DataRequirements::parse("data_requirements", value, faults))
    });
    content.data_requirements = given.over(content.data_requirements);
    let given = clearable(object, "screening_settings", |object| {
        let value = object.get("screening_settings")?;
        Some(ScreeningSettings::parse(
            "screening_settings",
            value,
            faults,
        ))
    });
    content.screening_settings = given.over(content.screening_settings);
    Some(content)
}

/// The checklist of the profile (spec/workflows.md, "Object").
fn check_us_enhanced(graph: &Graph, needs: &DataRequirements, faults: &mut Vec<Fault>) {
    let mut miss = |what: &str| {
        let message = format!("The profile us_enhanced needs {what}.");
        faults.push(Fault::new("profile", FaultCode::Invalid, message));
    };
    for policy in ["document_ocr", "face_match"] {
        if graph.node_of(policy).is_none() {
            miss(policy);
        }
    }
    if !needs
        .proof_of_address
        .as_ref()
        .is_some_and(|address| address.required)
    {
        miss("a required proof of address");
    }
    if !needs.contact_otp.email && !needs.contact_otp.phone {
        miss("a contact code by e-mail or telephone");
    }
    if !needs.requires_field("first_name") || !needs.requires_field("last_name") {
        miss("the required fields first_name and last_name");
    }
}
