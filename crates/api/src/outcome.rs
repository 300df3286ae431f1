//! What a changing call needs to keep its answer: for whom, and under which key.

use uuid::Uuid;
use verifa_core::id::OrganizationId;
use verifa_core::tenant::Tenant;
use verifa_vault::{DataKey, OrganizationKey};

/// What a use case decided, and what seals its kept answer where that is not the caller's
/// organization.
pub trait Outcome {
    /// The data key of the session in it, where that is only being made.
    fn data_key(&self) -> Option<&DataKey> {
        None
    }

    /// The organization that it belongs to; needed where the caller has none.
    fn organization(&self) -> Option<OrganizationId> {
        None
    }

    /// The key of that organization, where it is only being made.
    fn organization_key(&self) -> Option<&OrganizationKey> {
        None
    }
}

/// For whom answers are kept: a key or a token, and its tenant where it has one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Holder {
    /// The id of the key or token.
    pub(crate) id: Uuid,
    /// Whose data it opens.
    pub(crate) tenant: Option<Tenant>,
}
