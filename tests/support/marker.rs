//! A text that must be found nowhere.

use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;

/// A text that occurs nowhere by chance, in every form in which a leak could show it.
#[derive(Clone)]
pub struct Marker {
    pub text: String,
    forms: Vec<(&'static str, Vec<u8>)>,
}

impl Marker {
    pub fn new() -> Self {
        let mut bytes = [0u8; 12];
        getrandom::fill(&mut bytes).unwrap();
        let hex: String = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
        Self::from_text(format!("MERKE{hex}"))
    }

    /// As somebody types it where only digits are taken.
    pub fn number() -> Self {
        let mut bytes = [0u8; 8];
        getrandom::fill(&mut bytes).unwrap();
        let random = u64::from_le_bytes(bytes) % 1_000_000_000;
        Self::from_text(format!("4915{random:09}"))
    }

    fn from_text(text: String) -> Self {
        let wide = |bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
        let mut forms: Vec<(&'static str, Vec<u8>)> = vec![
            ("UTF-8", text.clone().into_bytes()),
            ("UTF-16LE", wide(u16::to_le_bytes)),
            ("UTF-16BE", wide(u16::to_be_bytes)),
        ];
        // Base64 shows a text in three ways, by where in a group of three bytes it begins. The symbols at the
        // edges depend on the neighbours and are left out.
        for (name, plain) in [
            ("base64", text.clone().into_bytes()),
            ("base64 of UTF-16LE", wide(u16::to_le_bytes)),
        ] {
            for shift in 0..3 {
                let encoded = BASE64.encode([&b"xyz"[..shift], &plain].concat());
                let inner = &encoded.as_bytes()[4..encoded.len() - 4];
                forms.push((name, inner.to_vec()));
            }
        }
        Self { text, forms }
    }

    /// A text that is only looked for as it is.
    pub fn plain(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            forms: vec![("text", text.as_bytes().to_vec())],
        }
    }

    /// The form in which the marker is found in these bytes, if it is.
    pub fn found_in(&self, bytes: &[u8]) -> Option<&'static str> {
        self.places_in(bytes).next().map(|(form, _)| form)
    }

    /// Every place at which it is found, with the form.
    pub fn places_in<'a>(&'a self, bytes: &'a [u8]) -> impl Iterator<Item = (&'static str, usize)> + 'a {
        let places = |form: &'a [u8]| memchr::memmem::find_iter(bytes, form);
        let forms = self.forms.iter();
        forms.flat_map(move |(name, form)| places(form).map(move |at| (*name, at)))
    }
}

/// Every file below `root` that holds the marker, but for those below `except`.
pub fn hits(root: &Path, except: &[PathBuf], marker: &Marker) -> Vec<String> {
    let mut found = Vec::new();
    let Ok(entries) = fs::read_dir(root) else {
        return found;
    };
    for path in entries.flatten().map(|entry| entry.path()) {
        // A pipe would be read for ever.
        let readable = path.is_file() || path.is_dir();
        if except.contains(&path) || path.is_symlink() || !readable {
            continue;
        }
        if path.is_dir() {
            found.extend(hits(&path, except, marker));
        } else if marker.found_in(path.to_string_lossy().as_bytes()).is_some() {
            found.push(format!("in the name {}", path.display()));
        } else if let Some(form) = fs::read(&path).ok().and_then(|bytes| marker.found_in(&bytes)) {
            found.push(format!("as {form} in {}", path.display()));
        }
    }
    found
}
