//! `konvolutt texts LANG`: the program's own texts, as a file to translate.

use toml::Value;

use crate::i18n::{Entry, Lang};

/// Prints a file that `[languages]` takes once its texts are in another language.
pub(super) fn texts(lang: Lang) {
    println!(
        "# The program's own texts. Translate the right side of each line, keep what stands in braces, and set the"
    );
    println!("# language. A count has a form for one, for two, and for all the rest; a form may leave its number out.");
    println!("language = {}\n", quoted(lang.code()));
    lang.catalog().each(|name, about, entry| {
        for line in about {
            println!("#{line}");
        }
        match entry {
            Entry::Text(text) => println!("{name} = {}", quoted(text)),
            Entry::Plural(text) => {
                let forms = [("one", text.one), ("two", text.two), ("other", text.other)];
                let forms = forms.map(|(form, text)| format!("{form} = {}", quoted(text)));
                println!("{name} = {{ {} }}", forms.join(", "));
            }
        }
    });
}

fn quoted(text: &str) -> Value {
    Value::String(text.to_owned())
}
