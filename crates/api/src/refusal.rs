//! Refusals of use cases as refusals of HTTP: the one place where each kind gets its status.

use verifa_app::AppError;
use verifa_core::fault::Fault;
use verifa_store::db::DbError;
use verifa_vault::BlobError;

use crate::error::{ApiError, Code, FieldError};

impl From<Fault> for FieldError {
    fn from(fault: Fault) -> Self {
        Self::new(fault.field, fault.code.as_str(), fault.message)
    }
}

impl From<AppError> for ApiError {
    fn from(error: AppError) -> Self {
        match error {
            AppError::NotFound(thing) => Self::not_found(thing.name()),
            AppError::BadRequest(detail) => Self::bad_request(detail),
            AppError::Conflict(detail) => Self::conflict(detail),
            AppError::AheadOfFeed(_) => Self::conflict(error.to_string()),
            AppError::Gone(detail) => Self::new(Code::Gone, detail),
            AppError::Forbidden(detail) => Self::forbidden(detail),
            AppError::CannotGrant(_) => Self::forbidden(error.to_string()),
            AppError::Invalid(faults) => {
                Self::invalid(faults.into_iter().map(FieldError::from).collect())
            }
            AppError::TooLarge(detail) => Self::too_large(detail),
            AppError::UnsupportedMedia(detail) => Self::unsupported_media_type(detail),
            AppError::Unavailable(cause) => Self::unavailable(1, cause),
            AppError::Database(error) => error.into(),
            AppError::Vault(error) => Self::from_fault(&error),
            AppError::Blob(error @ (BlobError::StorageFull | BlobError::Unavailable(_))) => {
                Self::unavailable(2, error.to_string())
            }
            AppError::Blob(error) => Self::from_fault(&error),
            AppError::Internal(cause) => Self::internal(cause),
        }
    }
}

impl From<DbError> for ApiError {
    fn from(error: DbError) -> Self {
        match error {
            DbError::Unavailable(_) | DbError::DiskFull => Self::unavailable(2, error.to_string()),
            DbError::Conflict { .. } | DbError::Unique { .. } => busy(),
            _ => Self::from_fault(&error),
        }
    }
}

/// Others were faster, again and again.
pub(crate) fn busy() -> ApiError {
    ApiError::conflict("The resource is being changed by other calls. Try again.").retry_after(1)
}
