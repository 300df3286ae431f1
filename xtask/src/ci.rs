//! `cargo xtask ci`: what `.ci/run` calls. Cheap steps come first, and one run shows every fault.

use anyhow::Result;
use clap::Parser as _;

use crate::prerequisites::{Plan, Prepared};
use crate::report::Report;
use crate::workspace::cargo;
use crate::{client_crate, notices, openapi, process, rules, test};

/// Parsed instead of built by hand, so that CI's defaults are the command's defaults.
#[derive(clap::Parser)]
struct DefaultTest {
    #[command(flatten)]
    options: test::Options,
}

/// All steps, then the summary.
pub(crate) fn run() -> Result<()> {
    let options = DefaultTest::try_parse_from(["test"])?.options;
    let plan = Plan::for_ci();
    plan.announce();
    let mut report = Report::new();
    report.step("format", || {
        process::run(cargo().args(["fmt", "--all", "--check"]))
    });
    report.step("house rules", rules::run);
    report.step("third-party notices", notices::check);
    report.step("client of the OpenAPI document", client_crate::check);
    let prepared = plan.install(&mut report);
    // Advisories are left out: their database comes from the network, which CI here has not.
    report.step(
        "licences, bans, sources (advisories need the network: not here)",
        || deny(&prepared),
    );
    report.step("clippy", || {
        process::run(
            cargo()
                .args(["clippy", "--workspace", "--all-targets", "--locked", "--"])
                .args(["-D", "warnings"]),
        )
    });
    report.step("documentation", || {
        process::run(
            cargo()
                .args(["doc", "--workspace", "--no-deps", "--locked"])
                .env("RUSTDOCFLAGS", "-D warnings"),
        )
    });
    test::steps(&mut report, &prepared, &options);
    report.step("OpenAPI document", openapi::check);
    report.finish()
}

fn deny(prepared: &Prepared) -> Result<()> {
    let mut command = cargo();
    prepared.add_tools(&mut command);
    process::run(command.args(["deny", "--locked", "check", "bans", "licenses", "sources"]))
}
