//! Tells the front of a card whose zone is on its back from a picture without a document.
//!
//! Fronts carry the document's title in print; a handful of languages' titles decide between
//! `back_required` and `document_unreadable`. Nothing is accepted by them.

use verifa_mrz::transliterate;
use verifa_vision::{DecodedImage, InferenceError, OcrModels, read_text};

/// Titles stand large: the largest lines of a card hold them, and a page of text costs no more.
const TITLE_LINES: usize = 16;

/// Titles of identity cards, residence permits and driving licences, without spaces.
const TITLES: &[&str] = &[
    "IDENTITYCARD",
    "IDENTIFICATIONCARD",
    "CARTEDIDENTITE",
    "CARTENATIONALEDIDENTITE",
    "PERSONALAUSWEIS",
    "IDENTITEITSKAART",
    "IDENTITETSKORT",
    "HENKILOKORTTI",
    "CARTADIDENTITA",
    "DOCUMENTONACIONALDEIDENTIDAD",
    "CEDULADEIDENTIDAD",
    "CEDULADECIUDADANIA",
    "CARTAODECIDADAO",
    "DOWODOSOBISTY",
    "OBCANSKYPRUKAZ",
    "OSOBNAISKAZNICA",
    "OSEBNAIZKAZNICA",
    "ISIKUTUNNISTUS",
    "PERSONASAPLIECIBA",
    "ASMENSTAPATYBESKORTELE",
    "SZEMELYAZONOSITO",
    "CARTEDEIDENTITATE",
    "KIMLIKKARTI",
    "RESIDENCEPERMIT",
    "PERMANENTRESIDENT",
    "TITREDESEJOUR",
    "AUFENTHALTSTITEL",
    "PERMISODERESIDENCIA",
    "PERMESSODISOGGIORNO",
    "DRIVINGLICENCE",
    "DRIVERLICENSE",
    "DRIVERSLICENSE",
    "PERMISDECONDUIRE",
    "FUHRERSCHEIN",
    "PERMISODECONDUCCION",
    "PATENTEDIGUIDA",
];

/// Whether the picture bears the title of a card. The picture has to be upright.
pub(super) fn looks_like_card_front(
    models: &OcrModels,
    image: &DecodedImage,
) -> Result<bool, InferenceError> {
    let lines = read_text(models, image, TITLE_LINES)?;
    Ok(lines.iter().any(|line| bears_title(&line.text)))
}

fn bears_title(line: &str) -> bool {
    let plain: String = line.chars().filter_map(bare).collect();
    TITLES.iter().any(|title| plain.contains(title))
}

/// The letter without its marks: `É` as `E`, `Ü` as `U`.
fn bare(letter: char) -> Option<char> {
    transliterate(letter).and_then(|letters| letters.chars().next())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_known_with_and_without_accents_and_spaces() {
        for line in [
            "Carte d’identité",
            "IDENTITY CARD · CARTE",
            "Führerschein",
            "D0WÓD DOWÓD OSOBISTY",
        ] {
            assert!(bears_title(line), "{line}");
        }
        for line in ["CORNER SHOP", "identity", "Readers' club card", ""] {
            assert!(!bears_title(line), "{line}");
        }
    }
}
