//! Tells what became of a letter: a line for people, or one of JSON.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::desk::handover::HandedOver;
use crate::i18n::Lang;
use crate::i18n::desk::export::{TEXTS, about, placed};
use crate::judged::Verdict;

/// What was made of a letter.
pub(super) enum Way {
    /// A package for the archive.
    Package(HandedOver),
    /// A mail for a case officer.
    Mail(PathBuf),
    /// Nothing; this is the message.
    Message(String),
}

/// What became of a letter.
pub(super) struct Told {
    reference: String,
    what: Result<(Verdict, Way), NotDone>,
}

struct NotDone {
    code: &'static str,
    sentence: String,
}

impl Told {
    pub(super) fn done(reference: &str, verdict: Verdict, way: Way) -> Self {
        Self {
            reference: reference.to_owned(),
            what: Ok((verdict, way)),
        }
    }

    pub(super) fn not_done(reference: &str, code: &'static str, sentence: String) -> Self {
        Self {
            reference: reference.to_owned(),
            what: Err(NotDone { code, sentence }),
        }
    }

    pub(super) fn is_done(&self) -> bool {
        self.what.is_ok()
    }

    /// Says it.
    pub(super) fn tell(&self, as_json: bool, lang: Lang) {
        if as_json {
            println!("{}", self.json());
            return;
        }
        let t = TEXTS.of(lang);
        let reference = &self.reference;
        match &self.what {
            Err(NotDone { sentence, .. }) => say!("✗ {sentence}"),
            Ok((_, Way::Message(xml))) => print!("{xml}"),
            Ok((_, Way::Mail(file))) => println!("✓ {}", placed(t.resealed, reference, file)),
            Ok((_, Way::Package(done))) => {
                let text = if done.package.again { t.packed_before } else { t.packed };
                println!("✓ {}", placed(text, reference, &done.package.folder));
                if done.names_signs {
                    say!("! {}", about(t.missing, reference));
                }
            }
        }
    }

    fn json(&self) -> Value {
        let shown = |path: &Path| path.display().to_string();
        let mut json = json!({ "reference": self.reference });
        let more = match &self.what {
            Err(NotDone { code, sentence }) => json!({ "done": false, "code": code, "error": sentence }),
            Ok((verdict, way)) => {
                json["done"] = true.into();
                json["verdict"] = json!(verdict);
                match way {
                    Way::Message(xml) => json!({ "message": xml }),
                    Way::Mail(file) => json!({ "file": shown(file) }),
                    Way::Package(HandedOver { package, names_signs }) => json!({
                        "folder": shown(&package.folder),
                        "again": package.again,
                        "attachments": package.attachments,
                        "names_signs": names_signs,
                    }),
                }
            }
        };
        if let (Some(json), Value::Object(more)) = (json.as_object_mut(), more) {
            json.extend(more);
        }
        json
    }
}
