//! The certificate of an erasure: what was destroyed, signed by the server's audit key.

use verifa_core::id::SessionId;
use verifa_core::tenant::Tenant;
use verifa_store::erasures::{self, ErasureRecord};

use super::erase::statement;
use crate::App;
use crate::error::{AppError, Thing};

/// What was destroyed, in words that a certificate may carry.
pub const DESTROYED: &[&str] = &[
    "the session's data key, and with it every value and image that it sealed",
    "document and face images",
    "what was read from the documents, and the scores, reasons and details of the checks",
    "what the operator and the person said of the person, and the operator's metadata and tags",
    "the person's words and addresses in consents and objections",
    "the personal part of webhook events, and answers kept for repeated calls",
];

/// What is kept, in words, each with the columns about the person that it stands for.
const KEPT: &[(&str, &[&str])] = &[
    ("ids, times and status", &[]),
    (
        "the decision with its codes, and the verdicts of the comparison of faces and of the check of \
         age, without their scores",
        &[
            "results.status",
            "results.rejection_reason_code",
            "results.face_match_passed",
            "results.age_check_passed",
        ],
    ),
    (
        "which checks ran, when, and how each attempt ended, without score, reasons and details",
        &["verification_attempts.status"],
    ),
    (
        "the review case: its status, its decision and time, and the codes that led to it",
        &[
            "cases.status",
            "cases.reasons",
            "cases.decision",
            "cases.decided_at",
        ],
    ),
    (
        "the operator's reference (external_ref), country, kind of document and language",
        &[
            "sessions.external_ref",
            "sessions.country",
            "sessions.document_type",
            "sessions.locale",
            "results.country_used",
        ],
    ),
    (
        "that consent was given: version, time, scope and by which way",
        &[
            "consents.version",
            "consents.biometric",
            "consents.source",
            "consents.given_at",
        ],
    ),
    (
        "that the person contested the decision, and when, and when that was answered",
        &["contests.created_at", "contests.answered_at"],
    ),
    (
        "webhook events without their personal part",
        &["outbox_events.sealed"],
    ),
    (
        "the audit trail, whose addresses can't be opened any more",
        &["audit_events.sealed_ip"],
    ),
];

/// What is kept, in words that a certificate may carry.
pub fn kept() -> Vec<&'static str> {
    KEPT.iter().map(|(words, _)| *words).collect()
}

/// A certificate.
pub struct Certificate {
    /// The row of the erasure log.
    pub record: ErasureRecord,
    /// The bytes that the signature covers.
    pub statement: Vec<u8>,
    /// The 32 bytes of the server's public audit key.
    pub public_key: [u8; 32],
}

impl App {
    /// The certificate of a session's erasure.
    ///
    /// # Errors
    /// Not found: the session, or its certificate while it was not erased.
    pub async fn erasure_certificate(
        &self,
        tenant: Tenant,
        id: SessionId,
    ) -> Result<Certificate, AppError> {
        self.session(tenant, id).await?;
        let row = self.db.query_opt(erasures::get(id)).await?;
        let row = row.ok_or(AppError::NotFound(Thing::ErasureCertificate))?;
        let record = ErasureRecord::from_row(&row)?;
        Ok(Certificate {
            statement: statement(&record).signed_bytes(),
            public_key: self.keys.server().audit_signer().verifier().to_bytes(),
            record,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use verifa_store::classification::{Class, Erased, tables};

    use super::*;

    /// Whatever an erasure leaves of the person is named, and nothing that it does not leave.
    #[test]
    fn a_certificate_names_everything_that_is_kept() {
        let mut left = BTreeSet::new();
        for table in tables() {
            for column in table.columns {
                let Class::Personal { erased, .. } = column.class else {
                    continue;
                };
                match erased {
                    Erased::Kept(_) | Erased::WithKey | Erased::Rewritten => {
                        left.insert(format!("{}.{}", table.name, column.name));
                    }
                    Erased::Emptied | Erased::RowRemoved => {}
                }
            }
        }
        let named = KEPT.iter().flat_map(|(_, columns)| *columns);
        let named: BTreeSet<String> = named.map(|column| (*column).to_owned()).collect();
        assert_eq!(left, named);
    }
}
