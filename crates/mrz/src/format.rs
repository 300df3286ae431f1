//! The five machine-readable zone formats of ICAO 9303 and where each field stands in them.
//! One table per format serves the parser, the encoder and the repair of OCR output.

use serde::{Deserialize, Serialize};

/// A machine-readable zone format, named as in ICAO 9303 parts 4 to 7.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum MrzFormat {
    /// Card of size ID-1, three lines of 30 (ICAO 9303-5).
    #[serde(rename = "TD1")]
    Td1,
    /// Document of size ID-2, two lines of 36 (ICAO 9303-6).
    #[serde(rename = "TD2")]
    Td2,
    /// Passport booklet of size ID-3, two lines of 44 (ICAO 9303-4).
    #[serde(rename = "TD3")]
    Td3,
    /// Visa of format A, two lines of 44, no composite digit (ICAO 9303-7).
    #[serde(rename = "MRV-A")]
    MrvA,
    /// Visa of format B, two lines of 36, no composite digit (ICAO 9303-7).
    #[serde(rename = "MRV-B")]
    MrvB,
}

impl MrzFormat {
    /// Every format, in the order of the ICAO parts.
    pub const ALL: [Self; 5] = [Self::Td1, Self::Td2, Self::Td3, Self::MrvA, Self::MrvB];

    /// The name ICAO gives the format, for example `MRV-A`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Td1 => "TD1",
            Self::Td2 => "TD2",
            Self::Td3 => "TD3",
            Self::MrvA => "MRV-A",
            Self::MrvB => "MRV-B",
        }
    }

    /// Number of lines: 3 for TD1, else 2.
    pub const fn line_count(self) -> usize {
        match self {
            Self::Td1 => 3,
            Self::Td2 | Self::Td3 | Self::MrvA | Self::MrvB => 2,
        }
    }

    /// Characters per line: 30, 36 or 44.
    pub const fn line_length(self) -> usize {
        match self {
            Self::Td1 => 30,
            Self::Td2 | Self::MrvB => 36,
            Self::Td3 | Self::MrvA => 44,
        }
    }

    /// Whether this is one of the two visa formats, whose document code begins with `V`.
    pub const fn is_visa(self) -> bool {
        matches!(self, Self::MrvA | Self::MrvB)
    }

    /// Whether a document number of more than nine characters may run on into the optional data
    /// (ICAO 9303-5 §4.2.2 note j, 9303-6 §4.2.2 note j; passports and visas have no such rule).
    pub const fn allows_long_document_number(self) -> bool {
        matches!(self, Self::Td1 | Self::Td2)
    }

    /// The positions of all fields.
    pub(crate) const fn layout(self) -> &'static Layout {
        match self {
            Self::Td1 => &TD1,
            Self::Td2 => &TD2,
            Self::Td3 => &TD3,
            Self::MrvA => &MRV_A,
            Self::MrvB => &MRV_B,
        }
    }
}

impl std::fmt::Display for MrzFormat {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// A run of characters inside one line; line and column count from zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) line: usize,
    pub(crate) start: usize,
    pub(crate) length: usize,
}

const fn span(line: usize, start: usize, length: usize) -> Span {
    Span {
        line,
        start,
        length,
    }
}

/// Where the fields of one format stand.
#[derive(Debug)]
pub(crate) struct Layout {
    pub(crate) document_code: Span,
    pub(crate) issuing_state: Span,
    pub(crate) names: Span,
    pub(crate) document_number: Span,
    pub(crate) document_number_check: Span,
    pub(crate) nationality: Span,
    pub(crate) birth_date: Span,
    pub(crate) birth_date_check: Span,
    pub(crate) sex: Span,
    pub(crate) expiry_date: Span,
    pub(crate) expiry_date_check: Span,
    pub(crate) optional: Span,
    /// The second optional field, which only TD1 has.
    pub(crate) optional_second: Option<Span>,
    /// The digit over the optional field, which only TD3 has (its personal number).
    pub(crate) optional_check: Option<Span>,
    /// The composite digit and the runs it covers; visas have none.
    pub(crate) composite: Option<(Span, &'static [Span])>,
}

static TD1: Layout = Layout {
    document_code: span(0, 0, 2),
    issuing_state: span(0, 2, 3),
    document_number: span(0, 5, 9),
    document_number_check: span(0, 14, 1),
    optional: span(0, 15, 15),
    birth_date: span(1, 0, 6),
    birth_date_check: span(1, 6, 1),
    sex: span(1, 7, 1),
    expiry_date: span(1, 8, 6),
    expiry_date_check: span(1, 14, 1),
    nationality: span(1, 15, 3),
    optional_second: Some(span(1, 18, 11)),
    optional_check: None,
    composite: Some((
        span(1, 29, 1),
        &[
            span(0, 5, 25),
            span(1, 0, 7),
            span(1, 8, 7),
            span(1, 18, 11),
        ],
    )),
    names: span(2, 0, 30),
};

static TD2: Layout = Layout {
    composite: Some((
        span(1, 35, 1),
        &[span(1, 0, 10), span(1, 13, 7), span(1, 21, 14)],
    )),
    ..two_lines(36, span(1, 28, 7))
};

static TD3: Layout = Layout {
    optional_check: Some(span(1, 42, 1)),
    composite: Some((
        span(1, 43, 1),
        &[span(1, 0, 10), span(1, 13, 7), span(1, 21, 22)],
    )),
    ..two_lines(44, span(1, 28, 14))
};

static MRV_A: Layout = two_lines(44, span(1, 28, 16));

static MRV_B: Layout = two_lines(36, span(1, 28, 8));

/// What the four two-line formats share: they differ in the length of the names, in the optional
/// field, and in the digits after it.
const fn two_lines(line_length: usize, optional: Span) -> Layout {
    Layout {
        document_code: span(0, 0, 2),
        issuing_state: span(0, 2, 3),
        names: span(0, 5, line_length - 5),
        document_number: span(1, 0, 9),
        document_number_check: span(1, 9, 1),
        nationality: span(1, 10, 3),
        birth_date: span(1, 13, 6),
        birth_date_check: span(1, 19, 1),
        sex: span(1, 20, 1),
        expiry_date: span(1, 21, 6),
        expiry_date_check: span(1, 27, 1),
        optional,
        optional_second: None,
        optional_check: None,
        composite: None,
    }
}
