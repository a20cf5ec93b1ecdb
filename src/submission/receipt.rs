//! The receipt, and its address: sealed here, so that nobody else can make one.
//!
//! Whoever is shown a receipt believes that a letter arrived. An address that says in the clear what the page will say can
//! be written by anybody, for a letter that never was; and it stays in the browser's history, with the reference in it. So
//! the address is an AEAD under a key of the store: it cannot be made up, changed, or read. The server keeps nothing.
//!
//! The nonce is a keyed hash of what is sealed (as in SIV, RFC 5297 §1.3): no randomness can be missing or repeat, and two
//! receipts share a nonce only when they are the same, or once in 2⁹⁶ pairs.

use aes_gcm::aead::{AeadInPlace, KeyInit};
use aes_gcm::{Aes256Gcm, Nonce, Tag};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::answer::Reply;
use crate::form::Form;
use crate::store::{Identities, Proof};
use konvolutt_letter::Reference;

/// How long a receipt opens. Long enough to write a reference down, with a reload and a dropped connection; on a shared
/// computer short enough for the next person.
pub const OPENS_FOR: SignedDuration = SignedDuration::from_mins(15);
/// So far the clocks of two machines of one store may be apart. What is further ahead was sealed before a clock was set
/// back, and would open for longer than it should.
const AHEAD: SignedDuration = SignedDuration::from_secs(60);

const NONCE: usize = 12;
const TAG: usize = 16;
const FORM: usize = 8;
const REFERENCE: usize = 10;
const TIME: usize = 8;
const FILES: usize = 2;
const BYTES: usize = 8;
const PROOF: usize = TIME + 32;
/// Whether there will be an answer.
const REPLY: usize = 1;
const PLAIN: usize = FORM + REFERENCE + TIME + FILES + BYTES + PROOF + REPLY;
const SEALED: usize = NONCE + PLAIN + TAG;
/// Which content the address has: sealed along with it.
const VERSION: &[u8] = b"2";

/// Of the first version, which had neither bytes nor proof.
const FIRST_PLAIN: usize = FORM + REFERENCE + TIME + FILES;
const FIRST_SEALED: usize = NONCE + FIRST_PLAIN + TAG;

/// The promise: the letter is sealed and on disk.
#[derive(Debug)]
pub struct Receipt {
    /// Number for people.
    pub reference: Reference,
    /// The same letter had come before.
    pub repeat: bool,
    /// Files in it.
    pub files: usize,
    /// Bytes of all files.
    pub bytes: u64,
    /// When it came and what its seal is, where the form gives signed receipts.
    pub proof: Option<Proof>,
    /// Whether its sender can be answered.
    pub reply: Reply,
}

/// What a sealed address tells its server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    form: [u8; FORM],
    /// Number for people.
    pub reference: Reference,
    /// When the receipt was given, by the second.
    pub given: Timestamp,
    /// Files in the letter.
    pub files: u16,
    /// Bytes of all files.
    pub bytes: u64,
    /// When it came and what its seal is, where the form gives signed receipts.
    pub proof: Option<Proof>,
    /// Whether its sender can be answered.
    pub reply: Reply,
}

impl Shown {
    /// The form it came from, if there still is one of that name.
    pub fn form<'a>(&self, forms: &'a [Form]) -> Option<&'a Form> {
        forms.iter().find(|form| form_tag(&form.slug) == self.form)
    }

    /// When the letter was there: of a page that was sent twice when it came first, if that is known.
    pub fn received(&self) -> Timestamp {
        let accepted = self.proof.and_then(|proof| i64::try_from(proof.accepted).ok());
        let accepted = accepted.and_then(|seconds| Timestamp::from_second(seconds).ok());
        accepted.unwrap_or(self.given)
    }
}

/// What an address is worth at this moment.
#[derive(Debug, PartialEq, Eq)]
pub enum Opened {
    /// A receipt of this store.
    Shown(Shown),
    /// A receipt of this store that is not shown any more.
    Over,
    /// Made up, changed, or of another store.
    NotOurs,
}

/// Seals and opens the addresses of receipts.
pub struct ReceiptSeal {
    cipher: Aes256Gcm,
    nonce_key: Zeroizing<[u8; 32]>,
}

impl ReceiptSeal {
    /// With keys of this store: every node has the same, also after a restart.
    pub fn new(identities: &Identities) -> Self {
        Self {
            cipher: Aes256Gcm::new((&*identities.key("receipt")).into()),
            nonce_key: identities.key("receipt nonce"),
        }
    }

    /// The last part of the address: 140 signs, whatever is in it.
    pub fn seal(&self, slug: &str, receipt: &Receipt, given: Timestamp) -> String {
        let mut plain = plain(slug, receipt, given);
        let nonce = self.nonce(&plain);
        #[expect(
            clippy::expect_used,
            reason = "the only error is a length over 64 GiB; these are 77 bytes"
        )]
        let tag = self
            .cipher
            .encrypt_in_place_detached(Nonce::from_slice(&nonce), VERSION, &mut plain)
            .expect("77 bytes");
        URL_SAFE_NO_PAD.encode([&nonce[..], &plain, &tag].concat())
    }

    /// Reads an address at this moment.
    pub fn open(&self, address: &str, now: Timestamp) -> Opened {
        match self.read(address) {
            Some(shown) if is_open(shown.given, now) => Opened::Shown(shown),
            Some(_) => Opened::Over,
            None if self.is_of_the_first_version(address) => Opened::Over,
            None => Opened::NotOurs,
        }
    }

    fn read(&self, address: &str) -> Option<Shown> {
        let bytes: [u8; SEALED] = URL_SAFE_NO_PAD.decode(address).ok()?.try_into().ok()?;
        shown(&self.unsealed::<PLAIN>(&bytes, VERSION)?)
    }

    /// Given right before the program was renewed: not made up, and nobody needs to send again.
    fn is_of_the_first_version(&self, address: &str) -> bool {
        let bytes = URL_SAFE_NO_PAD.decode(address).ok();
        let bytes = bytes.filter(|bytes| bytes.len() == FIRST_SEALED);
        bytes.is_some_and(|bytes| self.unsealed::<FIRST_PLAIN>(&bytes, b"").is_some())
    }

    fn unsealed<const LENGTH: usize>(&self, bytes: &[u8], version: &[u8]) -> Option<[u8; LENGTH]> {
        let (nonce, rest) = bytes.split_first_chunk::<NONCE>()?;
        let (plain, tag) = rest.split_first_chunk::<LENGTH>()?;
        let tag: &[u8; TAG] = tag.try_into().ok()?;
        let mut plain = *plain;
        self.cipher
            .decrypt_in_place_detached(Nonce::from_slice(nonce), version, &mut plain, Tag::from_slice(tag))
            .ok()?;
        Some(plain)
    }

    fn nonce(&self, plain: &[u8]) -> [u8; NONCE] {
        #[expect(
            clippy::expect_used,
            reason = "HMAC takes keys of every length; the type says Result for other MACs"
        )]
        let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(&*self.nonce_key).expect("any length is a key");
        mac.update(plain);
        let digest: [u8; 32] = mac.finalize().into_bytes().into();
        std::array::from_fn(|index| digest[index])
    }
}

fn is_open(given: Timestamp, now: Timestamp) -> bool {
    let age = now.duration_since(given);
    -AHEAD <= age && age < OPENS_FOR
}

/// A form's name in a fixed length. The name itself would make the address as long as it is.
fn form_tag(slug: &str) -> [u8; FORM] {
    let digest = Sha256::digest(slug);
    std::array::from_fn(|index| digest[index])
}

fn plain(slug: &str, receipt: &Receipt, given: Timestamp) -> [u8; PLAIN] {
    let reference = receipt.reference.to_string().replace('-', "");
    let files = u16::try_from(receipt.files).unwrap_or(u16::MAX);
    // A letter without a proof has one of nothing: all addresses are of one length.
    let proof = receipt.proof.unwrap_or(NONE);
    let parts = [
        &form_tag(slug)[..],
        reference.as_bytes(),
        &given.as_second().to_be_bytes(),
        &files.to_be_bytes(),
        &receipt.bytes.to_be_bytes(),
        &proof.accepted.to_be_bytes(),
        &proof.seal,
        &[sign(receipt.reply)],
    ]
    .concat();
    std::array::from_fn(|index| parts.get(index).copied().unwrap_or(0))
}

const NONE: Proof = Proof {
    accepted: 0,
    seal: [0; 32],
};

fn shown(plain: &[u8; PLAIN]) -> Option<Shown> {
    let (form, rest) = plain.split_first_chunk::<FORM>()?;
    let (reference, rest) = rest.split_first_chunk::<REFERENCE>()?;
    let (given, rest) = rest.split_first_chunk::<TIME>()?;
    let (files, rest) = rest.split_first_chunk::<FILES>()?;
    let (bytes, rest) = rest.split_first_chunk::<BYTES>()?;
    let (accepted, rest) = rest.split_first_chunk::<TIME>()?;
    let (seal, reply) = rest.split_first_chunk::<{ PROOF - TIME }>()?;
    let proof = Proof {
        accepted: u64::from_be_bytes(*accepted),
        seal: *seal,
    };
    Some(Shown {
        form: *form,
        reference: Reference::parse(std::str::from_utf8(reference).ok()?)?,
        given: Timestamp::from_second(i64::from_be_bytes(*given)).ok()?,
        files: u16::from_be_bytes(*files),
        bytes: u64::from_be_bytes(*bytes),
        proof: (proof != NONE).then_some(proof),
        reply: REPLIES.into_iter().find(|known| [sign(*known)] == *reply)?,
    })
}

const REPLIES: [Reply; 3] = [Reply::NoWay, Reply::Chosen, Reply::Unwanted];

fn sign(reply: Reply) -> u8 {
    match reply {
        Reply::NoWay => 0,
        Reply::Chosen => 1,
        Reply::Unwanted => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seal(secret: u8) -> ReceiptSeal {
        ReceiptSeal::new(&Identities::new(Zeroizing::new([secret; 32])))
    }

    fn receipt() -> Receipt {
        Receipt {
            reference: Reference::from_random(&[7; 16]),
            repeat: false,
            files: 3,
            bytes: 3_000_000,
            proof: Some(Proof {
                accepted: 1_799_999_940,
                seal: [8; 32],
            }),
            reply: Reply::Chosen,
        }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    #[test]
    fn what_is_sealed_comes_back_on_every_node_of_the_store() {
        let address = seal(1).seal("si-fra", &receipt(), at(0));
        let Opened::Shown(shown) = seal(1).open(&address, at(1)) else {
            panic!("it does not open");
        };
        assert_eq!(
            (&shown.reference, shown.given, shown.files),
            (&receipt().reference, at(0), 3)
        );
        assert_eq!((shown.bytes, shown.proof), (3_000_000, receipt().proof));
        assert_eq!(
            shown.received(),
            at(-60),
            "when it came, and not when it was asked for again"
        );
        for reply in REPLIES {
            let address = seal(1).seal("s", &Receipt { reply, ..receipt() }, at(0));
            assert!(matches!(seal(1).open(&address, at(0)), Opened::Shown(shown) if shown.reply == reply));
        }
        assert_eq!(shown.form, form_tag("si-fra"));
        assert_ne!(shown.form, form_tag("skriv"));
    }

    #[test]
    fn an_address_opens_for_fifteen_minutes() {
        let seal = seal(1);
        let address = seal.seal("skriv", &receipt(), at(0));
        let opens = |second| matches!(seal.open(&address, at(second)), Opened::Shown(_));
        for second in [-60, -1, 0, 1, 60, 15 * 60 - 1] {
            assert!(opens(second), "{second}");
        }
        // A clock that was set back must not make it open for longer.
        for second in [-86_400, -61, 15 * 60, 15 * 60 + 1, 86_400 * 365] {
            assert_eq!(seal.open(&address, at(second)), Opened::Over, "{second}");
        }
    }

    #[test]
    fn nothing_else_opens() {
        let ours = seal(1);
        let address = ours.seal("skriv", &receipt(), at(0));
        assert_ne!(ours.open(&address, at(0)), Opened::NotOurs, "the control");
        assert_eq!(seal(2).open(&address, at(0)), Opened::NotOurs, "another store's");
        let bytes = URL_SAFE_NO_PAD.decode(&address).unwrap();
        for index in 0..bytes.len() {
            for bit in 0..8 {
                let mut changed = bytes.clone();
                changed[index] ^= 1 << bit;
                let changed = URL_SAFE_NO_PAD.encode(changed);
                assert_eq!(ours.open(&changed, at(0)), Opened::NotOurs, "{index} {bit}");
            }
        }
        let reference = receipt().reference.to_string();
        for made_up in [
            "",
            "A",
            &reference,
            &"A".repeat(140),
            &address[1..],
            &format!("{address}A"),
            &format!("{address}="),
            &address.to_lowercase(),
            "æøå",
        ] {
            assert_eq!(ours.open(made_up, at(0)), Opened::NotOurs, "{made_up}");
        }
    }

    /// Whoever has the page open while the program is renewed must not read that there was no receipt.
    #[test]
    fn an_address_of_the_first_version_is_over_and_not_made_up() {
        let ours = seal(1);
        let (nonce, mut plain) = ([7; NONCE], [0; FIRST_PLAIN]);
        let tag = ours
            .cipher
            .encrypt_in_place_detached(Nonce::from_slice(&nonce), b"", &mut plain);
        let first = URL_SAFE_NO_PAD.encode([&nonce[..], &plain, &tag.unwrap()].concat());
        assert_eq!((first.len(), ours.open(&first, at(0))), (75, Opened::Over));
        assert_eq!(seal(2).open(&first, at(0)), Opened::NotOurs);
        assert_eq!(ours.open(&"A".repeat(75), at(0)), Opened::NotOurs);
    }

    /// Were the last sign to have bits that mean nothing, and nobody looked at them, one receipt would have several addresses.
    #[test]
    fn one_receipt_has_one_address() {
        let ours = seal(1);
        let address = ours.seal("skriv", &receipt(), at(0));
        let alphabet = ('A'..='Z').chain('a'..='z').chain('0'..='9').chain(['-', '_']);
        let opens = |last: &char| {
            let other = format!("{}{last}", &address[..address.len() - 1]);
            ours.open(&other, at(0)) != Opened::NotOurs
        };
        assert_eq!(alphabet.filter(opens).count(), 1);
    }

    #[test]
    fn an_address_says_nothing() {
        let ours = seal(1);
        let few = |slug: &str, files| {
            let proof = receipt().proof.filter(|_| files > 0);
            ours.seal(
                slug,
                &Receipt {
                    files,
                    proof,
                    ..receipt()
                },
                at(0),
            )
        };
        let (short, long) = (few("s", 0), few(&"s".repeat(60), 70_000));
        assert!(
            matches!(ours.open(&short, at(0)), Opened::Shown(shown) if shown.proof.is_none() && shown.received() == at(0))
        );
        assert_eq!((short.len(), long.len()), (140, 140), "no length tells of the form");
        let reference = receipt().reference.to_string();
        let bytes = URL_SAFE_NO_PAD.decode(&short).unwrap();
        let holds = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
        assert!(!short.contains(&reference) && !holds(&reference.replace('-', "")));
        // The same moment and letter: the same address. Another second: nothing of it is the same.
        assert_eq!(short, few("s", 0));
        let bare = Receipt {
            files: 0,
            proof: None,
            ..receipt()
        };
        let later = ours.seal("s", &bare, at(1));
        let same = short.chars().zip(later.chars()).filter(|(a, b)| a == b).count();
        assert!(same < 24, "{same} of 140");
    }
}
