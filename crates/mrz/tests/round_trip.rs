//! Whatever the encoder writes, the parser reads back the same, with every check digit right; and
//! no input makes the parser panic.

use jiff::{ToSpan, civil::Date};
use proptest::prelude::*;
use verifa_mrz::{CheckField, MrzDate, MrzFields, MrzFormat, Sex, encode, parse};

const TODAY: Date = Date::constant(2026, 11, 21);

fn name() -> impl Strategy<Value = String> {
    proptest::collection::vec("[A-Z]{1,9}", 1..3).prop_map(|words| words.join(" "))
}

fn birth_date() -> impl Strategy<Value = MrzDate> {
    // Younger than 100 years, since older birth dates are not in the zone's power.
    (0..36_000_i64, 0..3_u8).prop_map(|(age, unknown)| {
        let date = TODAY - age.days();
        match unknown {
            // A partly unknown date in the current month may be in the future's century.
            0 if age > 366 => MrzDate::partial(Some(date.year()), Some(date.month()), None),
            1 if age > 366 => MrzDate::partial(Some(date.year()), None, None),
            _ => Some(MrzDate::known(date)),
        }
        .unwrap_or(MrzDate::UNKNOWN)
    })
}

fn fields() -> impl Strategy<Value = MrzFields> {
    let format = proptest::sample::select(MrzFormat::ALL.to_vec());
    let texts = (
        name(),
        prop_oneof![Just(String::new()), name()],
        "[A-Z0-9]{1,12}",
        "[A-Z0-9]{0,5}",
    );
    let dates = (birth_date(), -18_000..18_000_i64);
    let sex = proptest::sample::select(vec![Sex::Male, Sex::Female, Sex::Unspecified]);
    let states = proptest::sample::select(vec!["D", "UTO", "FRA", "RKS", "XXA"]);
    (format, texts, dates, sex, states, "[A-Z0-9]{0,11}").prop_map(
        |(
            format,
            (surname, given_names, mut document_number, optional_data),
            dates,
            sex,
            state,
            second,
        )| {
            if !format.allows_long_document_number() {
                document_number.truncate(9);
            }
            let long = document_number.len() > 9;
            MrzFields {
                format,
                document_code: match format {
                    MrzFormat::Td3 => "P",
                    MrzFormat::MrvA | MrzFormat::MrvB => "V",
                    MrzFormat::Td1 | MrzFormat::Td2 => "ID",
                }
                .into(),
                issuing_state: state.into(),
                nationality: state.into(),
                surname,
                given_names,
                document_number,
                birth_date: dates.0,
                sex,
                expiry_date: MrzDate::known(TODAY + dates.1.days()),
                optional_data: if long && format == MrzFormat::Td2 {
                    String::new()
                } else {
                    optional_data
                },
                optional_data_second: if format == MrzFormat::Td1 {
                    second
                } else {
                    String::new()
                },
            }
        },
    )
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(fields in fields()) {
        let lines = encode(&fields).unwrap();
        let mrz = parse(&lines, TODAY).unwrap();
        prop_assert!(mrz.all_valid(), "{:?}", mrz.check_digits);
        prop_assert!(mrz.is_well_formed(), "{:?}", mrz.anomalies);
        prop_assert_eq!(mrz.format, fields.format);
        prop_assert_eq!(mrz.document_code, fields.document_code);
        prop_assert_eq!(mrz.issuing_state, fields.issuing_state);
        prop_assert_eq!(mrz.document_number, fields.document_number);
        prop_assert_eq!(mrz.birth_date, fields.birth_date);
        prop_assert_eq!(mrz.expiry_date, fields.expiry_date);
        prop_assert_eq!(mrz.sex, fields.sex);
        prop_assert_eq!(mrz.optional_data, fields.optional_data);
        prop_assert_eq!(mrz.optional_data_second, fields.optional_data_second);
        if mrz.name_truncated {
            let whole = format!("{} {}", fields.surname, fields.given_names);
            prop_assert!(mrz.surname.len() <= whole.len());
        } else {
            prop_assert_eq!(mrz.surname, fields.surname);
            prop_assert_eq!(mrz.given_names, fields.given_names);
        }
    }

    /// The weights 7, 3 and 1 are prime to 10, so a single wrong digit is always found.
    #[test]
    fn any_single_wrong_digit_is_found(fields in fields(), place in 0..6_usize, shift in 1..10_u8) {
        let mut lines = encode(&fields).unwrap();
        let (line, column) = if fields.format == MrzFormat::Td1 { (1, 0) } else { (1, 13) };
        let mut bytes = lines[line].clone().into_bytes();
        let digit = &mut bytes[column + place];
        prop_assume!(digit.is_ascii_digit());
        *digit = b'0' + (*digit - b'0' + shift) % 10;
        lines[line] = String::from_utf8(bytes).unwrap();
        let mrz = parse(&lines, TODAY).unwrap();
        prop_assert!(!mrz.check(CheckField::BirthDate).unwrap().valid);
    }

    #[test]
    fn no_zone_shaped_text_panics(lines in prop_oneof![
        proptest::collection::vec("[A-Z0-9<]{30}", 3),
        proptest::collection::vec("[A-Z0-9<]{36}", 2),
        proptest::collection::vec("[A-Z0-9<]{44}", 2),
    ]) {
        let mrz = parse(&lines, TODAY).unwrap();
        prop_assert_eq!(mrz.lines, lines);
    }

    #[test]
    fn no_text_panics(lines in proptest::collection::vec(".{0,50}", 0..4)) {
        let _ = parse(&lines, TODAY);
    }
}
