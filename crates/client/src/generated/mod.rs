// Written by `cargo xtask client` from docs/openapi.json: change that, not this.
//! Every call of the API, and its types.

mod account_calls;
mod account_types;
mod documents_calls;
mod documents_types;
mod operations_calls;
mod operations_types;
mod results_calls;
mod results_types;
mod sessions_calls;
mod sessions_types;
mod sessions_types_2;
mod through;
mod workflows_calls;
mod workflows_types;

#[doc(hidden)]
pub use through::through;

/// The types of the API.
pub mod types {
    pub use super::account_types::*;
    pub use super::documents_types::*;
    pub use super::operations_types::*;
    pub use super::results_types::*;
    pub use super::sessions_types::*;
    pub use super::sessions_types_2::*;
    pub use super::workflows_types::*;
}

/// Method, path and name of every call that this client has.
pub const OPERATIONS: &[(&str, &str, &str)] = &[
    ("GET", "/api/v1/rate-limits", "get_rate_limits"),
    ("GET", "/api/v1/results", "list_results"),
    ("GET", "/api/v1/results/{session_id}", "get_result"),
    ("GET", "/api/v1/sessions", "list_sessions"),
    ("POST", "/api/v1/sessions", "create_session"),
    ("GET", "/api/v1/sessions/{id}", "get_session"),
    ("PATCH", "/api/v1/sessions/{id}", "update_session"),
    ("DELETE", "/api/v1/sessions/{id}/data", "redact_session"),
    (
        "GET",
        "/api/v1/sessions/{id}/documents",
        "list_session_documents",
    ),
    (
        "POST",
        "/api/v1/sessions/{id}/documents",
        "upload_session_document",
    ),
    (
        "GET",
        "/api/v1/sessions/{id}/documents/{doc_type}",
        "download_session_document",
    ),
    (
        "GET",
        "/api/v1/sessions/{id}/erasure-certificate",
        "get_session_erasure_certificate",
    ),
    ("POST", "/api/v1/sessions/{id}/expire", "expire_session"),
    ("GET", "/api/v1/sessions/{id}/export", "export_session"),
    (
        "POST",
        "/api/v1/sessions/{id}/external-decision",
        "decide_external_gate",
    ),
    (
        "GET",
        "/api/v1/sessions/{id}/legal-hold",
        "get_session_legal_hold",
    ),
    (
        "POST",
        "/api/v1/sessions/{id}/legal-hold",
        "place_session_legal_hold",
    ),
    (
        "DELETE",
        "/api/v1/sessions/{id}/legal-hold",
        "lift_session_legal_hold",
    ),
    ("GET", "/api/v1/sessions/{id}/report", "get_session_report"),
    ("GET", "/api/v1/sessions/{id}/result", "get_session_result"),
    ("POST", "/api/v1/sessions/{id}/resume", "resume_session"),
    ("POST", "/api/v1/sessions/{id}/submit", "submit_session"),
    (
        "GET",
        "/api/v1/sessions/{id}/verifications",
        "list_session_verifications",
    ),
    (
        "GET",
        "/api/v1/sessions/{id}/workflow-run",
        "get_session_workflow_run",
    ),
    (
        "GET",
        "/api/v1/verification-policies",
        "list_verification_policies",
    ),
    ("GET", "/api/v1/workflows", "list_workflows"),
    ("POST", "/api/v1/workflows", "create_workflow"),
    ("GET", "/api/v1/workflows/{id}", "get_workflow"),
    ("PATCH", "/api/v1/workflows/{id}", "update_workflow"),
    (
        "POST",
        "/api/v1/workflows/{id}/deactivate",
        "deactivate_workflow",
    ),
    (
        "POST",
        "/api/v1/workflows/{id}/set-default",
        "set_default_workflow",
    ),
    ("POST", "/api/v1/workflows/{id}/trigger", "trigger_workflow"),
    (
        "GET",
        "/api/v1/workflows/{id}/versions",
        "list_workflow_versions",
    ),
    (
        "GET",
        "/api/v1/workflows/{id}/versions/{version}",
        "get_workflow_version",
    ),
    ("GET", "/healthz", "get_health"),
    ("GET", "/readyz", "get_readiness"),
];
