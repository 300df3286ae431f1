//! Documents of sessions: one file per call.

pub mod download;
pub mod list;
pub mod upload;

use utoipa_axum::routes;
use verifa_core::tenant::Scope;

use crate::api_state::ApiState;
use crate::auth::Access;
use crate::routes::ApiRouter;

/// The calls about documents and what each demands.
#[must_use]
pub fn routes(router: ApiRouter<ApiState>) -> ApiRouter<ApiState> {
    const WRITE: Access = Access::AnyOf(&[Scope::DocumentsWrite, Scope::SessionsWrite]);
    const READ: Access = Access::AnyOf(&[Scope::DocumentsRead, Scope::VerificationsRead]);
    router
        .view::<upload::DocumentView>()
        .view::<list::DocumentsView>()
        .add(WRITE, routes!(upload::upload_document))
        .add(READ, routes!(list::list_documents))
        .add(Access::Open, routes!(download::download_document))
}
