//! The command line in the clerk's language: clap's help and its mistakes, in our words.
//!
//! Comes in: a command as it is declared, or a mistake of its reading. Goes out: the same command with the texts of
//! [`help`], or a text to be told. Nothing is printed here.

use std::ffi::OsString;

use clap::builder::Resettable;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, Command, CommandFactory, FromArgMatches};
use konvolutt_letter::fill;

use crate::i18n::usage::{TEXTS, UsageTexts};
use crate::i18n::{Lang, help};

/// Reads a command line, with its help and its mistakes in a language.
///
/// # Errors
/// What is to be told instead of running.
pub fn parse<C: CommandFactory + FromArgMatches>(
    args: impl IntoIterator<Item = OsString>,
    lang: Lang,
) -> Result<C, Told> {
    let mut command = localise(C::command(), lang);
    command
        .try_get_matches_from_mut(args)
        .and_then(|matches| C::from_arg_matches(&matches))
        .map_err(|error| told(&error.format(&mut command), lang))
}

/// The command with its help in a language, and all commands below it.
pub fn localise(command: Command, lang: Lang) -> Command {
    let versioned = command.get_version().is_some();
    let command = worded(command, "", lang);
    let command = if versioned {
        command.arg(own_flag("version", 'V', ArgAction::Version, lang))
    } else {
        command
    };
    with_usage(command, lang)
}

fn worded(command: Command, path: &str, lang: Lang) -> Command {
    let t = TEXTS.of(lang);
    let below: Vec<String> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    let mut command = command
        // clap makes these three itself, in English.
        .disable_help_flag(true)
        .disable_version_flag(true)
        .disable_help_subcommand(true)
        .help_template(format!(
            "{{about-with-newline}}\n{} {{usage}}\n\n{{all-args}}{{after-help}}",
            t.usage
        ))
        .subcommand_help_heading(t.commands)
        .subcommand_value_name(t.a_command)
        .mut_args(|arg| worded_arg(arg, path, lang))
        .arg(own_flag("help", 'h', ArgAction::Help, lang));
    if let Some(text) = help::text(path, None, lang) {
        command = command.about(text).long_about(Resettable::Reset);
    }
    for name in below {
        command = command.mut_subcommand(&name, |sub| worded(sub, &name, lang));
    }
    command
}

fn own_flag(name: &'static str, short: char, action: ArgAction, lang: Lang) -> Arg {
    let arg = Arg::new(name).short(short).long(name).action(action);
    worded_arg(arg, "", lang)
}

fn worded_arg(arg: Arg, path: &str, lang: Lang) -> Arg {
    let t = TEXTS.of(lang);
    let heading = if arg.is_positional() { t.arguments } else { t.options };
    let text = help::text(path, Some(arg.get_id().as_str()), lang);
    let text = text.map(|text| [vec![text.to_owned()], choices(&arg, t)].concat().join(" "));
    let takes_values = arg.get_action().takes_values();
    let mut arg = arg.help_heading(heading).long_help(Resettable::Reset);
    if takes_values {
        arg = arg.hide_possible_values(true).hide_default_value(true);
    }
    if let Some(text) = text {
        arg = arg.help(text);
    }
    match value_name(&arg, lang) {
        Some(name) => arg.value_name(name),
        None => arg,
    }
}

/// In place of the one that was declared, or of the argument's own name in capitals.
fn value_name(arg: &Arg, lang: Lang) -> Option<&'static str> {
    let own = arg.get_id().as_str().to_uppercase();
    let declared = arg
        .get_value_names()
        .and_then(<[_]>::first)
        .map_or(own.as_str(), |name| name.as_str());
    help::value(declared, lang).filter(|_| arg.get_action().takes_values())
}

/// What clap would put behind a help text in English.
fn choices(arg: &Arg, t: &UsageTexts) -> Vec<String> {
    let takes = arg.get_action().takes_values();
    let values = if takes { arg.get_possible_values() } else { Vec::new() };
    let values: Vec<_> = values.iter().filter(|value| !value.is_hide_set()).collect();
    let values: Vec<_> = values.iter().map(|value| value.get_name()).collect();
    let default = arg.get_default_values().first();
    let default = default.filter(|_| takes);
    [
        (!values.is_empty()).then(|| fill(t.values, &[("values", &values.join(", "))])),
        default.map(|value| fill(t.default, &[("value", &value.to_string_lossy())])),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// clap has no place for another `[OPTIONS]`: each usage line is taken as it makes it, and given back in our words.
fn with_usage(command: Command, lang: Lang) -> Command {
    let mut built = command.clone();
    built.build();
    let own = usage(&mut built, lang);
    let mut command = command.override_usage(own);
    let below: Vec<String> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    for name in below {
        let Some(sub) = built.find_subcommand_mut(&name) else {
            continue;
        };
        let own = usage(sub, lang);
        command = command.mut_subcommand(&name, |sub| sub.override_usage(own));
    }
    command
}

fn usage(built: &mut Command, lang: Lang) -> String {
    let text = built.render_usage().to_string();
    let text = text.strip_prefix(CLAPS_USAGE).unwrap_or(&text);
    text.replace("[OPTIONS]", TEXTS.of(lang).any_options)
}

const CLAPS_USAGE: &str = "Usage: ";

/// What is told instead of running, when the command line asked for help or could not be understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Lines, the last one ended.
    pub text: String,
    /// Asked for: for standard output, with exit code 0. Otherwise it is wrong use, for standard error with code 2.
    pub asked_for: bool,
}

/// Puts a mistake of the reading into words.
pub fn told(error: &clap::Error, lang: Lang) -> Told {
    let asked_for = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    if asked_for || error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        let text = error.render().to_string();
        return Told { text, asked_for };
    }
    let t = TEXTS.of(lang);
    let mut lines = vec![what(error, t)];
    lines.extend(hint(error, t));
    if let Some(ContextValue::StyledStr(usage)) = error.get(ContextKind::Usage) {
        let usage = usage.to_string();
        let usage = usage.trim().strip_prefix(CLAPS_USAGE).unwrap_or(usage.trim());
        let is_name = |word: &&str| !word.starts_with(['[', '<', '-']) && *word != t.a_command;
        let command: Vec<_> = usage.split(' ').take_while(is_name).collect();
        lines.push(format!("\n{} {usage}", t.usage));
        lines.push(fill(t.more, &[("command", &command.join(" "))]));
    }
    Told {
        text: lines.join("\n") + "\n",
        asked_for,
    }
}

fn what(error: &clap::Error, t: &UsageTexts) -> String {
    let of = |kind| context(error, kind).join(", ");
    let arg = of(ContextKind::InvalidArg);
    let value = of(ContextKind::InvalidValue);
    match error.kind() {
        ErrorKind::UnknownArgument => fill(t.unknown_argument, &[("arg", &arg)]),
        ErrorKind::InvalidSubcommand => fill(t.unknown_command, &[("arg", &of(ContextKind::InvalidSubcommand))]),
        ErrorKind::MissingRequiredArgument => fill(t.missing, &[("args", &arg)]),
        ErrorKind::MissingSubcommand => t.missing_command.into(),
        ErrorKind::InvalidValue if value.is_empty() => fill(t.no_value, &[("arg", &arg)]),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            fill(t.invalid_value, &[("arg", &arg), ("value", &value)])
        }
        ErrorKind::TooFewValues | ErrorKind::NoEquals | ErrorKind::WrongNumberOfValues => {
            fill(t.no_value, &[("arg", &arg)])
        }
        ErrorKind::ArgumentConflict => match of(ContextKind::PriorArg) {
            prior if prior == arg => fill(t.twice, &[("arg", &arg)]),
            prior => fill(t.conflict, &[("arg", &arg), ("other", &prior)]),
        },
        ErrorKind::InvalidUtf8 => t.not_utf8.into(),
        _ => t.other.into(),
    }
}

/// What may have been meant, or what may be said.
fn hint(error: &clap::Error, t: &UsageTexts) -> Option<String> {
    let valid = context(error, ContextKind::ValidValue);
    let suggested = [
        ContextKind::SuggestedArg,
        ContextKind::SuggestedSubcommand,
        ContextKind::SuggestedValue,
    ];
    // The likeliest is the last one, and some commands are for nobody to type.
    let shown = |name: &String| name != super::OPENER;
    let meant = suggested
        .iter()
        .find_map(|kind| context(error, *kind).into_iter().rfind(shown));
    match meant {
        Some(meant) => Some(fill(t.meant, &[("meant", &meant)])),
        None if valid.is_empty() => None,
        None => Some(fill(t.values, &[("values", &valid.join(", "))])),
    }
}

fn context(error: &clap::Error, kind: ContextKind) -> Vec<String> {
    let said = match error.get(kind) {
        Some(ContextValue::String(one)) => vec![one.clone()],
        Some(ContextValue::Strings(several)) => several.clone(),
        _ => Vec::new(),
    };
    // What was typed may hold anything.
    said.iter()
        .map(|text| konvolutt_letter::printable(text.trim_end_matches("...")))
        .collect()
}

#[cfg(test)]
mod tests;
