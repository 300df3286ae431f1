//! The organization object (D).

use serde::Serialize;
use utoipa::ToSchema;
use verifa_app::organizations::MadeOrganization;
use verifa_core::id::{OrganizationId, WorkflowId};
use verifa_core::time::Timestamp;
use verifa_store::organizations::OrganizationRecord;
use verifa_vault::OrganizationKey;

use crate::mutation::Outcome;

/// What new organizations come with.
const WARNING: &str =
    "The keys are shown this once. Hand them over where only the organization reads them.";

/// Declares a view with the fields of an organization, then those of its own.
macro_rules! organization_view {
    ($(#[$about:meta])* $name:ident { $($own:tt)* }) => {
        #[derive(Serialize, ToSchema)]
        $(#[$about])*
        pub struct $name {
            /// Its id.
            #[schema(value_type = String, example = "org_01kcd2fgpzeq7v5rk1yh3b6a9d")]
            id: OrganizationId,
            /// Display name.
            #[schema(example = "Example Bank")]
            name: String,
            /// Short name, unique on the server.
            #[schema(example = "example-bank")]
            slug: String,
            /// `unlimited`, `free`, `starter`, `professional` or `enterprise`.
            #[schema(example = "unlimited")]
            plan: String,
            /// The workflow of sessions that name none.
            #[schema(value_type = String, example = "wfl_01kcd2fgpzeq7v5rk1yh3b6a9d")]
            default_workflow_id: WorkflowId,
            /// Grows with each change.
            #[schema(example = 1)]
            revision: i64,
            /// When it was made.
            #[schema(value_type = String, format = DateTime)]
            created_at: Timestamp,
            /// When it last changed.
            #[schema(value_type = String, format = DateTime)]
            updated_at: Timestamp,
            $($own)*
        }
    };
}

organization_view! {
    /// An organization.
    #[schema(as = Organization)]
    OrganizationView {}
}

organization_view! {
    /// An organization just made, with its first keys.
    #[schema(as = NewOrganization)]
    MadeOrganizationView {
        /// Its first keys, this once.
        keys: FirstKeysView,
        /// What to do with them.
        warning: &'static str,
    }
}

/// The secrets of the first keys of an organization; the secret ones have every scope.
#[derive(Serialize, ToSchema)]
#[schema(as = FirstKeys)]
pub struct FirstKeysView {
    /// Secret, live.
    #[schema(example = "vk_live_…")]
    live: String,
    /// Secret, sandbox.
    #[schema(example = "vk_sandbox_…")]
    sandbox: String,
    /// For browsers, live.
    #[schema(example = "vk_pub_live_…")]
    publishable_live: String,
    /// For browsers, sandbox.
    #[schema(example = "vk_pub_sandbox_…")]
    publishable_sandbox: String,
}

impl Outcome for MadeOrganization {
    fn organization(&self) -> Option<OrganizationId> {
        Some(self.id)
    }

    fn organization_key(&self) -> Option<&OrganizationKey> {
        Some(&self.key)
    }
}

impl Outcome for OrganizationRecord {
    fn organization(&self) -> Option<OrganizationId> {
        Some(self.id)
    }
}

impl OrganizationView {
    /// An organization as its operator sees it.
    pub fn of(record: &OrganizationRecord) -> Self {
        Self {
            id: record.id,
            name: record.name.clone(),
            slug: record.slug.clone(),
            plan: record.plan.clone(),
            default_workflow_id: record.default_workflow_id,
            revision: record.revision,
            created_at: record.created_at,
            updated_at: record.updated_at,
        }
    }
}

impl MadeOrganizationView {
    /// A new organization as its operator sees it.
    pub fn of(made: &MadeOrganization) -> Self {
        let secret = |key: &verifa_app::api_keys::MadeApiKey| key.secret.reveal().to_owned();
        let shown = OrganizationView::of(&made.record);
        Self {
            id: shown.id,
            name: shown.name,
            slug: shown.slug,
            plan: shown.plan,
            default_workflow_id: shown.default_workflow_id,
            revision: shown.revision,
            created_at: shown.created_at,
            updated_at: shown.updated_at,
            keys: FirstKeysView {
                live: secret(&made.live),
                sandbox: secret(&made.sandbox),
                publishable_live: secret(&made.publishable_live),
                publishable_sandbox: secret(&made.publishable_sandbox),
            },
            warning: WARNING,
        }
    }
}
