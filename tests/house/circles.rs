//! No circle between files, also not inside a module: whoever reads a file need not have read one that needs it.
//!
//! A `mod.rs` is the face of its files: what it only hands on is looked up where it is written, and between it and the
//! files below it nothing is counted.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use super::packages_source;
use crate::support::{code, files_below};

/// The way to a module: `["spool", "layout"]`; the root is empty.
type Module = Vec<String>;
type Arrows = BTreeMap<Module, BTreeSet<Module>>;

/// Every file of a package by its module, without comments and tests.
fn modules(source: &Path) -> BTreeMap<Module, String> {
    let named = files_below(source, ".rs").into_iter().map(|file| {
        let below = file.strip_prefix(source).unwrap().with_extension("");
        let mut module: Module = below.iter().map(|part| part.to_string_lossy().into_owned()).collect();
        if ["mod", "lib"].contains(&module.last().unwrap().as_str()) {
            module.pop();
        }
        (module, code(&fs::read_to_string(&file).unwrap()))
    });
    named.collect()
}

/// The paths of a tree of names such as `entry::{self, Letter as L}, x`, up to what ends it; each as it is written, and
/// the name that it gets.
pub(super) fn tree(text: &str) -> Vec<(Vec<String>, String)> {
    let mut outer: Vec<Vec<String>> = Vec::new();
    let mut path: Vec<String> = Vec::new();
    let (mut found, mut name, mut word) = (Vec::new(), None, String::new());
    let (mut alias, mut joined) = (false, true);
    for c in text.chars().chain([';']) {
        if c.is_alphanumeric() || c == '_' {
            word.push(c);
            continue;
        }
        match std::mem::take(&mut word) {
            none if none.is_empty() => {}
            renamed if alias => name = Some(renamed),
            keyword if keyword == "as" => alias = true,
            itself if itself == "self" && outer.last() == Some(&path) => joined = false,
            part => {
                path.push(part);
                joined = false;
            }
        }
        match c {
            ':' => joined = true,
            c if c.is_whitespace() => {}
            '{' if joined => outer.push(path.clone()),
            ',' | '}' if !outer.is_empty() => {
                // After a `}` or a last comma there is nothing new.
                if !joined {
                    found.push((path.clone(), name.take().or(path.last().cloned()).unwrap_or_default()));
                }
                if c == '}' {
                    outer.pop();
                }
                path = outer.last().cloned().unwrap_or_default();
                (alias, joined) = (false, true);
                if outer.is_empty() {
                    return found;
                }
            }
            _ => break,
        }
    }
    let name = name.or(path.last().cloned()).unwrap_or_default();
    found.push((path, name));
    found
}

/// From where a path is written to where it leads, from the root.
fn absolute(from: &Module, path: &[String]) -> Module {
    let mut base = from.clone();
    let mut rest = path.iter().peekable();
    while let Some(word) = rest.peek() {
        match word.as_str() {
            "crate" => base.clear(),
            "super" => drop(base.pop()),
            "self" => {}
            _ => break,
        }
        rest.next();
    }
    base.extend(rest.cloned());
    base
}

/// The file in which what a path names is written, through whatever hands it on.
fn home(modules: &BTreeMap<Module, String>, path: &Module) -> Option<Module> {
    let length = (1..=path.len())
        .rev()
        .find(|length| modules.contains_key(&path[..*length]))?;
    let (module, rest) = path.split_at(length);
    let Some(wanted) = rest.first() else {
        return Some(module.to_vec());
    };
    let text = &modules[module];
    for (at, _) in text.match_indices("use ") {
        for (handed, name) in tree(&text[at + 4..]) {
            let target = absolute(&module.to_vec(), &handed);
            if name == *wanted && target != *path && modules.contains_key(&target[..target.len().min(length + 1)]) {
                let below = [target, rest[1..].to_vec()].concat();
                return home(modules, &below).or(Some(module.to_vec()));
            }
        }
    }
    Some(module.to_vec())
}

fn arrows(modules: &BTreeMap<Module, String>) -> Arrows {
    let mut arrows = Arrows::new();
    for (from, text) in modules {
        for start in ["super::", "crate::"] {
            for (at, _) in text.match_indices(start) {
                // The second of `super::super::` is no beginning.
                if text[..at].ends_with("::") || text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_') {
                    continue;
                }
                let targets = tree(&text[at..]).into_iter();
                let targets = targets.filter_map(|(path, _)| home(modules, &absolute(from, &path)));
                let counted = targets.filter(|to| !to.starts_with(from) && !from.starts_with(to));
                arrows.entry(from.clone()).or_default().extend(counted);
            }
        }
    }
    arrows
}

fn reached(arrows: &Arrows, from: &Module) -> BTreeSet<Module> {
    let mut seen = BTreeSet::new();
    let mut next: Vec<&Module> = arrows.get(from).into_iter().flatten().collect();
    while let Some(module) = next.pop() {
        if seen.insert(module.clone()) {
            next.extend(arrows.get(module).into_iter().flatten());
        }
    }
    seen
}

/// Groups of files of which each can be reached from each.
fn circles(modules: &BTreeMap<Module, String>) -> BTreeSet<Vec<String>> {
    let arrows = arrows(modules);
    let reached: BTreeMap<_, _> = arrows.keys().map(|from| (from, reached(&arrows, from))).collect();
    let on_one = arrows.keys().filter(|module| reached[module].contains(*module));
    let circle = |module: &Module| {
        let with_it = reached[module].iter();
        let with_it = with_it.filter(|other| reached.get(other).is_some_and(|back| back.contains(module)));
        with_it.map(|other| other.join("/")).collect()
    };
    on_one.map(circle).collect()
}

/// The circles of a package, each with the arrows of which one has to go.
fn told(source: &Path) -> Vec<String> {
    let modules = modules(source);
    let arrows = arrows(&modules);
    let named = |circle: Vec<String>| {
        let inside = arrows.iter().filter(|(from, _)| circle.contains(&from.join("/")));
        let inside = inside.flat_map(|(from, to)| to.iter().map(|to| (from.join("/"), to.join("/"))));
        let inside = inside.filter(|(_, to)| circle.contains(to));
        inside.map(|(from, to)| format!("{from} needs {to}\n")).collect()
    };
    circles(&modules).into_iter().map(named).collect()
}

#[test]
fn no_file_needs_one_that_needs_it() {
    let found: Vec<String> = packages_source().iter().flat_map(|source| told(source)).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_circle_would_be_found() {
    let house = |files: &[(&str, &str)]| -> BTreeMap<Module, String> {
        let module = |name: &str| {
            name.split('/')
                .filter(|part| !part.is_empty())
                .map(str::to_owned)
                .collect()
        };
        files.iter().map(|(name, text)| (module(name), code(text))).collect()
    };
    let face = (
        "m",
        "mod a;\nmod b;\npub use a::{One, Other as Second};\npub(crate) use b::two;",
    );
    for (a, b, circle) in [
        ("use super::b;", "use super::a::One;", true),
        ("use super::{b::{self, two}, x};", "fn f(one: super::One) {}", true),
        ("fn f() { crate::m::two() }", "impl crate::m::Second {}", true),
        (
            "use crate::{\n    m::b::two,\n};",
            "use super::{\n    Second,\n};",
            true,
        ),
        (
            "use super::b;",
            "// use super::a;\nfn f() {}\n#[cfg(test)]\nmod tests { use super::super::a; }",
            false,
        ),
        ("use super::b;", "use super::Third;", false),
        ("use super::b;", "use std::a; use other::super_::a;", false),
    ] {
        let found = circles(&house(&[("", "pub mod m;"), face, ("m/a", a), ("m/b", b)]));
        let expected: BTreeSet<_> = circle
            .then(|| vec!["m/a".to_owned(), "m/b".to_owned()])
            .into_iter()
            .collect();
        assert_eq!(found, expected, "{a} and {b}");
    }
}
