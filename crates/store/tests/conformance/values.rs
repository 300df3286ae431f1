//! What goes in comes out, on both databases alike.

use uuid::Uuid;
use verifa_core::time::Timestamp;
use verifa_store::db::{Db, DbError, Stmt, Value};

use crate::fixture::{Fixture, insert_account};
use crate::on_both_databases;

on_both_databases!(
    values_come_back_as_they_went_in,
    numbers_keep_their_ends,
    a_column_of_another_type_is_an_error,
    what_one_database_would_change_is_refused,
    text_is_ordered_by_its_bytes,
    a_wrong_number_of_parameters_is_a_defect,
    reads_do_not_mind_empty_answers,
);

async fn store(db: &Db, score: Value, body: Value, note: Value) {
    let sql = "INSERT INTO accounts (id, name, revision, score, body, note) \
               VALUES (?1, 'one', 7, ?2, ?3, ?4)";
    let params = vec![Uuid::from_u128(5).into(), score, body, note];
    db.write(Stmt::new("accounts.insert", sql, params).expect(1))
        .await
        .unwrap();
}

async fn values_come_back_as_they_went_in(fixture: Fixture) {
    let note = "naïve – Łódź 東京 \u{1F9FE} \"quoted\" ?1 $1 'x'";
    let body: Vec<u8> = (0..=255).collect();
    store(&fixture.db, (-0.1).into(), body.clone().into(), note.into()).await;
    let sql = "SELECT id, name, revision, score, body, note, id FROM accounts \
               WHERE id = ?1 AND body = ?2 AND note = ?3";
    let params = vec![Uuid::from_u128(5).into(), body.clone().into(), note.into()];
    let row = fixture
        .db
        .query_opt(Stmt::new("accounts.get", sql, params))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(row.get::<Uuid>(0).unwrap(), Uuid::from_u128(5));
    assert_eq!(row.get::<String>(1).unwrap(), "one");
    assert_eq!(row.get::<i64>(2).unwrap(), 7);
    assert!(row.get::<bool>(2).unwrap());
    assert_eq!(row.get::<Timestamp>(2).unwrap(), Timestamp::from_micros(7));
    assert_eq!(row.get::<f64>(3).unwrap().to_bits(), (-0.1_f64).to_bits());
    assert_eq!(row.get::<Vec<u8>>(4).unwrap(), body);
    assert_eq!(row.get::<String>(5).unwrap(), note);
    assert_eq!(
        row.get::<Option<Uuid>>(6).unwrap(),
        Some(Uuid::from_u128(5))
    );
}

async fn numbers_keep_their_ends(fixture: Fixture) {
    for (number, float) in [
        (i64::MAX, f64::MAX),
        (i64::MIN, f64::MIN_POSITIVE),
        (0, -0.0),
    ] {
        let sql = "SELECT CAST(?1 AS BIGINT), CAST(?2 AS DOUBLE PRECISION), \
                   CAST(NULL AS BIGINT)";
        let stmt = Stmt::new("test.ends", sql, vec![number.into(), float.into()]);
        let row = fixture.db.query_opt(stmt).await.unwrap().unwrap();
        assert_eq!(row.get::<i64>(0).unwrap(), number);
        assert_eq!(row.get::<f64>(1).unwrap().to_bits(), float.to_bits());
        assert_eq!(row.get::<Option<i64>>(2).unwrap(), None);
    }
    store(&fixture.db, Value::Null, Vec::new().into(), "".into()).await;
    let sum = Stmt::new(
        "test.sum",
        "SELECT SUM(revision), MAX(note) FROM accounts",
        vec![],
    );
    let row = fixture.db.query_opt(sum).await.unwrap().unwrap();
    assert_eq!(row.get::<i64>(0).unwrap(), 7, "PostgreSQL sums in NUMERIC");
    assert_eq!(row.get::<String>(1).unwrap(), "", "empty is not absent");
    let empty = Stmt::new("test.empty", "SELECT score, body FROM accounts", vec![]);
    let row = fixture.db.query_opt(empty).await.unwrap().unwrap();
    assert_eq!(row.get::<Option<f64>>(0).unwrap(), None);
    assert_eq!(row.get::<Option<Vec<u8>>>(1).unwrap(), Some(Vec::new()));
}

async fn a_column_of_another_type_is_an_error(fixture: Fixture) {
    store(&fixture.db, Value::Null, Value::Null, Value::Null).await;
    let stmt = Stmt::new("accounts.name", "SELECT name, note FROM accounts", vec![]);
    let row = fixture.db.query_opt(stmt).await.unwrap().unwrap();
    assert_eq!(row.get::<i64>(0), Err(DbError::Column { index: 0 }));
    assert_eq!(
        row.get::<String>(1),
        Err(DbError::Column { index: 1 }),
        "NULL is no text"
    );
    assert_eq!(row.get::<String>(2), Err(DbError::Column { index: 2 }));
}

async fn what_one_database_would_change_is_refused(fixture: Fixture) {
    let nul = fixture.db.write(insert_account(1, "a\0b")).await;
    assert!(matches!(nul, Err(DbError::Internal(_))), "{nul:?}");
    let sql = "INSERT INTO accounts (id, name, revision, score) VALUES (?1, 'x', 0, ?2)";
    let params = vec![Uuid::from_u128(1).into(), f64::NAN.into()];
    let not_a_number = fixture
        .db
        .write(Stmt::new("accounts.insert", sql, params))
        .await;
    assert!(
        matches!(not_a_number, Err(DbError::Internal(_))),
        "{not_a_number:?}"
    );
    // A typed column takes no other type: STRICT tables do what PostgreSQL does.
    let params = vec!["no uuid".into(), 0.5.into()];
    let mistyped = fixture
        .db
        .write(Stmt::new("accounts.insert", sql, params))
        .await;
    assert!(
        matches!(mistyped, Err(DbError::Internal(_))),
        "{mistyped:?}"
    );
    let text = mistyped.unwrap_err().to_string();
    assert!(
        !text.contains("no uuid"),
        "an error shows a parameter: {text}"
    );
}

async fn text_is_ordered_by_its_bytes(fixture: Fixture) {
    let ordered = [
        "",
        "A",
        "Z",
        "a",
        "a:1",
        "a;",
        "z",
        "ß",
        "ä",
        "Ł",
        "中",
        "\u{1F600}",
    ];
    for (id, name) in (1..).zip(ordered.iter().rev()) {
        fixture.db.write(insert_account(id, name)).await.unwrap();
    }
    let stmt = Stmt::new(
        "accounts.names",
        "SELECT name FROM accounts ORDER BY name",
        vec![],
    );
    let rows = fixture.db.query(stmt).await.unwrap();
    let names: Vec<String> = rows.iter().map(|row| row.get(0).unwrap()).collect();
    let mut expected = ordered.to_vec();
    expected.sort_unstable();
    assert_eq!(names, expected);
}

async fn a_wrong_number_of_parameters_is_a_defect(fixture: Fixture) {
    for params in [vec![], vec![1.into(), 2.into()]] {
        let stmt = Stmt::new(
            "test.params",
            "SELECT name FROM accounts WHERE revision = ?1",
            params,
        );
        let answer = fixture.db.query(stmt).await.map(|rows| rows.len());
        assert!(matches!(answer, Err(DbError::Internal(_))), "{answer:?}");
    }
}

async fn reads_do_not_mind_empty_answers(fixture: Fixture) {
    let stmt = || Stmt::new("accounts.all", "SELECT id FROM accounts", vec![]);
    assert!(fixture.db.query(stmt()).await.unwrap().is_empty());
    assert!(fixture.db.query_opt(stmt()).await.unwrap().is_none());
}
