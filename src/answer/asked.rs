//! What is asked, going by the choices that were made; what was answered without being asked, and what was not answered
//! although a choice asks for it.
//!
//! Nothing that was typed is dropped, and nothing that a choice promises is missed, without the citizen saying so: each
//! has a box to tick. In a browser that hides nothing every section and field is there to be filled in.

use konvolutt_letter::NO_CONTACT;

use super::rules::{Judge, names};
use super::{Answer, Part, Typed};
use crate::form::{Choice, Condition, Field, Form, Section, Text};
use crate::i18n::fill;

impl Typed {
    /// True when one of these choices was made.
    pub fn meets(&self, when: &Condition) -> bool {
        when.is.iter().any(|value| self.has(&when.field, value))
    }

    /// True when the section is always asked, or what was chosen says that it is.
    pub fn asks(&self, section: &Section) -> bool {
        section.shown_when.as_ref().is_none_or(|when| self.meets(when))
    }

    /// True when the field, of a section that is asked, is always asked too, or what was chosen says that it is.
    pub fn asks_for(&self, field: &Field) -> bool {
        field.required_when.as_ref().is_none_or(|when| self.meets(when))
    }

    /// True when something was typed or chosen there.
    pub fn fills(&self, field: &Field) -> bool {
        let typed = |name: String| self.all(&name).any(|value| !value.trim().is_empty());
        names(field).into_iter().any(typed)
    }
}

/// Whether somebody who wrote wants an answer, and can get one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    /// A way was chosen and its address given; or what is asked is typed, and it was.
    Chosen,
    /// None was.
    NoWay,
    /// The option says that nobody shall make contact.
    Unwanted,
}

/// What the answers about safe contact come to.
pub fn reply(form: &Form, typed: &Typed) -> Reply {
    let safe = || form.fields().filter(|field| field.safe_contact);
    let chosen = safe().flat_map(|field| {
        let options = field.options.iter();
        options
            .filter(move |choice| typed.has(&field.name, &choice.value))
            .map(move |choice| (field, choice))
    });
    let mut reply = Reply::NoWay;
    for (field, choice) in chosen {
        if choice.value == NO_CONTACT {
            return Reply::Unwanted;
        }
        if leads_somewhere(form, typed, field, choice) {
            reply = Reply::Chosen;
        }
    }
    let only_typed = safe().all(|field| !field.kind.has_options());
    if only_typed && safe().any(|field| typed.fills(field)) {
        reply = Reply::Chosen;
    }
    reply
}

/// Whether what the form asks for because of this choice was answered: of a section something, of fields each.
fn leads_somewhere(form: &Form, typed: &Typed, field: &Field, choice: &Choice) -> bool {
    let holds = |when: &Option<Condition>| when.as_ref().is_some_and(|when| when.holds_for(field, choice));
    let mut sections = form.sections.iter().filter(|section| holds(&section.shown_when));
    let mut fields = form.fields().filter(|field| holds(&field.required_when));
    sections.all(|section| section.fields.iter().any(|field| typed.fills(field)))
        && fields.all(|field| typed.fills(field))
}

impl Judge<'_> {
    /// Where a choice ends the form, the page hides the rest and the button; a browser that cannot do that sends it all the
    /// same. What is wrong further down does not matter then.
    pub(super) fn is_at_the_wrong_place(&mut self, form: &Form) -> bool {
        for field in form.fields() {
            let options = field.options.iter().filter(|choice| choice.stops());
            for choice in options.filter(|choice| self.typed.has(&field.name, &choice.value)) {
                let chosen = self.quoted([choice].into_iter(), "");
                let text = choice.stop.get(self.t.lang.code()).replace("\n\n", " ");
                let values = [("choice", chosen.as_str()), ("text", text.trim())];
                self.problem(&field.name, self.t.stopped, &values);
            }
        }
        !self.problems.is_empty()
    }

    /// A section that was not asked for is left out of the letter. When something stands in it all the same, as in a
    /// browser that cannot hide it, the citizen says whether it shall be sent.
    pub(super) fn section(&mut self, form: &Form, section: &Section) -> Vec<Answer> {
        let asked = self.typed.asks(section);
        let filled = !asked && section.fields.iter().any(|field| self.is_filled(field));
        if let Some(when) = section.shown_when.as_ref().filter(|_| filled)
            && !self.typed.confirms(section.name())
        {
            self.wants_confirmation(form, section.name(), &section.title, when);
            return Vec::new();
        }
        let fields = section.fields.iter();
        let answers = fields.filter_map(|field| {
            let mut answer = self.one(form, field, asked)?;
            if let Some(when) = section.shown_when.as_ref().or(field.required_when.as_ref()) {
                answer.belongs_to = Some(when.field.clone());
            }
            Some(answer)
        });
        answers.collect()
    }

    fn one(&mut self, form: &Form, field: &Field, section_asked: bool) -> Option<Answer> {
        let asked = section_asked && self.typed.asks_for(field);
        let mut left_out = false;
        if let Some(when) = &field.required_when {
            let filled = self.is_filled(field);
            let confirmed = self.typed.confirms(&field.name);
            left_out = asked && !filled && !field.required;
            if !asked && filled && !confirmed {
                self.wants_confirmation(form, &field.name, &field.label, when);
                return None;
            }
            if left_out && !confirmed {
                self.wants_answer(form, field, when);
                return None;
            }
        }
        let mut answer = self.field(field, field.label.get(self.t.lang.code()), asked)?;
        if !asked && !answer.values.is_empty() {
            remark(&mut answer, self.t.letter_not_asked);
        }
        if left_out {
            remark(&mut answer, self.t.letter_left_empty);
        }
        // Silence about safe contact is never left out: it is no permission.
        (asked || answer.safe_contact || !answer.values.is_empty()).then_some(answer)
    }

    fn is_filled(&self, field: &Field) -> bool {
        self.typed.fills(field) || self.files().iter().any(|file| file.field == field.name)
    }

    fn wants_confirmation(&mut self, form: &Form, name: &str, label: &Text, when: &Condition) {
        let lang = self.t.lang.code();
        let Some(question) = form.field(&when.field) else {
            return;
        };
        let chosen = question.options.iter().filter(|choice| when.is.contains(&choice.value));
        let answers = self.quoted(chosen, self.t.alternatives);
        let values = [
            ("label", label.get(lang)),
            ("question", question.label.get(lang)),
            ("answers", &answers),
        ];
        self.problem_in(name, Some(Part::Confirm), self.t.not_asked, &values);
    }

    /// The problem stands at the field, and the box to send the message without it below.
    fn wants_answer(&mut self, form: &Form, field: &Field, when: &Condition) {
        let Some(question) = form.field(&when.field) else {
            return;
        };
        let is_chosen =
            |choice: &&Choice| when.is.contains(&choice.value) && self.typed.has(&when.field, &choice.value);
        let chosen = question.options.iter().filter(is_chosen);
        let answers = self.quoted(chosen, self.t.conjunction);
        let label = field.label.get(self.t.lang.code());
        self.problem(
            &field.name,
            self.t.not_filled_in,
            &[("answers", &answers), ("label", label)],
        );
    }

    /// The choices as people read them, in quotation marks.
    pub(super) fn quoted<'c>(&self, choices: impl Iterator<Item = &'c Choice>, between: &str) -> String {
        let quoted = |choice: &Choice| fill(self.t.quoted, &[("text", choice.label.get(self.t.lang.code()))]);
        choices.map(quoted).collect::<Vec<_>>().join(between)
    }
}

fn remark(answer: &mut Answer, said: &str) {
    let notes: Vec<_> = answer.note.take().into_iter().chain([said.to_owned()]).collect();
    answer.note = Some(notes.join(" "));
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::answer::{CONFIRM, Limits, Problem, judge};
    use crate::form;
    use crate::i18n::Lang;

    fn form() -> Form {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/forms/klage.toml");
        form::read(&path, &Lang::spoken(), jiff::civil::date(2026, 11, 22), &mut Vec::new()).unwrap()
    }

    fn typed(pairs: &[(&str, &str)]) -> Typed {
        let mut typed = Typed::default();
        for (name, value) in [("kommune", "Bodø"), ("klage", "Ei klage.")].iter().chain(pairs) {
            typed.push((*name).to_owned(), (*value).to_owned());
        }
        typed
    }

    fn judged(pairs: &[(&str, &str)]) -> Result<Vec<Answer>, Vec<Problem>> {
        judge(
            &form(),
            &typed(pairs),
            &[],
            Limits { files_total: 1000 },
            Lang::NB.catalog(),
        )
    }

    const RING: (&str, &str) = ("trygg_kontakt", "ring");
    const NUMBER: (&str, &str) = ("telefon", "75 02 17 11");

    #[test]
    fn a_choice_without_its_answer_is_sent_only_when_that_was_confirmed() {
        let said = |pairs: &[(&str, &str)]| {
            let problems = judged(pairs).err().unwrap_or_default();
            let said = problems
                .iter()
                .map(|problem| (problem.place().unwrap(), problem.text.clone()));
            said.collect::<Vec<_>>()
        };
        let sms = ("trygg_kontakt", "sms");
        let [(place, text)] = &said(&[RING, sms])[..] else {
            panic!("one problem for both");
        };
        assert_eq!(place, "telefon");
        assert!(
            text.starts_with("Du har valgt «Ring meg» og «Send SMS», men «Telefonnummer» er ikke"),
            "{text}"
        );
        // Two fields follow one choice, and each is asked for.
        let letter = ("trygg_kontakt", "brev");
        let places: Vec<_> = said(&[letter]).into_iter().map(|(place, _)| place).collect();
        assert_eq!(places, ["adresse", "postnummer"]);
        assert_eq!(said(&[letter, ("adresse", "Gata 1")])[0].0, "postnummer");

        let sent = judged(&[RING, (CONFIRM, "telefon")]).ok().unwrap();
        let number = sent.iter().find(|answer| answer.name == "telefon").unwrap();
        assert_eq!(number.note.as_deref(), Some(Lang::NB.catalog().letter_left_empty));
        assert!(number.values.is_empty() && number.belongs_to.as_deref() == Some("trygg_kontakt"));
        let with = judged(&[RING, NUMBER]).ok().unwrap();
        let number = with.iter().find(|answer| answer.name == "telefon").unwrap();
        assert!(number.note.is_none() && !number.values.is_empty());
    }

    #[test]
    fn an_answer_without_its_choice_is_sent_only_when_that_was_confirmed() {
        let problems = judged(&[NUMBER]).err().unwrap();
        assert_eq!(problems[0].place().as_deref(), Some("telefon-confirm"));
        let wanted = "«Telefonnummer» er fylt ut, men hører bare med når du har valgt «Ring meg» eller «Send SMS» på";
        assert!(problems[0].text.starts_with(wanted), "{}", problems[0].text);
        let sent = judged(&[NUMBER, (CONFIRM, "telefon")]).ok().unwrap();
        let number = sent.iter().find(|answer| answer.name == "telefon").unwrap();
        assert_eq!(number.note.as_deref(), Some(Lang::NB.catalog().letter_not_asked));
        // What was neither asked for nor filled in is in no letter.
        assert!(judged(&[]).ok().unwrap().iter().all(|answer| answer.name != "telefon"));
    }

    #[test]
    fn what_excludes_all_else_is_chosen_alone() {
        let nothing = ("trygg_kontakt", "ikke");
        let problems = judged(&[RING, NUMBER, nothing]).err().unwrap();
        let [problem] = &problems[..] else {
            panic!("{} problems", problems.len());
        };
        assert_eq!(problem.place().as_deref(), Some("trygg_kontakt"));
        let wanted = "Du har valgt «Ikke ta kontakt med meg», men også «Ring meg».";
        assert!(problem.text.starts_with(wanted), "{}", problem.text);
        assert!(judged(&[nothing]).is_ok());
    }

    #[test]
    fn an_answer_is_promised_where_a_way_leads_somewhere() {
        let reply = |pairs: &[(&str, &str)]| reply(&form(), &typed(pairs));
        let letter = ("trygg_kontakt", "brev");
        for (pairs, wanted) in [
            (&[][..], Reply::NoWay),
            (&[NUMBER], Reply::NoWay),
            (&[RING], Reply::NoWay),
            (&[RING, ("telefon", " ")], Reply::NoWay),
            (&[RING, NUMBER], Reply::Chosen),
            (&[RING, ("trygg_kontakt", "epost"), ("epost", "a@b.no")], Reply::Chosen),
            (&[letter, ("adresse", "Gata 1")], Reply::NoWay),
            (&[letter, ("adresse", "Gata 1"), ("postnummer", "8002")], Reply::Chosen),
            (&[("trygg_kontakt", "ikke")], Reply::Unwanted),
            (&[("trygg_kontakt", "faks")], Reply::NoWay),
        ] {
            assert_eq!(reply(pairs), wanted, "{pairs:?}");
        }
    }

    /// Forms as they were written before fields had conditions of their own, and forms that only let type.
    #[test]
    fn an_answer_is_promised_by_other_forms_too() {
        let mut old = form();
        let at = old
            .sections
            .iter()
            .position(|section| section.name() == "trygg_kontakt")
            .unwrap();
        let (fields, kept): (Vec<_>, Vec<_>) = std::mem::take(&mut old.sections[at].fields)
            .into_iter()
            .partition(|field| field.name == "telefon");
        old.sections[at].fields = kept;
        let section = Section {
            shown_when: Some(Condition {
                field: "trygg_kontakt".into(),
                is: vec!["ring".into()],
            }),
            fields,
            ..old.sections[at].clone()
        };
        old.sections.push(section);
        old.sections.last_mut().unwrap().fields[0].required_when = None;
        assert_eq!(reply(&old, &typed(&[RING])), Reply::NoWay);
        assert_eq!(reply(&old, &typed(&[RING, NUMBER])), Reply::Chosen);

        let mut plain = form();
        for field in plain.sections.iter_mut().flat_map(|section| &mut section.fields) {
            field.safe_contact = field.name == "navn";
        }
        assert_eq!(reply(&plain, &typed(&[])), Reply::NoWay);
        assert_eq!(reply(&plain, &typed(&[("navn", "ring 112")])), Reply::Chosen);
    }
}
