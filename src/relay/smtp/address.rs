//! A mail address as SMTP commands hold it (RFC 5321 §4.1.2): made once from the configuration, then trusted.

use lettre::Address;

/// An address that can stand between `<` and `>`, in ASCII, since not every server has SMTPUTF8. None of anything else.
pub(super) fn address(text: &str) -> Option<Address> {
    text.parse().ok().filter(|_| text.is_ascii())
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
            assert_eq!(address(good).map(|address| address.to_string()), Some(good.into()));
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
            "post@exa mple.no",
            "post>@example.no",
            "a\r\nRCPT TO:<b>@example.no",
            "\"a\r\n\"@example.no",
            "\"a\"b\"@example.no",
            "pøst@example.no",
            "post@bodø.example.no",
        ] {
            assert_eq!(address(bad), None, "{bad}");
        }
        assert_eq!(address(&format!("{}@example.no", "a".repeat(65))), None);
    }
}
