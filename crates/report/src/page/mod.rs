//! Layout: blocks and tables flow down the pages and onto the next; nothing here knows PDF.

mod block;
mod flow;
mod item;
mod structure;
mod table;

pub(crate) use block::Block;
pub(crate) use flow::{BOTTOM, Flow, LEFT, WIDTH};
pub(crate) use item::{Area, Icon, Item, Mark, Sheets};
pub(crate) use structure::{Kind, NodeId, Tree};
pub(crate) use table::{Column, RowCells, Table};

/// A4 (ISO 216) in points: across.
pub(crate) const PAGE_WIDTH: f32 = 595.276;
/// A4 in points: down.
pub(crate) const PAGE_HEIGHT: f32 = 841.89;
