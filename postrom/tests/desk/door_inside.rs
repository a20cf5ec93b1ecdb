//! What reaches the pages behind the door, and what becomes of a fault in them. In this process, with pages of our own.

use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::Request;
use axum::routing::{get, post};
use postrom::desk::front::keep_watch;
use postrom::desk::http::{Behind, DROP_LIMIT, Door, Event, serve};
use postrom::i18n::Lang;

use super::office::{Office, until};
use super::visit::{Answer, say};

struct Served {
    door: Arc<Door>,
    address: SocketAddr,
    home: String,
    told: Arc<Mutex<Vec<Event>>>,
    thread: Option<JoinHandle<()>>,
}

impl Served {
    fn new(router: Router) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let told: Arc<Mutex<Vec<Event>>> = Arc::default();
        let to = Arc::clone(&told);
        let behind = Behind {
            is_locked: Box::new(|| false),
            tell: Box::new(move |event| to.lock().unwrap().push(event)),
            lang: Lang::Nn,
        };
        let door = Door::new(address, behind).unwrap();
        let own = Arc::clone(&door);
        let thread = std::thread::spawn(move || serve(listener, router, &own).unwrap());
        let mut served = Self {
            door,
            address,
            home: String::new(),
            told,
            thread: Some(thread),
        };
        served.home = served.enter();
        served
    }

    fn enter(&self) -> String {
        let invitation = self.door.invite(None).unwrap();
        let path = invitation.strip_prefix(&format!("http://{}", self.address)).unwrap();
        self.ask("GET", path, "").header("location").unwrap().to_owned()
    }

    fn ask(&self, method: &str, path: &str, more: &str) -> Answer {
        let address = self.address;
        let own = format!("Host: {address}\r\nConnection: close\r\n");
        say(address, format!("{method} {path} HTTP/1.1\r\n{own}{more}\r\n"))
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.door.stop();
        self.thread.take().unwrap().join().unwrap();
    }
}

async fn shown(request: Request) -> String {
    format!("{} {} {:?}", request.method(), request.uri(), request.headers())
}

#[test]
fn the_pages_do_not_know_the_secret() {
    let served = Served::new(Router::new().fallback(shown));
    let ask = |rest: &str| served.ask("GET", &format!("{}{rest}", served.home), "").body;
    assert!(ask("").starts_with("GET / "));
    assert!(ask("letter/7/file/2/preview.png?a=b%2F").starts_with("GET /letter/7/file/2/preview.png?a=b%2F "));
    for rest in ["", "letter/7", "x?y", "//evil.example/", "../..", "%00"] {
        let body = ask(rest);
        assert!(!body.contains(served.home.trim_matches('/')), "{rest}: {body}");
    }
}

async fn fault() -> String {
    panic!("what a citizen wrote")
}

#[test]
fn a_fault_is_a_page_that_says_so_and_the_desk_goes_on() {
    let served = Served::new(Router::new().route("/", get(shown)).route("/fault", get(fault)));
    let answer = served.ask("GET", &format!("{}fault", served.home), "");
    assert_eq!(answer.status, 500);
    assert!(answer.body.contains("Programmet gjorde ein feil") && !answer.body.contains("citizen"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(served.ask("GET", &served.home, "").status, 200);
    assert!(served.told.lock().unwrap().is_empty());
}

async fn length(bytes: Bytes) -> String {
    bytes.len().to_string()
}

#[test]
fn a_file_is_taken_whole_and_an_endless_one_is_not() {
    let served = Served::new(Router::new().route("/drop", post(length)).route("/form", post(length)));
    let send = |path: &str, pieces: usize| {
        let piece = [b"10000\r\n".to_vec(), vec![b'x'; 0x10000], b"\r\n".to_vec()].concat();
        let (home, address) = (&served.home, served.address);
        let own = format!("Host: {address}\r\nOrigin: http://{address}\r\nConnection: close\r\n");
        let mut words = format!("POST {home}{path} HTTP/1.1\r\n{own}Transfer-Encoding: chunked\r\n\r\n").into_bytes();
        (0..pieces).for_each(|_| words.extend(&piece));
        words.extend(b"0\r\n\r\n");
        say(address, words)
    };
    let most = DROP_LIMIT / 0x10000;
    assert_eq!(send("drop", most).body, DROP_LIMIT.to_string());
    assert_eq!(send("drop", most + 2).status, 413);
    assert_eq!(send("form", 1).body, 0x10000.to_string());
    assert_eq!(send("form", 3).status, 413);
}

#[test]
fn an_answer_that_would_open_the_desk_is_mended() {
    let open = || async {
        [
            ("access-control-allow-origin", "*"),
            ("set-cookie", "a=b"),
            ("cache-control", "public"),
            ("server", "x"),
        ]
    };
    let served = Served::new(Router::new().route("/", get(open)));
    let answer = served.ask("GET", &served.home, "");
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    for gone in ["access-control-allow-origin", "set-cookie", "server"] {
        assert_eq!(answer.header(gone), None);
    }
}

/// Nobody uses it, so it locks, and the pages need not ask for that.
#[test]
fn a_desk_that_nobody_uses_locks_itself() {
    let office = Office::new();
    let mut plan = office.plan("kari");
    plan.lock_after = Duration::from_secs(5);
    let room = Arc::new(Office::with(plan));
    let served = Served::new(Router::new());
    let watch = keep_watch(&room, &served.door);
    room.unlock(None).unwrap();
    for _ in 0..10 {
        std::thread::sleep(Duration::from_millis(600));
        assert!(room.open().is_some(), "it is used");
    }
    until("it locks", || room.glance().is_none());
    assert!(room.locked_by_itself());
    drop(watch);
}
