//! Wrapped keys: the server's own and one data key per session.

use uuid::Uuid;
use verifa_core::id::{Id, OrganizationId, SessionId};
use verifa_core::time::Timestamp;

use crate::db::Stmt;
use crate::{statements, stmt};

statements! {
    INSERT_SERVER = "server_keys.insert",
        "INSERT INTO server_keys (name, wrapped, created_at) VALUES (?1, ?2, ?3)";
    ALL_SERVER = "server_keys.all",
        "SELECT name, wrapped FROM server_keys ORDER BY name";
    PUT_SERVER = "server_keys.put",
        "INSERT INTO server_keys (name, wrapped, created_at) VALUES (?1, ?2, ?3) \
         ON CONFLICT (name) DO UPDATE SET wrapped = excluded.wrapped, \
         created_at = excluded.created_at";
    REWRAP_SERVER = "server_keys.rewrap",
        "UPDATE server_keys SET wrapped = ?2 WHERE name = ?1";
    INSERT_DATA = "data_keys.insert",
        "INSERT INTO data_keys (id, organization_id, wrapped, created_at) \
         VALUES (?1, ?2, ?3, ?4)";
    GET_DATA = "data_keys.get",
        "SELECT wrapped FROM data_keys WHERE id = ?1";
    DESTROY_DATA = "data_keys.destroy",
        "DELETE FROM data_keys WHERE id = ?1";
}

/// Stores a server key, wrapped by the master key.
pub fn insert_server(name: &str, wrapped: &[u8], now: Timestamp) -> Stmt {
    stmt(INSERT_SERVER, vec![name.into(), wrapped.into(), now.into()]).expect(1)
}

/// Stores a server key in the place of one of its name.
pub fn put_server(name: &str, wrapped: &[u8], now: Timestamp) -> Stmt {
    stmt(PUT_SERVER, vec![name.into(), wrapped.into(), now.into()]).expect(1)
}

/// Name and wrapped bytes of every server key.
pub fn all_server() -> Stmt {
    stmt(ALL_SERVER, vec![])
}

/// Replaces a server key's wrapping after a rotation of the master key.
pub fn rewrap_server(name: &str, wrapped: &[u8]) -> Stmt {
    stmt(REWRAP_SERVER, vec![name.into(), wrapped.into()]).expect(1)
}

/// Stores a session's data key, wrapped by the organization's key.
pub fn insert_data(
    session: SessionId,
    organization: OrganizationId,
    wrapped: &[u8],
    now: Timestamp,
) -> Stmt {
    let id: Uuid = session.uuid();
    stmt(
        INSERT_DATA,
        vec![
            id.into(),
            organization.uuid().into(),
            wrapped.into(),
            now.into(),
        ],
    )
    .expect(1)
}

/// The wrapped data key of a session; no row once it was destroyed.
pub fn get_data(session: SessionId) -> Stmt {
    stmt(GET_DATA, vec![session.uuid().into()])
}

/// Destroys a session's data key.
pub fn destroy_data(session: SessionId) -> Stmt {
    stmt(DESTROY_DATA, vec![session.uuid().into()])
}
