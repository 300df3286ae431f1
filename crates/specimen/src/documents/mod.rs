//! The documents that can be drawn, each after its part of ICAO 9303, and the constructors of
//! [`Specimen`] that draw them.

mod card;
mod form;
mod passport;
mod td2;
mod visa;

use verifa_mrz::MrzFormat;

use crate::holder::Holder;
use crate::specimen::{Specimen, SpecimenError};

impl Specimen {
    /// The data page of a passport (TD3).
    pub fn passport(seed: u64, holder: &Holder) -> Result<Self, SpecimenError> {
        passport::draw(seed, holder)
    }

    /// An identity card (TD1): front with the portrait, back with the zone.
    pub fn identity_card(seed: u64, holder: &Holder) -> Result<[Self; 2], SpecimenError> {
        card::draw(seed, holder)
    }

    /// A residence permit of size ID-2 (TD2).
    pub fn residence_permit(seed: u64, holder: &Holder) -> Result<Self, SpecimenError> {
        td2::draw(seed, holder)
    }

    /// A full-page visa (MRV-A).
    pub fn visa_a(seed: u64, holder: &Holder) -> Result<Self, SpecimenError> {
        visa::draw(seed, holder, MrzFormat::MrvA)
    }

    /// A smaller visa (MRV-B).
    pub fn visa_b(seed: u64, holder: &Holder) -> Result<Self, SpecimenError> {
        visa::draw(seed, holder, MrzFormat::MrvB)
    }

    /// One document of each format with a zone; of the identity card the back.
    pub fn one_of_each(seed: u64, holder: &Holder) -> Result<[Self; 5], SpecimenError> {
        let [_, card_back] = Self::identity_card(seed, holder)?;
        Ok([
            Self::passport(seed, holder)?,
            card_back,
            Self::residence_permit(seed, holder)?,
            Self::visa_a(seed, holder)?,
            Self::visa_b(seed, holder)?,
        ])
    }
}
