//! The place where the next thing goes, page after page.

use super::block::Block;
use super::item::{Item, Mark, Sheets};
use super::structure::{Kind, NodeId, Tree};
use super::{PAGE_HEIGHT, PAGE_WIDTH};

/// Left edge of the text.
pub(crate) const LEFT: f32 = 48.0;
/// Width of the text.
pub(crate) const WIDTH: f32 = PAGE_WIDTH - 2.0 * LEFT;
/// Upper edge of the text on the first page.
const FIRST_TOP: f32 = 40.0;
/// The same on the others, below the head of the page.
const TOP: f32 = 68.0;
/// Lower edge of the text.
pub(crate) const BOTTOM: f32 = PAGE_HEIGHT - 52.0;

/// Pages being filled.
pub(crate) struct Flow {
    pages: Vec<Vec<Item>>,
    /// The structure.
    pub(crate) tree: Tree,
    outline: Vec<(String, usize, f32)>,
    /// Where the next thing goes, from the upper edge of the page.
    pub(crate) y: f32,
}

impl Flow {
    /// An empty first page.
    pub(crate) fn new() -> Self {
        Self {
            pages: vec![Vec::new()],
            tree: Tree::default(),
            outline: Vec::new(),
            y: FIRST_TOP,
        }
    }

    /// What stands on the page so far.
    pub(crate) fn items(&mut self) -> &mut Vec<Item> {
        if self.pages.is_empty() {
            self.pages.push(Vec::new());
        }
        // The line above made one.
        let last = self.pages.len() - 1;
        &mut self.pages[last]
    }

    /// Leaves room.
    pub(crate) fn space(&mut self, points: f32) {
        self.y += points;
    }

    /// Room left on this page.
    pub(crate) fn room(&self) -> f32 {
        BOTTOM - self.y
    }

    /// Room on an empty page.
    pub(crate) const fn whole_page() -> f32 {
        BOTTOM - TOP
    }

    /// Goes to a new page unless `height` points are left on this one; whether it did.
    pub(crate) fn need(&mut self, height: f32) -> bool {
        if height <= self.room() {
            return false;
        }
        self.turn();
        true
    }

    /// Goes to a new page.
    pub(crate) fn turn(&mut self) {
        self.pages.push(Vec::new());
        self.y = TOP;
    }

    /// Puts a block at the left edge as one node, and goes below it. It must fit on the page.
    pub(crate) fn block(&mut self, parent: Option<NodeId>, kind: Kind, block: Block) {
        let node = self.tree.add(parent, kind);
        let (y, height) = (self.y, block.height());
        block.put(self.items(), LEFT, y, Mark::Of(node));
        self.y += height;
    }

    /// A section with its heading, kept together with `keep` points of what follows.
    pub(crate) fn section(&mut self, title: &str, heading: Block, keep: f32) -> NodeId {
        /// Room above a heading.
        const ABOVE: f32 = 10.5;
        /// Room below it.
        const BELOW: f32 = 4.0;
        let turned = self.need(ABOVE + heading.height() + BELOW + keep);
        if !turned {
            self.space(ABOVE);
        }
        let section = self.tree.add(None, Kind::Section);
        let page = self.pages.len().saturating_sub(1);
        self.outline.push((title.to_owned(), page, self.y));
        self.block(Some(section), Kind::Heading(2, title.to_owned()), heading);
        self.space(BELOW);
        section
    }

    /// The pages, each finished by `furnish(page from 0, pages, items)`.
    pub(crate) fn finish(mut self, furnish: impl Fn(usize, usize, &mut Vec<Item>)) -> Sheets {
        let count = self.pages.len();
        for (index, items) in self.pages.iter_mut().enumerate() {
            furnish(index, count, items);
        }
        Sheets {
            pages: self.pages,
            tree: self.tree,
            outline: self.outline,
        }
    }
}
