//! What OCR engines do to zones, and what may and may not be mended.

use jiff::civil::{Date, date};
use proptest::prelude::*;
use verifa_mrz::{
    MrzFormat, parse,
    repair::{ReadCharacter, ReadLine, RepairKind, Repaired, repair},
};

const TODAY: Date = date(2026, 11, 21);

const TD1: [&str; 3] = [
    "I<UTOD231458907<<<<<<<<<<<<<<<",
    "7408122F1204159UTO<<<<<<<<<<<6",
    "ERIKSSON<<ANNA<MARIA<<<<<<<<<<",
];
const TD3: [&str; 2] = [
    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
    "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
];

fn mend(lines: &[&str]) -> Option<Repaired> {
    let lines: Vec<ReadLine> = lines.iter().map(|line| ReadLine::from_text(line)).collect();
    repair(&lines, TODAY)
}

#[expect(
    clippy::unwrap_used,
    reason = "a zone that cannot be mended fails the test"
)]
fn mended(lines: &[&str]) -> Repaired {
    mend(lines).unwrap()
}

#[test]
fn clean_lines_stay_as_they_are() {
    for (lines, format) in [(&TD1[..], MrzFormat::Td1), (&TD3[..], MrzFormat::Td3)] {
        let result = mended(lines);
        assert!(result.is_sound());
        assert_eq!(result.mrz.format, format);
        assert_eq!(result.mrz.lines, lines);
        assert!(result.repairs.is_empty() && result.dropped == 0);
    }
}

#[test]
fn the_kind_of_a_place_decides() {
    let result = mended(&[
        "P<UT0ER1KSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
        "L898902C36UTO74O8I22F1Z04159ZE184226B<<<<<I0",
    ]);
    assert!(result.is_sound());
    assert_eq!(result.mrz.lines, TD3);
    assert_eq!(result.repairs.len(), 6);
    assert!(
        result
            .repairs
            .iter()
            .all(|repair| repair.kind == RepairKind::Coerced)
    );
}

#[test]
fn look_alikes_in_numbers_follow_the_check_digits() {
    // `C` read as `G`, and `0` as `O`, in the document number.
    let result = mended(&[TD3[0], "L8989O2G36UTO7408122F1204159ZE184226B<<<<<10"]);
    assert!(result.is_sound());
    assert_eq!(result.mrz.document_number, "L898902C3");
    let swapped: Vec<_> = result
        .repairs
        .iter()
        .map(|r| (r.line, r.column, r.kind))
        .collect();
    assert_eq!(
        swapped,
        [(1, 5, RepairKind::Swapped), (1, 7, RepairKind::Swapped)]
    );
}

#[test]
fn the_engines_own_alternatives_come_first() {
    // 9 is no look-alike of 4, but the engine hesitated between them.
    let mut line = ReadLine::from_text("L898902C36UTO7408122F1204159ZE189226B<<<<<10");
    line.characters[32] = ReadCharacter {
        value: '9',
        confidence: 0.5,
        alternatives: vec![('4', 0.4), ('1', 0.1)],
    };
    let result = repair(&[ReadLine::from_text(TD3[0]), line], TODAY).unwrap();
    assert_eq!(result.mrz.lines, TD3);
}

#[test]
fn dates_are_never_swapped() {
    // A birth date in which 3 stands for 8: the digit tells, and nothing is guessed.
    let result = mended(&[TD3[0], "L898902C36UTO7403122F1204159ZE184226B<<<<<10"]);
    assert!(!result.is_sound());
    assert!(result.mrz.lines[1].contains("740312"));
}

#[test]
fn runs_of_fillers_are_brought_to_length() {
    for second in [
        "L898902C36UTO7408122F1204159ZE184226B<<<10",
        "L898902C36UTO7408122F1204159ZE184226B<<<<<<<10",
    ] {
        let result = mended(&["P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<", second]);
        assert!(result.is_sound(), "{second}");
        assert_eq!(result.mrz.lines, TD3);
    }
    let result = mended(&[
        "I<UTOD231458907<<<<<<<<<<<<",
        "7408122F1204159UTO<<<<<<<<6",
        "ERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<",
    ]);
    assert!(result.is_sound());
    assert_eq!(result.mrz.lines, TD1);
}

#[test]
fn specks_are_dropped() {
    let result = mended(&[
        "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<K<<<<<<<<<<C",
        "1L898902C36UTO7408122F1204159ZE184226B<<<<<10",
    ]);
    assert!(result.is_sound());
    assert_eq!(result.mrz.lines, TD3);
    assert_eq!(result.dropped, 1);
}

#[test]
fn the_zone_is_found_among_other_lines() {
    let result = mended(&[
        "SIGNATURE OF BEARER",
        "AUTHORITY UTOPIA",
        TD3[0],
        TD3[1],
        "12",
    ]);
    assert_eq!((result.first_line, result.is_sound()), (2, true));
    let result = mended(&["DATE OF EXPIRY 15 APR 2012", TD1[0], TD1[1], TD1[2]]);
    assert_eq!((result.first_line, result.mrz.format), (1, MrzFormat::Td1));
}

#[test]
fn prose_is_no_zone() {
    let prose = [
        "THEQUICKBROWNFOXJUMPSOVERTHELAZYDOGANDRUNS",
        "INTOTHEWOODSWHERENOBODYEVERSAWITAGAIN12345",
        "PARTOFTHESTORYISTOLDBYTHEOWLINTHEOLDTREE66",
        "PLEASEREADTHEFOLLOWINGTERMSANDCONDITIONS20",
    ];
    assert!(mend(&prose).is_none_or(|result| !result.is_sound()));
    assert!(mend(&[]).is_none());
}

proptest! {
    /// Nothing in the repair may panic, run away, or make lines of another length.
    #[test]
    fn any_lines_are_survived(lines in proptest::collection::vec("[A-Z0-9< é]{0,60}", 0..10)) {
        let lines: Vec<ReadLine> = lines.iter().map(|line| ReadLine::from_text(line)).collect();
        if let Some(result) = repair(&lines, TODAY) {
            let again = parse(&result.mrz.lines, TODAY).unwrap();
            prop_assert_eq!(again.check_digits, result.mrz.check_digits);
        }
    }

    /// Random text of the right shape is accepted by chance only, which must stay rare: five
    /// digits and two dates have to fit. One in a few thousand cases would already show here.
    #[test]
    fn random_zones_are_not_made_sound(
        first in "P[A-Z<][A-Z]{3}[A-Z<]{39}",
        second in "[A-Z0-9]{9}[0-9][A-Z]{3}[0-9]{7}[MF<][0-9]{7}[A-Z0-9<]{14}[0-9]{2}",
    ) {
        let result = mend(&[&first, &second]);
        prop_assert!(result.is_none_or(|result| !result.is_sound()));
    }

    /// One twin misread in the document number is always brought back to a sound zone.
    #[test]
    fn one_twin_is_mended(place in 0..9_usize) {
        let twins = [('0', 'O'), ('1', 'I'), ('2', 'Z'), ('8', 'B')];
        let character = TD3[1].as_bytes()[place] as char;
        let twin = twins.iter().find(|(digit, _)| *digit == character);
        prop_assume!(twin.is_some());
        let mut second = TD3[1].to_owned();
        second.replace_range(place..=place, &twin.unwrap().1.to_string());
        let result = mended(&[TD3[0], &second]);
        prop_assert!(result.is_sound());
        prop_assert_eq!(result.mrz.lines, TD3);
    }
}
