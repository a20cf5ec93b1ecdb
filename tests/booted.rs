//! The units under a systemd that is really booted, enabled in the guide's own order: what holds when all is well, and what
//! an operator and a visitor see when something is not.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::Path;
use std::process::Command;

use konvolutt_letter::Reference;

use crate::support::{Authority, KONVOLUTT, MAILBOX, Machine, Way, files_below, run, write_identity};

/// The service's user inside, and a group that it belongs to besides.
const USER: u32 = 990;
const READERS: u32 = 991;
const PAGE: &str = "curl -sk --max-time 20 https://127.0.0.1/nn/s/skriv";
const REFUSED: i32 = 7;

/// Everything that the guide has an operator put in place.
fn install(root: &Path) {
    fs::copy(KONVOLUTT, root.join("usr/bin/konvolutt")).unwrap();
    let units = Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/systemd");
    // All but the drop-ins, which are for the operator to choose.
    for unit in files_below(&units, "")
        .iter()
        .filter(|unit| unit.extension().is_none_or(|ending| ending != "conf"))
    {
        fs::copy(unit, root.join("etc/systemd/system").join(unit.file_name().unwrap())).unwrap();
    }
    for (file, line) in [
        (
            "etc/passwd",
            format!("konvolutt:x:{USER}:{USER}::/var/lib/konvolutt:/usr/sbin/nologin\n"),
        ),
        (
            "etc/group",
            format!("konvolutt:x:{USER}:\ncertificate-readers:x:{READERS}:konvolutt\n"),
        ),
    ] {
        let text = fs::read_to_string(root.join(file)).unwrap();
        fs::write(root.join(file), text + &line).unwrap();
    }
    // Beside the plain ones, as the package has them.
    let instances = units.with_file_name("instances");
    run(Command::new(instances).arg(root.join("etc/systemd/system")));
    let tell = root.join("usr/local/bin/tell-operator");
    fs::write(
        &tell,
        "#!/bin/sh\necho \"$KONVOLUTT_EVENT $KONVOLUTT_ALARM $KONVOLUTT_TEXT\" >> /var/lib/konvolutt/told\n",
    )
    .unwrap();
    fs::set_permissions(&tell, fs::Permissions::from_mode(0o755)).unwrap();
    configure(&root.join("etc/konvolutt"));
}

fn configure(etc: &Path) {
    fs::create_dir_all(etc).unwrap();
    let authority = Authority::new(etc);
    authority.write_config(&Way::Maildir);
    write_identity(etc, "localhost");
    let tls = "names = [\"localhost\"]\nredirect = \"systemd:redirect\"\n[listen.tls]\ncertificate = \"tls/chain.pem\"\nkey = \"tls/key.pem\"";
    // What was wrong in one step is over, and told so, before the next.
    let alarm = "[alarm]\ncalm = \"1s\"\ncommand = [\"/usr/local/bin/tell-operator\"]\n[forms]";
    for (from, to) in [
        ("address = \"127.0.0.1:0\"", format!("address = \"systemd:web\"\n{tls}")),
        ("directory = \"spool\"", "directory = \"/var/lib/konvolutt\"".to_owned()),
        (
            "secret/relay.key.asc",
            "$CREDENTIALS_DIRECTORY/relay.key.asc".to_owned(),
        ),
        (
            "directory = \"postmottak\"",
            "directory = \"/var/lib/konvolutt/postmottak\"".to_owned(),
        ),
        ("[forms]", alarm.to_owned()),
    ] {
        authority.edit("konvolutt.toml", from, &to);
    }
    // The unit of the relay loads it, also where nothing logs in.
    fs::write(etc.join("secret/smtp-password"), "none").unwrap();
    // The service reads the certificate of its site by a group alone.
    for (folder, (user, group), (shut, mode)) in [
        ("secret", (USER, USER), (0o700, 0o600)),
        ("tls", (0, READERS), (0o750, 0o640)),
    ] {
        let folder = etc.join(folder);
        for path in files_below(&folder, "") {
            chown(&path, Some(user), Some(group)).unwrap();
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        }
        chown(&folder, Some(user), Some(group)).unwrap();
        fs::set_permissions(folder, fs::Permissions::from_mode(shut)).unwrap();
    }
}

fn edit(machine: &Machine, file: &str, from: &str, to: &str) {
    let path = machine.root().join("etc/konvolutt").join(file);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{file} has no {from:?}");
    fs::write(&path, text.replacen(from, to, 1)).unwrap();
}

fn state(machine: &Machine, units: &str) -> String {
    machine
        .says(&format!("systemctl is-active {units}"))
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

fn answers(machine: &Machine) -> bool {
    machine.says(PAGE).contains("Kva kommune gjeld det?")
}

fn refuses(machine: &Machine) -> bool {
    machine.sh(PAGE).status.code() == Some(REFUSED)
}

#[test]
#[ignore = "needs debootstrap, systemd-nspawn"]
fn the_units_keep_what_the_guide_promises() {
    let machine = Machine::boot(install);
    without_port_80_it_answers(&machine);
    enabled_in_order_it_answers(&machine);
    a_socket_that_nobody_serves_stops_the_start(&machine);
    commands_find_everything(&machine);
    stop_means_stop(&machine);
    a_restart_keeps_visitors_waiting(&machine);
    a_reload_says_what_came_of_it(&machine);
    a_crash_that_is_over_at_once_is_no_alarm(&machine);
    a_form_that_cannot_start_refuses_and_is_told(&machine);
    a_half_whose_start_hangs_is_told_too(&machine);
    a_relay_that_cannot_start_is_told_too(&machine);
    another_authority_stands_beside_it(&machine);
}

/// Lines of the journal, with their fields.
fn lines(machine: &Machine, matches: &str) -> Vec<serde_json::Value> {
    let said = machine.says(&format!("journalctl --no-pager -o json {matches}"));
    let read = said.lines().map(serde_json::from_str);
    read.collect::<Result<_, _>>().unwrap_or_else(|_| panic!("{said}"))
}

/// More than five starts within ten minutes are none of an operator's, but of this test.
fn forget_starts(machine: &Machine) {
    machine.does("systemctl reset-failed konvolutt-web.service konvolutt-web.socket konvolutt-redirect.socket");
}

/// The configuration names the redirect, and its socket was not enabled.
fn without_port_80_it_answers(machine: &Machine) {
    machine.does("systemctl enable --now konvolutt-web.service konvolutt-relay.service");
    assert!(answers(machine), "{}", machine.journal());
    let alarms = machine.says("konvolutt alarms list");
    assert!(alarms.contains("konvolutt-redirect.socket"), "{alarms}");
    // What an operator's rules for the journal go by.
    let of_the_alarm = "-u konvolutt-web.service KONVOLUTT_ALARM=listener";
    machine.until("the line", |machine| !lines(machine, of_the_alarm).is_empty());
    let [line] = &lines(machine, of_the_alarm)[..] else {
        panic!("{}", machine.journal());
    };
    assert_eq!(
        (&line["PRIORITY"], &line["SYSLOG_IDENTIFIER"]),
        (&"3".into(), &"konvolutt".into())
    );
    assert_eq!(line["KONVOLUTT_ABOUT"], "redirect", "{line}");
    assert!(
        line["MESSAGE"].as_str().unwrap().contains("konvolutt-redirect.socket"),
        "{line}"
    );
    machine.does("systemctl stop konvolutt.target");
}

/// Else the kernel would accept visitors whom nobody answers.
fn a_socket_that_nobody_serves_stops_the_start(machine: &Machine) {
    forget_starts(machine);
    edit(
        machine,
        "konvolutt.toml",
        "address = \"systemd:web\"",
        "address = \"127.0.0.1:8080\"",
    );
    assert!(!machine.sh("systemctl restart konvolutt-web.service").status.success());
    machine.until("the sentence", |machine| {
        let said = machine.says("journalctl --no-pager -o cat -u konvolutt-web.service");
        said.contains("address = \"systemd:web\"")
    });
    machine.until("the refusal", |machine| {
        state(machine, "konvolutt-web.socket") == "failed"
    });
    assert!(refuses(machine));
    edit(
        machine,
        "konvolutt.toml",
        "address = \"127.0.0.1:8080\"",
        "address = \"systemd:web\"",
    );
    forget_starts(machine);
    machine.does("systemctl start konvolutt-web.service");
    machine.until("the end of the alarm", |machine| {
        machine.sh("konvolutt alarms list").status.success()
    });
}

fn enabled_in_order_it_answers(machine: &Machine) {
    machine.does("systemctl enable --now konvolutt-redirect.socket konvolutt-web.service konvolutt-relay.service");
    assert!(answers(machine), "{}", machine.journal());
    let units = "konvolutt-web.socket konvolutt-redirect.socket konvolutt-web.service konvolutt-relay.service";
    assert_eq!(state(machine, units), "active active active active");
    let plain = machine.says("curl -s -o /dev/null -w '%{http_code} %{redirect_url}' http://localhost/nn/s/skriv");
    assert_eq!(plain, "301 https://localhost/nn/s/skriv", "{}", machine.journal());
    let status = machine.says("systemctl show -p StatusText --value konvolutt-web.service");
    assert!(status.contains("no alarm stands"), "{status}");
    assert_eq!(machine.says("systemctl is-system-running").trim(), "running");
}

/// As root, in a shell that knows nothing of systemd's folders.
fn commands_find_everything(machine: &Machine) {
    let said = machine.does("konvolutt check");
    assert!(said.contains("problems: 0"), "{said}");
    assert_eq!(machine.does("konvolutt queue list 2>&1 >/dev/null"), "");
    assert_eq!(machine.does("konvolutt alarms list").trim(), "no alarm stands");
    machine.does("konvolutt send-test");
    assert_eq!(
        machine.does("find /var/lib/konvolutt -ignore_readdir_race -not -user konvolutt"),
        "",
        "root left something"
    );
}

fn stop_means_stop(machine: &Machine) {
    forget_starts(machine);
    machine.does("systemctl stop konvolutt-web.service");
    // The sockets stop by jobs of their own, which `systemctl` does not wait for.
    machine.until("the end of its sockets", |machine| {
        state(machine, "konvolutt-web.service konvolutt-web.socket") == "inactive inactive"
    });
    assert!(refuses(machine), "a visitor started it again");
    assert_eq!(
        state(machine, "konvolutt-web.service konvolutt-web.socket"),
        "inactive inactive"
    );
    assert_eq!(state(machine, "konvolutt-relay.service"), "active");
    machine.does("systemctl start konvolutt-web.service");
    assert!(answers(machine));
    // The command waits for the target alone.
    machine.does("systemctl stop konvolutt.target");
    machine.until("the end of all", |machine| {
        let units = "konvolutt-relay.service konvolutt-web.service konvolutt-redirect.socket";
        state(machine, units) == "inactive inactive inactive"
    });
    assert!(refuses(machine));
    // What the relay logged of the test letter, which it keeps back until its end or the next five minutes.
    machine.until("the word of the letter", |machine| {
        let of_relay = lines(machine, "-u konvolutt-relay.service PRIORITY=6");
        let mut references = of_relay.iter().filter_map(|line| line["KONVOLUTT_REFERENCE"].as_str());
        references.any(|reference| Reference::parse(reference).is_some())
    });
    machine.does("systemctl start konvolutt.target");
    machine.until("the form after the target", answers);
    machine.until("the rest", |machine| {
        state(machine, "konvolutt-relay.service konvolutt-redirect.socket") == "active active"
    });
}

fn a_restart_keeps_visitors_waiting(machine: &Machine) {
    forget_starts(machine);
    let opened = "journalctl --no-pager -o cat -u konvolutt-web.socket | grep -c Listening";
    let before = machine.says(opened);
    machine.does("systemctl restart konvolutt-web.service");
    assert!(answers(machine));
    assert_eq!(machine.says(opened), before, "the door was closed meanwhile");
}

fn a_reload_says_what_came_of_it(machine: &Machine) {
    edit(
        machine,
        "forms/krisesenter.toml",
        "Skriv til oss om krisesenter",
        "Skriv til oss no",
    );
    edit(machine, "konvolutt.toml", "role = \"daily\"", "role = \"dayly\"");
    for half in ["konvolutt-web", "konvolutt-relay"] {
        let refused = machine.sh(&format!("systemctl reload {half}"));
        // The relay reads no certificates.
        assert_eq!(
            refused.status.success(),
            half == "konvolutt-relay",
            "{half}\n{}",
            machine.journal()
        );
    }
    machine.until("the word", |machine| {
        machine.says("journalctl --no-pager -u konvolutt-web").contains("dayly")
    });
    assert!(!machine.says(PAGE).contains("Skriv til oss no"));
    edit(machine, "konvolutt.toml", "dayly", "daily");
    machine.does("systemctl reload konvolutt-relay konvolutt-web");
    machine.until("the new text", |machine| {
        machine.says(PAGE).contains("Skriv til oss no")
    });
    // By hand, as root, in a shell that knows nothing of systemd's folders.
    edit(
        machine,
        "forms/krisesenter.toml",
        "Skriv til oss no",
        "Skriv til oss att",
    );
    let pid = machine.says("systemctl show -p MainPID --value konvolutt-web.service");
    machine.does(&format!("konvolutt reload --role web --pid {}", pid.trim()));
    machine.until("the text after that", |machine| {
        machine.says(PAGE).contains("Skriv til oss att")
    });
    edit(machine, "konvolutt.toml", "[mail]", "[mail]\nsubjekt = 1");
    assert!(!machine.sh("systemctl reload konvolutt-relay").status.success());
    edit(machine, "konvolutt.toml", "subjekt = 1", "");
}

/// From systemd 254 on the unit that tells is started after each try.
fn a_crash_that_is_over_at_once_is_no_alarm(machine: &Machine) {
    forget_starts(machine);
    machine.does("rm -f /var/lib/konvolutt/told");
    // Of the service alone, as a crash is: what reads the configuration for it ends by itself, a moment later.
    machine.does("systemctl kill --kill-whom=main --signal=KILL konvolutt-web.service");
    let restarts = "systemctl show -p NRestarts --value konvolutt-web.service";
    machine.until("the restart", |machine| {
        machine.says(restarts).trim() != "0" && answers(machine)
    });
    assert_eq!(machine.does("konvolutt alarms list").trim(), "no alarm stands");
    let told = machine.says("cat /var/lib/konvolutt/told");
    assert!(!told.contains("web-down"), "{told}");
}

/// The relay runs, and tells what the unit found.
fn a_form_that_cannot_start_refuses_and_is_told(machine: &Machine) {
    forget_starts(machine);
    machine.does("rm -f /var/lib/konvolutt/told");
    edit(machine, "konvolutt.toml", "[forms]", "[forms");
    assert!(!machine.sh("systemctl restart konvolutt-web.service").status.success());
    let refused = machine.until("the refusal", |machine| {
        state(machine, "konvolutt-web.socket") == "failed"
    });
    assert!(refuses(machine));
    let told = machine.until("the word", |machine| {
        machine.says("cat /var/lib/konvolutt/told").contains("raised web-down")
    });
    eprintln!("refused for good after {refused:.1?}, told {told:.1?} later");
    let all = machine.says("cat /var/lib/konvolutt/told");
    assert_eq!(all.matches("raised web-down").count(), 1, "{all}");
    assert_eq!(state(machine, "konvolutt-again@konvolutt-web.timer"), "active");
    assert!(
        machine
            .says("konvolutt alarms list")
            .contains("/etc/konvolutt/konvolutt.toml:"),
        "{}",
        machine.journal()
    );
    edit(machine, "konvolutt.toml", "[forms", "[forms]");
    // What the timer starts after two minutes: by then those of the sockets are forgotten, and the five of the service still count.
    machine.does("systemctl reset-failed konvolutt-web.socket konvolutt-redirect.socket");
    machine.does("systemctl start konvolutt-again@konvolutt-web.service");
    machine.until("the form", answers);
    assert_eq!(state(machine, "konvolutt-redirect.socket"), "active");
    machine.until("the end", |machine| {
        machine.sh("konvolutt alarms list").status.success()
    });
}

/// As on a disk that does not answer, but with less patience: `tests/units.rs` holds that the unit's own is within its limit.
fn a_half_whose_start_hangs_is_told_too(machine: &Machine) {
    for (half, alarm) in [("konvolutt-web", "web-down"), ("konvolutt-relay", "relay-down")] {
        let timer = format!("konvolutt-again@{half}.timer");
        let drop_in = format!("/etc/systemd/system/{half}.service.d/hangs.conf");
        let hangs = "[Service]\nTimeoutStartSec=1\nExecStart=\nExecStart=/bin/sleep 600\n";
        machine.does(&format!("systemctl stop {timer}; systemctl reset-failed 'konvolutt*'"));
        machine.does(&format!(
            "mkdir -p $(dirname {drop_in}); printf '{hangs}' > {drop_in}; systemctl daemon-reload"
        ));
        machine.does(&format!("systemctl --no-block restart {half}.service"));
        machine.until("the end of all tries", |machine| {
            state(machine, &format!("{half}.service {timer}")) == "failed active"
        });
        // Its own sockets, which go with each try, did not stop it after the first.
        let restarts = machine.says(&format!("systemctl show -p NRestarts --value {half}.service"));
        assert!(restarts.trim().parse::<u32>().unwrap() >= 4, "{half}: {restarts}");
        assert_eq!(refuses(machine), half == "konvolutt-web");
        machine.until("the alarm", |machine| {
            machine.says("konvolutt alarms list").contains(alarm)
        });
        machine.does(&format!("rm {drop_in}; systemctl daemon-reload"));
        machine.does(&format!("systemctl start konvolutt-again@{half}.service"));
        machine.until("the half", |machine| {
            answers(machine) && state(machine, &format!("{half}.service")) == "active"
        });
        machine.until("the end", |machine| {
            machine.sh("konvolutt alarms list").status.success()
        });
    }
}

/// Then nobody is there to tell but the unit itself.
fn a_relay_that_cannot_start_is_told_too(machine: &Machine) {
    machine.does("rm -f /var/lib/konvolutt/told");
    edit(machine, "konvolutt.toml", "[mail]", "[mail");
    assert!(!machine.sh("systemctl restart konvolutt-relay.service").status.success());
    let told = machine.until("the word", |machine| {
        let told = machine.says("cat /var/lib/konvolutt/told");
        // The second, when the end of what was before has not been told yet.
        ["raised relay-down", "changed relay-down"]
            .iter()
            .any(|word| told.contains(word))
    });
    eprintln!("the relay's end was told after {told:.1?}");
    assert_eq!(
        state(machine, "konvolutt-relay.service konvolutt-web.service"),
        "failed active"
    );
}

/// As `init` makes it, with units, user and store of its own. What befalls it is told of it alone.
fn another_authority_stands_beside_it(machine: &Machine) {
    edit(machine, "konvolutt.toml", "[mail", "[mail]");
    machine.does("systemctl start konvolutt-again@konvolutt-relay.service");
    let text = fs::read_to_string(machine.root().join("etc/konvolutt/konvolutt.toml")).unwrap();
    let pinned = text.lines().filter_map(|line| line.strip_prefix("fingerprint = "));
    // The first is the signing key's.
    let pinned: Vec<_> = pinned.skip(1).map(|one| format!("--fingerprint {one}")).collect();
    machine.does(&format!(
        "konvolutt init --instance nord --listen 127.0.0.1:8443 --health 127.0.0.1:8091 --name Nord --host localhost \
         --maildir /var/lib/konvolutt@nord/post --mailbox {MAILBOX} {} --daily /etc/konvolutt/keys/daily.cert.asc \
         --recovery /etc/konvolutt/keys/recovery.cert.asc --tls-certificate /etc/konvolutt/tls/chain.pem \
         --tls-key /etc/konvolutt/tls/key.pem",
        pinned.join(" ")
    ));
    machine.does("systemctl daemon-reload");
    let units = "konvolutt-web@nord.socket konvolutt-web@nord.service konvolutt-relay@nord.service";
    machine.does(&format!("systemctl enable --now {units}"));
    let own_page = |machine: &Machine| {
        let page = machine.says("curl -sk --max-time 20 https://localhost:8443/nn/s/post");
        page.contains("Send post til oss")
    };
    assert!(own_page(machine), "{}", machine.journal());
    assert_eq!(state(machine, units), "active active active");
    assert_eq!(
        machine.does("find /var/lib/konvolutt@nord -ignore_readdir_race -not -user konvolutt-nord"),
        ""
    );
    let list = |at: &str| {
        machine.sh(&format!(
            "konvolutt alarms list --config /etc/konvolutt{at}/konvolutt.toml"
        ))
    };
    machine.until("the end of all alarms", |_| {
        list("").status.success() && list("@nord").status.success()
    });
    let file = "../konvolutt@nord/konvolutt.toml";
    edit(machine, file, "[forms]", "[forms");
    assert!(
        !machine
            .sh("systemctl restart konvolutt-web@nord.service")
            .status
            .success()
    );
    machine.until("the refusal", |machine| {
        state(machine, "konvolutt-web@nord.socket") == "failed"
    });
    machine.until("the alarm", |_| {
        String::from_utf8_lossy(&list("@nord").stdout).contains("/etc/konvolutt@nord/konvolutt.toml:")
    });
    assert!(list("").status.success() && answers(machine));
    edit(machine, file, "[forms", "[forms]");
    machine.does("systemctl reset-failed konvolutt-web@nord.socket");
    machine.does("systemctl start konvolutt-again@konvolutt-web@nord.service");
    machine.until("its form", own_page);
    machine.until("the end of the alarm", |_| list("@nord").status.success());
    machine.does("systemctl stop konvolutt@nord.target");
    machine.until("its end", |machine| !own_page(machine));
    assert!(answers(machine));
}
