//! Stories of letters that come to an out folder. No seal is made here: what is known of one is a value.

mod clerks;
mod contract;
mod killed;
mod run;
mod verdicts;

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use konvolutt_letter::{Document, Shelf, hex, read};
use sequoia_openpgp::Cert;
use sequoia_openpgp::cert::CertBuilder;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::*;
use crate::found::{Data, Sealed};
use crate::judged::{Judged, Reader, Signer, Verdict};
use crate::opened::{Body, Content};

const REF: &str = "222-2222-222";

/// A letter as a form's server writes it, or somebody who would like to be one.
struct Case {
    text: String,
    record: Value,
    files: Vec<(&'static str, &'static str)>,
    verdict: Verdict,
    signer: Option<Signer>,
    seal: u8,
    outer: Vec<(String, String)>,
}

/// With these words typed into it.
fn letter(typed: &str) -> Case {
    Case {
        text: format!("Skjemaet spør ikke.\n\nReferanse: {REF}\n\nHva?\n│ {typed}\n\nIngen vedlegg\n"),
        record: json!({
            "schema": konvolutt_letter::SCHEMA, "reference": REF, "id": "00", "form": "si-fra", "title": "Si fra",
            "authority": "Bygdeby kommune", "language": "nb", "received": "2026-02-01T10:00:00+01:00", "test": false,
            "notices": ["merk"], "answers": [{
                "name": "hva", "kind": "textarea", "label": "Hva?", "values": [typed], "normalised": [],
                "chosen": false, "note": null, "safe_contact": false,
            }], "files": [],
        }),
        files: Vec::new(),
        verdict: Verdict::Genuine,
        signer: Some(signer("RELAY")),
        seal: typed.as_bytes().first().copied().unwrap_or(0),
        outer: Vec::new(),
    }
}

fn signer(fingerprint: &str) -> Signer {
    Signer {
        fingerprint: fingerprint.into(),
        name: Some("Sikkert skjema".into()),
        former: false,
    }
}

impl Case {
    fn judged(mut self, verdict: Verdict) -> Self {
        self.verdict = verdict;
        if verdict == Verdict::Unsigned {
            self.signer = None;
        }
        self
    }

    fn by(mut self, fingerprint: &str) -> Self {
        self.signer = Some(signer(fingerprint));
        self
    }

    fn sealed_again(mut self) -> Self {
        self.seal += 100;
        self
    }

    /// Files as the first servers sent them: with names that may be equal.
    fn with_files(mut self, files: &[(&'static str, &'static str)]) -> Self {
        let listed = files.iter().map(|(name, bytes)| {
            json!({"field": "f", "name": name, "media_type": "image/jpeg", "size": bytes.len(), "sha256": digest(bytes)})
        });
        self.record["files"] = listed.collect();
        self.text = self.text.replace("Ingen vedlegg\n", "Vedlegg:\n");
        for (name, bytes) in files {
            self.text.push_str(&format!(
                "│ {name}\n{} byte\nSHA-256 {}\n\n",
                bytes.len(),
                digest(bytes)
            ));
        }
        self.files = files.to_vec();
        self
    }

    fn document(&self) -> Vec<u8> {
        let mut out = String::from("Content-Type: multipart/mixed; boundary=\"x\"\r\nMessage-ID: <a@b>\r\n\r\n");
        let text = self.text.replace('\n', "\r\n");
        out.push_str(&format!(
            "--x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
        ));
        for (name, bytes) in &self.files {
            let head = format!("Content-Disposition: attachment; filename=\"{name}\"");
            out.push_str(&format!("--x\r\n{head}\r\n\r\n{bytes}\r\n"));
        }
        let head = "Content-Type: application/json\r\nContent-Disposition: attachment; filename=\"letter.json\"";
        out.push_str(&format!("--x\r\n{head}\r\n\r\n{}\r\n--x--\r\n", self.record));
        out.into_bytes()
    }

    fn opened(&self) -> Opened {
        let bytes = self.document();
        let document: Document = read(&mut bytes.as_slice(), &mut Nowhere).ok().unwrap();
        self.opened_as(bytes, Content::Letter(Box::new(document)))
    }

    fn opened_as(&self, bytes: Vec<u8>, content: Content) -> Opened {
        Opened {
            judged: Judged {
                verdict: self.verdict,
                signer: self.signer.clone(),
                readers: vec![Reader {
                    key: "1122334455667788".into(),
                    known_as: Some("AAAABBBBCCCCDDDD Postmottak <post@x.example>".into()),
                }],
                opened_with: "AAAABBBBCCCCDDDD".into(),
            },
            sha256: Sha256::digest(&bytes).into(),
            content,
            body: Box::new(Memory(bytes)),
        }
    }

    fn sealed(&self) -> Sealed {
        Sealed {
            data: Data::Packets(Vec::new()),
            place: Vec::new(),
            outer: self.outer.clone(),
            reference: None,
            repaired: Vec::new(),
        }
    }

    fn seal(&self) -> [u8; 32] {
        [self.seal; 32]
    }
}

fn digest(bytes: &str) -> String {
    hex(Sha256::digest(bytes))
}

struct Memory(Vec<u8>);

impl Body for Memory {
    fn files(&self, shelf: &mut dyn Shelf) -> Result<(), Trouble> {
        read(&mut self.0.as_slice(), shelf)
            .map(drop)
            .map_err(|_| Trouble::Damaged)
    }

    fn whole(&self, out: &mut dyn Write) -> Result<(), Trouble> {
        out.write_all(&self.0).map_err(|_| Trouble::Damaged)
    }
}

struct Nowhere;

impl Shelf for Nowhere {
    fn begin(&mut self, _: &str) -> io::Result<Box<dyn Write>> {
        Ok(Box::new(io::sink()))
    }
}

/// A relay, with whose fingerprint letters are signed.
fn relay() -> Cert {
    CertBuilder::new().add_userid("Sikkert skjema").generate().unwrap().0
}

fn trust(relays: &[&Cert]) -> Trust {
    Trust {
        relays: relays.iter().map(|relay| (*relay).clone()).collect(),
        ..Trust::default()
    }
}

fn settings(out: &Path) -> OutputSettings {
    OutputSettings {
        out: out.to_owned(),
        ledger: LedgerPlace::Default,
        lang: Lang::Nn,
        who: "kari".into(),
    }
}

fn begin(out: &Path) -> Output {
    Output::begin(settings(out)).ok().unwrap().0
}

fn stage(output: &Output, case: &Case, trust: &Trust) -> Staged {
    let (opened, sealed) = (case.opened(), case.sealed());
    output
        .stage(&opened, &sealed, "a.eml", &case.seal(), trust)
        .ok()
        .unwrap()
}

/// One run with these letters in one batch.
fn run(out: &Path, cases: &[&Case], trust: &Trust) -> Vec<Placed> {
    let output = begin(out);
    let staged = cases.iter().map(|case| stage(&output, case, trust)).collect();
    let placed = output
        .settle(staged)
        .into_iter()
        .map(|placed| placed.ok().unwrap())
        .collect();
    assert!(output.finish().is_none());
    placed
}

fn one(out: &Path, case: &Case) -> PathBuf {
    run(out, &[case], &Trust::default()).remove(0).folder
}

/// Names in a folder that a person sees. Wine keeps the second stream of a file as one of its own.
fn seen(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names
        .filter(|name| !name.starts_with('.') && !name.ends_with(".jsonl") && !name.contains(':'))
        .collect();
    names.sort();
    names
}

fn text(folder: &Path) -> String {
    fs::read_to_string(folder.join("letter.txt")).unwrap()
}
