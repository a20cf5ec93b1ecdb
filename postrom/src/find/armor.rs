//! From armor to packets: what stands between a BEGIN and its END, however it was quoted, indented, wrapped or marked up.
//!
//! Comes in: the bytes behind a BEGIN, up to where the next thing begins. Goes out: what can be decoded of them, never
//! nothing: whether it is whole is seen when it is opened. The check sum of armor is not looked at: it protects nothing that
//! the seal does not.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use memchr::{memchr, memchr2, memmem};
use quoted_printable::ParseMode;

use super::{escape, html, marker};

/// As forgiving as base64 can be: a letter that lost its last sign is shown to be damaged by its seal.
pub(super) const LAX: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// One armor, taken off.
pub(super) struct Armor {
    /// The packets.
    pub packets: Vec<u8>,
    /// How many bytes it took, with its END.
    pub length: usize,
    /// True when nothing had to be put right.
    pub clean: bool,
}

/// Takes off the armor whose BEGIN ended right before these bytes; `before` is what stood before it in its line.
pub(super) fn take_off(rest: &[u8], before: &[u8]) -> Armor {
    let end = marker::end(rest);
    let body = &rest[..end.as_ref().map_or(rest.len(), |end| end.start)];
    let strict = if before.is_empty() { strict(body) } else { None };
    Armor {
        length: end.map_or(rest.len(), |end| end.end),
        clean: strict.is_some(),
        packets: strict.unwrap_or_else(|| lax(body, before.trim_ascii_start())),
    }
}

/// As it is written by those who write it: headers, a blank line, lines of base64, a check sum.
fn strict(body: &[u8]) -> Option<Vec<u8>> {
    let first = memchr(b'\n', body)?;
    if !body[..first].trim_ascii().is_empty() {
        return None;
    }
    let mut at = first + 1;
    loop {
        let line = memchr(b'\n', &body[at..])?;
        let text = body[at..at + line].trim_ascii_end();
        at += line + 1;
        if text.is_empty() {
            break;
        }
        memmem::find(text, b": ")?;
    }
    let mut signs = Vec::with_capacity(body.len() - at);
    let mut rest = &body[at..];
    while !rest.is_empty() {
        let end = memchr2(b'\n', b'=', rest).unwrap_or(rest.len());
        let line = &rest[..end];
        signs.extend_from_slice(line.strip_suffix(b"\r").unwrap_or(line));
        if rest.get(end) == Some(&b'=') {
            // At a line's end where no padding can be: quoted-printable was left on, and the data go on.
            let soft = matches!(rest.get(end + 1), Some(b'\n' | b'\r')) && !ends_short(&signs);
            if soft {
                return None;
            }
            break;
        }
        rest = rest.get(end + 1..).unwrap_or_default();
    }
    LAX.decode(&signs).ok()
}

/// As it comes back from people and their programs.
fn lax(body: &[u8], before: &[u8]) -> Vec<u8> {
    /// A mail that was broken and forwarded may be quoted-printable more than once.
    const MOST: usize = 4;
    let mut body = body.to_vec();
    for _ in 0..MOST {
        if memmem::find(&body, b"=0A").is_none() && memmem::find(&body, b"=3D0A").is_none() {
            break;
        }
        body = quoted_printable::decode(&body, ParseMode::Robust).unwrap_or_default();
    }
    if memchr2(b'<', b'&', &body).is_some() {
        body = html::text(&body);
    }
    if memchr2(b'\\', b'%', &body).is_some() {
        body = escape::text(&body);
    }
    // Only what cannot be data is taken for a quote.
    let before = Some(before).filter(|before| !before.iter().all(|byte| is_sign(*byte)));
    let mut signs = Vec::with_capacity(body.len());
    let mut begun = false;
    for line in body.split(|byte| matches!(byte, b'\n' | b'\r')) {
        let line = before.map_or(line, |before| without(line, before));
        let line = unquoted(line);
        // Headers of the armor: base64 has no colon.
        if !begun && memchr(b':', line).is_some() {
            continue;
        }
        begun |= !line.is_empty();
        if !collect(line, &mut signs) {
            break;
        }
    }
    decode(signs)
}

/// A line without what stood before BEGIN too: the initials of the one who is quoted.
fn without<'a>(line: &'a [u8], before: &[u8]) -> &'a [u8] {
    let line = line.trim_ascii_start();
    // Its blank is lost where a line had nothing else.
    let short = before.trim_ascii_end();
    let is_word = short.iter().all(|byte| is_sign(*byte));
    if is_word && line.trim_ascii_end() == short {
        return b"";
    }
    line.strip_prefix(if is_word { before } else { short }).unwrap_or(line)
}

/// A sign of base64.
pub(super) fn is_sign(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')
}

/// A line without what mail programs put before it.
fn unquoted(mut line: &[u8]) -> &[u8] {
    loop {
        line = line.trim_ascii();
        let marks: [&[u8]; 4] = [b">", b"|", b"- ", b"\xC2\xA0"];
        match marks.iter().find_map(|mark| line.strip_prefix(*mark)) {
            Some(rest) => line = rest,
            None => return line,
        }
    }
}

/// The signs of a line; false when the data ended in it.
fn collect(line: &[u8], signs: &mut Vec<u8>) -> bool {
    for (at, byte) in line.iter().enumerate() {
        if *byte == b'=' {
            // A soft line end, or a blank, of quoted-printable; all else is padding or the check sum.
            return match &line[at + 1..] {
                b"" => !ends_short(signs),
                b"20" | b"20=" => true,
                _ => false,
            };
        }
        if is_sign(*byte) {
            signs.push(*byte);
        }
    }
    true
}

/// Padding can follow here.
fn ends_short(signs: &[u8]) -> bool {
    signs.len() % 4 >= 2
}

/// Whatever can be decoded.
pub(super) fn decode(mut signs: Vec<u8>) -> Vec<u8> {
    if signs.len() % 4 == 1 {
        signs.pop();
    }
    LAX.decode(&signs).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const WANTED: &[u8] = b"a letter that is longer than a line of armor, so that it has two of them";

    fn armor() -> String {
        let text = base64::engine::general_purpose::STANDARD.encode(WANTED);
        let (one, two) = text.split_at(64);
        format!("\nVersion: x\n\n{one}\n{two}\n=abcd\n-----END PGP MESSAGE-----\n")
    }

    #[test]
    fn armor_as_it_was_written_is_clean() {
        for text in [armor(), armor().replace('\n', "\r\n")] {
            let off = take_off(text.as_bytes(), b"");
            assert!(off.clean && off.packets == WANTED);
            assert_eq!(text[off.length..].trim(), "");
        }
    }

    #[test]
    fn armor_that_was_changed_gives_the_same_packets() {
        let armor = armor();
        for text in [
            armor.replace('\n', "\r"),
            armor.replace('\n', "\n> > "),
            armor.replace('\n', "<br>\n&gt;&nbsp;"),
            armor.replace('\n', "  \n    "),
            armor.replace("Version: x\n\n", ""),
            armor.replace("\n=abcd", "\n=3Dabcd"),
            armor.replace('=', "=3D").replace('\n', "=0A"),
            armor.replace('=', "=3D3D").replace('\n', "=3D0A"),
            armor.replace('\n', " ").replace("Version: x", ""),
            armor.replace('\n', "\\n"),
            armor
                .replace('\n', "\\r\\n")
                .replace('/', "\\/")
                .replace('+', "\\u002b"),
            armor.replace('\n', "\\par\n"),
            armor.replace('\n', "%0D%0A").replace('+', "%2B").replace('=', "%3D"),
        ] {
            let off = take_off(text.as_bytes(), b"> ");
            assert!(off.packets == WANTED, "{text}");
            assert!(!off.clean);
        }
    }

    #[test]
    fn what_stood_before_begin_is_taken_from_each_line() {
        for before in ["KN> ", "Kari> > ", "    KN>", "12: ", "// "] {
            let text = armor().replace('\n', &format!("\n{before}"));
            assert!(
                take_off(text.as_bytes(), before.as_bytes()).packets == WANTED,
                "{before}"
            );
        }
        // What stood there once is no quote.
        assert!(take_off(armor().as_bytes(), b"Hei Kari: ").packets == WANTED);
    }

    #[test]
    fn armor_that_was_cut_gives_what_there_is() {
        let text = armor();
        let off = take_off(&text.as_bytes()[..60], b"");
        assert!(!off.packets.is_empty() && WANTED.starts_with(&off.packets) && off.length == 60);
        assert!(take_off(b"", b"").packets.is_empty());
    }
}
