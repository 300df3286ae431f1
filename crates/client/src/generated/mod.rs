// Written by `cargo xtask client` from docs/openapi.json: change that, not this.
//! Every call of the API, and its types.

mod account_calls;
mod account_types;
mod account_types_2;
mod capture_calls;
mod capture_types;
mod cases_calls;
mod cases_types;
mod documents_calls;
mod documents_types;
mod operations_calls;
mod operations_types;
mod organizations_calls;
mod organizations_types;
mod other_types;
mod other_types_2;
mod other_types_3;
mod results_calls;
mod results_types;
mod results_types_2;
mod sandbox_calls;
mod sandbox_types;
mod sessions_calls;
mod sessions_calls_2;
mod sessions_types;
mod sessions_types_2;
mod sessions_types_3;
mod through;
mod webhooks_calls;
mod webhooks_types;
mod workflows_calls;
mod workflows_types;

#[doc(hidden)]
pub use through::through;

/// The types of the API.
pub mod types {
    pub use super::account_types::*;
    pub use super::account_types_2::*;
    pub use super::capture_types::*;
    pub use super::cases_types::*;
    pub use super::documents_types::*;
    pub use super::operations_types::*;
    pub use super::organizations_types::*;
    pub use super::other_types::*;
    pub use super::other_types_2::*;
    pub use super::other_types_3::*;
    pub use super::results_types::*;
    pub use super::results_types_2::*;
    pub use super::sandbox_types::*;
    pub use super::sessions_types::*;
    pub use super::sessions_types_2::*;
    pub use super::sessions_types_3::*;
    pub use super::webhooks_types::*;
    pub use super::workflows_types::*;
}

/// Method, path and name of every call that this client has.
pub const OPERATIONS: &[(&str, &str, &str)] = &[
    ("GET", "/api/v1/api-keys", "list_api_keys"),
    ("POST", "/api/v1/api-keys", "create_api_key"),
    ("GET", "/api/v1/api-keys/{id}", "get_api_key"),
    ("PATCH", "/api/v1/api-keys/{id}", "update_api_key"),
    ("POST", "/api/v1/api-keys/{id}/clone", "clone_api_key"),
    ("POST", "/api/v1/api-keys/{id}/expire", "expire_api_key"),
    ("GET", "/api/v1/cases", "list_cases"),
    ("POST", "/api/v1/cases", "create_case"),
    ("GET", "/api/v1/cases/{id}", "get_case"),
    ("PATCH", "/api/v1/cases/{id}", "update_case"),
    ("POST", "/api/v1/cases/{id}/approve", "approve_case"),
    (
        "POST",
        "/api/v1/cases/{id}/checks/{policy}/override",
        "override_case_check",
    ),
    ("POST", "/api/v1/cases/{id}/claim", "claim_case"),
    ("GET", "/api/v1/cases/{id}/notes", "list_case_notes"),
    ("POST", "/api/v1/cases/{id}/notes", "add_case_note"),
    ("POST", "/api/v1/cases/{id}/reject", "reject_case"),
    ("POST", "/api/v1/cases/{id}/release", "release_case"),
    ("GET", "/api/v1/events", "list_audit_events"),
    ("GET", "/api/v1/events/checkpoint", "get_audit_checkpoint"),
    ("GET", "/api/v1/organizations", "list_organizations"),
    ("POST", "/api/v1/organizations", "create_organization"),
    ("GET", "/api/v1/organizations/{id}", "get_organization"),
    ("PATCH", "/api/v1/organizations/{id}", "update_organization"),
    (
        "GET",
        "/api/v1/organizations/{id}/api-keys",
        "list_organization_api_keys",
    ),
    (
        "POST",
        "/api/v1/organizations/{id}/api-keys",
        "create_organization_api_key",
    ),
    (
        "POST",
        "/api/v1/organizations/{id}/api-keys/{key_id}/expire",
        "expire_organization_api_key",
    ),
    ("GET", "/api/v1/rate-limits", "get_rate_limits"),
    ("GET", "/api/v1/results", "list_results"),
    ("GET", "/api/v1/results/{session_id}", "get_result"),
    ("GET", "/api/v1/sandbox/clock", "get_sandbox_clock"),
    ("POST", "/api/v1/sandbox/clock", "advance_sandbox_clock"),
    ("GET", "/api/v1/sessions", "list_sessions"),
    ("POST", "/api/v1/sessions", "create_session"),
    (
        "POST",
        "/api/v1/sessions/bulk-redact",
        "bulk_redact_sessions",
    ),
    ("GET", "/api/v1/sessions/{id}", "get_session"),
    ("PATCH", "/api/v1/sessions/{id}", "update_session"),
    ("POST", "/api/v1/sessions/{id}/add-tag", "add_session_tag"),
    (
        "POST",
        "/api/v1/sessions/{id}/client-token",
        "create_client_token",
    ),
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
        "POST",
        "/api/v1/sessions/{id}/generate-one-time-link",
        "generate_one_time_link",
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
    (
        "GET",
        "/api/v1/sessions/{id}/list-matches",
        "list_session_list_matches",
    ),
    (
        "GET",
        "/api/v1/sessions/{id}/one-time-links",
        "list_one_time_links",
    ),
    (
        "POST",
        "/api/v1/sessions/{id}/remove-tag",
        "remove_session_tag",
    ),
    ("GET", "/api/v1/sessions/{id}/report", "get_session_report"),
    (
        "POST",
        "/api/v1/sessions/{id}/reprocess",
        "reprocess_session",
    ),
    (
        "POST",
        "/api/v1/sessions/{id}/resend-invite",
        "resend_session_invite",
    ),
    ("GET", "/api/v1/sessions/{id}/result", "get_session_result"),
    ("POST", "/api/v1/sessions/{id}/resume", "resume_session"),
    (
        "GET",
        "/api/v1/sessions/{id}/risk-assessment",
        "get_risk_assessment",
    ),
    ("POST", "/api/v1/sessions/{id}/set-tags", "set_session_tags"),
    ("POST", "/api/v1/sessions/{id}/simulate", "simulate_session"),
    ("POST", "/api/v1/sessions/{id}/submit", "submit_session"),
    (
        "GET",
        "/api/v1/sessions/{id}/verifications",
        "list_session_verifications",
    ),
    (
        "GET",
        "/api/v1/sessions/{id}/verifications/{policy}/attempts",
        "list_verification_attempts",
    ),
    (
        "POST",
        "/api/v1/sessions/{id}/verifications/{policy}/retry",
        "retry_verification",
    ),
    (
        "GET",
        "/api/v1/sessions/{id}/webhook-deliveries",
        "list_session_webhook_deliveries",
    ),
    (
        "GET",
        "/api/v1/sessions/{id}/workflow-run",
        "get_session_workflow_run",
    ),
    ("GET", "/api/v1/settings", "get_settings"),
    ("PATCH", "/api/v1/settings", "update_settings"),
    (
        "POST",
        "/api/v1/settings/rotate-reference-secret",
        "rotate_reference_secret",
    ),
    (
        "GET",
        "/api/v1/verification-policies",
        "list_verification_policies",
    ),
    (
        "POST",
        "/api/v1/webhooks/deliveries/{id}/retry",
        "retry_webhook_delivery",
    ),
    (
        "GET",
        "/api/v1/webhooks/endpoints",
        "list_webhook_endpoints",
    ),
    (
        "POST",
        "/api/v1/webhooks/endpoints",
        "create_webhook_endpoint",
    ),
    (
        "GET",
        "/api/v1/webhooks/endpoints/event-types",
        "list_webhook_event_types",
    ),
    (
        "GET",
        "/api/v1/webhooks/endpoints/{id}",
        "get_webhook_endpoint",
    ),
    (
        "DELETE",
        "/api/v1/webhooks/endpoints/{id}",
        "delete_webhook_endpoint",
    ),
    (
        "PATCH",
        "/api/v1/webhooks/endpoints/{id}",
        "update_webhook_endpoint",
    ),
    (
        "POST",
        "/api/v1/webhooks/endpoints/{id}/clone",
        "clone_webhook_endpoint",
    ),
    (
        "GET",
        "/api/v1/webhooks/endpoints/{id}/deliveries",
        "list_webhook_deliveries",
    ),
    (
        "POST",
        "/api/v1/webhooks/endpoints/{id}/recover",
        "recover_webhook_endpoint",
    ),
    (
        "POST",
        "/api/v1/webhooks/endpoints/{id}/rotate-secret",
        "rotate_webhook_secret",
    ),
    (
        "POST",
        "/api/v1/webhooks/endpoints/{id}/test",
        "test_webhook_endpoint",
    ),
    ("GET", "/api/v1/webhooks/feed", "get_webhook_feed"),
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
    ("POST", "/verify/{token}/contest", "contest_decision"),
    ("GET", "/verify/{token}/outcome", "get_outcome"),
    ("POST", "/verify/{token}/start", "start_capture"),
];
