//! The passport's data page: size ID-3, 125 × 88 mm (ICAO 9303-4).

use verifa_mrz::MrzFormat;

use super::form::Form;
use crate::dice::Dice;
use crate::holder::Holder;
use crate::page::{Page, printed_date, printed_nationality, printed_sex};
use crate::pattern::Palette;
use crate::portrait;
use crate::specimen::{Specimen, SpecimenError};
use crate::truth::{DocumentKind, Side, Truth};

const UNIT: f32 = 11.0;

pub(super) fn draw(seed: u64, holder: &Holder) -> Result<Specimen, SpecimenError> {
    let mut dice = Dice::new(seed, 10);
    let personal_number = format!("{:07}", dice.whole(0..9_999_999));
    let form = Form {
        kind: DocumentKind::Passport,
        format: MrzFormat::Td3,
        document_code: "P",
        optional_data: personal_number,
    };
    let truth = form.truth(holder, Side::Front)?;
    let palette = Palette::pick(&mut dice);
    let mut page = Page::new(125.0, 88.0, UNIT, palette, &mut dice);
    print(&mut page, &truth, seed, &mut dice);
    Ok(Specimen {
        image: page.into_image(),
        truth,
        corner_radius: 3.0 * UNIT,
    })
}

fn print(page: &mut Page, truth: &Truth, seed: u64, dice: &mut Dice) {
    page.rosette(101.0, 42.0, 21.0, dice);
    page.emblem(9.6, 8.4, 5.0);
    page.title("UTOPIA", 17.0, 8.2, 5.2);
    page.text(
        "Republic of nowhere · République de nulle part",
        17.2,
        11.6,
        1.9,
        page.palette.accent,
    );
    page.title_to("PASSPORT  ·  PASSEPORT", 110.5, 8.2, 3.6);
    page.chip_symbol(113.4, 5.0, 7.2);

    let portrait = portrait::draw(seed, truth.sex);
    page.portrait(&portrait, 5.0, 17.0, 32.0, false);
    page.portrait(&portrait, 103.0, 40.0, 14.5, true);

    page.field("Type / Type", &truth.document_code, 41.0, 19.5);
    page.field("Code / Code", &truth.issuing_state, 56.0, 19.5);
    page.field(
        "Passport No. / No. du passeport",
        &truth.document_number,
        76.0,
        19.5,
    );
    page.field("Surname / Nom", &truth.surname.to_uppercase(), 41.0, 26.6);
    page.field(
        "Given names / Prénoms",
        &truth.given_names.to_uppercase(),
        41.0,
        33.7,
    );
    page.field(
        "Nationality / Nationalité",
        printed_nationality(&truth.nationality),
        41.0,
        40.8,
    );
    page.field(
        "Date of birth / Date de naissance",
        &printed_date(truth.birth_date),
        41.0,
        47.9,
    );
    page.field(
        "Personal No. / No. personnel",
        &truth.optional_data,
        72.0,
        47.9,
    );
    page.field("Sex / Sexe", printed_sex(truth.sex), 41.0, 55.0);
    page.field("Place of birth / Lieu de naissance", "ZENITH", 56.0, 55.0);
    page.field(
        "Date of issue / Date de délivrance",
        &printed_date(truth.issue_date),
        41.0,
        62.1,
    );
    page.field(
        "Date of expiry / Date d’expiration",
        &printed_date(truth.expiry_date),
        72.0,
        62.1,
    );
    page.signature(8.0, 62.6, 24.0, dice);
    page.watermark(41.0, 63.0, 14.5);
    page.zone(&truth.mrz, 6.6, 6.4);
}
