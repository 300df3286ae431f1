//! The fields that events tell of their subjects, each written once.

use super::shape::{Field, Kind};
use crate::session::{RejectionReasonCode, Status};

/// What every body begins with.
pub(super) const ENVELOPE: &[Field] = &[
    Field::new("event", Kind::Text, "null", "The event's name."),
    Field::new(
        "idempotency_key",
        Kind::Id("idk_"),
        r#""idk_01kcd2fgpzeq7v5rk1yh3b6a9d""#,
        "The same over all tries and in the feed: remember it to act once.",
    ),
    Field::new(
        "created_at",
        Kind::Time,
        r#""2026-02-01T12:00:00.000Z""#,
        "When the fact was.",
    ),
];

pub(super) const SESSION_ID: Field = Field::new(
    "session_id",
    Kind::Id("ses_"),
    r#""ses_01kcd2fgpzeq7v5rk1yh3b6a9d""#,
    "The session.",
);
pub(super) const EXTERNAL_REF: Field = Field::new(
    "external_ref",
    Kind::Text,
    r#""customer-4711""#,
    "Your own reference.",
)
.nullable();
pub(super) const IS_SANDBOX: Field = Field::new(
    "is_sandbox",
    Kind::Flag,
    "false",
    "Whether it happened in the sandbox.",
);
pub(super) const IDENTITY_ID: Field = Field::new(
    "identity_id",
    Kind::Id("idn_"),
    r#""idn_01kcd2fgpzeq7v5rk1yh3b6a9d""#,
    "The identity.",
);
pub(super) const CASE_ID: Field = Field::new(
    "case_id",
    Kind::Id("case_"),
    r#""case_01kcd2fgpzeq7v5rk1yh3b6a9d""#,
    "The review case.",
);
pub(super) const RUN_ID: Field = Field::new(
    "run_id",
    Kind::Id("run_"),
    r#""run_01kcd2fgpzeq7v5rk1yh3b6a9d""#,
    "The run of the workflow.",
);
pub(super) const NODE: Field = Field::new(
    "node",
    Kind::Text,
    r#""gate""#,
    "The node of the workflow's graph.",
);

/// A status that is one of `words`.
pub(super) const fn status(words: fn() -> Vec<&'static str>, example: &'static str) -> Field {
    Field::new("status", Kind::Word(words), example, "Where it stands.")
}

/// The state of a session, where an event says no more than that.
pub(super) const SESSION_STATUS: Field = Field::new(
    "status",
    Kind::Word(|| Status::ALL.iter().map(|status| status.as_str()).collect()),
    r#""processing""#,
    "The session's status.",
);

/// The decision, which stands in `status`.
pub(super) const fn decision(words: fn() -> Vec<&'static str>, example: &'static str) -> Field {
    Field::new("status", Kind::Word(words), example, "The decision.")
}

const fn read(name: &'static str, example: &'static str, text: &'static str) -> Field {
    Field::new(name, Kind::Text, example, text).optional()
}

const ADDRESS: &[Field] = &[
    read("line1", r#""1 Main Street""#, "Street and number."),
    read("line2", r#""Apartment 2""#, "Further line."),
    read("city", r#""Springfield""#, "City."),
    read("state", r#""IL""#, "State or region."),
    read("zip", r#""62701""#, "Postal code."),
];

/// What was read from the document.
const EXTRACTED: &[Field] = &[
    read("first_name", r#""Jane""#, "Given names."),
    read(
        "middle_name",
        r#""Q.""#,
        "Further given names, where they are told apart.",
    ),
    read("last_name", r#""Doe""#, "Surname."),
    Field::new(
        "date_of_birth",
        Kind::Date,
        r#""1997-06-15""#,
        "Birth date.",
    )
    .optional(),
    Field::new(
        "address",
        Kind::Object(ADDRESS),
        r#"{"line1": "1 Main Street", "city": "Springfield", "state": "IL", "zip": "62701"}"#,
        "Address as printed; each part only where it was read.",
    )
    .optional(),
    read("document_number", r#""D1234567""#, "Document number."),
    read(
        "nationality",
        r#""USA""#,
        "Nationality as printed, the letters of ICAO 9303-3 §5.",
    ),
    read("gender", r#""F""#, "`M`, `F` or `X`."),
    read(
        "ssn",
        r#""078-05-1120""#,
        "Social security number, where a document bears it.",
    ),
    read(
        "document_type",
        r#""drivers_license""#,
        "Kind of the document.",
    ),
    Field::new(
        "document_expiration_date",
        Kind::Date,
        r#""2031-06-15""#,
        "Last day of validity.",
    )
    .optional(),
    read(
        "document_issuing_state",
        r#""IL""#,
        "Issuing state as printed.",
    ),
    read("document_issuing_country", r#""USA""#, "Issuing country."),
    Field::new(
        "document_issue_date",
        Kind::Date,
        r#""2023-06-15""#,
        "Day of issue.",
    )
    .optional(),
];

const RESULT: &[Field] = &[
    Field::new(
        "face_match_passed",
        Kind::Flag,
        "true",
        "Whether the selfie matches the document; null where it was not compared.",
    )
    .nullable(),
    Field::new(
        "age_check_passed",
        Kind::Flag,
        "true",
        "Whether the person is old enough; null where it was not asked.",
    )
    .nullable(),
    Field::new(
        "extracted_data",
        Kind::Object(EXTRACTED),
        r#"{"first_name": "Jane", "last_name": "Doe", "date_of_birth": "1997-06-15",
            "document_type": "drivers_license"}"#,
        "What was read; a field that was not read is left out.",
    )
    .personal(),
];

/// What every decision tells.
pub(super) const DECIDED: &[Field] = &[
    IDENTITY_ID.nullable().such_as("null"),
    Field::new(
        "result",
        Kind::Object(RESULT),
        r#"{"face_match_passed": true, "age_check_passed": true,
            "extracted_data": {"first_name": "Jane", "last_name": "Doe"}}"#,
        "The result in short; the rest is in the results call.",
    )
    .nullable(),
];

fn codes() -> Vec<&'static str> {
    let all = RejectionReasonCode::ALL.iter();
    all.map(|code| code.as_str()).collect()
}

const REASON_CODE: Field = Field::new(
    "rejection_reason_code",
    Kind::Word(codes),
    r#""document_expired""#,
    "Why it was rejected, for programs.",
)
.nullable();

/// What a reviewer's decision tells.
pub(super) const REVIEWED: &[Field] = &[
    CASE_ID,
    Field::new(
        "reviewer_id",
        Kind::Text,
        r#""reviewer-7""#,
        "Who decided, as the call named them.",
    )
    .nullable(),
    REASON_CODE,
];

/// Why something was rejected.
pub(super) const REJECTED: &[Field] = &[
    REASON_CODE,
    Field::new(
        "rejection_reason",
        Kind::Text,
        r#""The document has expired.""#,
        "Why, in a sentence that can be shown to the person.",
    )
    .nullable(),
];

const GROUND: &[Field] = &[
    NODE,
    Field::new(
        "policy",
        Kind::Text,
        r#""document_ocr""#,
        "The check, if it was one.",
    )
    .optional(),
    Field::new("code", Kind::Text, r#""timeout""#, "The reason's code."),
];

/// Why a run broke.
pub(super) const GROUNDS: Field = Field::new(
    "reasons",
    Kind::List(&Kind::Object(GROUND)),
    r#"[{"node": "scan", "policy": "document_ocr", "code": "timeout"}]"#,
    "What broke; empty where the engine itself did.",
);

/// What a check of names and numbers came to.
pub(super) const CHECK: &[Field] = &[
    Field::new(
        "check_id",
        Kind::Id("schk_"),
        r#""schk_01kcd2fgpzeq7v5rk1yh3b6a9d""#,
        "The check.",
    ),
    Field::new("check_type", Kind::Text, r#""sanction""#, "Its type."),
    EXTERNAL_REF,
    SESSION_ID.nullable().such_as("null"),
    IDENTITY_ID.nullable(),
    IS_SANDBOX,
];

/// The number of hits.
pub(super) const HITS: &[Field] = &[
    Field::new(
        "has_match",
        Kind::Flag,
        "true",
        "Whether anything was found.",
    ),
    Field::new(
        "hit_count",
        Kind::Count,
        "1",
        "How many entries were found.",
    ),
];

const HIT: &[Field] = &[
    Field::new(
        "id",
        Kind::Id("hit_"),
        r#""hit_01kcd2fgpzeq7v5rk1yh3b6a9d""#,
        "The hit.",
    ),
    Field::new(
        "list",
        Kind::Text,
        r#""ofac_sdn""#,
        "The list that it is on.",
    ),
    Field::new(
        "entity_id",
        Kind::Text,
        r#""12345""#,
        "The entry's id on that list.",
    ),
    Field::new(
        "name",
        Kind::Text,
        r#""DOE, Jane""#,
        "The name on the list.",
    )
    .personal()
    .nullable(),
    Field::new("score", Kind::Share, "0.94", "How near it is."),
];

/// The hits that monitoring found.
pub(super) const NEW_HITS: Field = Field::new(
    "hits",
    Kind::List(&Kind::Object(HIT)),
    r#"[{"id": "hit_01kcd2fgpzeq7v5rk1yh3b6a9d", "list": "ofac_sdn", "entity_id": "12345",
        "name": "DOE, Jane", "score": 0.94}]"#,
    "The new hits only.",
);

/// What every event of an identity tells.
pub(super) const IDENTITY: &[Field] = &[
    IDENTITY_ID,
    EXTERNAL_REF,
    Field::new(
        "status",
        Kind::Word(|| {
            vec![
                "pending", "verified", "rejected", "failed", "redacted", "merged",
            ]
        }),
        r#""verified""#,
        "The identity's status.",
    ),
    IS_SANDBOX,
];
