//! `letter.json`: the letter for machines. `konvolutt schema letter` prints its schema.

use serde::{Deserialize, Serialize};

/// Name and version of the format; a reader refuses what it does not know.
pub const SCHEMA: &str = "konvolutt.letter/1";

/// The schema of [`Record`] as JSON Schema.
pub const JSON_SCHEMA: &str = include_str!("schema.json");

/// Everything in a letter but the bytes of its files.
#[derive(Clone, Serialize, Deserialize)]
pub struct Record {
    /// [`SCHEMA`].
    pub schema: String,
    /// Number for people.
    pub reference: String,
    /// 128 bits in hexadecimal; the same in every repeat of a letter, never the same in two letters.
    pub id: String,
    /// Slug of the form.
    pub form: String,
    /// Title of the form, in the letter's language.
    pub title: String,
    /// The same as the citizen read it, where that is another text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title_read: Option<String>,
    /// Name of the authority that the form belongs to, in the letter's language. Empty in letters that were written before it was told.
    #[serde(default)]
    pub authority: String,
    /// Language of the letter: of its questions, of what was chosen, and of the program's own words in it. Empty in letters that
    /// were written before there was one, which are in the citizen's: ask [`Record::letter_language`].
    #[serde(default)]
    pub letter_language: String,
    /// Language the citizen used the form in.
    pub language: String,
    /// What that is called, for whoever reads the letter. Empty in letters that were written before it was told.
    #[serde(default)]
    pub language_name: String,
    /// When it was received, RFC 3339 with the offset of the authority's time zone.
    pub received: String,
    /// A letter made by `send-test` or the canary, not by a citizen.
    pub test: bool,
    /// Remarks of the relay for the post room, such as a certificate that could not be used.
    pub notices: Vec<String>,
    /// What the form's file says about the archive. Letters that were written before it was told lack it.
    #[serde(default)]
    pub archive: Option<Archive>,
    /// In so many days the authority answers, at least provisionally, when the form's file names a deadline.
    #[serde(default)]
    pub deadline_days: Option<u16>,
    /// In the order of the form.
    pub answers: Vec<RecordAnswer>,
    /// In the order in which they came.
    pub files: Vec<RecordFile>,
}

impl Record {
    /// Language of the questions, of what was chosen, and of the program's own words.
    pub fn letter_language(&self) -> &str {
        match self.letter_language.as_str() {
            "" => &self.language,
            own => own,
        }
    }
}

/// What the archive's journal says of a letter. Its title is public: it comes from the form's file, never from a citizen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Archive {
    /// Title in the public journal.
    pub public_title: String,
    /// The rule that exempts the letter from public access, as the journal names it.
    pub legal_basis: String,
    /// The archive's code for who may read it.
    pub access_code: String,
}

/// One answer.
#[derive(Clone, Serialize, Deserialize)]
pub struct RecordAnswer {
    /// Name of the field.
    pub name: String,
    /// Kind of the field, as form files name it. This package knows no kinds: what it must know of one has a place of
    /// its own below.
    pub kind: String,
    /// The question, in the letter's language.
    pub label: String,
    /// The same as the citizen read it, where that is another text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label_read: Option<String>,
    /// As typed, or as it is called in the letter's language when it was chosen; empty when not answered.
    pub values: Vec<String>,
    /// What was chosen as the citizen read it, where that is another text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub values_read: Option<Vec<String>>,
    /// The form to compare, one per value; empty for free text.
    pub normalised: Vec<String>,
    /// Chosen from a list, not typed: `normalised` holds words for machines, which a person need not read. Letters that
    /// were written before this was known lack it.
    #[serde(default)]
    pub chosen: bool,
    /// Remark for the clerk.
    pub note: Option<String>,
    /// Says whether contact is safe.
    pub safe_contact: bool,
    /// Names the sender, for the archive. Letters that were written before this was known lack it.
    #[serde(default)]
    pub sender: bool,
    /// Name of the choice that it was asked because of: a number belongs to the question which ways are safe. Letters that
    /// were written before this was known lack it.
    #[serde(default)]
    pub belongs_to: Option<String>,
}

/// One file.
#[derive(Clone, Serialize, Deserialize)]
pub struct RecordFile {
    /// Field it was chosen in.
    pub field: String,
    /// Name in this letter: harmless, and no other file's.
    pub name: String,
    /// Media type in this letter.
    pub media_type: String,
    /// Bytes.
    pub size: u64,
    /// SHA-256 in hexadecimal.
    pub sha256: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What came to the format later: written always, not asked of a letter that was written before.
    const LATER: [&str; 11] = [
        "authority",
        "archive",
        "deadline_days",
        "letter_language",
        "language_name",
        "title_read",
        "chosen",
        "sender",
        "label_read",
        "values_read",
        "belongs_to",
    ];

    /// What no form writes: `postrom` adds it to the `letter.json` of a folder.
    const IN_THE_FOLDER: [&str; 2] = ["warning", "name_in_letter"];

    #[test]
    fn a_letter_of_the_first_version_is_read() {
        let answer = r#"{"name":"a","kind":"radio","label":"A","values":["Ja"],"normalised":["ja"],"note":null,"safe_contact":false}"#;
        let answer: RecordAnswer = serde_json::from_str(answer).unwrap();
        assert!(!answer.chosen && answer.belongs_to.is_none() && answer.normalised == ["ja"]);
        let letter = r#"{"schema":"konvolutt.letter/1","reference":"","id":"","form":"klage","title":"Klage","language":"nb",
            "received":"","test":false,"notices":[],"answers":[],"files":[]}"#;
        let letter: Record = serde_json::from_str(letter).unwrap();
        assert_eq!((letter.authority.as_str(), letter.title.as_str()), ("", "Klage"));
        assert_eq!((letter.letter_language(), letter.language_name.as_str()), ("nb", ""));
        let own = Record {
            letter_language: "nn".into(),
            ..letter
        };
        assert_eq!((own.letter_language(), own.language.as_str()), ("nn", "nb"));
    }

    /// What was added to a letter in its folder does not keep it from being read.
    #[test]
    fn a_letter_of_a_folder_is_read() {
        let letter = r#"{"schema":"konvolutt.letter/1","warning":"Ikke ekte","reference":"","id":"","form":"","title":"","authority":"Etaten",
            "language":"nb","received":"","test":false,"notices":[],"answers":[],
            "files":[{"field":"f","name":"a (2).jpg","name_in_letter":"a.jpg","media_type":"","size":1,"sha256":""}]}"#;
        let letter: Record = serde_json::from_str(letter).unwrap();
        assert_eq!(letter.files[0].name, "a (2).jpg");
    }

    /// The schema names exactly what is written, at each level.
    #[test]
    fn the_schema_is_true() {
        let record = Record {
            schema: SCHEMA.into(),
            reference: String::new(),
            id: String::new(),
            form: String::new(),
            title: String::new(),
            title_read: Some(String::new()),
            authority: String::new(),
            letter_language: String::new(),
            language: String::new(),
            language_name: String::new(),
            received: String::new(),
            test: false,
            notices: Vec::new(),
            archive: Some(Archive {
                public_title: String::new(),
                legal_basis: String::new(),
                access_code: String::new(),
            }),
            deadline_days: None,
            answers: vec![RecordAnswer {
                name: String::new(),
                kind: String::new(),
                label: String::new(),
                label_read: Some(String::new()),
                values: Vec::new(),
                values_read: Some(Vec::new()),
                normalised: Vec::new(),
                chosen: false,
                note: None,
                safe_contact: false,
                sender: false,
                belongs_to: None,
            }],
            files: vec![RecordFile {
                field: String::new(),
                name: String::new(),
                media_type: String::new(),
                size: 0,
                sha256: String::new(),
            }],
        };
        let written = serde_json::to_value(&record).unwrap();
        let schema: serde_json::Value = serde_json::from_str(JSON_SCHEMA).unwrap();
        let keys = |value: &serde_json::Value| -> Vec<String> { value.as_object().unwrap().keys().cloned().collect() };
        let levels = [
            (&written, &schema),
            (&written["archive"], &schema["properties"]["archive"]),
            (&written["answers"][0], &schema["properties"]["answers"]["items"]),
            (&written["files"][0], &schema["properties"]["files"]["items"]),
        ];
        for (written, schema) in levels {
            let mut known = keys(&schema["properties"]);
            known.retain(|key| !IN_THE_FOLDER.contains(&key.as_str()));
            assert_eq!(keys(written), known);
            let mut required: Vec<_> = schema["required"].as_array().unwrap().iter().collect();
            let later: Vec<_> = LATER.iter().map(|key| serde_json::Value::from(*key)).collect();
            let added: Vec<_> = IN_THE_FOLDER.iter().map(|key| serde_json::Value::from(*key)).collect();
            assert!(later.iter().chain(&added).all(|key| !required.contains(&key)));
            required.extend(later.iter().filter(|key| keys(written).iter().any(|own| *key == own)));
            assert_eq!(required.len(), keys(written).len());
        }
        assert_eq!(schema["properties"]["schema"]["const"], SCHEMA);
    }
}
