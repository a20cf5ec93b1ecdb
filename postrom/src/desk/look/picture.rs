//! What a camera wrote beside a picture: where, with what, when.

use std::io::Cursor;

use exif::{Exif, In, Reader, Tag, Value};
use konvolutt_letter::printable;
use memchr::memmem;

use super::facts::{Device, FileFacts, Place, Warning};

/// What a device says of itself is cut here.
const LONGEST: usize = 60;

/// Notes it.
pub(super) fn look(bytes: &[u8], facts: &mut FileFacts) {
    if let Some(exif) = read(bytes) {
        facts.place = place(&exif);
        let device = Device {
            make: text(&exif, Tag::Make),
            model: text(&exif, Tag::Model),
            time: text(&exif, Tag::DateTimeOriginal).or_else(|| text(&exif, Tag::DateTime)),
        };
        if device != Device::default() {
            facts.warn(Warning::Device);
            facts.device = Some(device);
        }
        let has_place = [Tag::GPSLatitude, Tag::GPSLongitude]
            .iter()
            .any(|tag| exif.get_field(*tag, In::PRIMARY).is_some());
        if has_place {
            facts.warn(Warning::Place);
        }
    }
    // Programs that change pictures write it a second time, as XMP.
    if memmem::find(bytes, b"exif:GPSLatitude").is_some() {
        facts.warn(Warning::Place);
    }
}

/// What can be read of it, also where a part is damaged.
fn read(bytes: &[u8]) -> Option<Exif> {
    let mut reader = Reader::new();
    reader.continue_on_error(true);
    let read = reader.read_from_container(&mut Cursor::new(bytes));
    read.or_else(|error| error.distill_partial_result(|_| ())).ok()
}

fn text(exif: &Exif, tag: Tag) -> Option<String> {
    let Value::Ascii(lines) = &exif.get_field(tag, In::PRIMARY)?.value else {
        return None;
    };
    let line = lines.iter().find(|line| !line.is_empty())?;
    let line = &line[..line.len().min(4 * LONGEST)];
    let text: String = printable(&String::from_utf8_lossy(line))
        .chars()
        .take(LONGEST)
        .collect();
    (!text.is_empty()).then_some(text)
}

fn place(exif: &Exif) -> Option<Place> {
    let lat = degrees(exif, Tag::GPSLatitude, Tag::GPSLatitudeRef, b'S')?;
    let lon = degrees(exif, Tag::GPSLongitude, Tag::GPSLongitudeRef, b'W')?;
    Some(Place { lat, lon }).filter(Place::is_on_earth)
}

fn degrees(exif: &Exif, tag: Tag, hemisphere: Tag, negative: u8) -> Option<f64> {
    let Value::Rational(parts) = &exif.get_field(tag, In::PRIMARY)?.value else {
        return None;
    };
    let part = |number: usize| parts.get(number).map_or(0.0, |part| part.to_f64());
    let degrees = part(0) + part(1) / 60.0 + part(2) / 3600.0;
    let is_negative = match &exif.get_field(hemisphere, In::PRIMARY)?.value {
        Value::Ascii(lines) => lines.first()?.first()?.to_ascii_uppercase() == negative,
        _ => false,
    };
    // A divisor of nought.
    degrees
        .is_finite()
        .then_some(if is_negative { -degrees } else { degrees })
}
