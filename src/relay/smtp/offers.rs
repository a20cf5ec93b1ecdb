//! What a server says that it can do: the lines of its answer to EHLO (RFC 5321 §4.1.1.1).

use super::reply::Reply;

/// The lines of one answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Offers(Vec<String>);

impl Offers {
    /// The first line is the server's name.
    pub(super) fn of(reply: &Reply) -> Self {
        let lines = reply.lines.iter().skip(1).map(|line| line.trim().to_owned());
        Self(lines.collect())
    }

    /// TLS on this connection (RFC 3207).
    pub(super) fn starttls(&self) -> bool {
        self.parameters("STARTTLS").is_some()
    }

    /// The largest mail in bytes (RFC 1870); 0 is no limit. None where nothing is said.
    pub(super) fn size(&self) -> Option<u64> {
        let bytes = self.parameters("SIZE")?;
        bytes.parse().ok()
    }

    /// Ways to log in, in capitals (RFC 4954). Some old servers write `AUTH=`.
    pub(super) fn logins(&self) -> Vec<String> {
        let lines = self.0.iter().filter_map(|line| {
            let (keyword, rest) = line.split_at_checked(5)?;
            let is_auth = keyword.eq_ignore_ascii_case("AUTH ") || keyword.eq_ignore_ascii_case("AUTH=");
            is_auth.then_some(rest)
        });
        let mut all: Vec<String> = lines
            .flat_map(str::split_ascii_whitespace)
            .map(str::to_ascii_uppercase)
            .collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// What follows a keyword, which may be nothing.
    pub(super) fn parameters(&self, keyword: &str) -> Option<&str> {
        let mut lines = self.0.iter().map(|line| line.split_once(' ').unwrap_or((line, "")));
        let found = lines.find(|(word, _)| word.eq_ignore_ascii_case(keyword));
        found.map(|(_, rest)| rest.trim())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offers(lines: &[&str]) -> Offers {
        Offers::of(&Reply::new(250, lines.iter().copied()))
    }

    #[test]
    fn keywords_are_read_whatever_their_case() {
        let all = offers(&[
            "mx",
            "size 26214400",
            "Starttls",
            "DSN",
            "AUTH LOGIN plain",
            "AUTH=LOGIN XOAUTH2",
        ]);
        assert!(all.starttls() && all.parameters("dsn").is_some());
        assert_eq!(all.size(), Some(26_214_400));
        assert_eq!(all.logins(), ["LOGIN", "PLAIN", "XOAUTH2"]);
    }

    #[test]
    fn what_is_not_offered_is_not_found() {
        // The first line is a name, whatever it says.
        let none = offers(&["mx STARTTLS", "XSTARTTLS", "SIZE", "AUTHORITY X"]);
        assert!(!none.starttls());
        assert_eq!((none.size(), none.logins()), (None, Vec::new()));
        assert_eq!(offers(&["mx", "SIZE 0"]).size(), Some(0));
    }
}
