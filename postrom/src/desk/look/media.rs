//! Where a film was taken: telephones write it beside the film (`©xyz`, or a key of Apple's), as ISO 6709.

use konvolutt_letter::printable;
use memchr::memmem;

use super::facts::{Device, FileFacts, Place, Warning};

/// Of Android, and of old QuickTime.
const XYZ: &[u8] = b"\xA9xyz";
/// Of Apple.
const KEY: &[u8] = b"com.apple.quicktime.location.ISO6709";
/// So far behind its key a value stands.
const NEAR: usize = 4096;
const LONGEST: usize = 60;

/// Notes where and by what it was taken.
pub(super) fn look(bytes: &[u8], facts: &mut FileFacts) {
    let at = memmem::find(bytes, XYZ).or_else(|| memmem::find(bytes, KEY));
    if let Some(at) = at {
        facts.warn(Warning::Place);
        let near = bytes.get(at..bytes.len().min(at + NEAR)).unwrap_or_default();
        facts.place = (0..near.len()).find_map(|start| point(near.get(start..)?));
    }
    let of = |key: &[u8]| memmem::find(bytes, key).and_then(|at| value(bytes.get(at + key.len()..)?));
    let device = Device {
        make: of(b"\xA9mak"),
        model: of(b"\xA9mod"),
        time: of(b"\xA9day"),
    };
    if device != Device::default() {
        facts.warn(Warning::Device);
        facts.device = Some(device);
    }
}

/// A length, a language, and a text (QuickTime's user data).
fn value(bytes: &[u8]) -> Option<String> {
    let ([a, b, _, _], text) = bytes.split_first_chunk()?;
    let length = usize::from(u16::from_be_bytes([*a, *b]));
    let text = text
        .get(..length)
        .filter(|text| !text.is_empty() && text.len() <= LONGEST)?;
    let text = printable(std::str::from_utf8(text).ok()?);
    (!text.is_empty()).then_some(text)
}

/// `+59.9139+010.7522`, with or without a height behind it.
fn point(text: &[u8]) -> Option<Place> {
    let (lat, rest) = degrees(text, 2)?;
    let (lon, _) = degrees(rest, 3)?;
    Some(Place { lat, lon }).filter(Place::is_on_earth)
}

/// A sign, so many digits, a point, and at most eight digits more.
fn degrees(text: &[u8], whole: usize) -> Option<(f64, &[u8])> {
    let sign = *text.first()?;
    let digits = |text: &[u8]| text.iter().take(9).take_while(|c| c.is_ascii_digit()).count();
    let further = text.get(1 + whole..)?;
    let is_number = matches!(sign, b'+' | b'-') && digits(text.get(1..)?) == whole && further.first() == Some(&b'.');
    let after = digits(further.get(1..)?);
    if !is_number || after == 0 || after > 8 {
        return None;
    }
    let (number, rest) = text.split_at(1 + whole + 1 + after);
    Some((std::str::from_utf8(number).ok()?.parse().ok()?, rest))
}
