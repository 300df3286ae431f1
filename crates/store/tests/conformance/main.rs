//! One story that both databases must tell alike, and what each must do besides.
//!
//! PostgreSQL is taken from `VERIFA_TEST_POSTGRES_URL` or started here. Where it is not installed
//! its half is skipped aloud, unless `VERIFA_TEST_DATABASE=postgres` demands it.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a failing helper is a failing test"
)]

mod audit_list;
mod classification;
mod commits;
mod fixture;
mod jobs;
mod lists;
mod migrations;
mod postgres;
mod sqlite;
mod tls;
mod values;
mod wakes;
mod webhook_lanes;

/// Makes one test per database of each function that takes a [`fixture::Fixture`].
macro_rules! on_both_databases {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(crate::fixture::Fixture::sqlite().await).await;
            })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                if let Some(fixture) = crate::fixture::Fixture::postgres().await {
                    super::$name(fixture).await;
                }
            })+
        }
    };
}
pub(crate) use on_both_databases;
