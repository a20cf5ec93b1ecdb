//! What an operator's monitoring reads: numbers that Prometheus takes without a word, rules and a dashboard that name what is
//! there, and addresses that tell whether letters can be taken and sent.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use konvolutt::alarms::{TABLE, families};

use crate::alarms::without_mail_server;
use crate::support::{Answer, Authority, Options, World, exchange, run};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/monitoring")
}

fn with_health(authority: &Authority) {
    let section = "[health]\naddress = \"127.0.0.1:0\"\n\n[spool]";
    authority.edit("konvolutt.toml", "[spool]", section);
}

/// Both halves as two processes.
fn halves(change: fn(&Authority)) -> World {
    World::with(Options {
        apart: true,
        change,
        ..Options::default()
    })
}

/// Asks the relay's own health listener.
fn ask_relay(world: &World, path: &str) -> Answer {
    let out = fs::read_to_string(world.root().join("relay-1.out")).unwrap();
    let address = out.lines().find_map(|line| line.strip_prefix("health http://"));
    let address: SocketAddr = address
        .unwrap_or_else(|| panic!("{out}"))
        .trim_end_matches('/')
        .parse()
        .unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    exchange(address, request.as_bytes())
}

/// Waits until the relay listens too.
fn relay_is_there(world: &World) {
    let out = world.root().join("relay-1.out");
    world.until("the relay", || {
        fs::read_to_string(&out).is_ok_and(|out| out.contains("health http://"))
    });
}

/// Words of an expression that look like names of numbers.
fn named(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    let ours = words.filter(|word| word.starts_with("konvolutt_") || word.starts_with("process_"));
    ours.map(str::to_owned).collect()
}

/// A rule about a number that nobody writes never fires, and nobody sees that.
#[test]
fn rules_and_dashboard_name_numbers_and_alarms_that_exist() {
    let written: BTreeSet<String> = families().map(|family| family.name.to_owned()).collect();
    let mut used = BTreeSet::new();
    for file in ["rules.yml", "rules.test.yml", "dashboard.json"] {
        let names = named(&fs::read_to_string(folder().join(file)).unwrap());
        let unknown: Vec<_> = names.difference(&written).collect();
        assert!(
            unknown.is_empty(),
            "{file} names {unknown:?}, which the program does not write"
        );
        used.extend(names);
    }
    assert!(used.len() > 8, "{used:?}");
    // What a rule leaves to another one must be the name of an alarm.
    let rules = fs::read_to_string(folder().join("rules.yml")).unwrap();
    let lists = rules.split("kind").skip(1).filter_map(|rest| {
        let rest = rest.strip_prefix("=~\"").or_else(|| rest.strip_prefix("!~\""))?;
        Some(rest.split('"').next()?.split('|'))
    });
    let kinds: Vec<&str> = lists.flatten().collect();
    assert!(kinds.len() > 10);
    let known = |kind: &&str| TABLE.iter().any(|spec| spec.name == *kind);
    assert!(kinds.iter().all(known), "{kinds:?}");
    // And those that close the form are all in the rule that says so.
    let closed = "konvolutt_alarm{kind=~\"";
    let closed: BTreeSet<&str> = rules
        .split(closed)
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .split('|')
        .collect();
    let stops: BTreeSet<&str> = TABLE.iter().filter(|spec| spec.stops).map(|spec| spec.name).collect();
    assert_eq!(closed, stops);
    // Labels have the values that the number itself tells of.
    let tests = fs::read_to_string(folder().join("rules.test.yml")).unwrap();
    let family = families().find(|family| family.name == "konvolutt_tls_certificate_expiry_timestamp_seconds");
    let help = family.unwrap().help;
    let uses = tests
        .split("{use=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap());
    let uses: Vec<_> = uses.collect();
    assert!(
        uses.len() > 1 && uses.iter().all(|one| help.contains(&format!("({one})"))),
        "{uses:?}"
    );
    // The control: a name that nobody writes is found.
    assert_eq!(named("sum(konvolutt_nonsense[5m]) > 3").difference(&written).count(), 1);
}

#[test]
#[ignore = "needs promtool"]
fn prometheus_takes_the_rules_and_they_fire_when_they_must() {
    let promtool = |words: &[&str]| run(Command::new("promtool").args(words).current_dir(folder()));
    assert!(promtool(&["check", "rules", "rules.yml"]).contains("11 rules found"));
    assert!(promtool(&["test", "rules", "rules.test.yml"]).contains("Unit Testing"));
}

/// promtool says what is missing in names, units, HELP and TYPE; it must have nothing to say.
#[test]
#[ignore = "needs promtool"]
fn promtool_has_nothing_to_say_of_the_numbers_of_either_half() {
    let world = halves(with_health);
    relay_is_there(&world);
    world.until("a look", || {
        ask_relay(&world, "/metrics")
            .body
            .contains("konvolutt_letters_waiting 0")
    });
    let (form, relay) = (world.health()("/metrics").body, ask_relay(&world, "/metrics").body);
    for (half, text) in [("form", &form), ("relay", &relay)] {
        assert_eq!(checked(text), (true, String::new()), "{half}: {text}");
    }
    // The control: as it was before.
    let (good, said) = checked(&form.replace("# HELP", "# NOTHING"));
    assert!(!good && said.contains("no help text"), "{said}");
    // Each half tells its own alarms, and never a 0 of the other's.
    let tells = |text: &str, kind: &str| text.contains(&format!("konvolutt_alarm{{kind=\"{kind}\"}} 0\n"));
    assert!(tells(&form, "form-closed") && !tells(&form, "held"), "{form}");
    assert!(tells(&relay, "held") && !tells(&relay, "form-closed"), "{relay}");
}

/// Whether promtool takes these numbers, and all that it says.
fn checked(numbers: &str) -> (bool, String) {
    let mut promtool = Command::new("promtool");
    promtool.args(["check", "metrics"]).stdin(Stdio::piped());
    let mut promtool = promtool.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    promtool.stdin.take().unwrap().write_all(numbers.as_bytes()).unwrap();
    let output = promtool.wait_with_output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(said).unwrap())
}

/// While the mail server is down the form takes letters, and nothing is sent: the relay's address says so, and so does the one
/// that tells of both halves. One of the form alone tells of the form.
#[test]
fn the_relay_is_not_ready_while_nothing_can_be_sent() {
    let world = halves(|authority| {
        with_health(authority);
        without_mail_server(authority);
    });
    relay_is_there(&world);
    world.until("the form's sign of life", || {
        ask_relay(&world, "/readyz/all").status == 200
    });
    assert_eq!(ask_relay(&world, "/readyz").status, 200);
    world.marked_form().send();
    for path in ["/readyz", "/readyz/all"] {
        world.until(path, || ask_relay(&world, path).status == 503);
        let body = ask_relay(&world, path).body;
        assert!(
            body.contains("not ready\n") && body.contains("mail-server: letters cannot be sent"),
            "{body}"
        );
    }
    let form = world.health();
    assert_eq!((form("/readyz").status, form("/readyz/all").status), (200, 404));
}

/// One address for both halves: what closes the form is told there, and that the form is gone.
#[test]
fn one_address_tells_of_both_halves() {
    let mut world = halves(with_health);
    relay_is_there(&world);
    world.until("both", || ask_relay(&world, "/readyz/all").status == 200);
    let file = world.root().join("keys/daily.cert.asc");
    let good = fs::read(&file).unwrap();
    fs::write(&file, crate::closed::revoked(&world)).unwrap();
    world.get("/nn/s/skriv");
    world.until("the closed form", || {
        let answer = ask_relay(&world, "/readyz/all");
        answer.status == 503 && answer.body.contains("form-closed: ")
    });
    assert_eq!(ask_relay(&world, "/readyz").status, 200, "letters can be sent");
    fs::write(&file, good).unwrap();
    world.get("/nn/s/skriv");
    world.until("the open form", || ask_relay(&world, "/readyz/all").status == 200);
    world.end_form();
    world.until("the end of the form", || {
        let answer = ask_relay(&world, "/readyz/all");
        answer.status == 503 && answer.body.contains("the form's half does not run")
    });
}

/// In one process both halves are asked at once.
#[test]
fn in_one_process_the_same_address_tells_of_both() {
    let world = World::with(Options {
        apart: false,
        change: |authority| {
            with_health(authority);
            without_mail_server(authority);
        },
        ..Options::default()
    });
    let health = world.health();
    assert_eq!(health("/readyz/all").status, 200);
    world.marked_form().send();
    world.until("no mail", || health("/readyz/all").status == 503);
    assert_eq!(health("/readyz").status, 200, "letters are taken");
}
