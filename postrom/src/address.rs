//! Mail addresses that a clerk names.

/// Whether a text is one plain mail address, that stands in a header field or in a key as it is: `user@host.example`.
///
/// Quoted local parts are left out: no office has one, and a program that quotes them wrong sends elsewhere. So are letters
/// beyond ASCII, which many mail servers still refuse: `blåbær.example` is written `xn--blbr-roah.example`.
pub fn is_address(text: &str) -> bool {
    // RFC 5321 §4.5.3.1: 64 for the local part, 255 for the domain, 254 for a path without its brackets.
    let Some((local, domain)) = text.split_once('@') else {
        return false;
    };
    text.len() <= 254 && local.len() <= 64 && is_local(local) && is_domain(domain)
}

fn is_local(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c);
    text.split('.').all(|atom| !atom.is_empty() && atom.chars().all(plain))
}

/// Also `postmottak@localhost`, for trying out.
fn is_domain(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let label =
        |label: &str| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-') && label.chars().all(plain);
    text.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::is_address;

    #[test]
    fn one_address_and_nothing_else() {
        for good in [
            "postmottak@example.no",
            "a.b+c@x-y.example",
            "p@localhost",
            "post@xn--blbr-roah.example",
        ] {
            assert!(is_address(good), "{good}");
        }
        for bad in [
            "",
            "@",
            "a@",
            "@b",
            "a b@c.no",
            "a@b@c.no",
            "a@b.no,c@d.no",
            "a@b.no\r\nBcc: x@y.no",
            "<a@b.no>",
            "Post <a@b.no>",
            "a..b@c.no",
            ".a@c.no",
            "a@-b.no",
            "a@b..no",
            "a@b.no.",
            "\"a b\"@c.no",
            "a@[127.0.0.1]",
            "post@blåbær.example",
            "a@b.no\u{202E}",
        ] {
            assert!(!is_address(bad), "{bad}");
        }
        assert!(!is_address(&format!("{}@x.no", "a".repeat(65))));
    }
}
