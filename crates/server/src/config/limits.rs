//! `[limits]`: what uploads may take. The other sizes are fixed (spec/conventions.md, "Body limits";
//! spec/sessions.md, uploads).

use serde::Deserialize;

use super::problem::Report;

/// The largest file that the API takes at all, in bytes.
const LARGEST_FILE: usize = verifa_api::body::FILE_LIMIT;

/// Sizes.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Limits {
    /// The largest file of an upload, in bytes.
    pub(crate) upload_bytes: usize,
    /// Uploads that are decoded and stored at once.
    pub(crate) uploads_at_once: usize,
}

impl Limits {
    pub(super) fn validate(&self, report: &mut Report<'_>) {
        report.range(
            "limits.upload_bytes",
            self.upload_bytes,
            &(65_536..=LARGEST_FILE),
        );
        report.range("limits.uploads_at_once", self.uploads_at_once, &(1..=64));
    }
}
