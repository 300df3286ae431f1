//! The structure tree as the writer takes it.

use std::num::NonZeroU16;

use krilla::tagging::{Identifier, Node, TableHeaderScope, Tag, TagGroup, TagKind, TagTree};

use super::LANGUAGE;
use crate::page::{Kind, NodeId, Tree};

/// The marked pieces of content of each node, in the order in which they were painted.
pub(super) struct Contents(Vec<Vec<Identifier>>);

impl Contents {
    pub(super) fn new(tree: &Tree) -> Self {
        Self(vec![Vec::new(); tree.len()])
    }

    /// Adds a piece of content to a node.
    pub(super) fn add(&mut self, node: NodeId, content: Identifier) {
        if let Some(contents) = self.0.get_mut(node.index()) {
            contents.push(content);
        }
    }

    /// The whole tree.
    pub(super) fn into_tree(self, tree: &Tree) -> TagTree {
        let mut tags = TagTree::new().with_lang(Some(LANGUAGE.to_owned()));
        for root in tree.roots() {
            if let Some(group) = self.group(tree, *root) {
                tags.push(group);
            }
        }
        tags
    }

    fn group(&self, tree: &Tree, id: NodeId) -> Option<TagGroup> {
        let node = tree.get(id)?;
        let mut children: Vec<Node> = self
            .0
            .get(id.index())
            .into_iter()
            .flatten()
            .map(|content| Node::from(*content))
            .collect();
        let below = node
            .children
            .iter()
            .filter_map(|child| self.group(tree, *child));
        children.extend(below.map(Node::from));
        Some(TagGroup::with_children(kind(&node.kind), children))
    }
}

fn kind(kind: &Kind) -> TagKind {
    match kind {
        Kind::Section => Tag::Section.into(),
        Kind::Heading(level, title) => {
            let level = NonZeroU16::new(u16::from(*level)).unwrap_or(NonZeroU16::MIN);
            Tag::Hn(level, Some(title.clone())).into()
        }
        Kind::Paragraph => Tag::P.into(),
        Kind::Table(summary) => Tag::Table.with_summary(Some(summary.clone())).into(),
        Kind::TableHead => Tag::THead.into(),
        Kind::TableBody => Tag::TBody.into(),
        Kind::Row => Tag::TR.into(),
        Kind::ColumnHeading => Tag::TH(TableHeaderScope::Column).into(),
        Kind::RowHeading => Tag::TH(TableHeaderScope::Row).into(),
        Kind::Cell => Tag::TD.into(),
        Kind::Figure(words) => Tag::Figure(Some(words.clone())).into(),
        Kind::Caption => Tag::Caption.into(),
    }
}
