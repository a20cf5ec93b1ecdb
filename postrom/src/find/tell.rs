//! From armor that was found, and what was not looked at, to what is told.

use sha2::{Digest as _, Sha256};

use super::form;
use super::hidden::{self, Hidden};
use super::look::{DEEPEST, Finder};
use super::piece::Piece;
use super::unwrap::How;
use super::work::{Place, Work};
use super::{MOST_SEALED, TOO_LARGE, armor, html, marker, packets};
use crate::found::{Data, Found, Repair, Sealed, Step};
use crate::trouble::Trouble;

/// Things of one input that are named as not looked at.
const MOST_SAID: u64 = 1_000;

impl Place {
    /// One of several beside each other.
    pub(super) fn part(&self, number: u64, several: bool) -> Self {
        let mut place = self.clone();
        if several {
            place.steps.push(Step::Part { number });
        }
        place
    }
}

impl Finder<'_> {
    /// Tells all that is sealed in some bytes whose body begins at `body`: binary messages, and what text holds.
    pub(super) fn search(&mut self, piece: &Piece, body: usize, place: &Place) {
        if packets::next(piece, 0).is_some() {
            let messages = packets::messages(piece, MOST_SEALED + 1);
            let several = messages.len() > 1;
            for (number, range) in (1..).zip(messages) {
                self.tell(piece[range].to_vec(), false, &place.part(number, several));
            }
        }
        self.search_text(piece, body, place);
    }

    /// Tells all armor in some bytes whose body begins at `body`.
    pub(super) fn search_text(&mut self, piece: &Piece, body: usize, place: &Place) {
        let marks = marker::begins(piece, MOST_SEALED + 1);
        if html::is_html(&piece[body..]) {
            let text = html::text(piece);
            let more = marker::begins(&text, MOST_SEALED + 1);
            if more.len() > marks.len() {
                self.hidden(piece, false, place);
                let place = Place {
                    depth: place.depth + 1,
                    ..place.clone()
                };
                self.armors(&text, 0, &more, true, &place);
                // What is a tag to one reader may be armor to the other.
                return self.undisturbed(piece, &Place { again: true, ..place });
            }
        }
        self.hidden(piece, marks.is_empty(), place);
        self.armors(piece, body, &marks, false, place);
    }

    /// What no head announces and is encoded is put on the list.
    fn hidden(&mut self, piece: &Piece, blocks: bool, place: &Place) {
        // Too deep: said already.
        if place.depth > DEEPEST {
            return;
        }
        let mut work = Vec::new();
        for hidden in hidden::all(piece, blocks) {
            let mut place = Place {
                depth: place.depth + 1,
                top: false,
                ..place.clone()
            };
            let (piece, how) = match hidden {
                Hidden::Base64(range) => (piece.part(range), How::Base64),
                Hidden::File { name, bytes } => {
                    place.steps.push(Step::file(&name));
                    if bytes.len() > self.room() {
                        self.say(TOO_LARGE, &place);
                        continue;
                    }
                    (Piece::decoded(bytes, &self.sum), How::Plain)
                }
            };
            work.push(Work::Look {
                piece,
                how,
                place,
                raw: false,
            });
        }
        self.push(work);
    }

    /// Tells armor that nothing disturbs and that holds a whole message, unless it was told. What is left over when something is
    /// decoded in one way has mostly been told in another, and is no more than a piece of it: such is not told.
    pub(super) fn undisturbed(&mut self, bytes: &[u8], place: &Place) {
        let marks = marker::begins(bytes, MOST_SEALED + 1);
        for (number, mark) in (1..).zip(&marks) {
            let next = marks.get(number as usize).map_or(bytes.len(), |next| next.start);
            let armor = armor::take_off(&bytes[mark.end..next.max(mark.end)], b"");
            if armor.clean && packets::is_whole(&armor.packets) {
                self.tell(armor.packets, true, &place.part(number, marks.len() > 1));
            }
        }
    }

    fn armors(&mut self, bytes: &[u8], body: usize, marks: &[std::ops::Range<usize>], mut words: bool, place: &Place) {
        let mut found = Vec::with_capacity(marks.len().min(64));
        let mut behind = body;
        for (number, mark) in marks.iter().enumerate() {
            let next = marks.get(number + 1).map_or(bytes.len(), |next| next.start);
            // The dashes of two marks may be the same.
            let next = next.max(mark.end);
            let before = &bytes[behind.min(mark.start)..mark.start];
            let line = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
            let before = &before[line..];
            let before = before.strip_prefix(form::BOM).unwrap_or(before);
            let between = bytes.get(behind..mark.start).unwrap_or_default();
            words |= !between.trim_ascii().is_empty() || !before.is_empty();
            behind = mark.end;
            found.push((mark.end..next, before));
        }
        let several = found.len() > 1;
        for (number, (range, before)) in (1..).zip(found) {
            let armor = armor::take_off(&bytes[range.clone()], before);
            let rest = &bytes[range.start + armor.length..range.end];
            let in_text = words || !armor.clean || !rest.trim_ascii().is_empty();
            self.tell(armor.packets, in_text, &place.part(number, several));
        }
    }

    /// Tells one sealed part.
    pub(super) fn tell(&mut self, packets: Vec<u8>, in_text: bool, place: &Place) {
        let digest: Option<[u8; 32]> = (place.depth > 0 || place.again).then(|| Sha256::digest(&packets).into());
        let known = digest.is_some_and(|digest| self.seen.contains(&digest));
        // Where nothing could be decoded, nothing shows that it is the same.
        if known && place.again && !packets.is_empty() {
            return;
        }
        if self.told as usize == MOST_SEALED {
            let place = self.outermost(place);
            return self.say(
                Trouble::TooManyParts {
                    limit: MOST_SEALED as u64,
                },
                &place,
            );
        }
        self.told += 1;
        self.seen.extend(digest);
        let data = match self.large.of(&packets) {
            Some((start, end)) => Data::Armor {
                file: self.large.file.clone(),
                start,
                end,
            },
            None => Data::Packets(packets),
        };
        let mail = place.mail.as_deref();
        let mut repaired = Vec::new();
        if mail.is_some_and(|mail| !mail.encrypted) {
            repaired.push(Repair::FormOfMail);
        }
        if in_text {
            repaired.push(Repair::ArmorInText);
        }
        (self.take)(Found::Sealed(Sealed {
            data,
            place: place.steps.to_vec(),
            outer: mail.map(|mail| mail.outer().to_vec()).unwrap_or_default(),
            reference: mail.and_then(|mail| mail.reference()).map(str::to_owned),
            repaired,
        }));
    }

    /// The input as a whole, or the mail of an mbox.
    pub(super) fn outermost(&self, place: &Place) -> Place {
        let steps = self.base.clone();
        Place { steps, ..place.clone() }
    }

    /// Names something that was not looked at, once.
    pub(super) fn say(&mut self, why: Trouble, place: &Place) {
        if self.not_looked_at == MOST_SAID || !self.said.insert((place.steps.to_vec(), why.clone())) {
            return;
        }
        self.not_looked_at += 1;
        let reference = place
            .mail
            .as_deref()
            .and_then(|mail| mail.reference())
            .map(str::to_owned);
        (self.take)(Found::NotLookedAt {
            place: place.steps.to_vec(),
            why,
            reference,
        });
    }
}
