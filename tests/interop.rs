//! Every kind of key, every kind of letter, every program that a post room may have. What happens is held
//! against what `konvolutt check` promises, and becomes `docs/interop.md`.

mod desk;
mod gnupg;
mod keys;
mod letters;
mod table;

use std::collections::{BTreeSet, VecDeque};
use std::fs;
use std::path::Path;
use std::sync::Mutex;
use std::thread;
use std::time::SystemTime;

use konvolutt::seal::{CertificateRole, Pinned, Program, Recipients, Sealer, SigningKey, readers};

use desk::{Desk, Seen};
use keys::{Key, Maker};
use letters::{Kind, Plain, Sealed};
use table::Row;

/// A post room: its two keys, and which letters it gets.
struct Room {
    daily: Key,
    recovery: Key,
    letters: Vec<Kind>,
}

impl Room {
    fn new(daily: &Key, recovery: &Key, letters: &[Kind]) -> Self {
        Self {
            daily: daily.clone(),
            recovery: recovery.clone(),
            letters: letters.to_vec(),
        }
    }

    fn recipients(&self) -> Recipients {
        let pins = vec![
            self.daily.pin(CertificateRole::Daily),
            self.recovery.pin(CertificateRole::Recovery),
        ];
        let pinned = Pinned::new(pins, true);
        pinned.look();
        let recipients = pinned.recipients(SystemTime::now());
        assert_eq!(
            recipients.fit.len(),
            2,
            "{}: {:?}",
            self.daily.name,
            recipients.left_out
        );
        recipients
    }
}

fn rooms(maker: &Maker) -> Vec<Room> {
    let safe = maker.gpg(
        "RSA-3072 in the safe",
        "RSA\nKey-Length: 3072",
        "RSA\nSubkey-Length: 3072",
    );
    let v6_safe = maker.postrom("v6 in the safe", "rfc9580");
    let pqc_safe = maker.postrom("post-quantum in the safe", "pqc");
    let curve = |name, curve: &str| {
        maker.gpg(
            name,
            &format!("ECDSA\nKey-Curve: {curve}"),
            &format!("ECDH\nSubkey-Curve: {curve}"),
        )
    };
    let v6 = maker.postrom("v6, by postrom", "rfc9580");
    let pqc = maker.postrom("post-quantum, by postrom", "pqc");
    let whole = [
        (
            maker.gpg(
                "Curve25519, by gpg",
                "EDDSA\nKey-Curve: ed25519",
                "ECDH\nSubkey-Curve: cv25519",
            ),
            &safe,
        ),
        (maker.sq("Curve25519, by sq"), &safe),
        (maker.postrom("Curve25519, by postrom", "compat"), &safe),
        (
            maker.gpg("RSA-3072, by gpg", "RSA\nKey-Length: 3072", "RSA\nSubkey-Length: 3072"),
            &safe,
        ),
        (
            maker.gpg("RSA-4096, by gpg", "RSA\nKey-Length: 4096", "RSA\nSubkey-Length: 4096"),
            &safe,
        ),
        (v6.clone(), &v6_safe),
        (pqc.clone(), &pqc_safe),
    ];
    let short = [
        curve("NIST P-256, by gpg", "nistp256"),
        curve("NIST P-384, by gpg", "nistp384"),
        curve("NIST P-521, by gpg", "nistp521"),
        v6,
        pqc,
    ];
    let mut rooms: Vec<Room> = whole
        .iter()
        .map(|(key, safe)| Room::new(key, safe, &Kind::ALL))
        .collect();
    rooms.extend(short.iter().map(|key| Room::new(key, &safe, &[Kind::OneFile])));
    rooms
}

/// Who seals, and what.
struct Form {
    relay: Key,
    sealer: Sealer,
    letters: Vec<Plain>,
}

impl Form {
    fn new(maker: &Maker, relay: &'static str, kinds: &[Kind]) -> Self {
        let relay = maker.relay(relay);
        let fingerprint = relay.pin(CertificateRole::Daily).fingerprint;
        let key = SigningKey::load(&relay.secret, &fingerprint);
        Self {
            sealer: Sealer::new(key),
            letters: kinds.iter().map(|kind| Plain::new(*kind)).collect(),
            relay,
        }
    }

    fn seal(&self, room: &Room, recipients: &Recipients, folder: &Path) -> Vec<Sealed<'_>> {
        fs::create_dir_all(folder).unwrap();
        let wanted = self.letters.iter().filter(|letter| room.letters.contains(&letter.kind));
        wanted
            .map(|letter| letter.seal(&self.sealer, recipients, folder))
            .collect()
    }
}

/// One key against every program: the row, and every cell that is not as promised.
fn row(desk: &Desk<'_>, row: Row, letters: &[&Sealed<'_>], wrong: &Mutex<Vec<String>>) -> Row {
    for program in Program::ALL {
        let promised = row.opened_by.contains(&program);
        for letter in letters {
            let seen = desk.open(program, letter);
            let kept = match &seen {
                Ok(seen) => promised && *seen == Seen::ALL_RIGHT,
                Err(_) => !promised,
            };
            if !kept {
                let what = format!(
                    "{} beside {}, {:?}, {program}: {seen:?}",
                    row.key, row.beside, letter.plain.kind
                );
                wrong.lock().unwrap().push(what);
            }
        }
    }
    row
}

/// A room's two rows: all letters with the daily key, the first with the recovery key.
fn room_rows(form: &Form, room: &Room, folder: &Path, wrong: &Mutex<Vec<String>>) -> [Row; 2] {
    let recipients = room.recipients();
    let letters = form.seal(room, &recipients, folder);
    let letters: Vec<&Sealed<'_>> = letters.iter().collect();
    let both = [(&room.daily, &room.recovery), (&room.recovery, &room.daily)];
    let mut rows = both
        .iter()
        .zip(&recipients.fit)
        .map(|((key, beside), (recipient, role))| {
            let desk = Desk::new(folder.join(format!("{role:?}")), key, &form.relay);
            let promise = Row {
                key: key.name,
                beside: beside.name,
                opened_by: readers(recipient, &recipients),
            };
            let letters = if *role == CertificateRole::Daily {
                &letters[..]
            } else {
                &letters[..1]
            };
            row(&desk, promise, letters, wrong)
        });
    [rows.next().unwrap(), rows.next().unwrap()]
}

#[test]
#[ignore = "needs gpg, rnp, sq, mutt, thunderbird"]
fn every_program_opens_what_check_says_and_nothing_else() {
    desk::build_rpgp();
    let dir = tempfile::tempdir().unwrap();
    let maker = Maker::new(dir.path());
    let form = Form::new(&maker, "relay", &Kind::ALL);
    let rooms = rooms(&maker);
    let wrong = Mutex::new(Vec::new());
    let waiting: Mutex<VecDeque<_>> = Mutex::new(rooms.iter().enumerate().collect());
    let rows = Mutex::new(Vec::new());
    let work = || {
        loop {
            let next = waiting.lock().unwrap().pop_front();
            let Some((place, room)) = next else { break };
            let done = room_rows(&form, room, &dir.path().join(format!("room-{place}")), &wrong);
            rows.lock().unwrap().push((place, done));
        }
    };
    thread::scope(|scope| {
        scope.spawn(work);
        scope.spawn(work);
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(
        wrong.is_empty(),
        "{} cells are not as promised:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    let mut rows = rows.into_inner().unwrap();
    rows.sort_by_key(|(place, _)| *place);
    let (daily, recovery): (Vec<_>, Vec<_>) = rows.into_iter().map(|(_, [daily, recovery])| (daily, recovery)).unzip();
    table::save(&daily.into_iter().chain(recovery).collect::<Vec<_>>());
}

/// The armor's end: base64 of every length modulo 3, with `==`, `=` and nothing at its end. Without a checksum
/// line GnuPG 2.2 stumbled over the last of them.
#[test]
#[ignore = "needs gpg, rnp, sq, mutt, thunderbird"]
fn every_end_of_the_armor_is_found() {
    desk::build_rpgp();
    let dir = tempfile::tempdir().unwrap();
    let maker = Maker::new(dir.path());
    let mut form = Form::new(&maker, "relay", &[Kind::OneFile]);
    let room = Room::new(
        &maker.postrom("daily", "compat"),
        &maker.postrom("safe", "compat"),
        &[Kind::OneFile],
    );
    let relay = form.relay.clone();
    let desk = Desk::new(dir.path().join("desk"), &room.daily, &relay);
    let mut ends = BTreeSet::new();
    // A byte more each time; numbers in signatures are sometimes a byte shorter, so three letters may not be enough.
    for tries in 0.. {
        if ends.len() == 3 {
            break;
        }
        assert!(tries < 30, "{ends:?}");
        let letters = form.seal(&room, &room.recipients(), &dir.path().join("letters"));
        let armor = fs::read_to_string(&letters[0].message).unwrap();
        let [checksum, data] = [1, 2].map(|place| armor.lines().rev().nth(place).unwrap());
        assert!(checksum.len() == 5 && checksum.starts_with('='), "{checksum}");
        ends.insert(data.chars().rev().take_while(|c| *c == '=').count());
        for program in Program::ALL {
            assert_eq!(
                desk.open(program, &letters[0]),
                Ok(Seen::ALL_RIGHT),
                "{program}, …{data}"
            );
        }
        form.letters[0].document.push(b'~');
    }
    // RFC 9580 forbids the line where every recipient is of its own time.
    let room = Room::new(
        &maker.postrom("v6", "rfc9580"),
        &maker.postrom("v6 safe", "rfc9580"),
        &[Kind::OneFile],
    );
    let letters = form.seal(&room, &room.recipients(), &dir.path().join("letters"));
    assert!(!fs::read_to_string(&letters[0].message).unwrap().contains("\n="));
}

/// The control: the same letter, signed by somebody else in the relay's name.
#[test]
#[ignore = "needs gpg, rnp, sq, mutt, thunderbird"]
fn no_program_takes_a_forged_letter_for_ours() {
    desk::build_rpgp();
    let dir = tempfile::tempdir().unwrap();
    let maker = Maker::new(dir.path());
    let relay = maker.relay("relay");
    let forger = Form::new(&maker, "forger", &[Kind::OneFile]);
    let room = Room::new(
        &maker.postrom("daily", "compat"),
        &maker.postrom("safe", "compat"),
        &[Kind::OneFile],
    );
    let letters = forger.seal(&room, &room.recipients(), &dir.path().join("forged"));
    let desk = Desk::new(dir.path().join("desk"), &room.daily, &relay);
    for program in Program::ALL {
        match (program, desk.open(program, &letters[0])) {
            // sq gives nothing out when the signature that was asked for is not there.
            (Program::Sq, Err(told)) => assert!(told.contains("No key to check"), "{told}"),
            (_, seen) => {
                let shown = Seen {
                    whole: true,
                    signed: false,
                };
                assert_eq!(seen, Ok(shown), "{program}");
            }
        }
    }
}
