//! Documents name what exists: links, files, tests. And they keep to their sizes.

mod settings;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::files_below;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every document of the project, but for those that tools bring along.
fn documents() -> Vec<(PathBuf, String)> {
    let mut files = files_below(&root().join("docs"), ".md");
    for entry in fs::read_dir(root()).unwrap().flatten() {
        if entry.path().extension().is_some_and(|ending| ending == "md") {
            files.push(entry.path());
        }
    }
    files.sort();
    let read = |file: PathBuf| {
        let text = fs::read_to_string(&file).unwrap();
        (file, text)
    };
    files.into_iter().map(read).collect()
}

/// What stands between backticks, outside of blocks of code.
fn quoted(text: &str) -> Vec<String> {
    let prose: Vec<&str> = text.split("```").step_by(2).collect();
    let spans = prose.iter().flat_map(|part| part.split('`').skip(1).step_by(2));
    spans
        .map(|span| span.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect()
}

/// Where links and pictures lead to.
fn links(text: &str) -> Vec<String> {
    let ends = [("](", ')'), ("src=\"", '"')];
    let found = |(begin, end): (&str, char)| -> Vec<String> {
        let rest = text.split(begin).skip(1);
        rest.filter_map(|rest| Some(rest.split_once(end)?.0.to_owned()))
            .collect()
    };
    ends.into_iter().flat_map(found).collect()
}

/// The name that a heading has in an address.
fn anchor(heading: &str) -> String {
    let kept = heading.trim_start_matches('#').trim().chars();
    let kept = kept.filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-'));
    kept.map(|c| if c == ' ' { '-' } else { c.to_ascii_lowercase() })
        .collect()
}

/// What is wrong with one link of a document.
fn broken(document: &Path, link: &str) -> Option<String> {
    if link.contains("://") {
        return None;
    }
    let (file, heading) = link.split_once('#').unwrap_or((link, ""));
    let target = if file.is_empty() {
        document.to_owned()
    } else {
        document.parent().unwrap().join(file)
    };
    if !target.exists() {
        return Some(format!("{}: {link} leads nowhere", document.display()));
    }
    let text = fs::read_to_string(&target).unwrap_or_default();
    let there = heading.is_empty()
        || text
            .lines()
            .any(|line| line.starts_with('#') && anchor(line) == heading);
    (!there).then(|| format!("{}: {link} has no such heading", document.display()))
}

/// Where a test stands, as far as a command has to know it.
#[derive(Clone, Default)]
struct Test {
    /// Its name with all its modules, which a command's filter is looked for in.
    whole: String,
    /// Left out unless it is asked for.
    ignored: bool,
    /// Of the post room's test program, not of the server's.
    post_room: bool,
}

/// The tests of the project: `module::name` for those in `tests`, the bare name for those in the packages. Those in
/// `postrom/tests` go by both, with all their modules.
fn tests() -> BTreeMap<String, Test> {
    let mut names = BTreeMap::new();
    for folder in ["src", "letter/src", "postrom/src", "postrom/tests", "tests"] {
        for file in files_below(&root().join(folder), ".rs") {
            let own = file.strip_prefix(root().join(folder)).unwrap();
            let module = own.components().next().unwrap().as_os_str().to_string_lossy();
            let module = module.trim_end_matches(".rs");
            let text = fs::read_to_string(&file).unwrap();
            for (name, ignored) in marked(&text) {
                let post_room = folder == "postrom/tests";
                let whole = match folder {
                    "tests" => format!("{module}::{name}"),
                    "postrom/tests" => format!("{}{name}", way(own)),
                    _ => name.clone(),
                };
                let test = Test {
                    whole: whole.clone(),
                    ignored,
                    post_room,
                };
                if post_room {
                    let other = names.insert(name, test.clone());
                    assert!(
                        !other.is_some_and(|other: Test| other.post_room),
                        "two tests of the post room are called as {whole}"
                    );
                }
                names.insert(whole, test);
            }
        }
    }
    names
}

/// The modules of a file of tests, as the test runner names them: `find::hostile::`.
fn way(file: &Path) -> String {
    let parts = file.with_extension("");
    let parts = parts.iter().map(|part| part.to_string_lossy().into_owned());
    parts.filter(|part| part != "mod").map(|part| part + "::").collect()
}

/// All that the server is made of, and what the post room calls its settings.
fn source() -> String {
    let mut files = files_below(&root().join("src"), ".rs");
    files.push(root().join("postrom/src/settings.rs"));
    files.iter().map(|file| fs::read_to_string(file).unwrap()).collect()
}

/// The functions below an attribute that makes them tests, whatever else stands between; and whether they are ignored.
fn marked(text: &str) -> Vec<(String, bool)> {
    let mut names = Vec::new();
    let (mut is_test, mut ignored) = (false, false);
    for line in text.lines().map(str::trim_start) {
        is_test |= line.starts_with("#[test]") || line.starts_with("#[tokio::test");
        ignored |= is_test && line.starts_with("#[ignore");
        if let Some((_, rest)) = line.split_once("fn ").filter(|_| is_test) {
            let name = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            names.push((name, ignored));
            (is_test, ignored) = (false, false);
        }
    }
    names
}

/// A command that runs tests, as a document has it.
struct Command<'a> {
    /// Empty where it runs all.
    filter: &'a str,
    flags: Vec<&'a str>,
    post_room: bool,
}

impl<'a> Command<'a> {
    fn of(span: &'a str) -> Option<Self> {
        let begins = [
            ("cargo test --test all", false),
            ("cargo test --lib", false),
            ("cargo test -p postrom --test all", true),
            ("cargo test -p postrom", true),
        ];
        let begin = |(begin, post_room): &(&str, bool)| Some((span.split_once(begin)?.1, *post_room));
        let (after, post_room) = begins.iter().find_map(begin)?;
        if post_room && after.contains("--lib") {
            return None;
        }
        let mut flags: Vec<&str> = after.split_whitespace().collect();
        let filter = match flags.first() {
            Some(first) if !first.starts_with('-') => flags.remove(0),
            _ => "",
        };
        Some(Self {
            filter,
            flags,
            post_room,
        })
    }

    fn runs(&self, test: &Test) -> bool {
        let has = |flag: &str| self.flags.contains(&flag);
        let chosen = test.whole.contains(self.filter) && test.post_room == self.post_room;
        chosen && (has("--include-ignored") || has("--ignored") == test.ignored)
    }
}

/// `module::name`, when it names a test. Modules of tests are the files in `tests`.
fn named_test(span: &str) -> Option<&str> {
    let (module, name) = span.split_once("::")?;
    let word = |text: &str| {
        !text.is_empty()
            && text
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
    };
    // `mod::` alone is a filter, and `clippy::…` is a lint.
    (word(module) && word(name) && module != "clippy").then_some(span)
}

/// Several words in snake case are the name of a unit test, of a setting or of a metric.
fn named_unit_test<'a>(span: &'a str, source: &str) -> Option<&'a str> {
    let words = span.matches('_').count() >= 2 && span.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    let other = || span.starts_with("konvolutt_") || source.contains(&format!("{span}: "));
    (words && !other()).then_some(span)
}

/// A file or folder of the project.
fn named_path(span: &str) -> Option<&str> {
    const TOP: [&str; 11] = [
        "benches",
        "config",
        "docs",
        "examples",
        "fuzz",
        "letter",
        "packaging",
        "postrom",
        "src",
        "templates",
        "tests",
    ];
    let (first, _) = span.split_once('/')?;
    (TOP.contains(&first) && !span.contains([' ', '*', '…'])).then_some(span)
}

#[test]
fn links_lead_somewhere() {
    let wrong: Vec<String> = documents()
        .iter()
        .flat_map(|(file, text)| {
            links(text)
                .into_iter()
                .filter_map(|link| broken(file, &link))
                .collect::<Vec<_>>()
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_test_that_is_named_exists() {
    let (tests, source) = (tests(), source());
    let mut seen = 0;
    let mut wrong = Vec::new();
    for (file, text) in documents() {
        for span in quoted(&text) {
            if let Some(name) = named_test(&span).or(named_unit_test(&span, &source)) {
                seen += 1;
                if !tests.contains_key(name) {
                    wrong.push(format!("{}: there is no test {name}", file.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen > 200, "only {seen} tests are named");
}

#[test]
fn every_file_that_is_named_exists() {
    let mut seen = 0;
    let mut wrong = Vec::new();
    for (file, text) in documents() {
        for span in quoted(&text) {
            if let Some(path) = named_path(&span) {
                seen += 1;
                if !root().join(path).exists() {
                    wrong.push(format!("{}: there is no {path}", file.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen > 40, "only {seen} files are named");
}

/// `cargo test --test all NAME` runs something, with the flags that it has: a command that runs nothing is green.
#[test]
fn every_command_for_tests_selects_one() {
    let tests = tests();
    let mut seen = 0;
    let mut wrong = Vec::new();
    for (file, text) in documents() {
        for span in quoted(&text) {
            let Some(command) = Command::of(&span).filter(|command| command.filter != "NAME") else {
                continue;
            };
            seen += 1;
            // Of a unit test only the module is known here.
            let module = root().join("src").join(command.filter.trim_end_matches("::"));
            let unit = span.contains("--lib") && module.is_dir();
            if !unit && !tests.values().any(|test| command.runs(test)) {
                wrong.push(format!("{}: `{span}` runs nothing", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen > 60, "only {seen} commands");
}

/// Beside each promise stands what runs its tests: all of those that are named as `module::name`, and the post room's also by
/// their names alone.
#[test]
fn each_promise_has_the_commands_that_run_its_tests() {
    let tests = tests();
    let text = fs::read_to_string(root().join("docs/promises.md")).unwrap();
    let mut seen = 0;
    let mut wrong = Vec::new();
    for promise in text.split("\n- **").skip(1) {
        let Some((named, run)) = promise.split_once("\n  Run: ") else {
            continue;
        };
        let (named, run) = (quoted(named), quoted(run));
        let commands: Vec<_> = run.iter().filter_map(|span| Command::of(span)).collect();
        let of_post_room = |span: &str| tests.get(span).is_some_and(|test| test.post_room);
        let meant = named
            .iter()
            .filter(|span| named_test(span).is_some() || of_post_room(span));
        for name in meant {
            seen += 1;
            let test = tests.get(name).cloned().unwrap_or_default();
            if !commands.iter().any(|command| command.runs(&test)) {
                wrong.push(format!("docs/promises.md: {run:?} does not run {name}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen > 100, "only {seen} tests");
}

/// Words as `wc -w` counts them.
fn words(text: &str) -> usize {
    text.split_whitespace().count()
}

#[test]
fn the_first_pages_stay_short() {
    let read = |name: &str| fs::read_to_string(root().join(name)).unwrap();
    let (lines, words) = (read("README.md").lines().count(), words(&read("ARCHITECTURE.md")));
    assert!(lines <= 150, "README.md has {lines} lines");
    assert!(words <= 1500, "ARCHITECTURE.md has {words} words");
    let map = read("ARCHITECTURE.md");
    let glossary = map.split("\n## ").find(|part| part.starts_with("The words")).unwrap();
    let terms = glossary.lines().filter(|line| line.starts_with("- **")).count();
    assert!((1..=20).contains(&terms), "the glossary has {terms} words");
}

/// Each decision has its three parts, and stands in the index.
#[test]
fn decisions_are_whole_and_in_the_index() {
    let folder = root().join("docs/decisions");
    let index = fs::read_to_string(folder.join("README.md")).unwrap();
    let mut files = files_below(&folder, ".md");
    files.retain(|file| !file.ends_with("README.md"));
    assert_eq!(links(&index).len(), files.len());
    for file in files {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let text = fs::read_to_string(&file).unwrap();
        for part in ["**Context.**", "**Decision.**", "**Consequence.**"] {
            assert!(text.contains(part), "{name} has no {part}");
        }
        let title = text.lines().next().unwrap().trim_start_matches("# ");
        assert!(
            index.contains(&format!("[{title}]({name})")),
            "{name} is not in the index"
        );
    }
}

#[test]
fn the_checks_themselves_can_find_something() {
    assert_eq!(quoted("a `b  c` d\n```sh\n`x`\n```\n`e`"), ["b c", "e"]);
    assert_eq!(links("[a](b.md#c) <img src=\"d.png\">"), ["b.md#c", "d.png"]);
    assert_eq!(anchor("## TLS, or a proxy"), "tls-or-a-proxy");
    let here = root().join("README.md");
    assert!(broken(&here, "docs/none.md").is_some());
    assert!(broken(&here, "docs/operate.md#no-such-heading").is_some());
    assert!(broken(&here, "docs/operate.md#install").is_none());
    assert_eq!(
        marked("#[test]\n#[ignore]\nfn a_b() {}\nfn c() {}\n#[tokio::test]\nasync fn d() {}"),
        [("a_b".to_owned(), true), ("d".to_owned(), false)]
    );
    let test = |whole: &str, ignored, post_room| Test {
        whole: whole.into(),
        ignored,
        post_room,
    };
    let runs = |span, ignored| {
        Command::of(span)
            .unwrap()
            .runs(&test("crash::a_receipt", ignored, false))
    };
    assert!(runs("cargo test --test all crash::", false) && !runs("cargo test --test all crash::", true));
    assert!(runs("cargo test --test all a_r -- --ignored", true) && !runs("cargo test --test all -- --ignored", false));
    assert!(runs("A=1 cargo test --test all -- --include-ignored", true) && !runs("cargo test --lib x", false));
    assert_eq!(
        way(Path::new("find/hostile.rs")) + &way(Path::new("keys/mod.rs")),
        "find::hostile::keys::"
    );
    let there = Command::of("cargo test -p postrom --test all find::").unwrap();
    assert!(there.runs(&test("find::a", false, true)) && !there.runs(&test("find::a", false, false)));
    let all = Command::of("cargo test -p postrom").unwrap();
    assert!(all.runs(&test("texts::a", false, true)) && Command::of("cargo test -p postrom --lib a").is_none());
    assert_eq!(named_test("crash::a_receipt"), Some("crash::a_receipt"));
    assert_eq!(named_test("crash::"), None);
    assert_eq!(named_unit_test("names_cannot_act", ""), Some("names_cannot_act"));
    assert_eq!(named_unit_test("files_limit_mb", "files_limit_mb: u64"), None);
    assert_eq!(named_path("src/none.rs"), Some("src/none.rs"));
    assert_eq!(words("- **a**: b c\n"), 4);
}
