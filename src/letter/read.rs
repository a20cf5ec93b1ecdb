//! Reads the document back.

use mail_parser::{Address, HeaderValue, Message, MessageParser, MimeHeaders};

use super::Record;

/// A letter as read.
pub struct Document {
    /// Protected fields by lower-case name, decoded: `subject`, `from`, `to`, `date`, `message-id`.
    pub protected: Vec<(String, String)>,
    /// The readable text.
    pub text: String,
    /// `letter.json`, when it is there and of a known schema.
    pub record: Option<Record>,
    /// Its bytes as they came.
    pub record_bytes: Vec<u8>,
    /// The citizen's files.
    pub files: Vec<File>,
}

/// One file as read. Its name is still the letter's word: use [`super::neutral`] before a disk sees it.
pub struct File {
    /// Name.
    pub name: String,
    /// Content.
    pub bytes: Vec<u8>,
}

/// Reads a document.
///
/// # Errors
/// A sentence for the clerk.
pub fn read(document: &[u8]) -> Result<Document, String> {
    let message = MessageParser::default()
        .parse(document)
        .ok_or("What was sealed is not a letter.")?;
    let mut read = Document {
        protected: header_fields(&message),
        text: String::new(),
        record: None,
        record_bytes: Vec::new(),
        files: Vec::new(),
    };
    let root = message.parts.first().ok_or("The letter is empty.")?;
    let parts = root.sub_parts().unwrap_or(&[]);
    for part in parts.iter().filter_map(|id| message.parts.get(*id as usize)) {
        let attached = part.content_disposition().is_some_and(|d| d.is_attachment());
        let name = part.attachment_name().unwrap_or_default();
        if !attached {
            let text = part.text_contents().unwrap_or_default();
            read.text.push_str(&text.replace("\r\n", "\n"));
        } else {
            read.files.push(File {
                name: name.to_owned(),
                bytes: part.contents().to_vec(),
            });
        }
    }
    // Ours stands last: a citizen's own file may bear the same name.
    if let Some(last) = read.files.pop_if(|last| last.name == "letter.json") {
        read.record_bytes = last.bytes;
    }
    read.record = serde_json::from_slice::<Record>(&read.record_bytes)
        .ok()
        .filter(|record| record.schema == super::SCHEMA);
    Ok(read)
}

/// The header fields that a letter protects, decoded, by lower-case name.
/// What `HP-Outer` (RFC 9788) says of the outer Subject comes as `hp-outer-subject`.
pub fn header_fields(message: &Message<'_>) -> Vec<(String, String)> {
    const WANTED: [&str; 5] = ["subject", "from", "to", "date", "message-id"];
    let headers = message.headers().iter();
    headers
        .filter_map(|header| {
            let name = header.name().to_ascii_lowercase();
            let value = value(&header.value)?;
            if name == "hp-outer" {
                return Some(("hp-outer-subject".to_owned(), outer_subject(&value)?));
            }
            WANTED.contains(&name.as_str()).then_some((name, value))
        })
        .collect()
}

/// The field within `HP-Outer` is a whole header field: read as one.
fn outer_subject(field: &str) -> Option<String> {
    let head = format!("{field}\r\n\r\n");
    let message = MessageParser::default().parse_headers(head.as_bytes())?;
    message.subject().map(str::to_owned)
}

fn value(value: &HeaderValue<'_>) -> Option<String> {
    match value {
        HeaderValue::Text(text) => Some(text.to_string()),
        HeaderValue::TextList(list) => Some(list.join(" ")),
        HeaderValue::DateTime(date) => Some(date.to_rfc3339()),
        HeaderValue::Address(Address::List(list)) => {
            let one = list.first()?;
            let address = one.address.as_deref().unwrap_or_default();
            Some(match &one.name {
                Some(name) => format!("{name} <{address}>"),
                None => address.to_owned(),
            })
        }
        _ => None,
    }
}
