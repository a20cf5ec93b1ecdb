//! An HTTP/1.1 answer, from its bytes.

/// A head is never this long.
const HEAD: usize = 16 * 1024;
const CUT_SHORT: &str = "the answer was cut short";

/// An answer that came whole.
#[derive(Debug, PartialEq, Eq)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Where it sends whoever asked, if it does.
    pub location: Option<String>,
    /// What lay there.
    pub body: Vec<u8>,
}

/// The status alone, from the first bytes.
pub(super) fn status(bytes: &[u8]) -> Option<u16> {
    let start = bytes.get(..12)?;
    let text = std::str::from_utf8(start).ok()?;
    text.strip_prefix("HTTP/1.")?.get(2..5)?.parse().ok()
}

/// The answer, once all of it is among the bytes; `ended` says that no more will come.
pub(super) fn read(bytes: &[u8], most: usize, ended: bool) -> Result<Option<Answer>, &'static str> {
    let more = |whole: Option<Vec<u8>>| match whole {
        None if ended => Err(CUT_SHORT),
        whole => Ok(whole),
    };
    let Some(end) = memchr::memmem::find(bytes, b"\r\n\r\n") else {
        if bytes.len() > HEAD {
            return Err("the answer's head has no end");
        }
        return more(None).map(|_| None);
    };
    let (head, body) = (&bytes[..end], &bytes[end + 4..]);
    let head = Head::read(head).ok_or("no HTTP answer came")?;
    // What stands between chunks is of no use: as much as the answer itself, and a head more, is too much of it.
    if head.length.is_some_and(|length| length > most) || body.len() > most.saturating_mul(2) + HEAD {
        return Err("the answer is too large");
    }
    let whole = match head.length {
        _ if head.chunked => more(unchunked(body)?)?,
        Some(length) => more(body.get(..length).map(<[u8]>::to_vec))?,
        None => ended.then(|| body.to_vec()),
    };
    match whole {
        Some(body) if body.len() > most => Err("the answer is too large"),
        whole => Ok(whole.map(|body| head.with(body))),
    }
}

struct Head {
    status: u16,
    location: Option<String>,
    length: Option<usize>,
    chunked: bool,
}

impl Head {
    fn read(bytes: &[u8]) -> Option<Self> {
        let mut head = Self {
            status: status(bytes)?,
            location: None,
            length: None,
            chunked: false,
        };
        let text = std::str::from_utf8(bytes).ok()?;
        for (name, value) in text.split("\r\n").skip(1).filter_map(|line| line.split_once(':')) {
            let value = value.trim();
            match &*name.to_ascii_lowercase() {
                "location" => head.location = Some(value.to_owned()),
                "content-length" => head.length = Some(value.parse().ok()?),
                "transfer-encoding" => head.chunked = value.eq_ignore_ascii_case("chunked"),
                _ => {}
            }
        }
        Some(head)
    }

    fn with(self, body: Vec<u8>) -> Answer {
        Answer {
            status: self.status,
            location: self.location,
            body,
        }
    }
}

/// The body out of its chunks, once the last one is there.
fn unchunked(mut bytes: &[u8]) -> Result<Option<Vec<u8>>, &'static str> {
    let mut body = Vec::new();
    loop {
        let Some(end) = memchr::memmem::find(bytes, b"\r\n") else {
            return Ok(None);
        };
        let line = std::str::from_utf8(&bytes[..end]).unwrap_or_default();
        let size = line.split(';').next().unwrap_or_default().trim();
        let size = usize::from_str_radix(size, 16).map_err(|_| "the answer's chunks cannot be read")?;
        let rest = &bytes[end + 2..];
        if size == 0 {
            // Fields after the last chunk say nothing of what it holds.
            return Ok(Some(body));
        }
        let after = size.checked_add(2).and_then(|after| rest.get(after..));
        let (Some(chunk), Some(after)) = (rest.get(..size), after) else {
            return Ok(None);
        };
        body.extend_from_slice(chunk);
        bytes = after;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOST: usize = 20;

    fn whole(text: &str) -> Result<Option<Vec<u8>>, &'static str> {
        read(text.as_bytes(), MOST, true).map(|answer| answer.map(|answer| answer.body))
    }

    #[test]
    fn a_body_is_read_in_each_of_its_three_shapes() {
        for text in [
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabcde",
            "HTTP/1.0 200 OK\r\n\r\nabcde",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n3;x=y\r\ncde\r\n0\r\n\r\n",
        ] {
            assert_eq!(whole(text), Ok(Some(b"abcde".to_vec())), "{text}");
        }
    }

    /// Wherever it ends, what is there is not taken for all.
    #[test]
    fn an_answer_that_was_cut_short_is_none() {
        for text in [
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabcde",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n3\r\ncde\r\n0\r\n",
        ] {
            for end in 0..text.len() {
                let cut = &text.as_bytes()[..end];
                assert_eq!(read(cut, MOST, true), Err(CUT_SHORT), "{:?}", &text[..end]);
                assert_eq!(read(cut, MOST, false), Ok(None), "{:?}", &text[..end]);
            }
            assert!(matches!(read(text.as_bytes(), MOST, false), Ok(Some(_))));
        }
    }

    #[test]
    fn what_is_too_large_or_no_answer_is_refused() {
        let long = "x".repeat(MOST + 1);
        let huge = format!("HTTP/1.1 200 OK\r\nX: {}", "y".repeat(HEAD));
        for text in [
            format!("HTTP/1.1 200 OK\r\n\r\n{long}"),
            format!("HTTP/1.1 200 OK\r\nContent-Length: 21\r\n\r\n{long}"),
            "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n".to_owned(),
            format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n15\r\n{long}\r\n0\r\n\r\n"),
            format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n{long}"),
            format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{long}"),
            "SSH-2.0-OpenSSH\r\n\r\n".to_owned(),
            huge,
        ] {
            assert!(whole(&text).is_err(), "{text}");
        }
    }

    #[test]
    fn where_it_sends_people_is_told_and_not_followed() {
        let text = "HTTP/1.1 302 Found\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n";
        let answer = read(text.as_bytes(), MOST, true).unwrap().unwrap();
        assert_eq!((answer.status, answer.location.as_deref()), (302, Some("/there")));
    }
}
