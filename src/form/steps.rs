//! The sections of a form, as they stand in its file: by themselves, or in steps.

use super::questions::Questions;
use super::{Section, Step};
use crate::diagnostic::Table;

/// All sections in the order in which they are asked, and the steps that they stand in.
pub(super) fn sections(table: &mut Table<'_>, questions: &mut Questions<'_>) -> (Vec<Section>, Vec<Step>) {
    let (own, in_steps) = (table.tables("section"), table.tables("step"));
    if !own.is_empty() && !in_steps.is_empty() {
        let what = "The form has sections outside of its steps: nobody knows where they belong.";
        let remedy = "Write each `[[section]]` into a step, as `[[step.section]]`, or take the steps away.";
        table.problem("section", what, remedy);
    }
    if in_steps.len() == 1 {
        let what = "A form of one step is a form of one page.";
        table.problem("step", what, "Add a second `[[step]]`, or write `[[section]]` instead.");
    }
    let mut sections: Vec<_> = own.into_iter().map(|one| questions.section(one, false)).collect();
    let one = |one| step(one, questions, &mut sections);
    let steps = in_steps.into_iter().map(one).collect();
    (sections, steps)
}

fn step(mut table: Table<'_>, questions: &mut Questions<'_>, sections: &mut Vec<Section>) -> Step {
    let first = sections.len();
    let title = questions.texts.needed(&mut table, "title");
    sections.extend(
        table
            .tables("section")
            .into_iter()
            .map(|one| questions.section(one, true)),
    );
    let own = &sections[first..];
    let always = |section: &Section| section.shown_when.is_none() && !section.fields.is_empty();
    if !own.iter().any(always) {
        let what = "There may be nothing to see in this step.";
        table.problem(
            "section",
            what,
            "Give it a `[[step.section]]` with a field and without `shown_when`.",
        );
    }
    Step {
        title,
        sections: first..sections.len(),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::diagnostic::Diagnostic;
    use crate::form::{self, Form};
    use crate::i18n::Lang;

    /// The form of the docs with other questions.
    fn read(questions: &str) -> (Option<Form>, Vec<Diagnostic>) {
        let docs = include_str!("../../docs/forms.md");
        let example = docs.split("<!-- example -->\n```toml\n").nth(1).unwrap();
        let head = example.split("[[section]]").next().unwrap();
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), format!("{head}{questions}")).unwrap();
        let mut told = Vec::new();
        let path: &Path = file.path();
        let form = form::read(path, &Lang::spoken(), jiff::civil::date(2026, 11, 22), &mut told);
        (form, told)
    }

    const TEXT: &str = "{ nb = \"x\", en = \"x\" }";

    fn section(place: &str, name: &str, more: &str) -> String {
        format!(
            "[[{place}]]\n{more}\n[[{place}.field]]\nname = \"{name}\"\nkind = \"radio\"\nlabel = {TEXT}\n\
             options = [{{ value = \"x\", label = {TEXT} }}]\n"
        )
    }

    fn step(sections: &str) -> String {
        format!("[[step]]\ntitle = {TEXT}\n{sections}")
    }

    fn when(name: &str) -> String {
        format!("title = {TEXT}\nshown_when = {{ field = \"{name}\", is = [\"x\"] }}")
    }

    #[test]
    fn each_step_has_its_sections() {
        let own = |name: &str, more: &str| section("step.section", name, more);
        let file = step(&own("a", "")) + &step(&(own("b", "") + &own("c", &when("a"))));
        let (form, told) = read(&file);
        assert_eq!(told, []);
        let steps: Vec<_> = form.unwrap().steps.into_iter().map(|step| step.sections).collect();
        assert_eq!(steps, [0..1, 1..3]);
        let (form, told) = read(&section("section", "a", &format!("title = {TEXT}")));
        assert_eq!(told, []);
        assert!(form.unwrap().steps.is_empty());
    }

    #[test]
    fn what_no_step_can_be_is_told() {
        let own = |name: &str, more: &str| section("step.section", name, more);
        let two = || step(&own("a", "")) + &step(&own("b", ""));
        for (wrong, wanted) in [
            (
                section("section", "c", &format!("title = {TEXT}")) + &two(),
                "outside of its steps",
            ),
            (step(&own("a", "")), "one step"),
            (two() + &step(""), "nothing to see"),
            (two() + &step(&own("c", &when("a"))), "nothing to see"),
            // What depends on a choice is asked about by its title.
            (
                two() + &step(&(own("c", "") + &own("d", &when("a").replacen("title", "#", 1)))),
                "is missing",
            ),
            // A choice in a later step decides about nothing.
            (
                step(&(own("a", "") + &own("c", &when("b")))) + &step(&own("b", "")),
                "stands above",
            ),
            (step(&own("a", "")) + &step(&own("a", "")), "Two fields"),
            (two().replace("[[step]]\ntitle", "[[step]]\nheading"), "is not a key"),
        ] {
            let (_, told) = read(&wrong);
            assert!(
                told.iter().any(|one| one.what.contains(wanted)),
                "{wanted}: {told:?}\n{wrong}"
            );
        }
    }
}
