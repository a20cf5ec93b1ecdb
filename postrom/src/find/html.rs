//! The text of HTML, as far as armor needs it: tags go, some of them end a line, entities become what they stand for.

use memchr::memchr;

/// A tag or an entity that has not ended by then is none.
const LONGEST_TAG: usize = 2 * 1024;

/// What a reader would see of it, roughly.
pub(super) fn text(html: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(html.len());
    let mut at = 0;
    while at < html.len() {
        let rest = &html[at..];
        at += match rest[0] {
            b'<' => tag(rest, &mut out),
            b'&' => entity(rest, &mut out),
            byte => {
                out.push(byte);
                1
            }
        };
    }
    out
}

fn tag(rest: &[u8], out: &mut Vec<u8>) -> usize {
    let window = &rest[..rest.len().min(LONGEST_TAG)];
    let named = window
        .get(1)
        .is_some_and(|byte| byte.is_ascii_alphabetic() || b"/!?".contains(byte));
    let Some(end) = memchr(b'>', window).filter(|_| named) else {
        out.push(b'<');
        return 1;
    };
    let name = window[1..end].trim_ascii_start();
    let name = name.strip_prefix(b"/").unwrap_or(name);
    let length = name.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
    let name = name[..length].to_ascii_lowercase();
    const LINES: [&[u8]; 10] = [
        b"br",
        b"p",
        b"div",
        b"li",
        b"tr",
        b"td",
        b"pre",
        b"blockquote",
        b"h1",
        b"body",
    ];
    if LINES.contains(&name.as_slice()) {
        out.push(b'\n');
    }
    end + 1
}

fn entity(rest: &[u8], out: &mut Vec<u8>) -> usize {
    let window = &rest[..rest.len().min(10)];
    let known = memchr(b';', window).and_then(|end| Some((end, character(&window[1..end])?)));
    let Some((end, character)) = known else {
        out.push(b'&');
        return 1;
    };
    out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    end + 1
}

fn character(name: &[u8]) -> Option<char> {
    match name {
        b"nbsp" => Some(' '),
        b"gt" => Some('>'),
        b"lt" => Some('<'),
        b"amp" => Some('&'),
        b"quot" => Some('"'),
        _ => {
            let number = std::str::from_utf8(name.strip_prefix(b"#")?).ok()?;
            let hex = number.strip_prefix(['x', 'X']);
            let code = hex.map_or_else(|| number.parse().ok(), |hex| u32::from_str_radix(hex, 16).ok())?;
            if code == 160 { Some(' ') } else { char::from_u32(code) }
        }
    }
}

/// Looks as if a browser should show it.
pub(super) fn is_html(bytes: &[u8]) -> bool {
    let head = bytes[..bytes.len().min(2048)].to_ascii_lowercase();
    let marks: [&[u8]; 6] = [b"<html", b"<!doctype html", b"<body", b"<div", b"<br", b"<p>"];
    marks.iter().any(|mark| memchr::memmem::find(&head, mark).is_some())
}

/// Armor, as it is or as HTML, has this in it.
pub(super) fn worth_a_search(bytes: &[u8]) -> bool {
    memchr::memmem::find(bytes, b"PGP").is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_end_lines_and_entities_are_read() {
        let read = |html: &str| String::from_utf8(text(html.as_bytes())).unwrap();
        assert_eq!(read("<p style='x'>a<br/>b &gt;&#45;&#x2d;&nbsp;c"), "\na\nb >-- c");
        assert_eq!(read("1 < 2 & 3 &unknown;"), "1 < 2 & 3 &unknown;");
    }
}
