//! What was answered is there after the power fails.
//!
//! A process that is merely killed loses nothing that it wrote: the system still has it. So the
//! writer runs on a disk that loses what was not synced (`shim/lossy_disk.c`). A control without
//! syncing shows that the loss would be seen.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a failing helper is a failing test"
)]

mod check;
mod lossy;
mod workload;

use std::path::Path;

use verifa_store::db::Synchronous;

use crate::check::Ledger;
use crate::lossy::{Crash, run_until_crash};

/// Crashes of the main test; enough for commits, checkpoints and truncations to be hit. A soak
/// sets `VERIFA_CRASHES` higher.
const CRASHES: u32 = 36;

/// Percentages of unsynced writes that reach the disk all the same.
const KEPT: [u32; 4] = [0, 30, 60, 95];

#[test]
fn every_answered_commit_survives_the_loss_of_unsynced_writes() {
    let directory = tempfile::tempdir().unwrap();
    workload::make_schema(directory.path());
    let mut ledger = Ledger::default();
    let crashes = std::env::var("VERIFA_CRASHES").map(|number| number.parse().unwrap());
    let crashes = crashes.unwrap_or(CRASHES);
    for (run, keep) in (0..crashes).zip(KEPT.into_iter().cycle()) {
        let crash = Crash {
            run,
            keep,
            synchronous: Synchronous::Full,
            disk_fills: false,
        };
        run_until_crash(directory.path(), crash, &mut ledger);
        let faults = ledger.faults(directory.path());
        assert!(
            faults.is_empty(),
            "after crash {run}, {keep} % kept: {faults:#?}"
        );
    }
    assert!(
        ledger.answered() > 1000,
        "only {} commits",
        ledger.answered()
    );
}

#[test]
fn without_syncing_the_loss_is_seen() {
    let seen = (0..8).any(|run| {
        let directory = tempfile::tempdir().unwrap();
        workload::make_schema(directory.path());
        let mut ledger = Ledger::default();
        let crash = Crash {
            run,
            keep: 0,
            synchronous: Synchronous::Off,
            disk_fills: false,
        };
        run_until_crash(directory.path(), crash, &mut ledger);
        !ledger.faults(directory.path()).is_empty()
    });
    assert!(seen, "the disk does not lose what was not synced");
}

#[test]
fn a_full_disk_refuses_whole_commits_until_there_is_space() {
    let directory = tempfile::tempdir().unwrap();
    workload::make_schema(directory.path());
    let mut ledger = Ledger::default();
    let crash = Crash {
        run: 0,
        keep: 50,
        synchronous: Synchronous::Full,
        disk_fills: true,
    };
    run_until_crash(directory.path(), crash, &mut ledger);
    assert!(ledger.refused_for_space() > 0, "the disk was never full");
    assert!(
        ledger.answered_after_refusal() > 0,
        "nothing was written after there was space"
    );
    let faults = ledger.faults(directory.path());
    assert!(faults.is_empty(), "{faults:#?}");
}

/// The process under test: writes until it is killed when the tests above start it, or a little
/// when the test runner does.
#[test]
fn writer_process() {
    if let Some(order) = workload::Order::from_environment() {
        workload::write(&order, std::io::stdout());
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    workload::make_schema(directory.path());
    let mut lines = Vec::new();
    workload::write(&workload::Order::short(directory.path()), &mut lines);
    let mut ledger = Ledger::default();
    for line in String::from_utf8(lines).unwrap().lines() {
        ledger.note(line);
    }
    assert!(ledger.answered() >= 100);
    assert!(ledger.faults(directory.path()).is_empty());
    forge(directory.path());
    assert!(
        !ledger.faults(directory.path()).is_empty(),
        "the check sees a missing row"
    );
}

/// Loses one row behind the ledger's back.
fn forge(directory: &Path) {
    let connection = rusqlite::Connection::open(workload::file(directory)).unwrap();
    let sql = "DELETE FROM pages WHERE id = (SELECT MAX(id) FROM pages)";
    assert_eq!(connection.execute(sql, []).unwrap(), 1);
}
