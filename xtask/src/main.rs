//! Developer commands. Everything that CI does can be run here by hand, under the same names.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command-line tool speaks to the person in front of it"
)]

mod bench;
mod ci;
mod client;
mod client_crate;
mod notices;
mod openapi;
mod prerequisites;
mod process;
mod report;
mod rules;
mod soak;
mod test;
mod verifa;
mod workspace;

use std::process::ExitCode;

use clap::Parser;

/// Developer commands of this workspace.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
enum Task {
    /// Install what the tests need, then run all of them on SQLite and PostgreSQL.
    Test(test::Options),
    /// Everything CI checks, cheap steps first.
    Ci,
    /// The house rules that no lint knows: file length, import circles, a pure core.
    Rules,
    /// Write THIRD-PARTY.md from the dependency graph.
    Notices(notices::Options),
    /// Write the OpenAPI document of the server into docs/openapi.json.
    Openapi(openapi::Options),
    /// Write the calls and types of crates/client from docs/openapi.json.
    Client(client_crate::Options),
    /// Long runs: kills, hostile requests, volume.
    Soak(soak::Options),
    /// Measure a release server on loopback and write docs/benchmarks.md.
    Bench(bench::Options),
}

fn main() -> ExitCode {
    let outcome = match Task::parse() {
        Task::Test(options) => test::run(&options),
        Task::Ci => ci::run(),
        Task::Rules => rules::run(),
        Task::Notices(options) => notices::run(&options),
        Task::Openapi(options) => openapi::run(&options),
        Task::Client(options) => client_crate::run(&options),
        Task::Soak(options) => soak::run(&options),
        Task::Bench(options) => bench::run(&options),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
