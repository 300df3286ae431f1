// Written by `cargo xtask client` from docs/openapi.json: change that, not this.
//! Every type by its name.

use serde_json::Value;

use super::types;

fn again<T: serde::de::DeserializeOwned + serde::Serialize>(
    value: Value,
) -> serde_json::Result<Value> {
    serde_json::to_value(serde_json::from_value::<T>(value)?)
}

/// Reads a value as the type of this name and writes it again; `None` where there is no
/// such type.
#[doc(hidden)]
pub fn through(name: &str, value: Value) -> Option<serde_json::Result<Value>> {
    Some(match name {
        "CheckResult" => again::<types::CheckResult>(value),
        "ConsentExport" => again::<types::ConsentExport>(value),
        "ConsentInput" => again::<types::ConsentInput>(value),
        "ContestExport" => again::<types::ContestExport>(value),
        "CursorPagination" => again::<types::CursorPagination>(value),
        "DetailedResult" => again::<types::DetailedResult>(value),
        "Document" => again::<types::Document>(value),
        "DocumentExport" => again::<types::DocumentExport>(value),
        "Documents" => again::<types::Documents>(value),
        "ErasureCertificate" => again::<types::ErasureCertificate>(value),
        "EventExport" => again::<types::EventExport>(value),
        "ExternalDecision" => again::<types::ExternalDecision>(value),
        "ExternalDecisionAccepted" => again::<types::ExternalDecisionAccepted>(value),
        "Findings" => again::<types::Findings>(value),
        "GateDecision" => again::<types::GateDecision>(value),
        "Health" => again::<types::Health>(value),
        "LegalHold" => again::<types::LegalHold>(value),
        "LegalHoldPlacement" => again::<types::LegalHoldPlacement>(value),
        "Limit" => again::<types::Limit>(value),
        "ListedDocument" => again::<types::ListedDocument>(value),
        "NodeResult" => again::<types::NodeResult>(value),
        "OffsetPagination" => again::<types::OffsetPagination>(value),
        "Pagination" => again::<types::Pagination>(value),
        "Quotas" => again::<types::Quotas>(value),
        "RateLimits" => again::<types::RateLimits>(value),
        "Readiness" => again::<types::Readiness>(value),
        "ReadinessCheck" => again::<types::ReadinessCheck>(value),
        "Reason" => again::<types::Reason>(value),
        "Result" => again::<types::Result>(value),
        "ResultRow" => again::<types::ResultRow>(value),
        "ResultRowPage" => again::<types::ResultRowPage>(value),
        "RunExport" => again::<types::RunExport>(value),
        "Session" => again::<types::Session>(value),
        "SessionCreate" => again::<types::SessionCreate>(value),
        "SessionCreated" => again::<types::SessionCreated>(value),
        "SessionExpired" => again::<types::SessionExpired>(value),
        "SessionExport" => again::<types::SessionExport>(value),
        "SessionPage" => again::<types::SessionPage>(value),
        "SessionRedacted" => again::<types::SessionRedacted>(value),
        "SessionResumed" => again::<types::SessionResumed>(value),
        "SessionSubmit" => again::<types::SessionSubmit>(value),
        "SessionSubmitted" => again::<types::SessionSubmitted>(value),
        "SessionUpdate" => again::<types::SessionUpdate>(value),
        "Verification" => again::<types::Verification>(value),
        "VerificationPolicies" => again::<types::VerificationPolicies>(value),
        "Verifications" => again::<types::Verifications>(value),
        "Workflow" => again::<types::Workflow>(value),
        "WorkflowCreate" => again::<types::WorkflowCreate>(value),
        "WorkflowPage" => again::<types::WorkflowPage>(value),
        "WorkflowRun" => again::<types::WorkflowRun>(value),
        "WorkflowTrigger" => again::<types::WorkflowTrigger>(value),
        "WorkflowTriggered" => again::<types::WorkflowTriggered>(value),
        "WorkflowUpdate" => again::<types::WorkflowUpdate>(value),
        _ => return None,
    })
}
