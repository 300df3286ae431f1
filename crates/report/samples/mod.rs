//! Reports of sessions that never were, for tests, benchmarks and for looking at.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    missing_docs,
    unreachable_pub,
    reason = "each user takes a part of it"
)]

use std::sync::OnceLock;

use verifa_core::session::{CheckStatus, DocumentType, ProcessingMode, ResultStatus};
use verifa_core::time::Timestamp;
use verifa_report::model::{
    AnchorCheckpoint, AuditAnchor, CheckEntry, Decision, Fact, Making, PersonalData, ReportPicture,
    ScreeningHit, SessionFacts, TimelineEntry,
};
use verifa_report::{Picture, SessionReport};
use verifa_specimen::{Damage, Holder, PictureKind, QuarterTurns, Specimen, not_documents};

pub const SESSION: &str = "ses_01kcd2fgpzeq7v5rk1yh3b6a9d";
const KEY: &str = "key_01kcd2fgpzeq7v5rk1yh3b6a9d";

/// A time on the morning of 2026-02-01, UTC.
fn at(seconds: i64, milliseconds: i64) -> Timestamp {
    Timestamp::from_micros((1_769_940_000 + seconds) * 1_000_000 + milliseconds * 1_000)
}

/// Width, height, and triples of red, green, blue.
pub type Pixels = (u32, u32, Vec<u8>);

/// A drawn passport as photographed.
pub fn passport() -> Pixels {
    static DRAWN: OnceLock<Pixels> = OnceLock::new();
    DRAWN.get_or_init(draw_passport).clone()
}

fn draw_passport() -> Pixels {
    let holder = Holder::example(3, jiff::civil::date(2026, 2, 1));
    let specimen = Specimen::passport(3, &holder).unwrap();
    let image = specimen
        .photograph(3, Damage::Light, QuarterTurns::None)
        .image;
    (image.width(), image.height(), image.into_raw())
}

/// A drawn face.
pub fn face() -> Pixels {
    let image = not_documents(1, 12)
        .find(|picture| picture.kind == PictureKind::Face)
        .unwrap()
        .image;
    (image.width(), image.height(), image.into_raw())
}

fn picture(kind: DocumentType, seconds: i64, (width, height, rgb): Pixels) -> ReportPicture {
    ReportPicture {
        kind,
        received_at: at(seconds, 120),
        picture: Picture::of_rgb(width, height, &rgb).unwrap(),
    }
}

fn facts(pairs: &[(&str, &str)]) -> Vec<Fact> {
    pairs
        .iter()
        .map(|(name, value)| Fact::new(*name, *value))
        .collect()
}

fn check(policy: &str, status: CheckStatus, evidence: &[(&str, &str)]) -> CheckEntry {
    CheckEntry {
        policy: policy.to_owned(),
        status,
        score: None,
        reasons: Vec::new(),
        evidence: facts(evidence),
        engine: format!("{policy}/1"),
        attempt: 1,
        started_at: at(95, 10),
        duration_ms: Some(1),
    }
}

fn event(seconds: i64, event: &str, actor: &str, particulars: &[(&str, &str)]) -> TimelineEntry {
    TimelineEntry {
        at: at(seconds, 7),
        event: event.to_owned(),
        particulars: facts(particulars),
        actor: actor.to_owned(),
        sequence: Some(41_000 + seconds),
    }
}

fn checks() -> Vec<CheckEntry> {
    let mut read = check(
        "document_ocr",
        CheckStatus::Passed,
        &[
            ("zone", "TD3"),
            ("issued_by", "UTO"),
            ("check_digits", "5 of 5 right"),
            ("least_confidence", "0.981"),
        ],
    );
    read.score = Some(0.993);
    "document_ocr/1 ppocr-det@5f2f0b6c ppocr-rec@9ad1c0de".clone_into(&mut read.engine);
    read.duration_ms = Some(427);
    vec![
        read,
        check(
            "document_expiration",
            CheckStatus::Passed,
            &[("days_until_expiry", "1634")],
        ),
        check(
            "age_verification",
            CheckStatus::Passed,
            &[("age", "51"), ("minimum_age", "18"), ("source", "mrz")],
        ),
        check(
            "auto_approve",
            CheckStatus::Passed,
            &[("checks_considered", "3")],
        ),
    ]
}

/// One page: a passport, approved.
pub fn simple() -> SessionReport {
    SessionReport {
        organization: "Example Bank AG".to_owned(),
        is_sandbox: false,
        session: SessionFacts {
            id: SESSION.to_owned(),
            status: "completed".to_owned(),
            external_ref: Some("customer-4711".to_owned()),
            created_at: at(0, 0),
            submitted_at: Some(at(94, 900)),
            country: Some("DE".to_owned()),
            workflow: Some("KYC with a gate, version 3".to_owned()),
            run_id: Some("run_01kcd2hv2qf3x9w8n5t7m4p6r1".to_owned()),
            case_id: None,
            tags: vec!["retail".to_owned(), "vip".to_owned()],
        },
        decision: Decision {
            outcome: ResultStatus::Approved,
            mode: ProcessingMode::Workflow,
            decided_at: at(131, 402),
            changed_at: None,
            reason: None,
            reason_code: None,
        },
        personal_data: PersonalData::Shown,
        person: facts(&[
            ("last_name", "Eriksson"),
            ("first_name", "Anna Maria"),
            ("date_of_birth", "1974-08-12"),
            ("gender", "F"),
            ("nationality", "UTO"),
            ("document_type", "passport"),
            ("document_number", "L898902C3"),
            ("document_issuing_country", "UTO"),
            ("document_expiration_date", "2030-07-25"),
            ("extracted_age", "51"),
        ]),
        pictures: vec![
            picture(DocumentType::IdFront, 60, passport()),
            picture(DocumentType::Selfie, 82, face()),
        ],
        checks: checks(),
        screening_hits: Vec::new(),
        timeline: vec![
            event(0, "session.created", KEY, &[]),
            event(
                60,
                "document.uploaded",
                KEY,
                &[("document_type", "id_front")],
            ),
            event(94, "session.submitted", KEY, &[]),
            event(
                96,
                "session.awaiting_external",
                "system",
                &[("node", "gate")],
            ),
            event(
                131,
                "session.external_decision",
                KEY,
                &[("decision", "continue")],
            ),
            event(132, "session.decided", "system", &[("outcome", "approved")]),
        ],
        earlier_left_out: false,
        anchor: Some(AuditAnchor {
            sequence: 41_132,
            hash: (0..32).collect(),
            checkpoint: Some(AnchorCheckpoint {
                sequence: 41_132,
                hash: (0..32).collect(),
                signed_at: at(132, 300),
                signature: (0..64).map(|byte| byte * 3).collect(),
                public_key: (100..132).collect(),
            }),
        }),
        making: Making {
            at: at(4_000, 0),
            by: "Verifa 0.1.0".to_owned(),
            asked_by: KEY.to_owned(),
        },
    }
}

/// Several pages: a rejection with everything that a report can hold.
pub fn long() -> SessionReport {
    let mut report = simple();
    report.is_sandbox = true;
    report.decision = Decision {
        outcome: ResultStatus::Rejected,
        mode: ProcessingMode::Manual,
        decided_at: at(131, 402),
        changed_at: Some(at(3_600, 0)),
        reason: Some(
            "The face of the person is not the face on the document, and the name typed differs \
             from the name read."
                .to_owned(),
        ),
        reason_code: Some("face_mismatch".to_owned()),
    };
    report.session.external_ref = Some(format!("long-reference-{}", "0123456789".repeat(20)));
    report.session.case_id = Some("case_01kcd2hv2qf3x9w8n5t7m4p6r1".to_owned());
    report.pictures = vec![
        picture(DocumentType::IdFront, 60, passport()),
        picture(DocumentType::IdBack, 61, passport()),
        picture(DocumentType::Selfie, 82, face()),
        picture(DocumentType::ProofOfAddress, 83, passport()),
    ];
    let mut face = check(
        "face_match",
        CheckStatus::Failed,
        &[("similarity", "0.312"), ("threshold", "0.450")],
    );
    face.score = Some(0.312);
    face.attempt = 2;
    face.reasons = vec!["The selfie does not show the holder of the document.".to_owned()];
    let mut crossref = check(
        "identity_crossref",
        CheckStatus::Failed,
        &[
            ("first_name", "agrees (0.97)"),
            ("last_name", "differs (0.41)"),
            ("date_of_birth", "agrees (1.00)"),
            ("document_number", "agrees (1.00)"),
        ],
    );
    crossref.reasons = vec!["What was typed differs from the document.".to_owned()];
    report.checks.extend([face, crossref]);
    for (policy, status, reason) in [
        (
            "liveness",
            CheckStatus::Error,
            "The check took longer than it may.",
        ),
        (
            "watchlist_screening",
            CheckStatus::Skipped,
            "Screening is not part of this release.",
        ),
        (
            "risk_assessment",
            CheckStatus::Skipped,
            "Risk assessment is not part of this release.",
        ),
    ] {
        let mut entry = check(policy, status, &[]);
        entry.reasons = vec![reason.to_owned()];
        report.checks.push(entry);
    }
    report.screening_hits = (0..6)
        .map(|index| ScreeningHit {
            list: "Consolidated list of persons, groups and entities".to_owned(),
            name: format!("ERIKSON, Anna M. ({index})"),
            score: 0.871 - f64::from(index) / 50.0,
            status: "open".to_owned(),
            particulars: facts(&[
                ("birth_dates", "1974-08-12, 1975"),
                ("countries", "UTO"),
                ("programmes", "EXAMPLE-1, EXAMPLE-2"),
            ]),
        })
        .collect();
    report.timeline.extend((0..40).map(|index| {
        event(
            200 + index,
            "session.updated",
            KEY,
            &[("fields", "external_ref, metadata")],
        )
    }));
    report.timeline.push(event(
        3_600,
        "case.rejected",
        "reviewer-anna",
        &[("reason_code", "face_mismatch")],
    ));
    report
}

/// Names that are read from right to left, and letters that no font here has.
pub fn right_to_left() -> SessionReport {
    let mut report = simple();
    "بنك المثال – Example Bank".clone_into(&mut report.organization);
    report.session.external_ref = Some("לקוח 4711 (VIP)".to_owned());
    report.person = facts(&[
        ("last_name", "الخوارزمي"),
        ("first_name", "محمد بن موسى"),
        ("middle_name", "אַבְרָהָם בן־דוד"),
        ("date_of_birth", "1974-08-12"),
        ("nationality", "Nguyễn Łódź Žižková Ελλάδα Україна"),
        ("address", "شارع الملك فهد 12، الرياض 11564"),
        ("document_number", "王小明 A123"),
    ]);
    report
}

/// What remains when personal data was erased.
pub fn redacted() -> SessionReport {
    let mut report = simple();
    report.personal_data = PersonalData::Erased;
    report.person.clear();
    report.pictures.clear();
    for check in &mut report.checks {
        check.evidence.clear();
    }
    report.timeline.push(event(
        900,
        "session.redacted",
        KEY,
        &[("documents_removed", "2")],
    ));
    report
}
