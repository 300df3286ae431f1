//! An S3 bucket, or what speaks its protocol, as the blob store.

use std::sync::Arc;

use object_store::aws::AmazonS3Builder;
use zeroize::Zeroizing;

use super::error::BlobError;
use super::store::BlobStore;

/// Parts of an upload: S3 takes none below 5 MiB but the last.
const PART: usize = 8 * 1024 * 1024;

/// Which bucket, and how to reach it.
pub struct S3Settings {
    /// The bucket's name.
    pub bucket: String,
    /// The region, such as `eu-central-1`.
    pub region: String,
    /// The service's URL when it is not AWS.
    pub endpoint: Option<String>,
    /// The access key's id; absent: the ambient credentials of the machine.
    pub access_key_id: Option<String>,
    /// The access key's secret.
    pub secret_access_key: Option<Zeroizing<String>>,
    /// Whether the bucket is named in the path, not the host (most services that are not AWS).
    pub path_style: bool,
    /// Whether plain `http` is allowed, for tests and local services.
    pub allow_http: bool,
}

impl BlobStore {
    /// Blobs in an S3 bucket. Opens no connection yet.
    pub fn s3(settings: S3Settings) -> Result<Self, BlobError> {
        // The client takes the process's provider of cryptography; a second call changes nothing.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(settings.bucket)
            .with_region(settings.region)
            .with_virtual_hosted_style_request(!settings.path_style)
            .with_allow_http(settings.allow_http);
        if let Some(endpoint) = settings.endpoint {
            builder = builder.with_endpoint(endpoint);
        }
        if let (Some(id), Some(secret)) = (settings.access_key_id, settings.secret_access_key) {
            builder = builder
                .with_access_key_id(id)
                .with_secret_access_key(secret.as_str());
        }
        Ok(Self::over(Arc::new(builder.build()?), PART))
    }
}
