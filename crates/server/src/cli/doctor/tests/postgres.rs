//! The faults of a database server.

use std::net::TcpListener;

use verifa_core::time::Timestamp;
use verifa_models::RegistryClients;
use verifa_postgres_fixture::server;
use verifa_store::migrations::MIGRATIONS;
use verifa_store::server_facts::ServerFacts;

use super::installation::{Fixed, Installation, Seeded};
use super::kinds;
use crate::cli::doctor::database::examine_server_facts;
use crate::cli::doctor::{Examination, FaultKind, Report, Surroundings};

#[tokio::test]
async fn a_server_that_does_not_answer() {
    let mut installation = Installation::without_database();
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let url = format!("postgres://verifa:hunter2@{free}/verifa");
    installation.set("VERIFA_DATABASE__URL", &url);
    let report = installation.examine().await;
    assert!(
        kinds(&report).contains(&FaultKind::DatabaseUnreachable),
        "{}",
        report.to_text()
    );
    assert!(!report.to_text().contains("hunter2"));
}

#[test]
fn versions_and_clocks() {
    let mut installation = Installation::without_database();
    installation.set("VERIFA_DATABASE__URL", "postgres://localhost/verifa");
    let config = installation.config();
    let now = Timestamp::from_seconds(1_800_000_000);
    let random = Seeded::new(1);
    let surroundings = Surroundings {
        clock: &Fixed(now),
        random: &random,
        registry_clients: RegistryClients::default(),
        migrations: MIGRATIONS,
        free_space: |_| Ok(0),
    };
    let examine = |product: &str, version, now| {
        let mut examination = Examination {
            config: &config,
            surroundings: &surroundings,
            report: Report::default(),
            directory: true,
            serving: false,
            master_key: None,
            database: None,
        };
        let facts = ServerFacts {
            product: product.into(),
            version,
            now,
        };
        let usable = examine_server_facts(&mut examination, &facts);
        (usable, kinds(&examination.report))
    };
    let old = (false, vec![FaultKind::PostgresTooOld]);
    assert_eq!(examine("PostgreSQL 14.9 on x86_64", 140_009, now), old);
    assert_eq!(
        examine("PostgreSQL 15.0 on x86_64", 150_000, now),
        (true, vec![])
    );
    assert_eq!(
        examine("CockroachDB CCL v25.1", 130_000, now),
        (true, vec![])
    );
    let skewed = Timestamp::from_seconds(1_800_000_060);
    let clock = (true, vec![FaultKind::ClockImplausible]);
    assert_eq!(examine("PostgreSQL 16.1", 160_001, skewed), clock);
}

#[tokio::test]
async fn a_real_server_tells_about_itself() {
    let server = match server() {
        Ok(server) => server,
        Err(error) => {
            eprintln!("SKIPPED: {error}");
            return;
        }
    };
    let mut installation = Installation::without_database();
    installation.set("VERIFA_DATABASE__URL", &server.url("postgres"));
    let report = installation.examine().await;
    // The server's own database: reachable, new enough, of the same time, and empty.
    let faults = kinds(&report);
    assert_eq!(
        faults,
        [FaultKind::NotInitialised, FaultKind::ModelsMissing],
        "{}",
        report.to_text()
    );
}
