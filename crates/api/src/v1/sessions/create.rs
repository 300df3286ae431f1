//! `POST /api/v1/sessions`

use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use verifa_app::App;
use verifa_app::sessions::{CreateSession, Invitation, Session};
use verifa_core::id::SessionId;
use verifa_core::session::{ApplicantFields, Metadata, Status, apply_aliases};
use verifa_core::time::Timestamp;
use verifa_vault::DataKey;

use crate::api_state::ApiState;
use crate::body::RequestBody;
use crate::error::{ApiError, Code, FieldError};
use crate::mutation::{Mutation, Outcome};
use crate::page::Query;
use crate::qr::data_url;
use crate::quota::{self, DailyQuota};
use crate::respond::{Created, answers};

/// What a session is created with; every field is optional.
#[derive(Deserialize, ToSchema)]
#[schema(as = SessionCreate)]
pub struct Body {
    /// Your own id for the person, at most 255 characters.
    #[schema(example = "customer-4711")]
    external_ref: Option<String>,
    /// With a publishable key: hex HMAC-SHA-256 of `external_ref` under the organization's
    /// reference secret, which `verifa keys reference-secret` shows.
    #[schema(example = json!(null))]
    external_ref_signature: Option<String>,
    /// Your own data: at most 50 keys, 16,384 bytes a value, 64 KB in all. Kept as sent.
    #[schema(value_type = Option<HashMap<String, Value>>, example = json!({"plan": "pro"}))]
    metadata: Option<Metadata>,
    /// ISO 3166-1 alpha-2.
    #[schema(example = "DE")]
    country: Option<String>,
    /// A subset of the workflow's checks; the others are skipped.
    #[schema(example = json!(null))]
    checks: Option<Vec<String>>,
    /// The workflow; default: the organization's.
    #[schema(example = json!(null))]
    workflow_id: Option<String>,
    /// Where the person goes afterwards; https, or http on localhost.
    #[schema(example = "https://shop.example/done")]
    redirect_url: Option<String>,
    /// What you know of the applicant: `first_name`, `middle_name`, `last_name`,
    /// `date_of_birth`, `email`, `phone`, `ssn`, `nationality`, `gender`, `document_number`,
    /// `address {line1, line2, city, state, zip, country}`.
    #[schema(value_type = Option<HashMap<String, Value>>, example = json!({"first_name": "Jane"}))]
    fields: Option<Value>,
    /// Whether to mail the capture link.
    #[schema(example = false)]
    send_email: Option<bool>,
    /// The applicant's e-mail address.
    #[schema(example = json!(null))]
    applicant_email: Option<String>,
    /// The applicant's name.
    #[schema(example = json!(null))]
    applicant_name: Option<String>,
    /// The brand that mail and pages show.
    #[schema(example = json!(null))]
    brand_name: Option<String>,
    /// Where the applicant finds help.
    #[schema(example = json!(null))]
    support_url: Option<String>,
    /// The language of pages and mails, as a BCP 47 tag.
    #[schema(example = "en")]
    locale: Option<String>,
    /// Life of the capture token: 1 to 43200 minutes; default 20, with `send_email` 7 days.
    #[schema(example = 20)]
    expires_in_minutes: Option<i64>,
    /// Your labels, at most 50.
    #[schema(example = json!(["vip"]))]
    tags: Option<Vec<String>>,
}

impl RequestBody for Body {
    fn aliases(mut body: Map<String, Value>) -> Result<Map<String, Value>, FieldError> {
        apply_aliases(&mut body);
        Ok(body)
    }

    fn keep_as_sent(&mut self, metadata: Metadata) {
        self.metadata = Some(metadata);
    }
}

/// A session just created.
#[derive(Serialize, ToSchema)]
#[schema(as = SessionCreated)]
pub struct CreatedView {
    /// Its id.
    #[schema(value_type = String, example = "ses_01kcd2fgpzeq7v5rk1yh3b6a9d")]
    id: SessionId,
    /// `pending`.
    #[schema(value_type = String, example = "pending")]
    status: Status,
    /// Where the person is sent to.
    #[schema(example = "https://id.example.org/verify/tok_…")]
    capture_url: Option<String>,
    /// Whether it belongs to the sandbox.
    #[schema(example = false)]
    is_sandbox: bool,
    /// When it was created.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When the capture token dies.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
    /// As sent.
    external_ref: Option<String>,
    /// The capture page as a PNG data URL; only with `include=qr`.
    #[schema(example = json!(null))]
    qr_code_data_url: Option<String>,
    /// As sent, without repeats.
    #[schema(example = json!(["vip"]))]
    tags: Vec<String>,
}

impl Outcome for Session {
    fn data_key(&self) -> Option<&DataKey> {
        self.key().ok()
    }
}

/// Create a session
///
/// Makes a session and its capture link. Field names of other platforms, such as `reference-id`,
/// `inquiry-template-id` or `name-first`, are read as aliases.
#[utoipa::path(
    post, path = "/api/v1/sessions", tag = "Sessions", operation_id = "create_session",
    params(("include" = Option<String>, Query, description = "`qr` for the capture link as a picture.")),
    request_body = Body, responses(answers::Invalid)
)]
pub async fn create_session(
    State(state): State<ApiState>,
    mut query: Query,
    mut call: Mutation,
) -> Result<Created<CreatedView>, ApiError> {
    let with_qr = query.text("include", 64).as_deref() == Some("qr");
    query.finish()?;
    let body: Body = call.json().await?;
    if let Some(answer) = call.earlier(&state.app).await? {
        // Nothing is made: neither the limit nor the quota is touched.
        return Ok(answer);
    }
    call.exchange().count_session_creation()?;
    if call.caller().key().publishable {
        refuse_from_browsers(&body)?;
        check_reference(&state.app, &call, &body).await?;
    }
    let command = command(body)?;
    let app = &*state.app;
    let quota = daily_quota(&call);
    if let Some(quota) = &quota {
        // Told as it is once this session is made.
        let mut standing = match quota.check(app, call.exchange()).await {
            Ok(standing) => standing,
            // The last one may just have gone to this very call, sent twice at once.
            Err(refusal) => return call.earlier(app).await?.ok_or(refusal),
        };
        standing.remaining -= 1;
        call.exchange().show_quota(standing);
        call.loses_on(quota::USED_UP);
    }
    let made = call
        .run(
            app,
            || async {
                let mut decided = app.create_session(call.actor(), command.clone()).await?;
                if let Some(quota) = &quota {
                    quota.count_in(&mut decided.commit);
                }
                Ok(decided)
            },
            |session| view(app, session, with_qr),
        )
        .await;
    let lost = made
        .as_ref()
        .is_err_and(|refusal| refusal.code() == Code::Conflict);
    if let (true, Some(quota)) = (lost, &quota) {
        // Others took the last one meanwhile: then that is the answer.
        quota.check(app, call.exchange()).await?;
    }
    made
}

/// The quota of the caller's plan, if it has one.
fn daily_quota(call: &Mutation) -> Option<DailyQuota> {
    let exchange = call.exchange();
    let plans = &exchange.shared().limits.settings().plans;
    let limit = plans
        .limits(call.caller().key().plan)
        .verifications_per_day?;
    Some(DailyQuota::new(call.tenant(), limit, exchange.now()))
}

fn view(app: &App, session: &Session, with_qr: bool) -> CreatedView {
    let record = &session.record;
    let capture_url = session.capture_url(app);
    CreatedView {
        id: record.id,
        status: record.status,
        qr_code_data_url: capture_url
            .as_deref()
            .filter(|_| with_qr)
            .and_then(data_url),
        capture_url,
        is_sandbox: record.tenant.environment.is_sandbox(),
        created_at: record.created_at,
        expires_at: record.token_expires_at,
        external_ref: record.external_ref.clone(),
        tags: record.tags.clone(),
    }
}

/// A browser may neither weaken the checks, nor send mail, nor attach itself to somebody's
/// identity.
fn refuse_from_browsers(body: &Body) -> Result<(), ApiError> {
    let given = [
        ("checks", body.checks.is_some()),
        ("send_email", body.send_email.is_some()),
        ("applicant_email", body.applicant_email.is_some()),
        ("applicant_name", body.applicant_name.is_some()),
        ("brand_name", body.brand_name.is_some()),
        ("support_url", body.support_url.is_some()),
        ("fields", body.fields.is_some()),
    ];
    match given.iter().find(|(_, given)| *given) {
        None => Ok(()),
        Some((name, _)) => Err(ApiError::forbidden(format!(
            "A publishable API key may not set `{name}`."
        ))),
    }
}

/// A browser may name a person only with the operator's signature.
async fn check_reference(app: &App, call: &Mutation, body: &Body) -> Result<(), ApiError> {
    let Some(reference) = &body.external_ref else {
        return Ok(());
    };
    let signature = body.external_ref_signature.as_deref().unwrap_or_default();
    let organization = call.tenant().organization;
    if app
        .reference_is_signed(organization, reference, signature)
        .await?
    {
        return Ok(());
    }
    Err(ApiError::forbidden(
        "A publishable API key may set `external_ref` only with a valid `external_ref_signature`.",
    ))
}

fn command(body: Body) -> Result<CreateSession, ApiError> {
    let metadata = body.metadata.unwrap_or_default();
    let fields = match body.fields {
        Some(value) if !value.is_null() => {
            ApplicantFields::parse("fields", &value).map_err(|faults| {
                ApiError::invalid(faults.into_iter().map(FieldError::from).collect())
            })?
        }
        _ => ApplicantFields::default(),
    };
    let mailed = metadata
        .get("applicant_email")
        .and_then(|value| value.as_str().map(str::to_owned));
    Ok(CreateSession {
        external_ref: body.external_ref,
        metadata,
        country: body.country,
        checks: body.checks,
        workflow_id: body.workflow_id,
        redirect_url: body.redirect_url,
        fields,
        send_email: body.send_email.unwrap_or(false),
        invitation: Invitation {
            email: body
                .applicant_email
                .or(mailed.filter(|_| body.send_email == Some(true))),
            name: body.applicant_name,
            brand: body.brand_name,
            support_url: body.support_url,
        },
        locale: body.locale,
        expires_in_minutes: body.expires_in_minutes,
        tags: body.tags.unwrap_or_default(),
    })
}
