//! The scripts that keep a token fresh, against a token server that does what it is told.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::mpsc::{Receiver, channel};
use std::thread::spawn;

struct Renewal {
    dir: tempfile::TempDir,
    script: &'static str,
}

impl Renewal {
    fn new(script: &'static str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        for folder in ["run", "secrets"] {
            fs::create_dir(dir.path().join(folder)).unwrap();
        }
        // As an editor leaves them, with signs that mean something in a form.
        fs::write(dir.path().join("secrets/client-secret"), "a~b+c&d=e\r\n").unwrap();
        fs::write(dir.path().join("secrets/refresh-token"), "1//0g-x\n").unwrap();
        Self { dir, script }
    }

    fn token(&self) -> PathBuf {
        self.dir.path().join("run/mail")
    }

    fn run(&self, port: u16) -> Output {
        let script = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("packaging/oauth2")
            .join(self.script);
        let mut command = Command::new(script);
        command.env("TOKEN_URL", format!("http://127.0.0.1:{port}/token"));
        command.env("CLIENT_ID", "00000000-1111").env("TENANT", "unused");
        command.env("RUNTIME_DIRECTORY", self.dir.path().join("run"));
        command.env("CREDENTIALS_DIRECTORY", self.dir.path().join("secrets"));
        command.output().unwrap()
    }
}

/// Answers each request with the next of these; gives the requests.
fn token_server(answers: &'static [(u16, &'static str)]) -> (u16, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (tell, told) = channel();
    spawn(move || {
        for (status, body) in answers {
            let (mut stream, _) = listener.accept().unwrap();
            tell.send(request(&mut stream)).unwrap();
            let head = format!(
                "HTTP/1.1 {status} x\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                body.len()
            );
            stream.write_all(format!("{head}{body}").as_bytes()).unwrap();
        }
    });
    (port, told)
}

/// Head and body of a POST.
fn request(stream: &mut impl Read) -> String {
    let mut text = String::new();
    loop {
        let mut some = [0; 4096];
        let read = stream.read(&mut some).unwrap();
        text += std::str::from_utf8(&some[..read]).unwrap();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("Content-Length: "))
            .unwrap();
        if body.len() == length.parse::<usize>().unwrap() {
            return text;
        }
    }
}

#[test]
#[ignore = "needs bash and curl"]
fn a_token_is_fetched_and_replaced_in_one_step() {
    // On one line as Microsoft answers, and on many as Google does.
    const ONE: &str = r#"{"token_type":"Bearer","expires_in":3599,"access_token":"eyJ0.one-_x"}"#;
    const MANY: &str = "{\n  \"access_token\": \"ya29.two\",\n  \"expires_in\": 3599\n}\n";
    const ANSWERS: &[(u16, &str)] = &[
        (200, ONE),
        (200, MANY),
        (400, r#"{"error":"invalid_client"}"#),
        (200, "{}"),
    ];
    for (script, wanted) in [
        (
            "microsoft365.sh",
            [
                "grant_type=client_credentials",
                "scope=https%3A%2F%2Foutlook.office365.com%2F.default",
            ],
        ),
        ("google.sh", ["grant_type=refresh_token", "refresh_token=1%2F%2F0g-x&"]),
    ] {
        let renewal = Renewal::new(script);
        let (port, requests) = token_server(ANSWERS);
        let output = renewal.run(port);
        assert!(output.status.success(), "{output:?}");
        assert_eq!(fs::read_to_string(renewal.token()).unwrap(), "eyJ0.one-_x\n");
        let first = fs::metadata(renewal.token()).unwrap();
        assert_eq!(first.permissions().mode() & 0o777, 0o640);
        let request = requests.recv().unwrap();
        for part in wanted
            .into_iter()
            .chain(["client_id=00000000-1111", "client_secret=a~b%2Bc%26d%3De"])
        {
            assert!(request.contains(part), "{script} {part} in {request}");
        }

        assert!(renewal.run(port).status.success());
        assert_eq!(fs::read_to_string(renewal.token()).unwrap(), "ya29.two\n");
        assert_ne!(
            fs::metadata(renewal.token()).unwrap().ino(),
            first.ino(),
            "another file in its place"
        );

        // A no, and an answer without a token: the old one stays, and systemd sees that it failed.
        for words in ["invalid_client", "holds no access_token"] {
            let output = renewal.run(port);
            assert!(!output.status.success(), "{output:?}");
            assert!(String::from_utf8_lossy(&output.stderr).contains(words), "{output:?}");
            assert!(!String::from_utf8_lossy(&output.stderr).contains("a~b"), "{output:?}");
            assert_eq!(fs::read_to_string(renewal.token()).unwrap(), "ya29.two\n");
        }
        assert_eq!(fs::read_dir(renewal.dir.path().join("run")).unwrap().count(), 1);
    }
}

/// The form's side runs as the same user as the relay, and talks to strangers.
#[test]
fn the_token_is_hidden_from_all_units_but_the_relay() {
    let packaging = Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging");
    let read = |file: &str| fs::read_to_string(packaging.join(file)).unwrap();
    let service = read("oauth2/konvolutt-token.service");
    let folder = service
        .lines()
        .find_map(|line| line.strip_prefix("RuntimeDirectory="))
        .unwrap();
    let hides = |unit: &str| {
        let unit = read(&format!("systemd/{unit}.service"));
        let mut hidden = unit
            .lines()
            .filter_map(|line| line.strip_prefix("InaccessiblePaths="))
            .flat_map(str::split_whitespace);
        hidden.any(|path| path == format!("-/run/{folder}"))
    };
    assert!(hides("konvolutt-web") && hides("konvolutt-refresh"));
    assert!(!hides("konvolutt-relay"), "the control: it reads the token");
    // What is not there when a unit starts is not hidden from it.
    let first = format!("d /run/{folder} 0750 konvolutt konvolutt");
    assert!(read("oauth2/tmpfiles.conf").lines().any(|line| line == first));
}
