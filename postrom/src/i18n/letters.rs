//! What is said of a letter: verdicts, remarks, the first lines and the foot of its text.

mod texts;

use konvolutt_letter::{fill, printable};

use super::Lang;
use crate::judged::{Signer, Verdict};
use crate::status::Kind;
pub use texts::{FootTexts, LetterTexts, RemarkTexts, TEXTS, VerdictTexts};

/// The code of a language, as `letter.json` has it.
pub const fn code(lang: Lang) -> &'static str {
    match lang {
        Lang::Nb => "nb",
        Lang::Nn => "nn",
        Lang::En => "en",
    }
}

/// A verdict for people, and what to do.
pub fn sentence(kind: Kind, verdict: Verdict, signer: Option<&Signer>, lang: Lang) -> String {
    let texts = &TEXTS.of(lang).verdicts;
    let name = signer.and_then(|signer| signer.name.as_deref());
    let named = |text: &str, name: &str| fill(text, &[("name", &printable(name))]);
    if kind == Kind::Mail {
        return match name {
            // Whose signature does not fit has signed something else.
            Some(name) if verdict != Verdict::Broken => named(texts.mail_signed_by, name),
            _ => texts.mail.into(),
        };
    }
    match verdict {
        Verdict::Genuine if signer.is_some_and(|signer| signer.former) => texts.genuine_former.into(),
        Verdict::Genuine => texts.genuine.into(),
        Verdict::NotChecked => texts.not_checked.into(),
        Verdict::AfterYourClock => texts.after_your_clock.into(),
        Verdict::Unsigned => texts.unsigned.into(),
        Verdict::SignedByAnother => match name {
            Some(name) => named(texts.signed_by, name),
            None => texts.signed_by_another.into(),
        },
        Verdict::KeyNotValid => texts.key_not_valid.into(),
        Verdict::NotForYou => texts.not_for_you.into(),
        Verdict::Broken => texts.broken.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LANGUAGES: [Lang; 3] = [Lang::Nb, Lang::Nn, Lang::En];

    fn signer(former: bool) -> Signer {
        Signer {
            fingerprint: String::new(),
            name: Some("Ola\u{202E}\n! Nordmann".into()),
            former,
        }
    }

    #[test]
    fn each_verdict_has_a_sentence_of_its_own_in_each_language() {
        let mut all = std::collections::HashSet::new();
        for lang in LANGUAGES {
            for verdict in Verdict::ALL {
                for kind in [Kind::Letter, Kind::Mail] {
                    let text = sentence(kind, verdict, None, lang);
                    assert!(
                        text.ends_with('.') && !text.contains(['{', '\n']) && !text.contains("  "),
                        "{text}"
                    );
                }
                assert!(all.insert(sentence(Kind::Letter, verdict, None, lang)));
            }
            assert!(all.insert(sentence(Kind::Letter, Verdict::Genuine, Some(&signer(true)), lang)));
        }
    }

    /// The name of a certificate is its maker's word.
    #[test]
    fn a_signer_is_named_and_can_not_act() {
        for lang in LANGUAGES {
            for (kind, verdict) in [
                (Kind::Letter, Verdict::SignedByAnother),
                (Kind::Mail, Verdict::NotChecked),
            ] {
                let text = sentence(kind, verdict, Some(&signer(false)), lang);
                assert!(text.contains("Ola ! Nordmann"), "{text}");
            }
        }
    }

    #[test]
    fn places_are_the_same_in_each_language() {
        let places = |text: &str| {
            let mut places: Vec<String> = text
                .split('{')
                .skip(1)
                .map(|rest| rest.split('}').take(1).collect())
                .collect();
            places.sort();
            places
        };
        let of = |lang| {
            let texts = TEXTS.of(lang);
            let remarks = &texts.remarks;
            let all = [
                remarks.file_count,
                remarks.file_changed,
                remarks.header,
                texts.foot.unknown_key,
            ];
            let named = [texts.verdicts.signed_by, texts.verdicts.mail_signed_by];
            all.into_iter().chain(named).map(places).collect::<Vec<_>>()
        };
        assert_eq!(of(Lang::Nb), of(Lang::En));
        assert_eq!(of(Lang::Nn), of(Lang::En));
        assert!(of(Lang::En).iter().all(|places| !places.is_empty()));
    }
}
