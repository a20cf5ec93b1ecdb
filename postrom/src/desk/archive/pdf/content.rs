//! What stands in the document of a letter, and in which order.
//!
//! Comes in: an opened letter. Goes out: filled pages. What always holds: what must be known stands first; what somebody
//! typed stands in a frame, or in the table of files, and nothing else does; of a letter that is not shown to be the form's, all
//! that it says does.

use konvolutt_letter::{Record, RecordAnswer, fill, printable};

use super::date;
use super::flow::{Flow, Style};
use super::frame::Frame;
use super::parts;
use super::styles::{ALARM, BODY, QUESTION, QUIET, STRONG, TITLE};
use super::tokens::code;
use super::tree::Role;
use crate::desk::reading::Reading;
use crate::i18n::Lang;
use crate::i18n::desk::document::{DocumentTexts, TEXTS};
use crate::i18n::letters::{self, sentence};
use crate::judged::Verdict;
use crate::status::{Kind, Status};

/// So many signs that cannot be shown are listed.
const LISTED: usize = 40;

/// A letter, and the language of the clerk who reads it.
pub(super) struct Content<'a> {
    reading: &'a Reading,
    texts: &'static DocumentTexts,
    lang: Lang,
}

impl<'a> Content<'a> {
    pub(super) fn new(reading: &'a Reading, lang: Lang) -> Self {
        Self {
            reading,
            texts: TEXTS.of(lang),
            lang,
        }
    }

    fn status(&self) -> &'a Status {
        &self.reading.status
    }

    fn is_genuine(&self) -> bool {
        self.status().verdict == Verdict::Genuine
    }

    /// The language of the form's words, as a part of the document is marked with it.
    fn written(&self) -> Option<String> {
        self.marked(self.reading.record.as_ref()?.letter_language())
    }

    /// The language of an answer: who typed did so in the language of the page, most likely; what was chosen are the form's words.
    fn answered(&self, answer: &RecordAnswer) -> Option<String> {
        let record = self.reading.record.as_ref()?;
        self.marked(if answer.chosen {
            record.letter_language()
        } else {
            &record.language
        })
    }

    /// A language when it is not the clerk's and looks like one: it is written into the file as it is.
    fn marked(&self, code: &str) -> Option<String> {
        let tag =
            (2..=12).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        (tag && code != letters::code(self.lang)).then(|| code.to_owned())
    }

    /// Everything, in the order of reading.
    pub(super) fn set(&self, flow: &mut Flow) {
        if self.status().kind == Kind::Mail {
            self.mail(flow);
        } else if self.is_genuine() {
            self.genuine(flow);
        } else {
            self.unconfirmed(flow);
        }
        parts::readers(flow, self.texts, self.status());
        flow.go_on();
        self.remarks(flow);
    }

    fn sentence(&self) -> String {
        let status = self.status();
        sentence(status.kind, status.verdict, status.signer.as_ref(), self.lang)
    }

    fn mail(&self, flow: &mut Flow) {
        parts::framed(flow, Frame::Notice, &[(&self.sentence(), STRONG)]);
        flow.space(14.0);
        flow.heading(1, self.texts.mail, TITLE, BODY.leading);
        flow.space(4.0);
        flow.text(Role::Paragraph, self.texts.mail_content, BODY);
    }

    fn genuine(&self, flow: &mut Flow) {
        let status = self.status();
        if status.test {
            let test = letters::TEXTS.of(self.lang).remarks.test;
            parts::framed(flow, Frame::Notice, &[(test, STRONG)]);
            flow.space(14.0);
        }
        let title = status.form_title.as_deref().filter(|title| !title.is_empty());
        flow.lang = title.and_then(|_| self.written());
        flow.heading(1, title.unwrap_or(self.texts.letter), TITLE, 40.0);
        flow.lang = None;
        flow.space(6.0);
        parts::facts(flow, &self.facts());
        flow.space(10.0);
        parts::framed(flow, Frame::Good, &[(&self.sentence(), BODY)]);
        self.letter(flow);
    }

    fn unconfirmed(&self, flow: &mut Flow) {
        let (frame, style) = if self.status().verdict.is_forgery() {
            (Frame::Warning, ALARM)
        } else {
            (Frame::Notice, STRONG)
        };
        parts::framed(flow, frame, &[(&self.sentence(), style)]);
        flow.space(14.0);
        flow.heading(1, self.texts.unconfirmed, TITLE, 60.0);
        flow.space(4.0);
        let mut facts = self.facts();
        let title = self.status().form_title.as_deref().unwrap_or_default();
        facts.insert(0, (self.texts.form, title.to_owned()));
        facts.retain(|(_, said)| !said.is_empty());
        if !facts.is_empty() {
            flow.text(Role::Paragraph, self.texts.claims, QUIET);
            flow.space(3.0);
            let said: Vec<String> = facts
                .iter()
                .map(|(label, said)| format!("{label}: {}", printable(said)))
                .collect();
            parts::quoted(flow, None, &[said.join("\n")]);
        }
        self.letter(flow);
    }

    /// What the letter says, without its title.
    fn letter(&self, flow: &mut Flow) {
        match &self.reading.record {
            Some(record) => {
                self.contact(flow, record);
                self.answers(flow, record);
            }
            None => {
                parts::section(flow, self.texts.text);
                parts::quoted(flow, None, std::slice::from_ref(&self.reading.text));
            }
        }
        flow.go_on();
        parts::files(flow, self.texts, self.reading);
        flow.go_on();
    }

    fn facts(&self) -> Vec<(&'static str, String)> {
        let (texts, status) = (self.texts, self.status());
        let said = |word: &Option<String>| word.clone().unwrap_or_default();
        let received = status.received.as_deref().map(|at| match date::received(at) {
            Some(at) => date::shown(&at, texts),
            None => at.to_owned(),
        });
        let record = self.reading.record.as_ref();
        let language = record.map(|record| match texts.language_name(&record.language) {
            Some(name) => name.to_owned(),
            None if record.language_name.is_empty() => printable(&record.language),
            None => printable(&record.language_name),
        });
        let facts = [
            (texts.reference, said(&status.reference)),
            (texts.received, received.unwrap_or_default()),
            (texts.language, language.unwrap_or_default()),
            (texts.authority, said(&status.authority)),
        ];
        facts.into_iter().filter(|(_, said)| !said.is_empty()).collect()
    }

    /// A box of its own: whoever reads one line before phoning reads this one.
    fn contact(&self, flow: &mut Flow, record: &Record) {
        let contact = record.contact();
        // What an unconfirmed letter does not say, nobody knows of the form.
        if contact.answers.is_empty() && !self.is_genuine() {
            return;
        }
        parts::section(flow, self.texts.contact);
        flow.need(60.0);
        flow.begin(Frame::Notice);
        if contact.answers.is_empty() {
            flow.text(Role::Paragraph, self.texts.contact_unknown, STRONG);
        }
        // Once for the group, and first in it.
        let silent = contact.silent();
        if let Some(answer) = silent {
            self.answer(flow, answer, (self.texts.contact_unanswered, STRONG));
        }
        for (number, answer) in contact.others().enumerate() {
            if number > 0 || silent.is_some() {
                flow.space(6.0);
            }
            self.answer(flow, answer, (self.texts.not_answered, QUIET));
        }
        flow.end();
    }

    fn answers(&self, flow: &mut Flow, record: &Record) {
        parts::section(flow, self.texts.answers);
        let rest = record.contact().rest;
        if rest.is_empty() {
            flow.text(Role::Paragraph, self.texts.no_answers, QUIET);
        }
        for (number, answer) in rest.into_iter().enumerate() {
            if number > 0 {
                flow.space(9.0);
            }
            self.answer(flow, answer, (self.texts.not_answered, QUIET));
        }
    }

    /// The question is the form's, when the letter is; the answer never is, but for what was chosen from a list of the form's.
    fn answer(&self, flow: &mut Flow, answer: &RecordAnswer, unanswered: (&str, Style)) {
        let values = values(answer);
        if !self.is_genuine() {
            flow.lang = self.answered(answer);
            let note = answer.note.iter().map(|note| format!("! {note}"));
            let mut values: Vec<String> = values.into_iter().chain(note).collect();
            if values.is_empty() {
                values.push("–".into());
            }
            parts::quoted(flow, Some(&answer.label), &values);
            flow.lang = None;
            return;
        }
        flow.lang = self.written();
        flow.heading(
            3,
            &answer.label,
            QUESTION,
            2.0 * Frame::Typed.padding() + BODY.leading + 4.0,
        );
        flow.space(2.0);
        if values.is_empty() {
            flow.lang = None;
            flow.text(Role::Paragraph, unanswered.0, unanswered.1);
        } else {
            flow.lang = self.answered(answer);
            parts::quoted(flow, None, &values);
        }
        if let Some(note) = &answer.note {
            flow.lang = self.written();
            flow.space(3.0);
            flow.text(Role::Paragraph, &format!("! {}", printable(note)), STRONG);
        }
        flow.lang = None;
    }

    fn remarks(&self, flow: &mut Flow) {
        let status = self.status();
        let mut remarks: Vec<(String, Option<String>)> = Vec::new();
        let spoken = (status.language != self.lang).then(|| letters::code(status.language).to_owned());
        // That it is a test stands first in the document.
        let test = letters::TEXTS.of(status.language).remarks.test;
        let others = status.remarks.iter().filter(|remark| *remark != test);
        for remark in others.chain(&status.header_mismatch) {
            remarks.push((remark.clone(), spoken.clone()));
        }
        if let Some(record) = self.reading.record.as_ref().filter(|_| self.is_genuine()) {
            // Those on answers stand where the answers do.
            remarks.extend(record.notices.iter().map(|notice| (notice.clone(), self.written())));
        }
        if flow.is_cut {
            remarks.push((self.texts.cut.into(), None));
        }
        if !flow.setter.tokens.missing.is_empty() {
            remarks.push((self.missing(flow), None));
        }
        parts::list(flow, self.texts.remarks, &remarks);
    }

    fn missing(&self, flow: &Flow) -> String {
        let missing = &flow.setter.tokens.missing;
        let mut signs: Vec<String> = missing.iter().take(LISTED).map(|c| code(*c)).collect();
        if let Some(more) = missing.len().checked_sub(LISTED).filter(|more| *more > 0) {
            signs.push(self.texts.more.of(more as u64));
        }
        fill(self.texts.missing, &[("signs", &signs.join(", "))])
    }
}

/// As the readable text has them: beside what was typed stands what a clerk can ring or copy.
fn values(answer: &RecordAnswer) -> Vec<String> {
    let values = answer.values.iter().enumerate();
    values
        .map(|(number, value)| match answer.normalised.get(number) {
            Some(normalised) if !answer.chosen && normalised != value => format!("{value} ({normalised})"),
            _ => value.clone(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::font::Fonts;
    use super::super::wrap::Setter;
    use super::*;
    use crate::i18n::letters::TEXTS as LETTERS;

    /// A letter in which each word that it says has a mark; what was typed has another.
    fn reading(verdict: Verdict) -> Reading {
        let answer = |label: &str, typed: &str, safe: bool| {
            format!(
                r#"{{"name":"a","kind":"text","label":"SAGT {label}","values":["{typed}","{typed} ein gong til"],
                "normalised":[],"note":"SAGT merknad","safe_contact":{safe}}}"#
            )
        };
        let answers = [
            answer("kontakt", "TYPT nei", true),
            answer("kva", "TYPT! SAGT\\nSAGT Kontroll", false),
        ];
        let record = format!(
            r#"{{"schema":"konvolutt.letter/1","reference":"K7F-3K9Q-2MX","id":"0f","form":"x","title":"SAGT tittel",
            "authority":"SAGT etat","language":"nb","received":"2026-11-28T15:04:00+01:00","test":false,
            "notices":["SAGT varsel"],"answers":[{}],"files":[]}}"#,
            answers.join(",")
        );
        let status = serde_json::json!({
            "verdict": verdict, "sentence": "", "reference": "K7F-3K9Q-2MX", "id": "0f", "test": false,
            "form_title": "SAGT tittel", "authority": "SAGT etat", "received": "2026-11-28T15:04:00+01:00",
            "readers": [{"key": "1A2B", "known_as": null}], "header_mismatch": [], "remarks": ["MERKNAD"],
            "source": "a.eml", "sha256": "ab"
        });
        Reading {
            status: serde_json::from_value(status).unwrap(),
            record: Some(serde_json::from_str(&record).unwrap()),
            text: String::new(),
            date: None,
        }
    }

    /// The lines of a letter's pages, each with whether it stands in a frame.
    fn lines(reading: &Reading) -> Vec<(String, bool)> {
        let mut flow = Flow::new(Setter::new(Fonts::new().unwrap()));
        Content::new(reading, Lang::Nn).set(&mut flow);
        let lines = flow.sheets.iter().flat_map(|sheet| {
            let line = |placed| sheet.frames(placed);
            sheet
                .lines
                .iter()
                .map(move |placed| (placed.line.text.clone(), line(placed)))
        });
        lines.collect()
    }

    fn place(lines: &[(String, bool)], words: &str) -> usize {
        let found = lines.iter().position(|(line, _)| line.starts_with(words));
        found.unwrap_or_else(|| panic!("{words} is not there"))
    }

    #[test]
    fn a_genuine_letter_has_what_was_typed_in_frames_and_nothing_else() {
        let lines = lines(&reading(Verdict::Genuine));
        let order = [
            "SAGT tittel",
            "Referanse",
            "K7F-3K9Q-2MX",
            "28. november 2026 kl. 15.04",
            "Bokmål",
            "SAGT etat",
            "Brevet kom gjennom skjemaet",
            "Trygg kontakt",
            "SAGT kontakt",
            "TYPT nei",
            "Svar",
            "SAGT kva",
            "TYPT!",
            "Vedlegg",
            "Ingen vedlegg.",
            "Kan opnast av",
            "Ukjend nøkkel 1A2B",
            "Merknader",
            "MERKNAD",
            "SAGT varsel",
        ];
        assert!(order.map(|words| place(&lines, words)).is_sorted(), "{lines:?}");
        for (line, framed) in lines.iter().filter(|(line, _)| line.contains("TYPT")) {
            assert!(framed, "{line}");
        }
        let outside = place(&lines, "SAGT kva");
        assert!(!lines[outside].1 && !lines[place(&lines, "SAGT tittel")].1);
    }

    #[test]
    fn of_any_other_letter_every_word_stands_in_a_frame() {
        for verdict in Verdict::ALL.into_iter().filter(|verdict| *verdict != Verdict::Genuine) {
            let reading = reading(verdict);
            let lines = lines(&reading);
            let sentence = sentence(Kind::Letter, verdict, None, Lang::Nn);
            assert!(sentence.starts_with(lines[0].0.trim_end()) && lines[0].1, "{verdict:?}");
            let theirs: Vec<_> = lines
                .iter()
                .filter(|(line, _)| line.contains("SAGT") || line.contains("TYPT"))
                .collect();
            assert!(
                theirs.len() >= 10 && theirs.iter().all(|(_, framed)| *framed),
                "{verdict:?}: {theirs:?}"
            );
            // Remarks that only the form may make are not among ours.
            assert!(!lines.iter().any(|(line, _)| line.contains("varsel")));
            assert!(place(&lines, "Ustadfesta brev") > 0 && place(&lines, "Kan opnast av") > 0);
        }
    }

    /// The sentences are in the clerk's language, and a test is told first and once.
    #[test]
    fn a_test_says_so_before_all_else() {
        let mut reading = reading(Verdict::Genuine);
        reading.status.test = true;
        reading.status.language = Lang::En;
        reading.status.remarks.push(LETTERS.of(Lang::En).remarks.test.into());
        let lines = lines(&reading);
        assert!(LETTERS.of(Lang::Nn).remarks.test.starts_with(lines[0].0.trim_end()));
        assert!(!lines.iter().any(|(line, _)| line.contains("test letter")));
    }

    /// A screen reader reads the form's words in the letter's language, and what was typed in the citizen's.
    #[test]
    fn each_part_is_marked_with_its_own_language() {
        let mut reading = reading(Verdict::Genuine);
        let record = reading.record.as_mut().unwrap();
        (record.letter_language, record.language) = ("nb".into(), "pl".into());
        record.language_name = "polsk (Polski)".into();
        record.answers[0].chosen = true;
        let content = Content::new(&reading, Lang::Nn);
        let answers = &reading.record.as_ref().unwrap().answers;
        assert_eq!(content.written().as_deref(), Some("nb"));
        assert_eq!(content.answered(&answers[0]).as_deref(), Some("nb"));
        assert_eq!(content.answered(&answers[1]).as_deref(), Some("pl"));
        assert!(lines(&reading).iter().any(|(line, _)| line == "polsk (Polski)"));
    }

    #[test]
    fn the_language_of_a_part_is_one_or_none() {
        for (code, lang) in [
            ("nb", Some("nb")),
            ("nn", None),
            ("", None),
            ("se", Some("se")),
            ("n)/x", None),
            ("n", None),
        ] {
            let mut reading = reading(Verdict::Genuine);
            reading.record.as_mut().unwrap().language = code.into();
            assert_eq!(Content::new(&reading, Lang::Nn).written().as_deref(), lang, "{code}");
        }
    }
}
