//! The person on a specimen: always invented.

use std::fmt;

use jiff::ToSpan;
use jiff::civil::Date;
use verifa_mrz::Sex;

use crate::dice::Dice;

/// Who a specimen is made out to. Invent them; never put a real person in.
#[derive(Clone, PartialEq, Eq)]
pub struct Holder {
    /// Primary identifier, in its national spelling.
    pub surname: String,
    /// Secondary identifier, in its national spelling.
    pub given_names: String,
    /// Date of birth.
    pub birth_date: Date,
    /// Sex, as the document states it.
    pub sex: Sex,
    /// Three-letter code of ICAO 9303-3 §5 (`UTO` is the specification's own Utopia).
    pub nationality: String,
    /// Three-letter code of the state that issues the document.
    pub issuing_state: String,
    /// Capital letters and digits; up to 9 characters, on TD1 and TD2 more.
    pub document_number: String,
    /// Date of expiry. The date of issue is drawn ten years and a day before it.
    pub expiry_date: Date,
}

const SURNAMES: &[&str] = &[
    "Eriksson",
    "Müller",
    "Novák",
    "García",
    "Østergård",
    "Dubois",
    "Kowalska",
    "Silva",
    "Papadaki",
    "van den Berg",
    "O'Connor",
    "Haddad",
    "Tanaka",
    "Lindqvist",
    "Ferrari",
    "Horvat",
    "Žukauskas",
    "Nguyen",
    "Abara",
    "Martínez Soto",
];
const WOMEN: &[&str] = &[
    "Anna Maria",
    "Zoë",
    "Ingrid",
    "Lucía",
    "Noor",
    "Hélène",
    "Katarzyna",
    "Mei",
    "Amara",
    "Sofia",
];
const MEN: &[&str] = &[
    "Jonas",
    "Björn Erik",
    "Mateo",
    "Tomáš",
    "Omar",
    "François",
    "Piotr",
    "Kenji",
    "Chidi",
    "Luca",
];

impl Holder {
    /// An invented adult, 20 to 70 years old, whose document is valid for 1 to 9 more years.
    pub fn example(seed: u64, today: Date) -> Self {
        let mut dice = Dice::new(seed, 1);
        let sex = if dice.chance(0.5) {
            Sex::Female
        } else {
            Sex::Male
        };
        let given_names = dice.pick(if sex == Sex::Female { WOMEN } else { MEN });
        let age_in_days = dice.whole(20 * 366..70 * 365);
        let validity_in_days = dice.whole(366..9 * 365);
        Self {
            surname: dice.pick(SURNAMES).to_owned(),
            given_names: given_names.to_owned(),
            birth_date: today.saturating_sub(age_in_days.days()),
            sex,
            nationality: "UTO".to_owned(),
            issuing_state: "UTO".to_owned(),
            document_number: number(&mut dice),
            expiry_date: today.saturating_add(validity_in_days.days()),
        }
    }

    /// The date of issue that the specimen shows.
    pub(crate) fn issue_date(&self) -> Date {
        self.expiry_date
            .saturating_sub(10.years())
            .saturating_add(1.day())
    }
}

impl fmt::Debug for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Holder").finish_non_exhaustive()
    }
}

/// A passport number of nine characters. Letters that a reader could take for digits are left out,
/// as issuing states do.
fn number(dice: &mut Dice) -> String {
    const LETTERS: &[char] = &[
        'C', 'F', 'H', 'J', 'K', 'L', 'M', 'N', 'P', 'R', 'T', 'V', 'W', 'X',
    ];
    let mut number = String::new();
    for place in 0..9 {
        if matches!(place, 0 | 1 | 4) {
            number.push(dice.pick(LETTERS));
        } else {
            number.push(dice.pick(&['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']));
        }
    }
    number
}
