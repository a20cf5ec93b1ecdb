//! A setting that a page of the post room names is one that `postrom.toml` takes.

use std::fs;

use postrom::settings::NAMES;

use super::{documents, links, quoted, root, tests};

/// The pages about the post room and the desk, and the decisions about the desk; no page about the server's own settings.
fn pages() -> Vec<String> {
    let index = fs::read_to_string(root().join("docs/decisions/README.md")).unwrap();
    let desk = index
        .split("\n## ")
        .find(|part| part.starts_with("The desk\n"))
        .unwrap();
    let decisions = links(desk);
    let is_one = |name: &str| name.starts_with("post-room") || decisions.iter().any(|decision| decision == name);
    let all = documents().into_iter();
    all.filter(|(file, _)| is_one(&file.file_name().unwrap().to_string_lossy()))
        .map(|(_, text)| text)
        .collect()
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_lowercase() || c == '_')
}

/// `name = value`, also where it is switched off by a `#`.
fn assigned(line: &str) -> Option<&str> {
    let (name, _) = line.trim_start_matches(['#', ' ']).split_once(" = ")?;
    is_word(name).then_some(name)
}

/// What a page names as a setting: what is given a value, and whatever is written as the longer names are, but for
/// the names of tests.
fn named(text: &str, is_test: &dyn Fn(&str) -> bool) -> Vec<String> {
    let blocks = text
        .split("```toml")
        .skip(1)
        .filter_map(|rest| rest.split("```").next());
    let mut names: Vec<String> = blocks
        .flat_map(str::lines)
        .filter_map(assigned)
        .map(str::to_owned)
        .collect();
    for span in quoted(text) {
        // `login.name` as well: no program of ours has such a setting.
        let bare = span.rsplit_once('.').map_or(&*span, |(_, last)| last);
        let long = (is_word(bare) && bare.contains('_') && !is_test(bare)).then_some(bare);
        names.extend(assigned(&span).or(long).map(str::to_owned));
    }
    names
}

#[test]
fn every_setting_of_the_post_room_that_is_named_exists() {
    let tests = tests();
    let pages = pages();
    let named: Vec<String> = pages
        .iter()
        .flat_map(|text| named(text, &|span| tests.contains_key(span)))
        .collect();
    let wrong: Vec<&String> = named.iter().filter(|name| !NAMES.contains(&name.as_str())).collect();
    assert!(wrong.is_empty(), "no settings of postrom.toml: {wrong:?}");
    assert!(pages.len() > 10 && named.len() > 15, "only {named:?}");
}

#[test]
fn a_setting_that_does_not_exist_is_found() {
    let text = "With `marks = true`, `login.ca_file` and `a_test`\n```toml\nlock = 3\n# token = 'x' # y\nno line\n```\n`desk/a.rs`";
    let found = named(text, &|span| span == "a_test");
    assert_eq!(found, ["lock", "token", "marks", "ca_file"]);
    assert!(!found.iter().any(|name| NAMES.contains(&name.as_str())));
}
