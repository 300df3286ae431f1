//! Tables whose rows stay whole where they can, and whose column headings are repeated.

use super::block::Block;
use super::flow::{Flow, LEFT, WIDTH};
use super::item::{Area, Item, Mark};
use super::structure::{Kind, NodeId};
use crate::text::{Setter, Style};

/// A column: its heading and its share of the width.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column {
    /// The heading; empty in tables without.
    pub(crate) heading: &'static str,
    /// Left edge, from the text's.
    pub(crate) x: f32,
    /// Width of the text in it.
    pub(crate) width: f32,
    /// Whether its cells head their rows.
    pub(crate) heads_row: bool,
}

/// The cells of a row, one a column.
pub(crate) type RowCells = Vec<Block>;

/// How a table looks.
pub(crate) struct Table<'a> {
    /// A sentence about it, for those who don't see it.
    pub(crate) summary: &'a str,
    /// Its columns.
    pub(crate) columns: &'a [Column],
    /// The look of its headings; `None`: it has none.
    pub(crate) headings: Option<Style>,
    /// Room above and below the text of a row.
    pub(crate) padding: f32,
    /// Colour of the lines between rows; `None`: no lines.
    pub(crate) rule: Option<[u8; 3]>,
}

/// Thickness of the lines.
const RULE: f32 = 0.6;

impl Table<'_> {
    /// Puts the rows into the flow.
    pub(crate) fn put(
        &self,
        flow: &mut Flow,
        setter: &Setter,
        parent: NodeId,
        rows: Vec<RowCells>,
    ) {
        let kind = Kind::Table(self.summary.to_owned());
        let table = flow.tree.add(Some(parent), kind);
        if self.headings.is_some() {
            let head = flow.tree.add(Some(table), Kind::TableHead);
            let row = flow.tree.add(Some(head), Kind::Row);
            self.headings(flow, setter, Some(row));
        }
        let body = flow.tree.add(Some(table), Kind::TableBody);
        let last = rows.len().saturating_sub(1);
        for (index, cells) in rows.into_iter().enumerate() {
            self.row(flow, setter, body, cells);
            if index < last {
                self.line(flow);
            }
        }
    }

    /// The headings; said once, and repeated on further pages for the eye only.
    fn headings(&self, flow: &mut Flow, setter: &Setter, row: Option<NodeId>) {
        let Some(style) = self.headings else { return };
        let top = flow.y;
        for column in self.columns {
            let mark = match row {
                Some(row) => Mark::Of(flow.tree.add(Some(row), Kind::ColumnHeading)),
                None => Mark::Decoration,
            };
            let block = Block::of(setter, column.heading, style, column.width);
            block.put(flow.items(), LEFT + column.x, top, mark);
        }
        flow.space(style.leading() + 3.0);
        self.line(flow);
    }

    fn row(&self, flow: &mut Flow, setter: &Setter, body: NodeId, mut cells: RowCells) {
        let row = flow.tree.add(Some(body), Kind::Row);
        let marks: Vec<Mark> = self
            .columns
            .iter()
            .take(cells.len())
            .map(|column| {
                let kind = if column.heads_row {
                    Kind::RowHeading
                } else {
                    Kind::Cell
                };
                Mark::Of(flow.tree.add(Some(row), kind))
            })
            .collect();
        let height = tallest(&cells) + 2.0 * self.padding;
        let repeated = self.headings.map_or(0.0, |style| style.leading() + 4.0);
        if height <= Flow::whole_page() - repeated && flow.need(height) {
            self.headings(flow, setter, None);
        }
        // A row taller than a page goes on on the next.
        let mut fresh = false;
        loop {
            let room = flow.room() - 2.0 * self.padding;
            let top = flow.y + self.padding;
            let parts: Vec<Block> = cells
                .iter_mut()
                .map(|cell| cell.take(room, fresh))
                .collect();
            let height = tallest(&parts);
            let baseline = parts.iter().map(Block::ascent).fold(0.0, f32::max);
            for ((part, column), mark) in parts.into_iter().zip(self.columns).zip(&marks) {
                let top = top + baseline - part.ascent();
                part.put(flow.items(), LEFT + column.x, top, *mark);
            }
            flow.space(height + 2.0 * self.padding);
            if cells.iter().all(Block::is_empty) {
                return;
            }
            flow.turn();
            self.headings(flow, setter, None);
            fresh = true;
        }
    }

    fn line(&self, flow: &mut Flow) {
        let Some(colour) = self.rule else { return };
        let area = Area {
            x: LEFT,
            y: flow.y - RULE / 2.0,
            width: WIDTH,
            height: RULE,
        };
        flow.items().push(Item::Fill {
            area,
            radius: 0.0,
            colour,
        });
    }
}

/// The height of a row whose cells stand on one baseline.
fn tallest(cells: &[Block]) -> f32 {
    let baseline = cells.iter().map(Block::ascent).fold(0.0, f32::max);
    let height = |cell: &Block| cell.height() + baseline - cell.ascent();
    cells.iter().map(height).fold(0.0, f32::max)
}
