//! `letter.json` as it lies in the folder: as it was sealed, but for names of files, and with a warning before all else
//! where it is not the form's.

use serde_json::{Map, Value};

use super::letter::{Letter, LetterFile};
use crate::judged::Verdict;
use crate::status::Status;

const WARNING: &str = "warning";

/// The file; `None` when what came is no JSON object.
pub(crate) fn letter_json(letter: &Letter<'_>, status: &Status) -> Option<Vec<u8>> {
    let mut json = letter.json.clone()?;
    name_files(&mut json, &letter.files);
    written(json, status)
}

/// With what stands before all else where the letter is not the form's.
pub(crate) fn written(mut json: Map<String, Value>, status: &Status) -> Option<Vec<u8>> {
    if status.verdict != Verdict::Genuine {
        // A forger's own words do not stand where ours do.
        json.shift_remove(WARNING);
        let first = (WARNING.to_owned(), Value::from(status.sentence.as_str()));
        json = std::iter::once(first).chain(json).collect();
    }
    let mut bytes = serde_json::to_vec_pretty(&json).ok()?;
    bytes.push(b'\n');
    Some(bytes)
}

fn name_files(json: &mut Map<String, Value>, files: &[LetterFile]) {
    let Some(Value::Array(said)) = json.get_mut("files") else {
        return;
    };
    for (said, file) in said.iter_mut().zip(files) {
        let Some(said) = said.as_object_mut() else { continue };
        if file.is_renamed() {
            said.insert("name".into(), file.name.clone().into());
            said.insert("name_in_letter".into(), file.said.clone().into());
        }
    }
}
