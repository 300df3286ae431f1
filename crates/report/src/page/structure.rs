//! The structure tree: what the parts of the document are, for those who don't see it.

/// A node of the tree, by its place in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NodeId(pub(super) usize);

/// What a part of the document is (ISO 32000-1, 14.8.4).
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    /// A part with a heading of its own.
    Section,
    /// A heading, from 1.
    Heading(u8, String),
    /// A paragraph.
    Paragraph,
    /// A table, with a sentence about it.
    Table(String),
    /// The rows of column headings.
    TableHead,
    /// The other rows.
    TableBody,
    /// A row.
    Row,
    /// The heading of a column.
    ColumnHeading,
    /// The heading of a row.
    RowHeading,
    /// A cell.
    Cell,
    /// A picture, with words in its place.
    Figure(String),
    /// The words under a picture.
    Caption,
}

/// One node. Content on the pages belongs to nodes without children.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    /// What it is.
    pub(crate) kind: Kind,
    /// What is in it, in reading order.
    pub(crate) children: Vec<NodeId>,
}

/// The tree.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Tree {
    nodes: Vec<Node>,
    roots: Vec<NodeId>,
}

impl Tree {
    /// Adds a node behind the other children of `parent`.
    pub(crate) fn add(&mut self, parent: Option<NodeId>, kind: Kind) -> NodeId {
        let id = NodeId(self.nodes.len());
        self.nodes.push(Node {
            kind,
            children: Vec::new(),
        });
        match parent.and_then(|parent| self.nodes.get_mut(parent.0)) {
            Some(parent) => parent.children.push(id),
            None => self.roots.push(id),
        }
        id
    }

    /// The nodes without a parent.
    pub(crate) fn roots(&self) -> &[NodeId] {
        &self.roots
    }

    /// A node.
    pub(crate) fn get(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(id.0)
    }

    /// How many nodes there are.
    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }
}

impl NodeId {
    /// Its place in the tree.
    pub(crate) const fn index(self) -> usize {
        self.0
    }
}
