//! Which language letters are in, and which languages the law wants a form to be in.

use super::inspector::Inspector;
use super::overrides::Role;
use crate::diagnostic::Diagnostic;
use crate::form::Form;
use crate::i18n::Lang;

/// The two that språklova § 14 wants the forms of a state body to be in, at the same time.
const NORWEGIAN: [(&str, &str); 2] = [("nb", "bokmål"), ("nn", "nynorsk")];

impl Inspector<'_> {
    /// The language that the authority wants its letters in. A form that does not speak it has its letters in its own first
    /// language. The relay reads no languages.
    pub(super) fn letter_language(&mut self, code: Option<&str>, forms: &[Form]) -> Option<Lang> {
        const KEY: &str = "authority.letter_language";
        let code = code.filter(|_| self.role != Role::Relay)?;
        let Some(lang) = Lang::from_code(code) else {
            let what = format!("Letters cannot be in {code:?}: the program has no texts in it.");
            let remedy = "Write the code of a language that the forms speak; `[languages]` brings others.";
            self.broken(KEY, what, remedy);
            return None;
        };
        for form in forms.iter().filter(|form| !form.speaks(code)) {
            let what = format!(
                "The form `{}` does not speak `{code}`: its letters are in `{}`, its first language.",
                form.slug,
                form.languages.first().map_or("", String::as_str)
            );
            let remedy =
                format!("Write its texts in `{code}` too, or set `letter_language` to a language of all forms.");
            self.tell(KEY, Diagnostic::warning(what, remedy));
        }
        Some(lang)
    }

    /// Whoever knows that the law is not about them says so once, and is not told again.
    pub(super) fn language_law(&mut self, state_body: Option<bool>, forms: &[Form]) {
        let (key, unless) = match state_body {
            Some(false) => return,
            Some(true) => ("authority.state_body", ""),
            None => (
                "authority",
                " If the authority is no body of the state but, say, a municipality, write `state_body = false` in [authority].",
            ),
        };
        for form in forms {
            for (code, name) in NORWEGIAN.iter().filter(|(code, _)| !form.speaks(code)) {
                let what = format!("The form `{}` is not in {name}.", form.slug);
                let remedy = format!(
                    "A body of the state offers its forms in bokmål and nynorsk at the same time (språklova § 14): write \
                     its texts in `{code}`, and name it in `languages`.{unless}"
                );
                self.tell(key, Diagnostic::warning(what, remedy));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::inspector::tests::ask;
    use super::*;
    use crate::diagnostic::passes;
    use crate::form;

    /// A shipped form as if it had these languages only.
    fn form_in(languages: &[&str]) -> Form {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("config/forms/postmottak.toml");
        let day = jiff::civil::date(2026, 11, 22);
        let form = form::read(&path, &Lang::spoken(), day, &mut Vec::new()).unwrap();
        let languages = languages.iter().map(|code| (*code).to_owned()).collect();
        Form { languages, ..form }
    }

    /// What is told of one form by a law that counts or not.
    fn law(state_body: Option<bool>, languages: &[&str]) -> Vec<Diagnostic> {
        let file = "[authority]\nname = \"x\"\nstate_body = true\n";
        let forms = [form_in(languages)];
        ask(file, |inspector| inspector.language_law(state_body, &forms)).1
    }

    #[test]
    fn a_form_of_the_state_that_lacks_one_norwegian_is_told() {
        assert_eq!(law(None, &["nn", "nb", "en"]), []);
        assert_eq!(law(Some(true), &["en", "nb", "nn"]), []);
        for (languages, missing) in [(&["nb", "en"][..], &["nynorsk"][..]), (&["en"], &["bokmål", "nynorsk"])] {
            for said in [None, Some(true)] {
                let told = law(said, languages);
                assert_eq!(told.len(), missing.len(), "{told:?}");
                for (one, missing) in told.iter().zip(missing) {
                    assert!(one.what.starts_with("The form `"), "{one}");
                    assert!(one.what.ends_with(&format!("is not in {missing}.")), "{one}");
                    assert!(one.remedy.contains("språklova § 14"), "{one}");
                    // How to answer is told as long as nobody has.
                    assert_eq!(one.remedy.contains("`state_body = false`"), said.is_none(), "{one}");
                    assert_eq!(one.line, Some(if said.is_none() { 1 } else { 3 }));
                }
                assert!(passes(&told), "a warning, since a municipality may mean it");
            }
            assert_eq!(law(Some(false), languages), []);
        }
    }

    fn letters_in(code: &str, languages: &[&str]) -> (Option<Lang>, Vec<Diagnostic>) {
        let file = format!("[authority]\nname = \"x\"\nletter_language = \"{code}\"\n");
        let forms = [form_in(languages)];
        ask(&file, |inspector| inspector.letter_language(Some(code), &forms))
    }

    #[test]
    fn a_form_that_does_not_speak_the_letters_language_is_told() {
        assert_eq!(letters_in("nn", &["nb", "nn"]), (Some(Lang::NN), Vec::new()));
        let (lang, told) = letters_in("nn", &["nb", "en"]);
        assert_eq!((lang, told.len()), (Some(Lang::NN), 1));
        assert!(
            told[0].what.contains("its letters are in `nb`") && passes(&told),
            "{told:?}"
        );
        assert_eq!(told[0].line, Some(3));
        let (lang, told) = letters_in("xx", &["nb", "nn"]);
        assert_eq!((lang, told.len()), (None, 1));
        assert!(!passes(&told), "{told:?}");
        assert_eq!(
            ask("", |inspector| inspector.letter_language(None, &[])),
            (None, Vec::new())
        );
    }
}
