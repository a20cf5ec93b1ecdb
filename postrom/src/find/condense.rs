//! A large file as it fits into memory: each undisturbed armor of some size is left where it is, and a placeholder stands for
//! it. An mbox is given mail by mail.
//!
//! What always holds: a placeholder holds a random token, so that no sender can write one; no more than [`HELD`] bytes of a
//! mail are kept, and a mail that has more says so.

use std::fs::File;
use std::io::{self, BufRead, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use base64::Engine as _;

use super::armor::is_sign;
use super::data::LONGEST_HEAD;
use super::{HELD, form, html, mbox};
use crate::found::Step;
use crate::source::open_file;

/// Smaller armor stays in memory.
const LARGE: usize = 64 * 1024;
/// A longer line is read in pieces: only lines of base64 and of an mbox are asked for as lines.
const LONGEST_LINE: u64 = 64 * 1024;
const BEGIN: &[u8] = b"-----BEGIN PGP MESSAGE-----";
const END: &[u8] = b"-----END PGP MESSAGE-----";

/// An input, or one mail of an mbox, in memory.
#[derive(Default)]
pub(super) struct Condensed {
    /// Its bytes, with a placeholder for each armor that was left in the file.
    pub bytes: Vec<u8>,
    /// Which mail of an mbox it is.
    pub place: Vec<Step>,
    /// There was more than is held.
    pub cut: bool,
    /// What was left in the file.
    pub large: Large,
}

/// Armor that was left in its file.
#[derive(Default)]
pub(super) struct Large {
    pub file: PathBuf,
    /// From BEGIN to behind END.
    pub ranges: Vec<(u64, u64)>,
    token: [u8; 24],
}

impl Large {
    /// The armor that these packets stand for, if they are a placeholder's.
    pub(super) fn of(&self, packets: &[u8]) -> Option<(u64, u64)> {
        if self.ranges.is_empty() {
            return None;
        }
        let number = packets.strip_prefix(&self.token)?;
        let number = u64::from_be_bytes(number.try_into().ok()?);
        self.ranges.get(usize::try_from(number).ok()?).copied()
    }

    fn placeholder(&mut self, start: u64, end: u64) -> String {
        let packets = [self.token.as_slice(), &(self.ranges.len() as u64).to_be_bytes()].concat();
        self.ranges.push((start, end));
        let text = base64::engine::general_purpose::STANDARD.encode(packets);
        format!("-----BEGIN PGP MESSAGE-----\n\n{text}\n-----END PGP MESSAGE-----\n")
    }
}

impl Condensed {
    /// As it is.
    pub(super) fn whole(bytes: Vec<u8>) -> Self {
        Self {
            bytes,
            ..Self::default()
        }
    }
}

/// An armor that may turn out to be large.
struct Candidate {
    /// Where it begins in the file.
    start: u64,
    /// Where it begins in memory.
    at: usize,
    /// Lines that are not in memory any more.
    dropped: bool,
    in_headers: bool,
    /// A `=` was there, at which what reads it from the file ends.
    ended: bool,
}

impl Candidate {
    /// Headers, a blank line, base64 and a check sum, as they are read from a file: anything else disturbs.
    fn goes_on(&mut self, line: &[u8], offset: u64) -> bool {
        let text = line.trim_ascii_end();
        if self.in_headers {
            self.in_headers = !text.is_empty();
            let head = offset + line.len() as u64 - self.start;
            let fits = text.is_empty() || text.len() < 200 && text.contains(&b':');
            return fits && head <= LONGEST_HEAD as u64;
        }
        // Padding and the check sum follow each other; data would be soft line ends of quoted-printable.
        let ended = self.ended;
        self.ended |= text.contains(&b'=');
        (!ended || text.starts_with(b"=")) && is_data(line)
    }
}

fn is_data(line: &[u8]) -> bool {
    // No other blanks are left out where it is read.
    let end = line.iter().rposition(|byte| !matches!(byte, b'\n' | b'\r' | b' '));
    let text = &line[..end.map_or(0, |at| at + 1)];
    let data = text.strip_prefix(b"=").unwrap_or(text);
    let data = data.strip_suffix(b"=").unwrap_or(data);
    let data = data.strip_suffix(b"=").unwrap_or(data);
    !text.is_empty() && text.len() <= 200 && data.iter().all(|byte| is_sign(*byte))
}

struct Condenser<'a> {
    path: Option<&'a Path>,
    token: [u8; 24],
    now: Condensed,
    candidate: Option<Candidate>,
    number: u64,
}

/// Gives the mails of an mbox, or a file as one, in memory. Only what is a file can leave large armor where it is.
pub(super) fn each(
    mut source: impl BufRead,
    path: Option<&Path>,
    is_mbox: bool,
    take: &mut dyn FnMut(Condensed),
) -> io::Result<()> {
    let mut token = [0; 24];
    getrandom::fill(&mut token).map_err(io::Error::other)?;
    let mut condenser = Condenser {
        path,
        token,
        now: Condensed::default(),
        candidate: None,
        number: 0,
    };
    let (mut line, mut next) = (Vec::new(), Vec::new());
    next_line(&mut source, &mut next)?;
    let mut offset = 0_u64;
    let mut blank = true;
    let mut begun = false;
    while !next.is_empty() {
        std::mem::swap(&mut line, &mut next);
        next_line(&mut source, &mut next)?;
        let text = if offset == 0 {
            line.strip_prefix(form::BOM).unwrap_or(&line)
        } else {
            &line
        };
        let begins =
            is_mbox && (mbox::begins(text, blank, &next) || !begun && text.trim_ascii_start().starts_with(b"From "));
        if begins {
            // What stands before the first one is no mail, and is looked at all the same.
            if begun || !condenser.now.bytes.trim_ascii().is_empty() {
                take(condenser.mail(offset)?);
            }
            begun = true;
            condenser.now = Condensed::default();
            condenser.number += 1;
            condenser.now.place = vec![Step::Mail {
                number: condenser.number,
            }];
            // No honest line between mails has armor in it; what is dropped could be seen to be missing.
            if html::worth_a_search(&line) {
                condenser.line(&line, offset, is_mbox)?;
            }
        } else {
            condenser.line(&line, offset, is_mbox)?;
        }
        blank = line.trim_ascii().is_empty();
        offset += line.len() as u64;
    }
    take(condenser.mail(offset)?);
    Ok(())
}

fn next_line(source: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<()> {
    line.clear();
    source.take(LONGEST_LINE).read_until(b'\n', line).map(drop)
}

impl Condenser<'_> {
    fn line(&mut self, line: &[u8], offset: u64, is_mbox: bool) -> io::Result<()> {
        let text = line.trim_ascii_end();
        if let Some(candidate) = &mut self.candidate {
            if text == END {
                return self.end(line, offset);
            }
            if candidate.goes_on(line, offset) {
                self.keep(line);
                return Ok(());
            }
            self.disturbed(offset)?;
        }
        if text == BEGIN && self.path.is_some() {
            let at = self.now.bytes.len();
            self.candidate = Some(Candidate {
                start: offset,
                at,
                dropped: false,
                in_headers: true,
                ended: false,
            });
        }
        self.push(if is_mbox { mbox::unquoted(line) } else { line });
        Ok(())
    }

    /// A line of an armor: kept as long as the armor is small.
    fn keep(&mut self, line: &[u8]) {
        if let Some(candidate) = &mut self.candidate {
            candidate.dropped |= self.now.bytes.len() - candidate.at > LARGE;
            if candidate.dropped {
                return;
            }
        }
        self.push(line);
    }

    fn end(&mut self, line: &[u8], offset: u64) -> io::Result<()> {
        match self.candidate.take() {
            Some(candidate) if candidate.dropped => self.leave(&candidate, offset + line.len() as u64),
            _ => self.push(line),
        }
        Ok(())
    }

    fn leave(&mut self, candidate: &Candidate, end: u64) {
        self.now.bytes.truncate(candidate.at);
        self.now.large.token = self.token;
        let placeholder = self.now.large.placeholder(candidate.start, end);
        // Kept also when the rest is too much: it is what was looked for.
        self.now.bytes.extend_from_slice(placeholder.as_bytes());
    }

    /// It was no undisturbed armor: what was dropped of it is read once more.
    fn disturbed(&mut self, offset: u64) -> io::Result<()> {
        let Some(candidate) = self.candidate.take().filter(|candidate| candidate.dropped) else {
            return Ok(());
        };
        self.now.bytes.truncate(candidate.at);
        let room = HELD.saturating_sub(self.now.bytes.len()) as u64;
        let length = offset - candidate.start;
        self.now.cut |= length > room;
        if let Some(path) = self.path {
            let mut file: File = open_file(path)?;
            file.seek(SeekFrom::Start(candidate.start))?;
            file.take(length.min(room)).read_to_end(&mut self.now.bytes)?;
        }
        Ok(())
    }

    fn push(&mut self, bytes: &[u8]) {
        let fits = self.now.bytes.len() + bytes.len() <= HELD;
        self.now.cut |= !fits;
        if fits {
            self.now.bytes.extend_from_slice(bytes);
        }
    }

    /// What was gathered, as one mail; one whose armor was cut short ends with it.
    fn mail(&mut self, offset: u64) -> io::Result<Condensed> {
        if let Some(candidate) = self.candidate.take().filter(|candidate| candidate.dropped) {
            self.leave(&candidate, offset);
        }
        let mut mail = std::mem::take(&mut self.now);
        mail.large.file = self.path.map(Path::to_owned).unwrap_or_default();
        Ok(mail)
    }
}
