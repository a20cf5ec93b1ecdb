//! With no daily certificate that qualifies now, nothing is taken.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use konvolutt::seal::parse_one;
use konvolutt::submission::Refusal;
use postrom::{KeyProfile, generate};
use sequoia_openpgp::serialize::SerializeInto;

use crate::support::{Answer, Authority, Office, Options, World, exchange};

pub fn is_closed(answer: &Answer) {
    assert_eq!(answer.status, 503, "{}", answer.body);
    for wanted in ["112", "116 006", "75 02 17 11", "75 55 58 90", "8002 Bodø"] {
        assert!(answer.body.contains(wanted), "{wanted} is missing");
    }
}

/// Closed, and what was typed is there all the same.
fn gives_back(world: &World, answer: &Answer) {
    let shown = world.follow(answer);
    is_closed(&shown);
    assert!(shown.body.contains(&world.marker.text), "the text is gone");
}

/// The daily certificate in its revoked form: the revocation that was made with the key, merged.
pub fn revoked(world: &World) -> Vec<u8> {
    revoked_below(world.root())
}

fn revoked_below(root: &Path) -> Vec<u8> {
    let read = |name: &str| fs::read(root.join(name)).unwrap();
    let cert = parse_one(&read("keys/daily.cert.asc")).unwrap();
    use sequoia_openpgp::parse::Parse;
    let revocation = sequoia_openpgp::Packet::from_bytes(&read("secret/daily.revocation.asc")).unwrap();
    let (cert, _) = cert.insert_packets(vec![revocation]).unwrap();
    cert.armored().to_vec().unwrap()
}

/// A page waits a moment for a look at the files, and a machine that is busy may not give it one in that moment: the next
/// visitor may see the form as it was, for the length of one look.
fn until_closed(world: &World) {
    world.until("the closed form", || world.get("/nn/s/skriv").status == 503);
}

/// A letter is refused from the first moment, whatever the pages still show; they follow without waiting for the look that
/// is made every five seconds. A busy machine may spoil that in one round, but not in three.
#[test]
fn a_revoked_certificate_closes_the_form_at_once_and_a_good_one_opens_it() {
    let world = World::new();
    let form = world.marked_form();
    let file = world.root().join("keys/daily.cert.asc");
    let (good, bad) = (fs::read(&file).unwrap(), revoked(&world));

    let mut took = Vec::new();
    while took.iter().all(|time| *time >= Duration::from_secs(2)) {
        assert!(took.len() < 3, "{took:?}");
        fs::write(&file, &bad).unwrap();
        let changed = Instant::now();
        gives_back(&world, &form.send());
        until_closed(&world);
        took.push(changed.elapsed());
        is_closed(&world.get("/nn/s/skriv"));
        gives_back(&world, &form.send());
        assert!(world.spooled().is_empty(), "{:?}", world.spooled());

        fs::write(&file, &good).unwrap();
        world.until("the open form", || world.get("/nn/s/skriv").status == 200);
    }
    assert_eq!(form.send().status, 303);
    world.sink.wait_for(1);
}

/// Nothing looks at the files here but the letter itself: its recipients are judged when it is sealed.
#[test]
fn a_letter_is_judged_at_its_own_moment() {
    let office = Office::new();
    let file = office.root().join("keys/daily.cert.asc");
    let (good, bad) = (fs::read(&file).unwrap(), revoked_below(office.root()));
    assert!(office.submit("før", &[]).is_ok());
    fs::write(&file, bad).unwrap();
    assert!(matches!(office.submit("medan", &[]), Err(Refusal::Closed)));
    fs::write(&file, good).unwrap();
    assert!(office.submit("etter", &[]).is_ok());
    assert_eq!(office.store.waiting().unwrap().len(), 2);
}

/// Pins a certificate that is valid for some seconds only.
fn short_lived(authority: &Authority) {
    // Sequoia dates new keys back by a minute, for clocks that differ.
    let valid_for = Duration::from_secs(60 + 20);
    let short = generate(KeyProfile::Compat, "Postmottak", "p@authority.example", valid_for, None).unwrap();
    fs::write(authority.root.join("keys/daily.cert.asc"), &short.certificate).unwrap();
    authority.edit("konvolutt.toml", &authority.daily, &short.cert.fingerprint().to_hex());
}

#[test]
fn a_certificate_that_expires_closes_the_form() {
    let world = World::with(Options {
        change: short_lived,
        ..Options::default()
    });
    let form = world.marked_form();
    world.until("the expiry", || world.get("/nn/s/skriv").status == 503);
    is_closed(&world.get("/nb/s/skriv"));
    gives_back(&world, &form.send());
    assert!(world.spooled().is_empty());
}

#[test]
fn a_foreign_or_unreadable_file_keeps_the_last_good_certificate() {
    let world = World::new();
    let file = world.root().join("keys/daily.cert.asc");
    assert_eq!(world.get("/nn/s/skriv").status, 200);
    let foreign = generate(
        KeyProfile::Compat,
        "Nokon",
        "n@else.example",
        Duration::from_secs(9999),
        None,
    )
    .unwrap();
    for content in [foreign.certificate.as_slice(), foreign.key.as_slice(), b"garbage"] {
        fs::write(&file, content).unwrap();
        assert_eq!(
            world
                .marked_form()
                .text("namn", &content.len().to_string())
                .send()
                .status,
            303
        );
        let alarm = world.root().join("spool/alarms/certificate-postmottak");
        world.until("the alarm", || {
            fs::read_to_string(&alarm).is_ok_and(|text| text.contains("daily.cert.asc"))
        });
    }
    for mail in world.sink.wait_for(3) {
        world.open(&mail.mail);
    }
}

/// This one is no form at all, and the answer is not about that. Nothing was typed, so nobody is led to write.
#[test]
fn a_post_is_refused_for_what_would_not_help_to_mend() {
    let world = World::new();
    fs::write(world.root().join("keys/daily.cert.asc"), revoked(&world)).unwrap();
    until_closed(&world);
    let request = format!(
        "POST /nn/s/skriv HTTP/1.1\r\nHost: {}\r\nContent-Length: 5\r\n\
         Content-Type: multipart/form-data; boundary=x\r\n\r\nhello",
        world.address
    );
    let shown = world.follow(&exchange(world.address, request.as_bytes()));
    is_closed(&shown);
    assert!(!shown.body.contains("<textarea"), "a form to write in");
    assert!(world.spooled().is_empty());
}

/// Less room than the floor: nobody shall write for half an hour and then hear that nothing can be kept.
#[test]
fn a_full_disk_closes_the_form() {
    let world = World::with(Options {
        change: |authority| authority.edit("konvolutt.toml", "min_free_mb = 1", "min_free_mb = 999999999"),
        ..Options::default()
    });
    is_closed(&world.get("/nn/s/skriv"));
    let page = crate::support::Form::new(world.address, "/nn/s/skriv").text("_token", &"0".repeat(32));
    gives_back(&world, &page.text("melding", &world.marker.text).send());
    assert!(world.spooled().is_empty());
    let alarm = world.root().join("spool/alarms/spool");
    world.until("the alarm", || {
        fs::read_to_string(&alarm).is_ok_and(|text| text.contains("the spool is full"))
    });
}
