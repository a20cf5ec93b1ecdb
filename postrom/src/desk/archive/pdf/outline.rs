//! The outline and the tags of a document, in the writer's words.

use std::num::NonZeroU16;

use krilla::destination::XyzDestination;
use krilla::geom::Point;
use krilla::outline::{Outline, OutlineNode};
use krilla::tagging::{Identifier, ListNumbering, Node as TagNode, TableHeaderScope, Tag, TagGroup, TagKind, TagTree};

use super::sheet::{LEFT, Mark};
use super::tree::{Node, Role, Tree};

/// Headings by their levels.
pub(super) fn outline(marks: &[Mark]) -> Outline {
    let mut outline = Outline::new();
    let mut rest = marks;
    while let Some((node, after)) = branch(rest) {
        outline.push_child(node);
        rest = after;
    }
    outline
}

/// The first heading with those below it, and what comes after.
fn branch(marks: &[Mark]) -> Option<(OutlineNode, &[Mark])> {
    let (first, mut rest) = marks.split_first()?;
    let place = XyzDestination::new(first.page, Point::from_xy(LEFT, first.top));
    let mut node = OutlineNode::new(first.text.clone(), place).with_open(true);
    while rest.first().is_some_and(|next| next.level > first.level) {
        let (below, after) = branch(rest)?;
        node.push_child(below);
        rest = after;
    }
    Some((node, rest))
}

/// The parts with the lines of each.
pub(super) fn tags(tree: &Tree, mut lines: Vec<Vec<Identifier>>) -> TagTree {
    let mut tags = TagTree::new();
    for node in tree.parts.first().map(|root| root.parts.as_slice()).unwrap_or_default() {
        if let Some(group) = group(tree, *node, &mut lines) {
            tags.push(group);
        }
    }
    tags
}

/// Nothing where a part has neither lines nor parts: a document that was cut short.
fn group(tree: &Tree, node: Node, lines: &mut [Vec<Identifier>]) -> Option<TagGroup> {
    let part = &tree.parts[node];
    let mut group = TagGroup::new(kind(&part.role));
    group.tag.as_any_mut().set_lang(part.lang.clone());
    for line in std::mem::take(&mut lines[node]) {
        group.push(line);
    }
    for below in &part.parts {
        if let Some(below) = self::group(tree, *below, lines) {
            group.push(below);
        }
    }
    // A row keeps its empty cells, or the others would move; unless all are empty.
    if matches!(part.role, Role::Row) && group.children.iter().all(is_empty) {
        return None;
    }
    let stays = matches!(part.role, Role::Cell);
    (stays || !group.children.is_empty()).then_some(group)
}

fn is_empty(child: &TagNode) -> bool {
    matches!(child, TagNode::Group(group) if group.children.is_empty())
}

fn kind(role: &Role) -> TagKind {
    match role {
        Role::Section => Tag::Section.into(),
        Role::Heading(level, title) => {
            Tag::Hn(NonZeroU16::new(*level).unwrap_or(NonZeroU16::MIN), Some(title.clone())).into()
        }
        Role::Paragraph => Tag::P.into(),
        Role::Quote => Tag::BlockQuote.into(),
        Role::Table => Tag::Table.into(),
        Role::Row => Tag::TR.into(),
        Role::ColumnHead => Tag::TH(TableHeaderScope::Column).into(),
        Role::RowHead => Tag::TH(TableHeaderScope::Row).into(),
        Role::Cell => Tag::TD.into(),
        Role::List => Tag::L(ListNumbering::Disc).into(),
        Role::Item => Tag::LI.into(),
        Role::ItemMark => Tag::Lbl.into(),
        Role::ItemText => Tag::LBody.into(),
    }
}
