//! The schema files, compiled in.

use crate::db::Migration;

/// Every migration in order. Files are never changed after a release; a new one is added.
pub const MIGRATIONS: &[Migration] = &[
    Migration {
        number: 1,
        name: "initial",
        sql: include_str!("../../../migrations/0001_initial.sql"),
    },
    Migration {
        number: 2,
        name: "webhooks",
        sql: include_str!("../../../migrations/0002_webhooks.sql"),
    },
    Migration {
        number: 3,
        name: "sessions",
        sql: include_str!("../../../migrations/0003_sessions.sql"),
    },
    Migration {
        number: 4,
        name: "cases_sandbox",
        sql: include_str!("../../../migrations/0004_cases_sandbox.sql"),
    },
    Migration {
        number: 5,
        name: "organizations",
        sql: include_str!("../../../migrations/0005_organizations.sql"),
    },
    Migration {
        number: 6,
        name: "data_life",
        sql: include_str!("../../../migrations/0006_data_life.sql"),
    },
    Migration {
        number: 7,
        name: "session_trail",
        sql: include_str!("../../../migrations/0007_session_trail.sql"),
    },
    Migration {
        number: 8,
        name: "keys",
        sql: include_str!("../../../migrations/0008_keys.sql"),
    },
    Migration {
        number: 9,
        name: "contests",
        sql: include_str!("../../../migrations/0009_contests.sql"),
    },
    Migration {
        number: 10,
        name: "told_once",
        sql: include_str!("../../../migrations/0010_told_once.sql"),
    },
];
