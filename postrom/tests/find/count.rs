//! Parts in are parts told: random letters in random wrappings, and the same with bytes changed on the way.

use std::time::Instant;

use super::make::{self, BEGIN, Random, armor, base64, packets, part};
use super::told::told;

/// Something on its way.
struct Thing {
    bytes: Vec<u8>,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Text,
    Mail,
    Binary,
}

/// A sealed part as a file or text.
fn sealed(random: &mut Random, packets: &[u8]) -> Thing {
    let armor = armor(packets);
    let text = match random.below(14) {
        0 => {
            return Thing {
                bytes: packets.to_vec(),
                kind: Kind::Binary,
            };
        }
        1 => armor.replace('\n', "\r\n"),
        2 => format!("Hei,\n\nkan du opne denne?\n\n{armor}\nHelsing Kari\n"),
        3 => format!("> {}\n", armor.trim_end().replace('\n', "\n> ")),
        4 => format!("<html><body>Hei<br>{}</body></html>\n", armor.replace('\n', "<br>\n")),
        5 => {
            return Thing {
                bytes: make::utf16(&armor, random.below(2) == 0, random.below(2) == 0),
                kind: Kind::Binary,
            };
        }
        6 => {
            let number = random.next();
            let mail = make::letter(number, "x").replace(&make::armor(&make::packets(number, 60)), &armor);
            return Thing {
                bytes: mail.into_bytes(),
                kind: Kind::Mail,
            };
        }
        7 => format!("KN> {}\n", armor.trim_end().replace('\n', "\nKN> ")),
        8 => format!("Hei,\n\n{}\nHelsing Kari\n", base64(armor.as_bytes())),
        9 => format!("Hei\n\n{}\n", base64(packets)),
        10 => format!("Hei,\n\n{}\nHelsing\n", make::uuencode("brev.asc", armor.as_bytes())),
        11 => format!("{{\"brev\": \"{}\"}}\n", armor.replace('\n', "\\n")),
        _ => armor,
    };
    Thing {
        bytes: text.into_bytes(),
        kind: Kind::Text,
    }
}

/// A part of a mail, in an encoding that keeps it whole.
fn attached(random: &mut Random, thing: &Thing) -> Vec<u8> {
    let kind = match (thing.kind, random.below(3)) {
        (Kind::Mail, 0 | 1) => "message/rfc822",
        (Kind::Text, 0) => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    };
    let name = if random.below(2) == 0 {
        "; name=\"brev.bin\""
    } else {
        ""
    };
    let head = format!("Content-Type: {kind}{name}");
    match (thing.kind, random.below(3)) {
        (Kind::Text | Kind::Mail, 0) => part(&head, &thing.bytes),
        (Kind::Text | Kind::Mail, 1) => {
            let text = quoted_printable::encode(&thing.bytes);
            part(&format!("{head}\nContent-Transfer-Encoding: quoted-printable"), &text)
        }
        _ => part(
            &format!("{head}\nContent-Transfer-Encoding: base64"),
            base64(&thing.bytes).as_bytes(),
        ),
    }
}

/// As an mbox quotes what would look like its own lines.
fn quoted(mail: &[u8]) -> Vec<u8> {
    let lines = mail.split_inclusive(|byte| *byte == b'\n').map(|line| {
        let marks = line.iter().take_while(|byte| **byte == b'>').count();
        let from = line[marks..].starts_with(b"From ");
        [if from { b">".as_slice() } else { b"" }, line].concat()
    });
    lines.collect::<Vec<_>>().concat()
}

fn wrap(random: &mut Random, things: &[Thing]) -> Thing {
    let files: Vec<_> = things
        .iter()
        .enumerate()
        .map(|(n, thing)| (format!("{n}.bin"), thing.bytes.clone()))
        .collect();
    let binary = |bytes| Thing {
        bytes,
        kind: Kind::Binary,
    };
    let all = |kind| things.iter().all(|thing| thing.kind == kind);
    match random.below(11) {
        10 => binary(
            files
                .iter()
                .flat_map(|file| make::zip(std::slice::from_ref(file), false))
                .collect(),
        ),
        0 => binary(make::zip(&files, true)),
        1 => binary(make::zip(&files, false)),
        2 => binary(make::tar(&files)),
        3 => binary(make::msg(Some("Subject: x\r\n"), None, &files)),
        4 => binary(make::tnef(&files)),
        5 if things.len() == 1 => binary(make::gzip(&things[0].bytes)),
        6 if things.len() == 1 && all(Kind::Mail) => Thing {
            bytes: make::emlx(&things[0].bytes),
            kind: Kind::Text,
        },
        7 if all(Kind::Mail) => {
            let line = b"From - Sat Nov 28 15:00:00 2026\n".as_slice();
            let blank = if random.below(2) == 0 { b"\n".as_slice() } else { b"" };
            let mails = things.iter().map(|thing| [line, &quoted(&thing.bytes), blank].concat());
            Thing {
                bytes: mails.collect::<Vec<_>>().concat(),
                kind: Kind::Text,
            }
        }
        _ => {
            let parts: Vec<_> = things.iter().map(|thing| attached(random, thing)).collect();
            let boundary = format!("b{}", random.next());
            let kind = ["mixed", "alternative", "related"][random.below(3)];
            Thing {
                bytes: make::mail("VS", &boundary, kind, &parts),
                kind: Kind::Mail,
            }
        }
    }
}

/// One input, and the packets that were put in.
fn input(seed: u64) -> (Vec<u8>, Vec<Vec<u8>>) {
    let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let count = 1 + random.below(4);
    let put: Vec<_> = (0..count)
        .map(|n| packets(seed * 10 + n as u64, 20 + random.below(120)))
        .collect();
    let mut things: Vec<_> = put.iter().map(|packets| sealed(&mut random, packets)).collect();
    let mut rounds = random.below(5);
    while things.len() > 1 || rounds > 0 {
        let together = 1 + random.below(things.len());
        let rest = things.split_off(together);
        let wrapped = wrap(&mut random, &things);
        things = vec![wrapped];
        things.extend(rest);
        rounds = rounds.saturating_sub(1);
    }
    (things.remove(0).bytes, put)
}

/// Changes some bytes that are not between a BEGIN and its END.
fn mutate(bytes: &mut Vec<u8>, random: &mut Random) {
    for _ in 0..1 + random.below(6) {
        let begins = memchr::memmem::find_iter(bytes, BEGIN.as_bytes()).map(|at| {
            let end = memchr::memmem::find(&bytes[at..], b"-----END PGP MESSAGE-----");
            at..end.map_or(bytes.len(), |end| at + end + 25)
        });
        let armors: Vec<_> = begins.collect();
        let at = random.below(bytes.len());
        if armors.iter().any(|armor| armor.contains(&at)) {
            continue;
        }
        match random.below(4) {
            0 => drop(bytes.remove(at)),
            1 => bytes.insert(at, random.next() as u8),
            2 => bytes[at] = b"\n-=\" :0\0"[random.below(8)],
            _ => bytes[at] ^= 1 << random.below(8),
        }
        if bytes.is_empty() {
            return;
        }
    }
}

fn naive(bytes: &[u8]) -> usize {
    memchr::memmem::find_iter(bytes, BEGIN.as_bytes()).count()
}

fn count(seeds: std::ops::Range<u64>) {
    let start = Instant::now();
    let (mut parts, mut changed_parts) = (0, 0);
    for seed in seeds {
        let (mut bytes, mut put) = input(seed);
        let told_whole = told(&bytes);
        let mut found = told_whole.packets();
        found.sort();
        put.sort();
        let same = found.iter().copied().eq(put.iter().map(Vec::as_slice));
        if !same {
            std::fs::write(std::env::temp_dir().join("postrom-count"), &bytes).unwrap();
        }
        assert!(
            same,
            "seed {seed}: {} put in, {} told, {:?}",
            put.len(),
            found.len(),
            told_whole.troubles()
        );
        assert!(
            told_whole.not_looked_at.is_empty(),
            "seed {seed}: {:?}",
            told_whole.troubles()
        );
        parts += put.len();

        mutate(&mut bytes, &mut Random(seed + 77));
        let raw = naive(&bytes);
        let told_changed = told(&bytes);
        let found = told_changed.sealed.len() + told_changed.not_looked_at.len();
        if found < raw {
            std::fs::write(std::env::temp_dir().join("postrom-count"), &bytes).unwrap();
        }
        assert!(found >= raw, "seed {seed}, changed: {raw} in, {found} told");
        let silent = found == 0 && told_changed.other.is_empty();
        assert!(!silent, "seed {seed}, changed: nothing was said");
        changed_parts += raw;
    }
    println!(
        "{parts} parts put in and told, {changed_parts} seen in changed bytes, {:?}",
        start.elapsed()
    );
}

#[test]
fn parts_in_are_parts_told_20_000_times() {
    count(0..20_000);
}

#[test]
#[ignore = "the long form: ten times the other"]
fn parts_in_are_parts_told_200_000_times() {
    count(20_000..220_000);
}

/// Real letters, with bytes changed on the way.
#[test]
fn parts_of_the_cases_are_told_whatever_changes_around_them() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases/post-room");
    let folders = ["", "v6", "forged-first"].map(|below| std::path::Path::new(folder).join(below));
    let files = folders.iter().flat_map(|folder| std::fs::read_dir(folder).unwrap());
    let mut parts = 0;
    for entry in files {
        let path = entry.unwrap().path();
        let Some(whole) = std::fs::read(&path).ok().filter(|bytes| naive(bytes) > 0) else {
            continue;
        };
        for seed in 0..40 {
            let mut bytes = whole.clone();
            mutate(&mut bytes, &mut Random(seed));
            let told = told(&bytes);
            let found = told.sealed.len() + told.not_looked_at.len();
            assert!(found >= naive(&bytes), "{} with seed {seed}", path.display());
            parts += found;
        }
    }
    assert!(parts > 400, "{parts}");
}

/// Anything may be changed: something is said, and nothing panics.
#[test]
fn bytes_changed_anywhere_end_no_run() {
    for seed in 0..4_000 {
        let (mut bytes, _) = input(seed);
        let mut random = Random(seed + 5);
        for _ in 0..1 + random.below(12) {
            let at = random.below(bytes.len());
            bytes[at] = random.next() as u8;
        }
        let cut = bytes.len() - random.below(bytes.len()) / 8;
        let told = told(&bytes[..cut]);
        assert!(
            !(told.sealed.is_empty() && told.not_looked_at.is_empty() && told.other.is_empty()),
            "seed {seed}"
        );
    }
}

/// The test can fail: what is taken out of the input is missed.
#[test]
fn the_count_sees_a_part_that_is_lost() {
    let (bytes, put) = input(1);
    let other = told(&bytes[..bytes.len() / 3]);
    assert!(other.packets().len() < put.len() || other.packets().iter().any(|told| !put.iter().any(|put| put == told)));
}
