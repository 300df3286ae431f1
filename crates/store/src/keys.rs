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
        "SELECT name, wrapped, revision FROM server_keys ORDER BY name";
    ONE_SERVER = "server_keys.one",
        "SELECT wrapped FROM server_keys WHERE name = ?1";
    GUARD_SERVER = "server_keys.guard",
        "UPDATE server_keys SET revision = revision + 1 WHERE name = ?1 AND wrapped = ?2";
    PUT_SERVER = "server_keys.put",
        "INSERT INTO server_keys (name, wrapped, created_at) VALUES (?1, ?2, ?3) \
         ON CONFLICT (name) DO UPDATE SET wrapped = excluded.wrapped, \
         created_at = excluded.created_at";
    REWRAP_SERVER = "server_keys.rewrap",
        "UPDATE server_keys SET wrapped = ?2, revision = revision + 1 \
         WHERE name = ?1 AND wrapped = ?3 AND revision = ?4";
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

/// Name, wrapped bytes and revision of every server key.
pub fn all_server() -> Stmt {
    stmt(ALL_SERVER, vec![])
}

/// The wrapped bytes of one server key.
pub fn one_server(name: &str) -> Stmt {
    stmt(ONE_SERVER, vec![name.into()])
}

/// Guards a commit that wraps a key: conflicts when the server key is not wrapped as `seen` any
/// more, and makes a rotation conflict that looked before.
pub fn guard_server(name: &str, seen: &[u8]) -> Stmt {
    stmt(GUARD_SERVER, vec![name.into(), seen.into()]).expect(1)
}

/// Replaces a server key's wrapping by a rotation of the master key; conflicts when it is not as
/// it was `seen`, in bytes and revision, any more.
pub fn rewrap_server(name: &str, wrapped: &[u8], (seen, revision): (&[u8], i64)) -> Stmt {
    let params = vec![name.into(), wrapped.into(), seen.into(), revision.into()];
    stmt(REWRAP_SERVER, params).expect(1)
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
