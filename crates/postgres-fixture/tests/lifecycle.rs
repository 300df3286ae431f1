//! The server answers on its port while the value lives and is gone afterwards.

use std::net::TcpStream;

use verifa_postgres_fixture::{Durability, Error, PostgresServer};

#[test]
fn serves_while_held_and_stops_when_dropped() {
    let server = match PostgresServer::start(Durability::Fast) {
        Ok(server) => server,
        Err(Error::NotInstalled) => {
            eprintln!("SKIPPED: PostgreSQL is not installed; `cargo xtask test` installs it");
            return;
        }
        Err(other) => panic!("{other:?}"),
    };
    let port = server.port();
    assert!(TcpStream::connect(("127.0.0.1", port)).is_ok());
    assert!(
        server
            .url("postgres")
            .ends_with(&format!(":{port}/postgres"))
    );
    server.create_database("one").unwrap();
    assert!(matches!(
        server.create_database("one"),
        Err(Error::Failed { .. })
    ));
    drop(server);
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
}
