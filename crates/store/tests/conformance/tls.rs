//! TLS to the server, with its certificate and name verified.

use rcgen::{CertifiedKey, generate_simple_self_signed};
use verifa_postgres_fixture::{Durability, PostgresServer};
use verifa_store::db::{Db, DbError, PostgresOptions, Stmt};

use crate::fixture::number;

/// Writes the server's key and certificate through the server, whose user owns its directory.
async fn turn_tls_on(admin: &Db, certificate: &CertifiedKey<rcgen::KeyPair>) {
    let write = |text: String, file: &str| -> &'static str {
        format!(
            "COPY (SELECT unnest(string_to_array('{}', '|'))) TO PROGRAM \
             'umask 077 && cat > {file}'",
            text.trim().replace('\n', "|")
        )
        .leak()
    };
    let key = write(certificate.signing_key.serialize_pem(), "server.key");
    let certificate = write(certificate.cert.pem(), "server.crt");
    let on = ["ALTER SYSTEM SET ssl = on", "SELECT pg_reload_conf()"];
    for sql in [key, certificate].into_iter().chain(on) {
        admin
            .write(Stmt::new("test.tls", sql, vec![]))
            .await
            .unwrap();
    }
}

async fn connect(url: &str) -> Result<Db, DbError> {
    let options = PostgresOptions {
        connections: 1,
        ..PostgresOptions::default()
    };
    Db::connect_postgres(url, options).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_verified_server_is_spoken_to_in_tls_and_no_other() {
    let started = tokio::task::spawn_blocking(|| PostgresServer::start(Durability::Fast));
    let server = match started.await.unwrap() {
        Ok(server) => server,
        Err(error) => {
            let wanted = std::env::var("VERIFA_TEST_DATABASE").unwrap_or_default();
            assert_ne!(wanted, "postgres", "PostgreSQL is demanded: {error}");
            eprintln!("!!! SKIPPED: TLS to PostgreSQL: {error}");
            return;
        }
    };
    let directory = tempfile::tempdir().unwrap();
    let certificate = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let root = directory.path().join("root.pem");
    std::fs::write(&root, certificate.cert.pem()).unwrap();
    let admin = connect(&server.url("postgres")).await.unwrap();
    turn_tls_on(&admin, &certificate).await;
    admin.close().await;

    let by_name = format!("postgres://verifa@localhost:{}/postgres", server.port());
    let trusted = format!(
        "{by_name}?sslmode=verify-full&sslrootcert={}",
        root.display()
    );
    let mut db = connect(&trusted).await;
    for _ in 0..50 {
        if db.is_ok() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        db = connect(&trusted).await;
    }
    let sql = "SELECT COUNT(*) FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND ssl";
    assert_eq!(number(&db.unwrap(), sql, vec![]).await, 1);

    let unknown_root = connect(&format!("{by_name}?sslmode=require"))
        .await
        .map(|_| ());
    assert!(
        matches!(unknown_root, Err(DbError::Unavailable(_))),
        "{unknown_root:?}"
    );
    let wrong_name = trusted.replace("localhost", "127.0.0.1");
    let wrong_name = connect(&wrong_name).await.map(|_| ());
    assert!(
        matches!(wrong_name, Err(DbError::Unavailable(_))),
        "{wrong_name:?}"
    );
}
