//! Creating a session.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, json};
use verifa_core::fault::{Fault, FaultCode};
use verifa_core::id::{Id, SessionId, WorkflowId};
use verifa_core::privacy::RetentionStage;
use verifa_core::session::{
    ApplicantFields, Country, Event, Metadata, RetentionStatus, Status, Tags, check_external_ref,
    check_redirect_url, check_text, is_email, metadata,
};
use verifa_core::tenant::Tenant;
use verifa_core::time::Timestamp;
use verifa_store::keys;
use verifa_store::sessions::{self as store, SessionRecord};
use verifa_vault::{CaptureToken, OrganizationKey};

use super::invite::invite;
use super::load::Session;
use super::moved::{audited, counter, tell};
use super::private::Private;
use crate::actor::Actor;
use crate::error::AppError;
use crate::job::JobName;
use crate::keyring::new_data_key;
use crate::{App, Change, Decided};

/// Unknown names among the checks that one answer tells of.
const MAXIMUM_FAULTS: usize = 50;
/// Longest life of a capture token, in minutes: 30 days.
const MAXIMUM_TOKEN_MINUTES: i64 = 43_200;
/// Life of a capture token that is mailed, in minutes: seven days.
const MAILED_TOKEN_MINUTES: i64 = 10_080;
/// Most characters of a name or brand.
const MAXIMUM_NAME: usize = 255;
/// Most characters of a language tag.
const MAXIMUM_LOCALE: usize = 35;

/// How to address the applicant. Deliberately without `Debug`.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Invitation {
    /// The applicant's e-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The applicant's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The brand that the mail and the pages show.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub brand: Option<String>,
    /// Where the applicant finds help.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub support_url: Option<String>,
}

/// What a session is created with; every field is optional.
#[derive(Clone, Default)]
pub struct CreateSession {
    /// The operator's own id for the person.
    pub external_ref: Option<String>,
    /// The operator's own data.
    pub metadata: Metadata,
    /// ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// A subset of the workflow's operator-placed checks.
    pub checks: Option<Vec<String>>,
    /// The workflow; absent: the organization's default.
    pub workflow_id: Option<String>,
    /// Where the person goes after the end.
    pub redirect_url: Option<String>,
    /// What the operator knows of the applicant.
    pub fields: ApplicantFields,
    /// Whether to mail the capture link.
    pub send_email: bool,
    /// How to address the applicant.
    pub invitation: Invitation,
    /// The language of pages and mails.
    pub locale: Option<String>,
    /// Life of the capture token, in minutes.
    pub expires_in_minutes: Option<i64>,
    /// The operator's labels.
    pub tags: Vec<String>,
}

/// A checked [`CreateSession`].
struct Checked {
    country: Option<Country>,
    checks: Option<Vec<String>>,
    tags: Tags,
    token_minutes: i64,
    workflow: WorkflowId,
}

impl App {
    /// Creates a session.
    ///
    /// # Errors
    /// [`AppError::Invalid`] with every offence of the input.
    pub async fn create_session(
        &self,
        actor: &Actor,
        command: CreateSession,
    ) -> Result<Decided<Session>, AppError> {
        let checked = self.check_create(actor, &command).await?;
        let mut change = Change::begin(self, actor);
        let organization = self
            .keys
            .organization(&self.db, actor.tenant.organization)
            .await?;
        let send_email = command.send_email;
        let (mut session, wrapped) = self.new_session(&change, &organization, command, &checked)?;
        let id = session.id();
        if send_email {
            invite(&mut change, &mut session)?;
            session.seal(self)?;
        }
        change.push(keys::insert_data(
            id,
            actor.tenant.organization,
            &wrapped,
            change.now,
        ));
        change.extend(store::insert(&session.record));
        if let Some(expires_at) = session.record.token_expires_at {
            change.job(&JobName::ExpireSession(id), expires_at);
        }
        let facts = json!({ "invited": send_email });
        audited(&mut change, &session, "session.created", &facts)?;
        let status = session.status().as_str();
        for event in Event::Created.webhook_events() {
            tell(&mut change, &session, *event, status, Map::new())?;
        }
        // Last: others wait for this row.
        change.count(&counter(Status::Pending), 1);
        Ok(Decided {
            commit: change.into_commit(),
            answer: session,
            session: Some(id),
        })
    }

    /// The session as it begins, sealed by a key of its own; and that key's wrapping.
    fn new_session(
        &self,
        change: &Change<'_>,
        organization: &OrganizationKey,
        command: CreateSession,
        checked: &Checked,
    ) -> Result<(Session, Vec<u8>), AppError> {
        let id = SessionId::generate(change.now, &*self.random);
        let (key, wrapped) = new_data_key(organization, id, &*self.random);
        let token = CaptureToken::generate(&*self.random);
        let mut session = Session {
            record: SessionRecord {
                id,
                tenant: change.tenant(),
                status: Status::Pending,
                revision: 1,
                workflow_id: checked.workflow,
                external_ref: command.external_ref,
                country: checked
                    .country
                    .as_ref()
                    .map(|country| country.as_str().to_owned()),
                document_type: None,
                checks: checked.checks.clone(),
                tags: checked.tags.as_slice().to_vec(),
                redirect_url: command.redirect_url,
                locale: command.locale,
                token_hash: Some(self.keys.server().token_hash(&token).as_bytes().to_vec()),
                token_expires_at: Some(expiry(change.now, checked.token_minutes)),
                token_minutes: checked.token_minutes,
                retention_status: RetentionStatus::Active,
                processing_attempts: 0,
                sealed: None,
                terminal_at: None,
                created_at: change.now,
                updated_at: change.now,
                wrapped_key: None,
                case: None,
                retention_stage: RetentionStage::Kept,
                retention_anchor: change.now,
                legal_hold_at: None,
                former_token_hash: None,
            },
            private: Private {
                metadata: command.metadata,
                fields: command.fields,
                capture_token: Some(token.reveal().to_owned()),
                consent_ip: None,
                invitation: command.invitation,
                ..Private::default()
            },
            key: Some(key),
        };
        session.seal(self)?;
        Ok((session, wrapped))
    }

    async fn check_create(
        &self,
        actor: &Actor,
        command: &CreateSession,
    ) -> Result<Checked, AppError> {
        let mut faults = check_plain_fields(command);
        let country = command.country.as_deref().map(|text| {
            Country::parse(text).ok_or_else(|| {
                Fault::new(
                    "country",
                    FaultCode::Invalid,
                    "Must be an ISO 3166-1 alpha-2 code.",
                )
            })
        });
        let country = keep(country.transpose(), &mut faults).flatten();
        let tags = match Tags::new(command.tags.iter().cloned()) {
            Ok(tags) => tags,
            Err(found) => {
                faults.extend(found);
                Tags::default()
            }
        };
        let token_minutes = match command.expires_in_minutes {
            Some(minutes) => minutes,
            // Mail is read when people get to it.
            None if command.send_email => MAILED_TOKEN_MINUTES,
            None => self.token_minutes(actor.tenant).await?,
        };
        if !(1..=MAXIMUM_TOKEN_MINUTES).contains(&token_minutes) {
            faults.push(Fault::new(
                "expires_in_minutes",
                FaultCode::OutOfRange,
                format_args!("Must be from 1 to {MAXIMUM_TOKEN_MINUTES}."),
            ));
        }
        let workflow = self.workflow_for(actor, command, &mut faults).await?;
        match workflow {
            Some(workflow) if faults.is_empty() => Ok(Checked {
                country,
                checks: command.checks.as_deref().map(each_once),
                tags,
                token_minutes,
                workflow,
            }),
            _ => Err(AppError::Invalid(faults)),
        }
    }

    /// Life of a capture token where the call names none: the organization's, else the server's.
    async fn token_minutes(&self, tenant: Tenant) -> Result<i64, AppError> {
        let settings = self.organization_settings(tenant).await?;
        let own = settings.capture.token_minutes.map(i64::from);
        Ok(own.unwrap_or(self.settings.token_minutes))
    }

    /// The workflow that the session will be judged by, its checks compared with the subset asked
    /// for.
    async fn workflow_for(
        &self,
        actor: &Actor,
        command: &CreateSession,
        faults: &mut Vec<Fault>,
    ) -> Result<Option<WorkflowId>, AppError> {
        let organization = actor.tenant.organization;
        let named = command.workflow_id.as_ref().map(|text| text.parse());
        let Ok(named) = named.transpose() else {
            faults.push(unknown_workflow());
            return Ok(None);
        };
        let Some(workflow) = self.usable_workflow(organization, named).await? else {
            faults.push(unknown_workflow());
            return Ok(None);
        };
        if let Some(checks) = &command.checks {
            let version = self
                .workflow_version(workflow.id, workflow.current_version)
                .await?;
            for (position, name) in checks.iter().enumerate() {
                if !version
                    .operator_policies
                    .iter()
                    .any(|placed| placed == name)
                {
                    faults.push(Fault::new(
                        format_args!("checks[{position}]"),
                        FaultCode::UnknownValue,
                        "The workflow has no such check.",
                    ));
                }
                if faults.len() > MAXIMUM_FAULTS {
                    break;
                }
            }
        }
        Ok(Some(workflow.id))
    }
}

/// The end of a token's life that begins now.
pub(super) fn expiry(now: Timestamp, minutes: i64) -> Timestamp {
    now.plus(Duration::from_secs(minutes.unsigned_abs() * 60))
}

/// The names without repeats, in the order they came.
fn each_once(names: &[String]) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for name in names {
        if !kept.contains(name) {
            kept.push(name.clone());
        }
    }
    kept
}

fn unknown_workflow() -> Fault {
    Fault::new(
        "workflow_id",
        FaultCode::UnknownReference,
        "There is no such active workflow.",
    )
}

fn keep<T>(result: Result<T, Fault>, faults: &mut Vec<Fault>) -> Option<T> {
    result.map_err(|fault| faults.push(fault)).ok()
}

fn check_plain_fields(command: &CreateSession) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut check = |outcome: Option<Result<(), Fault>>| {
        if let Some(Err(fault)) = outcome {
            faults.push(fault);
        }
    };
    let invitation = &command.invitation;
    check(command.external_ref.as_deref().map(check_external_ref));
    check(command.redirect_url.as_deref().map(check_redirect_url));
    check(
        command
            .locale
            .as_deref()
            .map(|text| check_text("locale", text, MAXIMUM_LOCALE)),
    );
    check(text(invitation.name.as_deref(), "applicant_name"));
    check(text(invitation.brand.as_deref(), "brand_name"));
    check(invitation.support_url.as_deref().map(|url| {
        check_redirect_url(url).map_err(|fault| Fault {
            field: "support_url".to_owned(),
            ..fault
        })
    }));
    check(invitation.email.as_deref().map(|email| {
        if is_email(email) {
            return Ok(());
        }
        Err(Fault::new(
            "applicant_email",
            FaultCode::Invalid,
            "Must be an e-mail address.",
        ))
    }));
    if command.send_email {
        check(Some(check_recipient(invitation.email.as_deref())));
    }
    if let Err(found) = metadata::check("metadata", &command.metadata) {
        faults.extend(found);
    }
    faults
}

/// With `send_email` there has to be an address that a message can go to.
fn check_recipient(email: Option<&str>) -> Result<(), Fault> {
    match email {
        None => Err(Fault::new(
            "applicant_email",
            FaultCode::Required,
            "An address is needed to send the link to.",
        )),
        // Said already, where it has not even the shape of one.
        Some(email) if is_email(email) && verifa_mail::Address::parse(email).is_err() => {
            Err(Fault::new(
                "applicant_email",
                FaultCode::Invalid,
                "Mail can't be sent to this address.",
            ))
        }
        Some(_) => Ok(()),
    }
}

fn text(value: Option<&str>, field: &str) -> Option<Result<(), Fault>> {
    value.map(|value| check_text(field, value, MAXIMUM_NAME))
}
