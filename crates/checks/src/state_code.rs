//! State codes in the spellings that operators, applicants and documents use.

use verifa_core::session::Country;

/// One spelling for comparison: ISO 3166-1 alpha-2 where the code stands for a country, else the
/// code of ICAO 9303-3 §5 itself (`UTO`, `XXA`). `None` for texts that are no code.
pub(crate) fn comparable(code: &str) -> Option<String> {
    let code = code.trim().trim_end_matches('<').to_ascii_uppercase();
    if let Some(country) = Country::parse(&code) {
        return Some(country.as_str().to_owned());
    }
    if let Some(alpha2) = verifa_mrz::alpha2(&code) {
        return Some(alpha2.to_owned());
    }
    verifa_mrz::is_known_state(&code).then_some(code)
}

/// The ISO 3166-1 alpha-3 code of an issuing country, for the codes that ICAO spells differently
/// (9303-3 §5, part B onwards); any other code stays as it is.
pub(crate) fn alpha3(code: &str) -> &str {
    match code {
        "D" => "DEU",
        "GBD" | "GBN" | "GBO" | "GBP" | "GBS" => "GBR",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_a_state_compare_equal() {
        for code in ["D", "DEU", "DE", "de", "D<<"] {
            assert_eq!(comparable(code).as_deref(), Some("DE"), "{code}");
        }
        assert_eq!(comparable("GBN"), comparable("GB"));
        assert_eq!(comparable("UTO").as_deref(), Some("UTO"));
        assert_eq!(comparable("Germany"), None);
        assert_eq!(comparable(""), None);
        assert_eq!(alpha3("D"), "DEU");
        assert_eq!(alpha3("UTO"), "UTO");
    }
}
