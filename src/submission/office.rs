//! Who sends, and where to.

use jiff::tz::TimeZone;

use crate::form::{Form, Text};
use crate::i18n::Lang;
use crate::seal::Pinned;

/// The sending side of every letter.
pub struct Office {
    /// Name of the authority, shown on every page, in each language.
    pub authority: Text,
    /// Language of its letters, where the form speaks it.
    pub letter_language: Option<Lang>,
    /// Its time zone, for the time in the letter.
    pub time_zone: TimeZone,
    /// Name in From.
    pub from_name: String,
    /// Address in From: exactly an address in the relay key's user ID.
    pub from_address: String,
    /// RFC 5321 reverse-path: a mailbox that is read by a person.
    pub envelope_from: String,
    /// Neutral words before the reference in the outer Subject.
    pub subject: String,
}

impl Office {
    /// The language in which a letter of this form is written, whatever the citizen's is: the authority's own, else the form's
    /// first one.
    pub fn letter_language(&self, form: &Form) -> Lang {
        let own = self.letter_language.filter(|lang| form.speaks(lang.code()));
        let first = form.languages.first().and_then(|code| Lang::from_code(code));
        own.or(first).unwrap_or(Lang::NB)
    }

    /// The domain of Message-ID.
    pub fn domain(&self) -> &str {
        let at = self.from_address.rsplit_once('@');
        at.map_or("localhost", |(_, domain)| domain)
    }
}

/// Where letters of some forms go.
pub struct Mailbox {
    /// Name in the configuration.
    pub name: String,
    /// Address.
    pub address: String,
    /// How much fits.
    pub files: FilesLimit,
    /// Bytes of its letters that may wait to be delivered.
    pub waiting: u64,
    /// Its certificates.
    pub pinned: Pinned,
}

/// How many bytes of files fit into one mail to a mailbox.
#[derive(Debug, Clone, Copy)]
pub struct FilesLimit {
    /// Largest mail that the mailbox takes, in bytes.
    pub message: u64,
    /// Most bytes of files that the post room wants, whatever would fit.
    pub wanted: u64,
}

impl FilesLimit {
    /// Head of the mail, and what stands before the first recipient's data.
    const HEAD: u64 = 32 * 1024;
    /// Heads of the parts, and the questions themselves.
    const PARTS: u64 = 64 * 1024;
    /// Bytes in the document per character typed. In the text a character of 4 bytes of UTF-8 becomes 12 in
    /// quoted-printable, and 1 more for soft line ends and the mark of each wrapped line; a line end alone becomes an
    /// empty line with its mark, `=E2=94=82=20` and CRLF: 14. In `letter.json` it stands as base64 once as typed and once
    /// more where it is normalised.
    const PER_CHARACTER: u64 = 14 + 2 * 6;

    /// Most bytes of files together, beside a text of at most `characters`.
    ///
    /// A file's 57 bytes become 78 in the inner document, which grows by filler to the next Padmé step; its
    /// 48 bytes become 66 in armor: together ×1.88 and the filler.
    pub fn total(self, characters: u64) -> u64 {
        let sealed = self.message.saturating_sub(Self::HEAD) / 66 * 48;
        let document = largest_step_within(sealed);
        let files = document.saturating_sub(Self::PARTS + characters * Self::PER_CHARACTER) / 78 * 57;
        files.min(self.wanted)
    }
}

/// The largest Padmé step that is not over `most`.
fn largest_step_within(most: u64) -> u64 {
    // A step below 2^n differs from its neighbours by at most 12 %.
    let (mut low, mut high) = (most - most / 8, most);
    while low < high {
        let middle = low + (high - low).div_ceil(2);
        if konvolutt_letter::pad::padme(middle) <= most {
            low = middle
        } else {
            high = middle - 1
        }
    }
    low
}

#[cfg(test)]
mod tests {
    use konvolutt_letter::{HeaderValues, Letter, Record, RecordAnswer};

    use super::*;

    #[test]
    fn a_letter_is_in_the_authoritys_language_where_the_form_speaks_it() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("config/forms/postmottak.toml");
        let day = jiff::civil::date(2026, 11, 22);
        let shipped = crate::form::read(&path, &Lang::spoken(), day, &mut Vec::new()).unwrap();
        for (wanted, spoken, letter) in [
            (Some(Lang::NN), ["nb", "nn"], Lang::NN),
            (Some(Lang::NN), ["nn", "nb"], Lang::NN),
            (Some(Lang::NN), ["en", "nb"], Lang::EN),
            (None, ["nb", "nn"], Lang::NB),
        ] {
            let office = Office {
                authority: Text::default(),
                letter_language: wanted,
                time_zone: TimeZone::UTC,
                from_name: String::new(),
                from_address: String::new(),
                envelope_from: String::new(),
                subject: String::new(),
            };
            let languages = spoken.map(str::to_owned).to_vec();
            let form = Form {
                languages,
                ..shipped.clone()
            };
            assert_eq!(office.letter_language(&form), letter, "{wanted:?} {spoken:?}");
        }
    }

    #[test]
    fn the_limit_follows_the_mailbox() {
        let wanted = u64::MAX;
        for (message, least, most) in [
            (25_000_000, 12_000_000, 13_300_000),
            (35_000_000, 17_500_000, 18_600_000),
        ] {
            let total = FilesLimit { message, wanted }.total(12_000);
            assert!((least..=most).contains(&total), "{message}: {total}");
        }
        let capped = FilesLimit {
            message: 25_000_000,
            wanted: 10_000_000,
        };
        assert_eq!(capped.total(12_000), 10_000_000);
        let tiny = FilesLimit {
            message: 1000,
            wanted: 10,
        };
        assert_eq!(tiny.total(0), 0);
    }

    /// The document with one answer, typed and normalised.
    fn written(text: &str) -> u64 {
        let same = || String::new();
        let answer = RecordAnswer {
            name: same(),
            kind: same(),
            label: same(),
            label_read: None,
            values_read: None,
            values: vec![text.to_owned()],
            normalised: vec![text.to_owned()],
            chosen: true,
            note: None,
            safe_contact: false,
            sender: false,
            belongs_to: None,
        };
        let record = Record {
            schema: same(),
            reference: same(),
            id: same(),
            form: same(),
            title: same(),
            title_read: None,
            authority: same(),
            letter_language: same(),
            language: same(),
            language_name: same(),
            received: same(),
            test: false,
            notices: Vec::new(),
            archive: None,
            deadline_days: None,
            answers: vec![answer],
            files: Vec::new(),
        };
        let headers = HeaderValues {
            subject: same(),
            outer_subject: same(),
            from: same(),
            to: same(),
            date: same(),
            message_id: same(),
        };
        let letter = Letter {
            headers,
            record,
            words: crate::submission::compose::words(crate::i18n::Lang::NB.catalog()),
            received: same(),
            boundary: "=_x".into(),
        };
        let mut document = Vec::new();
        konvolutt_letter::write(&letter, Vec::new(), &mut document).unwrap();
        document.len() as u64
    }

    /// Line ends alone, wide and narrow characters of four bytes, and words that fill just more than half a line.
    #[test]
    fn no_text_takes_more_than_was_reckoned() {
        let half = |c: char, columns: usize| format!("{} ", String::from(c).repeat(columns));
        for piece in [
            "\n",
            "a\n",
            "😀",
            "\u{10348}",
            "字",
            "\"",
            &half('\u{10348}', 36),
            &half('😀', 18),
            &half('å', 36),
        ] {
            let count = piece.chars().count();
            let text = piece.repeat(65_000 / count);
            let most = FilesLimit::PARTS + text.chars().count() as u64 * FilesLimit::PER_CHARACTER;
            let written = written(&text);
            assert!(
                written <= konvolutt_letter::pad::target(most),
                "{piece:?}: {written} of {most}"
            );
        }
        // The control: the old sum, without marks, is passed by line ends that nobody thinks of.
        let lines = written(&"\n".repeat(65_000)) - FilesLimit::PARTS;
        assert!(lines > 65_000 * 12, "{lines}");
    }
}
