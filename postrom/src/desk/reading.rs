//! An opened letter as a value: everything of it but the bytes of its files.

use std::cell::Cell;
use std::io::{self, Write};
use std::rc::Rc;

use konvolutt_letter::{Record, Shelf};

use crate::folder::{Letter, Origin, field, kind, of_letter, of_mail};
use crate::opened::{Content, Opened};
use crate::status::{Kind, Status};
use crate::trouble::Trouble;

/// What a letter says. It has no `Debug`: it is what a citizen wrote.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
pub struct Reading {
    /// Whose hand it came through, who can open it, which files it has, and what is remarked: as in `status.json`.
    pub status: Status,
    /// `letter.json`, when it is there and of a known schema.
    pub record: Option<Record>,
    /// The readable text, as the letter has it. Of a mail that is no letter of a form it is empty.
    pub text: String,
    /// The `Date` of the nearest mail around it, RFC 3339.
    pub date: Option<String>,
}

/// Reads what was opened. Files are read to their end, and counted.
///
/// # Errors
/// What the opened letter says when its files are read.
pub(crate) fn reading(opened: &Opened, from: &Origin<'_>) -> Result<Reading, Trouble> {
    let date = field(&from.sealed.outer, "date").map(str::to_owned);
    match (&opened.content, kind(opened)) {
        (Content::Letter(document), Kind::Letter) => {
            let mut shelf = Sizes::default();
            opened.files(&mut shelf)?;
            let sizes: Vec<u64> = shelf.0.iter().map(|size| size.get()).collect();
            Ok(Reading {
                status: of_letter(opened, from, &Letter::of(document), &sizes),
                record: document.record.clone(),
                text: document.text.clone(),
                date,
            })
        }
        _ => Ok(Reading {
            status: of_mail(opened, from),
            record: None,
            text: String::new(),
            date,
        }),
    }
}

/// What is known of it, without its files.
pub(crate) fn status(opened: &Opened, from: &Origin<'_>) -> Status {
    match (&opened.content, kind(opened)) {
        (Content::Letter(document), Kind::Letter) => of_letter(opened, from, &Letter::of(document), &[]),
        _ => of_mail(opened, from),
    }
}

/// Counts the bytes of each file.
#[derive(Default)]
struct Sizes(Vec<Rc<Cell<u64>>>);

struct Counted(Rc<Cell<u64>>);

impl Shelf for Sizes {
    fn begin(&mut self, _: &str) -> io::Result<Box<dyn Write>> {
        let size = Rc::new(Cell::new(0));
        self.0.push(Rc::clone(&size));
        Ok(Box::new(Counted(size)))
    }
}

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.set(self.0.get() + bytes.len() as u64);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
