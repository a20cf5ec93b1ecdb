//! The head of a part: name of the field, name of the file, encoding of the text. As browsers write it (HTML, "multipart
//! form data"), and then as everybody else does.
//!
//! Comes in: the bytes of a head, whatever they are. Goes out: a [`PartHead`], or nothing where no field is named. What
//! always holds: a name that is odd costs nothing but itself; `neutral` makes it harmless when the letter is written.

use super::charset;

/// Quotes in a name that are told from its end.
const MOST_QUOTES: usize = 64;

/// Holds a citizen's file name: only tests print or compare it.
#[cfg_attr(test, derive(Debug, PartialEq, Eq))]
pub(super) struct PartHead {
    pub(super) name: String,
    /// It is a file.
    pub(super) file: Option<String>,
    /// What its text says to be encoded in.
    pub(super) charset: Option<String>,
    /// It says what kind of content it has. Browsers say that of files only.
    pub(super) has_kind: bool,
}

impl PartHead {
    /// Reads it. None without exactly one name: two readers could take it for two different things.
    pub(super) fn read(head: &[u8]) -> Option<Self> {
        let head = charset::read(head.to_vec(), None).text;
        let mut dispositions = values(&head, "content-disposition");
        let (Some(disposition), None) = (dispositions.next(), dispositions.next()) else {
            return None;
        };
        let disposition = parameters(after_word(&disposition, "form-data")?)?;
        let one = |wanted: &str| {
            let mut found = disposition
                .iter()
                .filter(|(key, _)| key == wanted)
                .map(|(_, value)| value.clone());
            (found.next(), found.next().is_some())
        };
        let (Some(name), false) = one("name") else { return None };
        let (file, is_double) = one("filename");
        if is_double {
            return None;
        }
        let kind = values(&head, "content-type").next();
        let has_kind = kind.is_some();
        let parameters =
            kind.and_then(|kind| parameters(kind.split_once(';').map(|(_, rest)| format!(";{rest}"))?.as_str()));
        let charset = parameters.and_then(|all| all.into_iter().find(|(key, _)| key == "charset"));
        Some(Self {
            name: unescaped(&name),
            // RFC 7578 forbids the extended form of RFC 5987; who writes it all the same means it. One that is none is
            // still the name of a file.
            file: {
                let wanted = one("filename*").0;
                let read = wanted.as_deref().and_then(extended);
                read.or(file.map(|file| unescaped(&file))).or(wanted)
            },
            charset: charset.map(|(_, value)| value),
            has_kind,
        })
    }
}

/// The values of a header, with folded lines in one.
fn values<'a>(head: &'a str, wanted: &'a str) -> impl Iterator<Item = String> + 'a {
    let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", " ");
    let lines: Vec<String> = unfolded.split("\r\n").map(str::to_owned).collect();
    lines.into_iter().filter_map(move |line| {
        let (name, value) = line.split_once(':')?;
        name.trim()
            .eq_ignore_ascii_case(wanted)
            .then(|| value.trim().to_owned())
    })
}

fn after_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let (begin, rest) = text.split_at_checked(word.len())?;
    begin.eq_ignore_ascii_case(word).then(|| rest.trim_start())
}

/// `; key=value` and so on. None where something else stands.
fn parameters(text: &str) -> Option<Vec<(String, String)>> {
    let mut found = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let after = rest.strip_prefix(';')?.trim_start();
        if after.is_empty() {
            break;
        }
        let (key, after) = after.split_once('=')?;
        if key.is_empty() || key.contains(['"', ';']) {
            return None;
        }
        let (value, after) = value(after.trim_start())?;
        found.push((key.trim_end().to_ascii_lowercase(), value.to_owned()));
        rest = after.trim_start();
    }
    Some(found)
}

/// A value and what follows it.
fn value(text: &str) -> Option<(&str, &str)> {
    match text.strip_prefix('"') {
        Some(quoted) => {
            // Looking behind each of thousands would take a core for seconds.
            let quotes = quoted.match_indices('"').take(MOST_QUOTES);
            let end = quotes.map(|(at, _)| at).find(|at| is_end(quoted, *at))?;
            Some((&quoted[..end], &quoted[end + 1..]))
        }
        None => {
            let end = text.find(';').unwrap_or(text.len());
            let word = text[..end].trim_end();
            (!word.is_empty() && !word.contains('"')).then_some((word, &text[end..]))
        }
    }
}

/// Whether a quote ends a value. Some write a quote of the name itself with a backslash before it, some as it is; browsers
/// write `%22`, and a backslash means itself. So it is asked what follows: the next parameter, or nothing.
fn is_end(quoted: &str, at: usize) -> bool {
    let after = quoted[at + 1..].trim_start();
    let Some(next) = after.strip_prefix(';') else {
        return after.is_empty();
    };
    let key = next.trim_start().split_once('=').map_or(next, |(key, _)| key).trim();
    key.chars()
        .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '*'))
}

/// What browsers escape in a name, and nothing else.
fn unescaped(text: &str) -> String {
    let plain = text.replace("%22", "\"").replace("%0D", "\r").replace("%0A", "\n");
    plain.replace("\\\"", "\"")
}

/// `utf-8''na%C3%AFve.txt` (RFC 5987).
fn extended(text: &str) -> Option<String> {
    let mut parts = text.splitn(3, '\'');
    let (charset, _, value) = (parts.next()?, parts.next()?, parts.next()?);
    let bytes = percent_encoding::percent_decode_str(value).collect();
    Some(charset::read(bytes, Some(charset)).text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(disposition: &str) -> Option<(String, Option<String>)> {
        let head = format!("Content-Disposition: {disposition}");
        PartHead::read(head.as_bytes()).map(|head| (head.name, head.file))
    }

    fn both(name: &str, file: Option<&str>) -> Option<(String, Option<String>)> {
        Some((name.to_owned(), file.map(str::to_owned)))
    }

    #[test]
    fn what_browsers_write_is_read() {
        assert_eq!(read("form-data; name=\"a b;=\""), both("a b;=", None));
        assert_eq!(
            read("Form-Data;name=a; filename=\"C:\\x%22y\""),
            both("a", Some("C:\\x\"y"))
        );
        assert_eq!(read("form-data; filename=\"\"; NAME=\"x\""), both("x", Some("")));
        assert_eq!(read("form-data; name=\"æ😀\""), both("æ😀", None));
    }

    /// Each of these once cost the whole message.
    #[test]
    fn an_odd_name_costs_nothing_but_itself() {
        for (written, file) in [
            ("\"a\u{3}b\u{b}\u{7f}.pdf\"", "a\u{3}b\u{b}\u{7f}.pdf"),
            ("\"sitat \\\"x\\\".pdf\"", "sitat \"x\".pdf"),
            ("\"sitat \"x\".pdf\"", "sitat \"x\".pdf"),
            ("\"a\\\"", "a\\"),
            ("\"\"", ""),
            ("\"; name=x\"", "; name=x"),
            ("brev 1.pdf", "brev 1.pdf"),
        ] {
            let read = read(&format!("form-data; name=\"f\"; filename={written}"));
            assert_eq!(read, both("f", Some(file)), "{written}");
        }
        let extended = "form-data; name=\"f\"; filename=\"?\"; filename*=utf-8''bl%C3%A5%.pdf";
        assert_eq!(read(extended), both("f", Some("blå%.pdf")));
        assert_eq!(
            read("form-data; name=\"f\"; filename*=iso-8859-1'nb'bl%E5"),
            both("f", Some("blå"))
        );
        assert_eq!(
            read("form-data; name=\"f\"; filename*=brev.pdf"),
            both("f", Some("brev.pdf"))
        );
        let head = b"Content-Disposition: form-data; name=\"f\"; filename=\"bl\xe5\x96.pdf\"";
        assert_eq!(PartHead::read(head).unwrap().file.unwrap(), "blå–.pdf");
    }

    #[test]
    fn what_names_no_field_or_two_is_none() {
        for wrong in [
            "",
            "form-data",
            "form-data; filename=\"a\"",
            "attachment; name=\"a\"",
            "form-datax; name=\"a\"",
            "form-data name=\"a\"",
            "form-data; name=",
            "form-data; name=\"a",
            "form-data; name=\"a\"; name=\"b\"",
            "form-data; name=\"a\"; filename=\"b\"; filename=\"c\"",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
        let twice = b"Content-Disposition: form-data; name=\"a\"\r\nContent-Disposition: form-data; name=\"b\"";
        assert!(PartHead::read(twice).is_none());
        assert!(PartHead::read(b"").is_none());
    }

    #[test]
    fn the_encoding_of_a_text_is_read() {
        let charset = |head: &str| PartHead::read(head.as_bytes()).unwrap().charset;
        let disposition = "content-disposition: form-data;\r\n name=\"a\"";
        assert_eq!(charset(disposition), None);
        let plain = |kind: &str| charset(&format!("{disposition}\r\nContent-Type: {kind}"));
        assert_eq!(plain("text/plain; charset=ISO-8859-1"), Some("ISO-8859-1".to_owned()));
        assert_eq!(
            plain("text/plain;charset=\"utf-8\"; format=flowed"),
            Some("utf-8".to_owned())
        );
        assert_eq!(plain("text/plain"), None);
    }
}
