//! `verifa audit`: the chain of audit events against its signed checkpoints.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::json;
use verifa_app::engine::{ChainFault, Sealer, verify_chain};

use super::arguments::Arguments;
use crate::{telemetry, terminal, wire};

/// What to do with the audit chain.
#[derive(Subcommand)]
pub(crate) enum AuditCommand {
    /// Recompute the chain and compare it with every signed checkpoint
    Verify(VerifyArguments),
}

/// What `audit verify` is called with.
#[derive(Args)]
pub(crate) struct VerifyArguments {
    #[command(flatten)]
    arguments: Arguments,
    /// Print as JSON
    #[arg(long)]
    json: bool,
}

/// Exit code of a broken chain: told apart from a command that could not run.
const BROKEN: u8 = 2;

/// Does it.
///
/// # Errors
/// When the installation can't be opened.
pub(crate) async fn audit(command: AuditCommand) -> anyhow::Result<ExitCode> {
    let AuditCommand::Verify(arguments) = command;
    let config = arguments.arguments.load()?;
    telemetry::start_logging(&config.log);
    let db = wire::open_database(&config).await?;
    let app = wire::build_app(&config, db).await?;
    // What the last server committed and did not number any more belongs to the chain too.
    Sealer::new(std::sync::Arc::clone(&app)).seal_all().await?;
    let report = verify_chain(&app).await?;
    app.db.close().await;
    let fault = report.fault.map(|(seq, fault)| (seq, words(fault)));
    if arguments.json {
        terminal::out(json!({
            "ok": fault.is_none(),
            "events": report.events,
            "checkpoints": report.checkpoints,
            "fault": fault.map(|(seq, words)| json!({ "seq": seq, "fault": words })),
        }));
    } else {
        match fault {
            None => terminal::out(format_args!(
                "The chain is whole: {} events, {} signed checkpoints.",
                report.events, report.checkpoints
            )),
            Some((seq, words)) => {
                terminal::out(format_args!("The chain is broken at event {seq}: {words}."));
            }
        }
    }
    Ok(if fault.is_none() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(BROKEN)
    })
}

const fn words(fault: ChainFault) -> &'static str {
    match fault {
        ChainFault::Gap => "an event is missing",
        ChainFault::Altered => "an event was altered",
        ChainFault::CheckpointDiffers => "a checkpoint stands for another chain",
        ChainFault::ForgedCheckpoint => "a checkpoint's signature is not this server's",
        ChainFault::Unanchored => "events behind it were cut off or added",
    }
}
