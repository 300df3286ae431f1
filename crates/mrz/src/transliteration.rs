//! National letters in the twenty-six letters of the machine-readable zone: the recommended
//! transliterations of ICAO 9303-3 §6.A (Latin) and §6.B (Cyrillic).

/// The zone's spelling of one letter, in capitals; `None` when ICAO recommends none.
///
/// Where ICAO allows a choice (`Ä` as `AE` or `A`), the longer form is taken. Cyrillic follows the
/// table's first column, without its per-language exceptions.
pub fn transliterate(letter: char) -> Option<&'static str> {
    const PLAIN: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    if letter.is_ascii_alphabetic() {
        let index = usize::from(
            u8::try_from(letter.to_ascii_uppercase())
                .ok()?
                .checked_sub(b'A')?,
        );
        return PLAIN.get(index..=index);
    }
    let mut upper = letter.to_uppercase();
    let first = upper.next()?;
    // `ß` becomes two capitals; it has its own row.
    let capital = if upper.next().is_some() {
        letter
    } else {
        first
    };
    latin(capital).or_else(|| cyrillic(capital))
}

fn latin(capital: char) -> Option<&'static str> {
    Some(match capital {
        'À' | 'Á' | 'Â' | 'Ã' | 'Ă' | 'Ā' | 'Ą' => "A",
        'Ä' | 'Æ' => "AE",
        'Å' => "AA",
        'Ç' | 'Ć' | 'Ĉ' | 'Č' | 'Ċ' => "C",
        'Ď' | 'Đ' | 'Ð' => "D",
        'È' | 'É' | 'Ê' | 'Ë' | 'Ē' | 'Ĕ' | 'Ė' | 'Ę' | 'Ě' => "E",
        'Ĝ' | 'Ğ' | 'Ġ' | 'Ģ' => "G",
        'Ĥ' | 'Ħ' => "H",
        'Ì' | 'Í' | 'Î' | 'Ï' | 'Ĩ' | 'Ī' | 'Ĭ' | 'Į' | 'İ' => "I",
        '\u{132}' => "IJ",
        'Ĵ' => "J",
        'Ķ' => "K",
        'Ĺ' | 'Ļ' | 'Ľ' | 'Ŀ' | 'Ł' => "L",
        'Ñ' | 'Ń' | 'Ņ' | 'Ň' | 'Ŋ' => "N",
        'Ò' | 'Ó' | 'Ô' | 'Õ' | 'Ō' | 'Ŏ' | 'Ő' => "O",
        'Ö' | 'Ø' | 'Œ' => "OE",
        'Ŕ' | 'Ŗ' | 'Ř' => "R",
        'Ś' | 'Ŝ' | 'Ş' | 'Š' | 'Ș' => "S",
        'ß' | 'ẞ' => "SS",
        'Ţ' | 'Ť' | 'Ŧ' | 'Ț' => "T",
        'Þ' => "TH",
        'Ù' | 'Ú' | 'Û' | 'Ũ' | 'Ū' | 'Ŭ' | 'Ů' | 'Ű' | 'Ų' => "U",
        'Ü' => "UE",
        'Ŵ' => "W",
        'Ý' | 'Ŷ' | 'Ÿ' => "Y",
        'Ź' | 'Ż' | 'Ž' => "Z",
        _ => return None,
    })
}

fn cyrillic(capital: char) -> Option<&'static str> {
    Some(match capital {
        'А' => "A",
        'Б' => "B",
        'В' => "V",
        'Г' | 'Ґ' => "G",
        'Д' | 'Ђ' => "D",
        'Е' | 'Ё' | 'Э' => "E",
        'Є' | 'Ъ' => "IE",
        'Ж' => "ZH",
        'З' => "Z",
        'И' | 'І' | 'Й' | 'Ї' => "I",
        'К' => "K",
        'Л' => "L",
        'М' => "M",
        'Н' => "N",
        'О' => "O",
        'П' => "P",
        'Р' => "R",
        'С' => "S",
        'Т' => "T",
        'У' | 'Ў' => "U",
        'Ф' => "F",
        'Х' => "KH",
        'Ц' => "TS",
        'Ч' => "CH",
        'Ш' => "SH",
        'Щ' => "SHCH",
        'Ы' => "Y",
        'Ь' => "",
        'Ю' => "IU",
        'Я' => "IA",
        'Ј' => "J",
        'Љ' => "LJ",
        'Њ' => "NJ",
        'Ћ' => "C",
        'Џ' => "DZ",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spell(word: &str) -> Option<String> {
        word.chars().map(transliterate).collect()
    }

    #[test]
    fn latin_and_cyrillic_letters() {
        assert_eq!(spell("Straße").as_deref(), Some("STRASSE"));
        assert_eq!(spell("Åse").as_deref(), Some("AASE"));
        assert_eq!(spell("Иванов").as_deref(), Some("IVANOV"));
        assert_eq!(spell("Łódź").as_deref(), Some("LODZ"));
        assert_eq!(spell("山"), None);
        assert_eq!(spell("1"), None);
    }
}
