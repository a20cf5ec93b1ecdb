//! The long form of `docs/forms.md`: its example, with the steps in place of the sections.

use std::fs;
use std::path::Path;

/// The file.
pub fn steps_example() -> String {
    let docs = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/forms.md")).unwrap();
    let block = |mark: &str| {
        let after = docs.split(&format!("<!-- {mark} -->\n```toml\n")).nth(1).unwrap();
        after.split("```").next().unwrap()
    };
    let (head, _) = block("example").split_once("[[section]]").unwrap();
    head.to_owned() + block("steps")
}
