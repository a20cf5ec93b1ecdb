//! Outlook's third form of a body: compressed RTF ([MS-OXRTFCP]). Only as much as brings back the lines of armor.

/// What every compressor begins with.
const DICTIONARY: &[u8] = b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";
const WINDOW: usize = 4096;

/// The text of compressed RTF, empty when it is none; nothing when it unfolds to more than `room`.
pub(super) fn text(bytes: &[u8], room: usize) -> Option<Vec<u8>> {
    let Some((head, body)) = bytes.split_at_checked(16) else {
        return Some(Vec::new());
    };
    let rtf = match &head[8..12] {
        b"MELA" => body.to_vec(),
        b"LZFu" => unfold(body, room)?,
        _ => return Some(Vec::new()),
    };
    Some(lines(&rtf))
}

fn unfold(body: &[u8], room: usize) -> Option<Vec<u8>> {
    let mut window = [0; WINDOW];
    window[..DICTIONARY.len()].copy_from_slice(DICTIONARY);
    let mut at = DICTIONARY.len();
    let mut out = Vec::new();
    let mut bytes = body.iter().copied();
    let mut put = |byte: u8, window: &mut [u8; WINDOW], out: &mut Vec<u8>| {
        out.push(byte);
        window[at] = byte;
        at = (at + 1) % WINDOW;
        at
    };
    let mut written = DICTIONARY.len();
    while let Some(flags) = bytes.next() {
        for bit in 0..8 {
            if out.len() > room {
                return None;
            }
            let Some(first) = bytes.next() else {
                return Some(out);
            };
            if flags >> bit & 1 == 0 {
                written = put(first, &mut window, &mut out);
                continue;
            }
            let Some(second) = bytes.next() else {
                return Some(out);
            };
            let reference = usize::from(first) << 8 | usize::from(second);
            let (from, length) = (reference >> 4, (reference & 15) + 2);
            if from == written {
                return Some(out);
            }
            for step in 0..length {
                let byte = window[(from + step) % WINDOW];
                written = put(byte, &mut window, &mut out);
            }
        }
    }
    Some(out)
}

/// Control words go, those that end a line end one.
fn lines(rtf: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(rtf.len());
    let mut at = 0;
    while let Some(byte) = rtf.get(at) {
        at += 1;
        match byte {
            b'{' | b'}' | b'\r' | b'\n' => {}
            b'\\' => {
                let length = rtf[at..].iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
                let word = &rtf[at..at + length];
                if length == 0 {
                    // `\'e5` is a byte, `\{` itself.
                    at += if rtf.get(at) == Some(&b'\'') { 3 } else { 1 };
                    continue;
                }
                at += length;
                at += rtf[at..]
                    .iter()
                    .take_while(|byte| byte.is_ascii_digit() || **byte == b'-')
                    .count()
                    .min(10)
                    * usize::from(!is_dash(rtf, at));
                at += usize::from(rtf.get(at) == Some(&b' '));
                if matches!(word, b"par" | b"line" | b"pard") {
                    out.push(b'\n');
                }
            }
            byte => out.push(*byte),
        }
        at = at.min(rtf.len());
    }
    out
}

/// `\par-----BEGIN`: the dashes are no number.
fn is_dash(rtf: &[u8], at: usize) -> bool {
    rtf[at..].starts_with(b"--")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_specification_unfolds() {
        // [MS-OXRTFCP] 3.1: "hello world".
        let bytes = [
            0x2d, 0, 0, 0, 0x2b, 0, 0, 0, 0x4c, 0x5a, 0x46, 0x75, 0xf1, 0xc5, 0xc7, 0xa7, 0x03, 0, 0x0a, 0, 0x72, 0x63,
            0x70, 0x67, 0x31, 0x32, 0x35, 0x42, 0x32, 0x0a, 0xf3, 0x20, 0x68, 0x65, 0x6c, 0x09, 0, 0x20, 0x62, 0x77,
            0x05, 0xb0, 0x6c, 0x64, 0x7d, 0x0a, 0x80, 0x0f, 0xa0,
        ];
        assert_eq!(
            unfold(&bytes[16..], 1000).unwrap(),
            b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"
        );
        assert!(text(&bytes, 1000).unwrap().ends_with(b"hello world"));
    }

    /// The name of a font, from what every compressor begins with, again and again.
    fn folded(times: usize) -> Vec<u8> {
        let from = memchr::memmem::find(DICTIONARY, b"MS Sans SerifSymb").unwrap();
        let name = ((from << 4 | 15) as u16).to_be_bytes();
        let eight = [&[0xFF], &name.repeat(8)[..]].concat();
        [&[0; 8], b"LZFu".as_slice(), &[0; 4], &eight.repeat(times / 8)].concat()
    }

    #[test]
    fn what_unfolds_counts_and_what_does_not_fit_is_named() {
        use std::io::Write as _;
        const TEXT: usize = 1_400 * 17;
        let mut file = cfb::CompoundFile::create(std::io::Cursor::new(Vec::new())).unwrap();
        for number in 0..3 {
            let stream = file.create_stream(format!("/__substg1.0_1009010{number}"));
            stream.unwrap().write_all(&folded(1_400)).unwrap();
        }
        let file = file.into_inner().into_inner();
        for (room, wanted) in [(9 * TEXT, 3), (5 * TEXT / 2, 2), (TEXT / 2, 0)] {
            let listing = super::super::outlook::compound(&file, room);
            let fits = |entry: &super::super::Entry| matches!(&entry.bytes, super::super::Bytes::Own(text) if text.len() == TEXT);
            assert!(
                listing.entries.len() == wanted && listing.entries.iter().all(fits),
                "{room}"
            );
            assert_eq!(listing.troubles.contains(&crate::trouble::Trouble::Bomb), wanted < 3);
        }
    }

    #[test]
    fn lines_of_armor_come_back() {
        let rtf =
            b"{\\rtf1\\par -----BEGIN PGP MESSAGE-----\\par\r\n\\par abcd\\line efgh\\par-----END PGP MESSAGE-----}";
        let text = lines(rtf);
        let found = super::super::super::marker::begins(&text, 9);
        assert_eq!(found.len(), 1);
        assert!(text.ends_with(b"\n\nabcd\nefgh\n-----END PGP MESSAGE-----"));
    }
}
