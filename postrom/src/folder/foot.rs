//! The foot of `letter.txt`: what the post room knows of the letter, for whoever gets it printed.

use konvolutt_letter::{fill, marked, printable};

use super::lines::ours;
use crate::i18n::letters::TEXTS;
use crate::judged::{Reader, Signer, Verdict};
use crate::names::groups;
use crate::status::Status;

/// A line that no citizen's line can look like.
const RULE: usize = 72;

/// The lines, with an empty one before the rule and at the end.
pub(crate) fn foot(status: &Status) -> Vec<String> {
    let texts = &TEXTS.of(status.language).foot;
    let mut out = vec![String::new(), "-".repeat(RULE)];
    let said = [
        (texts.form, &status.form_title),
        (texts.authority, &status.authority),
        (texts.reference, &status.reference),
        (texts.received, &status.received),
    ];
    for (label, value) in said {
        if let Some(value) = value {
            said_by_letter(label, value, status.verdict, &mut out);
        }
    }
    ours(&format!("{}: {}", texts.verdict, status.sentence), &mut out);
    if let Some(signer) = &status.signer {
        ours(&format!("{}: {}", texts.signed_by, named(signer)), &mut out);
    }
    out.push(format!("{}:", texts.readers));
    for reader in &status.readers {
        ours(&format!("  {}", opener(reader, texts.unknown_key)), &mut out);
    }
    files(status, &mut out);
    out.push(String::new());
    out
}

/// A letter that is not the form's may say anything, so its words are marked.
fn said_by_letter(label: &str, value: &str, verdict: Verdict, out: &mut Vec<String>) {
    let value = printable(value);
    if verdict == Verdict::Genuine {
        ours(&format!("{label}: {value}"), out);
    } else {
        out.push(format!("{label}:"));
        out.extend(marked(&value));
    }
}

fn named(signer: &Signer) -> String {
    let fingerprint = groups(&signer.fingerprint);
    match &signer.name {
        Some(name) => format!("{}, {fingerprint}", printable(name)),
        None => fingerprint,
    }
}

/// `FINGERPRINT Name` as people read it.
fn opener(reader: &Reader, unknown: &str) -> String {
    let Some(known) = &reader.known_as else {
        return fill(unknown, &[("key", &printable(&reader.key))]);
    };
    match known.split_once(' ') {
        Some((fingerprint, name)) if !name.is_empty() => format!("{}, {}", printable(name), groups(fingerprint)),
        _ => groups(known.trim()),
    }
}

/// Names are the citizen's too.
fn files(status: &Status, out: &mut Vec<String>) {
    let texts = &TEXTS.of(status.language).foot;
    if status.files.is_empty() {
        out.push(texts.no_files.into());
        return;
    }
    out.push(format!("{}:", texts.files));
    for file in &status.files {
        out.extend(marked(&file.name));
        out.push(format!("  {}", texts.bytes.of(file.size)));
    }
}
