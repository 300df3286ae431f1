//! Runs the writer on the lossy disk, and lets the power fail.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use tempfile::TempDir;
use verifa_store::db::Synchronous;

use crate::check::Ledger;

/// One run of the writer.
#[derive(Clone, Copy)]
pub(crate) struct Crash {
    pub(crate) run: u32,
    /// Percentage of unsynced writes that survive.
    pub(crate) keep: u32,
    pub(crate) synchronous: Synchronous,
    /// Whether the disk is full for a while in the middle.
    pub(crate) disk_fills: bool,
}

impl Crash {
    /// When the power fails: after this many lines and then this long. From the run's number, so
    /// that a failure can be had again.
    fn moment(self) -> (usize, Duration) {
        let mixed = (u64::from(self.run) + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let lines = 20 + (mixed >> 40) % 300;
        let pause = Duration::from_micros((mixed >> 20) % 8000);
        (lines as usize, pause)
    }
}

/// The preloaded library, compiled once per process.
fn library() -> &'static Path {
    static BUILT: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    let (_, path) = BUILT.get_or_init(|| {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("lossy_disk.so");
        let source =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/durability/shim/lossy_disk.c");
        let built = Command::new("cc")
            .args([
                "-Wall", "-Wextra", "-Werror", "-O1", "-shared", "-fPIC", "-o",
            ])
            .arg(&path)
            .arg(source)
            .args(["-ldl", "-lpthread"])
            .status();
        assert!(built.expect("cc, which SQLite needs too").success());
        (directory, path)
    });
    path
}

/// Starts the writer, notes what it tells, and ends it as a power cut does.
pub(crate) fn run_until_crash(directory: &Path, crash: Crash, ledger: &mut Ledger) {
    let synchronous = match crash.synchronous {
        Synchronous::Full => "full",
        Synchronous::Off => "off",
    };
    let mut writer = Command::new(std::env::current_exe().unwrap())
        .args(["writer_process", "--exact", "--nocapture"])
        .env("CRASH_DIRECTORY", directory)
        .env("CRASH_RUN", crash.run.to_string())
        .env("CRASH_SYNCHRONOUS", synchronous)
        .env("LD_PRELOAD", library())
        .env("LOSSY_DIRECTORY", directory)
        .env("LOSSY_KEEP", crash.keep.to_string())
        .env("LOSSY_SEED", (crash.run + 1).to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(writer.stdout.take().unwrap()).lines();
    let (after, pause) = crash.moment();
    let full = directory.join("full");
    for _ in 0..after {
        ledger.note(&lines.next().expect("the writer ended by itself").unwrap());
    }
    if crash.disk_fills {
        std::fs::write(&full, "").unwrap();
        while ledger.refused_for_space() < 20 {
            ledger.note(&lines.next().expect("the writer ended by itself").unwrap());
        }
        std::fs::remove_file(&full).unwrap();
        while ledger.answered_after_refusal() < 50 {
            ledger.note(&lines.next().expect("the writer ended by itself").unwrap());
        }
    }
    std::thread::sleep(pause);
    let pulled = Command::new("kill")
        .args(["-USR2", &writer.id().to_string()])
        .status();
    assert!(pulled.unwrap().success());
    // All that it told before it died was promised.
    for line in lines {
        ledger.note(&line.unwrap());
    }
    let ended = writer.wait().unwrap();
    let signal = std::os::unix::process::ExitStatusExt::signal(&ended);
    assert_eq!(signal, Some(9), "the writer was not killed by the disk");
}
