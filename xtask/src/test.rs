//! `cargo xtask test`: everything that must be green, on both databases, on a machine that may
//! have little more than Rust.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};
use clap::{Args, ValueEnum};
use verifa_postgres_fixture::{Durability, PostgresServer, SHARED_URL_VARIABLE};

use crate::prerequisites::{self, Prepared};
use crate::process;
use crate::report::Report;
use crate::workspace::{self, cargo};

/// How much of the tests to run.
#[derive(Args, Debug, Clone)]
pub(crate) struct Options {
    /// Only on this database (default: both, one after the other).
    #[arg(long, value_enum)]
    database: Option<Database>,
    /// Only the tests that match this nextest filter expression.
    #[arg(long)]
    filter: Option<String>,
    /// Only name what would be installed, then stop.
    #[arg(long)]
    plan: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Database {
    Sqlite,
    Postgres,
}

impl Database {
    fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }

    /// What the test harness reads from `VERIFA_TEST_DATABASE`.
    fn selector(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }

    /// The second run leaves out the crates that never reach a database; their result is the same.
    fn filter(self) -> Option<&'static str> {
        match self {
            Self::Sqlite => None,
            Self::Postgres => Some("rdeps(verifa-store)"),
        }
    }
}

/// Installs, runs, reports.
pub(crate) fn run(options: &Options) -> Result<()> {
    let plan = prerequisites::Plan::of_this_machine();
    plan.announce();
    if options.plan {
        return Ok(());
    }
    let mut report = Report::new();
    let prepared = plan.install(&mut report);
    steps(&mut report, &prepared, options);
    report.finish()
}

/// The steps from the build on; CI runs them after its cheaper checks.
pub(crate) fn steps(report: &mut Report, prepared: &Prepared, options: &Options) {
    // Programs and tests in one call, so that each dependency is built with one set of features.
    let built = report.step("build programs and tests", || {
        process::run(cargo().args(["build", "--workspace", "--all-targets", "--locked"]))
    });
    if !built {
        return;
    }
    let models = prerequisites::test_models();
    report.step("model pack", || fetch_models(&models));
    for database in [Database::Sqlite, Database::Postgres] {
        if options.database.is_none_or(|only| only == database) {
            report.step(&format!("tests on {}", database.name()), || {
                tests(database, prepared, &models, options)
            });
        }
    }
    if options.filter.is_none() {
        report.step("documentation tests", || {
            process::run(cargo().args(["test", "--workspace", "--doc", "--locked", "--quiet"]))
        });
    }
}

/// Gets the model pack through the server's own command; a second call finds it there.
fn fetch_models(data_directory: &Path) -> Result<()> {
    let program = workspace::server_program("debug")?;
    process::run(
        Command::new(program)
            .args(["models", "fetch", "--data-dir"])
            .arg(data_directory)
            .env("VERIFA_MODEL_CACHE", prerequisites::model_cache()),
    )
}

fn tests(database: Database, prepared: &Prepared, models: &Path, options: &Options) -> Result<()> {
    let mut command = cargo();
    prepared.add_tools(&mut command);
    command
        .args(["nextest", "run", "--workspace", "--locked"])
        .args(["--profile", profile(), "--no-tests", "fail"])
        .env("VERIFA_TEST_DATABASE", database.selector())
        .env("VERIFA_MODEL_CACHE", prerequisites::model_cache())
        .env("VERIFA_TEST_MODELS", models);
    if let Some(expression) = filter_expression(database.filter(), options.filter.as_deref()) {
        println!("(tests limited to: {expression})");
        command.args(["--filterset", &expression]);
    }
    match database {
        Database::Sqlite => process::run(&mut command),
        Database::Postgres => {
            let server = PostgresServer::start(Durability::Fast)
                .context("cannot start the PostgreSQL server for the tests")?;
            command.env(SHARED_URL_VARIABLE, server.base_url());
            process::run(&mut command)
        }
    }
}

/// Both filters must hold.
fn filter_expression(database: Option<&str>, wanted: Option<&str>) -> Option<String> {
    match (database, wanted) {
        (Some(database), Some(wanted)) => Some(format!("({database}) and ({wanted})")),
        (Some(one), None) | (None, Some(one)) => Some(one.to_owned()),
        (None, None) => None,
    }
}

/// CI's profile goes on after a failure and prints it again at the end.
fn profile() -> &'static str {
    if std::env::var_os("CI").is_some() {
        "ci"
    } else {
        "default"
    }
}

#[cfg(test)]
mod tests {
    use super::filter_expression;

    #[test]
    fn filters_combine_with_and() {
        assert_eq!(filter_expression(None, None), None);
        assert_eq!(filter_expression(Some("a"), None).as_deref(), Some("a"));
        assert_eq!(
            filter_expression(Some("a | b"), Some("c")).as_deref(),
            Some("(a | b) and (c)")
        );
    }
}
