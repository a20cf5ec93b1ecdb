//! Where a certificate lies by its mail address: the Web Key Directory (draft-koch-openpgp-webkey-service).
//!
//! The post room lays the folder out, the server asks for what is in it; both must come to the same name.

/// z-base-32: no sign that is taken for another.
const SIGNS: &[u8; 32] = b"ybndrfg8ejkmcpqxot1uwisza345h769";
const FOLDER: &str = "/.well-known/openpgpkey";

/// The place of an address in its domain's directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WkdPlace {
    /// The domain, in small letters.
    pub domain: String,
    /// The name of the file.
    pub hash: String,
    local: String,
}

impl WkdPlace {
    /// The place of an address, if it is one. `sha1` is whichever the program's cryptographic library has: here it is a name, and
    /// protects nothing.
    pub fn of(address: &str, sha1: impl FnOnce(&[u8]) -> Option<[u8; 20]>) -> Option<Self> {
        let (local, domain) = address.rsplit_once('@')?;
        if local.is_empty() || domain.is_empty() {
            return None;
        }
        let digest = sha1(local.to_ascii_lowercase().as_bytes())?;
        Some(Self {
            domain: domain.to_ascii_lowercase(),
            hash: z_base_32(&digest),
            local: local.to_owned(),
        })
    }

    /// Its file in the advanced method, below the root of `openpgpkey.DOMAIN`.
    pub fn advanced(&self) -> String {
        format!("{}/hu/{}", self.advanced_folder(), self.hash)
    }

    /// Its file in the direct method, below the root of the domain itself.
    pub fn direct(&self) -> String {
        format!("{}/hu/{}", Self::direct_folder(), self.hash)
    }

    /// What stands beside `hu` in the advanced method.
    pub fn advanced_folder(&self) -> String {
        format!("{FOLDER}/{}", self.domain)
    }

    /// What stands beside `hu` in the direct method.
    pub fn direct_folder() -> &'static str {
        FOLDER
    }

    /// What is said to the server besides: the address as it was written, for servers that make their answer up.
    pub fn query(&self) -> String {
        let encoded = self.local.bytes().map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        });
        format!("?l={}", encoded.collect::<String>())
    }
}

/// 160 bits are 32 signs of five, with none left over.
fn z_base_32(digest: &[u8; 20]) -> String {
    let bit = |at: usize| (digest[at / 8] >> (7 - at % 8)) & 1;
    let sign = |first: usize| (first..first + 5).fold(0, |value, at| value << 1 | usize::from(bit(at)));
    (0..160)
        .step_by(5)
        .map(|first| char::from(SIGNS[sign(first)]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The digest of `joe.doe`.
    const JOE: [u8; 20] = [
        0xa8, 0x3e, 0xe9, 0x4b, 0xe8, 0x9c, 0x48, 0xa1, 0x1e, 0xd2, 0x5a, 0xb4, 0x4c, 0xfd, 0xc8, 0x48, 0x83, 0x3c,
        0x8b, 0x6e,
    ];

    /// The draft's own example.
    #[test]
    fn an_address_has_the_place_that_the_draft_gives_it() {
        let place = WkdPlace::of("Joe.Doe@Example.ORG", |local| {
            assert_eq!(local, b"joe.doe");
            Some(JOE)
        });
        let place = place.unwrap();
        assert_eq!(place.hash, "iy9q119eutrkn8s1mk4r39qejnbu3n5q");
        assert_eq!(
            place.advanced(),
            "/.well-known/openpgpkey/example.org/hu/iy9q119eutrkn8s1mk4r39qejnbu3n5q"
        );
        assert_eq!(
            place.direct(),
            "/.well-known/openpgpkey/hu/iy9q119eutrkn8s1mk4r39qejnbu3n5q"
        );
        assert_eq!(place.query(), "?l=Joe.Doe");
    }

    #[test]
    fn what_stands_in_an_address_stays_in_its_query() {
        let place = |address| WkdPlace::of(address, |_| Some(JOE));
        assert_eq!(place("post+a&b@example.no").unwrap().query(), "?l=post%2Ba%26b");
        for none in ["", "post", "@example.no", "post@"] {
            assert_eq!(place(none), None, "{none}");
        }
    }
}
