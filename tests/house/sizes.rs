//! Sizes at which a file or a function deserves a second look.

use std::fs;

use super::packages_source;
use crate::support::{code, files_below};

const FILE: usize = 400;
const FUNCTION: usize = 60;
/// Lines that tell one build from another; each is a program that somebody has to build to see it.
/// The desk is a third of them: its module, its texts, its commands, and that nobody misses it in the engine.
const CONDITIONS: usize = 11;

/// Every file of the three packages, without its tests.
fn files() -> Vec<(String, String)> {
    let files = packages_source().map(|source| files_below(&source, ".rs")).concat();
    let read = |file: &std::path::PathBuf| (file.display().to_string(), code(&fs::read_to_string(file).unwrap()));
    files.iter().map(read).collect()
}

/// Functions by their first line, each with its number of lines, as `cargo fmt` sets them.
fn functions(text: &str) -> Vec<(&str, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let begins = |line: &str| {
        let before = line.split_once("fn ").map(|(before, _)| before.split_whitespace());
        let known = |word: &str| ["async", "const", "unsafe", "extern"].contains(&word) || word.starts_with(['p', '"']);
        before.is_some_and(|mut words| words.all(known))
    };
    let measured = lines
        .iter()
        .enumerate()
        .filter(|(_, line)| begins(line))
        .map(|(at, line)| {
            let indent = line.len() - line.trim_start().len();
            let end = format!("{}}}", &line[..indent]);
            let length = lines[at..]
                .iter()
                .position(|other| *other == end)
                .map_or(1, |length| length + 1);
            let whole = line.ends_with('}') || line.ends_with(';');
            (*line, if whole { 1 } else { length })
        });
    measured.collect()
}

#[test]
fn files_and_functions_stay_small() {
    let mut long = Vec::new();
    for (file, text) in files() {
        let lines = text.lines().count();
        if lines > FILE {
            long.push(format!("{file}: {lines} lines"));
        }
        let functions = functions(&text).into_iter().filter(|(_, length)| *length > FUNCTION);
        long.extend(functions.map(|(line, length)| format!("{file}: {length} lines: {}", line.trim())));
    }
    assert!(long.is_empty(), "{long:#?}");
}

#[test]
fn few_lines_tell_builds_apart() {
    let conditions: Vec<_> = files()
        .iter()
        .flat_map(|(file, text)| {
            let lines = text
                .lines()
                .filter(|line| line.contains("cfg") && line.contains("feature ="));
            lines.map(|line| format!("{file}: {}", line.trim())).collect::<Vec<_>>()
        })
        .collect();
    assert!((1..=CONDITIONS).contains(&conditions.len()), "{conditions:#?}");
}

#[test]
fn a_long_function_would_be_found() {
    let body = "        x();\n".repeat(FUNCTION);
    let text = format!(
        "impl A {{\n    pub(crate) async fn long<T>(\n        a: T,\n    ) {{\n{body}    }}\n    fn short() {{}}\n}}\n"
    );
    let lengths: Vec<usize> = functions(&text).into_iter().map(|(_, length)| length).collect();
    assert_eq!(lengths, [FUNCTION + 4, 1]);
}
