//! The machine's clock.

use verifa_core::time::Timestamp;

use super::Examination;
use super::fault::FaultKind;

const SUBJECT: &str = "clock";
/// 2026-01-01: this release did not exist before.
const EARLIEST: Timestamp = Timestamp::from_seconds(1_767_225_600);
/// 2100-01-01.
const LATEST: Timestamp = Timestamp::from_seconds(4_102_444_800);

pub(super) fn examine(examination: &mut Examination<'_>) {
    let now = examination.surroundings.clock.now();
    if now < EARLIEST || now > LATEST {
        let detail = format!("it shows {now}");
        examination
            .report
            .fault(SUBJECT, FaultKind::ClockImplausible, detail);
    } else {
        examination.report.ok(SUBJECT, now.to_string());
    }
}
