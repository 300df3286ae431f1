//! A tenant that is known to be a sandbox, so that nothing simulated can reach a live one.

use crate::id::OrganizationId;
use crate::tenant::{Environment, Tenant};

/// A sandbox tenant. There is no way to make one of a live tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SandboxTenant {
    organization: OrganizationId,
}

impl SandboxTenant {
    /// The tenant as a sandbox; `None` for a live one.
    pub const fn of(tenant: Tenant) -> Option<Self> {
        match tenant.environment {
            Environment::Sandbox => Some(Self {
                organization: tenant.organization,
            }),
            Environment::Live => None,
        }
    }

    /// Whose sandbox it is.
    pub const fn organization(self) -> OrganizationId {
        self.organization
    }

    /// The tenant.
    pub const fn tenant(self) -> Tenant {
        Tenant {
            organization: self.organization,
            environment: Environment::Sandbox,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::Id as _;

    #[test]
    fn a_live_tenant_is_none() {
        let tenant = |environment| Tenant {
            organization: OrganizationId::from_uuid(uuid::Uuid::from_u128(7)),
            environment,
        };
        assert_eq!(SandboxTenant::of(tenant(Environment::Live)), None);
        let sandbox = SandboxTenant::of(tenant(Environment::Sandbox)).unwrap();
        assert_eq!(sandbox.tenant(), tenant(Environment::Sandbox));
    }
}
