//! A session's matches with custom lists.

use uuid::Uuid;
use verifa_core::id::SessionId;
use verifa_core::tenant::Tenant;

use crate::App;
use crate::error::AppError;
use crate::page::{Page, PageRequest};

/// A match of a session's data with an entry of a list.
#[derive(Debug, Clone)]
pub struct ListMatch {
    /// The session.
    pub session_id: SessionId,
    /// The list.
    pub list_id: String,
    /// Its entry.
    pub item_id: String,
}

impl App {
    /// A page of a session's matches. This release has no lists to match with, so every page of a
    /// known session is empty.
    ///
    /// # Errors
    /// Not found, or a failure of the database.
    pub async fn list_matches(
        &self,
        tenant: Tenant,
        id: SessionId,
        request: PageRequest,
    ) -> Result<Page<ListMatch>, AppError> {
        self.session(tenant, id).await?;
        let total = request.has_total().then_some(0);
        Ok(Page::of(Vec::new(), request, total, |_| Uuid::nil()))
    }
}
