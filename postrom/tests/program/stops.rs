//! Ctrl-C, a closed window, a machine that goes down: what is opened is in place, and nothing readable is left beside it.

use rustix::process::Signal;

use super::desk::{Desk, reference};
use super::process::Running;
use super::tree::{files_with, size};
use crate::support::Sent;

const SIGNALS: [Signal; 3] = [Signal::INT, Signal::TERM, Signal::HUP];

fn stop(running: &Running, signal: Signal, whole_group: bool) {
    if whole_group {
        running.signal_all(signal);
    } else {
        running.signal(signal);
    }
}

#[test]
fn a_stop_among_many_letters_leaves_whole_ones() {
    let desk = Desk::new();
    let letters = desk.letters(0..400);
    for signal in SIGNALS {
        for whole_group in [false, true] {
            // A stop that comes after the last letter shows nothing, on a machine that is busy with others.
            let in_time = (0..10).find_map(|_| {
                let _ = std::fs::remove_dir_all(desk.out());
                let running = Running::start(desk.command(&["mail"]));
                running.until("the first letter", || running.out().contains('✓'));
                stop(&running, signal, whole_group);
                let (ran, placed) = (running.end(), desk.folders());
                (placed.len() < letters.len()).then_some((ran, placed))
            });
            let (ran, placed) = in_time.unwrap_or_else(|| panic!("ten stops came too late"));
            assert_eq!(ran.code, Some(1), "{}", ran.said());
            assert!(
                ran.out.contains("Run the command again for the rest."),
                "{}",
                ran.said()
            );
            assert!(!placed.is_empty());
            assert_eq!(ran.out.matches('✓').count(), placed.len(), "{}", ran.said());
            assert!(desk.unfinished().is_empty());
            desk.all_whole();
            let rest = desk.open(&["mail"]);
            assert_eq!(rest.code, Some(0), "{}", rest.said());
            assert_eq!(rest.out.matches('✓').count(), letters.len() - placed.len());
            assert!(!rest.out.contains("half-finished"), "{}", rest.said());
            desk.has_whole(&letters);
        }
    }
}

/// One of 24 MB, in `mail/`.
fn large() -> (Desk, String) {
    let desk = Desk::new();
    let reference = reference(1);
    let file = b"HEMMELEG MERKE ".repeat(1_600_000);
    let sent = Sent {
        files: vec![("stor.pdf", &file[..])],
        ..Sent::new(&reference, "Stort brev.")
    };
    desk.put("mail/stor.eml", desk.mail(&sent));
    (desk, reference)
}

#[test]
fn a_stop_while_a_large_letter_is_decrypted_leaves_nothing_of_it() {
    let (desk, reference) = large();
    for (signal, whole_group) in [(Signal::INT, true), (Signal::TERM, false), (Signal::HUP, false)] {
        let running = Running::start(desk.command(&["mail"]));
        running.until("the folder of the run", || desk.unfinished().len() == 1);
        stop(&running, signal, whole_group);
        let ran = running.end();
        assert_eq!(ran.code, Some(1), "{}", ran.said());
        assert!(
            desk.unfinished().is_empty() && desk.folders().is_empty(),
            "{}",
            ran.said()
        );
        assert!(files_with(desk.root(), b"HEMMELEG MERKE").is_empty());
    }
    let ran = desk.open(&["mail"]);
    assert_eq!((ran.code, desk.folders()), (Some(0), vec![reference]), "{}", ran.said());
    // The search finds it where it belongs.
    assert_eq!(files_with(desk.root(), b"HEMMELEG MERKE").len(), 1);
}

/// By then it is known to be whole: it may be finished, or given up.
#[test]
fn a_stop_while_a_large_letter_is_written_leaves_all_or_nothing() {
    let (desk, reference) = large();
    let whole = 24_000_000;
    let stopped = |signal, whole_group| {
        let _ = std::fs::remove_dir_all(desk.out());
        let running = Running::start(desk.command(&["mail"]));
        running.until("the file", || size(&desk.out()) > 1_000_000);
        stop(&running, signal, whole_group);
        (size(&desk.out()) < whole).then(|| running.end())
    };
    for (signal, whole_group) in [(Signal::INT, true), (Signal::TERM, false), (Signal::HUP, false)] {
        // On a busy machine this program is too late now and then.
        let mut tries = std::iter::repeat_with(|| stopped(signal, whole_group)).take(5);
        let ran = tries.find_map(|ran| ran).expect("each stop came too late");
        assert_eq!(ran.code, Some(1), "{}", ran.said());
        assert!(desk.unfinished().is_empty());
        let placed = desk.folders();
        assert_eq!(ran.out.matches('✓').count(), placed.len(), "{}", ran.said());
        assert!(size(&desk.out()) > whole || files_with(desk.root(), b"HEMMELEG MERKE").is_empty());
        let ran = desk.open(&["mail"]);
        assert_eq!(
            (ran.code, desk.folders()),
            (Some(0), vec![reference.clone()]),
            "{}",
            ran.said()
        );
        assert!(size(&desk.out()) > whole);
    }
}
