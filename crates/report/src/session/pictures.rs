//! The images of the session, side by side and of one height.

use super::look;
use super::{Composer, words};
use crate::model::{PersonalData, ReportPicture, SessionReport};
use crate::page::{Area, Block, Item, Kind, LEFT, Mark, NodeId, WIDTH};

/// Height of a row of images.
const HEIGHT: f32 = 108.0;
/// Room between them.
const GAP: f32 = 12.0;
/// Narrower than this, a caption would be torn into syllables.
const NARROWEST: f32 = 66.0;

pub(super) fn put(page: &mut Composer, report: &SessionReport, section: NodeId) {
    if report.personal_data != PersonalData::Shown || report.pictures.is_empty() {
        return;
    }
    page.flow.space(8.0);
    for row in rows(&report.pictures) {
        put_row(page, section, &row);
    }
}

/// An image and the width at which it has the height of its row.
type Sized<'a> = (&'a ReportPicture, f32);

fn rows(pictures: &[ReportPicture]) -> Vec<Vec<Sized<'_>>> {
    let mut rows: Vec<Vec<Sized<'_>>> = Vec::new();
    let mut used = 0.0;
    for picture in pictures {
        let (width, height) = (picture.picture.width as f32, picture.picture.height as f32);
        let width = (HEIGHT * width / height.max(1.0)).min(WIDTH);
        let taken = width.max(NARROWEST) + GAP;
        match rows.last_mut() {
            Some(row) if used + taken - GAP <= WIDTH => {
                row.push((picture, width));
                used += taken;
            }
            _ => {
                rows.push(vec![(picture, width)]);
                used = taken;
            }
        }
    }
    rows
}

fn put_row(page: &mut Composer, section: NodeId, row: &[Sized<'_>]) {
    let captions: Vec<Block> = row
        .iter()
        .map(|(picture, width)| caption(page, picture, width.max(NARROWEST)))
        .collect();
    let tallest = captions.iter().map(Block::height).fold(0.0, f32::max);
    page.flow.need(HEIGHT + 3.0 + tallest);
    let top = page.flow.y;
    let mut x = LEFT;
    for ((picture, width), caption) in row.iter().zip(captions) {
        let alternative = format!(
            "Photograph: {}, received {}.",
            words::picture(picture.kind),
            words::time(picture.received_at)
        );
        let figure = page.flow.tree.add(Some(section), Kind::Figure(alternative));
        let words = page.flow.tree.add(Some(section), Kind::Caption);
        // An image wider than the page is lower than its row.
        let drawn = picture.picture.height as f32 * width / (picture.picture.width as f32).max(1.0);
        let area = Area {
            x,
            y: top + HEIGHT - drawn.min(HEIGHT),
            width: *width,
            height: drawn.min(HEIGHT),
        };
        let items = page.flow.items();
        items.push(Item::Picture {
            picture: picture.picture.clone(),
            area,
            mark: Mark::Of(figure),
        });
        caption.put(items, x, top + HEIGHT + 3.0, Mark::Of(words));
        x += width.max(NARROWEST) + GAP;
    }
    page.flow.space(HEIGHT + 3.0 + tallest + 6.0);
}

fn caption(page: &Composer, picture: &ReportPicture, width: f32) -> Block {
    let mut block = Block::of(
        &page.setter,
        words::picture(picture.kind),
        look::SMALL,
        width,
    );
    let received = words::time(picture.received_at);
    block.add(&page.setter, &received, look::SMALL, width, 0.0);
    block
}
