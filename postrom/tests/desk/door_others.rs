//! Other users of the machine, and what they can see of the desk.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use super::visit::{Visit, command};
use crate::program::desk::Desk;

/// What a client says and hears that runs as this user, over bash's own sockets.
fn as_user(user: &str, visit: &Visit, path: &str) -> String {
    let script = format!(
        "exec 3<>/dev/tcp/{}/{}; printf 'GET {path} HTTP/1.1\\r\\n{}Connection: close\\r\\n\\r\\n' >&3; cat <&3",
        visit.address.ip(),
        visit.address.port(),
        visit.host().replace("\r\n", "\\r\\n"),
    );
    let user = [
        format!("--reuid={user}"),
        format!("--regid={user}"),
        "--clear-groups".into(),
    ];
    let mut command = Command::new("setpriv");
    let output = command.args(user).args(["bash", "-c", &script]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
#[ignore = "needs root"]
fn another_user_is_not_let_in_with_the_right_address() {
    let visit = Visit::of(&Desk::new());
    let invitation = format!("/{}", visit.invitation);
    let refused = as_user("65534", &visit, &invitation);
    assert!(refused.starts_with("HTTP/1.1 403 "), "{refused}");
    assert!(refused.contains("belongs to another user"), "{refused}");
    let told = "Another user of this machine";
    visit.running.until(told, || visit.running.err().contains(told));
    // The control: the same client as our own user, with the same address, which was not used up.
    let own = as_user("0", &visit, &invitation);
    assert!(own.starts_with("HTTP/1.1 303 "), "{own}");
    let home = own.lines().find_map(|line| line.strip_prefix("location: ")).unwrap();
    assert!(as_user("0", &visit, home).starts_with("HTTP/1.1 200 "));
    assert!(as_user("65534", &visit, home).starts_with("HTTP/1.1 403 "));
}

/// Also root's own programs are another user's to a clerk's desk.
#[test]
#[ignore = "needs root"]
fn root_is_another_user_as_well() {
    let desk = Desk::new();
    fs::set_permissions(desk.root(), fs::Permissions::from_mode(0o777)).unwrap();
    for file in ["key.asc", "relay.asc", "mail"] {
        fs::set_permissions(desk.path(file), fs::Permissions::from_mode(0o755)).unwrap();
    }
    let program = desk.path("postrom");
    fs::copy(env!("CARGO_BIN_EXE_postrom"), &program).unwrap();
    let mut command = Command::new("setpriv");
    desk.at_home(&mut command);
    command
        .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
        .arg(program);
    command.args([
        "desk",
        "--no-browser",
        "--lang",
        "en",
        "--mail",
        "mail",
        "--key",
        "key.asc",
    ]);
    let visit = Visit::start(command);
    let invitation = format!("/{}", visit.invitation);
    assert_eq!(visit.get(&invitation).status, 403);
    assert!(as_user("65534", &visit, &invitation).starts_with("HTTP/1.1 303 "));
}

/// The words of every process, which every user of the machine can read.
fn all_words() -> String {
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let words = processes.filter_map(|process| fs::read(process.path().join("cmdline")).ok());
    words
        .map(|words| String::from_utf8_lossy(&words).replace('\0', " ") + "\n")
        .collect()
}

/// The browser is started with a one-time address of its own. Neither the printed one nor the secret is in any process' words.
#[test]
fn the_secret_stands_in_no_command_line() {
    let desk = Desk::new();
    // A browser that stays, and writes down what it was started with.
    desk.put(
        "bin/xdg-open",
        "#!/bin/sh\necho \"$1\" > opened.new; mv opened.new opened; exec sleep 60\n",
    );
    fs::set_permissions(desk.path("bin/xdg-open"), fs::Permissions::from_mode(0o755)).unwrap();
    let mut with_browser = Command::new(env!("CARGO_BIN_EXE_postrom"));
    desk.at_home(&mut with_browser);
    with_browser.args(["desk", "--lang", "en", "--mail", "mail", "--key", "key.asc"]);
    let path = format!("{}:{}", desk.path("bin").display(), std::env::var("PATH").unwrap());
    with_browser.env("PATH", path).env("DISPLAY", ":0");
    let visit = Visit::start(with_browser);
    visit.running.until("the browser", || desk.path("opened").exists());
    let opened = fs::read_to_string(desk.path("opened")).unwrap();
    let (_, browser) = opened.trim().rsplit_once('/').unwrap();
    assert!(opened.starts_with(&format!("http://{}/", visit.address)), "{opened}");
    let home = visit.enter();
    let words = all_words();
    // The control: this is where it would be seen.
    assert!(words.contains(env!("CARGO_BIN_EXE_postrom")));
    assert!(!words.contains(home.trim_matches('/')) && !words.contains(&visit.invitation));
    assert!(browser != visit.invitation && browser != home.trim_matches('/'));
    assert_eq!(visit.get(&format!("/{browser}")).status, 303);
    assert_eq!(visit.get(&format!("/{browser}")).status, 404);
    // Ctrl-C is for the desk; a browser may go on.
    visit.running.signal_all(rustix::process::Signal::INT);
    assert_eq!(visit.running.end().code, Some(0));
}

#[test]
fn without_a_browser_the_address_is_there_to_be_pasted() {
    let desk = Desk::new();
    let mut nowhere = command(&desk, &[]);
    nowhere.env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY");
    let told = Visit::start(nowhere);
    told.running.until("what to do with it", || {
        told.running.err().contains("Open the address above")
    });
}
