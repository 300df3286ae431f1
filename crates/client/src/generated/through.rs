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
        "ApiKey" => again::<types::ApiKey>(value),
        "ApiKeyCreate" => again::<types::ApiKeyCreate>(value),
        "ApiKeyPage" => again::<types::ApiKeyPage>(value),
        "ApiKeyUpdate" => again::<types::ApiKeyUpdate>(value),
        "AuditCheckpoint" => again::<types::AuditCheckpoint>(value),
        "AuditEvent" => again::<types::AuditEvent>(value),
        "AuditEventPage" => again::<types::AuditEventPage>(value),
        "Branding" => again::<types::Branding>(value),
        "CaptureSettings" => again::<types::CaptureSettings>(value),
        "CaptureStarted" => again::<types::CaptureStarted>(value),
        "Case" => again::<types::Case>(value),
        "CaseApprove" => again::<types::CaseApprove>(value),
        "CaseApprovedEvent" => again::<types::CaseApprovedEvent>(value),
        "CaseClaim" => again::<types::CaseClaim>(value),
        "CaseCreate" => again::<types::CaseCreate>(value),
        "CaseCreatedEvent" => again::<types::CaseCreatedEvent>(value),
        "CaseEscalatedEvent" => again::<types::CaseEscalatedEvent>(value),
        "CaseNote" => again::<types::CaseNote>(value),
        "CaseNoteAdd" => again::<types::CaseNoteAdd>(value),
        "CaseNotePage" => again::<types::CaseNotePage>(value),
        "CasePage" => again::<types::CasePage>(value),
        "CaseReason" => again::<types::CaseReason>(value),
        "CaseReject" => again::<types::CaseReject>(value),
        "CaseRejectedEvent" => again::<types::CaseRejectedEvent>(value),
        "CaseRelease" => again::<types::CaseRelease>(value),
        "CaseUpdate" => again::<types::CaseUpdate>(value),
        "CheckCompletedEvent" => again::<types::CheckCompletedEvent>(value),
        "CheckMonitoringNewHitsEvent" => again::<types::CheckMonitoringNewHitsEvent>(value),
        "CheckMonitoringNewHitsEventHitsItem" => {
            again::<types::CheckMonitoringNewHitsEventHitsItem>(value)
        }
        "CheckOverridden" => again::<types::CheckOverridden>(value),
        "CheckOverride" => again::<types::CheckOverride>(value),
        "CheckResult" => again::<types::CheckResult>(value),
        "ClientToken" => again::<types::ClientToken>(value),
        "ConsentExport" => again::<types::ConsentExport>(value),
        "ConsentInput" => again::<types::ConsentInput>(value),
        "ConsentSettings" => again::<types::ConsentSettings>(value),
        "Contest" => again::<types::Contest>(value),
        "ContestExport" => again::<types::ContestExport>(value),
        "CursorPagination" => again::<types::CursorPagination>(value),
        "DetailedResult" => again::<types::DetailedResult>(value),
        "Document" => again::<types::Document>(value),
        "DocumentExport" => again::<types::DocumentExport>(value),
        "DocumentExtractedEvent" => again::<types::DocumentExtractedEvent>(value),
        "DocumentVerifiedEvent" => again::<types::DocumentVerifiedEvent>(value),
        "Documents" => again::<types::Documents>(value),
        "EmailSettings" => again::<types::EmailSettings>(value),
        "ErasureCertificate" => again::<types::ErasureCertificate>(value),
        "EventExport" => again::<types::EventExport>(value),
        "ExternalDecision" => again::<types::ExternalDecision>(value),
        "ExternalDecisionAccepted" => again::<types::ExternalDecisionAccepted>(value),
        "FaceMatchSettings" => again::<types::FaceMatchSettings>(value),
        "Findings" => again::<types::Findings>(value),
        "FirstKeys" => again::<types::FirstKeys>(value),
        "GateDecision" => again::<types::GateDecision>(value),
        "Health" => again::<types::Health>(value),
        "IdentityArchivedEvent" => again::<types::IdentityArchivedEvent>(value),
        "IdentityCreatedEvent" => again::<types::IdentityCreatedEvent>(value),
        "IdentityFlaggedEvent" => again::<types::IdentityFlaggedEvent>(value),
        "IdentityRestoredEvent" => again::<types::IdentityRestoredEvent>(value),
        "IdentityTagAddedEvent" => again::<types::IdentityTagAddedEvent>(value),
        "IdentityTagRemovedEvent" => again::<types::IdentityTagRemovedEvent>(value),
        "IdentityUpdatedEvent" => again::<types::IdentityUpdatedEvent>(value),
        "LegalHold" => again::<types::LegalHold>(value),
        "LegalHoldPlacement" => again::<types::LegalHoldPlacement>(value),
        "Limit" => again::<types::Limit>(value),
        "ListMatch" => again::<types::ListMatch>(value),
        "ListMatchPage" => again::<types::ListMatchPage>(value),
        "ListedDocument" => again::<types::ListedDocument>(value),
        "NewApiKey" => again::<types::NewApiKey>(value),
        "NewOrganization" => again::<types::NewOrganization>(value),
        "NodeResult" => again::<types::NodeResult>(value),
        "OffsetPagination" => again::<types::OffsetPagination>(value),
        "OneTimeLink" => again::<types::OneTimeLink>(value),
        "OneTimeLinkCreate" => again::<types::OneTimeLinkCreate>(value),
        "OneTimeLinks" => again::<types::OneTimeLinks>(value),
        "Organization" => again::<types::Organization>(value),
        "OrganizationCreate" => again::<types::OrganizationCreate>(value),
        "OrganizationPage" => again::<types::OrganizationPage>(value),
        "OrganizationUpdate" => again::<types::OrganizationUpdate>(value),
        "Pagination" => again::<types::Pagination>(value),
        "Quotas" => again::<types::Quotas>(value),
        "RateLimits" => again::<types::RateLimits>(value),
        "Readiness" => again::<types::Readiness>(value),
        "ReadinessCheck" => again::<types::ReadinessCheck>(value),
        "Reason" => again::<types::Reason>(value),
        "ReferenceSecret" => again::<types::ReferenceSecret>(value),
        "Result" => again::<types::Result>(value),
        "ResultRow" => again::<types::ResultRow>(value),
        "ResultRowPage" => again::<types::ResultRowPage>(value),
        "RiskAssessment" => again::<types::RiskAssessment>(value),
        "RiskSignal" => again::<types::RiskSignal>(value),
        "RunExport" => again::<types::RunExport>(value),
        "SandboxClock" => again::<types::SandboxClock>(value),
        "SandboxClockAdvance" => again::<types::SandboxClockAdvance>(value),
        "ScreeningCompletedEvent" => again::<types::ScreeningCompletedEvent>(value),
        "ScreeningMonitoringNewHitsEvent" => again::<types::ScreeningMonitoringNewHitsEvent>(value),
        "ScreeningMonitoringNewHitsEventHitsItem" => {
            again::<types::ScreeningMonitoringNewHitsEventHitsItem>(value)
        }
        "Session" => again::<types::Session>(value),
        "SessionApprovedEvent" => again::<types::SessionApprovedEvent>(value),
        "SessionApprovedEventResult" => again::<types::SessionApprovedEventResult>(value),
        "SessionApprovedEventResultExtractedData" => {
            again::<types::SessionApprovedEventResultExtractedData>(value)
        }
        "SessionApprovedEventResultExtractedDataAddress" => {
            again::<types::SessionApprovedEventResultExtractedDataAddress>(value)
        }
        "SessionAwaitingExternalEvent" => again::<types::SessionAwaitingExternalEvent>(value),
        "SessionBulkRedacted" => again::<types::SessionBulkRedacted>(value),
        "SessionCreate" => again::<types::SessionCreate>(value),
        "SessionCreated" => again::<types::SessionCreated>(value),
        "SessionCreatedEvent" => again::<types::SessionCreatedEvent>(value),
        "SessionDeclinedEvent" => again::<types::SessionDeclinedEvent>(value),
        "SessionDeclinedEventResult" => again::<types::SessionDeclinedEventResult>(value),
        "SessionDeclinedEventResultExtractedData" => {
            again::<types::SessionDeclinedEventResultExtractedData>(value)
        }
        "SessionDeclinedEventResultExtractedDataAddress" => {
            again::<types::SessionDeclinedEventResultExtractedDataAddress>(value)
        }
        "SessionExpired" => again::<types::SessionExpired>(value),
        "SessionExpiredEvent" => again::<types::SessionExpiredEvent>(value),
        "SessionExport" => again::<types::SessionExport>(value),
        "SessionFailedEvent" => again::<types::SessionFailedEvent>(value),
        "SessionFailedEventReasonsItem" => again::<types::SessionFailedEventReasonsItem>(value),
        "SessionInvited" => again::<types::SessionInvited>(value),
        "SessionLinkGeneratedEvent" => again::<types::SessionLinkGeneratedEvent>(value),
        "SessionPage" => again::<types::SessionPage>(value),
        "SessionRedacted" => again::<types::SessionRedacted>(value),
        "SessionRedactedEvent" => again::<types::SessionRedactedEvent>(value),
        "SessionReprocessed" => again::<types::SessionReprocessed>(value),
        "SessionRequiresReviewEvent" => again::<types::SessionRequiresReviewEvent>(value),
        "SessionRequiresReviewEventResult" => {
            again::<types::SessionRequiresReviewEventResult>(value)
        }
        "SessionRequiresReviewEventResultExtractedData" => {
            again::<types::SessionRequiresReviewEventResultExtractedData>(value)
        }
        "SessionRequiresReviewEventResultExtractedDataAddress" => {
            again::<types::SessionRequiresReviewEventResultExtractedDataAddress>(value)
        }
        "SessionResubmissionRequiredEvent" => {
            again::<types::SessionResubmissionRequiredEvent>(value)
        }
        "SessionResumed" => again::<types::SessionResumed>(value),
        "SessionRetentionExpiredEvent" => again::<types::SessionRetentionExpiredEvent>(value),
        "SessionSimulate" => again::<types::SessionSimulate>(value),
        "SessionSimulated" => again::<types::SessionSimulated>(value),
        "SessionStartedEvent" => again::<types::SessionStartedEvent>(value),
        "SessionSubmit" => again::<types::SessionSubmit>(value),
        "SessionSubmitted" => again::<types::SessionSubmitted>(value),
        "SessionTagAdd" => again::<types::SessionTagAdd>(value),
        "SessionTagRemove" => again::<types::SessionTagRemove>(value),
        "SessionTags" => again::<types::SessionTags>(value),
        "SessionTagsSet" => again::<types::SessionTagsSet>(value),
        "SessionUpdate" => again::<types::SessionUpdate>(value),
        "SessionsBulkRedact" => again::<types::SessionsBulkRedact>(value),
        "SessionsBulkRedacted" => again::<types::SessionsBulkRedacted>(value),
        "Settings" => again::<types::Settings>(value),
        "SettingsUpdate" => again::<types::SettingsUpdate>(value),
        "SettingsUpdateBranding" => again::<types::SettingsUpdateBranding>(value),
        "SettingsUpdateCapture" => again::<types::SettingsUpdateCapture>(value),
        "SettingsUpdateConsent" => again::<types::SettingsUpdateConsent>(value),
        "SettingsUpdateEmail" => again::<types::SettingsUpdateEmail>(value),
        "SettingsUpdateFaceMatch" => again::<types::SettingsUpdateFaceMatch>(value),
        "SettingsUpdateWebhooks" => again::<types::SettingsUpdateWebhooks>(value),
        "ToldExport" => again::<types::ToldExport>(value),
        "Verification" => again::<types::Verification>(value),
        "VerificationAttempts" => again::<types::VerificationAttempts>(value),
        "VerificationOutcome" => again::<types::VerificationOutcome>(value),
        "VerificationPolicies" => again::<types::VerificationPolicies>(value),
        "VerificationRetried" => again::<types::VerificationRetried>(value),
        "Verifications" => again::<types::Verifications>(value),
        "WebhookDelivery" => again::<types::WebhookDelivery>(value),
        "WebhookDeliveryAttempt" => again::<types::WebhookDeliveryAttempt>(value),
        "WebhookDeliveryPage" => again::<types::WebhookDeliveryPage>(value),
        "WebhookEndpoint" => again::<types::WebhookEndpoint>(value),
        "WebhookEndpointCreate" => again::<types::WebhookEndpointCreate>(value),
        "WebhookEndpointDeleted" => again::<types::WebhookEndpointDeleted>(value),
        "WebhookEndpointPage" => again::<types::WebhookEndpointPage>(value),
        "WebhookEndpointTested" => again::<types::WebhookEndpointTested>(value),
        "WebhookEndpointUpdate" => again::<types::WebhookEndpointUpdate>(value),
        "WebhookEventType" => again::<types::WebhookEventType>(value),
        "WebhookEventTypes" => again::<types::WebhookEventTypes>(value),
        "WebhookFeed" => again::<types::WebhookFeed>(value),
        "WebhookFeedEvent" => again::<types::WebhookFeedEvent>(value),
        "WebhookRecovery" => again::<types::WebhookRecovery>(value),
        "WebhookRecoveryAccepted" => again::<types::WebhookRecoveryAccepted>(value),
        "WebhookSecretRotation" => again::<types::WebhookSecretRotation>(value),
        "WebhookSettings" => again::<types::WebhookSettings>(value),
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
