//! The configuration read again while the service runs: what is taken up, what stays, and what is said.

use std::collections::BTreeSet;
use std::fs;
use std::process::{Command, Output};
use std::time::Duration;

use konvolutt_letter::Reference;
use postrom::{KeyProfile, generate};
use rustix::process::{Pid, Signal, kill_process};

use crate::support::{Form, KONVOLUTT, MAILBOX, Options, SENDER, World};

const FORM: &str = "forms/krisesenter.toml";
const YEAR: Duration = Duration::from_secs(365 * 86_400);

fn page(world: &World) -> String {
    world.get("/nn/s/skriv").body
}

/// What the alarm of a half says, while it stands.
fn alarm(world: &World, kind: &str) -> Option<String> {
    let output = world.konvolutt(&["alarms", "list", "--json"]);
    let all: Vec<serde_json::Value> = serde_json::from_slice(&output.stdout).unwrap();
    let own = all.iter().find(|one| one["alarm"] == kind)?;
    Some(own["text"].as_str().unwrap().to_owned())
}

fn stands(world: &World, kind: &str) -> bool {
    alarm(world, kind).is_some()
}

#[test]
fn texts_of_a_form_are_taken_up_at_hangup() {
    let world = World::new();
    world
        .authority
        .edit(FORM, "Kva kommune gjeld det?", "Kva for ein kommune?");
    // The control: nothing is read before it is asked for.
    assert!(page(&world).contains("Kva kommune gjeld det?"));
    world.signal(Signal::HUP);
    world.until("the new text", || page(&world).contains("Kva for ein kommune?"));
    assert!(!stands(&world, "reload-web"));
}

#[test]
fn a_configuration_with_mistakes_changes_nothing_and_is_told_until_it_is_mended() {
    let world = World::new();
    world
        .authority
        .edit(FORM, "Kva kommune gjeld det?", "Kva for ein kommune?");
    world.authority.edit("konvolutt.toml", "[forms]", "[forms]\nfills = []");
    world.signal(Signal::HUP);
    world.until("the alarm", || stands(&world, "reload-web"));
    let told = alarm(&world, "reload-web").unwrap();
    assert!(told.contains("konvolutt.toml:") && told.contains("fills"), "{told}");
    // Neither half of the change is there, and letters are taken.
    assert!(page(&world).contains("Kva kommune gjeld det?"));
    assert_eq!(world.marked_form().send().status, 303);
    world.authority.edit("konvolutt.toml", "fills = []", "");
    world.signal(Signal::HUP);
    world.until("the end of the alarm", || !stands(&world, "reload-web"));
    assert!(page(&world).contains("Kva for ein kommune?"));
}

/// In two processes as the units have it: neither half may open the configuration's folder, since secrets lie below.
#[test]
fn both_halves_take_it_up_inside_of_their_sandboxes() {
    let world = World::with(Options {
        apart: true,
        ..Options::default()
    });
    world
        .authority
        .edit(FORM, "Kva kommune gjeld det?", "Kva for ein kommune?");
    world.authority.edit("konvolutt.toml", "Ny henvendelse", "Nytt brev");
    // As an editor saves it: another file under the same name.
    let config = world.authority.config();
    fs::copy(&config, config.with_extension("new")).unwrap();
    fs::rename(config.with_extension("new"), &config).unwrap();
    let relay = Pid::from_raw(world.relay_pid().try_into().unwrap()).unwrap();
    world.until("the relay's handler", || catches_a_hang_up(relay));
    kill_process(relay, Signal::HUP).unwrap();
    world.signal(Signal::HUP);
    world.until("the new text", || page(&world).contains("Kva for ein kommune?"));
    world.until("the relay's word", || {
        world.log().matches("the configuration was read again").count() >= 2
    });
    assert_eq!(world.marked_form().send().status, 303);
    let mail = String::from_utf8(world.sink.wait_for(1)[0].mail.clone()).unwrap();
    assert!(mail.contains("Subject: Nytt brev"), "{}", &mail[..500]);
}

/// The reader is another command of the program, which does not know every word of `serve`.
#[test]
fn whatever_words_the_service_was_started_with_it_takes_a_file_up() {
    let world = World::with(Options {
        words: vec!["--log", "json", "--listen", "127.0.0.1:0"],
        ..Options::default()
    });
    world
        .authority
        .edit(FORM, "Kva kommune gjeld det?", "Kva for ein kommune?");
    world.signal(Signal::HUP);
    world.until("the new text", || page(&world).contains("Kva for ein kommune?"));
    assert!(!stands(&world, "reload-web"));
}

/// The processes that a service started before it entered its sandbox, by the command that they are.
fn helpers(world: &World) -> Vec<(Pid, String)> {
    let pid = world.pid();
    let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap();
    let of = |pid: &str| {
        // What has ended has no words.
        let words = fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap();
        let word = words.split('\0').nth(1)?.to_owned();
        Some((Pid::from_raw(pid.parse().ok()?)?, word))
    };
    children.split_whitespace().filter_map(of).collect()
}

/// What has no handler yet is ended by it.
fn catches_a_hang_up(pid: Pid) -> bool {
    let status = fs::read_to_string(format!("/proc/{}/status", pid.as_raw_nonzero())).unwrap();
    let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).unwrap();
    u64::from_str_radix(caught.trim(), 16).unwrap() & 1 == 1
}

/// As `systemctl kill --signal=HUP` does, which reaches every process of a service.
#[test]
fn a_hang_up_that_reaches_every_process_ends_none() {
    let world = World::with(Options {
        change: |authority| {
            authority.edit(
                "konvolutt.toml",
                "[forms]",
                "[alarm]\ncommand = [\"/bin/true\"]\n[forms]",
            );
        },
        ..Options::default()
    });
    let all = helpers(&world);
    let words: BTreeSet<_> = all.iter().map(|(_, word)| word.as_str()).collect();
    assert_eq!(words, ["alarm-helper", "config-reader"].into());
    world.until("their handlers", || all.iter().all(|(pid, _)| catches_a_hang_up(*pid)));
    for (pid, _) in &all {
        kill_process(*pid, Signal::HUP).unwrap();
    }
    world
        .authority
        .edit(FORM, "Kva kommune gjeld det?", "Kva for ein kommune?");
    world.signal(Signal::HUP);
    world.until("the new text", || page(&world).contains("Kva for ein kommune?"));
    assert_eq!(helpers(&world), all);
}

/// A page that was open shows a question that is gone. What stands in it arrives, and comes back to be corrected.
#[test]
fn text_in_a_field_that_is_gone_is_not_lost() {
    let world = World::new();
    let (sent, corrected) = (world.form(), world.form());
    world.authority.edit(FORM, "name = \"kommune\"", "name = \"stad\"");
    world.signal(Signal::HUP);
    world.until("the new field", || page(&world).contains("name=\"stad\""));
    let text = "Heradsbygda ved sjøen";
    let wrong = corrected
        .text("kommune", text)
        .text("melding", "Hei")
        .text("epost", "inga adresse");
    let back = world.follow(&wrong.send());
    assert!(
        back.body.contains(text) && back.body.contains("name=\"kommune\""),
        "{}",
        back.body
    );
    let receipt = sent.text("kommune", text).text("melding", "Hei").send();
    assert!(receipt.location().contains("/kvittering/"), "{}", receipt.location());
    let folder = world.open(&world.sink.wait_for(1)[0].mail);
    let letter = fs::read_to_string(folder.join("letter.txt")).unwrap();
    assert!(letter.contains(text), "{letter}");
}

/// A page of the second content goes its own way, through a correction too.
#[test]
fn a_page_of_a_later_content_is_sent_to_its_own_form() {
    let world = World::new();
    world.authority.edit(FORM, "name = \"kommune\"", "name = \"stad\"");
    world.signal(Signal::HUP);
    world.until("the new field", || page(&world).contains("name=\"stad\""));
    let shown = page(&world);
    let action = shown
        .split("method=\"post\" action=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    assert_eq!(action, "/nn/s/skriv?v=1");
    let token = shown
        .split("name=\"_token\" value=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let form = |epost: &str| {
        let form = Form::new(world.address, action).text("_token", token);
        form.text("stad", "Bodø").text("melding", "Hei").text("epost", epost)
    };
    let back = world.follow(&form("inga adresse").send());
    assert!(
        back.body.contains("name=\"stad\"") && back.body.contains("Bodø"),
        "{}",
        back.body
    );
    // The control: without its address it would be read by the form that was.
    let first = Form::new(world.address, "/nn/s/skriv").text("_token", token);
    let lost = world.follow(&first.text("stad", "Bodø").text("melding", "Hei").send());
    assert!(lost.body.contains("name=\"kommune\""), "{}", lost.body);
}

#[test]
fn letters_are_sealed_to_certificates_that_came_with_a_reload() {
    let world = World::new();
    let new = generate(KeyProfile::Compat, "Ny postmottaker", MAILBOX, YEAR, None).unwrap();
    fs::write(world.root().join("keys/ny.cert.asc"), &new.certificate).unwrap();
    fs::write(world.root().join("secret/ny.key.asc"), &new.key).unwrap();
    let (old, fingerprint) = (world.authority.daily.clone(), new.cert.fingerprint().to_hex());
    world
        .authority
        .edit("konvolutt.toml", "keys/daily.cert.asc", "keys/ny.cert.asc");
    world.authority.edit("konvolutt.toml", &old, &fingerprint);
    world
        .authority
        .edit("konvolutt.toml", "files_limit_mb = 3", "files_limit_mb = 1");
    // A page of before: where its letter goes is not what it showed.
    let form = world.form().text("melding", "Hei");
    world.signal(Signal::HUP);
    world.until("the new limit", || page(&world).contains("1 MB"));
    assert!(form.send().location().contains("/kvittering/"));
    let mail = world.sink.wait_for(1)[0].mail.clone();
    let letter = fs::read_to_string(world.open_with("ny", &mail).join("letter.txt")).unwrap();
    assert!(letter.contains("Hei"));
    // The control: the certificate that is no longer pinned opens nothing.
    let file = world.root().join("mail.eml");
    let words = [
        "--ledger",
        "off",
        "--key",
        "secret/daily.key.asc",
        "--relay",
        "keys/relay.cert.asc",
    ];
    assert!(!world.postrom_open(&file, &words).status.success());
}

/// A page that is open names a mailbox in no way: where its letter goes is the newest content's to say.
#[test]
fn a_page_of_before_is_sent_to_the_mailbox_that_its_form_has_now() {
    let world = World::new();
    let form = world.form().text("melding", "Hei");
    for (file, from, to) in [
        ("konvolutt.toml", "name = \"postmottak\"", "name = \"vakt\""),
        ("konvolutt.toml", MAILBOX, "vakt@authority.example"),
        (FORM, "mailbox = \"postmottak\"", "mailbox = \"vakt\""),
        (FORM, "Kva kommune gjeld det?", "Kva for ein kommune?"),
    ] {
        world.authority.edit(file, from, to);
    }
    world.signal(Signal::HUP);
    world.until("the new text", || page(&world).contains("Kva for ein kommune?"));
    let sent = form.send();
    assert!(sent.location().contains("/kvittering/"), "{}", sent.location());
    assert_eq!(world.sink.wait_for(1)[0].to, "RCPT TO:<vakt@authority.example>");
}

/// The delimiter belongs to the sender's address, and is taken up with it.
#[test]
fn the_delimiter_of_what_comes_back_is_taken_up_with_the_sender() {
    let world = World::new();
    world
        .authority
        .edit("konvolutt.toml", "[forms]", "[bounces]\ndelimiter = \"+\"\n[forms]");
    world.authority.edit("konvolutt.toml", "Ny henvendelse", "Nytt brev");
    world.signal(Signal::HUP);
    world.until("the word", || world.log().contains("the configuration was read again"));
    assert!(!world.log().contains("needs a restart"), "{}", world.log());
    assert_eq!(world.marked_form().send().status, 303);
    let sent = world.sink.wait_for(1).remove(0);
    let local = SENDER.split('@').next().unwrap();
    assert!(sent.from.contains(&format!("<{local}+")), "{}", sent.from);
}

#[test]
fn limits_for_letters_are_taken_up_and_what_needs_a_restart_is_named() {
    let world = World::new();
    let bucket = "[limits]\npages_per_prefix = 7\n[spool]\nkeep_delivered_days = 3";
    world.authority.edit("konvolutt.toml", "[spool]", bucket);
    world.signal(Signal::HUP);
    world.until("the word", || {
        world.log().contains("what changed in [spool] needs a restart")
    });
    assert!(!stands(&world, "reload-web"));
}

fn reload(world: &World) -> Output {
    let pid = world.pid().to_string();
    world.konvolutt(&["reload", "--pid", &pid])
}

#[test]
fn the_command_refuses_a_file_with_mistakes_and_says_which() {
    let world = World::new();
    world
        .authority
        .edit(FORM, "Kva kommune gjeld det?", "Kva for ein kommune?");
    world
        .authority
        .edit("konvolutt.toml", "role = \"recovery\"", "role = \"recovry\"");
    let refused = reload(&world);
    let said = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(1), "{said}");
    assert!(
        said.contains("recovry") && said.contains("nothing was changed"),
        "{said}"
    );
    world.authority.edit("konvolutt.toml", "recovry", "recovery");
    assert_eq!(reload(&world).status.code(), Some(0));
    world.until("the new text", || page(&world).contains("Kva for ein kommune?"));
    assert!(!stands(&world, "reload-web"), "the first was never asked for");
}

/// To the kernel 0 and less are groups of processes, the caller's own among them.
#[test]
fn the_command_signals_one_process_and_no_group() {
    let world = World::new();
    for pid in ["--pid=0", "--pid=-1", &format!("--pid=-{}", world.pid())] {
        let refused = world.konvolutt(&["reload", pid]);
        assert_eq!(refused.status.code(), Some(2), "{pid}: {refused:?}");
    }
}

/// As systemd runs it: the folder of what it loaded is named, and is not open to this command.
#[test]
fn the_command_leaves_what_systemd_loads_to_the_service() {
    let world = World::with(Options {
        change: |authority| {
            authority.edit(
                "konvolutt.toml",
                "secret/relay.key.asc",
                "$CREDENTIALS_DIRECTORY/relay.key.asc",
            );
        },
        ..Options::default()
    });
    world
        .authority
        .edit(FORM, "Kva kommune gjeld det?", "Kva for ein kommune?");
    let (pid, away) = (world.pid().to_string(), world.root().join("away"));
    let reload = |role: &str| {
        let mut command = Command::new(KONVOLUTT);
        command
            .args(["reload", "--role", role, "--pid", &pid, "--config"])
            .arg(world.authority.config());
        command.env("CREDENTIALS_DIRECTORY", &away).output().unwrap()
    };
    let output = reload("web");
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    world.until("the new text", || page(&world).contains("Kva for ein kommune?"));
}

/// Somebody whose letter is on its way keeps their receipt, and the same page sent twice is one letter, over a reload.
#[test]
fn a_double_click_over_a_reload_is_one_letter() {
    let world = World::new();
    let form = world.marked_form();
    let first = world.reference(&form.send());
    world
        .authority
        .edit(FORM, "Kva kommune gjeld det?", "Kva for ein kommune?");
    world.signal(Signal::HUP);
    world.until("the new text", || page(&world).contains("Kva for ein kommune?"));
    assert_eq!(world.reference(&form.send()), first);
    assert!(Reference::parse(&first).is_some());
}
