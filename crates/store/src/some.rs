//! Looking up a few rows by their ids in one statement, the same on both databases.

use verifa_core::id::Id;

use crate::db::Value;

/// Most ids of one look-up.
pub const SOME: usize = 24;

/// The places of a look-up's ids.
macro_rules! some_places {
    () => {
        "?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, \
         ?20, ?21, ?22, ?23, ?24"
    };
}
pub(crate) use some_places;

/// The parameters of [`some_places`]: ids beyond [`SOME`] are left out, free places are NULL.
pub(crate) fn some<I: Id>(ids: &[I]) -> Vec<Value> {
    let given = ids.iter().map(|id| Some(id.uuid()));
    let padded = given.chain(std::iter::repeat(None)).take(SOME);
    padded.map(Value::from).collect()
}

#[cfg(test)]
mod tests {
    use verifa_core::id::EventId;

    use super::*;

    #[test]
    fn there_is_one_value_for_each_place() {
        let places = some_places!().split(',').count();
        assert_eq!(places, SOME);
        for count in [0, 1, SOME, SOME + 1] {
            let ids = vec![EventId::from_uuid(uuid::Uuid::max()); count];
            assert_eq!(some(&ids).len(), SOME);
        }
    }
}
