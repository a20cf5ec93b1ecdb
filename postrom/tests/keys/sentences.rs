//! Every sentence is there in every language, names its file, and has no place left open.

use std::path::PathBuf;

use postrom::i18n::{Lang, keys as texts};
use postrom::keys::Looks;
use postrom::passphrase::PassphraseTrouble;
use postrom::trouble::Cause;
use postrom::trust::NoTrust;
use postrom::{KeyRemark, KeysError, TrustError};

const LANGS: [Lang; 3] = [Lang::Nb, Lang::Nn, Lang::En];

fn path() -> PathBuf {
    PathBuf::from("mappe/post\u{1b}[2J.key.asc")
}

fn every_sentence(lang: Lang) -> Vec<String> {
    let causes = [
        Cause::Full,
        Cause::Denied,
        Cause::ReadOnly,
        Cause::Missing,
        Cause::TooManyOpen,
        Cause::Other { text: "x".into() },
    ];
    let mut said: Vec<String> = causes
        .iter()
        .map(|cause| texts::unreadable(&path(), cause, lang))
        .collect();
    let errors = [
        KeysError::OnlyPublic(path()),
        KeysError::CannotOpen(path()),
        KeysError::Hollow(path()),
        KeysError::OnCard(path()),
        KeysError::NobodyToAsk(path()),
        KeysError::Passphrase(path()),
        KeysError::NotAKey(path(), Looks::Picture),
    ];
    said.extend(errors.iter().map(|error| texts::error(error, lang)));
    let key = "Postmottak".to_owned();
    let why = [
        NoTrust::NotACertificate(Looks::Mail),
        NoTrust::CannotSign(key.clone()),
        NoTrust::TakesLetters(key.clone()),
        NoTrust::OwnKey(key.clone()),
        NoTrust::AlsoKnown(key.clone()),
    ];
    said.extend(why.map(|why| texts::trust_error(&TrustError { path: path(), why }, lang)));
    said.push(texts::remark(&KeyRemark::ReadByOthers(path()), lang));
    said.push(texts::remark(&KeyRemark::StaysLocked { path: path(), key }, lang));
    said.push(texts::passphrase_trouble(&PassphraseTrouble::Empty(path()), lang));
    said.push(texts::relay_with_secret(&path(), lang));
    said
}

#[test]
fn every_sentence_is_whole_in_every_language() {
    let all: Vec<Vec<String>> = LANGS.map(every_sentence).into();
    for said in all.iter().flatten() {
        assert!(
            said.contains("mappe/post [2J.key.asc"),
            "no file, or one that acts on a terminal: {said:?}"
        );
        assert!(!said.contains(['{', '}']) && said.ends_with(['.', ')']), "{said}");
    }
    for (nb, nn) in all[0].iter().zip(&all[1]) {
        assert_ne!(nb, nn);
    }
}
