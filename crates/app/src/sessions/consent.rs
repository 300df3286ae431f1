//! Records of a person's consent, in the commit of what they come with.

use verifa_core::fault::Fault;
use verifa_core::id::{ConsentId, Id, SessionId};
use verifa_core::organization::ConsentSettings;
use verifa_core::privacy::{Consent, ConsentSource, demand_consent};
use verifa_store::consents::{self, ConsentRecord};
use verifa_vault::Place;

use super::load::Session;
use crate::error::AppError;
use crate::{App, Change};

/// Where the address of a record stands.
pub(crate) fn address_place(id: ConsentId) -> Place<'static> {
    Place::new("consents", "sealed_ip", id.uuid())
}

impl App {
    /// The consents of a session, oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn consents(&self, id: SessionId) -> Result<Vec<ConsentRecord>, AppError> {
        let rows = self.db.query(consents::of_session(id)).await?;
        let records = rows.iter().map(ConsentRecord::from_row);
        Ok(records.collect::<Result<_, _>>()?)
    }

    /// Whether the consent that an organization demands was given, now or before.
    ///
    /// # Errors
    /// A fault that names `consent`.
    pub(super) async fn check_consent(
        &self,
        session: &Session,
        given: Option<&Consent>,
    ) -> Result<Option<Fault>, AppError> {
        let tenant = session.record.tenant;
        let settings: ConsentSettings = self.organization_settings(tenant).await?.consent;
        if !settings.required {
            return Ok(None);
        }
        let recorded = self.consents(session.id()).await?;
        let versions = recorded.iter().map(|record| record.version.as_str());
        let versions = versions.chain(given.map(|consent| consent.version.as_str()));
        Ok(demand_consent(&settings, versions).err())
    }
}

/// Whether any record includes biometric processing. The last word counts: a later record without
/// it takes it back.
pub(crate) fn has_biometric_consent(records: &[ConsentRecord]) -> bool {
    records.last().is_some_and(|record| record.biometric)
}

/// Records a consent with the fact that `change` is about; its address becomes the session's
/// `consent_ip`.
///
/// # Errors
/// When the session's key is gone.
pub(crate) fn record_consent(
    change: &mut Change<'_>,
    session: &mut Session,
    consent: &Consent,
    source: ConsentSource,
) -> Result<(), AppError> {
    let app = change.app();
    let id = ConsentId::generate(change.now, &*app.random);
    let address = consent.address.map(|address| address.to_string());
    let sealed_ip = match &address {
        Some(text) => {
            let place = address_place(id);
            Some(session.key()?.seal(&place, text.as_bytes(), &*app.random))
        }
        None => None,
    };
    change.push(consents::insert(&ConsentRecord {
        id,
        session_id: session.id(),
        organization_id: session.record.tenant.organization,
        version: consent.version.clone(),
        biometric: consent.biometric,
        source,
        sealed_ip,
        given_at: consent.given_at,
        recorded_at: change.now,
    }));
    if address.is_some() {
        session.private.consent_ip = address;
    }
    Ok(())
}
