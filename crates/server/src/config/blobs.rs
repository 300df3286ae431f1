//! `[blobs]`: where encrypted images lie.

use std::path::PathBuf;

use serde::Deserialize;
use verifa_vault::{BlobError, BlobStore, S3Settings};

use super::data::Data;
use super::problem::Report;
use super::secret::{self, SecretText};

/// The blob store.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Blobs {
    /// Which one.
    pub(crate) store: BlobStoreKind,
    /// The directory of the local one; see [`Blobs::directory`].
    pub(crate) dir: Option<PathBuf>,
    /// The bucket of the other.
    pub(crate) s3: S3,
}

/// Kinds of blob stores.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum BlobStoreKind {
    /// A directory.
    Local,
    /// An S3 bucket.
    S3,
}

/// A bucket and how to reach it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct S3 {
    /// The bucket's name.
    pub(crate) bucket: Option<String>,
    /// Its region.
    pub(crate) region: Option<String>,
    /// The service's URL, when it is not AWS.
    pub(crate) endpoint: Option<String>,
    /// The access key's id.
    pub(crate) access_key_id: Option<String>,
    /// The access key's secret.
    pub(crate) secret_access_key: Option<SecretText>,
    /// A file with the secret.
    pub(crate) secret_access_key_file: Option<PathBuf>,
    /// Whether the bucket is named in the path.
    pub(crate) path_style: bool,
    /// Whether plain http is allowed.
    pub(crate) allow_http: bool,
}

impl S3 {
    fn settings(&self) -> S3Settings {
        let secret = self.secret_access_key.as_ref();
        S3Settings {
            bucket: self.bucket.clone().unwrap_or_default(),
            region: self.region.clone().unwrap_or_default(),
            endpoint: self.endpoint.clone(),
            access_key_id: self.access_key_id.clone(),
            secret_access_key: secret.map(|secret| secret.expose().to_owned().into()),
            path_style: self.path_style,
            allow_http: self.allow_http,
        }
    }

    pub(super) fn read_secret_file(&mut self, report: &mut Report<'_>) {
        secret::read_file(
            &mut self.secret_access_key,
            self.secret_access_key_file.as_deref(),
            "blobs.s3.secret_access_key",
            report,
        );
    }

    fn validate(&self, report: &mut Report<'_>) {
        for (key, value) in [
            ("blobs.s3.bucket", &self.bucket),
            ("blobs.s3.region", &self.region),
        ] {
            if value.as_deref().is_none_or(str::is_empty) {
                report.problem(key, "is missing", "`blobs.store` is \"s3\", which needs it");
            }
        }
        if self.access_key_id.is_some() != self.secret_access_key.is_some() {
            report.problem(
                "blobs.s3.access_key_id",
                "and `secret_access_key` must be set together",
                "",
            );
        }
        let plain = self
            .endpoint
            .as_deref()
            .is_some_and(|url| url.starts_with("http://"));
        if plain && !self.allow_http {
            report.problem(
                "blobs.s3.endpoint",
                "is plain http",
                "set `blobs.s3.allow_http` if the service is on this machine",
            );
        }
    }
}

impl Blobs {
    /// The directory of the local store.
    pub(crate) fn directory(&self, data: &Data) -> PathBuf {
        self.dir.clone().unwrap_or_else(|| data.dir.join("blobs"))
    }

    /// Opens the store that is configured; a bucket is not connected to yet.
    ///
    /// # Errors
    /// When the directory can't be made or the bucket's settings contradict one another.
    pub(crate) fn open(&self, data: &Data) -> Result<BlobStore, BlobError> {
        match self.store {
            BlobStoreKind::Local => BlobStore::local(&self.directory(data)),
            BlobStoreKind::S3 => BlobStore::s3(self.s3.settings()),
        }
    }

    pub(super) fn validate(&self, report: &mut Report<'_>) {
        if self.store == BlobStoreKind::S3 {
            self.s3.validate(report);
        }
    }
}
