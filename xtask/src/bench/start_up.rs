//! How long a start takes and what an idle server holds.

use std::time::Duration;

use anyhow::Result;

use super::latencies::{Latencies, milliseconds};
use super::page::Table;
use crate::verifa::Installation;

/// The first start of a data directory also warms the disk cache; the median leaves it out.
const STARTS: usize = 11;

pub(super) fn table() -> Table {
    Table::new(
        "Start and memory",
        "From the start of the process to the first 200 of /readyz; memory one second after it, \
         no models loaded.",
        &["database", "start p50 ms", "start worst ms", "resident MB"],
    )
}

pub(super) fn measure(
    installation: &Installation,
    database: &str,
    table: &mut Table,
) -> Result<()> {
    let mut starts = Latencies::default();
    for _ in 0..STARTS {
        let server = installation.serve(None)?;
        starts.add(server.start_up());
        server.stop()?;
    }
    let server = installation.serve(None)?;
    std::thread::sleep(Duration::from_secs(1));
    let usage = server.usage()?;
    server.stop()?;
    table.row(&[
        database.to_owned(),
        milliseconds(starts.percentile(0.5)),
        milliseconds(starts.percentile(1.0)),
        megabytes(usage.resident_bytes),
    ]);
    Ok(())
}

/// Millions of bytes, one decimal.
pub(super) fn megabytes(bytes: u64) -> String {
    format!("{:.1}", bytes as f64 / 1e6)
}
