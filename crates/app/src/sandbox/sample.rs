//! The person that a simulated session turns out to be (spec/sessions.md, "Result object").

use verifa_checks::ExtractedData;

/// Similarity of the sample person's selfie and document.
pub(super) const FACE_MATCH_SCORE: f64 = 0.95;
/// Similarity of a selfie of somebody else.
pub(super) const FACE_MISMATCH_SCORE: f64 = 0.32;

/// Jane Doe, as her driving licence has her.
pub(super) fn jane_doe() -> ExtractedData {
    ExtractedData {
        first_name: Some("Jane".to_owned()),
        last_name: Some("Doe".to_owned()),
        date_of_birth: Some("1997-06-15".to_owned()),
        document_type: Some("drivers_license".to_owned()),
        ..ExtractedData::default()
    }
}
