//! Several nodes of one store behind one proxy: a text waits in the memory of the node that it was sent to, and is found by
//! that node's name in the address.

use std::cell::Cell;
use std::io::Write;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use axum::Router;
use konvolutt::alarms::{Alarms, STEP, Side};
use konvolutt::intake::probe;
use konvolutt::readiness::{self, Readiness};
use konvolutt::submission::Pipeline;
use tempfile::TempDir;

use crate::support::{Answer, Form, Marker, Office, reference_at};

const FORM: &str = "/nn/s/skriv";
const GONE: &str = "Det du skreiv, er borte.";
const SAID: &str = "somebody's text was asked for here that another node keeps";

/// A web node in this process.
struct Node {
    name: Option<&'static str>,
    routes: Router,
    alarms: Arc<Alarms>,
}

impl Node {
    fn new(name: Option<&'static str>, directory: &TempDir, pipeline: &Pipeline) -> Self {
        let own = format!("alarms-{}", name.unwrap_or("alone"));
        let alarms = Arc::new(Alarms::new(directory.path().join(own), &[Side::Web]));
        let readiness = Readiness::new(&alarms);
        let pipeline = Arc::new(Pipeline {
            alarms: alarms.clone(),
            witness: readiness.witness(),
            ..pipeline.clone()
        });
        readiness::start(&readiness, pipeline.clone()).unwrap();
        let end = Instant::now() + Duration::from_secs(60);
        while !readiness.form(&pipeline.forms[0]).is_open() {
            assert!(Instant::now() < end, "{:?}", readiness.stops());
            std::thread::sleep(Duration::from_millis(10));
        }
        Self {
            name,
            routes: probe::routes_on_node(pipeline, readiness, name.map(Arc::from)),
            alarms,
        }
    }

    fn ask(&self, request: &[u8]) -> Answer {
        let answer = probe::question(&self.routes, request).unwrap();
        Answer::read(&answer)
    }

    fn get(&self, address: &str) -> Answer {
        self.ask(&get(address))
    }

    /// The form as this node shows it, filled in with this, at the address that it says.
    fn page(&self, texts: &[(&str, &str)]) -> Form {
        let shown = self.get(FORM).body;
        let between = |before: &str| {
            let rest = shown.split(before).nth(1).unwrap_or_else(|| panic!("{shown}"));
            rest.split('"').next().unwrap().to_owned()
        };
        let action = between("method=\"post\" action=\"");
        let form = Form::new(SocketAddr::from(([127, 0, 0, 1], 80)), &action);
        let form = form.text("_token", &between("name=\"_token\" value=\""));
        texts.iter().fold(form, |form, (name, value)| form.text(name, value))
    }

    /// Requests for what another keeps, as `/metrics` tells them.
    fn missed(&self) -> u64 {
        let told = self.alarms.metrics(SystemTime::now() + Duration::from_secs(STEP));
        let line = "konvolutt_letters_total{event=\"elsewhere\"} ";
        told.lines()
            .find_map(|found| found.strip_prefix(line))
            .unwrap()
            .parse()
            .unwrap()
    }
}

fn get(address: &str) -> Vec<u8> {
    let address = address.split('#').next().unwrap();
    format!("GET {address} HTTP/1.1\r\nHost: 127.0.0.1:80\r\nConnection: close\r\n\r\n").into_bytes()
}

/// Two nodes of one store, and what was written for them.
struct Scene {
    marker: Marker,
    a: Node,
    b: Node,
    directory: TempDir,
}

impl Scene {
    fn new() -> Self {
        let office = Office::with(|authority| {
            let review = "slug = \"skriv\"\nreview = true";
            authority.edit("forms/krisesenter.toml", "slug = \"skriv\"", review);
            authority.edit(
                "forms/krisesenter.toml",
                "[archive]",
                "[receipt]\ncopy = true\n\n[archive]",
            );
        });
        let (directory, pipeline) = office.into_pipeline();
        Self {
            marker: Marker::new(),
            a: Node::new(Some("a"), &directory, &pipeline),
            b: Node::new(Some("b"), &directory, &pipeline),
            directory,
        }
    }

    /// A page that comes back: the message is missing.
    fn mistake(&self, at: &Node) -> Form {
        at.page(&[("namn", &self.marker.text), ("melding", "")])
    }

    fn letter(&self, at: &Node) -> Form {
        at.page(&[("melding", &self.marker.text)])
    }

    fn has_text(&self, page: &Answer) -> bool {
        page.body.contains(&self.marker.text)
    }

    fn reference(&self, receipt: &Answer) -> String {
        reference_at(&self.directory.path().join("spool"), receipt.location())
    }
}

/// As the proxies of `docs/postgres.md`: by the name in the address, and else in turn.
struct Proxy<'a> {
    nodes: [&'a Node; 2],
    turn: Cell<usize>,
}

impl<'a> Proxy<'a> {
    fn new(scene: &'a Scene) -> Self {
        Self {
            nodes: [&scene.a, &scene.b],
            turn: Cell::new(0),
        }
    }

    fn ask(&self, request: &[u8]) -> Answer {
        self.node_of(request).ask(request)
    }

    fn node_of(&self, request: &[u8]) -> &'a Node {
        let line = request.split(|byte| *byte == b'\r').next().unwrap();
        let line = String::from_utf8(line.to_vec()).unwrap();
        let query = line
            .split(' ')
            .nth(1)
            .unwrap()
            .split_once('?')
            .map_or("", |(_, query)| query);
        let is_named = |node: &&&Node| {
            let name = node.name.unwrap();
            let values = query
                .split('&')
                .filter_map(|pair| pair.strip_prefix("k=").or(pair.strip_prefix("v=")));
            values.into_iter().any(|value| value.starts_with(&format!("{name}.")))
        };
        self.nodes.iter().find(is_named).copied().unwrap_or_else(|| {
            self.turn.set(self.turn.get() + 1);
            self.nodes[self.turn.get() % 2]
        })
    }

    fn get(&self, address: &str) -> Answer {
        self.ask(&get(address))
    }
}

/// What is said while this runs.
fn log_of(work: impl FnOnce()) -> String {
    #[derive(Clone, Default)]
    struct Said(Arc<Mutex<Vec<u8>>>);
    impl Write for Said {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let said = Said::default();
    let own = said.clone();
    let log = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || own.clone())
        .finish();
    tracing::subscriber::with_default(log, work);
    let said = said.0.lock().unwrap().clone();
    String::from_utf8(said).unwrap()
}

#[test]
fn a_text_that_another_node_keeps_is_gone_here_and_safe_there() {
    let scene = Scene::new();
    let sent = scene.a.ask(&scene.mistake(&scene.a).bytes());
    assert_eq!(sent.status, 303, "{}", sent.body);
    let address = sent.location();
    assert!(address.starts_with("/nn/s/skriv?k=a."), "{address}");
    let log = log_of(|| {
        for _ in 0..3 {
            let page = scene.b.get(address);
            assert_eq!(page.status, 200, "{}", page.body);
            assert!(page.body.contains(GONE) && !scene.has_text(&page), "{}", page.body);
        }
    });
    assert_eq!(log.matches(SAID).count(), 1, "{log}");
    assert!(log.contains("WARN") && log.contains("docs/postgres.md"), "{log}");
    // Neither the text, nor the key to it.
    let key = address.split("k=a.").nth(1).unwrap().split('&').next().unwrap();
    assert!(
        key.len() > 40 && !log.contains(key) && !log.contains(&scene.marker.text),
        "{log}"
    );
    assert_eq!((scene.a.missed(), scene.b.missed()), (0, 3));
    // Who asked in the wrong place took nothing away.
    let page = scene.a.get(address);
    assert!(scene.has_text(&page) && !page.body.contains(GONE), "{}", page.body);
    assert!(scene.a.get(address).body.contains(GONE), "the control: once");
    assert_eq!(scene.a.missed(), 0, "its own is not another's");
}

#[test]
fn a_proxy_that_goes_by_the_name_in_the_address_keeps_every_text() {
    let scene = Scene::new();
    let proxy = Proxy::new(&scene);
    for node in [&scene.a, &scene.b, &scene.a] {
        let name = node.name.unwrap();
        let page = scene.mistake(node);
        assert!(page.path.ends_with(&format!("?v={name}.0")), "{}", page.path);
        // A mistake, another language, answers that are looked over: each is a page that waits.
        let looked_over = scene.letter(node).text("_review", "1");
        for form in [page.clone(), page.text("_lang", "nb"), looked_over] {
            let sent = proxy.ask(&form.bytes());
            assert!(sent.location().contains(&format!("?k={name}.")), "{}", sent.location());
            let shown = proxy.get(sent.location());
            assert!(scene.has_text(&shown) && !shown.body.contains(GONE), "{}", shown.body);
        }
    }
    // A page that names no node, sent to either: the answer names the one that has it.
    for _ in 0..2 {
        let mut page = scene.mistake(&scene.a);
        page.path = FORM.to_owned();
        let sent = proxy.ask(&page.bytes());
        assert!(scene.has_text(&proxy.get(sent.location())), "{}", sent.location());
    }
    assert_eq!((scene.a.missed(), scene.b.missed()), (0, 0));
    // The control: without the names half of them would have met the other node.
    let other = |address: &str| address.replace("k=a.", "k=").replace("v=a.", "v=");
    let sent = scene.a.ask(&scene.mistake(&scene.a).bytes());
    assert!(!scene.has_text(&proxy.get(&other(sent.location()))));
    assert!(!scene.has_text(&proxy.get(&other(sent.location()))));
}

#[test]
fn a_receipt_is_every_nodes_and_the_copy_with_it_is_of_one() {
    let scene = Scene::new();
    let form = scene.letter(&scene.a);
    let sent = scene.a.ask(&form.bytes());
    let address = sent.location();
    assert!(
        address.contains("/kvittering/") && address.contains("?k=a."),
        "{address}"
    );
    // The same page sent to the other node is the same letter, and waits there too.
    let again = scene.b.ask(&form.bytes());
    assert!(again.location().contains("?k=b."), "{}", again.location());
    assert_eq!(scene.reference(&sent), scene.reference(&again));

    let copy_on = |page: &Answer| {
        let found = page.body.split("href=\"").find(|rest| rest.contains("/kopi?k="));
        found.map(|rest| rest.split('"').next().unwrap().to_owned())
    };
    let elsewhere = scene.b.get(address);
    assert!(elsewhere.status == 200 && elsewhere.body.contains(&scene.reference(&sent)));
    assert_eq!(copy_on(&elsewhere), None, "nothing is offered that cannot be given");
    let proxy = Proxy::new(&scene);
    let copy = copy_on(&proxy.get(address)).unwrap();
    assert!(copy.contains("/kopi?k=a."), "{copy}");
    let gone = scene.b.get(&copy);
    assert!(gone.status == 410 && !scene.has_text(&gone), "{}", gone.body);
    assert_eq!(scene.b.missed(), 2);
    let shown = proxy.get(&copy);
    assert!(shown.status == 200 && scene.has_text(&shown), "{}", shown.body);
}

#[test]
fn what_is_no_name_of_a_node_opens_nothing() {
    let scene = Scene::new();
    let sent = scene.a.ask(&scene.mistake(&scene.a).bytes());
    let key = sent.location().split("k=a.").nth(1).unwrap().split('&').next().unwrap();
    for odd in ["", "..", "../a", "A", "%61", "abcdefghijklmnopq", "a.a", "a/b"] {
        for node in [&scene.a, &scene.b] {
            let page = node.get(&format!("{FORM}?k={odd}.{key}"));
            assert!(
                page.body.contains(GONE) && !scene.has_text(&page),
                "{odd}: {}",
                page.body
            );
        }
    }
    let bare = scene.a.get(&format!("{FORM}?k={key}"));
    assert!(bare.body.contains(GONE) && !scene.has_text(&bare));
    assert_eq!((scene.a.missed(), scene.b.missed()), (0, 0), "none of them is a node's");
    assert!(scene.has_text(&scene.a.get(sent.location())), "the control");
}

#[test]
fn one_node_alone_has_no_name_in_any_address() {
    let (directory, pipeline) = Office::new().into_pipeline();
    let alone = Node::new(None, &directory, &pipeline);
    let form = alone.page(&[("namn", "Kari"), ("melding", "")]);
    assert_eq!(form.path, FORM);
    let sent = alone.ask(&form.bytes());
    let key = sent.location().strip_prefix("/nn/s/skriv?k=").unwrap();
    assert!(key.len() == 43 && !key.contains(['.', '&']), "{key}");
    assert!(alone.get(&format!("{FORM}?k=a.{key}")).body.contains(GONE));
    assert!(alone.get(sent.location()).body.contains("Kari"));
    assert_eq!(alone.missed(), 0);
}
