//! Verdicts that become known later, and letters that come again.

use super::*;

fn verdict(out: &Path, name: &str) -> Verdict {
    Status::of(&out.join(name)).unwrap().verdict
}

/// A forgery with the reference of a genuine letter comes first, and nobody gave the relay's certificate. Then somebody does:
/// the bare reference is the genuine one's, in whatever order they are opened.
#[test]
fn a_forgery_does_not_keep_the_bare_reference() {
    let relay = relay();
    let fingerprint = relay.fingerprint().to_string();
    let genuine = || letter("genuine").by(&fingerprint);
    let forged = || letter("forged").by("STRANGER");
    let not_genuine = format!("not-genuine {REF}");
    for genuine_first in [false, true] {
        for in_one_batch in [false, true] {
            let dir = tempfile::tempdir().unwrap();
            let out = dir.path();
            let unchecked = [
                forged().judged(Verdict::NotChecked),
                genuine().judged(Verdict::NotChecked),
            ];
            run(out, &[&unchecked[0], &unchecked[1]], &Trust::default());
            assert_eq!(seen(out), [REF, &format!("{REF} (2)")]);
            fs::write(out.join(REF).join("notat.txt"), "frå Kari").unwrap();

            let checked = [genuine(), forged().judged(Verdict::SignedByAnother)];
            let order = if genuine_first { [0, 1] } else { [1, 0] };
            let order: Vec<&Case> = order.iter().map(|place| &checked[*place]).collect();
            let placed = if in_one_batch {
                run(out, &order, &trust(&[&relay]))
            } else {
                order
                    .iter()
                    .flat_map(|case| run(out, &[*case], &trust(&[&relay])))
                    .collect()
            };
            assert_eq!(seen(out), [REF, &not_genuine]);
            assert_eq!(verdict(out, REF), Verdict::Genuine);
            assert!(text(&out.join(REF)).contains("│ genuine\n"));
            let forged = out.join(&not_genuine);
            assert!(text(&forged).starts_with("! ") && text(&forged).contains("forged"));
            assert!(
                fs::read_to_string(forged.join("letter.json"))
                    .unwrap()
                    .contains("\"warning\"")
            );
            assert!(forged.join("notat.txt").exists());
            assert_eq!(Status::of(&forged).unwrap().history.len(), 2);
            assert!(placed.iter().all(|placed| !placed.repeat));
            if in_one_batch {
                assert!(
                    placed
                        .iter()
                        .all(|placed| placed.renamed_from.is_some() && placed.folder.is_dir())
                );
            }
            // The ledger knows where they are now.
            let output = begin(out);
            for case in &checked {
                let known = output.known(&case.seal(), &trust(&[&relay])).unwrap();
                assert!(known.there, "{}", known.folder.display());
                assert_eq!(known.entry.verdict, case.verdict);
            }
        }
    }
}

/// A name that a forgery leaves and a letter of the same batch takes is the letter's from then on.
#[test]
fn a_name_that_became_free_in_the_batch_is_its_new_owners() {
    let relay = relay();
    let fingerprint = relay.fingerprint().to_string();
    for found_out in [Verdict::SignedByAnother, Verdict::Unsigned] {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path();
        let forged = || letter("forged").by("STRANGER");
        run(out, &[&forged().judged(Verdict::NotChecked)], &Trust::default());
        let checked = [forged().judged(found_out), letter("genuine").by(&fingerprint)];
        let placed = run(out, &[&checked[0], &checked[1]], &trust(&[&relay]));
        let folders = [out.join(format!("not-genuine {REF}")), out.join(REF)];
        let output = begin(out);
        for ((case, placed), folder) in checked.iter().zip(placed).zip(folders) {
            let known = output.known(&case.seal(), &trust(&[&relay])).unwrap();
            assert_eq!((&placed.folder, &known.folder), (&folder, &folder));
            assert_eq!(Status::of(&folder).unwrap().verdict, case.verdict);
        }
    }
}

#[test]
fn who_knows_less_makes_no_verdict_worse() {
    let (relay, other) = (relay(), super::relay());
    let fingerprint = relay.fingerprint().to_string();
    let case = || letter("a").by(&fingerprint);
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path();
    run(out, &[&case()], &trust(&[&relay]));
    for (case, relays) in [
        (case().judged(Verdict::NotChecked), trust(&[])),
        (case().judged(Verdict::AfterYourClock), trust(&[&relay])),
        (case().judged(Verdict::SignedByAnother), trust(&[&other])),
    ] {
        let placed = run(out, &[&case], &relays).remove(0);
        assert!(placed.repeat && placed.status.verdict == Verdict::Genuine);
        assert_eq!(seen(out), [REF]);
        // And is not asked again: nothing could be learnt.
        let clock = case.verdict == Verdict::AfterYourClock;
        assert!(clock || begin(out).known(&case.seal(), &relays).is_some());
        assert!(!text(&out.join(REF)).starts_with(['!', '?']));
    }
    // Its own relay says now that the key was not good.
    let withdrawn = case().judged(Verdict::KeyNotValid);
    let placed = run(out, &[&withdrawn], &trust(&[&relay])).remove(0);
    assert_eq!(placed.renamed_from, Some(out.join(REF)));
    assert_eq!(seen(out), [format!("not-genuine {REF}")]);
}

/// Somebody seals a genuine document again, without a signature: that seal is not genuine, the letter stays what it is.
#[test]
fn another_seal_of_the_same_document_is_judged_by_itself() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path();
    run(
        out,
        &[&letter("a"), &letter("a").sealed_again().judged(Verdict::Unsigned)],
        &Trust::default(),
    );
    assert_eq!(seen(out), [REF, &format!("not-genuine {REF}")]);
    assert_eq!(verdict(out, REF), Verdict::Genuine);
    // Sent again by the operator, it is a repeat.
    let again = letter("a").sealed_again();
    let again = Case {
        seal: again.seal + 1,
        ..again
    };
    assert!(run(out, &[&again], &Trust::default())[0].repeat);
}

#[test]
fn a_letter_that_lies_there_is_a_repeat_with_and_without_a_ledger() {
    for ledger in [LedgerPlace::Default, LedgerPlace::Off] {
        let dir = tempfile::tempdir().unwrap();
        let open = || {
            let settings = OutputSettings {
                ledger: ledger.clone(),
                ..settings(dir.path())
            };
            let output = Output::begin(settings).ok().unwrap().0;
            let staged = stage(&output, &letter("a"), &Trust::default());
            output.settle(vec![staged]).remove(0).ok().unwrap().repeat
        };
        assert!(!open() && open());
        assert_eq!(seen(dir.path()), [REF]);
        assert_eq!(
            dir.path().join("postrom-ledger.jsonl").exists(),
            ledger == LedgerPlace::Default
        );
    }
}

/// Killed between a letter's name and its line: the next run finds it there and writes the line.
#[test]
fn a_line_that_is_missing_is_made_up_for() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path();
    run(out, &[&letter("a")], &Trust::default());
    fs::remove_file(out.join("postrom-ledger.jsonl")).unwrap();
    let known = || begin(out).known(&letter("a").seal(), &Trust::default()).is_some();
    assert!(!known());
    assert!(run(out, &[&letter("a")], &Trust::default())[0].repeat && known());
}

/// Moved to its case: known before it is decrypted, and if it comes under another seal, after.
#[test]
fn what_was_moved_away_is_known_all_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path();
    run(out, &[&letter("a")], &Trust::default());
    fs::rename(out.join(REF), out.join("sak 2026-17")).unwrap();
    let output = begin(out);
    let known = output.known(&letter("a").seal(), &Trust::default()).unwrap();
    assert!(!known.there && known.folder == out.join(REF));
    assert_eq!(
        (known.entry.who.as_str(), known.entry.reference.as_deref()),
        ("kari", Some(REF))
    );
    assert!(output.known(&letter("b").seal(), &Trust::default()).is_none());
    drop(output);
    // Another letter has got its name: it does not lie there all the same.
    run(out, &[&letter("b")], &Trust::default());
    assert!(out.join(REF).exists() && !begin(out).known(&letter("a").seal(), &Trust::default()).unwrap().there);
    fs::remove_dir_all(out.join(REF)).unwrap();
    let placed = run(out, &[&letter("a").sealed_again()], &Trust::default()).remove(0);
    assert!(placed.repeat);
    assert_eq!(seen(out), ["sak 2026-17"]);
    // The control: without the ledger it is new.
    fs::remove_file(out.join("postrom-ledger.jsonl")).unwrap();
    assert!(!run(out, &[&letter("a")], &Trust::default())[0].repeat);
}

#[test]
fn what_exists_is_not_replaced() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path();
    fs::create_dir(out.join(REF)).unwrap();
    fs::write(out.join(format!("{REF} (2)")), "a file of a clerk").unwrap();
    assert_eq!(one(out, &letter("a")), out.join(format!("{REF} (3)")));
    assert_eq!(fs::read_dir(out.join(REF)).unwrap().count(), 0);
    // Free again, the reference is the letter's.
    fs::remove_dir(out.join(REF)).unwrap();
    assert_eq!(one(out, &letter("a")), out.join(REF));
}

#[test]
fn what_a_person_named_keeps_its_name() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path();
    run(out, &[&letter("a").judged(Verdict::NotChecked)], &Trust::default());
    let named = format!("{REF} Ola");
    fs::rename(out.join(REF), out.join(&named)).unwrap();
    let placed = run(out, &[&letter("a")], &Trust::default()).remove(0);
    // Its verdict is news, so it is shown; what the person has is let be.
    assert_eq!(placed.folder, out.join(REF));
    assert_eq!(verdict(out, &named), Verdict::NotChecked);
}

/// A folder as the first version left it: a forgery under the bare reference, found out in the meantime.
#[test]
fn a_folder_of_the_first_version_gets_its_right_name() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path();
    let forged = letter("a").judged(Verdict::Unsigned);
    let sha256 = hex(Sha256::digest(forged.document()));
    fs::create_dir(out.join(REF)).unwrap();
    let old = json!({"verdict": "not-checked", "sentence": "x", "reference": REF, "id": "00", "test": false, "readers": [],
        "header_mismatch": [], "remarks": [], "source": "a.eml", "sha256": sha256});
    fs::write(out.join(REF).join("status.json"), old.to_string()).unwrap();
    let placed = run(out, &[&forged], &Trust::default()).remove(0);
    assert_eq!(placed.renamed_from, Some(out.join(REF)));
    assert_eq!(seen(out), [format!("not-genuine {REF}")]);
}

#[test]
fn a_reader_gets_its_name_without_decrypting() {
    let dir = tempfile::tempdir().unwrap();
    let recovery = CertBuilder::new()
        .add_userid("Reservenøkkel")
        .add_transport_encryption_subkey()
        .generate()
        .unwrap()
        .0;
    let key = recovery.keys().nth(1).unwrap().key().keyid().to_string();
    let case = letter("a");
    let mut opened = case.opened();
    opened.judged.readers.push(Reader { key, known_as: None });
    let output = begin(dir.path());
    let staged = output.stage(&opened, &case.sealed(), "a.eml", &case.seal(), &Trust::default());
    output.settle(vec![staged.ok().unwrap()]);
    let known = || output.known(&case.seal(), &Trust::default()).unwrap();
    assert_eq!(output.name_readers([&known()], [&relay()]), Ok(0));
    assert_eq!(output.name_readers([&known()], [&recovery]), Ok(1));
    let status = Status::of(&dir.path().join(REF)).unwrap();
    let name = format!("{} Reservenøkkel", recovery.fingerprint());
    assert_eq!(status.readers[1].known_as, Some(name));
    // Done once.
    assert_eq!(output.name_readers([&known()], [&recovery]), Ok(0));
}

/// Between the moment when a letter was met and that of its reader's name a colleague may have told the server of it.
#[test]
fn a_readers_name_undoes_nothing_that_was_learnt_meanwhile() {
    let dir = tempfile::tempdir().unwrap();
    let recovery = CertBuilder::new()
        .add_userid("Reservenøkkel")
        .add_transport_encryption_subkey();
    let recovery = recovery.generate().unwrap().0;
    let key = recovery.keys().nth(1).unwrap().key().keyid().to_string();
    let case = letter("a");
    let mut opened = case.opened();
    opened.judged.readers.push(Reader { key, known_as: None });
    let output = begin(dir.path());
    let staged = output.stage(&opened, &case.sealed(), "a.eml", &case.seal(), &Trust::default());
    output.settle(vec![staged.ok().unwrap()]);
    let met = output.known(&case.seal(), &Trust::default()).unwrap();
    begin(dir.path()).acknowledged(&[case.seal()]).unwrap();
    assert_eq!(output.name_readers([&met], [&recovery]), Ok(1));
    let entry = output.known(&case.seal(), &Trust::default()).unwrap().entry;
    assert!(entry.acknowledged && entry.unnamed.is_empty() && !met.entry.acknowledged);
}
