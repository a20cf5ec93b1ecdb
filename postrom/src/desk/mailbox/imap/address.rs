//! The address of a mailbox on a server: `imaps://USER@HOST[:PORT]/BOX`.
//!
//! Comes in: what the settings say. Goes out: its parts, decoded. What always holds: nothing in them could end a line that
//! is said to a server; without a box it is INBOX.

/// The port of IMAP over TLS.
const PORT: u16 = 993;
const SCHEME: &str = "imaps://";

/// One mailbox of one user on one server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// Who logs in.
    pub user: String,
    /// Name or IP address, this without brackets.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The mailbox, as people write its name.
    pub folder: String,
}

impl Address {
    /// The parts of an address. The user ends at the last `@`, so that one that is a mail address need not be encoded.
    pub fn parse(said: &str) -> Option<Self> {
        let rest = said.get(SCHEME.len()..)?;
        let scheme = said.get(..SCHEME.len())?;
        if !scheme.eq_ignore_ascii_case(SCHEME) {
            return None;
        }
        let (authority, folder) = rest.split_once('/').unwrap_or((rest, ""));
        let (user, place) = authority.rsplit_once('@')?;
        let (host, port) = host_and_port(place)?;
        let folder = decoded(folder.trim_end_matches('/'))?;
        let address = Self {
            user: decoded(user)?,
            host: host.to_owned(),
            port,
            folder: if folder.is_empty() { "INBOX".into() } else { folder },
        };
        (!address.user.is_empty() && !address.host.is_empty()).then_some(address)
    }

    /// For people.
    pub fn place(&self, folder: &str) -> String {
        format!("{SCHEME}{}@{}/{folder}", self.user, self.host)
    }
}

fn host_and_port(place: &str) -> Option<(&str, u16)> {
    let (host, rest) = match place.strip_prefix('[') {
        Some(inner) => inner.split_once(']')?,
        None => place.find(':').map_or((place, ""), |colon| place.split_at(colon)),
    };
    let known = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '%');
    if !host.chars().all(known) {
        return None;
    }
    match rest.strip_prefix(':') {
        Some(port) => Some((host, port.parse().ok().filter(|port| *port != 0)?)),
        None => rest.is_empty().then_some((host, PORT)),
    }
}

/// `%C3%A5` is å. Nothing that has control characters.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let (digits, after) = after.split_at_checked(2)?;
        rest = after;
        let digits = std::str::from_utf8(digits).ok()?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
    }
    let text = String::from_utf8(bytes).ok()?;
    (!text.chars().any(char::is_control)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(said: &str) -> Option<(String, String, u16, String)> {
        Address::parse(said).map(|address| (address.user, address.host, address.port, address.folder))
    }

    fn these(user: &str, host: &str, port: u16, folder: &str) -> Option<(String, String, u16, String)> {
        Some((user.into(), host.into(), port, folder.into()))
    }

    #[test]
    fn an_address_has_its_parts() {
        let inbox = these("post@x.example", "imap.x.example", 993, "INBOX");
        assert_eq!(parts("imaps://post%40x.example@imap.x.example/INBOX"), inbox);
        assert_eq!(parts("imaps://post@x.example@imap.x.example"), inbox);
        assert_eq!(parts("IMAPS://post@x.example@imap.x.example:993/"), inbox);
        assert_eq!(
            parts("imaps://kari@[::1]:1993/Delt/Skjema%20%C3%A5/"),
            these("kari", "::1", 1993, "Delt/Skjema å")
        );
    }

    #[test]
    fn what_is_no_address_is_none() {
        for said in [
            "",
            "imap://kari@x.example/",
            "imaps://x.example/INBOX",
            "imaps://@x.example/",
            "imaps://kari@/",
            "imaps://kari@x.example:0/",
            "imaps://kari@x.example:99999/",
            "imaps://kari@[::1/",
            "imaps://kari@x.example/a%0D%0Ab",
            "imaps://kari@x.example/a%zz",
            "imaps://kari@x.example/a%E",
            "imaps://ka\r\nri@x.example/",
            "ïmaps://kari@x.example/",
        ] {
            assert_eq!(parts(said), None, "{said}");
        }
    }
}
