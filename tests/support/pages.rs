//! Every page in every language and state, of every form that the project ships.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use konvolutt::answer::Reply;
use konvolutt::form::{self, Line, Pick, Rule, Shape};
use konvolutt::submission::Receipt;
use konvolutt_letter::Reference;

use super::LANGS;
use super::http::{Answer, Form};
use super::receipts::receipt_seal;
use super::world::{Options, World};

/// A page to look at. Some addresses show their page only once.
pub struct Page {
    /// Group and state: `skriv-nn-filled`.
    pub name: String,
    /// Form and language: `skriv-nn`.
    pub group: String,
    pub path: String,
}

/// A world that serves all forms of the project.
pub fn world() -> World {
    World::with(Options {
        change: |authority| {
            let mut files = Vec::new();
            for path in forms() {
                let name = path.file_name().unwrap().to_str().unwrap().to_owned();
                if !authority.root.join("forms").join(&name).exists() {
                    fs::copy(&path, authority.root.join("forms").join(&name)).unwrap();
                }
                files.push(format!("\"forms/{name}\""));
            }
            authority.edit("konvolutt.toml", "\"forms/krisesenter.toml\"", &files.join(", "));
        },
        ..Options::default()
    })
}

fn forms() -> Vec<PathBuf> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/forms");
    let mut files: Vec<_> = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty());
    files
}

/// Calls `see` with each page, right before its address may be opened.
pub fn each(world: &World, mut see: impl FnMut(&Page)) {
    let mut show = |group: &str, state: &str, path: String| {
        let name = if state.is_empty() {
            group.to_owned()
        } else {
            format!("{group}-{state}")
        };
        see(&Page {
            name,
            group: group.to_owned(),
            path,
        });
    };
    for lang in LANGS {
        show("list", lang, format!("/{lang}/"));
    }
    for lang in LANGS {
        show(&format!("nothing-{lang}"), "", format!("/{lang}/x"));
        show(
            &format!("nothing-{lang}"),
            "over",
            format!("/{lang}/kvittering/{}", old_receipt(world)),
        );
    }
    for path in forms() {
        let today = jiff::Zoned::now().date();
        let form = form::read(&path, &LANGS, today, &mut Vec::new()).unwrap();
        for lang in &form.languages {
            let (name, slug) = (format!("{}-{lang}", form.slug), &form.slug);
            let address = format!("/{lang}/s/{slug}");
            show(&name, "empty", address.clone());
            let sent = |page: Form| {
                let answer: Answer = page.send();
                assert_eq!(answer.status, 303, "{name}: {}", answer.body);
                answer.location().to_owned()
            };
            let wrong = fill(&form, world.form_at(&address), false);
            show(&name, "errors", sent(wrong));
            // Sections and fields that were filled in without being asked for, and then choices without what belongs to them.
            let sections = form.sections.iter().filter(|section| section.shown_when.is_some());
            let first = sections.map(|section| &section.fields[0]);
            let belonging = || form.fields().filter(|field| field.required_when.is_some());
            let unasked = first.chain(belonging()).fold(world.form_at(&address), |page, field| {
                let date = matches!(field.kind.shape(), Shape::Day);
                page.text(&(field.name.clone() + if date { "_day" } else { "" }), "1")
            });
            show(&name, "unasked-errors", sent(unasked));
            let mut asking = BTreeSet::new();
            for when in belonging().filter_map(|field| field.required_when.as_ref()) {
                asking.insert((&when.field, &when.is[0]));
            }
            let alone = asking
                .iter()
                .fold(world.form_at(&address), |page, (name, value)| page.text(name, value));
            show(&name, "left-out-errors", sent(alone));
            let filled = || fill(&form, world.form_at(&address), true);
            show(&name, "filled", sent(filled().text("_lang", lang)));
            for aside in ["trygg", "kryptering", "personvern"] {
                show(&name, aside, format!("/{lang}/{aside}/{slug}"));
            }
            let receipt = sent(filled());
            assert!(receipt.contains("/kvittering/"), "{name}: {receipt}");
            show(&name, "sent", receipt);
            if form.receipt.copy {
                let receipt = sent(filled());
                let copy = receipt.replace('?', "/kopi?");
                show(&name, "copy", copy.clone());
                show(&name, "copy-again", copy);
            }
        }
    }
}

/// The address of a receipt of this store that is not shown any more.
fn old_receipt(world: &World) -> String {
    let receipt = Receipt {
        reference: Reference::from_random(&[9; 16]),
        repeat: false,
        files: 0,
        bytes: 0,
        proof: None,
        reply: Reply::NoWay,
    };
    receipt_seal(&world.root().join("spool")).seal("skriv", &receipt, Timestamp::UNIX_EPOCH)
}

/// Fills in everything, rightly or wrongly.
fn fill(form: &form::Form, mut page: Form, rightly: bool) -> Form {
    for field in form.fields() {
        let name = &field.name;
        let (right, wrong) = match field.kind.shape() {
            Shape::Line(Line { rule: Rule::Free, .. }) => ("Bodø «x» & <b>", "x"),
            Shape::Line(line) => (line.sample, "abc"),
            Shape::Lines => ("Ei linje.\n\nEi til.", ""),
            Shape::Day => {
                for (part, value) in [
                    ("day", if rightly { "21" } else { "31" }),
                    ("month", "2"),
                    ("year", "2026"),
                ] {
                    page = page.text(&format!("{name}_{part}"), value);
                }
                continue;
            }
            Shape::Choice(pick) => {
                // What makes further sections appear, else the first; wrongly nothing, but for those.
                let asks = |option: &form::Choice| {
                    let conditions = form.conditions();
                    conditions.iter().any(|when| when.holds_for(field, option))
                };
                let together = || field.options.iter().filter(|option| !option.alone);
                let all = || together().filter(|option| asks(option) || rightly);
                let first = all().find(|option| asks(option)).or(all().next());
                let chosen: Vec<_> = match pick {
                    Pick::Any => all().collect(),
                    Pick::One | Pick::Folded => first.into_iter().collect(),
                };
                for option in chosen {
                    page = page.text(name, &option.value);
                }
                continue;
            }
            Shape::Files | Shape::Nothing => continue,
        };
        page = page.text(name, if rightly { right } else { wrong });
    }
    page
}
