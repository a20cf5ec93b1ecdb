//! A mail address as SMTP commands hold it (RFC 5321 §4.1.2), in ASCII: made once from the configuration, then trusted.

use std::fmt;

/// An address that can stand between `<` and `>`. Nothing in it ends a line or the brackets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address(String);

impl Address {
    /// None of anything else.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (local, domain) = text.rsplit_once('@')?;
        let fits = local.len() <= 64 && (is_dot_string(local) || is_quoted(local));
        (fits && (is_domain(domain) || is_literal(domain))).then(|| Self(text.to_owned()))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

fn is_dot_string(local: &str) -> bool {
    let atom = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte);
    local.split('.').all(|part| !part.is_empty() && part.bytes().all(atom))
}

fn is_quoted(local: &str) -> bool {
    let inside = local.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let plain = |byte: u8| (b' '..=b'~').contains(&byte) && !b"\"\\".contains(&byte);
    inside.is_some_and(|inside| inside.bytes().all(plain))
}

fn is_domain(domain: &str) -> bool {
    let label = |label: &str| {
        let letters = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        letters && (1..=63).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-')
    };
    domain.len() <= 253 && domain.split('.').all(label)
}

/// `[192.0.2.1]`, `[IPv6:2001:db8::1]`.
fn is_literal(domain: &str) -> bool {
    let inside = domain.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    inside.is_some_and(|inside| match inside.strip_prefix("IPv6:") {
        Some(six) => six.parse::<std::net::Ipv6Addr>().is_ok(),
        None => inside.parse::<std::net::Ipv4Addr>().is_ok(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_what_a_command_can_hold() {
        for good in [
            "postmottak@example.no",
            "a+b.c@xn--bod-2na.example.no",
            "\"post mottak\"@example.no",
            "post@localhost",
            "post@[192.0.2.1]",
            "post@[IPv6:2001:db8::1]",
        ] {
            assert_eq!(
                Address::parse(good).map(|address| address.to_string()),
                Some(good.into())
            );
        }
        for bad in [
            "",
            "@",
            "postmottak",
            "@example.no",
            "post@",
            "post..mottak@example.no",
            ".post@example.no",
            "post mottak@example.no",
            "post@example..no",
            "post@-example.no",
            "post@[192.0.2]",
            "post@exa mple.no",
            "post>@example.no",
            "a\r\nRCPT TO:<b>@example.no",
            "\"a\r\n\"@example.no",
            "\"a\"b\"@example.no",
            "pøst@example.no",
            "post@bodø.example.no",
        ] {
            assert_eq!(Address::parse(bad), None, "{bad}");
        }
        assert_eq!(Address::parse(&format!("{}@example.no", "a".repeat(65))), None);
    }
}
