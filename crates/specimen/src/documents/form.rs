//! What the documents differ in, and the truth that follows from it and the holder.

use verifa_mrz::{MrzDate, MrzFields, MrzFormat, encode};

use crate::holder::Holder;
use crate::specimen::SpecimenError;
use crate::truth::{DocumentKind, Side, Truth};

/// What tells one kind of document from another.
pub(super) struct Form {
    pub(super) kind: DocumentKind,
    pub(super) format: MrzFormat,
    pub(super) document_code: &'static str,
    pub(super) optional_data: String,
}

impl Form {
    /// The truth of the side that carries the zone.
    pub(super) fn truth(self, holder: &Holder, side: Side) -> Result<Truth, SpecimenError> {
        let mrz = encode(&MrzFields {
            format: self.format,
            document_code: self.document_code.to_owned(),
            issuing_state: holder.issuing_state.clone(),
            nationality: holder.nationality.clone(),
            surname: holder.surname.clone(),
            given_names: holder.given_names.clone(),
            document_number: holder.document_number.clone(),
            birth_date: MrzDate::known(holder.birth_date),
            sex: holder.sex,
            expiry_date: MrzDate::known(holder.expiry_date),
            optional_data: self.optional_data.clone(),
            optional_data_second: String::new(),
        })?;
        Ok(Truth {
            kind: self.kind,
            side,
            format: self.format,
            document_code: self.document_code.to_owned(),
            issuing_state: holder.issuing_state.clone(),
            surname: holder.surname.clone(),
            given_names: holder.given_names.clone(),
            nationality: holder.nationality.clone(),
            birth_date: holder.birth_date,
            sex: holder.sex,
            document_number: holder.document_number.clone(),
            issue_date: holder.issue_date(),
            expiry_date: holder.expiry_date,
            optional_data: self.optional_data,
            mrz,
        })
    }
}
