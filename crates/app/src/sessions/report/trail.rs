//! The session's events in the audit log, and where they stand in its chain.

use std::time::Duration;

use serde_json::{Map, Value};
use verifa_report::model::{AnchorCheckpoint, AuditAnchor, Fact, TimelineEntry};
use verifa_store::audit::{self, AuditRecord, CheckpointRecord};

use crate::App;
use crate::error::AppError;
use crate::sessions::load::Session;

/// Most events that a report shows; of more, the newest.
const MOST: i64 = 400;
/// The sealer chains a new event within a second: so often a report waits for it to do so …
const LOOKS: u32 = 15;
/// … and so long each time.
const BETWEEN: Duration = Duration::from_millis(100);

/// Particulars of events that a reader understands. Audit events hold no personal data.
const TOLD: [&str; 9] = [
    "decision",
    "outcome",
    "reason_code",
    "document_type",
    "node",
    "fields",
    "policy",
    "action",
    "documents_removed",
];

/// What the audit log says of a session.
pub(super) struct Trail {
    /// Oldest first.
    pub(super) timeline: Vec<TimelineEntry>,
    /// Whether there are more, older ones.
    pub(super) earlier_left_out: bool,
    /// Where the last one stands; `None` while it is not chained.
    pub(super) anchor: Option<AuditAnchor>,
}

impl App {
    pub(super) async fn session_trail(&self, session: &Session) -> Result<Trail, AppError> {
        let mut events = self.session_events(session).await?;
        for _ in 0..LOOKS {
            if events.last().is_none_or(|event| event.seq.is_some()) {
                break;
            }
            tokio::time::sleep(BETWEEN).await;
            events = self.session_events(session).await?;
        }
        let earlier_left_out = events.len() > usize::try_from(MOST).unwrap_or(usize::MAX);
        if earlier_left_out {
            events.remove(0);
        }
        let anchor = match events.last() {
            Some(last) => self.anchor(last).await?,
            None => None,
        };
        let timeline = events.iter().map(entry).collect::<Result<_, _>>()?;
        Ok(Trail {
            timeline,
            earlier_left_out,
            anchor,
        })
    }

    /// Oldest first; one more than [`MOST`] when there are more.
    async fn session_events(&self, session: &Session) -> Result<Vec<AuditRecord>, AppError> {
        let newest = audit::of_session(session.record.tenant, session.id(), MOST + 1);
        let rows = self.db.query(newest).await?;
        let events = rows.iter().rev().map(AuditRecord::from_row);
        events.collect::<Result<_, _>>().map_err(Into::into)
    }

    async fn anchor(&self, last: &AuditRecord) -> Result<Option<AuditAnchor>, AppError> {
        let (Some(sequence), Some(hash)) = (last.seq, last.hash.clone()) else {
            return Ok(None);
        };
        // The first checkpoint at the event or behind it: it covers the event.
        let row = audit::checkpoints(sequence.saturating_sub(1), 1);
        let row = self.db.query_opt(row).await?;
        let checkpoint = row.as_ref().map(CheckpointRecord::from_row).transpose()?;
        let verifier = self.keys.server().audit_signer().verifier();
        Ok(Some(AuditAnchor {
            sequence,
            hash,
            checkpoint: checkpoint.map(|checkpoint| AnchorCheckpoint {
                sequence: checkpoint.seq,
                hash: checkpoint.hash,
                signed_at: checkpoint.created_at,
                signature: checkpoint.signature,
                public_key: verifier.to_bytes().to_vec(),
            }),
        }))
    }
}

fn entry(event: &AuditRecord) -> Result<TimelineEntry, AppError> {
    let metadata: Map<String, Value> = serde_json::from_str(&event.metadata)
        .map_err(|_| AppError::Internal("an audit event's details are no JSON"))?;
    Ok(TimelineEntry {
        at: event.created_at,
        event: event.event_type.clone(),
        particulars: TOLD
            .iter()
            .filter_map(|name| Some(Fact::new(*name, told(metadata.get(*name)?)?)))
            .collect(),
        actor: event.actor.clone(),
        sequence: event.seq,
    })
}

fn told(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Array(list) => {
            let texts: Option<Vec<String>> = list.iter().map(told).collect();
            texts.map(|texts| texts.join(", "))
        }
        _ => None,
    }
}
