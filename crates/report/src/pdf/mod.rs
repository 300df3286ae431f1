//! Writes the pages as a PDF file: PDF/A-2a (ISO 19005-2) and PDF/UA-1 (ISO 14289-1), so it needs
//! nothing outside itself and is read aloud in the right order.

mod paint;
mod tags;

use krilla::configure::{Accessibility, Archival, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::geom::Point;
use krilla::metadata::{DateTime, Metadata};
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::text::Font;
use krilla::{Document, SerializeSettings};

use crate::ReportError;
use crate::page::{PAGE_HEIGHT, PAGE_WIDTH, Sheets};
use crate::session::About;
use crate::text::FontId;

/// The language of the document's own words.
const LANGUAGE: &str = "en";

/// The file of the pages.
pub(crate) fn write(sheets: &Sheets, about: &About) -> Result<Vec<u8>, ReportError> {
    let configuration = ConfigurationBuilder::new()
        .with_archival_validator(Archival::A2_A)
        .with_accessibility_validator(Accessibility::UA1)
        .finish()
        .map_err(|_| refused("the standards don't go together"))?;
    let mut document = Document::new_with(SerializeSettings {
        compress_content_streams: true,
        enable_tagging: true,
        configuration,
        ..SerializeSettings::default()
    });
    let fonts = Fonts::load()?;
    let mut contents = tags::Contents::new(&sheets.tree);
    for items in &sheets.pages {
        let settings = PageSettings::from_wh(PAGE_WIDTH, PAGE_HEIGHT)
            .ok_or_else(|| refused("the page has no size"))?;
        let mut page = document.start_page_with(settings);
        let mut surface = page.surface();
        paint::items(&mut surface, items, &fonts, &mut contents)?;
        surface.finish();
        page.finish();
    }
    document.set_tag_tree(contents.into_tree(&sheets.tree));
    document.set_outline(outline(sheets));
    document.set_metadata(metadata(about));
    document
        .finish()
        .map_err(|error| ReportError::Document(error.to_string()))
}

fn refused(why: &str) -> ReportError {
    ReportError::Document(why.to_owned())
}

/// The font files as the writer takes them; shared by all runs of a document.
pub(crate) struct Fonts(Vec<Font>);

impl Fonts {
    fn load() -> Result<Self, ReportError> {
        let fonts = FontId::ALL
            .iter()
            .map(|id| Font::new(id.bytes().into(), 0))
            .collect::<Option<Vec<_>>>();
        fonts
            .map(Self)
            .ok_or_else(|| refused("a compiled-in font is damaged"))
    }

    fn get(&self, id: FontId) -> Option<&Font> {
        self.0.get(id as usize)
    }
}

fn outline(sheets: &Sheets) -> Outline {
    let mut outline = Outline::new();
    for (title, page, y) in &sheets.outline {
        let place = XyzDestination::new(*page, Point::from_xy(0.0, (y - 12.0).max(0.0)));
        outline.push_child(OutlineNode::new(title.clone(), place));
    }
    outline
}

fn metadata(about: &About) -> Metadata {
    Metadata::new()
        .title(about.title.clone())
        .description(about.description.clone())
        .authors(vec![about.author.clone()])
        .creator(about.creator.clone())
        .producer(about.creator.clone())
        .language(LANGUAGE.to_owned())
        .document_id(about.id.clone())
        .creation_date(date(about.made_at))
}

/// A time as the writer takes it; its text form is `2026-11-22T00:48:24.000Z`.
fn date(at: verifa_core::time::Timestamp) -> DateTime {
    let text = at.to_string();
    let part = |from: usize, to: usize| text.get(from..to).and_then(|part| part.parse::<u8>().ok());
    let year = text.get(..4).and_then(|year| year.parse().ok());
    let mut date = DateTime::new(year.unwrap_or(1970)).utc_offset_hour(0);
    if let (Some(month), Some(day)) = (part(5, 7), part(8, 10)) {
        date = date.month(month).day(day);
    }
    if let (Some(hour), Some(minute), Some(second)) = (part(11, 13), part(14, 16), part(17, 19)) {
        date = date.hour(hour).minute(minute).second(second);
    }
    date
}
