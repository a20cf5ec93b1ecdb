use std::collections::BTreeSet;

use clap::CommandFactory;

use super::*;

fn whole() -> Command {
    crate::cli::Cli::command()
}

/// The rows that a command and those below it need.
fn needed(command: &Command, path: &str) -> BTreeSet<String> {
    let is_there = |place: &String| help::rows().any(|row| row.place == place);
    let args = command.get_arguments().filter(|arg| !arg.is_hide_set());
    let args = args.map(|arg| {
        let own = format!("{path}.{}", arg.get_id());
        let shared = format!("*.{}", arg.get_id());
        if is_there(&shared) && !is_there(&own) {
            shared
        } else {
            own
        }
    });
    let shown = |sub: &&Command| !sub.is_hide_set() && sub.get_name() != "help";
    let below = command.get_subcommands().filter(shown);
    let below = below.flat_map(|sub| needed(sub, sub.get_name()));
    args.chain([path.to_owned()]).chain(below).collect()
}

#[test]
fn every_command_and_argument_has_a_row_and_no_row_is_stale() {
    let rows: BTreeSet<_> = help::rows().map(|row| row.place.to_owned()).collect();
    assert_eq!(rows.len(), help::rows().count(), "two rows for one place");
    let needed = needed(&localise(whole(), Lang::En), "");
    let without: Vec<_> = needed.difference(&rows).collect();
    assert!(without.is_empty(), "without a row in i18n/help.rs: {without:?}");
    let stale: Vec<_> = rows.difference(&needed).collect();
    assert!(stale.is_empty(), "of nothing: {stale:?}");
}

/// The names of values are words too.
#[test]
fn every_value_has_a_name_in_the_clerks_language() {
    let mut seen = BTreeSet::new();
    for command in whole().get_subcommands().filter(|sub| !sub.is_hide_set()) {
        for arg in command.get_arguments().filter(|arg| arg.get_action().takes_values()) {
            let own = arg.get_id().as_str().to_uppercase();
            let declared = arg.get_value_names().and_then(<[_]>::first);
            let name = declared.map_or(own, |name| name.to_string());
            assert!(help::value(&name, Lang::Nb).is_some(), "{name} of {}", arg.get_id());
            seen.insert(name);
        }
    }
    assert!(seen.len() > 10, "{seen:?}");
}

fn help_of(words: &[&str], lang: Lang) -> String {
    let error = localise(whole(), lang).try_get_matches_from(words).unwrap_err();
    let told = told(&error, lang);
    assert!(told.asked_for, "{told:?}");
    told.text
}

/// Long lines are broken at the width of the terminal, if there is one.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_page_of_help_is_in_one_language() {
    for words in [
        &["postrom", "--help"][..],
        &["postrom", "open", "-h"],
        &["postrom", "keygen", "--help"],
    ] {
        for lang in [Lang::Nb, Lang::Nn] {
            let text = help_of(words, lang);
            for english in [
                "Usage",
                "Options",
                "OPTIONS",
                "Commands",
                "COMMAND",
                "Arguments",
                "default",
                "Print",
                "possible",
            ] {
                assert!(!text.contains(english), "{english} in {text}");
            }
            assert!(text.contains("\nBruk: postrom "), "{text}");
        }
    }
    let nn = help_of(&["postrom", "open", "--help"], Lang::Nn);
    assert!(nn.starts_with("Opnar brev."), "{nn}");
    assert!(
        nn.contains("postrom open [VAL] [E-POST]") && nn.contains("\nArgument:\n") && nn.contains("\nVal:\n"),
        "{nn}"
    );
    let keygen = words(&help_of(&["postrom", "keygen", "--help"], Lang::Nb));
    assert!(
        keygen.contains("[mulige verdier: compat, rfc9580, pqc] [standard: compat]"),
        "{keygen}"
    );
    let en = help_of(&["postrom", "--help"], Lang::En);
    assert!(
        en.contains("Usage: postrom [OPTIONS] <COMMAND>") && en.contains("Commands:") && en.contains("Shows this help"),
        "{en}"
    );
    let version = format!("postrom {}", env!("CARGO_PKG_VERSION"));
    assert!(help_of(&["postrom", "--version"], Lang::Nn).contains(&version));
    assert!(!en.contains(crate::cli::OPENER), "{en}");
}

#[test]
fn a_mistake_is_told_in_the_clerks_language_with_its_name() {
    let wrong = |line: &str, lang| {
        let error = localise(whole(), lang)
            .try_get_matches_from(line.split(' '))
            .unwrap_err();
        let told = told(&error, lang);
        assert!(!told.asked_for && error.exit_code() == 2, "{told:?}");
        told.text
    };
    for (line, first) in [
        (
            "postrom open x --key k --relai r",
            "«--relai» er ikkje eit val i denne kommandoen.\nMeinte du «--relay»?\n",
        ),
        (
            "postrom keygen --name n --email a@b.example",
            "Dette manglar: --out <MAPPE>.\n",
        ),
        ("postrom opna", "«opna» er ikkje ein kommando.\nMeinte du «open»?\n"),
        ("postrom --lang nn", "Du må skrive ein kommando.\n"),
        (
            "postrom --lang sv open x --key k",
            "«sv» kan ikkje brukast for --lang <SPRÅK>.\n[moglege verdiar: nb, nn, en]\n",
        ),
        ("postrom open x --key", "--key <NØKKEL> må ha ein verdi.\n"),
    ] {
        let text = wrong(line, Lang::Nn);
        assert!(text.starts_with(first), "{line}: {text}");
    }
    let text = wrong("postrom show", Lang::Nb);
    assert!(
        text.contains("\n\nBruk: postrom show ") && text.ends_with("Mer hjelp får du med postrom show --help\n"),
        "{text}"
    );
    let text = wrong("postrom open x --key k --\u{1b}[2J", Lang::En);
    assert!(!text.contains('\u{1b}'), "{text}");
}

/// The whole line is read as before: help in another language changes no name.
#[test]
fn what_was_typed_is_read_as_before() {
    let matches = localise(whole(), Lang::Nb)
        .try_get_matches_from(["postrom", "open", "a.eml", "b", "--key", "k", "--lang", "nn", "--json"])
        .unwrap();
    assert_eq!(matches.get_one::<Lang>("lang"), Some(&Lang::Nn));
    let (name, open) = matches.subcommand().unwrap();
    assert_eq!(name, "open");
    assert_eq!(open.get_many::<std::path::PathBuf>("input").unwrap().count(), 2);
    assert!(open.get_flag("json"));
    whole().debug_assert();
    localise(whole(), Lang::Nn).debug_assert();
}

#[test]
fn a_command_line_is_read_or_told() {
    let read = |line: &str| parse::<crate::cli::Cli>(line.split(' ').map(OsString::from), Lang::Nn);
    assert!(read("postrom open x --key k --out o").is_ok());
    // What is not said stands in the settings.
    assert!(read("postrom open").is_ok());
    let told = read("postrom show").err().unwrap();
    assert!(told.text.starts_with("Dette manglar: "), "{told:?}");
    assert!(read("postrom --help").err().unwrap().asked_for);
    assert!(!read("postrom").err().unwrap().asked_for);
}
