//! `verifa listen`: follows the feed of events and forwards each to an address of one's own,
//! signed like a delivery, for the development of a receiver.

mod feed;
mod forward;
mod position;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::Instant;
use url::Url;
use verifa_core::session::WebhookEvent;
use verifa_core::time::Clock as _;

use crate::system::SystemClock;
use crate::terminal;
use feed::{Event, Feed, FeedFault, Page};
use forward::Forwarder;
use position::{Position, Start};

/// The command line is wrong in a way that only this command knows; as clap's own code.
const USAGE: u8 = 2;
/// The server refuses the key.
const REFUSED: u8 = 3;
/// The server doesn't answer, at the first call.
const UNREACHABLE: u8 = 4;

/// The wait before the next call of a server that was there and is away: doubled each time.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// A call that is answered sooner, with nothing, did not get a place to wait; the wait of its own.
const EARLY: Duration = Duration::from_secs(1);

/// What `listen` is called with.
#[derive(Args)]
#[command(after_help = "\
Exit codes: 0 stopped by Ctrl-C or SIGTERM; 1 a fault; 2 a wrong command line, a live key without \
--allow-live among it; 3 the server refuses the key; 4 the server does not answer.")]
pub(crate) struct ListenArguments {
    /// A secret key with the scope `webhooks:read`, of the sandbox
    #[arg(
        long,
        value_name = "KEY",
        env = "VERIFA_API_KEY",
        hide_env_values = true
    )]
    api_key: String,
    /// Where to send each event
    #[arg(long, value_name = "URL")]
    forward_to: Url,
    /// The server to follow
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8080")]
    server: Url,
    /// Only these events, joined by commas
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    events: Vec<WebhookEvent>,
    /// Begin behind this number of the feed, or at `latest`, instead of where the last run ended
    #[arg(long, value_name = "NUMBER|latest")]
    after: Option<Start>,
    /// The file that remembers how far this key's events were forwarded
    #[arg(long, value_name = "FILE")]
    position: Option<PathBuf>,
    /// Follow a live organization: real people's data goes to --forward-to
    #[arg(long)]
    allow_live: bool,
}

/// Does it, until it is stopped.
///
/// # Errors
/// When the position can't be kept, or the server answers what it should not.
pub(crate) async fn listen(arguments: ListenArguments) -> anyhow::Result<ExitCode> {
    if let Some(refusal) = unfit(&arguments) {
        terminal::note(format_args!("error: {refusal}"));
        return Ok(ExitCode::from(USAGE));
    }
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => Ok(ExitCode::SUCCESS),
        _ = interrupt.recv() => Ok(ExitCode::SUCCESS),
        ended = follow(&arguments) => ended,
    }
}

/// Why a command line can't be followed, if so.
fn unfit(arguments: &ListenArguments) -> Option<&'static str> {
    let key = arguments.api_key.as_str();
    if key.starts_with("vk_live_") && !arguments.allow_live {
        return Some(
            "this is a live key. Real people's data would go to --forward-to; \
             hint: use a sandbox key, or say --allow-live",
        );
    }
    if key.starts_with("vk_pub_") {
        return Some("a publishable key can't read events. hint: use a secret key");
    }
    if !key.starts_with("vk_sandbox_") && !key.starts_with("vk_live_") {
        return Some("--api-key is no API key. hint: it begins with vk_sandbox_");
    }
    let is_http = |url: &Url| matches!(url.scheme(), "http" | "https");
    if !is_http(&arguments.forward_to) || !is_http(&arguments.server) {
        return Some("--forward-to and --server must begin with http:// or https://");
    }
    None
}

async fn follow(arguments: &ListenArguments) -> anyhow::Result<ExitCode> {
    let feed = Feed::new(&arguments.server, &arguments.api_key)?;
    let forwarder = Forwarder::new(&arguments.forward_to, &arguments.api_key)?;
    let mut position = Position::open(
        arguments.position.clone(),
        &arguments.server,
        &arguments.api_key,
        arguments.after,
    )?;
    let mut page = match first(arguments, &feed, &mut position).await {
        Ok(page) => Some(page),
        Err(fault) => return refused(fault),
    };
    greet(arguments, &forwarder);
    let mut pause = FIRST_PAUSE;
    loop {
        if let Some(page) = &page {
            for event in &page.events {
                if wants(&arguments.events, event) {
                    tell(event, &forwarder.forward(event).await);
                }
                position.keep(event.seq)?;
            }
            position.keep(page.next_after)?;
        }
        let asked = Instant::now();
        page = match feed.next(position.start()).await {
            Ok(page) => {
                pause = FIRST_PAUSE;
                if page.events.is_empty() && asked.elapsed() < EARLY {
                    tokio::time::sleep(EARLY).await;
                }
                Some(page)
            }
            Err(FeedFault::Lost(detail)) => {
                begin_anew(&detail, &mut position);
                None
            }
            Err(FeedFault::Forgotten(detail)) => {
                begin_at_oldest(&detail, &mut position);
                None
            }
            Err(FeedFault::Away(cause)) => {
                terminal::note(format_args!("{}  the server is away: {cause}", now()));
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
                None
            }
            Err(fault) => return refused(fault),
        };
    }
}

/// The first page. A place of an earlier run that the server does not have any more is given up;
/// one that was asked for is not.
async fn first(
    arguments: &ListenArguments,
    feed: &Feed,
    position: &mut Position,
) -> Result<Page, FeedFault> {
    match feed.now(position.start()).await {
        Err(FeedFault::Lost(detail)) if arguments.after.is_none() => {
            begin_anew(&detail, position);
            feed.now(position.start()).await
        }
        Err(FeedFault::Forgotten(detail)) if arguments.after.is_none() => {
            begin_at_oldest(&detail, position);
            feed.now(position.start()).await
        }
        page => page,
    }
}

/// Goes on with what comes from now on: the server went back, and all that it tells so far was
/// forwarded.
fn begin_anew(detail: &str, position: &mut Position) {
    terminal::note(format_args!("{}  {detail}", now()));
    terminal::note(format_args!("going on with what comes from now on"));
    position.begin_at_end();
}

/// Goes on with the first event behind all that the server has forgotten.
fn begin_at_oldest(detail: &str, position: &mut Position) {
    terminal::note(format_args!("{}  {detail}", now()));
    terminal::note(format_args!("going on with the oldest that it keeps whole"));
    position.begin_at_oldest();
}

fn wants(events: &[WebhookEvent], event: &Event) -> bool {
    events.is_empty() || events.iter().any(|wanted| wanted.as_str() == event.name)
}

fn refused(fault: FeedFault) -> anyhow::Result<ExitCode> {
    match fault {
        FeedFault::Refused(detail) => {
            terminal::note(format_args!("error: the server refuses the key: {detail}"));
            Ok(ExitCode::from(REFUSED))
        }
        FeedFault::Away(cause) => {
            terminal::note(format_args!("error: the server does not answer: {cause}"));
            Ok(ExitCode::from(UNREACHABLE))
        }
        FeedFault::Lost(detail) | FeedFault::Forgotten(detail) => Err(anyhow::anyhow!(detail)),
        FeedFault::Other(error) => Err(error),
    }
}

fn greet(arguments: &ListenArguments, forwarder: &Forwarder) {
    terminal::out(format_args!(
        "Forwarding the events of {} to {}",
        arguments.server, arguments.forward_to
    ));
    terminal::out(format_args!(
        "Signing secret (the same at each start with this key): {}",
        forwarder.secret()
    ));
}

/// One line for one event; nothing of its body.
fn tell(event: &Event, outcome: &forward::Outcome) {
    terminal::out(format_args!(
        "{}  #{}  {}  {outcome}",
        now(),
        event.seq,
        event.name
    ));
}

fn now() -> String {
    SystemClock.now().to_string()
}
