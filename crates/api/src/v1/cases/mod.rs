//! Review cases: one file per call.

pub mod add_note;
pub mod claim;
pub mod create;
pub mod decide;
pub mod get;
pub mod list;
pub mod notes;
pub mod override_check;
pub mod release;
pub mod update;
pub mod view;

use utoipa_axum::routes;
use verifa_core::tenant::Scope;

use crate::api_state::ApiState;
use crate::auth::Access;
use crate::page::Page;
use crate::routes::ApiRouter;

/// The calls about review cases and what each demands.
#[must_use]
pub fn routes(router: ApiRouter<ApiState>) -> ApiRouter<ApiState> {
    const READ: Access = Access::AnyOf(&[Scope::CasesRead]);
    const WRITE: Access = Access::AnyOf(&[Scope::CasesWrite]);
    const DECIDE: Access = Access::AnyOf(&[Scope::CasesDecide]);
    router
        .view::<view::CaseView>()
        .view::<Page<view::CaseView>>()
        .view::<notes::NoteView>()
        .view::<Page<notes::NoteView>>()
        .view::<override_check::OverriddenView>()
        .add(READ, routes!(list::list_cases))
        .add(WRITE, routes!(create::create_case))
        .add(READ, routes!(get::get_case))
        .add(WRITE, routes!(update::update_case))
        .add(WRITE, routes!(claim::claim_case))
        .add(WRITE, routes!(release::release_case))
        .add(DECIDE, routes!(decide::approve_case))
        .add(DECIDE, routes!(decide::reject_case))
        .add(READ, routes!(notes::list_case_notes))
        .add(WRITE, routes!(add_note::add_case_note))
        .add(DECIDE, routes!(override_check::override_case_check))
}
