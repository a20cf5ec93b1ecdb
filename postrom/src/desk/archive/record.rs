//! `letter.json` of a package: what a letter's folder has, out of what was read.

use konvolutt_letter::Record;
use serde_json::Value;

use crate::folder::json::written;
use crate::status::Status;

/// The file; `None` of a letter in a format that this version does not know.
pub(super) fn record_json(record: Option<&Record>, status: &Status) -> Option<Vec<u8>> {
    let Ok(Value::Object(mut json)) = serde_json::to_value(record?) else {
        return None;
    };
    if let Some(Value::Array(said)) = json.get_mut("files") {
        for (said, file) in said.iter_mut().zip(&status.files) {
            let (Some(said), true) = (said.as_object_mut(), file.name_in_letter.is_some()) else {
                continue;
            };
            if let Some(name) = said.insert("name".into(), file.name.clone().into()) {
                said.insert("name_in_letter".into(), name);
            }
        }
    }
    written(json, status)
}
