//! What a specimen says, exactly.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use verifa_mrz::{MrzFormat, Sex};

/// What kind of document was drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// Data page of a passport.
    Passport,
    /// Identity card of credit-card size.
    IdentityCard,
    /// Residence permit of size ID-2.
    ResidencePermit,
    /// Visa sticker.
    Visa,
}

/// Which side of the document was drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The side with the portrait.
    Front,
    /// The other side.
    Back,
}

/// Everything that is printed on a specimen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Truth {
    /// Kind of document.
    pub kind: DocumentKind,
    /// Which side this picture shows.
    pub side: Side,
    /// Format of the zone on the document.
    pub format: MrzFormat,
    /// Document code of the zone: `P`, `I`, `IR`, `V`.
    pub document_code: String,
    /// Three-letter code of the issuing state.
    pub issuing_state: String,
    /// Surname as printed in the visual zone.
    pub surname: String,
    /// Given names as printed in the visual zone.
    pub given_names: String,
    /// Three-letter code of the nationality.
    pub nationality: String,
    /// Date of birth.
    pub birth_date: Date,
    /// Sex.
    pub sex: Sex,
    /// Document number.
    pub document_number: String,
    /// Date of issue, in the visual zone only.
    pub issue_date: Date,
    /// Date of expiry.
    pub expiry_date: Date,
    /// The optional data of the zone (personal number on TD3); may be empty.
    pub optional_data: String,
    /// The lines of the zone in this picture; empty when it has none.
    pub mrz: Vec<String>,
}
