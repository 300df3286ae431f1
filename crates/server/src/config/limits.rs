//! `[limits]`: sizes that a caller can't exceed (spec/conventions.md, "Body limits").

use serde::Deserialize;

use super::problem::Report;

/// Sizes.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Limits {
    /// The largest JSON body, in bytes.
    pub(crate) json_bytes: usize,
    /// The largest file of an upload, in bytes.
    pub(crate) upload_bytes: usize,
    /// Uploads that are decoded and stored at once.
    pub(crate) uploads_at_once: usize,
    /// The largest image, in millions of pixels.
    pub(crate) image_megapixels: u32,
    /// The most memory of a decoded image, in bytes.
    pub(crate) image_decoded_bytes: u64,
}

impl Limits {
    pub(super) fn validate(&self, report: &mut Report<'_>) {
        report.range("limits.json_bytes", self.json_bytes, &(1024..=16 << 20));
        report.range(
            "limits.upload_bytes",
            self.upload_bytes,
            &(65_536..=100 << 20),
        );
        report.range("limits.uploads_at_once", self.uploads_at_once, &(1..=64));
        report.range("limits.image_megapixels", self.image_megapixels, &(1..=200));
        report.range(
            "limits.image_decoded_bytes",
            self.image_decoded_bytes,
            &(1 << 20..=1 << 30),
        );
    }
}
