//! The only crate with SQL: a thin seam over SQLite and PostgreSQL, and one file per aggregate.
//!
//! A state change is a value, [`db::Commit`], applied atomically; nothing holds a transaction
//! across an `.await`. Each aggregate file holds its statements as named constants, its record
//! type, and functions that turn records into statements and rows into records.

pub mod db;

pub mod admin_tokens;
pub mod api_keys;
pub mod attempts;
pub mod audit;
pub mod case_notes;
pub mod cases;
pub mod classification;
pub mod client_tokens;
mod columns;
pub mod consents;
pub mod contests;
pub mod counters;
pub mod documents;
pub mod dump;
pub mod erasures;
pub mod idempotency;
pub mod jobs;
pub mod keys;
pub mod leases;
pub mod list;
pub mod mails;
pub mod migrations;
pub mod one_time_links;
pub mod organizations;
pub mod outbox;
pub mod results;
pub mod retention;
pub mod runs;
pub mod sandbox_clocks;
pub mod schema;
pub mod sequence_heads;
pub mod server_facts;
pub mod sessions;
mod some;
pub mod webhook_deliveries;
pub mod webhook_endpoints;
pub mod webhook_lanes;
pub mod workflows;

pub use some::SOME;

/// A named statement text.
pub type NamedSql = (&'static str, &'static str);

/// Declares an aggregate's statements as constants and lists them for the test that prepares
/// every statement on both databases.
macro_rules! statements {
    ($($name:ident = $label:literal, $($sql:expr),+;)+) => {
        $(const $name: crate::NamedSql = ($label, concat!($($sql),+));)+
        /// Every statement of this aggregate.
        pub(crate) const STATEMENTS: &[crate::NamedSql] = &[$($name,)+];
    };
}
pub(crate) use statements;

/// A statement from its named text.
pub(crate) fn stmt(named: NamedSql, params: Vec<db::Value>) -> db::Stmt {
    db::Stmt::new(named.0, named.1, params)
}

/// Every statement of every aggregate: label and text.
pub fn all_statements() -> Vec<NamedSql> {
    [
        admin_tokens::STATEMENTS,
        api_keys::STATEMENTS,
        attempts::STATEMENTS,
        audit::STATEMENTS,
        case_notes::STATEMENTS,
        cases::STATEMENTS,
        client_tokens::STATEMENTS,
        consents::STATEMENTS,
        contests::STATEMENTS,
        counters::STATEMENTS,
        documents::STATEMENTS,
        erasures::STATEMENTS,
        idempotency::STATEMENTS,
        jobs::STATEMENTS,
        keys::STATEMENTS,
        leases::STATEMENTS,
        mails::STATEMENTS,
        one_time_links::STATEMENTS,
        organizations::STATEMENTS,
        outbox::STATEMENTS,
        results::STATEMENTS,
        retention::STATEMENTS,
        runs::STATEMENTS,
        sandbox_clocks::STATEMENTS,
        sequence_heads::STATEMENTS,
        sessions::STATEMENTS,
        webhook_deliveries::STATEMENTS,
        webhook_endpoints::STATEMENTS,
        webhook_lanes::STATEMENTS,
        workflows::STATEMENTS,
    ]
    .concat()
}
