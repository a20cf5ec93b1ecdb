//! Servers that mean harm, or are only slow.

use std::io;

use super::*;

/// Says these pieces, one each time it is read, then the last one for ever, or nothing more.
struct Server {
    pieces: Vec<Vec<u8>>,
    at: usize,
    for_ever: bool,
    given: usize,
}

impl Server {
    fn of(pieces: &[&[u8]], for_ever: bool) -> Line<Self> {
        let pieces = pieces.iter().map(|piece| piece.to_vec()).collect();
        let server = Self {
            pieces,
            at: 0,
            for_ever,
            given: 0,
        };
        Line::new(server, Arc::default()).with_patience(Duration::from_millis(50))
    }
}

impl Read for Server {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let last = self.pieces.len() - 1;
        if self.at > last {
            if !self.for_ever {
                std::thread::sleep(Duration::from_millis(5));
                return Err(io::ErrorKind::WouldBlock.into());
            }
            self.at = last;
        }
        let piece = &self.pieces[self.at];
        let length = piece.len().min(into.len());
        into[..length].copy_from_slice(&piece[..length]);
        self.at += 1;
        self.given += length;
        Ok(length)
    }
}

impl Write for Server {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn heard(line: &mut Line<Server>) -> String {
    String::from_utf8(line.hear().map_err(|away| format!("{away:?}")).unwrap().bytes).unwrap()
}

#[test]
fn a_response_is_whole_however_it_is_cut() {
    let said = "* 1 FETCH (BODY[] {6}\r\n(a)\r\n( UID 7)\r\n* OK {x}\r\nA1 OK {5\r\n";
    for size in 1..said.len() {
        let pieces: Vec<&[u8]> = said.as_bytes().chunks(size).collect();
        let mut line = Server::of(&pieces, false);
        assert_eq!(heard(&mut line), "* 1 FETCH (BODY[] {6}\r\n(a)\r\n( UID 7)\r\n");
        assert_eq!(heard(&mut line), "* OK {x}\r\n");
        assert_eq!(heard(&mut line), "A1 OK {5\r\n");
    }
}

#[test]
fn nothing_without_an_end_is_held() {
    let zeros = vec![b'0'; 60_000];
    let endless = Server::of(&[b"* OK ", &zeros], true).hear().map(drop);
    assert_eq!(endless, Err(Away::TooMuch));
    let mut literal = Server::of(&[b"* 1 FETCH (BODY[] {999999999999999999999}\r\n", &zeros], true);
    assert_eq!(literal.hear().map(drop), Err(Away::TooMuch));
    assert!(literal.stream.given < 200_000, "what was only announced is not read");
    // Two that are more together than a number holds.
    let mut sum = Server::of(&[b"* 1 FETCH (A {1}\r\na B {18446744073709551615}\r\n", &zeros], true);
    assert_eq!(sum.hear().map(drop), Err(Away::TooMuch));
    assert!(sum.stream.given < 200_000);
    // Many that are small, in one response.
    let mebi = vec![b'('; 1024 * 1024];
    let mut piece = b"{1048576}\r\n".to_vec();
    piece.extend(&mebi);
    let mut many = Server::of(&[&piece], true);
    assert_eq!(many.hear().map(drop), Err(Away::TooMuch));
    assert!(many.stream.given < 2 * LONGEST_LITERAL);
}

#[test]
fn a_server_that_falls_silent_is_left() {
    let mut silent = Server::of(&[b"* OK he"], false);
    assert_eq!(silent.hear().map(drop), Err(Away::NoAnswer));
    let mut cut = Server::of(&[b"* 1 FETCH (BODY[] {10}\r\nabc"], false);
    assert_eq!(cut.hear().map(drop), Err(Away::NoAnswer));
    let mut ended = Server::of(&[b"* OK\r\n", b""], false);
    assert_eq!(heard(&mut ended), "* OK\r\n");
    assert!(matches!(ended.hear().map(drop), Err(Away::Ended { .. })));
    let mut idle = Server::of(&[b"* OK\r\n"], false);
    assert!(idle.hear_within(Duration::from_millis(20)).unwrap().is_some());
    assert!(idle.hear_within(Duration::from_millis(20)).unwrap().is_none());
}

#[test]
fn brackets_are_counted_outside_of_mails_and_quotes() {
    let mut line = Server::of(&[b"* 1 FETCH (A (\"((((\\\"((\" {4}\r\n(((( (B)))\r\n"], false);
    assert_eq!(line.hear().map(|raw| raw.deepest), Ok(3));
}

#[test]
fn a_desk_that_is_locked_waits_for_no_server() {
    let patience = Duration::from_secs(60);
    let mut line = Server::of(&[b"* OK he"], false).with_patience(patience);
    line.stop.store(true, Ordering::Relaxed);
    let begun = Instant::now();
    assert!(line.hear().is_err());
    assert!(begun.elapsed() < patience / 2);
}
