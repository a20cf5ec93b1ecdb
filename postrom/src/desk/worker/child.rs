//! The process that opens.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use konvolutt_letter::hex;
use zeroize::Zeroizing;

use super::ask::{Ask, At, Begin, Body, Given, Said, Thing};
use super::queue::{Asked, Queue};
use super::tell::{Pieces, Sent, Wire, stop, stopped};
use super::wire;
use crate::Keys;
use crate::desk::archive::{Officer, reseal};
use crate::desk::reading::{reading, status};
use crate::find::find;
use crate::folder::{Origin, Output, OutputSettings, field};
use crate::found::{Found, Sealed};
use crate::i18n::{Lang, inputs};
use crate::keys::certs_from_bytes;
use crate::ledger::LedgerPlace;
use crate::open::open;
use crate::opened::{Content, Opened};
use crate::run::{DEPTH, within};
use crate::source::{self, Input};
use crate::status::Kind;
use crate::trouble::{Cause, Trouble};
use crate::trust::Trust;

/// Answers what comes on standard input, on standard output, until there is no more.
///
/// # Errors
/// When what comes makes no sense, or nobody listens.
pub fn obey() -> io::Result<()> {
    // A clerk's Ctrl-C reaches every process of the terminal: this one ends when its pipe does.
    crate::signals::on_end(|| {});
    let mut input = io::stdin();
    let Some((begin, _)) = wire::read::<Begin>(&mut input)? else {
        return Ok(());
    };
    let opener = Opener::new(&begin).map_err(io::Error::other)?;
    drop(begin);
    let queue = Queue::default();
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| opener.work(&queue));
        }
        let heard = hear(&mut input, &queue);
        stop();
        queue.end();
        heard
    })
}

fn hear(input: &mut io::Stdin, queue: &Queue) -> io::Result<()> {
    while let Some(((number, ask), body)) = wire::read::<(u64, Ask)>(input)? {
        queue.put(Asked { number, ask, body });
    }
    Ok(())
}

struct Opener {
    keys: Keys,
    trust: Trust,
    lang: Lang,
    who: String,
    out: Arc<Mutex<io::Stdout>>,
}

impl Opener {
    fn new(begin: &Begin) -> anyhow::Result<Self> {
        let decoded = |text: &str| anyhow::Ok(Zeroizing::new(BASE64.decode(text)?));
        let certs = |text: &str| certs_from_bytes(&decoded(text)?);
        Ok(Self {
            keys: Keys::from_bytes(&decoded(&begin.keys)?)?,
            trust: Trust {
                relays: certs(&begin.relays)?,
                known: certs(&begin.known)?,
                ..Trust::default()
            },
            lang: begin.lang,
            who: begin.who.clone(),
            out: Arc::new(Mutex::new(io::stdout())),
        })
    }

    fn work(&self, queue: &Queue) {
        // What the libraries leave on this thread's stack ends with it.
        #[cfg(target_os = "linux")]
        let _clean = konvolutt_letter::harden::CleanStack;
        while let Some(Asked { number, ask, body }) = queue.take() {
            let wire = Wire::of(number, &self.out);
            // A fault of ours costs this question: without this thread the others might wait for ever.
            let outcome = catch_unwind(AssertUnwindSafe(|| self.answer(ask, body, &wire)));
            let outcome = outcome.unwrap_or(Err(Trouble::Ended));
            wire.say(&outcome.map_or_else(Said::Failed, |()| Said::Done));
        }
    }

    fn answer(&self, ask: Ask, body: Vec<u8>, wire: &Wire) -> Result<(), Trouble> {
        match ask {
            Ask::Find(given) => self.find(&input(given, body), wire),
            Ask::Read(given) | Ask::ReadNow(given) => {
                self.read_within(&input(given, body), &[], wire);
                Ok(())
            }
            Ask::Files(at) => self.files(at, body, wire),
            Ask::Save { at, out, ledger } => self.save(at, body, out, ledger, wire),
            Ask::Reseal { at, cert, to } => self.reseal(at, body, &cert, &to, wire),
        }
    }

    fn find(&self, input: &Input, wire: &Wire) -> Result<(), Trouble> {
        let mut outcome = Ok(());
        find(input, &mut |found| {
            let thing = match found {
                Found::Sealed(sealed) => match digest_of(&sealed) {
                    Ok(digest) => Thing::Sealed {
                        seal: hex(digest),
                        source: self.source(&input.name, &sealed),
                        date: field(&sealed.outer, "date").map(str::to_owned),
                        reference: sealed.reference,
                    },
                    Err(trouble) => return outcome = Err(trouble),
                },
                Found::NotLookedAt { place, why, reference } => Thing::NotLookedAt {
                    source: self.named(&input.name, &place),
                    why,
                    reference,
                },
                Found::Other { kind, .. } => Thing::Other(kind),
            };
            wire.say(&Said::Thing(thing));
        });
        outcome
    }

    /// Opens every sealed part, and those within it when it is a mail.
    fn read_within(&self, input: &Input, around: &[String], wire: &Wire) {
        find(input, &mut |found| match found {
            _ if stopped() => {}
            Found::Sealed(sealed) if around.len() > DEPTH as usize => {
                let source = self.source(&input.name, &sealed);
                not_looked_at(source, Trouble::TooDeep, sealed.reference, wire);
            }
            Found::Sealed(sealed) => self.read_one(input, &sealed, around, wire),
            // What the input itself holds was told when it was searched.
            Found::NotLookedAt { place, why, reference } if !around.is_empty() => {
                not_looked_at(self.named(&input.name, &place), why, reference, wire);
            }
            Found::NotLookedAt { .. } | Found::Other { .. } => {}
        });
    }

    fn read_one(&self, input: &Input, sealed: &Sealed, around: &[String], wire: &Wire) {
        let source = self.source(&input.name, sealed);
        let mut seals = around.to_vec();
        let read = digest_of(sealed).and_then(|digest| {
            seals.push(hex(digest));
            let opened = open(&sealed.data, &self.keys, &self.trust, &stopped)?;
            let reading = reading(&opened, &self.origin(sealed, &digest, &source))?;
            Ok((opened, reading))
        });
        let (opened, reading) = match read {
            Ok(read) => read,
            Err(why) => {
                let reference = sealed.reference.clone();
                return wire.say(&Said::NotRead {
                    seals,
                    source,
                    reference,
                    why,
                });
            }
        };
        let is_mail = reading.status.kind == Kind::Mail;
        wire.say(&Said::Read {
            seals: seals.clone(),
            reading: Box::new(reading),
        });
        if is_mail {
            match within(&opened, &source, input.named) {
                Ok(inside) => self.read_within(&inside, &seals, wire),
                Err(why) => not_looked_at(source, why, None, wire),
            }
        }
    }

    fn files(&self, at: At, body: Vec<u8>, wire: &Wire) -> Result<(), Trouble> {
        self.at(at, body, &mut |opened, _, _| match opened.content {
            Content::Letter(_) => opened.files(&mut Sent(wire.clone())),
            Content::Foreign => {
                wire.say(&Said::File("document.eml".into()));
                opened.whole(&mut Pieces::of(wire.clone()))
            }
        })
    }

    fn save(&self, at: At, body: Vec<u8>, out: PathBuf, ledger: LedgerPlace, wire: &Wire) -> Result<(), Trouble> {
        let settings = OutputSettings {
            out,
            ledger,
            lang: self.lang,
            who: self.who.clone(),
        };
        let output = Output::begin(settings)?.0.anew();
        self.at(at, body, &mut |opened, sealed, source| {
            let digest = digest_of(sealed)?;
            let staged = output.stage(opened, sealed, source, &digest, &self.trust)?;
            for placed in output.settle(vec![staged]) {
                let placed = placed?;
                wire.say(&Said::Saved {
                    folder: placed.folder,
                    status: Box::new(placed.status),
                });
            }
            Ok(())
        })?;
        output.finish().map_or(Ok(()), Err)
    }

    fn reseal(&self, at: At, body: Vec<u8>, cert: &str, to: &Path, wire: &Wire) -> Result<(), Trouble> {
        let no_officer = || Trouble::Disk {
            cause: Cause::SomethingElse,
        };
        let bytes = BASE64.decode(cert).map_err(|_| no_officer())?;
        let cert = certs_from_bytes(&bytes).ok().and_then(|certs| certs.into_iter().next());
        let officer = cert.and_then(|cert| Officer::of(cert, SystemTime::now()).ok());
        let officer = officer.ok_or_else(no_officer)?;
        self.at(at, body, &mut |opened, sealed, source| {
            let digest = digest_of(sealed)?;
            let status = status(opened, &self.origin(sealed, &digest, source));
            let with = &opened.judged.opened_with;
            let by = self
                .keys
                .certs()
                .iter()
                .find(|cert| cert.fingerprint().to_hex() == *with);
            let file = reseal(opened, &status, &officer, by, to, self.lang)?;
            wire.say(&Said::Resealed(file));
            Ok(())
        })
    }

    /// Opens the one sealed part that is meant, and does something with it.
    fn at(
        &self,
        at: At,
        body: Vec<u8>,
        act: &mut dyn FnMut(&Opened, &Sealed, &str) -> Result<(), Trouble>,
    ) -> Result<(), Trouble> {
        self.at_within(&input(at.given, body), &at.seals, act)
    }

    fn at_within(
        &self,
        input: &Input,
        seals: &[String],
        act: &mut dyn FnMut(&Opened, &Sealed, &str) -> Result<(), Trouble>,
    ) -> Result<(), Trouble> {
        let Some((first, further)) = seals.split_first() else {
            return Err(Trouble::Missing);
        };
        // The mail was moved away, or another one lies there now.
        let mut outcome = Err(Trouble::Missing);
        find(input, &mut |found| {
            let Found::Sealed(sealed) = found else { return };
            if outcome.is_ok() || !digest_of(&sealed).is_ok_and(|digest| hex(digest) == *first) {
                return;
            }
            let source = self.source(&input.name, &sealed);
            outcome = open(&sealed.data, &self.keys, &self.trust, &stopped).and_then(|opened| {
                if further.is_empty() {
                    return act(&opened, &sealed, &source);
                }
                self.at_within(&within(&opened, &source, input.named)?, further, act)
            });
        });
        outcome
    }

    fn origin<'a>(&'a self, sealed: &'a Sealed, digest: &'a [u8; 32], source: &'a str) -> Origin<'a> {
        Origin {
            sealed,
            sealed_sha256: digest,
            source,
            lang: self.lang,
            who: &self.who,
        }
    }

    fn source(&self, name: &str, sealed: &Sealed) -> String {
        self.named(name, &sealed.place)
    }

    fn named(&self, name: &str, place: &[crate::found::Step]) -> String {
        match place {
            [] => name.to_owned(),
            place => format!("{name}, {}", inputs::place(self.lang, place)),
        }
    }
}

fn input(given: Given, body: Vec<u8>) -> Input {
    Input {
        name: given.name,
        named: given.named,
        body: match given.body {
            Body::File(path) => source::Body::File(path),
            Body::Follows => source::Body::Bytes(body),
        },
    }
}

fn not_looked_at(source: String, why: Trouble, reference: Option<String>, wire: &Wire) {
    wire.say(&Said::Thing(Thing::NotLookedAt { source, why, reference }));
}

fn digest_of(sealed: &Sealed) -> Result<[u8; 32], Trouble> {
    sealed.data.sha256().map_err(|error| Trouble::Unreadable {
        cause: Cause::from(&error),
    })
}
