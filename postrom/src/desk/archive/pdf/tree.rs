//! What each line of a document is, for those who do not see it: headings, paragraphs, tables.

/// Place in a [`Tree`].
pub(super) type Node = usize;

/// What a part is.
#[derive(Clone)]
pub(super) enum Role {
    /// Holds others.
    Section,
    /// Level and text.
    Heading(u16, String),
    Paragraph,
    /// What somebody else wrote; holds paragraphs.
    Quote,
    Table,
    Row,
    ColumnHead,
    RowHead,
    Cell,
    List,
    Item,
    ItemMark,
    ItemText,
}

/// A part, with what it holds. Lines belong to the parts that hold no other.
pub(super) struct Part {
    pub(super) role: Role,
    /// When it is another than the document's.
    pub(super) lang: Option<String>,
    pub(super) parts: Vec<Node>,
}

/// All parts, in the order of reading. The first is the document.
pub(super) struct Tree {
    pub(super) parts: Vec<Part>,
    open: Vec<Node>,
}

impl Tree {
    pub(super) fn new() -> Self {
        let root = Part {
            role: Role::Section,
            lang: None,
            parts: Vec::new(),
        };
        Self {
            parts: vec![root],
            open: vec![0],
        }
    }

    /// Adds a part to the one that is open.
    pub(super) fn add(&mut self, role: Role, lang: Option<String>) -> Node {
        let node = self.parts.len();
        let parts = Vec::new();
        self.parts.push(Part { role, lang, parts });
        let within = self.open.last().copied().unwrap_or(0);
        self.parts[within].parts.push(node);
        node
    }

    /// Opens a part: what is added until it is closed belongs to it.
    pub(super) fn open(&mut self, role: Role, lang: Option<String>) {
        let node = self.add(role, lang);
        self.open.push(node);
    }

    pub(super) fn close(&mut self) {
        if self.open.len() > 1 {
            self.open.pop();
        }
    }
}
