//! The specimen zones printed in ICAO 9303 parts 4 to 7, and the rules that are easy to miss.

use jiff::civil::{Date, date};
use verifa_mrz::{
    Anomaly, CheckField, EncodeError, Mrz, MrzDate, MrzField, MrzFields, MrzFormat, ParseError,
    Sex, encode, parse,
};

const TODAY: Date = date(2026, 11, 21);

#[expect(
    clippy::unwrap_used,
    reason = "a specimen that does not parse fails the test"
)]
fn read(lines: &[&str]) -> Mrz {
    parse(lines, TODAY).unwrap()
}

const TD1: [&str; 3] = [
    "I<UTOD231458907<<<<<<<<<<<<<<<",
    "7408122F1204159UTO<<<<<<<<<<<6",
    "ERIKSSON<<ANNA<MARIA<<<<<<<<<<",
];
const TD2: [&str; 2] = [
    "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<",
    "D231458907UTO7408122F1204159<<<<<<<6",
];
const TD3: [&str; 2] = [
    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
    "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
];
const MRV_A: [&str; 2] = [
    "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
    "L8988901C4XXX4009078F96121096ZE184226B<<<<<<",
];
const MRV_B: [&str; 2] = [
    "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<",
    "L8988901C4XXX4009078F9612109<<<<<<<<",
];

#[test]
fn every_icao_specimen_is_valid() {
    let specimens: [(&[&str], MrzFormat, usize); 5] = [
        (&TD1, MrzFormat::Td1, 4),
        (&TD2, MrzFormat::Td2, 4),
        (&TD3, MrzFormat::Td3, 5),
        (&MRV_A, MrzFormat::MrvA, 3),
        (&MRV_B, MrzFormat::MrvB, 3),
    ];
    for (lines, format, digits) in specimens {
        let mrz = read(lines);
        assert_eq!(mrz.format, format);
        assert_eq!(mrz.check_digits.len(), digits, "{format}");
        assert!(mrz.all_valid(), "{format}: {:?}", mrz.check_digits);
        assert!(mrz.is_well_formed(), "{format}: {:?}", mrz.anomalies);
        assert_eq!(
            (mrz.surname.as_str(), mrz.given_names.as_str()),
            ("ERIKSSON", "ANNA MARIA")
        );
        assert_eq!(mrz.sex, Sex::Female);
    }
}

#[test]
fn fields_of_a_passport() {
    let mrz = read(&TD3);
    assert_eq!(mrz.document_code, "P");
    assert_eq!(mrz.issuing_state, "UTO");
    assert_eq!(mrz.nationality, "UTO");
    assert_eq!(mrz.document_number, "L898902C3");
    assert_eq!(mrz.birth_date.to_date(), Some(date(1974, 8, 12)));
    assert_eq!(mrz.expiry_date.to_date(), Some(date(2012, 4, 15)));
    assert_eq!(mrz.optional_data, "ZE184226B");
    assert!(!mrz.name_truncated);
}

#[test]
fn a_long_document_number_runs_on() {
    // ICAO 9303-5 note j: the number D23145890734 with its digit 9 in the optional data.
    let mrz = read(&[
        "I<UTOD23145890<7349<<<<<<<<<<<",
        "3407127M9507122UTO<<<<<<<<<<<2",
        "STEVENSON<<PETER<JOHN<<<<<<<<<",
    ]);
    assert_eq!(mrz.document_number, "D23145890734");
    assert_eq!(mrz.optional_data, "");
    let digit = mrz.check(CheckField::DocumentNumber).unwrap();
    assert_eq!((digit.expected, digit.found), ('9', '9'));
    assert!(mrz.all_valid(), "{:?}", mrz.check_digits);
}

#[test]
fn optional_data_may_follow_a_long_document_number() {
    let mrz = read(&[
        "I<UTOD23145890<7349<AB12<<<<<<",
        "3407127M9507122UTO<<<<<<<<<<<2",
        "STEVENSON<<PETER<JOHN<<<<<<<<<",
    ]);
    assert_eq!(mrz.document_number, "D23145890734");
    assert_eq!(mrz.optional_data, "AB12");
    assert!(mrz.check(CheckField::DocumentNumber).unwrap().valid);
    // A filler for a digit and nothing in the optional data: no long number, and not valid.
    let mrz = read(&[
        "I<UTOD23145890<<<<<<<<<<<<<<<<",
        "3407127M9507122UTO<<<<<<<<<<<2",
        "STEVENSON<<PETER<JOHN<<<<<<<<<",
    ]);
    assert!(!mrz.check(CheckField::DocumentNumber).unwrap().valid);
}

#[test]
fn an_empty_personal_number_may_carry_zero_or_filler() {
    for digit in ['0', '<'] {
        let line = format!("L898902C36UTO7408122F1204159<<<<<<<<<<<<<<{digit}8");
        let mrz = read(&[TD3[0], &line]);
        assert!(
            mrz.check(CheckField::PersonalNumber).unwrap().valid,
            "{digit}"
        );
        assert_eq!(mrz.check(CheckField::Composite).unwrap().expected, '8');
    }
    let mrz = read(&[TD3[0], "L898902C36UTO7408122F1204159ZE184226B<<<<<<0"]);
    assert!(!mrz.check(CheckField::PersonalNumber).unwrap().valid);
}

#[test]
fn german_and_odd_state_codes() {
    let mrz = read(&[
        "IDD<<T220001293<<<<<<<<<<<<<<<",
        "6408125<2010315D<<<<<<<<<<<<<4",
        "MUSTERMANN<<ERIKA<<<<<<<<<<<<<",
    ]);
    assert_eq!(
        (mrz.issuing_state.as_str(), mrz.nationality.as_str()),
        ("D", "D")
    );
    assert_eq!(mrz.sex, Sex::Unspecified);
    assert!(
        mrz.is_well_formed() && mrz.all_valid(),
        "{:?}",
        mrz.check_digits
    );
    for state in ["RKS", "EUE", "XXA", "UNO"] {
        let line = TD3[0].replace("UTO", state);
        assert!(read(&[&line, TD3[1]]).anomalies.is_empty(), "{state}");
    }
    let unknown = read(&[&TD3[0].replace("UTO", "QQQ"), TD3[1]]);
    assert_eq!(unknown.anomalies, [Anomaly::UnknownIssuingState]);
    assert!(unknown.is_well_formed());
    let broken = read(&[&TD3[0].replace("UTO", "U<O"), TD3[1]]);
    assert!(!broken.is_well_formed());
}

#[test]
fn one_wrong_character_is_found_by_its_digits() {
    let mrz = read(&[TD3[0], "L898902C36UTO7408132F1204159ZE184226B<<<<<10"]);
    let wrong: Vec<_> = mrz
        .check_digits
        .iter()
        .filter(|d| !d.valid)
        .map(|d| d.field)
        .collect();
    assert_eq!(wrong, [CheckField::BirthDate, CheckField::Composite]);
    assert!(!mrz.all_valid());
}

#[test]
fn lines_that_are_no_zone() {
    assert_eq!(parse(&[] as &[&str], TODAY), Err(ParseError::Shape));
    assert_eq!(parse(&[TD3[0]], TODAY), Err(ParseError::Shape));
    assert_eq!(parse(&[TD3[0], TD2[1]], TODAY), Err(ParseError::Shape));
    let lower = TD3[1].to_lowercase();
    let error = ParseError::Character { line: 1, column: 0 };
    assert_eq!(parse(&[TD3[0], &lower], TODAY), Err(error));
}

#[test]
fn debug_output_names_nobody() {
    let shown = format!("{:?} {:?}", read(&TD3), fields());
    for secret in ["ERIKSSON", "ANNA", "L898902C3", "1974", "740812"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

fn fields() -> MrzFields {
    MrzFields {
        format: MrzFormat::Td3,
        document_code: "P".into(),
        issuing_state: "UTO".into(),
        nationality: "UTO".into(),
        surname: "Eriksson".into(),
        given_names: "Anna Maria".into(),
        document_number: "L898902C3".into(),
        birth_date: MrzDate::known(date(1974, 8, 12)),
        sex: Sex::Female,
        expiry_date: MrzDate::known(date(2012, 4, 15)),
        optional_data: "ZE184226B".into(),
        optional_data_second: String::new(),
    }
}

#[test]
fn the_icao_specimens_are_written_as_printed() {
    assert_eq!(encode(&fields()).unwrap(), TD3);
    let card = MrzFields {
        format: MrzFormat::Td1,
        document_code: "I".into(),
        document_number: "D23145890".into(),
        optional_data: String::new(),
        ..fields()
    };
    assert_eq!(encode(&card).unwrap(), TD1);
    assert_eq!(
        encode(&MrzFields {
            format: MrzFormat::Td2,
            ..card
        })
        .unwrap(),
        TD2
    );
}

#[test]
fn fields_that_do_not_fit_are_refused() {
    let refused = |fields: MrzFields| encode(&fields).unwrap_err();
    assert_eq!(
        refused(MrzFields {
            document_number: "1234567890".into(),
            ..fields()
        }),
        EncodeError::TooLong(MrzField::DocumentNumber)
    );
    assert_eq!(
        refused(MrzFields {
            surname: " ".into(),
            ..fields()
        }),
        EncodeError::Empty(MrzField::Names)
    );
    assert_eq!(
        refused(MrzFields {
            surname: "山田".into(),
            ..fields()
        }),
        EncodeError::Character(MrzField::Names)
    );
    assert_eq!(
        refused(MrzFields {
            optional_data_second: "A".into(),
            ..fields()
        }),
        EncodeError::TooLong(MrzField::OptionalDataSecond)
    );
    assert_eq!(
        refused(MrzFields {
            issuing_state: "UT0".into(),
            ..fields()
        }),
        EncodeError::Character(MrzField::IssuingState)
    );
}
