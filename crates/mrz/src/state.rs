//! Codes of issuing states, nationalities and organisations: ISO 3166-1 alpha-3 with the additions
//! of ICAO 9303-3 §5 (`D`, British classes, United Nations, refugees, regional bodies, `UTO`).

/// Whether a code, written without fillers, is one that ICAO 9303-3 §5 lists.
pub fn is_known_state(code: &str) -> bool {
    STATES
        .binary_search_by_key(&code, |(alpha3, _)| alpha3)
        .is_ok()
}

/// The ISO 3166-1 alpha-2 code for a zone's state code: `DE` for `D`, `GB` for `GBN`, `XK` for
/// `RKS`. `None` for unknown codes and for bodies that are no country.
pub fn alpha2(code: &str) -> Option<&'static str> {
    let index = STATES
        .binary_search_by_key(&code, |(alpha3, _)| alpha3)
        .ok()?;
    STATES
        .get(index)
        .map(|(_, alpha2)| *alpha2)
        .filter(|alpha2| !alpha2.is_empty())
}

/// Sorted by the zone's code; an empty second part marks a body that is no country.
#[rustfmt::skip]
static STATES: &[(&str, &str)] = &[
    ("ABW", "AW"), ("AFG", "AF"), ("AGO", "AO"), ("AIA", "AI"), ("ALA", "AX"),
    ("ALB", "AL"), ("AND", "AD"), ("ARE", "AE"), ("ARG", "AR"), ("ARM", "AM"),
    ("ASM", "AS"), ("ATA", "AQ"), ("ATF", "TF"), ("ATG", "AG"), ("AUS", "AU"),
    ("AUT", "AT"), ("AZE", "AZ"), ("BDI", "BI"), ("BEL", "BE"), ("BEN", "BJ"),
    ("BES", "BQ"), ("BFA", "BF"), ("BGD", "BD"), ("BGR", "BG"), ("BHR", "BH"),
    ("BHS", "BS"), ("BIH", "BA"), ("BLM", "BL"), ("BLR", "BY"), ("BLZ", "BZ"),
    ("BMU", "BM"), ("BOL", "BO"), ("BRA", "BR"), ("BRB", "BB"), ("BRN", "BN"),
    ("BTN", "BT"), ("BVT", "BV"), ("BWA", "BW"), ("CAF", "CF"), ("CAN", "CA"),
    ("CCK", "CC"), ("CHE", "CH"), ("CHL", "CL"), ("CHN", "CN"), ("CIV", "CI"),
    ("CMR", "CM"), ("COD", "CD"), ("COG", "CG"), ("COK", "CK"), ("COL", "CO"),
    ("COM", "KM"), ("CPV", "CV"), ("CRI", "CR"), ("CUB", "CU"), ("CUW", "CW"),
    ("CXR", "CX"), ("CYM", "KY"), ("CYP", "CY"), ("CZE", "CZ"), ("D", "DE"),
    ("DEU", "DE"), ("DJI", "DJ"), ("DMA", "DM"), ("DNK", "DK"), ("DOM", "DO"),
    ("DZA", "DZ"), ("ECU", "EC"), ("EGY", "EG"), ("ERI", "ER"), ("ESH", "EH"),
    ("ESP", "ES"), ("EST", "EE"), ("ETH", "ET"), ("EUE", ""), ("FIN", "FI"),
    ("FJI", "FJ"), ("FLK", "FK"), ("FRA", "FR"), ("FRO", "FO"), ("FSM", "FM"),
    ("GAB", "GA"), ("GBD", "GB"), ("GBN", "GB"), ("GBO", "GB"), ("GBP", "GB"),
    ("GBR", "GB"), ("GBS", "GB"), ("GEO", "GE"), ("GGY", "GG"), ("GHA", "GH"),
    ("GIB", "GI"), ("GIN", "GN"), ("GLP", "GP"), ("GMB", "GM"), ("GNB", "GW"),
    ("GNQ", "GQ"), ("GRC", "GR"), ("GRD", "GD"), ("GRL", "GL"), ("GTM", "GT"),
    ("GUF", "GF"), ("GUM", "GU"), ("GUY", "GY"), ("HKG", "HK"), ("HMD", "HM"),
    ("HND", "HN"), ("HRV", "HR"), ("HTI", "HT"), ("HUN", "HU"), ("IAO", ""),
    ("IDN", "ID"), ("IMN", "IM"), ("IND", "IN"), ("IOT", "IO"), ("IRL", "IE"),
    ("IRN", "IR"), ("IRQ", "IQ"), ("ISL", "IS"), ("ISR", "IL"), ("ITA", "IT"),
    ("JAM", "JM"), ("JEY", "JE"), ("JOR", "JO"), ("JPN", "JP"), ("KAZ", "KZ"),
    ("KEN", "KE"), ("KGZ", "KG"), ("KHM", "KH"), ("KIR", "KI"), ("KNA", "KN"),
    ("KOR", "KR"), ("KWT", "KW"), ("LAO", "LA"), ("LBN", "LB"), ("LBR", "LR"),
    ("LBY", "LY"), ("LCA", "LC"), ("LIE", "LI"), ("LKA", "LK"), ("LSO", "LS"),
    ("LTU", "LT"), ("LUX", "LU"), ("LVA", "LV"), ("MAC", "MO"), ("MAF", "MF"),
    ("MAR", "MA"), ("MCO", "MC"), ("MDA", "MD"), ("MDG", "MG"), ("MDV", "MV"),
    ("MEX", "MX"), ("MHL", "MH"), ("MKD", "MK"), ("MLI", "ML"), ("MLT", "MT"),
    ("MMR", "MM"), ("MNE", "ME"), ("MNG", "MN"), ("MNP", "MP"), ("MOZ", "MZ"),
    ("MRT", "MR"), ("MSR", "MS"), ("MTQ", "MQ"), ("MUS", "MU"), ("MWI", "MW"),
    ("MYS", "MY"), ("MYT", "YT"), ("NAM", "NA"), ("NCL", "NC"), ("NER", "NE"),
    ("NFK", "NF"), ("NGA", "NG"), ("NIC", "NI"), ("NIU", "NU"), ("NLD", "NL"),
    ("NOR", "NO"), ("NPL", "NP"), ("NRU", "NR"), ("NTZ", ""), ("NZL", "NZ"),
    ("OMN", "OM"), ("PAK", "PK"), ("PAN", "PA"), ("PCN", "PN"), ("PER", "PE"),
    ("PHL", "PH"), ("PLW", "PW"), ("PNG", "PG"), ("POL", "PL"), ("PRI", "PR"),
    ("PRK", "KP"), ("PRT", "PT"), ("PRY", "PY"), ("PSE", "PS"), ("PYF", "PF"),
    ("QAT", "QA"), ("REU", "RE"), ("RKS", "XK"), ("ROU", "RO"), ("RUS", "RU"),
    ("RWA", "RW"), ("SAU", "SA"), ("SDN", "SD"), ("SEN", "SN"), ("SGP", "SG"),
    ("SGS", "GS"), ("SHN", "SH"), ("SJM", "SJ"), ("SLB", "SB"), ("SLE", "SL"),
    ("SLV", "SV"), ("SMR", "SM"), ("SOM", "SO"), ("SPM", "PM"), ("SRB", "RS"),
    ("SSD", "SS"), ("STP", "ST"), ("SUR", "SR"), ("SVK", "SK"), ("SVN", "SI"),
    ("SWE", "SE"), ("SWZ", "SZ"), ("SXM", "SX"), ("SYC", "SC"), ("SYR", "SY"),
    ("TCA", "TC"), ("TCD", "TD"), ("TGO", "TG"), ("THA", "TH"), ("TJK", "TJ"),
    ("TKL", "TK"), ("TKM", "TM"), ("TLS", "TL"), ("TON", "TO"), ("TTO", "TT"),
    ("TUN", "TN"), ("TUR", "TR"), ("TUV", "TV"), ("TWN", "TW"), ("TZA", "TZ"),
    ("UGA", "UG"), ("UKR", "UA"), ("UMI", "UM"), ("UNA", ""), ("UNK", ""),
    ("UNO", ""), ("URY", "UY"), ("USA", "US"), ("UTO", ""), ("UZB", "UZ"),
    ("VAT", "VA"), ("VCT", "VC"), ("VEN", "VE"), ("VGB", "VG"), ("VIR", "VI"),
    ("VNM", "VN"), ("VUT", "VU"), ("WLF", "WF"), ("WSM", "WS"), ("XAA", ""),
    ("XBA", ""), ("XCC", ""), ("XCE", ""), ("XCO", ""), ("XCT", ""),
    ("XDC", ""), ("XEC", ""), ("XES", ""), ("XIM", ""), ("XMP", ""),
    ("XOM", ""), ("XPO", ""), ("XXA", ""), ("XXB", ""), ("XXC", ""),
    ("XXX", ""), ("YEM", "YE"), ("ZAF", "ZA"), ("ZMB", "ZM"), ("ZWE", "ZW"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorted_and_known() {
        assert!(STATES.is_sorted_by(|a, b| a.0 < b.0));
        assert!(
            ["D", "UTO", "RKS", "EUE", "XXA", "GBN", "FRA"]
                .into_iter()
                .all(is_known_state)
        );
        assert!(!is_known_state("D<<"));
        assert_eq!(alpha2("D"), Some("DE"));
        assert_eq!(alpha2("UTO"), None);
        assert_eq!(alpha2("QQQ"), None);
    }
}
