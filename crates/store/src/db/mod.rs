//! The database seam: values, statements, commits, and the two drivers behind [`Db`].

mod commit;
mod value;

pub use commit::{Commit, Expect, Stmt};
pub use value::{FromValue, Row, Value};
