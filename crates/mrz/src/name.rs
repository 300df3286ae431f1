//! The name field: primary and secondary identifier (ICAO 9303-3 §4.6), how names are written into
//! it, and how they are cut when they do not fit (ICAO 9303-4 §4.2.3).

use crate::transliteration::transliterate;

/// A name as read from the zone.
#[derive(Clone, PartialEq, Eq, Default)]
pub(crate) struct Name {
    pub(crate) surname: String,
    pub(crate) given_names: String,
    /// Whether the field is full to its last place, which is how truncation is announced.
    pub(crate) truncated: bool,
}

/// Splits a name field at the first double filler; single fillers separate components.
pub(crate) fn read_name(field: &str) -> Name {
    let truncated = !field.is_empty() && !field.ends_with('<');
    let (primary, secondary) = field.split_once("<<").unwrap_or((field, ""));
    Name {
        surname: components(primary),
        given_names: components(secondary),
        truncated,
    }
}

fn components(text: &str) -> String {
    let words: Vec<&str> = text.split('<').filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

/// Writes a name into `length` places. `None` when a character has no transliteration or the
/// primary identifier is empty.
pub(crate) fn write_name(surname: &str, given_names: &str, length: usize) -> Option<String> {
    let primary = mrz_words(surname)?;
    let secondary = mrz_words(given_names)?;
    if primary.is_empty() {
        return None;
    }
    let separator = if secondary.is_empty() { 0 } else { 2 };
    let whole: usize = joined_length(&primary) + separator + joined_length(&secondary);
    if whole <= length {
        let mut field = primary.join("<");
        if !secondary.is_empty() {
            field.push_str("<<");
            field.push_str(&secondary.join("<"));
        }
        return Some(format!("{field:<<length$}"));
    }
    // At least one letter of the secondary identifier has to remain (ICAO 9303-4 §4.2.3).
    let secondary_floor = usize::from(!secondary.is_empty());
    let primary = cut(primary, length.checked_sub(separator + secondary_floor)?);
    let rest = length.checked_sub(primary.len() + separator)?;
    let mut field = primary;
    if !secondary.is_empty() {
        field.push_str("<<");
        field.push_str(&cut(secondary, rest));
    }
    Some(format!("{field:<<length$}"))
}

fn joined_length(words: &[String]) -> usize {
    words.iter().map(String::len).sum::<usize>() + words.len().saturating_sub(1)
}

/// Cuts words to `room` places so that the last place holds a letter: that letter is what tells a
/// reader that the name was truncated.
fn cut(mut words: Vec<String>, room: usize) -> String {
    loop {
        let joined = words.join("<");
        if joined.len() <= room {
            return joined;
        }
        let head: String = joined.chars().take(room).collect();
        if !head.ends_with('<') {
            return head;
        }
        // The cut falls on a separator: shorten the word before it by one letter, so that the
        // initial of the next word comes into the last place.
        let index = head.matches('<').count().saturating_sub(1);
        match words.get_mut(index) {
            Some(word) if word.len() > 1 => {
                word.pop();
            }
            Some(_) => {
                words.remove(index);
            }
            None => return head,
        }
    }
}

/// The words of a name in the letters of the zone: apostrophes vanish, hyphens and commas separate
/// (ICAO 9303-3 §4.6).
fn mrz_words(name: &str) -> Option<Vec<String>> {
    name.split(|c: char| c.is_whitespace() || matches!(c, '-' | '‐' | '‑' | '–' | ',' | '<'))
        .map(|word| {
            word.chars()
                .filter(|c| !matches!(c, '\'' | '’' | 'ʼ' | '`' | '.'))
                .map(transliterate)
                .collect::<Option<String>>()
        })
        .filter(|word| word.as_ref().is_none_or(|word| !word.is_empty()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(field: &str) -> (String, String, bool) {
        let name = read_name(field);
        (name.surname, name.given_names, name.truncated)
    }

    #[test]
    fn identifiers_and_components() {
        assert_eq!(
            read("ERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<"),
            ("ERIKSSON".into(), "ANNA MARIA".into(), false)
        );
        assert_eq!(
            read("VAN<DER<MUELLEN<<ANNA<<<"),
            ("VAN DER MUELLEN".into(), "ANNA".into(), false)
        );
        assert_eq!(
            read("ARKFREITH<<<<<<"),
            ("ARKFREITH".into(), String::new(), false)
        );
        assert_eq!(
            read("NILAVADHANANANDA<<CHAYAPA<DEJTHAMRONG<K"),
            (
                "NILAVADHANANANDA".into(),
                "CHAYAPA DEJTHAMRONG K".into(),
                true
            )
        );
    }

    #[test]
    fn written_as_icao_demands() {
        assert_eq!(
            write_name("O’Connor", "Enya-Siobhan", 24).as_deref(),
            Some("OCONNOR<<ENYA<SIOBHAN<<<")
        );
        assert_eq!(
            write_name("Müller", "Jörg", 16).as_deref(),
            Some("MUELLER<<JOERG<<")
        );
        assert_eq!(write_name("", "Anna", 16), None);
        assert_eq!(write_name("李", "Anna", 16), None);
    }

    #[test]
    fn truncation_ends_on_a_letter() {
        let field = write_name("Papandropoulous", "Jonathon Alec", 20).unwrap();
        assert_eq!(field, "PAPANDROPOULOUS<<JON");
        // The cut would fall on the separator after JONA.
        let field = write_name("Papandropoulous", "Jon Alec", 21).unwrap();
        assert_eq!(field, "PAPANDROPOULOUS<<JO<A");
        let field = write_name("Llanfairpwllgwyngyllgogerych", "Z", 20).unwrap();
        assert_eq!(field, "LLANFAIRPWLLGWYNG<<Z");
        let field = write_name("Llanfairpwllgwyngyllgogerych", "", 20).unwrap();
        assert_eq!(field, "LLANFAIRPWLLGWYNGYLL");
    }
}
