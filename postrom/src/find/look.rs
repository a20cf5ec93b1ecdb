//! The list of what is still to be looked at, and one look after the other until it is empty.

use std::cell::Cell;
use std::collections::HashSet;
use std::rc::Rc;

use super::condense::{Condensed, Large};
use super::form::{self, Form};
use super::mbox::Mails;
use super::piece::Piece;
use super::unwrap::{self, Bytes, How, Listing};
use super::walk::Walk;
use super::work::{Place, Steps, Work};
use super::{HELD, MEGABYTE, MOST_PARTS, MOST_SEALED, TOO_LARGE, leaf, marker, mbox, packets};
use crate::found::{Found, Kind, Step};
use crate::trouble::Trouble;

/// Containers within each other. A forwarded mail in an archive in a mail has three.
pub(super) const DEEPEST: u32 = 20;
/// All that is looked at of one input, or of one mail of an mbox, unfolded and one after the other: no bomb takes longer than
/// some seconds, and no directory that names the same bytes ten thousand times.
const MOST_LOOKED_AT: usize = 1_000_000_000;

/// Looks through one input, or one mail of an mbox.
pub(super) struct Finder<'a> {
    pub(super) take: &'a mut dyn FnMut(Found),
    pub(super) large: Large,
    pub(super) sum: Rc<Cell<usize>>,
    looked_at: usize,
    parts: u64,
    pub(super) told: u64,
    pub(super) not_looked_at: u64,
    pub(super) said: HashSet<(Vec<Step>, Trouble)>,
    pub(super) seen: HashSet<[u8; 32]>,
    kind: Option<Kind>,
    work: Vec<Work>,
    pub(super) base: Steps,
    start: (Vec<u8>, Place, bool),
}

impl<'a> Finder<'a> {
    pub(super) fn new(input: Condensed, take: &'a mut dyn FnMut(Found)) -> Self {
        let mut steps = Steps::default();
        steps.extend(input.place);
        let place = Place {
            steps,
            top: true,
            ..Place::default()
        };
        Self {
            take,
            large: input.large,
            sum: Rc::default(),
            looked_at: 0,
            parts: 0,
            told: 0,
            not_looked_at: 0,
            said: HashSet::new(),
            seen: HashSet::new(),
            kind: None,
            work: Vec::new(),
            base: place.steps.clone(),
            start: (input.bytes, place, input.cut),
        }
    }

    /// Looks at all of it. When there is nothing in it, it is told what it is, or `instead`.
    pub(super) fn run(mut self, instead: Option<Kind>) {
        let (bytes, place, cut) = std::mem::take(&mut self.start);
        let piece = Piece::input(bytes);
        self.work.push(Work::Look {
            piece,
            how: How::Plain,
            place: place.clone(),
            raw: false,
        });
        while let Some(work) = self.work.pop() {
            match work {
                Work::Look { piece, how, place, raw } => {
                    if raw {
                        let (piece, place) = (piece.clone(), place.clone());
                        self.work.push(Work::Leftovers {
                            piece,
                            place,
                            told: self.told,
                        });
                    }
                    self.look(&piece, how, place);
                }
                Work::Walk { walk, place } => self.walk(walk, place),
                Work::Mails { mails, place } => self.next_mail(mails, place),
                Work::Search { piece, body, place } => self.search(&piece, body, &place),
                Work::Leftovers { piece, place, told } => self.leftovers(&piece, place, told),
                Work::Say { why, place } => self.say(why, &place),
            }
        }
        if cut {
            self.say(TOO_LARGE, &place);
        }
        if self.told == 0 && self.not_looked_at == 0 {
            let kind = instead.or(self.kind).unwrap_or(Kind::Other);
            let place = self.base.to_vec();
            (self.take)(Found::Other { place, kind });
        }
    }

    /// Puts work on the list, so that it is done in this order.
    pub(super) fn push(&mut self, work: Vec<Work>) {
        self.work.extend(work.into_iter().rev());
    }

    fn look(&mut self, piece: &Piece, how: How, place: Place) {
        self.parts += 1;
        if self.parts > MOST_PARTS {
            let place = self.outermost(&place);
            return self.say(Trouble::TooManyParts { limit: MOST_PARTS }, &place);
        }
        if place.depth > DEEPEST {
            self.say(Trouble::TooDeep, &place);
            return self.search(piece, 0, &place);
        }
        let piece = self.decode(piece, how, &place);
        let bom = if piece.starts_with(form::BOM) {
            form::BOM.len()
        } else {
            0
        };
        let piece = piece.part(bom..piece.len());
        let form = form::of(&piece);
        if place.top {
            self.kind = Some(form.kind());
        }
        match form {
            Form::Zip => self.container(unwrap::ZIP, &piece, place),
            Form::Tar => self.container(unwrap::TAR, &piece, place),
            Form::Compound => self.container(unwrap::COMPOUND, &piece, place),
            Form::Tnef => self.container(unwrap::TNEF, &piece, place),
            Form::Gzip => self.packed(piece, How::Gzip, place),
            Form::Utf16 { little } => self.packed(piece, How::Utf16 { little }, place),
            Form::Emlx => self.emlx(&piece, place),
            Form::Sealed => self.sealed(&piece, &place),
            Form::Mbox => self.mbox(&piece, &place),
            Form::Mail => self.walk(Box::new(Walk::new(piece)), place),
            Form::Unknown => {
                self.say(Trouble::UnknownArchive, &place);
                self.search(&piece, 0, &place);
            }
            Form::Flat(_) => self.search(&piece, 0, &place),
        }
    }

    /// How much more may be held.
    pub(super) fn room(&self) -> usize {
        HELD.saturating_sub(self.sum.get())
    }

    fn decode(&mut self, piece: &Piece, how: How, place: &Place) -> Piece {
        let piece = if how == How::Plain {
            piece.clone()
        } else {
            let (bytes, trouble) = unwrap::decode(how, piece, self.room(), TOO_LARGE);
            if let Some(trouble) = trouble {
                self.say(trouble, place);
            }
            Piece::decoded(bytes, &self.sum)
        };
        self.looked_at = self.looked_at.saturating_add(piece.len());
        if self.looked_at > MOST_LOOKED_AT {
            let limit = (MOST_LOOKED_AT / MEGABYTE) as u64;
            self.say(Trouble::TooLarge { limit }, place);
            return Piece::input(Vec::new());
        }
        piece
    }

    /// Something that only packs one thing.
    fn packed(&mut self, piece: Piece, how: How, place: Place) {
        let place = Place {
            depth: place.depth + 1,
            ..place
        };
        self.work.push(Work::Look {
            piece,
            how,
            place,
            raw: true,
        });
    }

    /// A length, a mail of that length, and what Apple's program notes about it.
    fn emlx(&mut self, piece: &Piece, place: Place) {
        let line = piece.iter().position(|byte| *byte == b'\n').unwrap_or(0);
        let length = std::str::from_utf8(piece[..line].trim_ascii())
            .ok()
            .and_then(|text| text.parse().ok());
        let end = (line + 1).saturating_add(length.unwrap_or(usize::MAX));
        let inner = Place {
            depth: place.depth + 1,
            ..place.clone()
        };
        let (mail, rest) = (piece.part(line + 1..end), piece.part(end..piece.len()));
        let told = self.told;
        self.push(vec![
            Work::Look {
                piece: mail,
                how: How::Plain,
                place: inner.clone(),
                raw: false,
            },
            Work::Search {
                piece: rest,
                body: 0,
                place: inner,
            },
            // A length that is not true can end in the middle of armor.
            Work::Leftovers {
                piece: piece.clone(),
                place,
                told,
            },
        ]);
    }

    fn container(&mut self, reader: fn(&[u8], usize) -> Listing, piece: &Piece, place: Place) {
        let listing = unwrap::list(reader, piece, self.room());
        if let Some(kind) = listing.known_as.filter(|_| place.top) {
            self.kind = Some(kind);
        }
        let mut work = Vec::new();
        let troubles = listing.troubles.into_iter();
        work.extend(troubles.map(|why| Work::Say {
            why,
            place: place.clone(),
        }));
        for entry in listing.entries {
            let mut inner = Place {
                depth: place.depth + 1,
                top: false,
                again: place.again || entry.again,
                ..place.clone()
            };
            if let Some(mail) = entry.mail {
                inner.steps.extend(std::iter::repeat_n(Step::Forwarded, mail.forwarded));
                inner.mail = Some(mail);
            }
            inner.steps.extend(entry.step);
            let piece = match entry.bytes {
                Bytes::Range(range) => piece.part(range),
                Bytes::Own(bytes) => Piece::decoded(bytes, &self.sum),
            };
            work.push(Work::Look {
                piece,
                how: entry.how,
                place: inner,
                raw: false,
            });
        }
        work.push(Work::Leftovers {
            piece: piece.clone(),
            place,
            told: self.told,
        });
        self.push(work);
    }

    fn sealed(&mut self, piece: &Piece, place: &Place) {
        let messages = packets::messages(piece, MOST_SEALED + 1);
        let several = messages.len() > 1;
        for (number, range) in (1..).zip(&messages) {
            let place = place.part(number, several);
            self.tell(piece[range.clone()].to_vec(), false, &place);
        }
        // Also within them: one that is cut, or that only looks like one, goes on to the end of the bytes.
        self.search_text(piece, 0, place);
    }

    /// An mbox within something: its mails as they lie there.
    fn mbox(&mut self, piece: &Piece, place: &Place) {
        let mails = Mails::new(piece.clone());
        let leftovers = Work::Leftovers {
            piece: piece.clone(),
            place: place.clone(),
            told: self.told,
        };
        let place = place.clone();
        self.push(vec![Work::Mails { mails, place }, leftovers]);
    }

    /// The next mail of an mbox; the rest waits.
    fn next_mail(&mut self, mut mails: Mails, around: Place) {
        let Some((number, mail)) = mails.next() else {
            return;
        };
        let mut place = Place {
            depth: around.depth + 1,
            top: false,
            ..around.clone()
        };
        place.steps.push(Step::Mail { number });
        let piece = self.unquoted(mail, &place);
        let look = Work::Look {
            piece,
            how: How::Plain,
            place,
            raw: false,
        };
        self.push(vec![look, Work::Mails { mails, place: around }]);
    }

    fn unquoted(&mut self, mail: Piece, place: &Place) -> Piece {
        let Some(bytes) = mbox::all_unquoted(&mail) else {
            return mail;
        };
        if bytes.len() > self.room() {
            self.say(TOO_LARGE, place);
            return mail;
        }
        Piece::decoded(bytes, &self.sum)
    }

    /// The next stretches of a mail; the rest waits, or a list of all would be longer than the mail.
    fn walk(&mut self, mut walk: Box<Walk>, place: Place) {
        const AT_ONCE: usize = 100;
        let (leaves, done) = walk.leaves(AT_ONCE);
        let found = leaves
            .into_iter()
            .flat_map(|leaf| leaf::work(walk.mail(), leaf, &place));
        let mut work: Vec<_> = found.collect();
        match done {
            None => work.push(Work::Walk { walk, place }),
            Some(walked) => {
                if place.top {
                    self.kind = Some(walked.of_mail());
                }
                let why = Trouble::TooDeep;
                work.extend(walked.too_deep.then_some(Work::Say { why, place }));
            }
        }
        self.push(work);
    }

    /// Armor that was not told by what was taken out of a container. What could be told twice is not.
    fn leftovers(&mut self, piece: &Piece, place: Place, told: u64) {
        let seen = self.told - told;
        let raw = marker::begins(piece, usize::try_from(seen + 1).unwrap_or(usize::MAX));
        let place = Place { again: true, ..place };
        if raw.len() as u64 > seen {
            self.search(piece, 0, &place);
        } else if !raw.is_empty() {
            // As many were told, but they may be others, or what a wrong decoding left of these.
            self.undisturbed(piece, &place);
        }
    }
}
