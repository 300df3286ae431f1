//! The person's objection to a decision (GDPR Art. 22(3)).

use verifa_core::id::{Id, SessionId};
use verifa_vault::Place;

/// Where the words of an objection stand.
pub(crate) fn words_place(id: SessionId) -> Place<'static> {
    Place::new("contests", "sealed_words", id.uuid())
}
