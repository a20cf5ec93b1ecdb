//! `konvolutt texts LANG`: the program's own texts, as a file to translate.

use toml::Value;

use crate::alarms::{Alarm, Alarms};
use crate::i18n::{Entry, Lang, Language, Plural, lacking};

/// An alarm is a line, not a list: `check` has them all.
const MOST_NAMED: usize = 5;

/// Prints a file that `[languages]` takes once its texts are in another language.
pub(super) fn texts(lang: Lang) {
    println!(
        "# The program's own texts. Translate the right side of each line, keep what stands in braces, and set the"
    );
    println!("# language. A count has a form for one, for two, and for all the rest; a form may leave its number out.");
    println!("language = {}", quoted(lang.code()));
    head(lang.language());
    lang.catalog().each(|name, about, entry| {
        for line in about {
            println!("#{line}");
        }
        match entry {
            Entry::Text(text) => println!("{name} = {}", quoted(text)),
            Entry::Plural(text) => {
                let forms = forms(lang, text).map(|(form, text)| format!("{form} = {}", quoted(text)));
                let forms: Vec<_> = forms.collect();
                println!("{name} = {{ {} }}", forms.join(", "));
            }
        }
    });
}

/// What a file says of its language. The Sámi languages are known, and a file from before needs none of it.
fn head(language: &Language) {
    println!(
        "\n# What is to be known of the language: take the mark away from the lines, and set them right. `name` and"
    );
    println!(
        "# `plural` must be there, but for se, smj and sma; the others have what stands here. The rules for counting are"
    );
    println!(
        "# those of CLDR, https://www.unicode.org/cldr/charts/latest/supplemental/language_plural_rules.html, for each"
    );
    println!("# form but `other`; each count below needs the forms that are named here, and `other`.");
    let rules = language
        .plural
        .iter()
        .map(|(form, when)| format!("{form} = {}", quoted(when)));
    println!("# head.name = {}", quoted(language.own_name));
    println!("# head.plural = {{ {} }}", rules.collect::<Vec<_>>().join(", "));
    println!("# head.decimal = {}", quoted(language.decimal));
    println!("# head.group = {}", quoted(language.group));
    println!("# head.date = {}", quoted(language.date));
    println!("# head.direction = {}", quoted(language.direction.name()));
    println!("# head.called = {{}} # what others call it: {{ nb = \"polsk\", nn = \"polsk\", en = \"Polish\" }}\n");
}

/// The forms of a count: one, two and other as ever, so that a translator sees them, and what the language has besides.
fn forms(lang: Lang, text: Plural) -> impl Iterator<Item = (&'static str, &'static str)> {
    let named = ["zero", "one", "two", "few", "many", "other"].into_iter();
    let own = move |form: &&str| {
        let has = lang.language().plural.iter().any(|(own, _)| own == form);
        has || ["one", "two", "other"].contains(form)
    };
    named.filter(own).map(move |form| (form, text.form(form)))
}

/// Makes the alarms of missing texts what the files lack: texts are read once, at the start, and so is this.
pub(super) fn report_missing(alarms: &Alarms) {
    let found = lacking().map(|(lang, missing)| {
        let (code, count) = (lang.code(), missing.len());
        let some = missing[..count.min(MOST_NAMED)].join(", ");
        let text = format!("of the texts in `{code}` {count} are missing and stand in bokmål: {some}");
        (code.to_owned(), text)
    });
    alarms.exactly(Alarm::Texts, found.collect());
}

fn quoted(text: &str) -> Value {
    Value::String(text.to_owned())
}
