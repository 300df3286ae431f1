//! Every fault brought about for real, and an installation without any.

mod faults;
mod installation;
mod postgres;

use std::fmt::Write as _;

use super::fault::Severity;
use super::*;
use installation::{Installation, NO_MODELS};

fn kinds(report: &Report) -> Vec<FaultKind> {
    report.faults().collect()
}

#[tokio::test]
async fn a_sound_installation_lacks_only_models_here() {
    let installation = Installation::new().await;
    let report = installation.examine().await;
    assert_eq!(kinds(&report), NO_MODELS, "{}", report.to_text());
    assert!(report.to_text().contains("organizations: 1"));
    assert!(
        !installation
            .data_directory()
            .join("blobs/probe")
            .join("x")
            .exists()
    );
}

#[test]
fn no_two_faults_share_a_code_or_a_name() {
    let mut codes: Vec<_> = FaultKind::ALL.iter().map(|kind| kind.exit_code()).collect();
    let mut names: Vec<_> = FaultKind::ALL.iter().map(|kind| kind.name()).collect();
    codes.dedup();
    names.sort_unstable();
    names.dedup();
    assert_eq!(codes.len(), FaultKind::ALL.len());
    assert_eq!(names.len(), FaultKind::ALL.len());
    assert!(codes.iter().all(|code| (10..64).contains(code)));
}

#[test]
fn the_page_lists_every_fault() {
    let page = include_str!("../../../../../../docs/DOCTOR.md");
    let mut table =
        String::from("| code | name | | what it is | what to do |\n|---|---|---|---|---|\n");
    for kind in FaultKind::ALL {
        let severity = match kind.severity() {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let (code, name) = (kind.exit_code(), kind.name());
        let (title, remedy) = (kind.title(), kind.remedy());
        writeln!(
            table,
            "| {code} | `{name}` | {severity} | {title} | {remedy} |"
        )
        .unwrap();
    }
    assert!(
        page.contains(&table),
        "docs/DOCTOR.md should hold this table:\n{table}"
    );
}

#[test]
fn the_worst_fault_decides_the_exit_code() {
    let mut report = Report::default();
    report.ok("clock", "right");
    assert_eq!(report.exit_code(), 0);
    report.fault("disk", FaultKind::DiskNearlyFull, "1 MiB is free");
    assert_eq!(report.exit_code(), 13);
    report.fault("models", FaultKind::ModelsMissing, "text_detection");
    report.fault("address", FaultKind::AddressUnavailable, "in use");
    assert_eq!(report.exit_code(), 27);
    let json = report.to_json();
    assert_eq!(json["exit_code"], 27);
    assert_eq!(json["findings"][0]["outcome"], "ok");
    assert_eq!(json["findings"][1]["outcome"], "warning");
    assert_eq!(json["findings"][2]["fault"], "models_missing");
    assert!(
        json["findings"][3]["remedy"]
            .as_str()
            .is_some_and(|text| !text.is_empty())
    );
    let text = report.to_text();
    assert!(text.contains("WARNING  disk: 1 MiB is free"));
    assert!(text.contains("Errors: 2, warnings: 1."));
}
