//! Bodies of `multipart/form-data` (RFC 7578, RFC 2046 section 5.1) in pieces, in constant memory.
//!
//! Of our own, because every library at hand gives up the whole body for one head that it does not like: a control character
//! in the name of a file cost a citizen the message. Here a head is bytes, and what they mean is asked later.
//!
//! Comes in: chunks of a body, and the boundary of its parts. Goes out: the head of each part, then its content in chunks.
//! What always holds: no more is kept than one chunk, one boundary, and one head of at most [`LONGEST_HEAD`].

use std::pin::Pin;

use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt};
use memchr::memmem::{self, Finder};

use super::meter::Stopped;

/// Longest head of a part, in bytes: a file name of 255 characters of four bytes each takes a thousand.
const LONGEST_HEAD: usize = 8 * 1024;
/// Bytes of a part that nobody wants: they are read for what stands behind them.
const MOST_SKIPPED: usize = 32 * 1024 * 1024;
/// Blanks after a boundary, which some mail programs add.
const LONGEST_PADDING: usize = 64;

/// Why there is no next piece.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// The body stopped.
    Stopped(Stopped),
    /// It ended before its last boundary did, or is too long for what it holds.
    Malformed,
}

/// A body that is being read.
pub(super) struct Multipart<S> {
    stream: Pin<Box<S>>,
    /// What was read and not given out yet.
    buffer: BytesMut,
    /// Stands before each part but for its last bytes: a line end, two dashes, the boundary.
    delimiter: Finder<'static>,
    place: Place,
}

/// Where in the body the buffer begins.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// In the content of a part, or before the first.
    Content,
    Head,
    /// After the last part.
    End,
}

/// What stands where a delimiter may be.
enum Found {
    /// The beginning of a part, after so many bytes.
    Part(usize),
    /// The end of the last part.
    Last,
    /// It is none, or only looks like one.
    Content,
    /// Not enough is there to tell.
    Unclear,
}

impl<S: Stream<Item = Result<Bytes, Stopped>>> Multipart<S> {
    pub(super) fn new(stream: S, boundary: &str) -> Self {
        let delimiter = format!("\r\n--{boundary}");
        Self {
            stream: Box::pin(stream),
            // The first boundary has no line before it.
            buffer: BytesMut::from(&b"\r\n"[..]),
            delimiter: Finder::new(&delimiter).into_owned(),
            place: Place::Content,
        }
    }

    /// The head of the next part; what is left of the part before it is dropped. None after the last.
    pub(super) async fn next_part(&mut self) -> Result<Option<Bytes>, Unreadable> {
        self.skip().await?;
        if self.place == Place::End {
            return Ok(None);
        }
        let mut searched = 0;
        loop {
            if let Some((end, dropped)) = self.end_of_head(searched) {
                let head = self.buffer.split_to(end).freeze();
                let _ = self.buffer.split_to(dropped);
                self.place = Place::Content;
                return Ok(Some(head));
            }
            // Where the empty line before a boundary may begin that is not whole yet.
            searched = (self.buffer.len()).saturating_sub(self.delimiter.needle().len() + LONGEST_PADDING + 8);
            self.fill().await?;
        }
    }

    /// Drops what is left of the part at hand.
    async fn skip(&mut self) -> Result<(), Unreadable> {
        let mut skipped = 0;
        while let Some(chunk) = self.chunk().await? {
            skipped += chunk.len();
            if skipped > MOST_SKIPPED {
                return Err(Unreadable::Malformed);
            }
        }
        Ok(())
    }

    /// Where the head ends that the buffer begins with, and how many bytes are dropped behind it. None where more has to be
    /// read. A head that is too long, or that runs into the next boundary, costs its own part only: it is no head, so that
    /// what may have been an answer in it is not taken for an empty one.
    fn end_of_head(&self, searched: usize) -> Option<(usize, usize)> {
        let boundary = self.delimiter.find(&self.buffer[searched..]).map(|at| searched + at);
        // A part without any head begins with the empty line that ends one.
        let (end, length) = if self.buffer.starts_with(b"\r\n") {
            (Some(0), 2)
        } else {
            let blank = memmem::find(&self.buffer[searched..], b"\r\n\r\n");
            (blank.map(|at| searched + at), 4)
        };
        let Some(end) = end.filter(|end| *end <= LONGEST_HEAD) else {
            let is_over = boundary.is_some() || self.buffer.len() > LONGEST_HEAD + 4;
            return is_over.then_some((0, 0));
        };
        let content = end + length;
        if boundary.is_some_and(|boundary| boundary < content - 2) {
            return Some((0, 0));
        }
        // No content, not even the line end before the boundary (RFC 2046, 5.1.1): it is that of the empty line.
        match self.found(content - 2) {
            Found::Part(_) | Found::Last => Some((end, length - 2)),
            Found::Content => Some((end, length)),
            Found::Unclear => None,
        }
    }

    /// The next piece of the part at hand. None at its end.
    pub(super) async fn chunk(&mut self) -> Result<Option<Bytes>, Unreadable> {
        while self.place == Place::Content {
            let Some(at) = self.delimiter.find(&self.buffer) else {
                // What is left may be the beginning of a delimiter.
                let safe = (self.buffer.len() + 1).saturating_sub(self.delimiter.needle().len());
                if safe > 0 {
                    return Ok(Some(self.buffer.split_to(safe).freeze()));
                }
                self.fill().await?;
                continue;
            };
            if at > 0 {
                return Ok(Some(self.buffer.split_to(at).freeze()));
            }
            match self.found(0) {
                Found::Part(after) => {
                    let _ = self.buffer.split_to(after);
                    self.place = Place::Head;
                }
                Found::Last => self.place = Place::End,
                Found::Content => {
                    let looked_like_one = self.delimiter.needle().len();
                    return Ok(Some(self.buffer.split_to(looked_like_one).freeze()));
                }
                Found::Unclear => self.fill().await?,
            }
        }
        Ok(None)
    }

    /// What came of the part at hand when the body broke off, without what may be the beginning of a boundary.
    pub(super) fn what_is_left(&mut self) -> Bytes {
        let needle = self.delimiter.needle();
        let most = needle.len().min(self.buffer.len());
        let begun = (1..=most)
            .rev()
            .find(|length| self.buffer.ends_with(&needle[..*length]));
        let end = self.buffer.len() - begun.unwrap_or(0);
        self.buffer.split_to(end).freeze()
    }

    /// Reads what follows the last part, and drops it.
    pub(super) async fn finish(&mut self) -> Result<(), Unreadable> {
        while let Some(chunk) = self.stream.next().await {
            chunk.map_err(Unreadable::Stopped)?;
        }
        Ok(())
    }

    /// What stands at this place of the buffer.
    fn found(&self, at: usize) -> Found {
        let (rest, needle) = (&self.buffer[at..], self.delimiter.needle());
        let length = needle.len();
        let Some(after) = rest.strip_prefix(needle) else {
            let may_be_one = rest.len() < length && needle.starts_with(rest);
            return if may_be_one { Found::Unclear } else { Found::Content };
        };
        if after.starts_with(b"--") {
            return Found::Last;
        }
        let blanks = after.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        match &after[blanks..] {
            _ if blanks > LONGEST_PADDING => Found::Content,
            [b'\r', b'\n', ..] => Found::Part(length + blanks + 2),
            [] | [b'\r'] => Found::Unclear,
            [b'-'] if blanks == 0 => Found::Unclear,
            _ => Found::Content,
        }
    }

    async fn fill(&mut self) -> Result<(), Unreadable> {
        match self.stream.next().await {
            Some(Ok(bytes)) => self.buffer.extend_from_slice(&bytes),
            Some(Err(stopped)) => return Err(Unreadable::Stopped(stopped)),
            None => return Err(Unreadable::Malformed),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use futures_util::stream;

    use super::*;

    /// The heads and contents of a body that comes in pieces of this size, or why it cannot be read.
    async fn read(body: &[u8], size: usize) -> Result<Vec<(String, String)>, Unreadable> {
        let pieces: Vec<_> = body
            .chunks(size)
            .map(|piece| Ok(Bytes::copy_from_slice(piece)))
            .collect();
        let mut parts = Multipart::new(stream::iter(pieces), "b");
        let mut found = Vec::new();
        while let Some(head) = parts.next_part().await? {
            let mut content = Vec::new();
            while let Some(chunk) = parts.chunk().await? {
                content.extend_from_slice(&chunk);
            }
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            found.push((text(&head), text(&content)));
        }
        Ok(found)
    }

    async fn each_size(body: &str) -> Result<Vec<(String, String)>, Unreadable> {
        let whole = read(body.as_bytes(), body.len().max(1)).await;
        for size in 1..body.len() {
            assert_eq!(read(body.as_bytes(), size).await, whole, "{body:?} by {size}");
        }
        whole
    }

    fn parts(parts: &[(&str, &str)]) -> Result<Vec<(String, String)>, Unreadable> {
        let owned = |text: &&str| (*text).to_owned();
        Ok(parts
            .iter()
            .map(|(head, content)| (owned(head), owned(content)))
            .collect())
    }

    #[tokio::test]
    async fn parts_come_out_as_they_went_in() {
        for (body, wanted) in [
            ("--b--", parts(&[])),
            ("--b--\r\nafter", parts(&[])),
            ("--b\r\nH: 1\r\n\r\nx\r\n--b--", parts(&[("H: 1", "x")])),
            ("--b\r\nH: 1\r\n\r\n\r\n--b--\r\n", parts(&[("H: 1", "")])),
            ("--b\r\n\r\nx\r\n--b--", parts(&[("", "x")])),
            ("before\r\n--b\r\nH\r\n\r\nx\r\n--b--", parts(&[("H", "x")])),
            ("--b \t\r\nH\r\n\r\nx\r\n--b--", parts(&[("H", "x")])),
            (
                "--b\r\nH\r\n\r\nx\r\n--b\r\nI\u{1}\r\nJ\r\n\r\ny\r\n--b--",
                parts(&[("H", "x"), ("I\u{1}\r\nJ", "y")]),
            ),
            // A head without its end.
            (
                "--b\r\nH: 1\r\n--b\r\nI\r\n\r\nx\r\n--b--",
                parts(&[("", "H: 1"), ("I", "x")]),
            ),
            // No content, not even its line end.
            (
                "--b\r\nH\r\n\r\n--b \r\nI\r\n\r\nx\r\n--b--",
                parts(&[("H", ""), ("I", "x")]),
            ),
            ("--b\r\n\r\n--b\r\nH\r\n\r\n--b--", parts(&[("", ""), ("H", "")])),
            ("--b\r\nH\r\n\r\n--bc\r\n--b--", parts(&[("H", "--bc")])),
            // What only looks like a boundary belongs to the content.
            (
                "--b\r\nH\r\n\r\nx\r\n--bc\r\n--b -\n--b\r\r\n-\r\n--b--",
                parts(&[("H", "x\r\n--bc\r\n--b -\n--b\r\r\n-")]),
            ),
            (
                "--b\r\nH\r\n\r\n\r\n\r\n\r\n--\r\n--b--",
                parts(&[("H", "\r\n\r\n\r\n--")]),
            ),
        ] {
            assert_eq!(each_size(body).await, wanted, "{body:?}");
        }
    }

    #[tokio::test]
    async fn what_ends_early_is_not_whole() {
        for body in [
            "",
            "x",
            "--b",
            "--b-",
            "--b\r\n",
            "--b\r\nH\r\n",
            "--b\r\nH\r\n\r\nx",
            "--b\r\nH\r\n\r\nx\r\n--b\r",
        ] {
            assert_eq!(each_size(body).await, Err(Unreadable::Malformed), "{body:?}");
        }
    }

    #[tokio::test]
    async fn neither_a_head_nor_blanks_go_on_for_ever() {
        let long = "x".repeat(LONGEST_HEAD + 101);
        let head = format!("--b\r\n{long}");
        assert_eq!(read(head.as_bytes(), 100).await, Err(Unreadable::Malformed));
        let whole = |head: &str| format!("--b\r\n{head}\r\n\r\nx\r\n--b\r\nH\r\n\r\ny\r\n--b--");
        let (longest, too_long) = (&long[..LONGEST_HEAD], &long[..=LONGEST_HEAD]);
        let content = format!("{too_long}\r\n\r\nx");
        // However it is cut, it costs its own part only.
        for size in [1, 100, 8191, 8192, 8193, 8195, 8196, 8197, 8198, 100_000] {
            let read = async |head| read(whole(head).as_bytes(), size).await;
            assert_eq!(read(longest).await, parts(&[(longest, "x"), ("H", "y")]), "{size}");
            assert_eq!(read(too_long).await, parts(&[("", &content), ("H", "y")]), "{size}");
        }
        let blanks = format!("--b{}\r\nH\r\n\r\nx\r\n--b--", " ".repeat(LONGEST_PADDING + 1));
        assert_eq!(
            read(blanks.as_bytes(), 100).await,
            parts(&[]),
            "no boundary, so before the first part"
        );
    }
}
