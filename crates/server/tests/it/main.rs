//! The product from outside: the finished binary, HTTP, and the contract in spec/.
//!
//! Written from the contract and not from the code. Each test has a server of its own; a 5xx
//! anywhere fails the test that caused it. `VERIFA_TEST_DATABASE` chooses the database.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    clippy::needless_pass_by_value,
    reason = "a failing helper is a failing test"
)]

mod api_keys;
mod audit_checkpoints;
mod audit_events;
mod authorisation;
mod bodies;
mod bulk_redaction;
mod case_decisions;
mod case_overrides;
mod cases;
mod casing;
mod conditions;
mod contest;
mod crashes;
mod data_life;
mod decisions;
mod disk_full;
mod document_refusals;
mod documents;
mod environments;
mod erasure;
mod errors;
mod exports;
mod gates;
mod idempotency;
mod images;
mod keys;
mod life_cycle;
mod listen;
mod listing;
mod mails;
mod malformed;
mod memory;
mod metadata;
mod mrz_images;
mod network;
mod no_documents;
mod one_time_links;
mod operations;
mod operations_files;
mod organizations;
mod person;
mod privacy;
mod publishable;
mod rate_limits;
mod reading;
mod redaction;
mod reference;
mod report;
mod restore_across;
mod results;
mod routing;
mod sandbox_clock;
mod session_creation;
mod session_tags;
mod sessions;
mod settings;
mod shutdown;
mod simulate;
mod slow_clients;
mod submit;
mod support;
mod typed_client;
mod verification_retries;
mod versions;
mod walk;
mod webhook_deliveries;
mod webhook_delivery;
mod webhook_endpoints;
mod webhook_feed;
mod webhook_payloads;
mod workflow_validation;
mod workflows;
