//! The parts that a letter's document is made of.

use konvolutt_letter::{fill, printable};

use super::flow::{Column, Flow, Style};
use super::frame::Frame;
use super::sheet::Ink;
use super::styles::{BODY, CELL, CELL_HEAD, DIGEST, HEADING, QUIET, STRONG};
use super::tree::Role;
use crate::desk::reading::Reading;
use crate::i18n::desk::document::DocumentTexts;
use crate::judged::{HIDDEN, PASSPHRASE, Reader};
use crate::names::groups;
use crate::status::{Status, StatusFile};

/// Where the second column of facts begins, from the left margin.
const FACT: f32 = 130.0;
/// Where the columns of the list of files begin, from the left margin, and how wide each is.
const FILES: [(f32, f32); 4] = [(2.0, 150.0), (160.0, 82.0), (250.0, 58.0), (315.0, 149.0)];
/// An item of a list stands in by so much.
const ITEM: f32 = 14.0;

/// Heading of a part.
pub(super) fn section(flow: &mut Flow, text: &str) {
    flow.space(18.0);
    flow.heading(2, text, HEADING, 50.0);
    flow.space(4.0);
}

/// Sentences of ours in a frame.
pub(super) fn framed(flow: &mut Flow, frame: Frame, texts: &[(&str, Style)]) {
    flow.need(2.0 * frame.padding() + 2.0 * BODY.leading);
    flow.begin(frame);
    for (text, style) in texts {
        flow.text(Role::Paragraph, text, *style);
    }
    flow.end();
}

/// What somebody else wrote, each value in a frame of its own; with its question, when that too is somebody else's.
pub(super) fn quoted(flow: &mut Flow, question: Option<&str>, values: &[String]) {
    flow.tree.open(Role::Quote, flow.lang.clone());
    let spoken = flow.lang.take();
    if let Some(question) = question {
        flow.need(2.0 * Frame::Typed.padding() + 2.0 * BODY.leading + 1.0);
        flow.begin(Frame::Typed);
        flow.text(Role::Paragraph, &printable(question), STRONG);
        values.iter().for_each(|value| flow.text(Role::Paragraph, value, BODY));
        flow.end();
    } else {
        for (number, value) in values.iter().enumerate() {
            if number > 0 {
                flow.space(4.0);
            }
            flow.need(2.0 * Frame::Typed.padding() + BODY.leading + 1.0);
            flow.begin(Frame::Typed);
            flow.text(Role::Paragraph, value, BODY);
            flow.end();
        }
    }
    flow.lang = spoken;
    flow.tree.close();
}

/// Label and value in two columns.
pub(super) fn facts(flow: &mut Flow, facts: &[(&str, String)]) {
    if facts.is_empty() {
        return;
    }
    flow.tree.open(Role::Table, None);
    for (label, value) in facts {
        flow.tree.open(Role::Row, None);
        let columns = [
            (Role::RowHead, *label, 0.0, FACT - 8.0, QUIET),
            (
                Role::Cell,
                value.as_str(),
                FACT,
                flow.right() - flow.left() - FACT,
                BODY,
            ),
        ];
        let columns =
            columns.map(|(role, text, x, room, style)| column(flow, role, (x, room), &printable(text), style));
        flow.row(columns.into());
        flow.tree.close();
    }
    flow.tree.close();
}

fn column(flow: &mut Flow, role: Role, (x, room): (f32, f32), text: &str, style: Style) -> Column {
    let node = flow.tree.add(role, None);
    let lines = flow.setter.lines(text, style.face, room);
    Column {
        x: flow.left() + x,
        lines,
        style,
        node,
    }
}

/// The files: what came, not what the letter says that came.
pub(super) fn files(flow: &mut Flow, texts: &DocumentTexts, reading: &Reading) {
    section(flow, texts.files);
    let files = &reading.status.files;
    if files.is_empty() {
        flow.text(Role::Paragraph, texts.no_files, QUIET);
        return;
    }
    flow.tree.open(Role::Table, None);
    flow.tree.open(Role::Row, None);
    let heads = [texts.file_name, texts.file_kind, texts.file_size, "SHA-256"];
    let columns: Vec<Column> = heads
        .iter()
        .zip(FILES)
        .map(|(text, place)| column(flow, Role::ColumnHead, place, text, CELL_HEAD))
        .collect();
    flow.row(columns);
    flow.tree.close();
    flow.rule(Ink::Line);
    for (number, file) in files.iter().enumerate() {
        let record = reading.record.as_ref().and_then(|record| record.files.get(number));
        row(flow, texts, file, record.map_or("–", |file| &file.media_type));
    }
    flow.tree.close();
}

fn row(flow: &mut Flow, texts: &DocumentTexts, file: &StatusFile, media_type: &str) {
    flow.space(4.0);
    flow.tree.open(Role::Row, None);
    let mut name = printable(&file.name);
    if let Some(said) = &file.name_in_letter {
        name.push('\n');
        name.push_str(&fill(texts.file_in_letter, &[("name", &printable(said))]));
    }
    let cells = [
        (name, CELL),
        (printable(media_type), CELL),
        (texts.bytes.of(file.size).replace(' ', "\u{A0}"), CELL),
        (halved(&file.sha256), DIGEST),
    ];
    let columns: Vec<Column> = cells
        .iter()
        .zip(FILES)
        .map(|((text, style), place)| column(flow, Role::Cell, place, text, *style))
        .collect();
    let lines = columns.iter().map(|column| column.lines.len()).max().unwrap_or(0);
    flow.need(lines.min(6) as f32 * CELL.leading + 4.0);
    flow.row(columns);
    flow.space(4.0);
    flow.rule(Ink::Faint);
    flow.tree.close();
}

/// A digest in two lines of one length, which the eye can compare.
fn halved(sha256: &str) -> String {
    const HALF: usize = 32;
    let symbols: Vec<char> = printable(sha256).chars().collect();
    let lines: Vec<String> = symbols.chunks(HALF).map(|half| half.iter().collect()).collect();
    lines.join("\n")
}

/// Everybody who can open it.
pub(super) fn readers(flow: &mut Flow, texts: &DocumentTexts, status: &Status) {
    let named: Vec<_> = status
        .readers
        .iter()
        .map(|reader| (reader_name(reader, texts), None))
        .collect();
    list(flow, texts.readers, &named);
}

/// `FINGERPRINT Name` as people read it.
fn reader_name(reader: &Reader, texts: &DocumentTexts) -> String {
    match &reader.known_as {
        Some(known) => match known.split_once(' ') {
            Some((fingerprint, name)) if !name.is_empty() => format!("{} ({})", printable(name), groups(fingerprint)),
            _ => groups(known.trim()),
        },
        None if reader.key == HIDDEN => texts.hidden_key.into(),
        None if reader.key == PASSPHRASE => texts.passphrase.into(),
        None => fill(texts.unknown_key, &[("key", &printable(&reader.key))]),
    }
}

/// Lines of ours, each with its language when that is not the document's.
pub(super) fn list(flow: &mut Flow, heading: &str, items: &[(String, Option<String>)]) {
    if items.is_empty() {
        return;
    }
    section(flow, heading);
    flow.tree.open(Role::List, None);
    for (text, lang) in items {
        flow.tree.open(Role::Item, lang.clone());
        let room = flow.right() - flow.left();
        let dot = column(flow, Role::ItemMark, (3.0, ITEM), "•", BODY);
        let text = column(flow, Role::ItemText, (ITEM, room - ITEM), &printable(text), BODY);
        flow.row(vec![dot, text]);
        flow.space(2.0);
        flow.tree.close();
    }
    flow.tree.close();
}
