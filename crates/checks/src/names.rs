//! Comparing names as people write them with names as documents print them.
//!
//! A zone holds 26 letters, and different states spell `Müller` as `MUELLER` or `MULLER` (ICAO
//! 9303-3 §6 allows both); it cuts names that don't fit. People leave out further given names.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use verifa_mrz::transliterate;

/// The most characters of a name that are compared; longer ones are cut.
const LONGEST: usize = 256;

/// How the words of a name are weighed.
#[derive(Clone, Copy)]
pub(crate) enum Part {
    /// A surname: naming one of two is usual.
    Surname,
    /// Given names: naming the first of several is usual.
    GivenNames,
}

impl Part {
    /// How much it counts that words of the document are left out, as a share of the score.
    const fn weight_of_missing(self) -> f64 {
        match self {
            Self::Surname => 0.3,
            Self::GivenNames => 0.1,
        }
    }
}

/// How much a written name is like a document's, 0 to 1; `None` when either holds no letters.
///
/// `truncated`: the document's name was cut, so its last word may be the beginning of a longer one
/// and further words may be missing.
pub(crate) fn likeness(written: &str, printed: &str, part: Part, truncated: bool) -> Option<f64> {
    let printed_spellings = spellings(printed);
    let mut best: Option<f64> = None;
    for written in spellings(written) {
        for printed in &printed_spellings {
            if let Some(score) = compare(&written, printed, part, truncated) {
                best = Some(best.map_or(score, |best| best.max(score)));
            }
        }
    }
    best
}

fn compare(written: &[String], printed: &[String], part: Part, truncated: bool) -> Option<f64> {
    if written.is_empty() || printed.is_empty() {
        return None;
    }
    if written.concat() == printed.concat() {
        return Some(1.0);
    }
    let last = printed.len() - 1;
    let best_for = |word: &String| {
        let scores = printed.iter().enumerate().map(|(index, other)| {
            if truncated && index == last && word.starts_with(other.as_str()) {
                1.0
            } else {
                strsim::normalized_damerau_levenshtein(word, other)
            }
        });
        scores.fold(0.0, f64::max)
    };
    let mut scores: Vec<f64> = written.iter().map(best_for).collect();
    if truncated && scores.len() > printed.len() {
        // Words behind the cut can't be judged; those that fit best are the ones printed.
        scores.sort_by(|a, b| b.total_cmp(a));
        scores.truncate(printed.len());
    }
    let found = mean(&scores);
    let covered: Vec<f64> = printed
        .iter()
        .map(|other| {
            let scores = written
                .iter()
                .map(|word| strsim::normalized_damerau_levenshtein(word, other));
            scores.fold(0.0, f64::max)
        })
        .collect();
    let missing = part.weight_of_missing();
    let covered = if truncated { found } else { mean(&covered) };
    Some((1.0 - missing) * found + missing * covered)
}

fn mean(scores: &[f64]) -> f64 {
    scores.iter().sum::<f64>() / scores.len().max(1) as f64
}

/// The words of a name in capitals A–Z, in the spellings that a document may use.
fn spellings(name: &str) -> Vec<Vec<String>> {
    let name: String = name.chars().take(LONGEST).collect();
    let by_icao = words(&name, |letter, word| {
        if let Some(letters) = transliterate(letter) {
            word.push_str(letters);
        }
    });
    let bare = words(&name, |letter, word| {
        for part in letter.nfd().filter(|part| !is_combining_mark(*part)) {
            match part {
                'Ø' | 'ø' => word.push('O'),
                part => word.push_str(transliterate(part).unwrap_or_default()),
            }
        }
    });
    if by_icao == bare {
        vec![by_icao]
    } else {
        vec![by_icao, bare]
    }
}

fn words(name: &str, spell: impl Fn(char, &mut String)) -> Vec<String> {
    // Composed first, so that `u` with a combining diaeresis is the letter `ü`.
    let composed: String = name.nfc().filter(|c| *c != '\'' && *c != '’').collect();
    composed
        .split(|c: char| !c.is_alphabetic() && !is_combining_mark(c))
        .map(|word| {
            let mut spelled = String::new();
            word.chars().for_each(|letter| spell(letter, &mut spelled));
            spelled
        })
        .filter(|word| !word.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn surname(written: &str, printed: &str) -> f64 {
        likeness(written, printed, Part::Surname, false).unwrap()
    }

    fn given(written: &str, printed: &str) -> f64 {
        likeness(written, printed, Part::GivenNames, false).unwrap()
    }

    #[test]
    fn spellings_of_one_name_are_alike() {
        for (written, printed) in [
            ("Müller", "MUELLER"),
            ("Müller", "MULLER"),
            ("Mu\u{308}ller", "MUELLER"),
            ("Østergård", "OESTERGAARD"),
            ("Østergård", "OSTERGARD"),
            ("O'Connor", "OCONNOR"),
            ("van den Berg", "VAN DEN BERG"),
            ("Vandenberg", "VAN DEN BERG"),
            ("Иванов", "IVANOV"),
            ("Strauß", "STRAUSS"),
            ("smith-jones", "SMITH JONES"),
        ] {
            assert!(surname(written, printed) > 0.999, "{written} {printed}");
        }
    }

    #[test]
    fn left_out_words_count_little_and_other_names_much() {
        assert!(given("Anna", "ANNA MARIA") >= 0.9);
        assert!(given("Maria", "ANNA MARIA ELISABETH") >= 0.9);
        assert!(surname("Martinez", "MARTINEZ SOTO") >= 0.84);
        assert!(surname("de", "DE LA CRUZ") < 0.85);
        assert!(surname("Erikson", "ERIKSSON") > 0.85);
        for (written, printed) in [("Maria", "MARTA"), ("Jon", "JOHN"), ("Smith", "JONES")] {
            assert!(surname(written, printed) < 0.85, "{written} {printed}");
        }
    }

    #[test]
    fn a_truncated_name_is_judged_by_what_is_left_of_it() {
        let cut = |written, printed| likeness(written, printed, Part::GivenNames, true).unwrap();
        assert!(cut("Nilavadhanananda Chayapa", "NILAVADHANANANDA CHAY") > 0.999);
        assert!(cut("Anna Maria Elisabeth", "ANNA MA") > 0.999);
        assert!(cut("Boris Maria", "ANNA MA") < 0.85);
        assert!(given("Anna Maria", "ANNA MA") < 0.85);
    }

    #[test]
    fn without_letters_there_is_nothing_to_compare() {
        assert_eq!(likeness("-", "ANNA", Part::GivenNames, false), None);
        assert_eq!(likeness("王", "WANG", Part::Surname, false), None);
    }

    proptest! {
        #[test]
        fn every_score_lies_between_0_and_1(written in ".{0,40}", printed in ".{0,40}", cut: bool) {
            if let Some(score) = likeness(&written, &printed, Part::Surname, cut) {
                prop_assert!((0.0..=1.0 + 1e-9).contains(&score));
            }
        }

        #[test]
        fn a_name_is_like_itself(name in "[A-Za-zÀ-ÖØ-öø-ž]{1,20}( [A-Za-zÀ-ÖØ-öø-ž]{1,20}){0,3}") {
            if let Some(score) = likeness(&name, &name, Part::GivenNames, false) {
                prop_assert!(score > 0.999);
            }
        }
    }
}
