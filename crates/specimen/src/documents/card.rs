//! The identity card: size ID-1, 85.6 × 54 mm, zone on the back (ICAO 9303-5).

use verifa_mrz::MrzFormat;

use super::form::Form;
use crate::dice::Dice;
use crate::holder::Holder;
use crate::page::{Page, printed_date, printed_nationality, printed_sex};
use crate::pattern::Palette;
use crate::portrait;
use crate::specimen::{Specimen, SpecimenError};
use crate::truth::{DocumentKind, Side, Truth};

const UNIT: f32 = 15.0;
const CORNER: f32 = 3.18;

pub(super) fn draw(seed: u64, holder: &Holder) -> Result<[Specimen; 2], SpecimenError> {
    let mut dice = Dice::new(seed, 20);
    let palette = Palette::pick(&mut dice);
    let form = Form {
        kind: DocumentKind::IdentityCard,
        format: MrzFormat::Td1,
        document_code: "I",
        optional_data: String::new(),
    };
    let back_truth = form.truth(holder, Side::Back)?;
    let front_truth = Truth {
        side: Side::Front,
        mrz: Vec::new(),
        ..back_truth.clone()
    };

    let mut front = Page::new(85.6, 54.0, UNIT, palette, &mut dice);
    print_front(&mut front, &front_truth, seed, &mut dice);
    let mut back = Page::new(85.6, 54.0, UNIT, palette, &mut dice);
    print_back(&mut back, &back_truth, &mut dice);
    let corner_radius = CORNER * UNIT;
    Ok([
        Specimen {
            image: front.into_image(),
            truth: front_truth,
            corner_radius,
        },
        Specimen {
            image: back.into_image(),
            truth: back_truth,
            corner_radius,
        },
    ])
}

fn print_front(page: &mut Page, truth: &Truth, seed: u64, dice: &mut Dice) {
    page.rosette(70.0, 34.0, 15.0, dice);
    page.emblem(7.6, 6.6, 4.0);
    page.title("UTOPIA", 13.2, 6.6, 3.8);
    page.text(
        "Identity card · Carte d’identité",
        13.3,
        9.6,
        1.8,
        page.palette.accent,
    );
    page.chip_symbol(76.0, 4.2, 5.6);
    let portrait = portrait::draw(seed, truth.sex);
    page.portrait(&portrait, 4.0, 13.6, 23.5, false);
    page.portrait(&portrait, 69.5, 34.0, 11.0, true);

    let field = |page: &mut Page, label: &str, value: &str, x: f32, y: f32| {
        page.sized_field(label, value, (x, y), 2.7);
    };
    field(
        page,
        "Surname / Nom",
        &truth.surname.to_uppercase(),
        31.0,
        17.0,
    );
    field(
        page,
        "Given names / Prénoms",
        &truth.given_names.to_uppercase(),
        31.0,
        23.0,
    );
    field(page, "Sex / Sexe", printed_sex(truth.sex), 31.0, 29.0);
    field(
        page,
        "Nationality / Nationalité",
        printed_nationality(&truth.nationality),
        43.0,
        29.0,
    );
    field(
        page,
        "Date of birth / Naissance",
        &printed_date(truth.birth_date),
        31.0,
        35.0,
    );
    field(
        page,
        "Document No. / No. du document",
        &truth.document_number,
        31.0,
        41.0,
    );
    field(
        page,
        "Date of expiry / Expiration",
        &printed_date(truth.expiry_date),
        31.0,
        47.0,
    );
    page.signature(8.0, 49.4, 15.0, dice);
    page.watermark(28.0, 46.5, 11.5);
}

fn print_back(page: &mut Page, truth: &Truth, dice: &mut Dice) {
    page.rosette(66.0, 15.0, 12.0, dice);
    let field = |page: &mut Page, label: &str, value: &str, x: f32, y: f32| {
        page.sized_field(label, value, (x, y), 2.3);
    };
    field(
        page,
        "Place of birth / Lieu de naissance",
        "ZENITH",
        5.0,
        8.0,
    );
    field(
        page,
        "Date of issue / Délivrance",
        &printed_date(truth.issue_date),
        38.0,
        8.0,
    );
    field(
        page,
        "Address / Domicile",
        "1 UPPER LANE, ZENITH",
        5.0,
        14.0,
    );
    field(
        page,
        "Authority / Autorité",
        "REGISTRY OF ZENITH",
        5.0,
        20.0,
    );
    page.emblem(74.0, 15.0, 5.5);
    page.watermark(16.0, 26.0, 8.5);
    page.zone(&truth.mrz, 4.7, 5.4);
}
