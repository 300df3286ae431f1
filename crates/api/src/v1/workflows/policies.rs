//! `GET /api/v1/verification-policies`

use axum::extract::State;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::api_state::ApiState;
use crate::respond::Found;

/// The checks that this server knows.
#[derive(Serialize, ToSchema)]
#[schema(as = VerificationPolicies)]
pub struct PoliciesView {
    /// Each with name, category, description, config schema, inputs and outputs; `auto` ones are
    /// inserted by the server.
    #[schema(value_type = Vec<Object>, example = json!([{
        "name": "document_ocr", "category": "document",
        "description": "Reads the document.", "config_schema": {}, "inputs": [], "outputs": [],
        "auto": false
    }]))]
    data: Vec<Policy>,
}

/// One check. Its schema is JSON Schema, whose words no inflection changes.
#[derive(Serialize)]
pub struct Policy {
    name: Value,
    category: Value,
    description: Value,
    config_schema: Value,
    inputs: Value,
    outputs: Value,
    auto: Value,
}

/// List verification policies
///
/// The checks that a workflow can place, and the schema of each one's `config`.
#[utoipa::path(
    get,
    path = "/api/v1/verification-policies",
    tag = "Workflows",
    operation_id = "list_verification_policies"
)]
pub async fn list_verification_policies(State(state): State<ApiState>) -> Found<PoliciesView> {
    let take = |described: &Value, name: &str| described.get(name).cloned().unwrap_or_default();
    let data = state
        .app
        .checks
        .describe()
        .into_iter()
        .map(|described| Policy {
            name: take(&described, "name"),
            category: take(&described, "category"),
            description: take(&described, "description"),
            config_schema: take(&described, "config_schema"),
            inputs: take(&described, "inputs"),
            outputs: take(&described, "outputs"),
            auto: take(&described, "auto"),
        });
    Found::new(PoliciesView {
        data: data.collect(),
    })
}
