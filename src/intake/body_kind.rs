//! What a body says to be. Browsers send a page with files as multipart; whatever else comes is read for the text in it, so
//! that it can be given back.

use axum::http::{HeaderMap, header};

use crate::form::{Form, Shape};

/// How the fields of a page lie in its body.
pub(super) enum BodyKind {
    /// In parts, with this boundary between them.
    Parts(String),
    /// `a=1&b=2` (WHATWG URL, application/x-www-form-urlencoded).
    Pairs,
    /// Nobody knows: all of it goes into the field with this name, the form's longest.
    Whole(String),
}

impl BodyKind {
    pub(super) fn of(headers: &HeaderMap, form: &Form) -> Self {
        let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let kind = kind.unwrap_or_default();
        if let Some(boundary) = boundary(kind) {
            return Self::Parts(boundary);
        }
        let word = kind.split(';').next().unwrap_or_default().trim();
        if word.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Self::Pairs;
        }
        let longest = form.fields().filter(|field| matches!(field.kind.shape(), Shape::Lines));
        let longest = longest.max_by_key(|field| field.max);
        Self::Whole(longest.map_or_else(String::new, |field| field.name.clone()))
    }

    /// A letter can be made of it.
    pub(super) fn is_parts(&self) -> bool {
        matches!(self, Self::Parts(_))
    }

    /// The fields of a body that is not in parts.
    pub(super) fn fields(&self, body: &[u8]) -> Vec<(String, Vec<u8>)> {
        match self {
            Self::Pairs => form_urlencoded::parse(body)
                .map(|(name, value)| (name.into_owned(), value.into_owned().into_bytes()))
                .collect(),
            Self::Whole(field) if !field.is_empty() && !body.is_empty() => vec![(field.clone(), body.to_vec())],
            Self::Whole(_) | Self::Parts(_) => Vec::new(),
        }
    }
}

/// The boundary of `multipart/form-data; boundary=…` (RFC 2046, section 5.1.1).
fn boundary(kind: &str) -> Option<String> {
    let kind: mime::Mime = kind.parse().ok()?;
    let is_form = kind.type_() == mime::MULTIPART && kind.subtype() == mime::FORM_DATA;
    let boundary = kind.get_param(mime::BOUNDARY).filter(|_| is_form)?;
    let boundary = boundary.as_str();
    (1..=70).contains(&boundary.len()).then(|| boundary.to_owned())
}
