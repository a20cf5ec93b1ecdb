//! What is said after a copy was made or a letter was deleted: what the disk could not do, what is gone, and what remains.

use konvolutt_letter::{fill, printable};

use crate::desk::copies::{Deleted, Saved};
use crate::i18n::{Count, Each, Lang};

struct RemainTexts {
    saved_in: &'static str,
    unmarked: &'static str,
    deleted: Count,
    in_mailbox: &'static str,
    in_archive: &'static str,
    with_others: &'static str,
    backups: &'static str,
}

static TEXTS: Each<RemainTexts> = Each {
    nb: RemainTexts {
        saved_in: "Lagret i {path}. Slett kopien når brevet er i arkivet.",
        unmarked: "Windows vet ikke at filen kommer utenfra, for disken kan ikke merke filer. Åpne den med ekstra forsiktighet.",
        deleted: Count {
            one: "Én kopi er slettet.",
            other: "{n} kopier er slettet.",
        },
        in_mailbox: "Det krypterte brevet ligger fremdeles i postkassen.",
        in_archive: "Arkivet har det.",
        with_others: "Kopier som {who} lagret, er ikke slettet.",
        backups: "Sikkerhetskopier av mapper og postkasser kan ha det så lenge de blir tatt vare på.",
    },
    nn: RemainTexts {
        saved_in: "Lagra i {path}. Slett kopien når brevet er i arkivet.",
        unmarked: "Windows veit ikkje at fila kjem utanfrå, for disken kan ikkje merkje filer. Opne ho med ekstra varsemd.",
        deleted: Count {
            one: "Éin kopi er sletta.",
            other: "{n} kopiar er sletta.",
        },
        in_mailbox: "Det krypterte brevet ligg framleis i postkassa.",
        in_archive: "Arkivet har det.",
        with_others: "Kopiar som {who} lagra, er ikkje sletta.",
        backups: "Sikkerheitskopiar av mapper og postkasser kan ha det så lenge dei blir tekne vare på.",
    },
    en: RemainTexts {
        saved_in: "Saved in {path}. Delete the copy once the letter is in the archive.",
        unmarked: "Windows does not know that the file comes from outside, for this disk cannot mark files. Open it with extra care.",
        deleted: Count {
            one: "One copy is deleted.",
            other: "{n} copies are deleted.",
        },
        in_mailbox: "The sealed letter is still in the mailbox.",
        in_archive: "The archive has it.",
        with_others: "Copies that {who} saved are not deleted.",
        backups: "Backups of folders and mailboxes may have it for as long as they are kept.",
    },
};

/// Where something was saved, and whether the system could be told where it comes from.
pub fn saved(saved: &Saved, lang: Lang) -> String {
    let t = TEXTS.of(lang);
    let path = printable(&saved.path.display().to_string());
    let said = fill(t.saved_in, &[("path", &path)]);
    if saved.marked {
        said
    } else {
        format!("{said} {}", t.unmarked)
    }
}

/// What is gone with a letter that was deleted here, and what remains of it.
pub fn deleted(deleted: &Deleted, lang: Lang) -> String {
    let t = TEXTS.of(lang);
    let mut said = Vec::new();
    if deleted.removed > 0 {
        said.push(t.deleted.of(deleted.removed as u64));
    }
    if deleted.in_mailbox {
        said.push(t.in_mailbox.into());
    }
    if deleted.in_archive {
        said.push(t.in_archive.into());
    }
    let others = deleted.with_others.iter();
    let mut others: Vec<String> = others.map(|copy| printable(&copy.saved.who)).collect();
    others.sort();
    others.dedup();
    if !others.is_empty() {
        said.push(fill(t.with_others, &[("who", &others.join(", "))]));
    }
    said.push(t.backups.into());
    said.join(" ")
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::ledger::Standing;

    #[test]
    fn each_sentence_is_whole() {
        for lang in [Lang::Nb, Lang::Nn, Lang::En] {
            let file = |marked| Saved {
                path: PathBuf::from("out/x\u{202E}"),
                marked,
            };
            let gone = |removed| Deleted {
                standing: Standing::default(),
                removed,
                in_mailbox: true,
                in_archive: removed > 0,
                with_others: Vec::new(),
            };
            assert!(saved(&file(false), lang).len() > saved(&file(true), lang).len());
            assert!(deleted(&gone(2), lang).contains("2 ") && !deleted(&gone(0), lang).contains('0'));
            for said in [
                saved(&file(false), lang),
                deleted(&gone(1), lang),
                deleted(&gone(0), lang),
            ] {
                assert!(said.ends_with('.') && !said.contains(['{', '\n', '\u{202E}']), "{said}");
            }
        }
    }
}
