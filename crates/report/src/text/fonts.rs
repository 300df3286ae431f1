//! The fonts that are compiled in, and which of them has a character.

use std::sync::LazyLock;

use rustybuzz::Face;

use super::Family;
use crate::ReportError;

/// One font file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum FontId {
    /// Latin, Greek, Cyrillic.
    Sans,
    /// The same, semi-bold.
    SansSemibold,
    /// Arabic.
    Arabic,
    /// Arabic, semi-bold.
    ArabicSemibold,
    /// Hebrew.
    Hebrew,
    /// Hebrew, semi-bold.
    HebrewSemibold,
    /// Ids and hashes.
    Mono,
}

impl FontId {
    pub(crate) const ALL: [Self; 7] = [
        Self::Sans,
        Self::SansSemibold,
        Self::Arabic,
        Self::ArabicSemibold,
        Self::Hebrew,
        Self::HebrewSemibold,
        Self::Mono,
    ];

    /// The file.
    pub(crate) const fn bytes(self) -> &'static [u8] {
        match self {
            Self::Sans => include_bytes!("../../fonts/NotoSans-Regular.ttf"),
            Self::SansSemibold => include_bytes!("../../fonts/NotoSans-SemiBold.ttf"),
            Self::Arabic => include_bytes!("../../fonts/NotoSansArabic-Regular.ttf"),
            Self::ArabicSemibold => include_bytes!("../../fonts/NotoSansArabic-SemiBold.ttf"),
            Self::Hebrew => include_bytes!("../../fonts/NotoSansHebrew-Regular.ttf"),
            Self::HebrewSemibold => include_bytes!("../../fonts/NotoSansHebrew-SemiBold.ttf"),
            Self::Mono => include_bytes!("../../fonts/NotoSansMono-Regular.ttf"),
        }
    }
}

/// The fonts to look for a character in, the best first. The first one has [`super::REPLACEMENT`].
const fn candidates(family: Family) -> &'static [FontId] {
    match family {
        Family::Regular => &[FontId::Sans, FontId::Arabic, FontId::Hebrew],
        Family::Semibold => &[
            FontId::SansSemibold,
            FontId::ArabicSemibold,
            FontId::HebrewSemibold,
        ],
        Family::Mono => &[FontId::Mono, FontId::Sans, FontId::Arabic, FontId::Hebrew],
    }
}

/// The fonts, read once.
pub(crate) struct Fonts {
    faces: Vec<Face<'static>>,
}

static FONTS: LazyLock<Option<Fonts>> = LazyLock::new(|| {
    let faces = FontId::ALL
        .iter()
        .map(|id| Face::from_slice(id.bytes(), 0))
        .collect::<Option<Vec<_>>>()?;
    Some(Fonts { faces })
});

impl Fonts {
    /// The fonts.
    pub(crate) fn get() -> Result<&'static Self, ReportError> {
        FONTS
            .as_ref()
            .ok_or_else(|| ReportError::Document("a compiled-in font is damaged".to_owned()))
    }

    /// One of them.
    pub(crate) fn face(&self, id: FontId) -> Option<&Face<'static>> {
        self.faces.get(id as usize)
    }

    /// The font for a character: `current` as long as it has it, so that words stay together;
    /// `None` when no font has it.
    pub(crate) fn pick(
        &self,
        family: Family,
        current: Option<FontId>,
        character: char,
    ) -> Option<FontId> {
        current
            .iter()
            .chain(candidates(family))
            .copied()
            .find(|id| self.glyph(*id, character).is_some())
    }

    /// The font whose sign stands for a character that no font has.
    pub(crate) const fn fallback(family: Family) -> FontId {
        match family {
            Family::Semibold => FontId::SansSemibold,
            Family::Regular | Family::Mono => FontId::Sans,
        }
    }

    /// The glyph of a character.
    pub(crate) fn glyph(&self, id: FontId, character: char) -> Option<u16> {
        let glyph = self.face(id)?.glyph_index(character)?;
        (glyph.0 != 0).then_some(glyph.0)
    }
}
