//! The relay inside the test, with a clock of its own: for everything that takes days, or many letters.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use konvolutt::alarms::Alarms;
use konvolutt::relay::smtp::{self, Login, Proof, Security};
use konvolutt::relay::{AddressBook, Relay, RelayError, Transport, TransportSettings, client_config};
use konvolutt::store::files::{FileStore, Settings};
use konvolutt::store::{Envelope, Inbox, State, Store};
use konvolutt_letter::Reference;
use tempfile::TempDir;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use super::authority::{MAILBOX, SENDER};
use super::script::Script;
use super::sealed_mail::{addresses, armor, framed, mail_head, message};

pub struct Depot {
    dir: TempDir,
    pub store: Arc<dyn Store>,
    pub alarms: Arc<Alarms>,
    /// Between sender and id, where letters are named so.
    pub bounce_delimiter: Option<char>,
    begin: (SystemTime, Instant),
}

impl Depot {
    pub fn new() -> Self {
        Self::keeping(Settings::at("".into()).keep_delivered_days)
    }

    /// Delivered letters are kept for so many days.
    pub fn keeping(keep_delivered_days: u32) -> Self {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("password"), "løyndom\n").unwrap();
        let settings = Settings {
            keep_delivered_days,
            ..Settings::at(dir.path().join("spool"))
        };
        Self {
            alarms: Arc::new(Alarms::new(settings.alarms(), &[])),
            store: Arc::new(FileStore::open(&settings).unwrap()),
            dir,
            bounce_delimiter: None,
            begin: (SystemTime::now(), Instant::now()),
        }
    }

    pub fn root(&self) -> &Path {
        self.dir.path()
    }

    /// Attempts at a letter that waits, or waited.
    pub fn attempts(&self, name: &str) -> u32 {
        let letter = self.store.show(name).unwrap();
        letter.map_or(0, |letter| letter.status.attempts)
    }

    /// Puts a letter of about this size into the store; gives its name and its bytes.
    pub fn letter(&self, number: u32, size: usize) -> (String, Vec<u8>) {
        put_letter(&*self.store, number, size)
    }

    /// The same to another mailbox than usual; gives its name.
    pub fn letter_to(&self, number: u32, mailbox: &str, address: &str) -> String {
        put_letter_to(&*self.store, number, 2_000, mailbox, address).0
    }

    /// The way to a mail server on this host.
    pub fn smtp(&self, port: u16, security: Security, root: &str, connections: usize) -> smtp::Settings {
        let ca = self.root().join("ca.pem");
        std::fs::write(&ca, root).unwrap();
        smtp::Settings {
            host: "localhost".into(),
            port,
            security,
            tls: Some(client_config(Some(&ca)).unwrap()),
            identity: None,
            client_key: None,
            hello: "authority.example".into(),
            login: None,
            connections,
        }
    }

    /// Starts the relay towards a scripted server, with a login; both clocks are the runtime's.
    pub fn serve(&self, script: &Script) -> Running {
        let security = if script.tls_first {
            Security::Implicit
        } else {
            Security::Starttls
        };
        let mut smtp = self.smtp(script.port, security, &script.root, 4);
        smtp.login = Some(Login {
            user: "relay".into(),
            proof: Proof::Password(self.root().join("password")),
        });
        self.run(TransportSettings::Smtp(smtp))
    }

    pub fn run(&self, settings: TransportSettings) -> Running {
        let (wall, begin) = self.begin;
        let transport = Transport::new(settings).unwrap();
        let addresses = AddressBook {
            bounce_delimiter: self.bounce_delimiter,
            ..addresses()
        };
        let relay = Relay::new(self.store.clone(), self.alarms.clone(), addresses, transport);
        let relay = relay.with_clock(move || wall + begin.elapsed());
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn(relay.run(stopped));
        Running { stop, task }
    }

    pub fn count(&self, state: State) -> usize {
        match state {
            State::Waiting => self.store.waiting().unwrap().len(),
            state => self.store.names(state).unwrap().len(),
        }
    }

    /// Waits until something is so; at most this long, on the runtime's clock.
    pub async fn until(&self, what: &str, within: Duration, is_so: impl Fn() -> bool) {
        let end = Instant::now() + within;
        while !is_so() {
            assert!(
                Instant::now() < end,
                "{what} did not happen; alarms {:?}",
                self.alarms.alarms()
            );
            sleep(within.div_f64(5000.0).max(Duration::from_millis(10))).await;
        }
    }
}

pub struct Running {
    stop: watch::Sender<bool>,
    task: JoinHandle<Result<(), RelayError>>,
}

impl Running {
    pub async fn end(self) {
        self.stop.send_replace(true);
        self.task.await.unwrap().unwrap();
    }
}

/// A letter that was never encrypted: what counts here is where the bytes go.
pub fn put_letter(inbox: &dyn Inbox, number: u32, size: usize) -> (String, Vec<u8>) {
    put_letter_to(inbox, number, size, "postmottak", MAILBOX)
}

fn put_letter_to(inbox: &dyn Inbox, number: u32, size: usize, mailbox: &str, address: &str) -> (String, Vec<u8>) {
    let identity = inbox.identities().of(&number.to_be_bytes(), &[0; 32]);
    let reference = Reference::from_random(&identity.reference).to_string();
    let head = mail_head(number, &reference, address);
    // Of four bytes in the mail three are the message's.
    let data = size.saturating_sub(head.text().len()) / 66 * 48;
    let mail = framed(&head, &armor(&message(&vec![number as u8; data])));
    let mut pending = inbox.begin().unwrap();
    pending.write_all(&mail).unwrap();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let envelope = Envelope {
        mailbox: mailbox.into(),
        from: SENDER.into(),
        to: address.into(),
        reference,
        accepted: now - now % 60,
    };
    pending.commit(&identity, &envelope).unwrap();
    (identity.name, mail)
}
