//! Sessions: one file per call.

pub mod bulk_redact;
pub mod create;
pub mod erasure_certificate;
pub mod expire;
pub mod export;
pub mod external_decision;
pub mod get;
pub mod legal_hold;
pub mod list;
pub mod redact;
pub mod report;
pub mod result;
pub mod resume;
pub mod simulate;
pub mod submit;
pub mod update;
pub mod verifications;
pub mod view;
pub mod workflow_run;

use utoipa_axum::routes;
use verifa_core::tenant::Scope;

use crate::api_state::ApiState;
use crate::auth::Access;
use crate::page::Page;
use crate::routes::ApiRouter;

/// The calls about sessions and what each demands.
#[must_use]
pub fn routes(router: ApiRouter<ApiState>) -> ApiRouter<ApiState> {
    const READ: Access = Access::AnyOf(&[Scope::SessionsRead]);
    const WRITE: Access = Access::AnyOf(&[Scope::SessionsWrite]);
    const JUDGED: Access = Access::AnyOf(&[Scope::VerificationsRead]);
    const RUNS: Access = Access::AnyOf(&[Scope::WorkflowsRead, Scope::VerificationsRead]);
    const EXPORT: Access = Access::AllOf(&[
        Scope::SessionsRead,
        Scope::VerificationsRead,
        Scope::DocumentsRead,
    ]);
    const HOLD: Access = Access::AnyOf(&[Scope::RedactWrite]);
    const CERTIFIED: Access = Access::AnyOf(&[Scope::SessionsRead, Scope::AuditRead]);
    const REDACT: Access = Access::AnyOf(&[Scope::RedactWrite, Scope::SessionsWrite]);
    router
        .view::<view::SessionView>()
        .view::<Page<view::SessionView>>()
        .view::<create::CreatedView>()
        .view::<submit::SubmittedView>()
        .view::<expire::ExpiredView>()
        .view::<resume::ResumedView>()
        .view::<simulate::SimulatedView>()
        .view::<redact::RedactedView>()
        .view::<bulk_redact::BulkView>()
        .view::<export::ExportView>()
        .view::<legal_hold::LegalHoldView>()
        .view::<erasure_certificate::CertificateView>()
        .view::<external_decision::DecidedView>()
        .view::<result::ResultView>()
        .view::<verifications::VerificationsView>()
        .view::<workflow_run::RunView>()
        .add(READ, routes!(list::list_sessions))
        .add(
            Access::Publishable(&[Scope::SessionsCreate]),
            routes!(create::create_session),
        )
        .add(READ, routes!(get::get_session))
        .add(WRITE, routes!(update::update_session))
        .add(WRITE, routes!(submit::submit_session))
        .add(WRITE, routes!(resume::resume_session))
        .add(WRITE, routes!(expire::expire_session))
        .add(WRITE, routes!(simulate::simulate_session))
        .add(WRITE, routes!(external_decision::decide_external_gate))
        .add(REDACT, routes!(redact::redact_session))
        .add(REDACT, routes!(bulk_redact::bulk_redact_sessions))
        .add(EXPORT, routes!(export::export_session))
        .add(
            HOLD,
            routes!(
                legal_hold::get_legal_hold,
                legal_hold::place_legal_hold,
                legal_hold::lift_legal_hold
            ),
        )
        .add(
            CERTIFIED,
            routes!(erasure_certificate::get_erasure_certificate),
        )
        .add(JUDGED, routes!(result::get_session_result))
        .add(JUDGED, routes!(report::get_session_report))
        .add(JUDGED, routes!(verifications::list_session_verifications))
        .add(RUNS, routes!(workflow_run::get_session_workflow_run))
}
