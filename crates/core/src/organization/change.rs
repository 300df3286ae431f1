//! The body of `PATCH /api/v1/settings`: absent fields stay, `null` gives a field's default or
//! switches it off, and each offence names its path.

use serde_json::Value;

use super::fields::{
    Fields, check_email, check_line, check_locale, check_logo, check_page, read_colour, read_word,
};
use super::name::check_name;
use super::settings::{
    EXTRACTED_FIELDS, OrganizationSettings, Plan, RetryScheduleName, SignalAction,
};
use crate::fault::{Fault, FaultCode};
use crate::id::WorkflowId;
use crate::object::unknown_value;
use crate::session::check_text;

/// A hundred years: longer is a mistake.
const MAXIMUM_DAYS: u32 = 36_500;
/// Shortest and longest life of a signed link, in seconds.
const IMAGE_URL_SECONDS: std::ops::RangeInclusive<u32> = 30..=86_400;
/// Shortest and longest life of a capture token, in minutes (spec/sessions.md, "Create").
const TOKEN_MINUTES: std::ops::RangeInclusive<u32> = 1..=43_200;
/// Most people who hear of what goes wrong.
const MOST_ADMINS: usize = 20;
/// Most languages of the capture pages.
const MOST_LOCALES: usize = 50;
/// Most colours of a branding.
const MOST_COLOURS: usize = 20;
/// Most signals with an action of their own; the specification knows about seventy.
const MOST_SIGNALS: usize = 200;
/// Most characters of a consent text's version.
const MAXIMUM_VERSION: usize = 64;

/// What a body asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct SettingsChange {
    /// The new display name.
    pub name: Option<String>,
    /// The new plan.
    pub plan: Option<Plan>,
    /// The workflow of sessions that name none.
    pub default_workflow_id: Option<WorkflowId>,
    /// The revision that the caller saw; another one is a conflict.
    pub revision: Option<i64>,
    /// The settings from now on.
    pub settings: OrganizationSettings,
}

/// Reads a body against the settings as they are. Fields that are not known are ignored, so that
/// a settings object can be sent back as it was read.
///
/// # Errors
/// Every offence, with its path.
pub fn read_change(
    body: &Value,
    current: &OrganizationSettings,
) -> Result<SettingsChange, Vec<Fault>> {
    let mut faults = Vec::new();
    let Some(mut fields) = Fields::open(body, &mut faults) else {
        return Err(faults);
    };
    let mut settings = current.clone();
    let name = fields.text("name").map(str::to_owned);
    if let Some(Err(fault)) = name.as_deref().map(|name| check_name("name", name)) {
        fields.refuse("name", fault.code, &fault.message);
    }
    let plan = read_plan(&mut fields);
    let default_workflow_id = read_workflow(&mut fields);
    let revision = fields.count("revision");
    read_data(&mut fields, &mut settings);
    read_retention(&mut fields, &mut settings);
    read_looks(&mut fields, &mut settings);
    read_flow(&mut fields, &mut settings);
    if !faults.is_empty() {
        return Err(faults);
    }
    Ok(SettingsChange {
        name: name.map(|name| name.trim().to_owned()),
        plan,
        default_workflow_id,
        revision,
        settings,
    })
}

fn read_plan(fields: &mut Fields<'_, '_>) -> Option<Plan> {
    let text = fields.text("plan")?;
    let plan = Plan::parse(text);
    if plan.is_none() {
        let fault = unknown_value("plan", &words(Plan::ALL, Plan::as_str));
        fields.refuse("plan", fault.code, &fault.message);
    }
    plan
}

fn read_workflow(fields: &mut Fields<'_, '_>) -> Option<WorkflowId> {
    let text = fields.text("default_workflow_id")?;
    let id = text.parse().ok();
    if id.is_none() {
        let message = "There is no such active workflow.";
        fields.refuse("default_workflow_id", FaultCode::UnknownReference, message);
    }
    id
}

/// What the API shows, and for how long a link shows a picture.
fn read_data(fields: &mut Fields<'_, '_>, settings: &mut OrganizationSettings) {
    let default = OrganizationSettings::default();
    fields.optional_texts(
        "api_pii_fields",
        &mut settings.api_pii_fields,
        EXTRACTED_FIELDS.len(),
        |path, text| {
            if EXTRACTED_FIELDS.contains(&text) {
                return Ok(());
            }
            Err(unknown_value(path, EXTRACTED_FIELDS))
        },
    );
    fields.number(
        "image_url_expiry_seconds",
        &mut settings.image_url_expiry_seconds,
        default.image_url_expiry_seconds,
        IMAGE_URL_SECONDS,
    );
}

fn read_retention(fields: &mut Fields<'_, '_>, settings: &mut OrganizationSettings) {
    const SENSITIVE: &str = "sensitive_data_retention_days";
    const FULL: &str = "data_retention_days";
    let default = OrganizationSettings::default();
    fields.optional_number(FULL, &mut settings.data_retention_days, 1..=MAXIMUM_DAYS);
    fields.optional_number(
        SENSITIVE,
        &mut settings.sensitive_data_retention_days,
        1..=MAXIMUM_DAYS,
    );
    fields.flag(
        "auto_redact_on_retention_expiry",
        &mut settings.auto_redact_on_retention_expiry,
        default.auto_redact_on_retention_expiry,
    );
    let windows = (
        settings.sensitive_data_retention_days,
        settings.data_retention_days,
    );
    if let (Some(sensitive), Some(full)) = windows
        && sensitive > full
    {
        // The one that the body names is the one to mend.
        let field = if fields.names(SENSITIVE) {
            SENSITIVE
        } else {
            FULL
        };
        let message = "sensitive_data_retention_days may not be above data_retention_days.";
        fields.refuse(field, FaultCode::OutOfRange, message);
    }
}

/// Branding and mail.
fn read_looks(fields: &mut Fields<'_, '_>, settings: &mut OrganizationSettings) {
    fields.within("branding", &mut settings.branding, |fields, branding| {
        fields.optional_text("name", &mut branding.name, check_line);
        fields.optional_text("logo", &mut branding.logo, check_logo);
        fields.map("colours", &mut branding.colours, MOST_COLOURS, read_colour);
        fields.optional_text("support_url", &mut branding.support_url, check_page);
    });
    fields.within("email", &mut settings.email, |fields, email| {
        fields.optional_text("from", &mut email.from, check_email);
        fields.texts("admins", &mut email.admins, MOST_ADMINS, check_email);
        if fields.is_given("smtp_url") {
            let message = "Mail goes through the server's own transport, which its operator sets.";
            fields.refuse("smtp_url", FaultCode::Invalid, message);
        }
    });
}

/// What happens to sessions.
fn read_flow(fields: &mut Fields<'_, '_>, settings: &mut OrganizationSettings) {
    let default = OrganizationSettings::default();
    fields.flag(
        "dual_review",
        &mut settings.dual_review,
        default.dual_review,
    );
    fields.within("face_match", &mut settings.face_match, |fields, face| {
        fields.optional_share("threshold", &mut face.threshold);
    });
    let actions = words(SignalAction::ALL, SignalAction::as_str);
    fields.map(
        "fraud_signal_actions",
        &mut settings.fraud_signal_actions,
        MOST_SIGNALS,
        |path, value| read_word(path, value, &actions),
    );
    fields.within("capture", &mut settings.capture, |fields, capture| {
        fields.texts("locales", &mut capture.locales, MOST_LOCALES, check_locale);
        fields.optional_number("token_minutes", &mut capture.token_minutes, TOKEN_MINUTES);
    });
    fields.within("consent", &mut settings.consent, |fields, consent| {
        fields.flag("required", &mut consent.required, false);
        fields.flag("biometric_required", &mut consent.biometric_required, false);
        fields.optional_text("version", &mut consent.version, |path, text| {
            check_text(path, text, MAXIMUM_VERSION)
        });
    });
    let schedules = words(RetryScheduleName::ALL, RetryScheduleName::as_str);
    fields.within("webhooks", &mut settings.webhooks, |fields, webhooks| {
        let standard = RetryScheduleName::Standard;
        fields.word("schedule", &mut webhooks.schedule, standard, &schedules);
    });
}

fn words<T: Copy>(all: &[T], text: fn(T) -> &'static str) -> Vec<&'static str> {
    all.iter().copied().map(text).collect()
}

impl OrganizationSettings {
    /// The names of the fields in which two settings differ, for the audit trail.
    pub fn differences(&self, other: &Self) -> Vec<&'static str> {
        let pairs = [
            (
                "api_pii_fields",
                self.api_pii_fields != other.api_pii_fields,
            ),
            (
                "image_url_expiry_seconds",
                self.image_url_expiry_seconds != other.image_url_expiry_seconds,
            ),
            (
                "data_retention_days",
                self.data_retention_days != other.data_retention_days,
            ),
            (
                "sensitive_data_retention_days",
                self.sensitive_data_retention_days != other.sensitive_data_retention_days,
            ),
            (
                "auto_redact_on_retention_expiry",
                self.auto_redact_on_retention_expiry != other.auto_redact_on_retention_expiry,
            ),
            ("dual_review", self.dual_review != other.dual_review),
            ("face_match", self.face_match != other.face_match),
            (
                "fraud_signal_actions",
                self.fraud_signal_actions != other.fraud_signal_actions,
            ),
            ("branding", self.branding != other.branding),
            ("email", self.email != other.email),
            ("capture", self.capture != other.capture),
            ("consent", self.consent != other.consent),
            ("webhooks", self.webhooks != other.webhooks),
        ];
        let changed = pairs.into_iter().filter(|(_, differs)| *differs);
        changed.map(|(name, _)| name).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn changed(body: &Value) -> SettingsChange {
        read_change(body, &OrganizationSettings::default()).unwrap()
    }

    fn refused(body: &Value) -> Vec<(String, FaultCode)> {
        let faults = read_change(body, &OrganizationSettings::default()).unwrap_err();
        faults
            .into_iter()
            .map(|fault| (fault.field, fault.code))
            .collect()
    }

    #[test]
    fn absent_stays_and_null_resets_or_switches_off() {
        let set = changed(&json!({
            "image_url_expiry_seconds": 60, "sensitiveDataRetentionDays": 10,
            "branding": {"name": "Bank", "colours": {"primary": "#AABBCC"}},
            "capture": {"token-minutes": 45}, "api_pii_fields": ["last_name", "last_name"],
        }));
        let settings = set.settings;
        assert_eq!(settings.image_url_expiry_seconds, 60);
        assert_eq!(settings.sensitive_data_retention_days, Some(10));
        assert_eq!(settings.data_retention_days, Some(365));
        assert_eq!(settings.branding.colours["primary"], "#aabbcc");
        assert_eq!(settings.capture.token_minutes, Some(45));
        assert_eq!(settings.api_pii_fields.as_ref().unwrap().len(), 1);
        let again = read_change(
            &json!({"image_url_expiry_seconds": null, "branding": {"name": null},
                "capture": null, "data_retention_days": null, "api_pii_fields": null}),
            &settings,
        );
        let again = again.unwrap().settings;
        assert_eq!(again.image_url_expiry_seconds, 300);
        assert_eq!(again.branding.name, None);
        assert_eq!(again.branding.colours.len(), 1);
        assert_eq!(again.capture.token_minutes, None);
        assert_eq!(again.data_retention_days, None);
        assert_eq!(
            settings.differences(&again),
            [
                "api_pii_fields",
                "image_url_expiry_seconds",
                "data_retention_days",
                "branding",
                "capture"
            ]
        );
    }

    #[test]
    fn offences_name_their_paths() {
        let found = refused(&json!({
            "name": "", "plan": "gold", "default_workflow_id": "wfl_1", "revision": -1,
            "api_pii_fields": ["first_name", "shoe_size"],
            "image_url_expiry_seconds": 29,
            "data_retention_days": 0,
            "branding": {"logo": "https://x.example/a.png", "support_url": "ftp://x",
                "colours": {"primary": "red", "Ü": "#000000"}, "name": "a\nb"},
            "email": {"from": "nobody", "admins": ["a@b.example", 3], "smtp_url": "smtp://x"},
            "capture": {"locales": ["de", "not a tag"], "token_minutes": 43_201},
            "face_match": {"threshold": 1.5},
            "fraud_signal_actions": {"vpn_detected": "explode"},
            "consent": {"required": "yes"},
            "webhooks": {"schedule": "weekly"},
            "dual_review": 1,
        }));
        let mut fields: Vec<_> = found.iter().map(|(field, _)| field.as_str()).collect();
        fields.sort_unstable();
        assert_eq!(
            fields,
            [
                "api_pii_fields[1]",
                "branding.colours.primary",
                "branding.colours.Ü",
                "branding.logo",
                "branding.name",
                "branding.support_url",
                "capture.locales[1]",
                "capture.token_minutes",
                "consent.required",
                "data_retention_days",
                "default_workflow_id",
                "dual_review",
                "email.admins[1]",
                "email.from",
                "email.smtp_url",
                "face_match.threshold",
                "fraud_signal_actions.vpn_detected",
                "image_url_expiry_seconds",
                "name",
                "plan",
                "revision",
                "webhooks.schedule",
            ]
        );
    }

    #[test]
    fn the_sensitive_window_ends_first() {
        let shorter = refused(&json!({"data_retention_days": 30}));
        assert_eq!(
            shorter,
            [("data_retention_days".to_owned(), FaultCode::OutOfRange)]
        );
        let both =
            refused(&json!({"data_retention_days": 30, "sensitive_data_retention_days": 31}));
        assert_eq!(both[0].0, "sensitive_data_retention_days");
        changed(&json!({"data_retention_days": 30, "sensitive_data_retention_days": 30}));
        changed(&json!({"data_retention_days": null, "sensitive_data_retention_days": 400}));
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(|number| json!(number)),
            ".{0,12}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 24, 6, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                proptest::collection::hash_map("[a-zA-Z_é-]{0,12}", inner, 0..5)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    const NAMES: &[&str] = &[
        "name",
        "plan",
        "api_pii_fields",
        "image_url_expiry_seconds",
        "data_retention_days",
        "branding",
        "email",
        "capture",
        "consent",
        "face_match",
        "fraud_signal_actions",
        "webhooks",
        "default_workflow_id",
        "revision",
    ];

    proptest! {
        #[test]
        fn any_body_is_judged_and_what_passes_reads_back(
            values in proptest::collection::vec(any_json(), NAMES.len())
        ) {
            let body: serde_json::Map<_, _> =
                NAMES.iter().map(|name| (*name).to_owned()).zip(values).collect();
            match read_change(&Value::Object(body), &OrganizationSettings::default()) {
                Ok(change) => {
                    let text = serde_json::to_string(&change.settings).unwrap();
                    let read: OrganizationSettings = serde_json::from_str(&text).unwrap();
                    prop_assert_eq!(read, change.settings);
                }
                Err(faults) => prop_assert!(!faults.is_empty()),
            }
        }
    }
}
