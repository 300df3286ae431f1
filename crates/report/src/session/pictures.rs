//! The images of the session beside its facts, in rows of one height.

use super::look;
use super::{Composer, words};
use crate::model::ReportPicture;
use crate::page::{Area, Block, Item, Kind, Mark, NodeId, WIDTH};

/// Width of the column of images.
const COLUMN: f32 = WIDTH / 2.0 - 6.0;
/// Height of an image where there are one or two.
const TALL: f32 = 104.0;
/// Height where there are more: two cards (ISO/IEC 7810 ID-1) then fit into a row.
const LOW: f32 = 74.0;
/// Room between images, across and down.
const GAP: f32 = 8.0;
/// Room between an image and its caption.
const NEAR: f32 = 2.5;
/// Narrower than this, a caption would be torn into syllables.
const NARROWEST: f32 = 78.0;

/// One image, its caption, and its width in its row.
struct Placed<'a> {
    picture: &'a ReportPicture,
    caption: Block,
    width: f32,
}

impl Placed<'_> {
    /// Room across that it takes.
    fn room(&self) -> f32 {
        self.width.max(NARROWEST)
    }
}

/// A row of images of one height.
pub(super) struct Row<'a> {
    placed: Vec<Placed<'a>>,
    tall: f32,
}

impl Row<'_> {
    fn captions(&self) -> f32 {
        self.placed
            .iter()
            .map(|placed| placed.caption.height())
            .fold(0.0, f32::max)
    }

    fn height(&self) -> f32 {
        self.tall + NEAR + self.captions() + GAP
    }
}

/// The images in as many rows as they need.
pub(super) fn rows<'a>(page: &Composer, pictures: &'a [ReportPicture]) -> Vec<Row<'a>> {
    let tall = if pictures.len() > 2 { LOW } else { TALL };
    let mut rows: Vec<Row<'a>> = Vec::new();
    for picture in pictures {
        let (width, height) = (picture.picture.width as f32, picture.picture.height as f32);
        let width = (tall * width / height.max(1.0)).min(COLUMN);
        let room = width.max(NARROWEST);
        let placed = Placed {
            picture,
            caption: caption(page, picture, room),
            width,
        };
        let fits = |row: &Row<'_>| {
            let used: f32 = row.placed.iter().map(|placed| placed.room() + GAP).sum();
            used + room <= COLUMN
        };
        match rows.last_mut() {
            Some(row) if fits(row) => row.placed.push(placed),
            _ => rows.push(Row {
                placed: vec![placed],
                tall,
            }),
        }
    }
    rows
}

/// The height of all rows.
pub(super) fn height(rows: &[Row<'_>]) -> f32 {
    rows.iter().map(Row::height).sum()
}

/// Puts the rows with their upper left corner at a place; where they end.
pub(super) fn put(
    page: &mut Composer,
    section: NodeId,
    rows: Vec<Row<'_>>,
    left: f32,
    top: f32,
) -> f32 {
    // Level with the letters beside them.
    let mut y = top + 2.0;
    for row in rows {
        let height = row.height();
        let mut x = left;
        for placed in row.placed {
            let room = placed.room();
            put_one(page, section, placed, (x, y), row.tall);
            x += room + GAP;
        }
        y += height;
    }
    y - GAP
}

fn put_one(
    page: &mut Composer,
    section: NodeId,
    placed: Placed<'_>,
    (x, y): (f32, f32),
    tall: f32,
) {
    let Placed {
        picture,
        caption,
        width,
    } = placed;
    let alternative = format!(
        "Photograph: {}, received {}.",
        words::picture(picture.kind),
        words::time(picture.received_at)
    );
    let figure = page.flow.tree.add(Some(section), Kind::Figure(alternative));
    let words = page.flow.tree.add(Some(section), Kind::Caption);
    // An image wider than the column is lower than its row.
    let (across, down) = (picture.picture.width as f32, picture.picture.height as f32);
    let height = (down * width / across.max(1.0)).min(tall);
    let area = Area {
        x,
        y: y + tall - height,
        width,
        height,
    };
    let items = page.flow.items();
    items.push(Item::Picture {
        picture: picture.picture.clone(),
        area,
        mark: Mark::Of(figure),
    });
    caption.put(items, x, y + tall + NEAR, Mark::Of(words));
}

fn caption(page: &Composer, picture: &ReportPicture, width: f32) -> Block {
    let shown = words::picture(picture.kind);
    let mut block = Block::of(&page.setter, shown, look::SMALL, width);
    let received = words::minute(picture.received_at);
    block.add(&page.setter, &received, look::SMALL, width, 0.0);
    block
}
