use std::collections::HashSet;
use std::fs;
use std::time::Instant;

use konvolutt_letter::hex;

use super::*;
use crate::status::Kind;

fn entry(number: u32, verdict: Verdict) -> Entry {
    let mut seal = [0; 32];
    seal[..4].copy_from_slice(&number.to_be_bytes());
    Entry {
        schema: LEDGER.into(),
        reference: Some("K7F-3K9Q-2MX".into()),
        id: None,
        kind: Kind::Letter,
        test: false,
        sha256: format!("d{number}"),
        sealed_sha256: hex(seal),
        verdict,
        signer: Some("RELAY".into()),
        checked: vec!["RELAY".into()],
        unnamed: Vec::new(),
        opened: "2026-02-01T10:00:00+01:00".into(),
        who: "kari".into(),
        folder: format!("K7F-3K9Q-2MX ({number})"),
        acknowledged: false,
    }
}

fn open(out: &Path) -> Ledger {
    Ledger::open(&LedgerPlace::Default, out, Rights::default()).unwrap()
}

fn add(ledger: &Ledger, entries: Vec<Entry>) {
    ledger.begin().unwrap().unwrap().append(entries).unwrap();
}

fn key(number: u32) -> [u8; 32] {
    entry(number, Verdict::Genuine).key().unwrap()
}

#[test]
fn the_last_line_about_a_seal_counts() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = open(dir.path());
    assert!(ledger.seal(&key(1)).is_none());
    add(
        &ledger,
        vec![entry(1, Verdict::NotChecked), entry(2, Verdict::Unsigned)],
    );
    add(&ledger, vec![entry(1, Verdict::Genuine)]);
    for ledger in [&ledger, &open(dir.path())] {
        assert_eq!(ledger.seal(&key(1)).unwrap().verdict, Verdict::Genuine);
        assert_eq!(ledger.document("d2").unwrap().verdict, Verdict::Unsigned);
    }
}

/// A power cut in the middle of a line, at each of its bytes: nothing before it is lost, and the next one is whole.
#[test]
fn a_cut_line_is_passed_over() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join(FILE);
    let ledger = open(dir.path());
    add(&ledger, vec![entry(1, Verdict::Genuine)]);
    let first = fs::read(&file).unwrap();
    add(&ledger, vec![entry(2, Verdict::Genuine)]);
    let both = fs::read(&file).unwrap();
    for cut in (first.len()..both.len()).step_by(7).chain([both.len() - 1]) {
        fs::write(&file, &both[..cut]).unwrap();
        let ledger = open(dir.path());
        assert!(ledger.seal(&key(1)).is_some() && ledger.seal(&key(2)).is_none());
        add(&ledger, vec![entry(3, Verdict::Genuine)]);
        let ledger = open(dir.path());
        assert!(
            ledger.seal(&key(1)).is_some() && ledger.seal(&key(3)).is_some(),
            "{cut}"
        );
    }
}

#[test]
fn lines_of_a_newer_version_and_other_words_are_passed_over() {
    let dir = tempfile::tempdir().unwrap();
    let mut newer = entry(1, Verdict::Genuine);
    newer.schema = "konvolutt.ledger/2".into();
    let newer = serde_json::to_string(&newer).unwrap();
    let known = serde_json::to_string(&entry(2, Verdict::Genuine)).unwrap();
    let unknown_key = known.replace("{\"schema\"", "{\"later\":1,\"schema\"");
    let text = format!("{newer}\n\nnonsense\n{{}}\n{unknown_key}\n");
    fs::write(dir.path().join(FILE), text).unwrap();
    let ledger = open(dir.path());
    assert!(ledger.seal(&key(1)).is_none() && ledger.seal(&key(2)).is_some());
}

#[test]
fn what_a_colleague_wrote_is_read_when_it_is_locked() {
    let dir = tempfile::tempdir().unwrap();
    let (kari, ola) = (open(dir.path()), open(dir.path()));
    add(&kari, vec![entry(1, Verdict::Genuine)]);
    assert!(ola.seal(&key(1)).is_none());
    add(&ola, vec![entry(2, Verdict::Genuine)]);
    assert!(ola.seal(&key(1)).is_some() && ola.seal(&key(2)).is_some());
    // Begun anew.
    fs::write(dir.path().join(FILE), "").unwrap();
    drop(ola.begin().unwrap());
    assert!(ola.seal(&key(1)).is_none());
}

/// Another one would know of no letter that a colleague has.
#[test]
fn a_ledger_that_goes_away_is_not_begun_anew() {
    let dir = tempfile::tempdir().unwrap();
    let (file, away) = (dir.path().join(FILE), dir.path().join("away"));
    let kari = open(dir.path());
    assert!(!kari.refresh().unwrap(), "there is none yet");
    add(&kari, vec![entry(1, Verdict::Genuine)]);
    fs::rename(&file, &away).unwrap();
    let missing = |error: std::io::Error| error.kind() == std::io::ErrorKind::NotFound;
    assert!(kari.refresh().is_err_and(missing));
    let error = kari.begin().err().unwrap();
    assert!(missing(error));
    let named = Trouble::LedgerAway {
        file: file.display().to_string(),
    };
    assert_eq!(Trouble::of_disk(&kari.begin().err().unwrap()), named);
    assert_eq!(Trouble::of_disk(&kari.refresh().err().unwrap()), named);
    assert!(!file.exists());
    fs::rename(&away, &file).unwrap();
    assert!(!kari.refresh().unwrap() && kari.seal(&key(1)).is_some());
}

/// A backup that was put in its place, or another file of the same name, begins at its beginning, however long it is.
#[test]
fn another_file_in_its_place_is_read_from_its_beginning() {
    let dir = tempfile::tempdir().unwrap();
    let (file, other) = (dir.path().join(FILE), dir.path().join("other"));
    let line = |number: u32| serde_json::to_string(&entry(number, Verdict::Genuine)).unwrap() + "\n";
    // As long, longer; under its name, and within the same file.
    for (text, by_rename) in [
        (line(2), true),
        (line(2), false),
        (line(2) + &line(3), true),
        (line(2) + &line(3), false),
    ] {
        fs::write(&file, line(1)).unwrap();
        let ledger = open(dir.path());
        assert!(ledger.seal(&key(1)).is_some());
        fs::write(&other, &text).unwrap();
        if by_rename {
            fs::rename(&other, &file).unwrap();
            assert!(ledger.refresh().unwrap());
        } else {
            fs::write(&file, &text).unwrap();
            drop(ledger.begin().unwrap());
        }
        assert!(
            ledger.seal(&key(1)).is_none() && ledger.seal(&key(2)).is_some(),
            "{by_rename}"
        );
        assert_eq!(ledger.read_to(), text.len() as u64);
        assert!(!ledger.refresh().unwrap());
    }
}

/// What this program wrote itself, also behind a line that was cut, is where it goes on.
#[test]
fn what_was_written_is_not_read_once_more() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join(FILE);
    fs::write(&file, "{\"schema\":\"konv").unwrap();
    let ledger = open(dir.path());
    for number in 1..4 {
        add(&ledger, vec![entry(number, Verdict::Genuine)]);
        assert!(!ledger.refresh().unwrap());
        let text = fs::read(&file).unwrap();
        let point = ledger.point();
        assert_eq!(point.end(), text.len() as u64);
        let known = point.behind(&mut File::open(&file).unwrap(), &file.metadata().unwrap());
        assert_eq!(known.unwrap(), Some(Vec::new()));
    }
}

/// A share that is slow keeps no list waiting.
#[test]
fn nothing_is_held_while_the_disk_is_asked_for_copies() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = open(dir.path());
    add(&ledger, vec![entry(1, Verdict::Genuine)]);
    let asked = std::cell::Cell::new(0);
    let copies = ledger.copies_that(&|_| true, &|_| {
        asked.set(asked.get() + 1);
        ledger.index.try_write().is_ok()
    });
    assert_eq!((asked.get(), copies.len()), (1, 1));
}

#[test]
fn known_is_what_nothing_new_can_be_learnt_of() {
    let relays = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<HashSet<_>>();
    for (verdict, given, known) in [
        (Verdict::Genuine, &[][..], true),
        (Verdict::Genuine, &["RELAY", "NEW"], true),
        (Verdict::Genuine, &["NEW"], false),
        (Verdict::SignedByAnother, &["RELAY"], true),
        (Verdict::SignedByAnother, &["RELAY", "NEW"], false),
        (Verdict::SignedByAnother, &[], true),
        (Verdict::AfterYourClock, &["RELAY"], false),
    ] {
        let says_all = entry(1, verdict).says_all(&relays(given));
        assert_eq!(says_all, known, "{verdict:?} {given:?}");
    }
    let mut unchecked = entry(1, Verdict::NotChecked);
    unchecked.checked.clear();
    assert!(unchecked.says_all(&relays(&[])) && !unchecked.says_all(&relays(&["RELAY"])));
}

#[test]
fn a_thousand_known_seals_are_found_at_once() {
    let dir = tempfile::tempdir().unwrap();
    add(
        &open(dir.path()),
        (0..20_000).map(|n| entry(n, Verdict::Genuine)).collect(),
    );
    let ledger = open(dir.path());
    // Others use this machine too: the best of some is what it takes.
    let best = (0..5).map(|_| {
        let start = Instant::now();
        assert!((0..1000).all(|n| ledger.seal(&key(n * 20)).is_some()));
        start.elapsed()
    });
    let best = best.min().unwrap();
    assert!(best.as_millis() < 50, "{best:?}");
}
