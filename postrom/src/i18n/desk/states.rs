//! How a letter stands, and what its check came to, in few words.

use crate::desk::post::{Content, Row};
use crate::i18n::{Each, Lang};
use crate::judged::Verdict;
use crate::ledger::{Aside, Standing, State};
use crate::status::Kind;

/// The texts.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)] // the names say it
pub struct StateTexts {
    pub new: &'static str,
    pub opened: &'static str,
    pub taken: &'static str,
    pub registered: &'static str,
    pub deleted: &'static str,
    pub set_aside: &'static str,
    pub test: &'static str,
    pub spam: &'static str,
    pub duplicate: &'static str,
    pub you: &'static str,
    pub genuine: &'static str,
    pub not_checked: &'static str,
    pub after_your_clock: &'static str,
    pub unsigned: &'static str,
    pub signed_by_another: &'static str,
    pub key_not_valid: &'static str,
    pub not_for_you: &'static str,
    pub broken: &'static str,
    pub mail: &'static str,
    pub not_opened: &'static str,
    pub not_looked_at: &'static str,
    pub waiting: &'static str,
}

/// How much a clerk may rely on a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tone {
    /// It came through the form.
    Good,
    /// It is not known.
    Open,
    /// It did not, or could not be opened.
    Bad,
    /// Its turn has not come.
    Waits,
}

impl Tone {
    /// Its class in the stylesheet.
    pub const fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Open => "open",
            Self::Bad => "bad",
            Self::Waits => "waits",
        }
    }

    /// Of a verdict.
    pub fn of(verdict: Verdict, kind: Kind) -> Self {
        match verdict {
            _ if kind == Kind::Mail => Self::Open,
            Verdict::Genuine => Self::Good,
            verdict if verdict.is_forgery() => Self::Bad,
            _ => Self::Open,
        }
    }
}

/// What the check of a row came to.
pub fn check(row: &Row, lang: Lang) -> (Tone, &'static str) {
    let t = TEXTS.of(lang);
    match (&row.content, row.verdict(), row.kind()) {
        (Content::NotRead(_), ..) => (Tone::Bad, t.not_opened),
        (Content::NotLookedAt(_), ..) => (Tone::Bad, t.not_looked_at),
        (_, Some(verdict), Some(kind)) => (Tone::of(verdict, kind), verdict_words(verdict, kind, t)),
        _ => (Tone::Waits, t.waiting),
    }
}

fn verdict_words(verdict: Verdict, kind: Kind, t: &StateTexts) -> &'static str {
    match verdict {
        _ if kind == Kind::Mail => t.mail,
        Verdict::Genuine => t.genuine,
        Verdict::NotChecked => t.not_checked,
        Verdict::AfterYourClock => t.after_your_clock,
        Verdict::Unsigned => t.unsigned,
        Verdict::SignedByAnother => t.signed_by_another,
        Verdict::KeyNotValid => t.key_not_valid,
        Verdict::NotForYou => t.not_for_you,
        Verdict::Broken => t.broken,
    }
}

/// How far it is.
pub fn state(state: State, aside: Option<Aside>, lang: Lang) -> &'static str {
    let t = TEXTS.of(lang);
    match (state, aside) {
        (State::New, _) => t.new,
        (State::Opened, _) => t.opened,
        (State::Taken, _) => t.taken,
        (State::Registered, _) => t.registered,
        (State::Deleted, _) => t.deleted,
        (State::SetAside, None) => t.set_aside,
        (State::SetAside, Some(Aside::Test)) => t.test,
        (State::SetAside, Some(Aside::Spam)) => t.spam,
        (State::SetAside, Some(Aside::Duplicate)) => t.duplicate,
    }
}

/// Who has it, or had it last: what that clerk is called, or a word for whoever reads this.
pub fn holder(standing: &Standing, me: &str, lang: Lang) -> String {
    match standing.holder.as_deref() {
        Some(holder) if holder == me => TEXTS.of(lang).you.to_owned(),
        Some(holder) => konvolutt_letter::printable(holder),
        None => String::new(),
    }
}

/// In each language.
pub static TEXTS: Each<StateTexts> = Each {
    nb: StateTexts {
        new: "Nytt",
        opened: "Åpnet",
        taken: "Tatt",
        registered: "Journalført",
        deleted: "Slettet her",
        set_aside: "Lagt bort",
        test: "Lagt bort: test",
        spam: "Lagt bort: søppel",
        duplicate: "Lagt bort: kopi",
        you: "deg",
        genuine: "Fra skjemaet",
        not_checked: "Ikke kontrollert",
        after_your_clock: "Datert fram i tid",
        unsigned: "IKKE fra skjemaet: usignert",
        signed_by_another: "IKKE fra skjemaet: signert av andre",
        key_not_valid: "Nøkkelen gjaldt ikke",
        not_for_you: "Til en annen mottaker",
        broken: "Endret etter signering",
        mail: "E-post, ikke et brev",
        not_opened: "Kunne ikke åpnes",
        not_looked_at: "Ikke sett gjennom",
        waiting: "Venter på å bli lest",
    },
    nn: StateTexts {
        new: "Nytt",
        opened: "Opna",
        taken: "Teke",
        registered: "Journalført",
        deleted: "Sletta her",
        set_aside: "Lagt bort",
        test: "Lagt bort: test",
        spam: "Lagt bort: søppel",
        duplicate: "Lagt bort: kopi",
        you: "deg",
        genuine: "Frå skjemaet",
        not_checked: "Ikkje kontrollert",
        after_your_clock: "Datert fram i tid",
        unsigned: "IKKJE frå skjemaet: usignert",
        signed_by_another: "IKKJE frå skjemaet: signert av andre",
        key_not_valid: "Nøkkelen gjaldt ikkje",
        not_for_you: "Til ein annan mottakar",
        broken: "Endra etter signering",
        mail: "E-post, ikkje eit brev",
        not_opened: "Kunne ikkje opnast",
        not_looked_at: "Ikkje sett gjennom",
        waiting: "Ventar på å bli lese",
    },
    en: StateTexts {
        new: "New",
        opened: "Opened",
        taken: "Taken",
        registered: "Registered",
        deleted: "Deleted here",
        set_aside: "Set aside",
        test: "Set aside: test",
        spam: "Set aside: spam",
        duplicate: "Set aside: duplicate",
        you: "you",
        genuine: "From the form",
        not_checked: "Not checked",
        after_your_clock: "Dated in the future",
        unsigned: "NOT from the form: unsigned",
        signed_by_another: "NOT from the form: signed by another",
        key_not_valid: "Key was not valid",
        not_for_you: "For another recipient",
        broken: "Changed after signing",
        mail: "Mail, not a letter",
        not_opened: "Could not be opened",
        not_looked_at: "Not looked at",
        waiting: "Waits to be read",
    },
};
