//! Writes the document.

use std::io::{self, Read, Write};

use zeroize::Zeroize;

use super::record::Record;
use super::text::{Words, text};
use super::{pad, record};
use crate::base64_lines::base64_lines;
use crate::mime;

/// The protected header fields, and what stands outside the seal in their place.
#[derive(Debug, Clone)]
pub struct HeaderValues {
    /// Shown once the seal is open: the form's neutral title with the reference.
    pub subject: String,
    /// Shown before: neutral words with the reference.
    pub outer_subject: String,
    /// From, ready for a header.
    pub from: String,
    /// To, ready for a header.
    pub to: String,
    /// RFC 5322 date.
    pub date: String,
    /// With its angle brackets.
    pub message_id: String,
}

/// A letter about to be written.
pub struct Letter {
    /// Header fields.
    pub headers: HeaderValues,
    /// Everything but the files' bytes.
    pub record: Record,
    /// Fixed words in the letter's language.
    pub words: Words,
    /// Local time with zone, for people.
    pub received: String,
    /// Random; parts the document.
    pub boundary: String,
}

/// The bytes of one file, in the order of [`Record::files`].
pub type Source<'a> = Box<dyn Read + 'a>;

/// Bytes per line of base64: 76 symbols.
const LINE: usize = 57;

/// Writes the whole document with its filler.
///
/// # Errors
/// What the sink or a source says. What was written until then is not a document and must be thrown away.
pub fn write(letter: &Letter, files: Vec<Source<'_>>, out: &mut dyn Write) -> io::Result<()> {
    let mut out = Counting { out, count: 0 };
    headers(letter, &mut out)?;
    text_part(letter, &mut out)?;
    for (file, source) in letter.record.files.iter().zip(files) {
        file_part(letter, file, source, &mut out)?;
    }
    record_part(letter, &mut out)?;
    write!(out, "--{}--\r\n", letter.boundary)?;
    let filler = pad::filler(out.count);
    out.write_all(filler.as_bytes())
}

fn headers(letter: &Letter, out: &mut impl Write) -> io::Result<()> {
    let h = &letter.headers;
    let boundary = &letter.boundary;
    // Thunderbird acts on `protected-headers`, readers of RFC 9788 on `hp`: both are needed.
    write!(
        out,
        "Content-Type: multipart/mixed; boundary=\"{boundary}\";\r\n protected-headers=\"v1\"; hp=\"cipher\"\r\nMIME-Version: 1.0\r\n"
    )?;
    let subject = mime::unstructured(&h.subject);
    let outer_subject = mime::unstructured(&h.outer_subject);
    let fields = [
        ("From", &h.from, &h.from),
        ("To", &h.to, &h.to),
        ("Subject", &subject, &outer_subject),
        ("Date", &h.date, &h.date),
        ("Message-ID", &h.message_id, &h.message_id),
    ];
    for (name, inner, _) in fields {
        write!(out, "{name}: {inner}\r\n")?;
    }
    for (name, _, outer) in fields {
        write!(out, "HP-Outer: {name}: {outer}\r\n")?;
    }
    out.write_all(b"\r\n")
}

fn text_part(letter: &Letter, out: &mut impl Write) -> io::Result<()> {
    write!(
        out,
        "--{}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\nContent-Disposition: inline\r\n\r\n",
        letter.boundary
    )?;
    let mut plain = text(&letter.record, &letter.words, &letter.received);
    let mut crlf = plain.replace('\n', "\r\n");
    let mut encoded = quoted_printable::encode(crlf.as_bytes());
    let written = out.write_all(&encoded);
    plain.zeroize();
    crlf.zeroize();
    encoded.zeroize();
    written?;
    out.write_all(b"\r\n")
}

fn file_part(
    letter: &Letter,
    file: &record::RecordFile,
    mut source: Source<'_>,
    out: &mut impl Write,
) -> io::Result<()> {
    let (name, disposition) = mime::file_name(&file.name);
    write!(
        out,
        "--{}\r\nContent-Type: {};\r\n {name}\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment;\r\n {disposition}\r\n\r\n",
        letter.boundary, file.media_type
    )?;
    let copied = base64_body(&mut source, out)?;
    if copied != file.size {
        // The letter already says how long the file is: a shorter copy would be a lie.
        return Err(io::Error::new(
            io::ErrorKind::UnexpectedEof,
            "a file changed its length",
        ));
    }
    Ok(())
}

fn record_part(letter: &Letter, out: &mut impl Write) -> io::Result<()> {
    write!(
        out,
        "--{}\r\nContent-Type: application/json; name=\"letter.json\"\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=\"letter.json\"\r\n\r\n",
        letter.boundary
    )?;
    let mut json = serde_json::to_vec(&letter.record).map_err(io::Error::other)?;
    let written = base64_body(&mut json.as_slice(), out);
    json.zeroize();
    written.map(|_| ())
}

/// Copies as base64 in lines of 76 symbols; returns the bytes read.
fn base64_body(source: &mut dyn Read, out: &mut impl Write) -> io::Result<u64> {
    let mut raw = vec![0u8; LINE * 512];
    let mut lines = Vec::with_capacity((LINE * 4 / 3 + 2) * 512);
    let mut total = 0;
    loop {
        let filled = fill(source, &mut raw)?;
        total += filled as u64;
        lines.clear();
        base64_lines(&raw[..filled], LINE, &mut lines)?;
        out.write_all(&lines)?;
        if filled < raw.len() {
            raw.zeroize();
            lines.zeroize();
            return Ok(total);
        }
    }
}

/// Reads until the buffer is full or the source ends.
fn fill(source: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match source.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

struct Counting<'a> {
    out: &'a mut dyn Write,
    count: u64,
}

impl Write for Counting<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.count += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
