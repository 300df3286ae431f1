//! The master key is rotated by another process: what this one wraps with the former key afterwards
//! nobody could open, so it wraps nothing.

use verifa_app::AppError;
use verifa_app::actor::Author;
use verifa_app::organizations::NewOrganization;
use verifa_store::db::DbError;
use verifa_store::organizations::{self, OrganizationRecord};
use verifa_vault::{MasterKey, MasterKeyRing};

use crate::harness::Bench;

fn named(name: &str) -> NewOrganization {
    NewOrganization {
        name: name.to_owned(),
        ..NewOrganization::default()
    }
}

/// Whether `master` alone opens the key of every organization; how many there are.
async fn all_open_with(bench: &Bench, master: MasterKey) -> usize {
    let ring = MasterKeyRing::new(master);
    let rows = bench.app.db.query(organizations::all()).await.unwrap();
    for row in &rows {
        let record = OrganizationRecord::from_row(row).unwrap();
        assert!(ring.holder_of(&record.wrapped_key).is_ok(), "{}", record.id);
    }
    rows.len()
}

#[tokio::test]
async fn an_organization_decided_before_a_rotation_is_not_made_after_it() {
    let bench = Bench::new().await;
    let app = &bench.app;
    let author = Author::command_line();
    app.check_master_key().await.unwrap();
    let late = app.create_organization(&author, &named("Late")).await;
    let new = MasterKey::generate(&*app.random);
    app.rotate_master_key(&new).await.unwrap();
    let lost = app.apply(late.unwrap().commit).await;
    assert!(
        matches!(lost, Err(DbError::Conflict { label }) if label == "server_keys.guard"),
        "{lost:?}"
    );
    for refused in [
        app.create_organization(&author, &named("Later"))
            .await
            .map(drop),
        app.rotate_url_key().await,
        app.check_master_key().await,
    ] {
        assert!(
            matches!(refused, Err(AppError::Unavailable(_))),
            "{refused:?}"
        );
    }
    assert_eq!(all_open_with(&bench, new).await, 1);
}

#[tokio::test]
async fn organizations_made_while_a_rotation_looks_are_taken_along() {
    let bench = Bench::new().await;
    let app = &bench.app;
    let new = MasterKey::generate(&*app.random);
    let making = async {
        let mut made = 0;
        for number in 0..8 {
            match app.make_organization(&format!("Number {number}")).await {
                Ok(_) => made += 1,
                Err(AppError::Unavailable(_) | AppError::Database(DbError::Conflict { .. })) => {}
                Err(error) => panic!("{error}"),
            }
        }
        made
    };
    let (made, rotated) = tokio::join!(making, app.rotate_master_key(&new));
    rotated.unwrap();
    assert_eq!(all_open_with(&bench, new).await, made + 1);
}
