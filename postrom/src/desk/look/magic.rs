//! Kinds of files by how their bytes begin.

use super::kinds::FileKind as K;

/// Beginnings that stand for one kind each.
const BEGINNINGS: &[(&[u8], K)] = &[
    (b"\xFF\xD8\xFF", K::Jpeg),
    (b"\x89PNG\r\n\x1A\n", K::Png),
    (b"GIF87a", K::Gif),
    (b"GIF89a", K::Gif),
    (b"II*\0", K::Tiff),
    (b"MM\0*", K::Tiff),
    (b"PK\x03\x04", K::Zip),
    (b"PK\x05\x06", K::Zip),
    (b"Rar!\x1A\x07", K::Rar),
    (b"7z\xBC\xAF\x27\x1C", K::SevenZip),
    (b"\x1F\x8B\x08", K::Gzip),
    // Also Excel, PowerPoint and Outlook: what lies in it tells them apart.
    (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", K::Doc),
    (b"\x7FELF", K::Elf),
    (b"\xFE\xED\xFA\xCE", K::MachO),
    (b"\xFE\xED\xFA\xCF", K::MachO),
    (b"\xCE\xFA\xED\xFE", K::MachO),
    (b"\xCF\xFA\xED\xFE", K::MachO),
    (b"L\0\0\0\x01\x14\x02\0", K::Shortcut),
    (b"{\\rtf", K::Rtf),
    (b"ID3", K::Mp3),
    (b"fLaC", K::Flac),
    (b"OggS", K::Ogg),
    (b"#!AMR", K::Amr),
    (b"#!", K::Script),
    (b"\x1A\x45\xDF\xA3", K::Mkv),
    (b"-----BEGIN PGP ", K::OpenPgp),
];

/// Adobe's reader looks for the beginning of a PDF this far.
const PDF_BEGINS: usize = 1024;

/// The kind of these bytes, as far as they begin like one.
pub(super) fn kind(bytes: &[u8]) -> Option<K> {
    let begins = BEGINNINGS.iter().find(|(begin, _)| bytes.starts_with(begin));
    if let Some((_, kind)) = begins {
        return Some(*kind);
    }
    riff(bytes)
        .or_else(|| boxes(bytes))
        .or_else(|| windows(bytes))
        .or_else(|| bitmap(bytes))
        .or_else(|| sound(bytes))
        .or_else(|| elsewhere(bytes))
}

fn riff(bytes: &[u8]) -> Option<K> {
    bytes.starts_with(b"RIFF").then_some(())?;
    match bytes.get(8..12)? {
        b"WEBP" => Some(K::WebP),
        b"WAVE" => Some(K::Wav),
        b"AVI " => Some(K::Avi),
        _ => None,
    }
}

/// Pictures, sound and film in boxes (ISO 14496-12).
fn boxes(bytes: &[u8]) -> Option<K> {
    match bytes.get(4..8)? {
        b"ftyp" => {}
        // QuickTime of old times has no such box.
        b"moov" | b"mdat" | b"wide" => return Some(K::Mov),
        _ => return None,
    }
    match bytes.get(8..12)? {
        b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" => Some(K::Heic),
        b"mif1" | b"msf1" => Some(compatible(bytes)),
        b"avif" | b"avis" => Some(K::Avif),
        b"qt  " => Some(K::Mov),
        b"M4A " | b"M4B " => Some(K::M4a),
        _ => Some(K::Mp4),
    }
}

/// Which of the kinds with pictures in boxes it is says the list of what else may read it.
fn compatible(bytes: &[u8]) -> K {
    let length = bytes.first_chunk().map_or(0, |length| u32::from_be_bytes(*length)) as usize;
    let brands = bytes.get(16..length.clamp(16, 256)).unwrap_or_default();
    if brands.chunks(4).any(|brand| brand == b"avif") {
        K::Avif
    } else {
        K::Heic
    }
}

/// A program for Windows, and not a text that begins with two letters.
fn windows(bytes: &[u8]) -> Option<K> {
    bytes.starts_with(b"MZ").then_some(())?;
    let at = u32::from_le_bytes(*bytes.get(60..)?.first_chunk()?) as usize;
    let further = bytes.get(at..)?;
    // One of DOS has nothing there; then what follows the letters is no text.
    let newer = [b"PE\0\0".as_slice(), b"NE", b"LE"];
    let is_program = newer.iter().any(|begin| further.starts_with(begin)) || bytes[..60].contains(&0);
    is_program.then_some(K::Exe)
}

fn bitmap(bytes: &[u8]) -> Option<K> {
    bytes.starts_with(b"BM").then_some(())?;
    let head = u32::from_le_bytes(*bytes.get(14..)?.first_chunk()?);
    matches!(head, 12 | 16 | 40 | 52 | 56 | 64 | 108 | 124).then_some(K::Bmp)
}

/// A frame of sound, at whose end the next one begins: two bytes alone are chance.
fn sound(bytes: &[u8]) -> Option<K> {
    const RATES: [u32; 3] = [44_100, 48_000, 32_000];
    const BITS: [u32; 16] = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0];
    let [first, second, third, _] = *bytes.first_chunk()?;
    if first != 0xFF || second & 0xFE != 0xFA {
        return None;
    }
    let bits = BITS[usize::from(third >> 4)];
    let rate = *RATES.get(usize::from(third >> 2 & 3))?;
    let length = 144_000 * bits / rate + u32::from(third >> 1 & 1);
    let next = bytes.get(length as usize..)?;
    (bits > 0 && next.first() == Some(&0xFF) && next.get(1)? & 0xFE == 0xFA).then_some(K::Mp3)
}

/// What has its sign further in.
fn elsewhere(bytes: &[u8]) -> Option<K> {
    let begin = &bytes[..bytes.len().min(PDF_BEGINS)];
    if memchr::memmem::find(begin, b"%PDF-").is_some() {
        return Some(K::Pdf);
    }
    if bytes.get(257..262) == Some(b"ustar") {
        return Some(K::Tar);
    }
    (bytes.get(0x8001..0x8006) == Some(b"CD001")).then_some(K::DiskImage)
}
