//! `konvolutt check` finds everything in one run.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use konvolutt::seal::generate_signing_key;
use postrom::{KeyProfile, generate};
use sequoia_openpgp::cert::CertBuilder;
use sequoia_openpgp::serialize::SerializeInto;

use crate::support::{Authority, Options, Way, World, write_identity, write_identity_for};

fn check(authority: &Authority) -> (Option<i32>, Vec<serde_json::Value>, String) {
    let run = |more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_konvolutt"));
        command
            .args(["check", "--config"])
            .arg(authority.config())
            .args(more)
            .output()
            .unwrap()
    };
    let json = run(&["--json"]);
    let diagnostics = serde_json::from_slice(&json.stdout).unwrap();
    let plain = run(&[]);
    assert_eq!(plain.status.code(), json.status.code());
    (
        json.status.code(),
        diagnostics,
        String::from_utf8(plain.stdout).unwrap(),
    )
}

fn healthy(root: &Path) -> Authority {
    let authority = Authority::new(root);
    authority.write_config(&Way::Maildir);
    // Somebody is told of alarms, as it should be.
    authority.edit(
        "konvolutt.toml",
        "[forms]",
        "[alarm]\ncommand = [\"/bin/true\"]\n\n[forms]",
    );
    authority
}

#[test]
fn a_healthy_configuration_passes() {
    let dir = tempfile::tempdir().unwrap();
    let (code, diagnostics, told) = check(&healthy(dir.path()));
    assert_eq!(code, Some(0), "{told}");
    // Where temporary files lie in memory, or in a container, that is said of the spool.
    let of_the_machine = |one: &serde_json::Value| {
        let what = one["what"].as_str().unwrap();
        one["severity"] == "warning" && what.contains("The spool") && what.contains("letters that wait are lost")
    };
    let of_the_machine = diagnostics.iter().filter(|one| of_the_machine(one)).count();
    let good = diagnostics.iter().filter(|one| one["severity"] == "good").count();
    assert_eq!(good + of_the_machine, diagnostics.len(), "{told}");
    let sum = format!("problems: 0, warnings: {of_the_machine}");
    assert!(told.contains("✓") && told.contains(&sum), "{told}");
    let everywhere = "opens in: GnuPG, Thunderbird, RNP, mutt, sq, rPGP, postrom";
    assert_eq!(told.matches(everywhere).count(), 2, "{told}");
}

/// A clerk with GnuPG must not find out from a letter that it stays shut.
#[test]
fn programs_that_cannot_open_letters_are_not_named() {
    let dir = tempfile::tempdir().unwrap();
    let authority = healthy(dir.path());
    let year = Duration::from_secs(365 * 86_400);
    let new = generate(KeyProfile::Rfc9580, "Postmottak", "p@authority.example", year, None).unwrap();
    fs::write(dir.path().join("keys/daily.cert.asc"), &new.certificate).unwrap();
    authority.edit("konvolutt.toml", &authority.daily, &new.cert.fingerprint().to_hex());
    let (code, _, told) = check(&authority);
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("; opens in: rPGP, postrom"), "{told}");
    // sq 0.27 does not take a signature that names a v6 certificate beside its own.
    let recovery = "; opens in: GnuPG, Thunderbird, RNP, mutt, rPGP, postrom";
    assert!(told.contains(recovery), "{told}");
}

#[test]
fn everything_wrong_is_found_in_one_run() {
    let dir = tempfile::tempdir().unwrap();
    let authority = healthy(dir.path());
    let root = dir.path();
    let year = Duration::from_secs(365 * 86_400);
    // A certificate that expired long ago.
    let expired = CertBuilder::general_purpose(Some("old@authority.example"))
        .set_creation_time(std::time::SystemTime::now() - 3 * year)
        .set_validity_period(year)
        .generate()
        .unwrap()
        .0;
    fs::write(root.join("keys/expired.asc"), expired.armored().to_vec().unwrap()).unwrap();
    // One that signs only, and one with its secret half.
    let (signs, _) = generate_signing_key("Signs", "s@authority.example", year).unwrap();
    fs::write(root.join("keys/signs.asc"), signs.armored().to_vec().unwrap()).unwrap();
    let secret = generate(KeyProfile::Compat, "Secret", "x@authority.example", year, None).unwrap();
    fs::write(root.join("keys/secret.asc"), &secret.key).unwrap();
    fs::copy(root.join("keys/daily.cert.asc"), root.join("keys/foreign.asc")).unwrap();
    // The spool cannot be made: a file stands in its way.
    fs::write(root.join("blocked"), "").unwrap();
    authority.edit(
        "konvolutt.toml",
        "directory = \"spool\"",
        "directory = \"blocked/spool\"\nmin_fre_mb = 1",
    );
    let more = [
        ("missing", "keys/nowhere.asc", authority.daily.clone()),
        ("expired", "keys/expired.asc", expired.fingerprint().to_hex()),
        ("signs", "keys/signs.asc", signs.fingerprint().to_hex()),
        ("secret", "keys/secret.asc", secret.cert.fingerprint().to_hex()),
        ("foreign", "keys/foreign.asc", authority.recovery.clone()),
    ];
    let mut text = fs::read_to_string(authority.config()).unwrap();
    for (_, file, fingerprint) in &more {
        text += &format!(
            "\n[[mailbox.certificate]]\nfile = \"{file}\"\nfingerprint = \"{fingerprint}\"\nrole = \"daily\"\n"
        );
    }
    text = text.replace("role = \"recovery\"", "role = \"weekly\"");
    fs::write(authority.config(), text).unwrap();
    authority.edit("forms/krisesenter.toml", "kind = \"radio\"", "kind = \"radoi\"");
    authority.edit("forms/krisesenter.toml", "title.nb = \"Hva det gjelder\"", "");
    authority.edit(
        "forms/krisesenter.toml",
        "checked = \"20",
        "checked = \"2020-01-01\" # \"20",
    );

    authority.edit("forms/krisesenter.toml", "\"75 02 17 11\"", "\"kjem seinare\"");

    let (code, diagnostics, told) = check(&authority);
    assert_eq!(code, Some(1));
    for (severity, wanted, needs_line) in [
        ("problem", "nowhere.asc: the file cannot be read", true),
        ("problem", "foreign.asc: the file holds another certificate", true),
        (
            "problem",
            "expired.asc cannot be sealed to: it is not valid at this time",
            true,
        ),
        (
            "problem",
            "signs.asc cannot be sealed to: it has no encryption subkey",
            true,
        ),
        ("problem", "secret.asc: the file holds a SECRET key", true),
        ("problem", "`spool.min_fre_mb` is not a key", true),
        ("problem", "\"weekly\" is not a role", true),
        ("problem", "is not a telephone number", true),
        ("problem", "`section.1.title` is missing in \"nb\"", true),
        ("problem", "`radoi` is not a kind of field", true),
        ("problem", "cannot be written", true),
        ("warning", "has no recovery certificate", true),
        ("warning", "last checked on 2020-", true),
    ] {
        let found = diagnostics
            .iter()
            .find(|diagnostic| diagnostic["what"].as_str().unwrap().contains(wanted));
        let found = found.unwrap_or_else(|| panic!("{wanted:?} was not found:\n{told}"));
        assert_eq!(found["severity"], severity, "{found}");
        assert!(!found["remedy"].as_str().unwrap().is_empty(), "{found}");
        assert_eq!(found["line"].is_number(), needs_line, "{found}");
    }
}

/// What `check` says of a site whose certificate was written by `write`.
fn of_site(write: impl Fn(&Path)) -> (Option<i32>, String) {
    let dir = tempfile::tempdir().unwrap();
    let authority = healthy(dir.path());
    write(dir.path());
    let key = dir.path().join("tls/key.pem");
    if fs::metadata(&key).unwrap().permissions().mode() & 0o777 == 0o644 {
        fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    }
    let tls = "names = [\"localhost\"]\n[listen.tls]\ncertificate = \"tls/chain.pem\"\nkey = \"tls/key.pem\"\n";
    let address = "address = \"127.0.0.1:0\"\n";
    authority.edit("konvolutt.toml", address, &format!("{address}{tls}"));
    let (code, _, told) = check(&authority);
    (code, told)
}

/// The certificate of the site is judged as those of the post room are.
#[test]
fn the_certificate_of_the_site_is_judged() {
    let (code, told) = of_site(|root| drop(write_identity(root, "localhost")));
    assert_eq!(code, Some(0), "{told}");
    assert!(
        told.contains("✓") && told.contains("the certificate of the web site is for localhost, until 20"),
        "{told}"
    );
    for (name, days, code, wanted) in [
        ("localhost", -30..-1, 1, "ended on "),
        ("localhost", 2..90, 1, "is valid only from "),
        (
            "elsewhere.example",
            -1..80,
            1,
            "is for elsewhere.example, not for localhost",
        ),
        ("localhost", -80..6, 0, "ends within 7 days, on "),
    ] {
        let (found, told) = of_site(|root| drop(write_identity_for(root, name, days.clone())));
        assert_eq!((found, told.contains(wanted)), (Some(code), true), "{wanted}: {told}");
    }
    let (code, told) = of_site(|root| {
        write_identity(root, "localhost");
        fs::set_permissions(root.join("tls/key.pem"), fs::Permissions::from_mode(0o666)).unwrap();
    });
    assert_eq!(code, Some(0), "{told}");
    assert!(
        told.contains("is open to everybody on this machine (mode 0666)") && told.contains("chmod 600"),
        "{told}"
    );
    let (code, told) = of_site(|root| {
        write_identity(root, "localhost");
        let other = rcgen::KeyPair::generate().unwrap();
        fs::write(root.join("tls/key.pem"), other.serialize_pem()).unwrap();
    });
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("holds the key of another certificate"), "{told}");
}

#[test]
fn check_says_what_it_cannot_see() {
    let dir = tempfile::tempdir().unwrap();
    let (_, _, told) = check(&healthy(dir.path()));
    let unseen = told.split("\nNot visible from here:\n").nth(1).unwrap();
    for wanted in ["(DNS)", "(firewall)", "send-test", "alarms test"] {
        assert!(unseen.contains(wanted), "{wanted}: {told}");
    }
}

#[test]
fn a_signing_key_that_others_can_read_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let authority = healthy(dir.path());
    let key = dir.path().join("secret/relay.key.asc");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o640)).unwrap();
    let (code, _, told) = check(&authority);
    assert_eq!(code, Some(1));
    assert!(
        told.contains("can be read by others (mode 0640)") && told.contains("chmod 600"),
        "{told}"
    );

    // The form is closed then, and says whom to phone.
    let world = World::with(Options {
        change: |authority| {
            let key = authority.root.join("secret/relay.key.asc");
            fs::set_permissions(key, fs::Permissions::from_mode(0o640)).unwrap();
        },
        ..Options::default()
    });
    let closed = world.get("/nn/s/skriv");
    assert!(
        closed.status == 503 && closed.body.contains("116 006"),
        "{}",
        closed.body
    );
    world.until("the alarm", || world.root().join("spool/alarms/signing-key").exists());
}

/// Letters that wait are not held up by what only the form needs.
#[test]
fn a_relay_starts_whatever_is_wrong_with_the_form() {
    let mut world = World::with(Options {
        without_relay: true,
        ..Options::default()
    });
    world.marked_form().send();
    world.terminate();
    let authority = &world.authority;
    fs::write(authority.root.join("file"), "").unwrap();
    fs::write(authority.root.join("pl.toml"), "language = 1\n").unwrap();
    for (from, to) in [
        ("[listen]", "logo = \"deleted.svg\"\naccent = \"#ffffff\"\n\n[listen]"),
        ("[spool]", "[spool]\ndrafts = \"file/drafts\""),
        (
            "[forms]",
            "[languages]\nfiles = [\"pl.toml\", \"deleted.toml\"]\n\n[forms]",
        ),
    ] {
        authority.edit("konvolutt.toml", from, to);
    }
    let serve = |role: &str| {
        let mut serve = Command::new(env!("CARGO_BIN_EXE_konvolutt"));
        serve
            .args(["serve", "--role", role, "--config"])
            .arg(authority.config());
        serve
    };
    let refused = serve("web").output().unwrap();
    let told = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(1), "the control: {told}");
    for name in ["deleted.svg", "#ffffff", "file/drafts", "pl.toml", "deleted.toml"] {
        assert!(told.contains(name), "{name} is not in {told}");
    }
    let log = fs::File::create(authority.root.join("relay.log")).unwrap();
    let relay = std::cell::RefCell::new(serve("relay").stderr(log).spawn().unwrap());
    world.until("the delivery", || {
        let ended = relay.borrow_mut().try_wait().unwrap();
        let told = fs::read_to_string(world.root().join("relay.log")).unwrap();
        assert!(ended.is_none(), "the relay ended: {told}");
        !world.files_in("spool/delivered").is_empty()
    });
    let mut relay = relay.into_inner();
    relay.kill().unwrap();
    relay.wait().unwrap();
}

/// The example in `config/` works once its keys are there.
#[test]
fn the_example_configuration_works() {
    let dir = tempfile::tempdir().unwrap();
    let authority = healthy(dir.path());
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/konvolutt.toml");
    let mut text = fs::read_to_string(own).unwrap();
    let zeros = "0000000000000000000000000000000000000000";
    for (place, fingerprint) in [
        ("relay", &authority.relay),
        ("daily", &authority.daily),
        ("recovery", &authority.recovery),
    ] {
        let from = format!("fingerprint = \"{zeros}\" # {place}");
        assert!(text.contains(&from), "{from}");
        text = text.replace(&from, &format!("fingerprint = \"{fingerprint}\""));
    }
    let sender = "sikkert-skjema@example.no";
    assert!(text.contains(sender));
    text = text.replace(sender, "skjema@authority.example");
    fs::create_dir_all(dir.path().join("config")).unwrap();
    fs::rename(dir.path().join("forms"), dir.path().join("config/forms")).unwrap();
    fs::write(dir.path().join("secret/smtp-password"), "x\n").unwrap();
    let config = dir.path().join("config/konvolutt.toml");
    // What the example expects on a real machine lies in the test's directory instead.
    for (from, to) in [
        ("/var/lib/konvolutt", "../spool"),
        ("/etc/konvolutt/secret", "../secret"),
        ("/etc/konvolutt/keys", "../keys"),
    ] {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    fs::write(&config, text).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_konvolutt"));
    let output = command.args(["check", "--config"]).arg(&config).output().unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{told}");
}

type Layout = fn(&Authority);

/// What is said of files whose folder would open a secret, in a layout.
fn opened(change: Layout) -> (Option<i32>, Vec<(String, String)>) {
    let dir = tempfile::tempdir().unwrap();
    let authority = crate::sandbox::authority(dir.path());
    change(&authority);
    let (code, diagnostics, _) = check(&authority);
    let text = |one: &serde_json::Value, key: &str| one[key].as_str().unwrap().to_owned();
    let told = diagnostics
        .iter()
        .filter(|one| text(one, "what").contains(" would open "));
    (
        code,
        told.map(|one| (text(one, "severity"), text(one, "what"))).collect(),
    )
}

fn moved(authority: &Authority, from: &str, to: &str) {
    fs::rename(authority.root.join(from), authority.root.join(to)).unwrap();
    authority.edit("konvolutt.toml", from, to);
}

#[test]
fn a_folder_that_would_open_a_secret_is_refused() {
    // The control: the layout that is recommended.
    assert_eq!(opened(|_| {}), (Some(0), vec![]));
    let layouts: [(Layout, &str); 8] = [
        (|it| moved(it, "keys/daily.cert.asc", "daily.cert.asc"), "the letters"),
        (
            |it| moved(it, "keys/daily.cert.asc", "mail/daily.cert.asc"),
            "the mail password",
        ),
        (|it| moved(it, "mail/password", "keys/password"), "the mail password"),
        (crate::sandbox::beside_the_password, "the mail password"),
        (
            |it| {
                crate::support::write_identity(&it.root, "localhost");
                fs::rename(it.root.join("tls/key.pem"), it.root.join("keys/client.pem")).unwrap();
                let own = "client_certificate = \"tls/chain.pem\"\nclient_key = \"keys/client.pem\"\nuser =";
                it.edit("konvolutt.toml", "user =", own);
            },
            "the key of the relay's certificate",
        ),
        (
            |it| {
                fs::create_dir_all(it.root.join("spool/new")).unwrap();
                moved(it, "keys/daily.cert.asc", "spool/new/daily.cert.asc");
            },
            "the letters",
        ),
        (
            |it| {
                fs::rename(it.root.join("keys"), it.root.join("mail/keys")).unwrap();
                std::os::unix::fs::symlink(it.root.join("mail"), it.root.join("all")).unwrap();
                fs::rename(
                    it.root.join("mail/keys/daily.cert.asc"),
                    it.root.join("mail/daily.cert.asc"),
                )
                .unwrap();
                it.edit("konvolutt.toml", "keys/daily.cert.asc", "all/daily.cert.asc");
                it.edit("konvolutt.toml", "keys/recovery.cert.asc", "all/keys/recovery.cert.asc");
            },
            "the mail password",
        ),
        (
            |it| {
                it.edit(
                    "konvolutt.toml",
                    "min_free_mb = 1",
                    "min_free_mb = 1\ndrafts = \"mail\"",
                )
            },
            "the mail password",
        ),
    ];
    for (at, (change, secret)) in layouts.into_iter().enumerate() {
        let (code, told) = opened(change);
        assert_eq!(code, Some(1), "{at}: {told:?}");
        let is_so = |(severity, what): &(String, String)| {
            severity == "problem" && what.starts_with("The web side needs ") && what.contains(secret)
        };
        assert!(told.iter().any(is_so), "{at}: {told:?}");
    }
}

/// Mails that come back are removed once they are read, so the folder is the relay's to change, with all that is in it.
#[test]
fn a_folder_for_what_comes_back_that_holds_a_secret_is_refused() {
    let layouts: [Layout; 2] = [
        |it| {
            it.edit(
                "konvolutt.toml",
                "[forms]",
                "[bounces]\ndirectories = [\"secret\"]\n\n[forms]",
            )
        },
        // Without a word of their own reports come to where acknowledgements do: that is one folder.
        |it| {
            it.edit(
                "konvolutt.toml",
                "[forms]",
                "[acknowledgements]\ndirectories = [\"secret\"]\n\n[forms]",
            )
        },
    ];
    for change in layouts {
        let (code, told) = opened(change);
        let own: Vec<_> = told
            .iter()
            .filter(|(severity, what)| severity == "problem" && what.contains("the signing key"))
            .collect();
        assert_eq!((code, own.len()), (Some(1), 1), "{told:?}");
        assert!(own[0].1.starts_with("The relay side needs "), "{told:?}");
    }
}

/// The relay reads its password also there, but a new one only after a restart.
#[test]
fn a_password_beside_the_signing_key_is_a_warning() {
    let (code, told) = opened(|it| moved(it, "mail/password", "secret/password"));
    assert_eq!(code, Some(0));
    let [(severity, what)] = &told[..] else {
        panic!("{told:?}");
    };
    assert_eq!(severity, "warning");
    assert!(what.contains("the signing key"), "{what}");
}

/// As the operator's guide says to run `check` with the units: each unit gets only what is its own.
#[test]
fn credentials_that_lie_together_are_no_warning() {
    let dir = tempfile::tempdir().unwrap();
    let authority = crate::sandbox::authority(dir.path());
    fs::rename(dir.path().join("mail/password"), dir.path().join("secret/password")).unwrap();
    authority.edit("konvolutt.toml", "mail/password", "$CREDENTIALS_DIRECTORY/password");
    let mut check = Command::new(env!("CARGO_BIN_EXE_konvolutt"));
    check.args(["check", "--config"]).arg(authority.config());
    let output = check
        .env("CREDENTIALS_DIRECTORY", dir.path().join("secret"))
        .output()
        .unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{told}");
    assert!(!told.contains(" would open "), "{told}");
}

/// It stands in the first command as it is: with a line end in it, it would be two.
#[test]
fn the_name_that_we_say_to_a_mail_server_is_a_name() {
    let smtp = "[mail.smtp]\nhost = \"mx.example\"\nsecurity = \"implicit\"\n";
    let lmtp = "[mail.lmtp]\nsocket = \"lmtp\"\n";
    for (section, key) in [(smtp, "mail.smtp.hello"), (lmtp, "mail.lmtp.hello")] {
        for (hello, good) in [
            ("skjema.authority.example", true),
            ("a\\r\\nMAIL FROM:<x@y>", false),
            ("to namn", false),
            ("", false),
        ] {
            let dir = tempfile::tempdir().unwrap();
            let authority = healthy(dir.path());
            let maildir = "[mail.maildir]\ndirectory = \"postmottak\"\n";
            let server = format!("{section}hello = \"{hello}\"\n");
            authority.edit("konvolutt.toml", maildir, &server);
            let (_, found, told) = check(&authority);
            let problem = found
                .iter()
                .any(|one| one["severity"] == "problem" && one["key"] == key);
            assert_eq!(problem, !good, "{key} {hello:?} {told}");
        }
    }
}
