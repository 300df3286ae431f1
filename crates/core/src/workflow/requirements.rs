//! What a person has to hand in: given by the operator, or derived from the checks that the
//! operator placed (spec/workflows.md, "Data requirements").

use std::collections::BTreeSet;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::graph::Graph;
use crate::fault::{Fault, FaultCode};
use crate::object::{Object, required, unknown_value, wrong_type};
use crate::session::{Address, ApplicantFields, DocumentType, IdKind};
use crate::vocabulary::vocabulary;

vocabulary! {
    /// How the capture proves that a live person is there.
    LivenessMode {
        /// Not at all.
        Off = "off",
        /// By looking at a burst of frames.
        Passive = "passive",
        /// By challenges as well.
        Active = "active",
    }
}

/// What a session has to bring.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DataRequirements {
    /// The identity document; absent: none is asked for.
    pub document: Option<DocumentRequirement>,
    /// Whether a selfie is taken.
    pub selfie: bool,
    /// The liveness capture.
    pub liveness: LivenessMode,
    /// Fields of the form.
    pub user_info: UserInfo,
    /// The proof of address; absent: none is asked for.
    pub proof_of_address: Option<AddressRequirement>,
    /// Codes by e-mail or telephone.
    pub contact_otp: ContactOtp,
}

/// The identity document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentRequirement {
    /// The kinds that may be handed in.
    pub types: Vec<IdKind>,
    /// Whether it must be handed in.
    pub required: bool,
}

/// Fields of the form.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct UserInfo {
    /// By the name of the applicant's field; parts of the address as `address.city`.
    pub fields: IndexMap<String, FieldRequirement>,
}

/// One field of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FieldRequirement {
    /// Whether the form shows it.
    pub collect: bool,
    /// Whether it must be filled in.
    pub required: bool,
}

/// The proof of address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddressRequirement {
    /// Whether it must be handed in.
    pub required: bool,
    /// Kinds of paper; empty: any.
    pub types: Vec<String>,
    /// How old the paper may be, in days.
    pub max_age_days: u32,
}

/// Codes by e-mail or telephone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ContactOtp {
    /// By e-mail.
    pub email: bool,
    /// By telephone.
    pub phone: bool,
}

/// How old a proof of address may be unless said otherwise (spec/checks.md).
const DEFAULT_ADDRESS_AGE_DAYS: u32 = 90;
/// Most kinds of paper in a list.
const MAXIMUM_TYPES: usize = 50;

impl Default for DataRequirements {
    fn default() -> Self {
        Self {
            document: None,
            selfie: false,
            liveness: LivenessMode::Off,
            user_info: UserInfo::default(),
            proof_of_address: None,
            contact_otp: ContactOtp::default(),
        }
    }
}

/// Checks that look at the identity document.
const READS_DOCUMENT: &[&str] = &[
    "document_ocr",
    "document_expiration",
    "id_document_filter",
    "document_authenticity",
    "face_match",
    "nfc_chip_auth",
    "age_verification",
];

impl DataRequirements {
    /// What the checks that the operator placed need; auto-inserted ones add nothing.
    pub fn derive(graph: &Graph) -> Self {
        let mut needs = Self::default();
        for (policy, config) in graph.operator_checks() {
            if READS_DOCUMENT.contains(&policy) && needs.document.is_none() {
                needs.document = Some(DocumentRequirement {
                    types: IdKind::ALL.to_vec(),
                    required: true,
                });
            }
            match policy {
                "document_ocr" => {
                    if let (Some(types), Some(document)) =
                        (allowed_types(config), &mut needs.document)
                    {
                        document.types = types;
                    }
                }
                "face_match" => needs.selfie = true,
                "liveness" => {
                    needs.selfie = true;
                    let mode = config.get("mode").and_then(Value::as_str);
                    needs.liveness = mode
                        .and_then(LivenessMode::parse)
                        .unwrap_or(LivenessMode::Passive);
                }
                "proof_of_address_check" => needs.proof_of_address = Some(address_from(config)),
                "contact_otp" => needs.contact_otp = channels_from(config),
                _ => {}
            }
        }
        needs
    }

    /// Reads requirements as an operator writes them; unknown keys are offences under `path`.
    pub fn parse(path: &str, value: &Value, faults: &mut Vec<Fault>) -> Self {
        let mut needs = Self::default();
        let Some(mut object) = Object::open(path, value, faults) else {
            return needs;
        };
        needs.document =
            open(&mut object, "document", faults).map(|inner| parse_document(inner, faults));
        needs.selfie = object.flag("selfie", faults).unwrap_or(false);
        let modes = &["off", "passive", "active"];
        needs.liveness = object
            .word("liveness", modes, faults)
            .unwrap_or(LivenessMode::Off);
        if let Some(inner) = open(&mut object, "user_info", faults) {
            needs.user_info = parse_user_info(inner, faults);
        }
        needs.proof_of_address =
            open(&mut object, "proof_of_address", faults).map(|inner| parse_address(inner, faults));
        if let Some(mut inner) = open(&mut object, "contact_otp", faults) {
            needs.contact_otp = ContactOtp {
                email: inner.flag("email", faults).unwrap_or(false),
                phone: inner.flag("phone", faults).unwrap_or(false),
            };
            inner.refuse_unknown(faults);
        }
        object.refuse_unknown(faults);
        needs
    }

    /// What is still missing before a session can be submitted, each by its name: `id_front`,
    /// `id_back` where `kind` is known to be two-sided, `selfie`, `proof_of_address`, and required
    /// fields. Liveness frames and codes come through the capture page, which keeps its own count.
    pub fn missing(
        &self,
        documents: &BTreeSet<DocumentType>,
        kind: Option<IdKind>,
        fields: &ApplicantFields,
    ) -> Vec<Fault> {
        let mut wanted = Vec::new();
        if self
            .document
            .as_ref()
            .is_some_and(|document| document.required)
        {
            wanted.push(DocumentType::IdFront);
            if kind.is_some_and(IdKind::is_two_sided) {
                wanted.push(DocumentType::IdBack);
            }
        }
        if self.selfie {
            wanted.push(DocumentType::Selfie);
        }
        if self
            .proof_of_address
            .as_ref()
            .is_some_and(|address| address.required)
        {
            wanted.push(DocumentType::ProofOfAddress);
        }
        let mut faults: Vec<Fault> = wanted
            .into_iter()
            .filter(|document| !documents.contains(document))
            .map(|document| {
                let message = "This document has to be uploaded first.";
                Fault::new(document, FaultCode::Required, message)
            })
            .collect();
        for (name, requirement) in &self.user_info.fields {
            if requirement.required && !fields.has(name) {
                faults.push(required(format_args!("fields.{name}")));
            }
        }
        faults
    }

    /// Whether a form field must be filled in.
    pub fn requires_field(&self, name: &str) -> bool {
        self.user_info
            .fields
            .get(name)
            .is_some_and(|field| field.required)
    }
}

fn allowed_types(config: &Value) -> Option<Vec<IdKind>> {
    let types = config.get("allowed_types")?.as_array()?.iter();
    let types: Vec<IdKind> = types
        .filter_map(|item| IdKind::parse(item.as_str()?))
        .collect();
    (!types.is_empty()).then_some(types)
}

fn address_from(config: &Value) -> AddressRequirement {
    let types = config.get("types").and_then(Value::as_array);
    let days = config.get("max_age_days").and_then(Value::as_u64);
    AddressRequirement {
        required: true,
        types: types
            .map(|items| {
                items
                    .iter()
                    .filter_map(Value::as_str)
                    .map(str::to_owned)
                    .collect()
            })
            .unwrap_or_default(),
        max_age_days: days
            .and_then(|days| u32::try_from(days).ok())
            .unwrap_or(DEFAULT_ADDRESS_AGE_DAYS),
    }
}

fn channels_from(config: &Value) -> ContactOtp {
    match config.get("channels").and_then(Value::as_array) {
        Some(channels) => ContactOtp {
            email: channels.iter().any(|channel| channel == "email"),
            phone: channels.iter().any(|channel| channel == "phone"),
        },
        None => ContactOtp {
            email: true,
            phone: false,
        },
    }
}

fn open<'a>(
    object: &mut Object<'a>,
    name: &'static str,
    faults: &mut Vec<Fault>,
) -> Option<Object<'a>> {
    let value = object.get(name)?;
    Object::open(&object.at(name), value, faults)
}

fn parse_document(mut object: Object<'_>, faults: &mut Vec<Fault>) -> DocumentRequirement {
    let known: Vec<&str> = IdKind::ALL.iter().map(|kind| kind.as_str()).collect();
    let path = object.at("types");
    let mut types = Vec::new();
    for (position, item) in object
        .list("types", faults)
        .unwrap_or_default()
        .iter()
        .enumerate()
    {
        let path = format!("{path}[{position}]");
        match item.as_str().map(IdKind::parse) {
            Some(Some(kind)) if types.contains(&kind) => {
                faults.push(Fault::new(
                    path,
                    FaultCode::Duplicate,
                    "The same kind twice.",
                ));
            }
            Some(Some(kind)) => types.push(kind),
            Some(None) => faults.push(unknown_value(path, &known)),
            None => faults.push(wrong_type(path, "a string")),
        }
        if faults.len() > MAXIMUM_TYPES {
            break;
        }
    }
    if types.is_empty() {
        types = IdKind::ALL.to_vec();
    }
    let required = object.flag("required", faults).unwrap_or(true);
    object.refuse_unknown(faults);
    DocumentRequirement { types, required }
}

fn parse_user_info(mut object: Object<'_>, faults: &mut Vec<Fault>) -> UserInfo {
    let path = object.at("fields");
    let mut info = UserInfo::default();
    for (name, value) in object.map("fields", faults).into_iter().flatten() {
        let path = format!("{path}.{name}");
        let known = name == "address"
            || ApplicantFields::FIELDS.contains(&name.as_str())
            || name
                .strip_prefix("address.")
                .is_some_and(|part| Address::FIELDS.contains(&part));
        if !known {
            faults.push(Fault::new(
                path,
                FaultCode::UnknownField,
                "No applicant field of this name.",
            ));
            if faults.len() > MAXIMUM_TYPES {
                break;
            }
            continue;
        }
        let Some(mut field) = Object::open(&path, value, faults) else {
            continue;
        };
        let required = field.flag("required", faults).unwrap_or(false);
        let collect = field.flag("collect", faults).unwrap_or(required);
        field.refuse_unknown(faults);
        info.fields
            .insert(name.clone(), FieldRequirement { collect, required });
    }
    object.refuse_unknown(faults);
    info
}

fn parse_address(mut object: Object<'_>, faults: &mut Vec<Fault>) -> AddressRequirement {
    let path = object.at("types");
    let mut types = Vec::new();
    for (position, item) in object
        .list("types", faults)
        .unwrap_or_default()
        .iter()
        .enumerate()
    {
        match item.as_str() {
            Some(text) if (1..=64).contains(&text.len()) && position < MAXIMUM_TYPES => {
                types.push(text.to_owned());
            }
            _ => {
                faults.push(Fault::new(
                    format_args!("{path}[{position}]"),
                    FaultCode::Invalid,
                    "Must be one of at most 50 texts of 1 to 64 characters.",
                ));
                break;
            }
        }
    }
    let requirement = AddressRequirement {
        required: object.flag("required", faults).unwrap_or(true),
        types,
        max_age_days: object
            .integer("max_age_days", 1..=3_650, faults)
            .unwrap_or(DEFAULT_ADDRESS_AGE_DAYS),
    };
    object.refuse_unknown(faults);
    requirement
}
