//! The languages that are built in, as the tests write them: by position in `nb`, `nn`, `en` stand the sentences they look for.

use konvolutt::i18n::Lang;

/// Held against the program's own list below; a table of sentences with one too few does not compile.
pub const LANGS: [&str; 3] = ["nb", "nn", "en"];

#[test]
fn the_tests_look_at_every_language_that_is_built_in() {
    let built_in: Vec<_> = Lang::built_in().map(Lang::code).collect();
    assert_eq!(built_in, LANGS, "tests/support/langs.rs");
}
