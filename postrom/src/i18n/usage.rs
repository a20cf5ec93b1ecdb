//! Sentences for a command line that cannot be understood, and the words around a page of help.

use super::Each;

/// The texts.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)] // the names say it
pub struct UsageTexts {
    pub usage: &'static str,
    pub commands: &'static str,
    pub arguments: &'static str,
    pub options: &'static str,
    /// In the usage line.
    pub any_options: &'static str,
    /// In the usage line.
    pub a_command: &'static str,
    /// `{values}`.
    pub values: &'static str,
    /// `{value}`.
    pub default: &'static str,

    /// `{arg}`.
    pub unknown_argument: &'static str,
    /// `{meant}`.
    pub meant: &'static str,
    /// `{arg}`.
    pub unknown_command: &'static str,
    /// `{args}`.
    pub missing: &'static str,
    pub missing_command: &'static str,
    /// `{arg}`, `{value}`.
    pub invalid_value: &'static str,
    /// `{arg}`.
    pub no_value: &'static str,
    /// `{arg}`.
    pub twice: &'static str,
    /// `{arg}`, `{other}`.
    pub conflict: &'static str,
    pub not_utf8: &'static str,
    pub other: &'static str,
    /// `{command}`.
    pub more: &'static str,
}

/// In three languages.
pub static TEXTS: Each<UsageTexts> = Each {
    nb: UsageTexts {
        usage: "Bruk:",
        commands: "Kommandoer",
        arguments: "Argumenter",
        options: "Valg",
        any_options: "[VALG]",
        a_command: "KOMMANDO",
        values: "[mulige verdier: {values}]",
        default: "[standard: {value}]",
        unknown_argument: "«{arg}» er ikke et valg i denne kommandoen.",
        meant: "Mente du «{meant}»?",
        unknown_command: "«{arg}» er ikke en kommando.",
        missing: "Dette mangler: {args}.",
        missing_command: "Du må skrive en kommando.",
        invalid_value: "«{value}» kan ikke brukes for {arg}.",
        no_value: "{arg} må ha en verdi.",
        twice: "{arg} kan bare stå én gang.",
        conflict: "{arg} og {other} kan ikke brukes sammen.",
        not_utf8: "En del av kommandolinjen er ikke lesbar tekst.",
        other: "Kommandoen kan ikke brukes slik.",
        more: "Mer hjelp får du med {command} --help",
    },
    nn: UsageTexts {
        usage: "Bruk:",
        commands: "Kommandoar",
        arguments: "Argument",
        options: "Val",
        any_options: "[VAL]",
        a_command: "KOMMANDO",
        values: "[moglege verdiar: {values}]",
        default: "[standard: {value}]",
        unknown_argument: "«{arg}» er ikkje eit val i denne kommandoen.",
        meant: "Meinte du «{meant}»?",
        unknown_command: "«{arg}» er ikkje ein kommando.",
        missing: "Dette manglar: {args}.",
        missing_command: "Du må skrive ein kommando.",
        invalid_value: "«{value}» kan ikkje brukast for {arg}.",
        no_value: "{arg} må ha ein verdi.",
        twice: "{arg} kan berre stå éin gong.",
        conflict: "{arg} og {other} kan ikkje brukast saman.",
        not_utf8: "Ein del av kommandolinja er ikkje leseleg tekst.",
        other: "Kommandoen kan ikkje brukast slik.",
        more: "Meir hjelp får du med {command} --help",
    },
    en: UsageTexts {
        usage: "Usage:",
        commands: "Commands",
        arguments: "Arguments",
        options: "Options",
        any_options: "[OPTIONS]",
        a_command: "COMMAND",
        values: "[possible values: {values}]",
        default: "[default: {value}]",
        unknown_argument: "“{arg}” is not an option of this command.",
        meant: "Did you mean “{meant}”?",
        unknown_command: "“{arg}” is not a command.",
        missing: "This is missing: {args}.",
        missing_command: "A command is needed.",
        invalid_value: "“{value}” cannot be used for {arg}.",
        no_value: "{arg} needs a value.",
        twice: "{arg} can stand only once.",
        conflict: "{arg} and {other} cannot be used together.",
        not_utf8: "A part of the command line is not text that can be read.",
        other: "The command cannot be used in this way.",
        more: "More help: {command} --help",
    },
};
