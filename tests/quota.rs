//! Too little room: attachments are refused before text, nothing that was written is lost, and it heals by itself.

use crate::support::{Answer, Authority, Form, Options, World, exchange};

fn is_receipt(answer: &Answer) -> bool {
    answer.status == 303 && answer.location().contains("/kvittering/")
}

fn small_budget(authority: &Authority) {
    authority.edit(
        "konvolutt.toml",
        "files_limit_mb = 3",
        "files_limit_mb = 1\nwaiting_limit_mb = 5",
    );
}

/// As a browser sends a letter with an attachment of 400 kB, which weighs double once it is sealed.
fn with_attachment(world: &World, text: &str) -> Form {
    let noise: Vec<u8> = (0..400_000u32)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect();
    world.form().text("melding", text).file("vedlegg", "stor.pdf", &noise)
}

#[test]
fn a_full_mailbox_queue_refuses_attachments_first_and_heals() {
    let world = World::with(Options {
        change: small_budget,
        ..Options::default()
    });
    let marker = world.marker.text.clone();
    let sink = world.sink.gate.clone();
    let gate = sink.lock().unwrap();
    assert!(!world.get("/nn/s/skriv").body.contains("Du kan sende meldinga utan."));
    let mut answers = (0..10).map(|n| with_attachment(&world, &format!("{marker} {n}")).send());
    let taken = answers.by_ref().take_while(is_receipt).count();
    assert!((2..8).contains(&taken), "{taken}");
    let refused = world.follow(&answers.next().unwrap());
    assert_eq!(refused.status, 503);
    for wanted in [
        "ikkje ta imot vedlegg",
        "ikkje fått meldinga",
        &marker,
        "112",
        "75 02 17 11",
    ] {
        assert!(refused.body.contains(wanted), "{wanted} is missing:\n{}", refused.body);
    }
    assert_eq!(world.spooled().len(), taken);
    // It is said beside the field, with the next look, and the text may come.
    world.until("the sentence beside the field", || {
        world.get("/nn/s/skriv").body.contains("Du kan sende meldinga utan.")
    });
    assert!(is_receipt(&world.form().text("melding", &marker).send()));

    drop(gate);
    world.until("room again", || {
        !world.get("/nn/s/skriv").body.contains("Du kan sende meldinga utan.")
    });
    assert!(is_receipt(&with_attachment(&world, &format!("{marker} igjen")).send()));
    world.sink.wait_for(taken + 2);
}

/// What waits is known after a restart too.
#[test]
fn a_budget_survives_a_restart() {
    let mut world = World::with(Options {
        change: small_budget,
        ..Options::default()
    });
    let sink = world.sink.gate.clone();
    let _gate = sink.lock().unwrap();
    for n in 0..3 {
        assert!(is_receipt(
            &with_attachment(&world, &format!("{} {n}", world.marker.text)).send()
        ));
    }
    world.kill();
    world.start();
    assert!(world.get("/nn/s/skriv").body.contains("Du kan sende meldinga utan."));
}

/// Between the floor and twice the floor.
#[test]
fn a_disk_that_fills_up_refuses_attachments_first() {
    let world = World::with(Options {
        change: |authority| {
            let stat = rustix::fs::statvfs(&authority.root).unwrap();
            let free = stat.f_bavail * stat.f_frsize / 1_000_000;
            let floor = format!("min_free_mb = {}", free * 2 / 3);
            authority.edit("konvolutt.toml", "min_free_mb = 1", &floor);
        },
        ..Options::default()
    });
    let marker = &world.marker.text;
    let refused = world.follow(&world.marked_form().send());
    assert_eq!(refused.status, 503);
    assert!(refused.body.contains("ikkje ta imot vedlegg") && refused.body.contains(marker));
    assert!(is_receipt(&world.form().text("melding", marker).send()));
    world.sink.wait_for(1);
}

/// Nobody loses what was written while the disk filled up.
#[test]
fn a_full_disk_gives_the_text_back() {
    let world = World::with(Options {
        change: |authority| authority.edit("konvolutt.toml", "min_free_mb = 1", "min_free_mb = 999999999"),
        ..Options::default()
    });
    // The form is closed by now: this page was there before.
    let page = Form::new(world.address, "/nn/s/skriv").text("_token", &"0".repeat(32));
    let page = page.text("melding", &world.marker.text);
    let shown = world.follow(&exchange(world.address, &page.bytes()));
    assert_eq!(shown.status, 503);
    for wanted in [
        &world.marker.text,
        "Vi har ikkje fått meldinga",
        "står her framleis",
        "112",
        "8002 Bodø",
    ] {
        assert!(shown.body.contains(wanted), "{wanted} is missing:\n{}", shown.body);
    }
    assert!(world.spooled().is_empty());
}
