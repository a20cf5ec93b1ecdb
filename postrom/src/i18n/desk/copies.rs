//! Copies of letters that were saved on the disk.

mod remains;

use konvolutt_letter::{fill, printable};

use super::acts;
use crate::desk::copies::NotRemoved;
use crate::i18n::{Count, Each, Lang, inputs};
pub use remains::{deleted, saved};

/// The texts.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)] // the names say it
pub struct CopyTexts {
    pub heading: &'static str,
    pub intro: &'static str,
    pub none: &'static str,
    pub old: Count,
    pub letter: &'static str,
    pub place: &'static str,
    pub saved: &'static str,
    pub delete: &'static str,
    pub delete_of: &'static str,
    pub delete_heading: &'static str,
    pub delete_text: &'static str,
    pub delete_now: &'static str,
    pub not_deleted: &'static str,
    pub gone: &'static str,
    pub elsewhere: &'static str,
    pub not_listed: &'static str,
    pub others_place: &'static str,
    pub not_ours: &'static str,
    pub in_use: &'static str,
    pub disk: &'static str,
    pub cancel: &'static str,
}

/// Why a copy lies there still, and what to do.
pub fn not_removed(why: &NotRemoved, lang: Lang) -> String {
    let t = TEXTS.of(lang);
    match why {
        NotRemoved::NotListed => t.not_listed.to_owned(),
        NotRemoved::Elsewhere(who) => fill(t.others_place, &[("who", &printable(who))]),
        NotRemoved::NotOurs => t.not_ours.to_owned(),
        NotRemoved::InUse => t.in_use.to_owned(),
        NotRemoved::Disk(cause) => fill(t.disk, &[("cause", &inputs::cause(lang, cause))]),
        NotRemoved::NotDone(why) => acts::not_done(why, lang),
    }
}

/// In each language.
pub static TEXTS: Each<CopyTexts> = Each {
    nb: CopyTexts {
        heading: "Lagrede kopier",
        intro: "Disse kopiene ligger i klartekst på disken, fordi noen lagret dem. Slett dem når de er i arkivet.",
        none: "Ingenting av brevene er lagret på disken.",
        old: Count {
            one: "Én kopi er eldre enn 30 dager.",
            other: "{n} kopier er eldre enn 30 dager.",
        },
        letter: "Brev",
        place: "Hvor",
        saved: "Lagret",
        delete: "Slett nå",
        delete_of: "Slett nå:",
        delete_heading: "Slett kopien",
        delete_text: "Kopien slettes fra disken. Det kan ikke angres. Brevet ligger fortsatt i postkassen.",
        delete_now: "Slett kopien",
        not_deleted: "Kopien ble ikke slettet",
        gone: "Ligger ikke der lenger",
        elsewhere: "Ligger et annet sted",
        not_listed: "Kopien står ikke i listen lenger. Se på listen på nytt.",
        others_place: "Kopien ligger ikke i mappen til dette postbordet. Be {who} om å slette den.",
        not_ours: "Det som ligger der, har ikke dette programmet skrevet, eller det hører til et annet brev. Se etter i mappen, og slett det selv.",
        in_use: "Et annet program har filen åpen. Lukk det, og prøv på nytt.",
        disk: "Kopien kan ikke slettes: {cause}. Prøv på nytt, eller slett den selv.",
        cancel: "Avbryt",
    },
    nn: CopyTexts {
        heading: "Lagra kopiar",
        intro: "Desse kopiane ligg i klartekst på disken, fordi nokon lagra dei. Slett dei når dei er i arkivet.",
        none: "Ingenting av breva er lagra på disken.",
        old: Count {
            one: "Éin kopi er eldre enn 30 dagar.",
            other: "{n} kopiar er eldre enn 30 dagar.",
        },
        letter: "Brev",
        place: "Kvar",
        saved: "Lagra",
        delete: "Slett no",
        delete_of: "Slett no:",
        delete_heading: "Slett kopien",
        delete_text: "Kopien blir sletta frå disken. Det kan ikkje angrast. Brevet ligg framleis i postkassa.",
        delete_now: "Slett kopien",
        not_deleted: "Kopien vart ikkje sletta",
        gone: "Ligg ikkje der lenger",
        elsewhere: "Ligg ein annan stad",
        not_listed: "Kopien står ikkje i lista lenger. Sjå på lista på nytt.",
        others_place: "Kopien ligg ikkje i mappa til dette postbordet. Be {who} om å slette han.",
        not_ours: "Det som ligg der, har ikkje dette programmet skrive, eller det høyrer til eit anna brev. Sjå etter i mappa, og slett det sjølv.",
        in_use: "Eit anna program har fila open. Lukk det, og prøv på nytt.",
        disk: "Kopien kan ikkje slettast: {cause}. Prøv på nytt, eller slett han sjølv.",
        cancel: "Avbryt",
    },
    en: CopyTexts {
        heading: "Saved copies",
        intro: "These copies lie on the disk in the clear, because somebody saved them. Delete them once they are in the archive.",
        none: "Nothing of the letters is saved on the disk.",
        old: Count {
            one: "One copy is older than 30 days.",
            other: "{n} copies are older than 30 days.",
        },
        letter: "Letter",
        place: "Where",
        saved: "Saved",
        delete: "Delete now",
        delete_of: "Delete now:",
        delete_heading: "Delete the copy",
        delete_text: "The copy is deleted from the disk. This cannot be undone. The letter is still in the mailbox.",
        delete_now: "Delete the copy",
        not_deleted: "The copy was not deleted",
        gone: "Not there any more",
        elsewhere: "Lies elsewhere",
        not_listed: "The copy is not in the list any more. Look at the list again.",
        others_place: "The copy does not lie in the folder of this desk. Ask {who} to delete it.",
        not_ours: "What lies there was not written by this program, or belongs to another letter. Look into the folder, and delete it yourself.",
        in_use: "Another program has the file open. Close it, and try again.",
        disk: "The copy cannot be deleted: {cause}. Try again, or delete it yourself.",
        cancel: "Cancel",
    },
};
