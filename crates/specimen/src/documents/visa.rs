//! Visa stickers: MRV-A, 120 × 80 mm, and MRV-B, 105 × 74 mm (ICAO 9303-7).

use verifa_mrz::MrzFormat;

use super::form::Form;
use crate::dice::Dice;
use crate::holder::Holder;
use crate::page::{Page, printed_date, printed_nationality, printed_sex};
use crate::pattern::Palette;
use crate::portrait;
use crate::specimen::{Specimen, SpecimenError};
use crate::truth::{DocumentKind, Side, Truth};

const UNIT: f32 = 11.5;

pub(super) fn draw(
    seed: u64,
    holder: &Holder,
    format: MrzFormat,
) -> Result<Specimen, SpecimenError> {
    let mut dice = Dice::new(seed, if format == MrzFormat::MrvA { 40 } else { 41 });
    let palette = Palette::pick(&mut dice);
    let form = Form {
        kind: DocumentKind::Visa,
        format,
        document_code: "V",
        optional_data: String::new(),
    };
    let truth = form.truth(holder, Side::Front)?;
    let (width, height) = if format == MrzFormat::MrvA {
        (120.0, 80.0)
    } else {
        (105.0, 74.0)
    };
    let mut page = Page::new(width, height, UNIT, palette, &mut dice);
    print(&mut page, &truth, seed, &mut dice);
    Ok(Specimen {
        image: page.into_image(),
        truth,
        corner_radius: UNIT,
    })
}

fn print(page: &mut Page, truth: &Truth, seed: u64, dice: &mut Dice) {
    let right = page.width - 5.0;
    page.rosette(right - 16.0, 32.0, 17.0, dice);
    page.emblem(8.4, 7.4, 4.4);
    page.title("VISA  ·  UTOPIA", 14.6, 9.0, 4.8);
    page.title_to(&truth.document_number, right, 9.0, 4.4);
    page.portrait(&portrait::draw(seed, truth.sex), 5.0, 14.6, 25.0, false);
    let field = |page: &mut Page, label: &str, value: &str, x: f32, y: f32| {
        page.sized_field(label, value, (x, y), 2.9);
    };
    let until = printed_date(truth.expiry_date);
    field(page, "Valid for / Valable pour", "UTOPIA", 34.0, 18.0);
    field(page, "Type of visa / Type de visa", "C", 66.0, 18.0);
    field(
        page,
        "From / Du",
        &printed_date(truth.issue_date),
        34.0,
        24.4,
    );
    field(page, "Until / Au", &until, 66.0, 24.4);
    field(
        page,
        "Number of entries / Nombre d’entrées",
        "MULT",
        34.0,
        30.8,
    );
    field(
        page,
        "Nationality / Nationalité",
        printed_nationality(&truth.nationality),
        66.0,
        30.8,
    );
    let name = format!("{}, {}", truth.surname, truth.given_names).to_uppercase();
    field(page, "Surname, name / Nom, prénom", &name, 34.0, 37.2);
    field(
        page,
        "Date of birth / Date de naissance",
        &printed_date(truth.birth_date),
        34.0,
        43.6,
    );
    field(page, "Sex / Sexe", printed_sex(truth.sex), 66.0, 43.6);
    page.signature(right - 28.0, 50.4, 22.0, dice);
    page.watermark(38.0, 51.0, 14.5);
    page.zone(&truth.mrz, 5.2, 6.4);
}
