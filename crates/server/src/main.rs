//! The `verifa` binary: one program whose roles are subcommands.

use std::process::ExitCode;

fn main() -> ExitCode {
    verifa_server::cli::run()
}
