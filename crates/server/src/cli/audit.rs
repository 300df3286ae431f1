//! `verifa audit`: the chain of audit events against its signed checkpoints.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::json;
use verifa_app::engine::{ChainFault, Sealer, verify_chain};
use verifa_app::erasure_log::ErasureFault;

use super::arguments::Arguments;
use crate::{telemetry, terminal, wire};

/// What to do with the audit chain.
#[derive(Subcommand)]
pub(crate) enum AuditCommand {
    /// Recompute the chain and compare it with every signed checkpoint; check the erasure log
    Verify(VerifyArguments),
    /// Print the erasure log, a signed line of JSON for each erased session, for `verifa restore`
    Erasures(Arguments),
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
    match command {
        AuditCommand::Verify(arguments) => verify(&arguments).await,
        AuditCommand::Erasures(arguments) => {
            print_erasures(&arguments).await?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

async fn print_erasures(arguments: &Arguments) -> anyhow::Result<()> {
    let config = arguments.load()?;
    telemetry::start_logging(&config.log);
    let db = wire::open_database(&config).await?;
    let app = wire::build_app(&config, db).await?;
    app.erasure_lines(terminal::out).await?;
    app.db.close().await;
    Ok(())
}

async fn verify(arguments: &VerifyArguments) -> anyhow::Result<ExitCode> {
    let config = arguments.arguments.load()?;
    telemetry::start_logging(&config.log);
    let db = wire::open_database(&config).await?;
    let app = wire::build_app(&config, db).await?;
    // What the last server committed and did not number any more belongs to the chain too.
    Sealer::new(std::sync::Arc::clone(&app)).seal_all().await?;
    let report = verify_chain(&app).await?;
    let erasures = app.verify_erasures().await?;
    app.db.close().await;
    let fault = report.fault.map(|(seq, fault)| (seq, words(fault)));
    let disorder = erasures.fault.map(erasure_words);
    let whole = fault.is_none() && disorder.is_none();
    if arguments.json {
        terminal::out(json!({
            "ok": whole,
            "events": report.events,
            "checkpoints": report.checkpoints,
            "fault": fault.map(|(seq, words)| json!({ "seq": seq, "fault": words })),
            "erasures": erasures.erasures,
            "erasure_fault": disorder,
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
        match disorder {
            None => terminal::out(format_args!(
                "The erasure log is whole: {} signed erasures.",
                erasures.erasures
            )),
            Some(words) => terminal::out(format_args!("The erasure log is broken: {words}.")),
        }
    }
    Ok(if whole {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(BROKEN)
    })
}

const fn erasure_words(fault: ErasureFault) -> &'static str {
    match fault {
        ErasureFault::Forged => "an erasure's signature is not this server's",
        ErasureFault::Unlogged => "the audit trail tells of an erasure that the log does not have",
        ErasureFault::Unaudited => "no audit event stands behind an erasure",
        ErasureFault::Undone => "an erased session has a data key again",
    }
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
