//! The only crate with SQL: a thin seam over SQLite and PostgreSQL, and one file per aggregate.
//!
//! A state change is a value, [`db::Commit`], applied atomically; nothing holds a transaction
//! across an `.await`.

pub mod db;
