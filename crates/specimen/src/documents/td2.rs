//! The residence permit of size ID-2, 105 × 74 mm (ICAO 9303-6).

use verifa_mrz::MrzFormat;

use super::form::Form;
use crate::dice::Dice;
use crate::holder::Holder;
use crate::page::{Page, printed_date, printed_nationality, printed_sex};
use crate::pattern::Palette;
use crate::portrait;
use crate::specimen::{Specimen, SpecimenError};
use crate::truth::{DocumentKind, Side, Truth};

const UNIT: f32 = 12.5;

pub(super) fn draw(seed: u64, holder: &Holder) -> Result<Specimen, SpecimenError> {
    let mut dice = Dice::new(seed, 30);
    let palette = Palette::pick(&mut dice);
    let form = Form {
        kind: DocumentKind::ResidencePermit,
        format: MrzFormat::Td2,
        document_code: "IR",
        optional_data: String::new(),
    };
    let truth = form.truth(holder, Side::Front)?;
    let mut page = Page::new(105.0, 74.0, UNIT, palette, &mut dice);
    print(&mut page, &truth, seed, &mut dice);
    Ok(Specimen {
        image: page.into_image(),
        truth,
        corner_radius: 3.0 * UNIT,
    })
}

fn print(page: &mut Page, truth: &Truth, seed: u64, dice: &mut Dice) {
    page.rosette(86.0, 36.0, 17.0, dice);
    page.emblem(8.4, 7.4, 4.4);
    page.title("UTOPIA", 14.6, 7.4, 4.4);
    page.text(
        "Residence permit · Titre de séjour",
        14.7,
        10.8,
        1.9,
        page.palette.accent,
    );
    page.title_to(&truth.document_number, 100.0, 8.4, 4.0);
    let portrait = portrait::draw(seed, truth.sex);
    page.portrait(&portrait, 5.0, 14.6, 26.0, false);

    let field = |page: &mut Page, label: &str, value: &str, x: f32, y: f32| {
        page.sized_field(label, value, (x, y), 3.0);
    };
    field(
        page,
        "Surname / Nom",
        &truth.surname.to_uppercase(),
        35.0,
        18.0,
    );
    field(
        page,
        "Given names / Prénoms",
        &truth.given_names.to_uppercase(),
        35.0,
        24.4,
    );
    field(
        page,
        "Nationality / Nationalité",
        printed_nationality(&truth.nationality),
        35.0,
        30.8,
    );
    field(page, "Sex / Sexe", printed_sex(truth.sex), 66.0, 30.8);
    field(
        page,
        "Date of birth / Date de naissance",
        &printed_date(truth.birth_date),
        35.0,
        37.2,
    );
    field(
        page,
        "Date of issue / Délivrance",
        &printed_date(truth.issue_date),
        35.0,
        43.6,
    );
    field(
        page,
        "Valid until / Expiration",
        &printed_date(truth.expiry_date),
        66.0,
        43.6,
    );
    field(
        page,
        "Type of permit / Type de titre",
        "SETTLEMENT",
        35.0,
        50.0,
    );
    page.signature(72.0, 50.0, 20.0, dice);
    page.watermark(38.0, 50.5, 14.5);
    page.zone(&truth.mrz, 6.6, 6.4);
}
