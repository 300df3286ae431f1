//! `verifa audit`: the chain of audit events against its signed checkpoints.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use verifa_app::App;
use verifa_app::engine::{ChainFault, Sealer, verify_chain_against};
use verifa_app::erasure_log::ErasureFault;
use verifa_store::audit::AuditRecord;

use super::arguments::Arguments;
use super::kept_checkpoints;
use super::keys::open;
use crate::terminal;

/// What to do with the audit chain.
#[derive(Subcommand)]
pub(crate) enum AuditCommand {
    /// Recompute the chain and compare it with every signed checkpoint; check the erasure log
    Verify(VerifyArguments),
    /// Print the erasure log for `verifa restore`: a signed line of JSON for each erased session, and
    /// a signed last line that says how far it reaches
    Erasures(Arguments),
    /// Print the chain and its signed checkpoints as JSON lines, to be kept elsewhere
    Export(ExportArguments),
}

/// What `audit export` is called with.
#[derive(Args)]
pub(crate) struct ExportArguments {
    #[command(flatten)]
    arguments: Arguments,
    /// Only what comes behind this number
    #[arg(long, value_name = "SEQ", default_value_t = 0)]
    after: i64,
}

/// What `audit verify` is called with.
#[derive(Args)]
pub(crate) struct VerifyArguments {
    #[command(flatten)]
    arguments: Arguments,
    /// Compare the chain with the signed checkpoints of this file as well: what `audit export`
    /// printed, or answers of `GET /api/v1/events/checkpoint`; may be given several times
    #[arg(long = "checkpoint", value_name = "FILE")]
    kept: Vec<PathBuf>,
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
        AuditCommand::Export(arguments) => export(&arguments).await,
        AuditCommand::Erasures(arguments) => {
            print_erasures(&arguments).await?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// The installation, with everything numbered: what the last server committed and did not number
/// any more belongs to the chain too.
async fn open_sealed(arguments: &Arguments) -> anyhow::Result<Arc<App>> {
    let app = open(arguments).await?;
    Sealer::new(Arc::clone(&app)).seal_all().await?;
    Ok(app)
}

/// Rows that are read at once.
const BATCH: i64 = 1_000;

async fn export(arguments: &ExportArguments) -> anyhow::Result<ExitCode> {
    let app = open_sealed(&arguments.arguments).await?;
    let public_key = app.keys.server().audit_signer().verifier().to_bytes();
    terminal::out(json!({ "kind": "key", "public_key": hex::encode(public_key) }));
    let mut after = arguments.after;
    loop {
        let events = app.audit_chain(after, BATCH).await?;
        let Some(last) = events.last().and_then(|event| event.seq) else {
            break;
        };
        for event in &events {
            terminal::out(exported(event));
        }
        after = last;
    }
    let mut after = arguments.after;
    loop {
        let checkpoints = app.audit_checkpoints(after, BATCH).await?;
        let Some(last) = checkpoints.last() else {
            break;
        };
        after = last.seq;
        for checkpoint in &checkpoints {
            terminal::out(json!({
                "kind": "checkpoint",
                "sequence": checkpoint.seq,
                "hash": hex::encode(&checkpoint.hash),
                "signed_at_micros": checkpoint.created_at.as_micros(),
                "signature": hex::encode(&checkpoint.signature),
            }));
        }
    }
    app.db.close().await;
    Ok(ExitCode::SUCCESS)
}

/// Everything that the event's hash covers, as it is stored: the address stays sealed.
fn exported(event: &AuditRecord) -> Value {
    json!({
        "kind": "event",
        "seq": event.seq,
        "id": event.id,
        "organization": event.tenant.organization,
        "environment": event.tenant.environment,
        "type": event.event_type,
        "resource_type": event.resource_type,
        "resource_id": event.resource_id,
        "session_id": event.session_id,
        "actor": event.actor,
        "metadata": event.metadata,
        "request_method": event.request_method,
        "request_path": event.request_path,
        "sealed_ip": event.sealed_ip.as_ref().map(hex::encode),
        "created_at_micros": event.created_at.as_micros(),
        "hash": event.hash.as_ref().map(hex::encode),
    })
}

async fn print_erasures(arguments: &Arguments) -> anyhow::Result<()> {
    let app = open(arguments).await?;
    app.erasure_lines(terminal::out).await?;
    app.db.close().await;
    Ok(())
}

async fn verify(arguments: &VerifyArguments) -> anyhow::Result<ExitCode> {
    // Before the chain: all that they stand for is in it by then.
    let mut kept = Vec::new();
    for path in &arguments.kept {
        kept.extend(kept_checkpoints::read(path)?);
    }
    let app = open_sealed(&arguments.arguments).await?;
    let report = verify_chain_against(&app, kept).await?;
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
            "kept_checkpoints": report.kept,
            "fault": fault.map(|(seq, words)| json!({ "seq": seq, "fault": words })),
            "erasures": erasures.erasures,
            "erasure_fault": disorder,
        }));
    } else {
        match fault {
            None => {
                terminal::out(format_args!(
                    "The chain is whole: {} events, {} signed checkpoints.",
                    report.events, report.checkpoints
                ));
                if !arguments.kept.is_empty() {
                    terminal::out(format_args!(
                        "It agrees with the checkpoints that were kept: {}.",
                        report.kept
                    ));
                }
            }
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
        ChainFault::KeptForged => "the kept checkpoint's signature is not this server's",
        ChainFault::KeptDiffers => "the kept checkpoint stands for another chain",
        ChainFault::KeptBehindEnd => "the chain ends before the kept checkpoint",
    }
}
