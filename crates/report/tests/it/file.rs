//! The file: standards, structure, sameness.

use crate::poppler::said;
use crate::samples;

#[test]
fn the_same_report_gives_the_same_bytes() {
    let first = samples::long().render().unwrap();
    let second = samples::long().render().unwrap();
    assert!(first == second, "two renderings differ");
    let mut later = samples::long();
    later.making.at = verifa_core::time::Timestamp::from_seconds(1_800_000_000);
    assert!(first != later.render().unwrap());
}

#[test]
fn it_says_what_it_is() {
    let bytes = samples::simple().render().unwrap();
    assert!(bytes.starts_with(b"%PDF-1.7"));
    let text = String::from_utf8_lossy(&bytes);
    // PDF/A-2a (ISO 19005-2, 6.6.4) and PDF/UA-1 (ISO 14289-1, 5) in the file's own metadata.
    for claim in [
        "<pdfaid:part>2</pdfaid:part>",
        "<pdfaid:conformance>A</pdfaid:conformance>",
        "<pdfuaid:part>1</pdfuaid:part>",
    ] {
        assert!(text.contains(claim), "{claim} is missing");
    }
    assert!(text.contains("/Lang (en)") || text.contains("/Lang(en)"));
    let title = format!("Identity verification report {}", samples::SESSION);
    assert!(text.contains(&title));
    // Nothing personal in what a reader's window or a search engine shows.
    assert!(!text.contains("Eriksson"));
}

#[test]
fn one_page_where_it_fits_and_numbered_pages_where_not() {
    let Some(simple) = said("pdfinfo", &[], &samples::simple()) else {
        return;
    };
    let field = |info: &str, name: &str| {
        let line = info.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_once(':').unwrap().1.trim().to_owned()
    };
    assert_eq!(field(&simple, "Pages"), "1");
    assert_eq!(field(&simple, "Tagged"), "yes");
    assert!(field(&simple, "Page size").contains("A4"));
    let long = said("pdfinfo", &[], &samples::long()).unwrap();
    let pages: usize = field(&long, "Pages").parse().unwrap();
    assert!(pages >= 3, "{pages}");
    let text = crate::poppler::text(&samples::long()).unwrap();
    for page in 1..=pages {
        assert!(text.contains(&format!("Page {page} of {pages}")));
    }
}

#[test]
fn whoever_listens_hears_the_parts_in_order() {
    let Some(structure) = said("pdfinfo", &["-struct-text"], &samples::simple()) else {
        return;
    };
    let mut rest = structure.as_str();
    for part in [
        "H1 \"Identity verification report\"",
        "\"Approved\"",
        "H2 \"Session\"",
        "H2 \"Person and document\"",
        "/Scope /Row",
        "\"Surname\"",
        "\"Eriksson\"",
        "Figure",
        "Caption",
        "H2 \"Checks\"",
        "/Scope /Column",
        "\"Document reading\"",
        "H2 \"Timeline\"",
        "H2 \"Audit log\"",
    ] {
        let place = rest.find(part);
        let place = place.unwrap_or_else(|| panic!("{part} is missing or out of order"));
        rest = &rest[place..];
    }
    assert!(!structure.contains("Page 1 of 1"), "a footer is no content");
}
