//! What is drawn is what the truth says, the same for the same seed, within the limits of uploads.

#![expect(clippy::unwrap_used, reason = "helpers of tests may panic")]

use jiff::civil::{Date, date};
use proptest::prelude::*;
use verifa_mrz::parse;
use verifa_specimen::{
    Damage, Holder, PictureKind, QuarterTurns, Specimen, Truth, jpeg, not_documents, png,
};

const TODAY: Date = date(2026, 11, 21);

fn all_sides(seed: u64) -> Vec<Specimen> {
    let holder = Holder::example(seed, TODAY);
    let mut sides = Vec::from(Specimen::one_of_each(seed, &holder).unwrap());
    let [front, _] = Specimen::identity_card(seed, &holder).unwrap();
    sides.push(front);
    sides
}

fn assert_parses_to(truth: &Truth) {
    let mrz = parse(&truth.mrz, TODAY).unwrap();
    assert!(
        mrz.all_valid() && mrz.is_well_formed(),
        "{:?}",
        mrz.anomalies
    );
    assert_eq!(mrz.format, truth.format);
    assert_eq!(mrz.document_code, truth.document_code);
    assert_eq!(mrz.issuing_state, truth.issuing_state);
    assert_eq!(mrz.nationality, truth.nationality);
    assert_eq!(mrz.document_number, truth.document_number);
    assert_eq!(mrz.birth_date.to_date(), Some(truth.birth_date));
    assert_eq!(mrz.expiry_date.to_date(), Some(truth.expiry_date));
    assert_eq!(mrz.sex, truth.sex);
    assert_eq!(mrz.optional_data, truth.optional_data);
    assert!(!mrz.surname.is_empty() && !mrz.given_names.is_empty());
}

#[test]
fn the_same_seed_gives_the_same_pixels_and_another_seed_others() {
    for (first, second) in all_sides(5).into_iter().zip(all_sides(5)) {
        assert!(first.image == second.image, "{:?}", first.truth.format);
        assert_eq!(first.truth, second.truth);
    }
    let passport = Specimen::passport(5, &Holder::example(5, TODAY)).unwrap();
    let shoot = |seed| {
        passport
            .photograph(seed, Damage::Heavy, QuarterTurns::One)
            .image
    };
    assert!(shoot(9) == shoot(9));
    assert!(shoot(9) != shoot(10));
    for (first, second) in all_sides(5).into_iter().zip(all_sides(6)) {
        assert!(first.image != second.image);
    }
}

#[test]
fn every_zone_reads_back_as_the_truth() {
    for seed in 0..6 {
        for side in all_sides(seed)
            .iter()
            .filter(|side| !side.truth.mrz.is_empty())
        {
            assert_parses_to(&side.truth);
        }
    }
}

#[test]
fn the_front_of_an_identity_card_has_no_zone_and_the_same_person() {
    let [front, back] = Specimen::identity_card(3, &Holder::example(3, TODAY)).unwrap();
    assert!(front.truth.mrz.is_empty());
    assert_eq!(back.truth.mrz.len(), 3);
    assert_eq!(front.truth.document_number, back.truth.document_number);
    assert!(front.image != back.image);
}

/// Colour in the zone would be the watermark or the background reaching into it.
#[test]
fn nothing_coloured_reaches_into_the_zone() {
    for side in all_sides(8)
        .iter()
        .filter(|side| !side.truth.mrz.is_empty())
    {
        let (width, height) = side.image.dimensions();
        let (mut dark, mut coloured) = (0_u32, 0_u32);
        for y in height - height / 6..height {
            for x in 0..width {
                let [r, g, b] = side.image.get_pixel(x, y).0;
                let (least, most) = (r.min(g).min(b), r.max(g).max(b));
                dark += u32::from(most < 60);
                coloured += u32::from(most - least > 24);
            }
        }
        assert!(
            dark > 2_000,
            "{:?}: the characters are printed",
            side.truth.format
        );
        assert_eq!(coloured, 0, "{:?}", side.truth.format);
    }
}

#[test]
fn pictures_are_within_the_limits_of_an_upload() {
    let cases = Damage::ALL.into_iter().zip(QuarterTurns::ALL).cycle();
    for (side, (damage, turns)) in all_sides(1).into_iter().zip(cases) {
        let photograph = side.photograph(4, damage, turns);
        let (width, height) = photograph.image.dimensions();
        let upright = matches!(turns, QuarterTurns::None | QuarterTurns::Two);
        assert_eq!(upright, width > height);
        assert!(
            (1_000..2_200).contains(&width.max(height)),
            "{width}×{height}"
        );
        let file = photograph.jpeg().unwrap();
        assert!(file.len() < 2_000_000, "{} bytes", file.len());
        let decoded = image::load_from_memory(&file).unwrap();
        assert_eq!((decoded.width(), decoded.height()), (width, height));
    }
}

#[test]
fn each_level_of_damage_changes_the_picture_more() {
    let holder = Holder::example(2, TODAY);
    let passport = Specimen::passport(2, &holder).unwrap();
    let sizes = Damage::ALL.map(|damage| {
        passport
            .photograph(2, damage, QuarterTurns::None)
            .jpeg()
            .unwrap()
            .len()
    });
    let [scan, light, medium, heavy] = sizes;
    assert!(scan > light && light > medium && light > heavy, "{sizes:?}");
}

#[test]
fn files_decode_to_the_same_picture() {
    let passport = Specimen::passport(2, &Holder::example(2, TODAY)).unwrap();
    let lossless = image::load_from_memory(&png(&passport.image).unwrap())
        .unwrap()
        .into_rgb8();
    assert!(lossless == passport.image);
    let lossy = image::load_from_memory(&jpeg(&passport.image, 90).unwrap())
        .unwrap()
        .into_rgb8();
    let error: u64 = lossy
        .as_raw()
        .iter()
        .zip(passport.image.as_raw())
        .map(|(a, b)| u64::from(a.abs_diff(*b)))
        .sum();
    assert!(error / (passport.image.as_raw().len() as u64) < 6);
}

#[test]
fn pictures_that_are_no_documents_come_in_every_kind_and_never_twice() {
    let pictures: Vec<_> = not_documents(7, 26).collect();
    assert_eq!(pictures.len(), 26);
    for kind in PictureKind::ALL {
        assert!(
            pictures
                .iter()
                .filter(|picture| picture.kind == kind)
                .count()
                >= 2
        );
    }
    for (index, picture) in pictures.iter().enumerate() {
        assert!(picture.image.width() >= 480 && picture.image.height() >= 480);
        let others = pictures.iter().skip(index + 1);
        assert_eq!(
            others.filter(|other| other.image == picture.image).count(),
            0
        );
    }
    let again: Vec<_> = not_documents(7, 26).map(|picture| picture.image).collect();
    assert!(
        pictures
            .iter()
            .map(|picture| &picture.image)
            .eq(again.iter())
    );
}

#[test]
fn a_holder_that_no_zone_can_carry_is_refused() {
    let mut holder = Holder::example(1, TODAY);
    holder.document_number = "not a number!".to_owned();
    assert!(Specimen::passport(1, &holder).is_err());
    holder = Holder::example(1, TODAY);
    holder.surname = String::new();
    assert!(Specimen::passport(1, &holder).is_err());
}

proptest! {
    #[test]
    fn an_example_holder_is_an_adult_with_a_valid_document(seed in any::<u64>()) {
        let holder = Holder::example(seed, TODAY);
        prop_assert!(holder.birth_date <= date(TODAY.year() - 20, TODAY.month(), TODAY.day()));
        prop_assert!(holder.birth_date >= date(TODAY.year() - 71, 1, 1));
        prop_assert!(holder.expiry_date > date(TODAY.year() + 1, TODAY.month(), TODAY.day()));
        prop_assert_eq!(holder.document_number.len(), 9);
        prop_assert_eq!(Holder::example(seed, TODAY), holder);
    }
}
