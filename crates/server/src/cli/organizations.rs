//! `verifa organizations`: the organizations of the server.

use clap::{Args, Subcommand};
use serde_json::json;
use verifa_app::actor::Author;
use verifa_app::organizations::{NewOrganization, OrganizationChange};
use verifa_core::organization::Plan;
use verifa_store::organizations::{self as store, OrganizationRecord};

use super::arguments::Arguments;
use super::keys::{explained, open};
use super::{init, keys};
use crate::terminal;

/// What to do with organizations.
#[derive(Subcommand)]
pub(crate) enum OrganizationsCommand {
    /// List the organizations
    List(ListArguments),
    /// Show one organization
    Show(ShowArguments),
    /// Make an organization and print its keys, once
    Create(CreateArguments),
    /// Change an organization's name or plan
    Update(UpdateArguments),
}

/// What `organizations list` is called with.
#[derive(Args)]
pub(crate) struct ListArguments {
    #[command(flatten)]
    arguments: Arguments,
    /// Print as JSON
    #[arg(long)]
    json: bool,
}

/// What `organizations show` is called with.
#[derive(Args)]
pub(crate) struct ShowArguments {
    #[command(flatten)]
    arguments: Arguments,
    /// The organization, by its id or its short name
    organization: String,
    /// Print as JSON
    #[arg(long)]
    json: bool,
}

/// What `organizations create` is called with.
#[derive(Args)]
pub(crate) struct CreateArguments {
    #[command(flatten)]
    arguments: Arguments,
    /// Display name
    name: String,
    /// Short name: lower-case letters, digits and hyphens; made from the name without it
    #[arg(long)]
    slug: Option<String>,
    /// `unlimited`, `free`, `starter`, `professional` or `enterprise`
    #[arg(long, value_parser = plan)]
    plan: Option<Plan>,
    /// Print as JSON
    #[arg(long)]
    json: bool,
}

/// What `organizations update` is called with.
#[derive(Args)]
pub(crate) struct UpdateArguments {
    #[command(flatten)]
    arguments: Arguments,
    /// The organization, by its id or its short name
    organization: String,
    /// A new display name
    #[arg(long)]
    name: Option<String>,
    /// `unlimited`, `free`, `starter`, `professional` or `enterprise`
    #[arg(long, value_parser = plan)]
    plan: Option<Plan>,
}

fn plan(text: &str) -> Result<Plan, String> {
    text.parse().map_err(|_| {
        let known: Vec<_> = Plan::ALL.iter().map(|plan| plan.as_str()).collect();
        format!("known plans are {}", known.join(", "))
    })
}

/// Does it.
///
/// # Errors
/// When the installation can't be opened, or the input is wrong.
pub(crate) async fn organizations(command: OrganizationsCommand) -> anyhow::Result<()> {
    match command {
        OrganizationsCommand::List(arguments) => list(arguments).await,
        OrganizationsCommand::Show(arguments) => show(arguments).await,
        OrganizationsCommand::Create(arguments) => create(arguments).await,
        OrganizationsCommand::Update(arguments) => update(arguments).await,
    }
}

async fn list(arguments: ListArguments) -> anyhow::Result<()> {
    let app = open(&arguments.arguments).await?;
    let rows = app.db.query(store::all()).await?;
    let records = rows
        .iter()
        .map(OrganizationRecord::from_row)
        .collect::<Result<Vec<_>, _>>()?;
    app.db.close().await;
    if arguments.json {
        let shown: Vec<_> = records.iter().map(as_json).collect();
        terminal::out(json!(shown));
        return Ok(());
    }
    for record in &records {
        print(record);
    }
    Ok(())
}

async fn show(arguments: ShowArguments) -> anyhow::Result<()> {
    let app = open(&arguments.arguments).await?;
    let id = keys::organization(&app, Some(&arguments.organization)).await?;
    let record = app.organization(id).await?;
    app.db.close().await;
    if arguments.json {
        terminal::out(as_json(&record));
    } else {
        print(&record);
    }
    Ok(())
}

fn print(record: &OrganizationRecord) {
    terminal::out(format_args!(
        "{}  {:12}  {}  {}",
        record.id, record.plan, record.slug, record.name
    ));
}

fn as_json(record: &OrganizationRecord) -> serde_json::Value {
    json!({
        "id": record.id,
        "name": record.name,
        "slug": record.slug,
        "plan": record.plan,
        "created_at": record.created_at,
    })
}

async fn create(arguments: CreateArguments) -> anyhow::Result<()> {
    let app = open(&arguments.arguments).await?;
    let new = NewOrganization {
        name: arguments.name,
        slug: arguments.slug,
        plan: arguments.plan,
    };
    let decided = app.create_organization(&Author::command_line(), &new).await;
    let decided = decided.map_err(explained)?;
    app.apply(decided.commit).await?;
    app.db.close().await;
    let made = decided.answer;
    if arguments.json {
        terminal::out(init::as_json(&made));
    } else {
        init::print_keys(&made);
        terminal::note("The API keys are shown this once.");
    }
    Ok(())
}

async fn update(arguments: UpdateArguments) -> anyhow::Result<()> {
    let app = open(&arguments.arguments).await?;
    let id = keys::organization(&app, Some(&arguments.organization)).await?;
    let asked = OrganizationChange {
        name: arguments.name,
        plan: arguments.plan,
    };
    let decided = app
        .update_organization(&Author::command_line(), id, &asked)
        .await;
    let decided = decided.map_err(explained)?;
    app.apply(decided.commit).await?;
    app.db.close().await;
    print(&decided.answer);
    Ok(())
}
