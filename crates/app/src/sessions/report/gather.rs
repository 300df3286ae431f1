//! Everything that a report shows but the images, filtered for the reader.

use serde_json::{Map, Value};
use verifa_core::organization::OrganizationSettings;
use verifa_core::session::{Reason, RetentionStatus};
use verifa_core::time::Timestamp;
use verifa_report::SessionReport;
use verifa_report::model::{
    CheckEntry, Decision, Fact, Making, PersonalData, SessionFacts, TimelineEntry,
};
use verifa_store::workflows::{self, WorkflowRecord};

use super::evidence;
use crate::App;
use crate::actor::Actor;
use crate::error::AppError;
use crate::organizations::SettingsView;
use crate::sessions::results::ResultView;
use crate::sessions::verifications::Attempt;

/// The program that makes the report.
const MADE_BY: &str = concat!("Verifa ", env!("CARGO_PKG_VERSION"));

/// The fields of a result in the order in which a reader looks for them; others follow.
const ORDER: [&str; 12] = [
    "last_name",
    "first_name",
    "middle_name",
    "date_of_birth",
    "gender",
    "nationality",
    "document_type",
    "document_number",
    "document_issuing_country",
    "document_issuing_state",
    "document_issue_date",
    "document_expiration_date",
];

impl App {
    pub(super) async fn gather_report(
        &self,
        actor: &Actor,
        view: &ResultView,
    ) -> Result<SessionReport, AppError> {
        let session = &view.session;
        let tenant = session.record.tenant;
        let SettingsView { record, settings } = self.settings_of(tenant).await?;
        let trail = self.session_trail(session).await?;
        let mut checks = Vec::new();
        for attempt in self.verifications(tenant, session.id()).await? {
            checks.push(check(&attempt, &settings)?);
        }
        Ok(SessionReport {
            organization: settings.branding.name.clone().unwrap_or(record.name),
            is_sandbox: tenant.environment.is_sandbox(),
            session: self.session_facts(view, &trail.timeline).await?,
            decision: decision(view),
            personal_data: personal_data(view),
            person: person(view, &settings),
            pictures: Vec::new(),
            checks,
            // Filled once screening stores hits.
            screening_hits: Vec::new(),
            timeline: trail.timeline,
            earlier_left_out: trail.earlier_left_out,
            anchor: trail.anchor,
            making: Making {
                at: self.clock.now(),
                by: MADE_BY.to_owned(),
                asked_by: actor.name(),
            },
        })
    }

    async fn session_facts(
        &self,
        view: &ResultView,
        timeline: &[TimelineEntry],
    ) -> Result<SessionFacts, AppError> {
        let record = &view.session.record;
        let row = workflows::get(record.tenant.organization, record.workflow_id);
        let row = self.db.query_opt(row).await?;
        let name = row.as_ref().map(WorkflowRecord::from_row).transpose()?;
        // A simulated session has none.
        let run = self
            .db
            .query_opt(verifa_store::runs::latest(record.id))
            .await?
            .as_ref()
            .map(verifa_store::runs::RunRecord::from_row)
            .transpose()?;
        let workflow = name.map(|workflow| match &run {
            Some(run) => format!("{}, version {}", workflow.name, run.workflow_version),
            None => workflow.name,
        });
        Ok(SessionFacts {
            id: record.id.to_string(),
            status: record.status.as_str().to_owned(),
            external_ref: record.external_ref.clone(),
            created_at: record.created_at,
            submitted_at: submitted(timeline),
            country: record.country.clone(),
            workflow,
            run_id: run.map(|run| run.id.to_string()),
            case_id: record.case.as_ref().map(|(id, _)| id.to_string()),
            tags: record.tags.clone(),
        })
    }
}

/// When the person had handed everything in for the last time.
fn submitted(timeline: &[TimelineEntry]) -> Option<Timestamp> {
    let mut entries = timeline.iter().rev();
    let submitted = entries.find(|entry| entry.event == "session.submitted");
    submitted.map(|entry| entry.at)
}

fn decision(view: &ResultView) -> Decision {
    let record = &view.record;
    let changed = record.updated_at != record.created_at;
    Decision {
        outcome: record.status,
        mode: record.processing_mode,
        decided_at: record.created_at,
        changed_at: changed.then_some(record.updated_at),
        reason: record.rejection_reason.clone(),
        reason_code: record
            .rejection_reason_code
            .map(|code| code.as_str().to_owned()),
    }
}

fn personal_data(view: &ResultView) -> PersonalData {
    match view.session.record.retention_status {
        RetentionStatus::Active => PersonalData::Shown,
        RetentionStatus::Redacted => PersonalData::Erased,
        RetentionStatus::SensitiveRedacted => PersonalData::Expired,
    }
}

fn person(view: &ResultView, settings: &OrganizationSettings) -> Vec<Fact> {
    let extracted = &view.stored.extracted_data;
    let ordered = ORDER
        .iter()
        .filter_map(|name| extracted.get_key_value(*name));
    let others = extracted
        .iter()
        .filter(|(name, _)| !ORDER.contains(&name.as_str()));
    let mut facts: Vec<Fact> = ordered
        .chain(others)
        .filter(|(name, _)| settings.shows(name))
        .filter_map(|(name, value)| Some(Fact::new(name, text(value)?)))
        .collect();
    if let Some(age) = view.stored.shown_age(settings) {
        facts.push(Fact::new("extracted_age", age.to_string()));
    }
    facts
}

/// A value as one text; `None` when there is nothing in it.
fn text(value: &Value) -> Option<String> {
    let text = match value {
        Value::Null => return None,
        Value::String(text) => text.clone(),
        Value::Array(list) => joined(list.iter(), " "),
        Value::Object(parts) => joined(parts.values(), ", "),
        other => other.to_string(),
    };
    (!text.is_empty()).then_some(text)
}

fn joined<'a>(values: impl Iterator<Item = &'a Value>, separator: &str) -> String {
    values.filter_map(text).collect::<Vec<_>>().join(separator)
}

fn check(attempt: &Attempt, settings: &OrganizationSettings) -> Result<CheckEntry, AppError> {
    let record = &attempt.record;
    let reasons: Vec<Reason> = serde_json::from_str(&record.reasons)
        .map_err(|_| AppError::Internal("stored reasons can't be read"))?;
    let empty = Map::new();
    let details = attempt.details.as_object().unwrap_or(&empty);
    Ok(CheckEntry {
        policy: record.policy.clone(),
        status: record.status,
        score: record.score,
        reasons: reasons.into_iter().map(|reason| reason.message).collect(),
        evidence: evidence::of(&record.policy, details, &|field| settings.shows(field)),
        engine: record.engine.clone(),
        attempt: record.attempt_number,
        started_at: record.started_at,
        duration_ms: record.duration_ms,
    })
}
