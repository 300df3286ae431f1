//! Schemathesis, from `PyPI`, over the served description: properties, edges of every schema and
//! chains of calls along the document's links. No answer may be a 5xx, of an undocumented status,
//! of another content type, or outside its schema.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::prerequisites::tool_directory;
use crate::process;
use crate::verifa::{Installation, Server};

/// Fixed, so that a new release of the tool is no new finding of ours.
const VERSION: &str = "4.32.5";
/// What every answer is held to.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
                      response_schema_conformance,response_headers_conformance";
/// Generated calls for each operation, besides those at the edges of its schema and the chains.
const CALLS_EACH: &str = "15";
/// No round of one key takes longer, in seconds.
const LONGEST_ROUND: &str = "600";
/// More rounds than any number of cases that makes sense.
const MOST_ROUNDS: u64 = 50;
/// Changes a key, and so perhaps the one that calls: run apart, with a key of its own.
const CHANGES_KEYS: &str = "update_api_key";

/// Calls of one kind of key.
struct Part {
    name: &'static str,
    key: String,
    filters: &'static [&'static str],
}

/// Runs rounds, each with another seed, until `count` cases were generated.
pub(super) fn run(installation: &Installation, count: u64, seed: u64) -> Result<()> {
    let program = program()?;
    let server = installation.serve_with(&[
        ("VERIFA_RATE_LIMITS__PER_IP_PER_MINUTE", "0"),
        ("VERIFA_RATE_LIMITS__ADMIN_TOKEN_PER_MINUTE", "10000000"),
        ("VERIFA_RATE_LIMITS__PUBLISHABLE_KEY_PER_MINUTE", "10000000"),
        ("VERIFA_RATE_LIMITS__PUBLISHABLE_KEY_IN_ALL_PER_MINUTE", "0"),
        // A key that gave itself a plan would run into its limits.
        ("VERIFA_RATE_LIMITS__PLAN_BY_ORGANIZATION", "false"),
    ])?;
    let mut generated = 0;
    for round in 0..MOST_ROUNDS {
        for part in parts(installation)? {
            let report = run_part(&program, &server, &part, seed + round)?;
            println!("round {round}, {}: {} cases", part.name, report);
            generated += report;
        }
        if generated >= count {
            println!("{generated} cases, no finding");
            return server.stop();
        }
    }
    anyhow::bail!("only {generated} cases in {MOST_ROUNDS} rounds")
}

fn parts(installation: &Installation) -> Result<Vec<Part>> {
    const TENANT: &[&str] = &[
        "--exclude-tag",
        "Organizations",
        "--exclude-operation-id",
        CHANGES_KEYS,
    ];
    Ok(vec![
        Part {
            name: "live key",
            key: installation.live_key().to_owned(),
            filters: TENANT,
        },
        Part {
            name: "sandbox key",
            key: installation.key_of("sandbox")?,
            filters: TENANT,
        },
        Part {
            name: "a key that changes keys",
            key: installation.new_key()?,
            filters: &[
                "--include-operation-id",
                CHANGES_KEYS,
                "--include-operation-id",
                "create_api_key",
            ],
        },
        Part {
            name: "admin token",
            key: installation.admin_token()?,
            filters: &["--include-tag", "Organizations"],
        },
    ])
}

/// The number of cases; an error names where the report of the findings lies.
fn run_part(program: &Path, server: &Server, part: &Part, seed: u64) -> Result<u64> {
    let base = format!("http://{}", server.address());
    let report = tempfile::Builder::new()
        .prefix("verifa-schemathesis-")
        .suffix(".json")
        .tempfile()?;
    let mut command = Command::new(program);
    command
        .arg("run")
        .arg(format!("{base}/openapi.json"))
        .args(["--url", &base, "--checks", CHECKS])
        .args(["--max-examples", CALLS_EACH, "--max-time", LONGEST_ROUND])
        .args(["--seed", &seed.to_string(), "--continue-on-failure"])
        // The schemas are of snake case; the other two casings have tests of their own.
        .args(["--header", "Key-Inflection:snake"])
        .arg("--header")
        .arg(format!("X-API-Key:{}", part.key))
        .args(["--request-timeout", "30", "--suppress-health-check", "all"])
        .args(["--warnings", "off", "--no-color", "--no-shrink"])
        .args(["--generation-database", "none"])
        .args(["--report", "json", "--report-json-path"])
        .arg(report.path())
        .args(part.filters);
    let output = command
        .output()
        .with_context(|| format!("cannot start {}", program.display()))?;
    let text = std::fs::read_to_string(report.path())?;
    let found: Value = serde_json::from_str(&text).context("schemathesis wrote no report")?;
    let cases = found
        .pointer("/test_cases/generated")
        .and_then(Value::as_u64);
    let cases = cases.context("the report counts no cases")?;
    if !output.status.success() {
        let (_, kept) = report.keep()?;
        println!("{}", String::from_utf8_lossy(&output.stdout));
        anyhow::bail!(
            "{}: findings (seed {seed}); report: {}",
            part.name,
            kept.display()
        );
    }
    ensure!(cases > 0, "{}: no case was generated", part.name);
    Ok(cases)
}

/// The tool in a virtual environment beside our other tools; made where it is missing.
fn program() -> Result<PathBuf> {
    let directory = tool_directory().join(format!("schemathesis-{VERSION}"));
    let program = directory.join("bin/schemathesis");
    if !program.is_file() {
        process::run(Command::new("python3").args(["-m", "venv"]).arg(&directory))?;
        process::run(
            Command::new(directory.join("bin/pip"))
                .args(["install", "--quiet", "--disable-pip-version-check"])
                .arg(format!("schemathesis=={VERSION}")),
        )?;
    }
    Ok(program)
}
