//! The data directory: there, writable, with space, and served by whom.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

use verifa_core::random::random_bytes;
use verifa_store::db::{DbError, DirectoryLock};

use super::fault::FaultKind;
use super::{Examination, MINIMUM_FREE_BYTES};

const SUBJECT: &str = "data directory";

pub(super) fn examine(examination: &mut Examination<'_>) {
    let directory = &examination.config.data.dir;
    if !directory.is_dir() {
        let detail = format!("there is no directory `{}`", directory.display());
        examination
            .report
            .fault(SUBJECT, FaultKind::DataDirectoryMissing, detail);
        return;
    }
    examination.directory = true;
    if let Err(error) = try_to_write(directory, examination) {
        let detail = format!("`{}`: {error}", directory.display());
        examination
            .report
            .fault(SUBJECT, FaultKind::DataDirectoryNotWritable, detail);
    } else {
        examination
            .report
            .ok(SUBJECT, format!("`{}`", directory.display()));
        examine_lock(examination);
    }
    examine_space(examination);
}

fn try_to_write(directory: &Path, examination: &Examination<'_>) -> io::Result<()> {
    let number = u64::from_be_bytes(random_bytes(examination.surroundings.random));
    let path = directory.join(format!(".doctor-{number:016x}"));
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&path)?;
    let written = file
        .write_all(b"verifa doctor")
        .and_then(|()| file.sync_all());
    fs::remove_file(&path)?;
    written
}

fn examine_lock(examination: &mut Examination<'_>) {
    match DirectoryLock::acquire(&examination.config.data.dir) {
        Ok(_) => {}
        Err(DbError::Locked(holder)) => {
            examination.serving = true;
            examination.report.note("server", holder);
        }
        Err(error) => {
            let kind = FaultKind::DataDirectoryNotWritable;
            examination.report.fault(SUBJECT, kind, error.to_string());
        }
    }
}

fn examine_space(examination: &mut Examination<'_>) {
    let directory = &examination.config.data.dir;
    match (examination.surroundings.free_space)(directory) {
        Ok(free) if free < MINIMUM_FREE_BYTES => {
            let detail = format!("{} MiB are free", free >> 20);
            examination
                .report
                .fault("disk", FaultKind::DiskNearlyFull, detail);
        }
        Ok(free) => examination
            .report
            .ok("disk", format!("{} MiB are free", free >> 20)),
        Err(error) => examination.report.skipped("disk", error.to_string()),
    }
}
