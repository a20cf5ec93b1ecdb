//! A database in the configuration, as far as it goes without one: what `check` says, what a sandbox opens, what commands
//! answer while nobody is there.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use konvolutt::cli::sandbox;
use konvolutt::config::{Overrides, Role, inspect};

use crate::support::Authority;

/// Each side with a password in a folder of its own, as the sandbox wants it. Nobody listens at the port.
fn with_database(authority: &Authority, hosts: &str, standbys: u32) {
    let mut section =
        format!("[store.postgres]\nhosts = [{hosts}]\ndatabase = \"k\"\nstandbys = {standbys}\nnode = \"a\"\n");
    for side in ["web", "relay", "operator"] {
        let folder = authority.root.join("db").join(side);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("password"), "of a test\n").unwrap();
        fs::set_permissions(folder.join("password"), fs::Permissions::from_mode(0o600)).unwrap();
        section += &format!("[store.postgres.{side}]\npassword_file = \"db/{side}/password\"\n");
    }
    authority.edit("konvolutt.toml", "[forms]", &format!("{section}\n[forms]"));
}

fn command(authority: &Authority, words: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_konvolutt"));
    command.args(words).arg("--config").arg(authority.config());
    command.output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap() + &String::from_utf8_lossy(&output.stderr)
}

fn a_free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// What a sandbox of this role opens.
fn opened(authority: &Authority, role: Role) -> String {
    let overrides = Overrides {
        role,
        ..Overrides::default()
    };
    let config = inspect(&authority.config(), &overrides).config.unwrap();
    format!("{:?}", sandbox::needs(&config, role).unwrap())
}

#[test]
fn a_side_may_go_to_the_servers_with_its_own_login_and_no_queue_on_disk_is_open() {
    let dir = tempfile::tempdir().unwrap();
    let authority = crate::sandbox::authority(dir.path());
    // The control: with files the web side connects to nothing, and links into the queue.
    let files = opened(&authority, Role::Web);
    assert!(files.contains("ports: None") && files.contains("spool/new"), "{files}");
    with_database(
        &authority,
        "\"127.0.0.1:6543\", \"db2.authority.example\", \"/run/postgresql\"",
        1,
    );
    let (web, relay) = (opened(&authority, Role::Web), opened(&authority, Role::Relay));
    for (own, other, told) in [("db/web", "db/relay", &web), ("db/relay", "db/web", &relay)] {
        assert!(
            told.contains("6543") && told.contains("5432") && told.contains("names: true"),
            "{told}"
        );
        assert!(told.contains(own) && told.contains("spool/alarms"), "{told}");
        for closed in [
            other,
            "db/operator",
            "spool/new",
            "spool/held",
            "spool/delivered",
            "spool/corrupt",
        ] {
            assert!(!told.contains(closed), "{closed}: {told}");
        }
    }
    // Drafts are still the web side's, and the lock of who delivers the relay's.
    assert!(web.contains("spool/draft") && !web.contains("relay.lock"), "{web}");
    assert!(
        relay.contains("relay.lock") && !relay.contains("spool/draft"),
        "{relay}"
    );
}

#[test]
fn by_an_address_or_a_socket_no_name_is_looked_up() {
    for hosts in ["\"127.0.0.1:6543\"", "\"/run/postgresql\""] {
        let dir = tempfile::tempdir().unwrap();
        let authority = crate::sandbox::authority(dir.path());
        with_database(&authority, hosts, 0);
        let web = opened(&authority, Role::Web);
        assert!(web.contains("names: false") && web.contains("ports: Some"), "{web}");
    }
}

#[test]
fn a_folder_with_the_passwords_of_two_sides_is_told_and_opens_one_file() {
    let dir = tempfile::tempdir().unwrap();
    let authority = crate::sandbox::authority(dir.path());
    with_database(&authority, "\"127.0.0.1:6543\"", 0);
    let opens = |told: &str| told.contains("would open another side's password of the database too");
    let good = said(&command(&authority, &["check"]));
    assert!(!opens(&good), "{good}");
    fs::rename(dir.path().join("db/relay/password"), dir.path().join("db/web/relay")).unwrap();
    authority.edit("konvolutt.toml", "db/relay/password", "db/web/relay");
    let told = said(&command(&authority, &["check"]));
    assert!(opens(&told) && told.contains("The web side needs"), "{told}");
    let web = opened(&authority, Role::Web);
    assert!(web.contains("db/web/password\"") && !web.contains("db/web\""), "{web}");
}

#[test]
fn check_says_what_a_receipt_means() {
    let dir = tempfile::tempdir().unwrap();
    let authority = crate::sandbox::authority(dir.path());
    let files = said(&command(&authority, &["check"]));
    assert!(
        files.contains("a receipt is given when a letter is on this machine's disk"),
        "{files}"
    );
    for (standbys, words) in [
        (
            0,
            "on one machine, the database's disk; a managed single instance is one disk",
        ),
        (
            2,
            "on 3 machines, as far as the database proves it (`check --online` asks it)",
        ),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let authority = crate::sandbox::authority(dir.path());
        with_database(&authority, "\"127.0.0.1:6543\"", standbys);
        let told = said(&command(&authority, &["check"]));
        assert!(told.contains(words), "{told}");
        assert!(
            told.contains("what the database proves of letters: `konvolutt check --online`"),
            "{told}"
        );
    }
}

/// Nobody may wait for minutes, or read a fault of the program.
#[test]
fn commands_answer_while_no_server_is_there() {
    let dir = tempfile::tempdir().unwrap();
    let authority = crate::sandbox::authority(dir.path());
    with_database(&authority, &format!("\"127.0.0.1:{}\"", a_free_port()), 1);
    let began = Instant::now();
    let online = command(&authority, &["check", "--online"]);
    let told = said(&online);
    assert_eq!(online.status.code(), Some(1));
    assert!(
        told.contains("No server of the database proves that it keeps letters: the form would be closed."),
        "{told}"
    );
    assert!(!told.contains("on 2 machines before its receipt"), "{told}");
    let show = command(&authority, &["store", "show", "--json"]);
    assert_eq!(show.status.code(), Some(1));
    let told: serde_json::Value = serde_json::from_slice(&show.stdout).unwrap();
    assert_eq!((&told["store"], &told["proves"]), (&"postgres".into(), &false.into()));
    assert!(
        told["hosts"][0]["problem"].as_str().is_some_and(|why| !why.is_empty()),
        "{told}"
    );
    assert_eq!(told["letters"], serde_json::Value::Null);
    // What stands is listed all the same: here nothing.
    let alarms = command(&authority, &["alarms", "list"]);
    assert!(
        alarms.status.success() && said(&alarms).contains("no alarm stands"),
        "{}",
        said(&alarms)
    );
    let queue = command(&authority, &["queue", "list"]);
    assert!(
        !queue.status.success() && !said(&queue).contains("panicked"),
        "{}",
        said(&queue)
    );
    let migrate = command(
        &authority,
        &["store", "migrate", "--as", "owner", "--password-file", "/dev/null"],
    );
    assert!(
        !migrate.status.success() && said(&migrate).contains("nothing was changed"),
        "{}",
        said(&migrate)
    );
    assert!(began.elapsed() < Duration::from_secs(60), "{:?}", began.elapsed());
}

#[test]
fn the_store_of_files_is_shown_with_its_letters() {
    let dir = tempfile::tempdir().unwrap();
    let authority = crate::sandbox::authority(dir.path());
    let show = command(&authority, &["store", "show", "--json"]);
    let told: serde_json::Value = serde_json::from_slice(&show.stdout).unwrap();
    assert!(
        show.status.success() && told["store"] == "files" && told["proves"] == true,
        "{told}"
    );
    assert_eq!(told["letters"]["waiting"]["letters"], 0);
    assert!(
        Path::new(told["directory"].as_str().unwrap()).ends_with("spool"),
        "{told}"
    );
    let migrate = command(&authority, &["store", "migrate", "--as", "owner"]);
    assert!(said(&migrate).contains("no [store.postgres]") && !migrate.status.success());
}
