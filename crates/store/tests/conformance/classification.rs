//! Every column that the live schema has is classified, and no other.

use std::collections::BTreeSet;

use verifa_store::classification::{BOOKKEEPING, Class, THROUGH, tables};
use verifa_store::migrations::MIGRATIONS;
use verifa_store::schema::live_tables;

use crate::fixture::Fixture;

async fn live_equals_classified(fixture: Fixture) {
    fixture.migrate(MIGRATIONS).await;
    let live: BTreeSet<String> = live_tables(&fixture.db)
        .await
        .unwrap()
        .into_iter()
        .filter(|table| !BOOKKEEPING.contains(&table.name.as_str()))
        .flat_map(|table| {
            let name = table.name;
            let columns = table.columns.into_iter();
            columns.map(move |column| format!("{name}.{column}"))
        })
        .collect();
    let mut classified = BTreeSet::new();
    for table in tables() {
        for column in table.columns {
            let name = format!("{}.{}", table.name, column.name);
            assert!(classified.insert(name.clone()), "{name} stands there twice");
        }
    }
    let missing: Vec<_> = live.difference(&classified).collect();
    assert!(
        missing.is_empty(),
        "not classified (crates/store/src/classification): {missing:?}"
    );
    let gone: Vec<_> = classified.difference(&live).collect();
    assert!(gone.is_empty(), "classified, but not there: {gone:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite() {
    live_equals_classified(Fixture::empty_sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres() {
    if let Some(fixture) = Fixture::empty_postgres().await {
        live_equals_classified(fixture).await;
    }
}

#[test]
fn what_is_sealed_is_personal_or_a_secret() {
    for table in tables() {
        for column in table.columns {
            let sealed = column.name.starts_with("sealed");
            let guarded = matches!(column.class, Class::Personal { .. } | Class::Secret);
            assert!(!sealed || guarded, "{}.{}", table.name, column.name);
        }
    }
}

#[test]
fn whatever_is_personal_belongs_to_a_session() {
    let find = |name: &str| tables().find(|table| table.name == name);
    for table in tables() {
        let columns = table.columns.iter();
        let mut personal = columns.filter(|column| matches!(column.class, Class::Personal { .. }));
        let way = THROUGH.iter().find(|(name, _, _)| *name == table.name);
        let leads = way.is_some_and(|(_, column, other)| {
            table.columns.iter().any(|known| known.name == *column)
                && find(other).is_some_and(|other| other.session.is_some())
        });
        if personal.next().is_some() {
            assert!(table.session.is_some() || leads, "{}: whose?", table.name);
        }
        assert_eq!(
            way.is_some(),
            leads,
            "{}: the way leads nowhere",
            table.name
        );
    }
}
