//! Whatever strangers wrote: there is a document.

use proptest::prelude::*;
use verifa_report::Picture;
use verifa_report::model::Fact;

use crate::samples;

#[test]
fn texts_that_fit_nowhere() {
    let mut report = samples::simple();
    report.pictures.clear();
    let word = "W".repeat(5_000);
    report.organization.clone_from(&word);
    report.session.external_ref = Some(word.clone());
    report.decision.reason = Some(word.clone());
    report.person.push(Fact::new("address", word.clone()));
    for check in &mut report.checks {
        check.engine.clone_from(&word);
        check.reasons = vec![word.clone(); 12];
    }
    report.timeline.truncate(2);
    for entry in &mut report.timeline {
        entry.actor.clone_from(&word);
    }
    let pdf = report.render().unwrap();
    assert!(pdf.len() > 10_000);
}

#[test]
fn pictures_of_odd_shapes() {
    let mut report = samples::simple();
    for (place, (width, height)) in [(1, 4_000), (4_000, 1)].into_iter().enumerate() {
        let rgb = vec![200; width as usize * height as usize * 3];
        report.pictures[place].picture = Picture::of_rgb(width, height, &rgb).unwrap();
    }
    report.render().unwrap();
    assert!(Picture::of_rgb(2, 2, &[0; 11]).is_err());
    assert!(Picture::of_rgb(0, 5, &[]).is_err());
}

#[test]
fn an_empty_report_is_a_document() {
    let mut report = samples::simple();
    report.organization.clear();
    report.person.clear();
    report.pictures.clear();
    report.checks.clear();
    report.timeline.clear();
    report.anchor = None;
    report.session.external_ref = None;
    report.session.tags.clear();
    report.render().unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_text_is_drawn(texts in prop::collection::vec(any::<String>(), 6)) {
        let mut report = samples::simple();
        report.pictures.clear();
        report.organization.clone_from(&texts[0]);
        report.session.external_ref = Some(texts[1].clone());
        report.decision.reason = Some(texts[2].clone());
        report.person = vec![Fact::new("last_name", texts[3].clone()), Fact::new(texts[4].clone(), "x")];
        report.checks.truncate(1);
        report.checks[0].reasons = vec![texts[5].clone()];
        report.checks[0].policy.clone_from(&texts[4]);
        prop_assert!(report.render().is_ok());
    }
}
