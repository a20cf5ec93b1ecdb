//! Two clerks with the same mailbox and the same out folder, in the same second.

use std::sync::Barrier;
use std::thread;

use super::*;

/// Sixty rounds of five letters. Each letter is new to one of them and a repeat to the other; none is told as failed and none
/// lies there twice. A lock of the system holds threads apart as it does programs: each has opened it for itself.
#[test]
fn two_clerks_at_once_make_no_letter_twice() {
    for round in 0..60 {
        let dir = tempfile::tempdir().unwrap();
        let together = Barrier::new(2);
        let cases: Vec<Case> = (0..5).map(|n| case(n, round)).collect();
        let clerk = || {
            together.wait();
            let output = begin(dir.path());
            let mut new = 0;
            // In batches of two, so that they take turns.
            for batch in cases.chunks(2) {
                let staged = batch
                    .iter()
                    .map(|case| stage(&output, case, &Trust::default()))
                    .collect();
                for placed in output.settle(staged) {
                    new += usize::from(!placed.ok().unwrap().repeat);
                }
            }
            assert!(output.finish().is_none());
            new
        };
        let new = thread::scope(|scope| {
            let clerks = [scope.spawn(clerk), scope.spawn(clerk)];
            clerks.map(|clerk| clerk.join().unwrap()).iter().sum::<usize>()
        });
        assert_eq!(new, 5, "round {round}");
        let folders = ["", " (2)", " (3)", " (4)", " (5)"].map(|number| format!("{REF}{number}"));
        assert_eq!(seen(dir.path()), folders);
        let ledger = fs::read_to_string(dir.path().join("postrom-ledger.jsonl")).unwrap();
        assert_eq!(ledger.lines().count(), 5, "{ledger}");
    }
}

/// Five letters that all claim the same reference: the hardest case for names.
fn case(number: u8, round: u8) -> Case {
    let case = letter(&format!("letter {number} of round {round}"));
    Case {
        seal: number + 1,
        ..case
    }
}

#[test]
fn what_a_colleague_opened_meanwhile_is_known() {
    let dir = tempfile::tempdir().unwrap();
    let (kari, ola) = (begin(dir.path()), begin(dir.path()));
    let of = |output: &Output| stage(output, &letter("a"), &Trust::default());
    assert!(!kari.settle(vec![of(&kari)]).remove(0).ok().unwrap().repeat);
    // Moved away before the colleague comes to it: only the ledger can know.
    fs::rename(dir.path().join(REF), dir.path().join("sak")).unwrap();
    assert!(ola.settle(vec![of(&ola)]).remove(0).ok().unwrap().repeat);
    assert_eq!(seen(dir.path()), ["sak"]);
    assert!(ola.known(&letter("a").seal(), &Trust::default()).is_some());
}
