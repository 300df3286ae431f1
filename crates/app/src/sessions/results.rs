//! Results: reading what a session came to.

use serde_json::{Map, Value, json};
use verifa_core::id::{Id, SessionId};
use verifa_core::organization::OrganizationSettings;
use verifa_core::session::{RetentionStatus, Status};
use verifa_core::tenant::Tenant;
use verifa_store::counters;
use verifa_store::results::{self as store, ResultFilter, ResultRecord};
use verifa_vault::Place;

use super::list::COUNTED;
use super::load::Session;
use super::moved::counter;
use crate::App;
use crate::error::{AppError, Thing};
use crate::page::{Page, PageRequest};

/// The sealed part of a result: what was read from the document.
#[derive(Default, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct StoredResult {
    /// Fields of spec/sessions.md, "Result object".
    pub extracted_data: Map<String, Value>,
    /// Age in full years at the time of the check.
    pub extracted_age: Option<i64>,
}

impl StoredResult {
    /// The extracted data that the organization lets the API show (spec/sessions.md, "Result
    /// object").
    pub(crate) fn shown(&self, settings: &OrganizationSettings) -> Map<String, Value> {
        let mut shown = self.extracted_data.clone();
        shown.retain(|field, _| settings.shows(field));
        shown
    }

    /// The age, where the organization lets the API show the date of birth, which gives it away.
    pub(crate) fn shown_age(&self, settings: &OrganizationSettings) -> Option<i64> {
        let age = self.extracted_age;
        age.filter(|_| settings.shows("date_of_birth"))
    }
}

/// The fields that tell a decision (spec/resources.md, "Webhooks").
pub(crate) fn result_fields(
    record: &ResultRecord,
    stored: &StoredResult,
    settings: &OrganizationSettings,
) -> Map<String, Value> {
    let mut fields = Map::new();
    fields.insert("identity_id".to_owned(), Value::Null);
    if let Some(code) = record.rejection_reason_code {
        fields.insert("rejection_reason_code".to_owned(), json!(code));
        fields.insert(
            "rejection_reason".to_owned(),
            json!(record.rejection_reason),
        );
    }
    fields.insert(
        "result".to_owned(),
        json!({
            "face_match_passed": record.face_match_passed,
            "age_check_passed": record.age_check_passed,
            "extracted_data": stored.shown(settings),
        }),
    );
    fields
}

/// A session's result as a caller may see it. Deliberately without `Debug`.
pub struct ResultView {
    /// The session.
    pub session: Session,
    /// The row.
    pub record: ResultRecord,
    /// The opened part; empty once personal data is gone.
    pub stored: StoredResult,
    /// Whether personal data is gone.
    pub sensitive_data_expired: bool,
}

/// A result as it is stored. Deliberately without `Debug`.
pub(crate) struct StoredView {
    /// The row.
    pub(crate) record: ResultRecord,
    /// The opened part; empty once personal data is gone.
    pub(crate) stored: StoredResult,
    sensitive_data_expired: bool,
}

/// Where a result's sealed part stands.
pub(crate) fn result_place(id: SessionId) -> Place<'static> {
    Place::new("results", "sealed", id.uuid())
}

impl App {
    /// The result of a session.
    ///
    /// # Errors
    /// Not found: the session, or its result while there is none.
    pub async fn result(&self, tenant: Tenant, id: SessionId) -> Result<ResultView, AppError> {
        let session = self.session(tenant, id).await?;
        if matches!(session.status(), Status::Expired | Status::Failed) {
            return Err(AppError::NotFound(Thing::Result));
        }
        let StoredView {
            record,
            mut stored,
            sensitive_data_expired,
        } = self.result_of(&session).await?;
        let settings = self.organization_settings(tenant).await?;
        stored.extracted_data = stored.shown(&settings);
        stored.extracted_age = stored.shown_age(&settings);
        Ok(ResultView {
            session,
            record,
            stored,
            sensitive_data_expired,
        })
    }

    /// The result of a loaded session, all that was read from the document in it.
    ///
    /// # Errors
    /// Not found while there is none.
    pub(crate) async fn result_of(&self, session: &Session) -> Result<StoredView, AppError> {
        let id = session.id();
        let row = self.db.query_opt(store::get(id)).await?;
        let record = ResultRecord::from_row(&row.ok_or(AppError::NotFound(Thing::Result))?)?;
        let expired = session.record.retention_status != RetentionStatus::Active;
        let stored = match (&record.sealed, &session.key) {
            (Some(sealed), Some(key)) if !expired => {
                let text = key.open(&result_place(id), sealed)?;
                serde_json::from_slice(&text)
                    .map_err(|_| AppError::Internal("a result's sealed part is no JSON"))?
            }
            _ => StoredResult::default(),
        };
        Ok(StoredView {
            record,
            stored,
            sensitive_data_expired: expired,
        })
    }

    /// A page of results without personal data.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_results(
        &self,
        tenant: Tenant,
        filter: &ResultFilter,
        request: PageRequest,
    ) -> Result<Page<ResultRecord>, AppError> {
        let (start, limit) = request.start();
        let rows = self
            .db
            .query(store::list(tenant, filter, start, limit))
            .await?;
        let records = rows
            .iter()
            .map(ResultRecord::from_row)
            .collect::<Result<Vec<_>, _>>()?;
        let total = if request.has_total() {
            self.total_results(tenant, filter).await?
        } else {
            None
        };
        Ok(Page::of(records, request, total, |record| {
            record.session_id.uuid()
        }))
    }

    /// Exact for a filtered list of up to [`COUNTED`] rows; all together by the counters, since a
    /// session has a result while it is under review or completed and at no other time.
    async fn total_results(
        &self,
        tenant: Tenant,
        filter: &ResultFilter,
    ) -> Result<Option<i64>, AppError> {
        let mut statements = vec![store::count(tenant, filter, COUNTED + 1)];
        if filter.is_empty() {
            let judged = [Status::UnderReview, Status::Completed];
            statements = judged
                .map(|status| counters::sum(tenant, &counter(status)))
                .into();
        }
        let mut total: i64 = 0;
        for statement in statements {
            let row = self.db.query_opt(statement).await?;
            total += row.map_or(Ok(0), |row| row.get::<i64>(0))?;
        }
        Ok((filter.is_empty() || total <= COUNTED).then_some(total))
    }
}
