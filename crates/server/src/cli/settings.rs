//! `verifa settings`: what an organization decides for itself, as `/api/v1/settings` has it.

use std::sync::Arc;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use serde_json::{Map, Value};
use verifa_api::v1::settings::view::SettingsView;
use verifa_app::App;
use verifa_app::actor::Author;
use verifa_core::tenant::{Environment, Tenant};

use super::arguments::Arguments;
use super::keys::{explained, open, organization};
use crate::terminal;

/// What to do with settings.
#[derive(Subcommand)]
pub(crate) enum SettingsCommand {
    /// Print an organization's settings as JSON
    Show(WhoseSettings),
    /// Change some of them
    Set(SetArguments),
}

/// Whose settings.
#[derive(Args)]
pub(crate) struct WhoseSettings {
    #[command(flatten)]
    arguments: Arguments,
    /// The organization, where the server holds several
    #[arg(long)]
    organization: Option<String>,
    /// `live` or `sandbox`, which has the live settings until one of its own is set
    #[arg(long, default_value = "live")]
    environment: Environment,
}

/// What `settings set` is called with.
#[derive(Args)]
pub(crate) struct SetArguments {
    #[command(flatten)]
    whose: WhoseSettings,
    /// A setting and its value, as JSON or as plain text: `webhooks.schedule=extended`,
    /// `data_retention_days=null`, `email.admins=["ops@example.org"]`
    #[arg(required = true, value_name = "NAME=VALUE")]
    settings: Vec<String>,
}

/// Does it.
///
/// # Errors
/// When the installation can't be opened, the organization is not there, or a value is refused.
pub(crate) async fn settings(command: SettingsCommand) -> anyhow::Result<()> {
    match command {
        SettingsCommand::Show(whose) => {
            let (app, tenant) = whose.open().await?;
            let shown = app.settings_of(tenant).await.map_err(explained)?;
            app.db.close().await;
            print(&SettingsView::of(&shown))
        }
        SettingsCommand::Set(arguments) => {
            let body = body(&arguments.settings)?;
            let (app, tenant) = arguments.whose.open().await?;
            let present = app.settings_of(tenant).await.map_err(explained)?;
            check_names(&body, &serde_json::to_value(SettingsView::of(&present))?)?;
            let actor = Author::command_line().on(tenant);
            let decided = app.update_settings(&actor, &body).await;
            let decided = decided.map_err(explained)?;
            app.apply(decided.commit).await?;
            app.db.close().await;
            print(&SettingsView::of(&decided.answer))
        }
    }
}

impl WhoseSettings {
    async fn open(&self) -> anyhow::Result<(Arc<App>, Tenant)> {
        let app = open(&self.arguments).await?;
        let organization = organization(&app, self.organization.as_deref()).await?;
        let environment = self.environment;
        let tenant = Tenant {
            organization,
            environment,
        };
        Ok((app, tenant))
    }
}

fn print(view: &SettingsView) -> anyhow::Result<()> {
    terminal::out(serde_json::to_string_pretty(view)?);
    Ok(())
}

/// Refuses names that no setting has, which the call would pass over.
fn check_names(body: &Value, present: &Value) -> anyhow::Result<()> {
    for (name, value) in body.as_object().into_iter().flatten() {
        let Some(known) = present.get(name) else {
            bail!("there is no setting `{name}`");
        };
        // Names of signals are free.
        if name == "fraud_signal_actions" {
            continue;
        }
        for part in value.as_object().into_iter().flat_map(Map::keys) {
            if known.get(part).is_none() {
                bail!("there is no setting `{name}.{part}`");
            }
        }
    }
    Ok(())
}

/// The body of the call that sets these.
fn body(settings: &[String]) -> anyhow::Result<Value> {
    let mut body = Map::new();
    for setting in settings {
        let (name, value) = setting
            .split_once('=')
            .with_context(|| format!("`{setting}` is no NAME=VALUE"))?;
        let value = serde_json::from_str(value).unwrap_or_else(|_| Value::from(value));
        let place = match name.split_once('.') {
            None => body.entry(name),
            Some((group, name)) => {
                let group = body.entry(group).or_insert_with(|| Map::new().into());
                let Some(group) = group.as_object_mut() else {
                    bail!("`{name}` is set beside the whole that it is a part of");
                };
                group.entry(name)
            }
        };
        let serde_json::map::Entry::Vacant(place) = place else {
            bail!("`{name}` is set twice");
        };
        place.insert(value);
    }
    Ok(body.into())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::body;

    fn of(settings: &[&str]) -> Option<serde_json::Value> {
        let settings: Vec<String> = settings.iter().map(|text| (*text).to_owned()).collect();
        body(&settings).ok()
    }

    #[test]
    fn settings_are_read_as_json_or_text() {
        let read = of(&[
            "webhooks.schedule=extended",
            "email.admins=[\"ops@example.org\"]",
            "email.from=a=b@example.org",
            "data_retention_days=null",
            "dual_review=true",
        ]);
        let wanted = json!({
            "webhooks": {"schedule": "extended"},
            "email": {"admins": ["ops@example.org"], "from": "a=b@example.org"},
            "data_retention_days": null,
            "dual_review": true,
        });
        assert_eq!(read, Some(wanted));
        for wrong in [
            &["dual_review"][..],
            &["dual_review=true", "dual_review=false"],
            &["email=null", "email.from=x"],
            &["email.from=x", "email={}"],
        ] {
            assert_eq!(of(wrong), None, "{wrong:?}");
        }
    }
}
