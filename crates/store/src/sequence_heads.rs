//! The last sequence numbers given out by the sealer.

use crate::db::{DbError, Row, Stmt};
use crate::{statements, stmt};

statements! {
    GET = "sequence_heads.get",
        "SELECT seq, hash FROM sequence_heads WHERE name = ?1";
    INSERT = "sequence_heads.insert",
        "INSERT INTO sequence_heads (name, seq, hash) VALUES (?1, ?2, ?3)";
    ADVANCE = "sequence_heads.advance",
        "UPDATE sequence_heads SET seq = ?3, hash = ?4 WHERE name = ?1 AND seq = ?2";
    RAISE = "sequence_heads.raise",
        "INSERT INTO sequence_heads (name, seq, hash) VALUES (?1, ?2, NULL) \
         ON CONFLICT (name) DO UPDATE SET seq = excluded.seq \
         WHERE sequence_heads.seq < excluded.seq";
}

/// Where a sequence stands.
pub struct Head {
    /// The last number given out.
    pub seq: i64,
    /// The chain hash at that number, where the sequence is chained.
    pub hash: Option<Vec<u8>>,
}

impl Head {
    /// Reads a row of [`get`].
    ///
    /// # Errors
    /// When a column has another type.
    pub fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            seq: row.get(0)?,
            hash: row.get(1)?,
        })
    }
}

/// The head of a sequence; no row before the first number.
pub fn get(name: &str) -> Stmt {
    stmt(GET, vec![name.into()])
}

/// Makes sure that a head without a hash stands at `to` or beyond.
pub fn raise(name: &str, to: i64) -> Stmt {
    stmt(RAISE, vec![name.into(), to.into()])
}

/// Moves a head from `from` (0: there is none yet) to `to`; conflicts when it stands elsewhere.
pub fn advance(name: &str, from: i64, to: i64, hash: Option<&[u8]>) -> Stmt {
    let hash = hash.map(<[u8]>::to_vec);
    if from == 0 {
        stmt(INSERT, vec![name.into(), to.into(), hash.into()]).expect(1)
    } else {
        stmt(
            ADVANCE,
            vec![name.into(), from.into(), to.into(), hash.into()],
        )
        .expect(1)
    }
}
