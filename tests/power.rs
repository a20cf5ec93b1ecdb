//! A receipt survives a power cut: right after an answer the file system stops, as without current. Two controls show
//! that the cut takes what was not made durable.

use std::collections::BTreeSet;

use crate::support::{Disk, Options, World};

/// `KONVOLUTT_CUTS` asks for more; the promise was measured with 200.
fn cuts() -> u64 {
    let asked = std::env::var("KONVOLUTT_CUTS").ok();
    asked.and_then(|text| text.parse().ok()).unwrap_or(25)
}

/// Cuts the power after the last of one to three receipts, so often; gives the number of receipts and of lost letters.
fn cut(times: u64, skipped: Option<&str>) -> (usize, usize) {
    let mut world = World::with(Options {
        change: |authority| {
            Disk::make(&authority.root, 32);
            authority.edit("konvolutt.toml", "directory = \"spool\"", "directory = \"disk/spool\"");
        },
        without_relay: true,
        ..Options::default()
    });
    let disk = Disk::at(world.root());
    if let Some(skipped) = skipped {
        // The call is not made, and says that it worked.
        let words = [
            "strace",
            "-D",
            "-f",
            "-qq",
            "-o",
            "/dev/null",
            "-e",
            "trace=fsync,fdatasync",
        ];
        world.launcher = words.map(str::to_owned).to_vec();
        if !skipped.is_empty() {
            let only = disk.mount.join("spool").join(skipped);
            world.launcher.extend(["-P".to_owned(), only.display().to_string()]);
        }
        let inject = ["-e", "inject=fsync,fdatasync:retval=0"];
        world.launcher.extend(inject.map(str::to_owned));
        world.kill();
        world.start();
    }
    let mut promised = BTreeSet::new();
    for round in 0..times {
        let letters: Vec<_> = (0..=round % 3).map(|_| world.marked_form()).collect();
        disk.sync();
        let power = disk.arm();
        for letter in letters {
            let answer = letter.send();
            assert!(answer.location().contains("/kvittering/"), "{}", world.log());
            promised.insert(world.reference(&answer));
        }
        power.now();
        world.kill();
        disk.boot();
        world.start();
    }
    world.kill();
    world.launcher.clear();
    world.without_relay = false;
    world.start();
    let waits = || !world.waiting().is_empty();
    world.until("the deliveries", || !waits());
    assert!(world.files_in("disk/spool/corrupt").is_empty() || skipped.is_some());
    let delivered: BTreeSet<_> = world.sink.references().into_iter().collect();
    (promised.len(), promised.difference(&delivered).count())
}

#[test]
#[ignore = "needs root, loop devices, python3"]
fn a_receipt_survives_a_power_cut() {
    let (promised, lost) = cut(cuts(), None);
    eprintln!("{} cuts, {promised} receipts, {lost} lost", cuts());
    assert_eq!(lost, 0);
    assert!(promised as u64 > cuts());
}

#[test]
#[ignore = "needs root, loop devices, python3, strace"]
fn without_fsync_a_power_cut_takes_letters() {
    let (promised, lost) = cut(5, Some(""));
    eprintln!("no fsync: {promised} receipts, {lost} lost");
    assert!(lost > 0);
}

#[test]
#[ignore = "needs root, loop devices, python3, strace"]
fn without_fsync_of_the_directory_a_power_cut_takes_letters() {
    let (promised, lost) = cut(10, Some("new"));
    eprintln!("no fsync of the directory: {promised} receipts, {lost} lost");
    assert!(lost > 0);
}
