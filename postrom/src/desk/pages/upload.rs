//! A file as a browser sends it: its bytes and its name, from the script or from a form.

use memchr::memmem;

/// A name that was percent-encoded. What is no UTF-8 becomes a mark.
pub(super) fn decoded(name: &str) -> String {
    let mut bytes = Vec::with_capacity(name.len());
    let mut rest = name.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = tail
            .get(..2)
            .filter(|_| *first == b'%')
            .and_then(|two| std::str::from_utf8(two).ok());
        match hex.and_then(|two| u8::from_str_radix(two, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The files of a `multipart/form-data` body (RFC 7578), by name; `None` when it is none.
pub(super) fn files<'a>(kind: &str, body: &'a [u8]) -> Option<Vec<(String, &'a [u8])>> {
    let (essence, parameters) = kind.split_once(';')?;
    if !essence.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let boundary = parameter(parameters, "boundary")?;
    let first = format!("--{boundary}");
    let between = format!("\r\n--{boundary}");
    let mut rest = body.strip_prefix(first.as_bytes())?;
    let mut files = Vec::new();
    // After the last boundary stand two hyphens instead of a line end.
    while let Some(part) = rest.strip_prefix(b"\r\n") {
        let end = memmem::find(part, between.as_bytes())?;
        let head = memmem::find(&part[..end], b"\r\n\r\n")?;
        let content = &part[head + 4..end];
        let head = String::from_utf8_lossy(&part[..head]);
        let name = head.lines().find_map(|line| named(line, "filename"));
        files.extend(name.filter(|name| !name.is_empty()).map(|name| (name, content)));
        rest = &part[end + between.len()..];
    }
    rest.starts_with(b"--").then_some(files)
}

fn named(line: &str, name: &str) -> Option<String> {
    let (field, value) = line.split_once(':')?;
    if !field.eq_ignore_ascii_case("content-disposition") {
        return None;
    }
    // Browsers write `"` as %22 and line ends as %0D and %0A, and nothing else.
    parameter(value, name).map(|value| value.replace("%22", "\""))
}

/// The value of a parameter, with or without quotes.
fn parameter(text: &str, name: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let key = format!("{name}=");
    let is_begin = |at: &usize| {
        at.checked_sub(1)
            .is_none_or(|before| b" ;".contains(&lower.as_bytes()[before]))
    };
    let at = lower.match_indices(&key).map(|(at, _)| at).find(is_begin)?;
    let value = &text[at + key.len()..];
    let value = match value.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next(),
        None => value.split([';', ' ']).next(),
    };
    value.map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_decoded() {
        for (sent, name) in [
            ("br%C3%A6v%20%25.eml", "bræv %.eml"),
            ("100%", "100%"),
            ("%zz%4", "%zz%4"),
            ("%FF", "\u{FFFD}"),
        ] {
            assert_eq!(decoded(sent), name);
        }
    }

    #[test]
    fn files_come_out_as_they_went_in() {
        let body = b"--xY\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.eml\"\r\nContent-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\n--x\r\n\r\n--xY\r\n\
            Content-Disposition: form-data; name=\"other\"\r\n\r\nno file\r\n--xY\r\n\
            content-disposition: form-data; name=\"file\"; filename=\"b%22.asc\"\r\n\r\n\r\n--xY--\r\n";
        let files = files("multipart/form-data; boundary=xY", body).unwrap();
        let said: Vec<(&str, &[u8])> = files.iter().map(|(name, bytes)| (name.as_str(), *bytes)).collect();
        assert_eq!(said, [("a.eml", &b"Subject: x\r\n\r\n--x\r\n"[..]), ("b\".asc", b"")]);
    }

    #[test]
    fn what_is_cut_is_none() {
        for body in [
            "",
            "--xY",
            "--xY\r\n",
            "--xY\r\na: b\r\n\r\nc",
            "--xY\r\na: b\r\n\r\nc\r\n--xY",
        ] {
            assert!(
                files("multipart/form-data; boundary=\"xY\"", body.as_bytes()).is_none(),
                "{body}"
            );
        }
        assert!(files("text/plain; boundary=xY", b"--xY--").is_none());
        assert!(files("multipart/form-data; boundary=xY", b"--xY--").unwrap().is_empty());
    }
}
