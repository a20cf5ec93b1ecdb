//! A taken-over web side and the relay: what is put into the queue by hand goes nowhere, and what is sealed goes where the
//! relay's configuration says.

use std::fs;
use std::path::Path;
use std::process::Command;

use konvolutt_letter::hex;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::support::{MAILBOX, Options, SENDER, World, armor, example, packet, run};

const ATTACKER: &str = "attacker@evil.example";
const CLEAR: &str = "Cleartext of somebody's letter: my husband";

/// One file in the queue, as a taken-over web side writes it.
struct Forged {
    name: String,
    bytes: Vec<u8>,
}

/// The file's digest is right: it has no key.
fn forged(number: u8, mailbox: &str, reference: &str, mail: &[u8]) -> Forged {
    let name = hex([number; 32]);
    let envelope = json!({
        "name": name, "mailbox": mailbox, "from": ATTACKER, "to": ATTACKER, "reference": reference,
        "accepted": 1_790_000_000,
    });
    let mut bytes = [mail, format!("{envelope}\n").as_bytes()].concat();
    let digest = hex(Sha256::digest(&bytes));
    bytes.extend(format!("konvolutt-spool 1 {:016} {digest}\n", mail.len()).bytes());
    Forged { name, bytes }
}

/// By a process in the sandbox of the web side; linking must work there, or nothing else would show anything.
fn link(world: &World, all: &[Forged]) {
    let folder = tempfile::tempdir().unwrap();
    for one in all {
        fs::write(folder.path().join(&one.name), &one.bytes).unwrap();
    }
    let mut probe = Command::new(example("probe"));
    let told = run(probe
        .arg(world.authority.config())
        .args(["web", "forge"])
        .arg(folder.path()));
    let mut told: Vec<_> = told.lines().collect();
    told.sort_unstable();
    let names = all.iter().map(|one| format!("{}\tdone\trefused", one.name));
    assert_eq!(told, names.collect::<Vec<_>>());
}

/// The mail of a letter that came through the form, and its reference.
fn genuine(world: &World) -> (String, String) {
    assert_eq!(world.marked_form().send().status, 303);
    let mails = world.sink.wait_for(1);
    let reference = world.sink.references().remove(0);
    (String::from_utf8(mails[0].mail.clone()).unwrap(), reference)
}

/// What could be hidden in a genuine mail, or sent instead of one.
fn hostile(mail: &str) -> Vec<String> {
    let changed = |from: &str, to: &str| {
        assert!(mail.contains(from), "{from}");
        mail.replacen(from, to, 1)
    };
    let end = "-----END PGP MESSAGE-----\r\n";
    let begin = mail.find("-----BEGIN").unwrap();
    let closing = &mail[mail.find(end).unwrap() + end.len()..];
    let around = |armor: &str| [&mail[..begin], armor, closing].concat();
    let literal = packet(11, format!("b\0\0\0\0\0{CLEAR}").as_bytes());
    let script = format!("From: {SENDER}\r\nTo: {ATTACKER}\r\nSubject: exfiltrated\r\n\r\n{CLEAR}\r\n");
    vec![
        script,
        changed("Date: ", &format!("Bcc: {ATTACKER}\r\nDate: ")),
        changed("Subject: ", &format!("Cc: {ATTACKER}\r\nSubject: ")),
        changed("Subject: ", &format!("To: {ATTACKER}\r\nSubject: ")),
        changed("\r\nTo: ", &format!("\r\n Bcc: {ATTACKER}\r\nTo: ")),
        changed("\r\nTo: ", &format!("\nBcc: {ATTACKER}\r\nTo: ")),
        changed("Sikkert", &"x".repeat(1200)),
        changed("3156).\r\n", &format!("3156).\r\n{CLEAR}\r\n")),
        changed(end, &format!("{end}{CLEAR}\r\n")),
        changed(
            end,
            &format!("{end}\r\n--{}\r\n\r\n{CLEAR}\r\n", closing.trim().trim_matches('-')),
        ),
        format!("{mail}{CLEAR}\r\n"),
        around(&format!("{CLEAR} å\r\n")),
        around(&armor(&literal)),
        around(&armor(CLEAR.as_bytes())),
    ]
}

#[test]
fn a_taken_over_web_side_has_no_outlet() {
    let world = World::with(Options {
        apart: true,
        ..Options::default()
    });
    let (mail, reference) = genuine(&world);
    let mut all: Vec<_> = hostile(&mail)
        .iter()
        .zip(1..)
        .map(|(mail, number)| forged(number, "postmottak", &reference, mail.as_bytes()))
        .collect();
    // A reference stands in logs, and in the name of a file in a Maildir.
    for wrong in ["222-2222-222", "../../../../tmp/x", ""] {
        all.push(forged(40 + all.len() as u8, "postmottak", wrong, mail.as_bytes()));
    }
    // The control: what differs from a genuine letter in its addresses alone goes out, to the relay's own ones.
    let sealed = forged(100, "postmottak", &reference, mail.as_bytes());
    let nobody = forged(101, "nobody\u{1b}[2J", &reference, mail.as_bytes());
    let (hostile, held) = (all.len(), nobody.name.clone());
    let names: Vec<_> = all.iter().map(|one| one.name.clone()).collect();
    all.extend([sealed, nobody]);
    link(&world, &all);
    world.sink.wait_for(2);
    // And a genuine one beside them.
    world.marked_form().text("namn", "ny").send();
    world.sink.wait_for(3);

    world.until("the quarantine", || world.files_in("spool/corrupt").len() == hostile);
    let alarm = |kind: &str, name: &str| world.root().join(format!("spool/alarms/{kind}-{name}")).exists();
    world.until("the alarms", || names.iter().all(|name| alarm("corrupt", name)));
    world.until("the hold", || alarm("held", &held));
    let told = String::from_utf8(world.konvolutt(&["queue", "show", &held]).stdout).unwrap();
    assert!(
        told.contains("has no mailbox `nobody") && told.contains("queue release"),
        "{told}"
    );
    assert!(!told.contains('\u{1b}') && !world.log().contains('\u{1b}'));
    let told = String::from_utf8(world.konvolutt(&["queue", "show", &names[0]]).stdout).unwrap();
    assert!(told.contains("does not have the head that the form writes"), "{told}");
    only_own_addresses(&world, 3);
    assert!(!world.log().contains("evil.example"));
}

/// Each letter that the server heard of was one that it got whole, from and to the addresses of the configuration.
fn only_own_addresses(world: &World, letters: usize) {
    let commands = world.sink.commands();
    let all = |verb: &str| {
        commands
            .iter()
            .filter(|line| line.starts_with(verb))
            .cloned()
            .collect::<Vec<_>>()
    };
    assert_eq!(all("DATA").len(), letters, "{commands:?}");
    assert_eq!(all("RCPT"), vec![format!("RCPT TO:<{MAILBOX}>"); letters]);
    assert!(
        all("MAIL")
            .iter()
            .all(|line| line.starts_with(&format!("MAIL FROM:<{SENDER}>")))
    );
    let mails = world.sink.mails();
    assert_eq!(mails.len(), letters);
    for mail in mails {
        let text = String::from_utf8(mail.mail).unwrap();
        assert!(!text.contains("evil.example") && !text.contains(CLEAR));
        assert!(text.contains(&format!("\r\nTo: {MAILBOX}\r\n")), "{text}");
    }
}

/// The mailbox got a wrong address, and was corrected while letters waited for it: they go to the new one, in their heads
/// too, and open as every other.
#[test]
fn letters_that_wait_go_to_the_address_that_was_corrected() {
    let mut world = World::new();
    world.sink.refuse_next("RCPT", "550 5.1.1 no such mailbox");
    world.marked_form().send();
    let alarm = world.root().join("spool/alarms/mail-server-postmottak");
    world.until("the alarm", || alarm.exists());
    world.terminate();
    world.authority.edit("konvolutt.toml", MAILBOX, "ny@authority.example");
    world.authority.edit("konvolutt.toml", "Sikkert skjema", "Nytt skjema");
    world.start();
    world.konvolutt(&["queue", "retry", "--all"]);
    let delivery = world.sink.wait_for(1).remove(0);
    assert!(delivery.to.contains("<ny@authority.example>"), "{}", delivery.to);
    let text = String::from_utf8_lossy(&delivery.mail).into_owned();
    assert!(text.starts_with(&format!(
        "From: Nytt skjema <{SENDER}>\r\nTo: ny@authority.example\r\nSubject: Ny henvendelse "
    )));
    let folder = world.open(&delivery.mail);
    let letter = fs::read_to_string(folder.join("letter.txt")).unwrap();
    assert!(letter.contains(&world.marker.text));
    let status = fs::read_to_string(folder.join("status.json")).unwrap();
    // The address differs. The name before it may be anything: mail systems change it.
    assert_eq!(
        status.matches("No harm if the operator changed it").count(),
        1,
        "{status}"
    );
    world.until("the end of the alarm", || !alarm.exists());
    // The control: the letter was written for the old one.
    let spooled = fs::read(world.files_in("spool/delivered").remove(0)).unwrap();
    let spooled = String::from_utf8_lossy(&spooled).into_owned();
    assert!(spooled.contains(&format!("\r\nTo: {MAILBOX}\r\n")) && spooled.contains("\"to\":\"postmottak@"));
}

/// A mailbox that was taken out of the configuration: its letters are kept, and go once it is there again.
#[test]
fn letters_of_a_mailbox_that_is_gone_are_held() {
    let mut world = World::new();
    world.sink.refuse_next("RCPT", "451 later");
    world.marked_form().send();
    world.until("an attempt", || !world.files_in("spool/state").is_empty());
    world.terminate();
    let rename = |world: &World, from: &str, to: &str| {
        let name = |name: &str| format!("name = \"{name}\"\naddress");
        world.authority.edit("konvolutt.toml", &name(from), &name(to));
        let form = Path::new("forms/krisesenter.toml");
        let text = fs::read_to_string(world.root().join(form)).unwrap();
        fs::write(
            world.root().join(form),
            text.replace(&format!("\"{from}\""), &format!("\"{to}\"")),
        )
        .unwrap();
    };
    rename(&world, "postmottak", "arkiv");
    world.start();
    world.konvolutt(&["queue", "retry", "--all"]);
    world.until("the hold", || !world.files_in("spool/held").is_empty());
    world.terminate();
    rename(&world, "arkiv", "postmottak");
    world.start();
    assert!(world.konvolutt(&["queue", "release", "--all"]).status.success());
    world.open(&world.sink.wait_for(1)[0].mail);
}
