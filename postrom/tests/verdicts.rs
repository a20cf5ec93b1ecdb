//! What a signature comes to: each way in which it may not fit has a name of its own.

use std::time::{Duration, SystemTime};

use postrom::found::Data;
use postrom::judged::{Judged, Verdict};
use postrom::open::open;
use postrom::opened::Content;
use postrom::trouble::Trouble;
use postrom::trust::Trust;
use postrom::{Keys, KeysError};
use sequoia_openpgp::Cert;
use sequoia_openpgp::types::ReasonForRevocation;

use crate::support::{Seal, Sent, letter, relay, room, signed};

const REFERENCE: &str = "K7F-3K9Q-2MX";
const HOUR: Duration = Duration::from_secs(3600);

/// A post room with its key, and the form's relay.
struct Desk {
    own: Cert,
    keys: Keys,
    relay: Cert,
}

impl Desk {
    fn new() -> Self {
        let (own, key) = room("Postmottak");
        Self {
            keys: keys(&key).unwrap(),
            own,
            relay: relay("skjema@x.example", SystemTime::now() - 1000 * HOUR),
        }
    }

    fn trust(&self) -> Trust {
        Trust {
            relays: vec![self.relay.clone().strip_secret_key_material()],
            ..Trust::default()
        }
    }

    fn judge(&self, seal: &Seal<'_>, trust: &Trust) -> Judged {
        let packets = seal.packets(&letter(&Sent::new(REFERENCE, "Hei.")));
        let opened = open(&Data::Packets(packets), &self.keys, trust, &|| false)
            .ok()
            .unwrap();
        assert!(matches!(opened.content, Content::Letter(_)));
        opened.judged
    }

    fn verdict(&self, seal: &Seal<'_>) -> Verdict {
        self.judge(seal, &self.trust()).verdict
    }
}

/// Of whatever size: beyond what the library holds back it is found out while it is read.
#[test]
fn a_signed_mail_that_was_never_sealed_is_told_as_that() {
    let desk = Desk::new();
    for size in [300, 400_000, 6_000_000] {
        let words: Vec<u8> = (0..size)
            .map(|at: u32| (at.wrapping_mul(2_654_435_761) >> 24) as u8)
            .collect();
        let data = Data::Packets(signed(&desk.relay, &words));
        let opened = open(&data, &desk.keys, &desk.trust(), &|| false);
        assert_eq!(opened.err(), Some(Trouble::NotSealed), "{size}");
    }
}

fn keys(key: &[u8]) -> Result<Keys, KeysError> {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("key.asc");
    std::fs::write(&file, key).unwrap();
    let mut keys = Keys::default();
    keys.add(&file, &mut |_| None).map(|_| keys)
}

#[test]
fn a_letter_of_the_form_is_genuine() {
    let desk = Desk::new();
    let judged = desk.judge(&Seal::by_relay(&desk.relay, &desk.own), &desk.trust());
    assert_eq!(judged.verdict, Verdict::Genuine);
    let signer = judged.signer.unwrap();
    assert_eq!(signer.fingerprint, desk.relay.fingerprint().to_string());
    assert_eq!(signer.name.as_deref(), Some("Sikkert skjema <skjema@x.example>"));
    assert!(!signer.former);
    assert_eq!(judged.opened_with, desk.own.fingerprint().to_string());
}

#[test]
fn without_a_relay_a_signature_is_not_checked_and_none_is_none() {
    let desk = Desk::new();
    let nobody = Trust::default();
    let verdict = |seal| desk.judge(&seal, &nobody).verdict;
    assert_eq!(verdict(Seal::by_relay(&desk.relay, &desk.own)), Verdict::NotChecked);
    assert_eq!(verdict(Seal::unsigned(&desk.own)), Verdict::Unsigned);
}

#[test]
fn another_key_is_told_by_its_name_when_it_is_known() {
    let desk = Desk::new();
    let stranger = relay("nokon@y.example", SystemTime::now() - HOUR);
    let seal = Seal::by_relay(&stranger, &desk.own);
    let unknown = desk.judge(&seal, &desk.trust());
    assert_eq!(unknown.verdict, Verdict::SignedByAnother);
    assert_eq!(unknown.signer.unwrap().name, None);
    let mut trust = desk.trust();
    trust.known.push(stranger.clone());
    let known = desk.judge(&seal, &trust);
    assert_eq!(known.verdict, Verdict::SignedByAnother);
    assert!(known.signer.unwrap().name.unwrap().contains("nokon@y.example"));
}

/// The control of each is the letter that differs from a genuine one in this alone.
#[test]
fn what_does_not_fit_is_told_apart() {
    let desk = Desk::new();
    let (other, _) = room("Nokon annan");
    let genuine = || Seal::by_relay(&desk.relay, &desk.own);
    let now = SystemTime::now();
    for (verdict, seal) in [
        (Verdict::Unsigned, Seal::unsigned(&desk.own)),
        (
            Verdict::NotForYou,
            Seal {
                intended: vec![&other],
                ..genuine()
            },
        ),
        (
            Verdict::NotForYou,
            Seal {
                intended: Vec::new(),
                ..genuine()
            },
        ),
        (
            Verdict::Genuine,
            Seal {
                intended: vec![&other, &desk.own],
                ..genuine()
            },
        ),
        (
            Verdict::Genuine,
            Seal {
                made: Some(now - 24 * HOUR),
                ..genuine()
            },
        ),
        (
            Verdict::Genuine,
            Seal {
                made: Some(now + HOUR / 4),
                ..genuine()
            },
        ),
        (
            Verdict::AfterYourClock,
            Seal {
                made: Some(now + HOUR),
                ..genuine()
            },
        ),
        (
            Verdict::AfterYourClock,
            Seal {
                made: Some(now + 24 * HOUR),
                ..genuine()
            },
        ),
        // Dated ahead, and for somebody else: the second is what cannot be mended by looking at the clock.
        (
            Verdict::NotForYou,
            Seal {
                made: Some(now + HOUR),
                intended: vec![&other],
                ..genuine()
            },
        ),
        // Before the key was made.
        (
            Verdict::KeyNotValid,
            Seal {
                made: Some(now - 2000 * HOUR),
                ..genuine()
            },
        ),
    ] {
        assert_eq!(desk.verdict(&seal), verdict);
    }
}

#[test]
fn a_former_key_of_the_form_is_as_good_and_is_told() {
    let desk = Desk::new();
    let newer = relay("skjema@x.example", SystemTime::now() - HOUR);
    let elsewhere = relay("skjema@y.example", SystemTime::now() - HOUR);
    let signer = |by: &Cert, more: &Cert| {
        let mut trust = desk.trust();
        trust.relays.push(more.clone());
        let judged = desk.judge(&Seal::by_relay(by, &desk.own), &trust);
        assert_eq!(judged.verdict, Verdict::Genuine);
        judged.signer.unwrap()
    };
    assert!(signer(&desk.relay, &newer).former);
    assert!(!signer(&newer, &newer).former);
    assert!(
        !signer(&desk.relay, &elsewhere).former,
        "another form's key replaces none"
    );
}

#[test]
fn a_key_that_was_withdrawn_for_good_makes_nothing_genuine() {
    let desk = Desk::new();
    let mut key = desk
        .relay
        .primary_key()
        .key()
        .clone()
        .parts_into_secret()
        .unwrap()
        .into_keypair()
        .unwrap();
    let revoked = |reason| {
        let revocation = desk.relay.revoke(&mut key, reason, b"").unwrap();
        let (relay, _) = desk.relay.clone().insert_packets(revocation).unwrap();
        let trust = Trust {
            relays: vec![relay],
            ..Trust::default()
        };
        let made = Some(SystemTime::now() - HOUR);
        let seal = Seal {
            made,
            ..Seal::by_relay(&desk.relay, &desk.own)
        };
        desk.judge(&seal, &trust).verdict
    };
    let mut revoked = revoked;
    assert_eq!(revoked(ReasonForRevocation::KeyCompromised), Verdict::KeyNotValid);
    // One that was only replaced has signed what it signed.
    assert_eq!(revoked(ReasonForRevocation::KeySuperseded), Verdict::Genuine);
}

#[test]
fn what_is_not_opened_has_a_reason() {
    let desk = Desk::new();
    let (other, _) = room("Nokon annan");
    let trust = desk.trust();
    let why = |packets: Vec<u8>| open(&Data::Packets(packets), &desk.keys, &trust, &|| false).err();
    let whole = Seal::by_relay(&desk.relay, &desk.own).packets(&letter(&Sent::new(REFERENCE, "Hei.")));
    assert!(why(whole.clone()).is_none());
    let mut turned = whole.clone();
    let at = turned.len() - 40;
    turned[at] ^= 1;
    assert_eq!(why(turned), Some(Trouble::Damaged));
    assert_eq!(why(whole[..whole.len() - 1].to_vec()), Some(Trouble::Damaged));
    assert_eq!(why(Vec::new()), Some(Trouble::Damaged));
    let to_other = Seal::by_relay(&desk.relay, &other).packets(b"x");
    let Some(Trouble::NotForKeys { sealed_to }) = why(to_other) else {
        panic!()
    };
    assert_eq!(sealed_to.len(), 1);
}

#[test]
fn who_wants_to_stop_is_heard() {
    let desk = Desk::new();
    let large = vec![b'x'; 2_000_000];
    let packets = Seal::by_relay(&desk.relay, &desk.own).packets(&letter(&Sent {
        files: vec![("a.txt", &large)],
        ..Sent::new(REFERENCE, "Hei.")
    }));
    let data = Data::Packets(packets);
    assert!(open(&data, &desk.keys, &desk.trust(), &|| false).is_ok());
    let stopped = open(&data, &desk.keys, &desk.trust(), &|| true).err();
    assert_eq!(stopped, Some(Trouble::Stopped));
}

/// Each of them would be tried with each key: also behind the first seal there are no more than any form names.
#[test]
fn a_seal_within_a_seal_names_no_thousands() {
    let desk = Desk::new();
    let outer = Seal::unsigned(&desk.own);
    let inner = outer.packets(&letter(&Sent::new(REFERENCE, "Hei.")));
    let open_it = |packets| open(&Data::Packets(packets), &desk.keys, &desk.trust(), &|| false).err();
    // The control: a seal within a seal is opened.
    assert_eq!(open_it(outer.around(&inner)), None);
    // The packet of a recipient who is not named (RFC 9580, section 5.1).
    let wildcard = [0xC1, 21, 3, 0, 0, 0, 0, 0, 0, 0, 0, 18, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let many = [wildcard.repeat(100), inner].concat();
    assert_eq!(
        open_it(outer.around(&many)),
        Some(Trouble::TooManyRecipients { limit: 64 })
    );
}
