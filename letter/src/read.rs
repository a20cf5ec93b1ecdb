//! Reads the document back, as a stream: the text and `letter.json` into memory, each file onto a shelf as it
//! comes. Nothing that is read here is authenticated yet; that is known only at the end of the stream.

use std::io::{self, BufRead, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use mail_parser::{Address, HeaderValue, Message, MessageParser, MimeHeaders};
use sha2::{Digest, Sha256};

use super::Record;

/// Longest line: RFC 5322 allows 998 bytes, some gateways are generous.
const LINE: u64 = 64 * 1024;
/// Longest head of a part.
const HEAD: usize = 64 * 1024;
/// Longest text and longest `letter.json`: the form takes 2 MiB of text, and a line end alone becomes a line of 5 bytes.
const TEXT: usize = 16 * 1024 * 1024;
/// Parts, with room for every file that a form can take.
const PARTS: usize = 1000;

/// Why a document could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The source failed; it does so also when the seal is broken.
    #[error(transparent)]
    Source(io::Error),
    /// The shelf failed.
    #[error(transparent)]
    Shelf(io::Error),
    /// Not a document of this format.
    #[error("{0}")]
    NotALetter(&'static str),
}

/// Where files are put as they come.
pub trait Shelf {
    /// Begins a file. The name is the letter's word: make it harmless before a disk sees it.
    ///
    /// # Errors
    /// What the disk says.
    fn begin(&mut self, name: &str) -> io::Result<Box<dyn Write>>;
}

/// A letter as read, without the bytes of its files.
pub struct Document {
    /// Protected fields by lower-case name, decoded: `subject`, `from`, `to`, `date`, `message-id`, and
    /// `hp-outer-subject` for what RFC 9788 says of the outer Subject.
    pub protected: Vec<(String, String)>,
    /// The readable text.
    pub text: String,
    /// `letter.json`, when it is there and of a known schema.
    pub record: Option<Record>,
    /// Its bytes as they came.
    pub record_bytes: Vec<u8>,
    /// What was put on the shelf, in order.
    pub files: Vec<Shelved>,
}

/// A file on the shelf.
pub struct Shelved {
    /// Its name as the letter has it.
    pub name: String,
    /// SHA-256 of what came.
    pub sha256: [u8; 32],
}

/// Reads a document to the end of its source.
///
/// # Errors
/// See [`ReadError`]. What lies on the shelf is then worth nothing.
pub fn read(source: &mut dyn BufRead, shelf: &mut dyn Shelf) -> Result<Document, ReadError> {
    let mut lines = Lines {
        source,
        line: Vec::new(),
    };
    let head = lines.head()?;
    let message = parse(&head)?;
    let kind = message.content_type();
    let boundary = kind
        .filter(|kind| kind.ctype() == "multipart" && kind.subtype() == Some("mixed"))
        .and_then(|kind| kind.attribute("boundary"))
        .ok_or(ReadError::NotALetter("what was sealed is not a letter of a form"))?;
    let marks = Marks::new(boundary);
    let mut document = Document {
        protected: header_fields(&message),
        text: String::new(),
        record: None,
        record_bytes: Vec::new(),
        files: Vec::new(),
    };
    let mut end = lines.skip_to(&marks)?;
    let mut parts = 0;
    while end == End::Part {
        parts += 1;
        if parts > PARTS {
            return Err(ReadError::NotALetter("the letter has more parts than a form can make"));
        }
        end = part(&mut lines, &marks, shelf, &mut document)?;
    }
    // The seal is checked by reading on to its end, over the filler.
    io::copy(lines.source, &mut io::sink()).map_err(ReadError::Source)?;
    document.record = serde_json::from_slice::<Record>(&document.record_bytes)
        .ok()
        .filter(|record| record.schema == super::SCHEMA);
    Ok(document)
}

fn part(
    lines: &mut Lines<'_>,
    marks: &Marks,
    shelf: &mut dyn Shelf,
    document: &mut Document,
) -> Result<End, ReadError> {
    let head = lines.head()?;
    let message = parse(&head)?;
    let encoding = message
        .content_transfer_encoding()
        .unwrap_or("7bit")
        .to_ascii_lowercase();
    let attached = message.content_disposition().is_some_and(|d| d.is_attachment());
    let name = message.attachment_name().unwrap_or_default();
    // No file of a citizen is ever of this type, whatever its name.
    let json = message
        .content_type()
        .is_some_and(|kind| kind.subtype() == Some("json"));
    if attached && !json {
        let mut file = Hashed {
            out: shelf.begin(name).map_err(ReadError::Shelf)?,
            digest: Sha256::new(),
        };
        let end = lines.body(marks, &encoding, &mut file)?;
        // A buffered writer tells of a full disk only now.
        file.flush().map_err(ReadError::Shelf)?;
        document.files.push(Shelved {
            name: name.to_owned(),
            sha256: file.digest.finalize().into(),
        });
        return Ok(end);
    }
    let mut bytes = Limited {
        bytes: Vec::new(),
        left: TEXT.saturating_sub(document.text.len()),
        overflowed: false,
    };
    let end = lines.body(marks, &encoding, &mut bytes);
    if bytes.overflowed {
        // Not the shelf's fault: the clerk must not read that the disk failed.
        return Err(ReadError::NotALetter("the text of the letter does not end"));
    }
    if attached {
        document.record_bytes = bytes.bytes;
    } else {
        document
            .text
            .push_str(&String::from_utf8_lossy(&bytes.bytes).replace("\r\n", "\n"));
    }
    end
}

fn parse(head: &[u8]) -> Result<Message<'_>, ReadError> {
    let message = MessageParser::default().parse_headers(head);
    message.ok_or(ReadError::NotALetter("a part of the letter has no head"))
}

/// What a boundary line ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// A part; another one follows.
    Part,
    /// The last part.
    Closed,
}

struct Marks {
    part: Vec<u8>,
    closed: Vec<u8>,
}

impl Marks {
    fn new(boundary: &str) -> Self {
        Self {
            part: format!("--{boundary}").into_bytes(),
            closed: format!("--{boundary}--").into_bytes(),
        }
    }

    fn ended_by(&self, line: &[u8]) -> Option<End> {
        let line = line.trim_ascii_end();
        if line == self.part {
            return Some(End::Part);
        }
        (line == self.closed).then_some(End::Closed)
    }
}

struct Lines<'a> {
    source: &'a mut dyn BufRead,
    /// The line that was read last.
    line: Vec<u8>,
}

impl Lines<'_> {
    /// Reads the next line with its end; it is empty at the end of the source.
    fn next(&mut self) -> Result<(), ReadError> {
        self.line.clear();
        io::Read::take(&mut *self.source, LINE + 1)
            .read_until(b'\n', &mut self.line)
            .map_err(ReadError::Source)?;
        if self.line.len() as u64 > LINE {
            Err(ReadError::NotALetter("a line of the letter does not end"))
        } else {
            Ok(())
        }
    }

    fn head(&mut self) -> Result<Vec<u8>, ReadError> {
        let mut head = Vec::new();
        loop {
            self.next()?;
            if self.line.is_empty() || head.len() > HEAD {
                return Err(ReadError::NotALetter("the head of a part does not end"));
            }
            let blank = self.line.trim_ascii_end().is_empty();
            head.extend_from_slice(&self.line);
            if blank {
                return Ok(head);
            }
        }
    }

    fn skip_to(&mut self, marks: &Marks) -> Result<End, ReadError> {
        self.body(marks, "7bit", &mut io::sink())
    }

    /// Decodes the body of a part up to its boundary line. The line end before that belongs to the boundary.
    fn body(&mut self, marks: &Marks, encoding: &str, out: &mut dyn Write) -> Result<End, ReadError> {
        let mut decoder = Decoder::new(encoding);
        loop {
            self.next()?;
            if self.line.is_empty() {
                return Err(ReadError::NotALetter("the letter has no end"));
            }
            if let Some(end) = marks.ended_by(&self.line) {
                decoder.finish(out)?;
                return Ok(end);
            }
            decoder.line(&self.line, out)?;
        }
    }
}

const NOT_BASE64: ReadError = ReadError::NotALetter("a file of the letter is not base64");
/// Symbols that are decoded at once.
const BLOCK: usize = 32 * 1024;

/// One transfer encoding, line by line.
enum Decoder {
    /// Symbols that wait for their group of four.
    Base64(Vec<u8>),
    /// The last line, whose end may belong to the boundary.
    QuotedPrintable(Vec<u8>),
    /// As quoted-printable, but for the decoding.
    Plain(Vec<u8>),
}

impl Decoder {
    fn new(encoding: &str) -> Self {
        match encoding {
            "base64" => Self::Base64(Vec::new()),
            "quoted-printable" => Self::QuotedPrintable(Vec::new()),
            _ => Self::Plain(Vec::new()),
        }
    }

    fn line(&mut self, line: &[u8], out: &mut dyn Write) -> Result<(), ReadError> {
        match self {
            Self::Base64(symbols) => {
                let text = line.trim_ascii();
                if text.iter().any(u8::is_ascii_whitespace) {
                    symbols.extend(text.iter().filter(|byte| !byte.is_ascii_whitespace()));
                } else {
                    symbols.extend_from_slice(text);
                }
                if symbols.len() >= BLOCK {
                    decode(symbols, out)?;
                }
            }
            Self::QuotedPrintable(last) => {
                put(out, &unquoted(last)?)?;
                last.clear();
                last.extend_from_slice(line);
            }
            Self::Plain(last) => {
                put(out, last)?;
                last.clear();
                last.extend_from_slice(line);
            }
        }
        Ok(())
    }

    fn finish(self, out: &mut dyn Write) -> Result<(), ReadError> {
        let without_end = |mut last: Vec<u8>| {
            let end = if last.ends_with(b"\r\n") {
                2
            } else {
                usize::from(last.ends_with(b"\n"))
            };
            last.truncate(last.len() - end);
            last
        };
        match self {
            Self::Base64(mut rest) => {
                decode(&mut rest, out)?;
                if !rest.is_empty() {
                    return Err(NOT_BASE64);
                }
            }
            Self::QuotedPrintable(last) => put(out, &unquoted(&without_end(last))?)?,
            Self::Plain(last) => put(out, &without_end(last))?,
        }
        Ok(())
    }
}

/// Decodes whole groups of four symbols; the rest waits for more.
fn decode(symbols: &mut Vec<u8>, out: &mut dyn Write) -> Result<(), ReadError> {
    let whole = symbols.len() / 4 * 4;
    let bytes = BASE64.decode(&symbols[..whole]).map_err(|_| NOT_BASE64)?;
    symbols.drain(..whole);
    put(out, &bytes)
}

fn put(out: &mut dyn Write, bytes: &[u8]) -> Result<(), ReadError> {
    out.write_all(bytes).map_err(ReadError::Shelf)
}

fn unquoted(line: &[u8]) -> Result<Vec<u8>, ReadError> {
    let decoded = quoted_printable::decode(line, quoted_printable::ParseMode::Robust);
    decoded.map_err(|_| ReadError::NotALetter("the text of the letter is not quoted-printable"))
}

struct Hashed {
    out: Box<dyn Write>,
    digest: Sha256,
}

impl Write for Hashed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write_all(bytes)?;
        self.digest.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Text in memory, up to [`TEXT`] for all of it.
struct Limited {
    bytes: Vec<u8>,
    left: usize,
    overflowed: bool,
}

impl Write for Limited {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.len() > self.left {
            self.overflowed = true;
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.left -= bytes.len();
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The header fields that a letter protects, decoded, by lower-case name.
///
/// What `HP-Outer` (RFC 9788) says of the outer Subject comes as `hp-outer-subject`.
pub fn header_fields(message: &Message<'_>) -> Vec<(String, String)> {
    const WANTED: [&str; 5] = ["subject", "from", "to", "date", "message-id"];
    let headers = message.headers().iter();
    headers
        .filter_map(|header| {
            let name = header.name().to_ascii_lowercase();
            let value = value(&header.value)?;
            if name == "hp-outer" {
                return Some(("hp-outer-subject".to_owned(), outer_subject(&value)?));
            }
            WANTED.contains(&name.as_str()).then_some((name, value))
        })
        .collect()
}

/// The field within `HP-Outer` is a whole header field: read as one.
fn outer_subject(field: &str) -> Option<String> {
    let head = format!("{field}\r\n\r\n");
    let message = MessageParser::default().parse_headers(head.as_bytes())?;
    message.subject().map(str::to_owned)
}

fn value(value: &HeaderValue<'_>) -> Option<String> {
    match value {
        HeaderValue::Text(text) => Some(text.to_string()),
        HeaderValue::TextList(list) => Some(list.join(" ")),
        HeaderValue::DateTime(date) => Some(date.to_rfc3339()),
        HeaderValue::Address(Address::List(list)) => {
            let one = list.first()?;
            let address = one.address.as_deref().unwrap_or_default();
            Some(match &one.name {
                Some(name) => format!("{name} <{address}>"),
                None => address.to_owned(),
            })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;

    use super::*;

    /// Each file by its name.
    type Files = Vec<(String, Vec<u8>)>;

    #[derive(Default)]
    struct Kept(Rc<RefCell<Files>>);

    struct File(Rc<RefCell<Files>>, usize);

    impl Shelf for Kept {
        fn begin(&mut self, name: &str) -> io::Result<Box<dyn Write>> {
            self.0.borrow_mut().push((name.to_owned(), Vec::new()));
            Ok(Box::new(File(self.0.clone(), self.0.borrow().len() - 1)))
        }
    }

    impl Write for File {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.borrow_mut()[self.1].1.extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    const HEAD: &str = "Content-Type: multipart/mixed; boundary=\"x\"\r\nSubject: A\r\n\r\n";
    const TEXT_HEAD: &str = "--x\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n";
    const FILE_HEAD: &str =
        "--x\r\nContent-Disposition: attachment; filename=\"a.pdf\"\r\nContent-Transfer-Encoding: base64\r\n\r\n";

    fn read_text(text: &str) -> (Result<Document, ReadError>, Files) {
        let mut shelf = Kept::default();
        let document = read(&mut text.as_bytes(), &mut shelf);
        let files = shelf.0.take();
        (document, files)
    }

    fn why(text: &str) -> String {
        read_text(text)
            .0
            .err()
            .map(|error| error.to_string())
            .unwrap_or_default()
    }

    #[test]
    fn text_and_files_come_out_as_they_went_in() {
        let text = format!(
            "{HEAD}preamble\r\n{TEXT_HEAD}bl=C3=A5 =\r\nside\r\n\r\n{FILE_HEAD}QUJD\r\nREU=\r\n--x--\r\nfiller ------\r\n"
        );
        let (document, files) = read_text(&text);
        let document = document.ok().unwrap();
        assert_eq!(document.text, "blå side\n");
        assert_eq!(document.protected, [("subject".to_owned(), "A".to_owned())]);
        assert_eq!(files, [("a.pdf".to_owned(), b"ABCDE".to_vec())]);
        assert_eq!(document.files[0].sha256, <[u8; 32]>::from(Sha256::digest(b"ABCDE")));
        assert!(document.record.is_none());
    }

    /// The line end before a boundary line belongs to that; one before it is the text's own.
    #[test]
    fn the_last_line_end_is_the_boundarys() {
        for (body, wanted) in [("", ""), ("a\r\n", "a"), ("a\r\n\r\n", "a\n"), ("a\n", "a")] {
            let text = format!("{HEAD}{TEXT_HEAD}{body}--x--\r\n");
            assert_eq!(read_text(&text).0.ok().unwrap().text, wanted, "{body:?}");
        }
    }

    #[test]
    fn what_is_not_a_whole_letter_is_named() {
        let open = format!("{HEAD}{TEXT_HEAD}text\r\n");
        for (text, wanted) in [
            ("Subject: A\r\n\r\ntext", "what was sealed is not a letter of a form"),
            ("Subject: A", "the head of a part does not end"),
            (open.as_str(), "the letter has no end"),
            (
                &format!("{HEAD}{FILE_HEAD}QUJ!\r\n--x--\r\n"),
                "a file of the letter is not base64",
            ),
            (
                &format!("{HEAD}{FILE_HEAD}QUJ\r\n--x--\r\n"),
                "a file of the letter is not base64",
            ),
            (
                &format!("{HEAD}{TEXT_HEAD}{}\r\n--x--\r\n", "a".repeat(70_000)),
                "a line of the letter does not end",
            ),
            (
                &format!("{HEAD}{}--x--\r\n", format!("{TEXT_HEAD}\r\n").repeat(1001)),
                "the letter has more parts than a form can make",
            ),
        ] {
            assert_eq!(why(text), wanted);
        }
        let endless = format!(
            "{HEAD}{TEXT_HEAD}{}--x--\r\n",
            format!("{}\r\n", "a".repeat(60_000)).repeat(300)
        );
        assert_eq!(why(&endless), "the text of the letter does not end");
    }

    #[test]
    fn a_shelf_that_fails_is_told_from_a_broken_letter() {
        struct Full;
        impl Shelf for Full {
            fn begin(&mut self, _: &str) -> io::Result<Box<dyn Write>> {
                Err(io::ErrorKind::StorageFull.into())
            }
        }
        let text = format!("{HEAD}{FILE_HEAD}QUJD\r\n--x--\r\n");
        assert!(matches!(
            read(&mut text.as_bytes(), &mut Full),
            Err(ReadError::Shelf(_))
        ));
    }
}
