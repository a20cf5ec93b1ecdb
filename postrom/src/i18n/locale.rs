//! Which language to speak: `--lang`, else (for `open`) `postrom.toml`, else the system's.

use std::ffi::OsString;

use clap::ValueEnum;

use super::Lang;

impl Lang {
    /// The language of the system: of the environment (`LANGUAGE`, `LC_ALL`, `LC_MESSAGES`, `LANG`) on Unix, of the user's
    /// settings on Windows and macOS.
    pub fn of_system() -> Self {
        Self::of_tags(sys_locale::get_locales())
    }

    /// The first tag decides, as everywhere. Whoever writes Danish, Swedish or a Sámi language reads bokmål; for all others, and where nothing
    /// is said, it is English.
    pub fn of_tags(tags: impl IntoIterator<Item = String>) -> Self {
        let first = tags.into_iter().next().unwrap_or_default().to_ascii_lowercase();
        match first.split(['-', '_', '.', '@']).next().unwrap_or_default() {
            "nn" => Self::Nn,
            "nb" | "no" | "da" | "sv" | "se" | "sma" | "smj" => Self::Nb,
            _ => Self::En,
        }
    }

    /// What `--lang` says. It must be known before the command line is read, for that may end in a page of help or a mistake.
    /// What it says wrongly is left to the reading.
    pub fn asked(args: impl IntoIterator<Item = OsString>) -> Option<Self> {
        let mut args = args.into_iter().skip(1).take_while(|arg| arg != "--");
        let mut asked = None;
        while let Some(arg) = args.next() {
            let said = match arg.to_str() {
                Some("--lang") => args.next(),
                Some(other) => other.strip_prefix("--lang=").map(OsString::from),
                None => None,
            };
            asked = said
                .and_then(|said| Self::from_str(said.to_str()?, true).ok())
                .or(asked);
        }
        asked
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_tag_decides() {
        for (tags, lang) in [
            (&["nn-NO", "en-US"][..], Lang::Nn),
            (&["nb-NO"], Lang::Nb),
            (&["no"], Lang::Nb),
            (&["nb_NO.UTF-8"], Lang::Nb),
            (&["se-NO"], Lang::Nb),
            (&["da-DK"], Lang::Nb),
            (&["NN"], Lang::Nn),
            (&["en-GB", "nb-NO"], Lang::En),
            (&["de-DE", "nb-NO"], Lang::En),
            (&["C"], Lang::En),
            (&["POSIX"], Lang::En),
            (&[""], Lang::En),
            (&[], Lang::En),
        ] {
            assert_eq!(
                Lang::of_tags(tags.iter().map(|tag| (*tag).to_owned())),
                lang,
                "{tags:?}"
            );
        }
    }

    #[test]
    fn what_is_asked_for_is_known_before_the_rest() {
        let asked = |line: &str| Lang::asked(line.split(' ').map(OsString::from));
        assert_eq!(asked("postrom open --lang nn --help"), Some(Lang::Nn));
        assert_eq!(asked("postrom --lang=EN"), Some(Lang::En));
        assert_eq!(asked("postrom --lang nb open --lang=nn"), Some(Lang::Nn));
        for none in [
            "postrom open",
            "postrom open --lang",
            "postrom open --lang sv",
            "postrom open -- --lang nn",
            "--lang=nn",
            "postrom open --language nn",
        ] {
            assert_eq!(asked(none), None, "{none}");
        }
    }
}
