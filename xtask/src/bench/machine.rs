//! On what the figures were measured; a figure without its machine is none.

use std::process::Command;

use anyhow::Result;

use crate::process;
use crate::workspace;

/// One paragraph: processor, cores, memory, kernel, compiler, commit, date.
pub(super) fn description() -> Result<String> {
    let processors = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = field(&processors, "model name").unwrap_or("unknown processor");
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let memory = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let kibibytes: u64 = field(&memory, "MemTotal")
        .and_then(|text| text.split_whitespace().next()?.parse().ok())
        .unwrap_or(0);
    let kernel = process::output(Command::new("uname").arg("-sr"))?;
    let compiler = process::output(Command::new("rustc").arg("--version"))?;
    let commit = process::output(
        Command::new("git")
            .args(["rev-parse", "--short", "HEAD"])
            .current_dir(workspace::root()),
    )?;
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split_whitespace().next().unwrap_or("?").to_owned();
    Ok(format!(
        "{}; {model}, {cores} cores, {} GB; {}; {}; commit {}; load average at the end {load}.",
        workspace::today()?,
        kibibytes / 1_000_000,
        kernel.trim(),
        compiler.trim(),
        commit.trim(),
    ))
}

/// The value of the first `name : value` line.
fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines().find_map(|line| {
        let (found, value) = line.split_once(':')?;
        (found.trim() == name).then(|| value.trim())
    })
}
