//! How a mail in a mailbox on a server is called: `imaps://USER@HOST/BOX;UIDVALIDITY=7/;UID=12`, after RFC 5092.
//!
//! What always holds: a name never comes to mean another mail.

use super::address::Address;

/// Which mail.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Name {
    pub(super) folder: String,
    pub(super) validity: u32,
    pub(super) uid: u32,
}

impl Name {
    pub(super) fn text(&self, address: &Address) -> String {
        let place = address.place(&self.folder);
        format!("{place};UIDVALIDITY={}/;UID={}", self.validity, self.uid)
    }

    pub(super) fn of(text: &str, address: &Address) -> Option<Self> {
        let (rest, uid) = text.rsplit_once("/;UID=")?;
        let (place, validity) = rest.rsplit_once(";UIDVALIDITY=")?;
        Some(Self {
            folder: place.strip_prefix(&address.place(""))?.to_owned(),
            validity: validity.parse().ok()?,
            uid: uid.parse().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_which_mail() {
        let address = Address::parse("imaps://post@x.example@imap.x.example/INBOX").unwrap();
        for folder in ["INBOX", "Delt/Skjema å", "a;UIDVALIDITY=3/;UID=4"] {
            let name = Name {
                folder: folder.into(),
                validity: u32::MAX,
                uid: 12,
            };
            assert_eq!(Name::of(&name.text(&address), &address), Some(name));
        }
        assert_eq!(Name::of("mail/0001.eml", &address), None);
        assert_eq!(
            Name::of("imaps://ola@imap.x.example/INBOX;UIDVALIDITY=1/;UID=2", &address),
            None
        );
    }
}
