//! The desk as its pages see it: locked, or open.
//!
//! What always holds: without the passphrase there is nothing to be seen but whose key it is; whoever does not use it
//! locks it.

mod hands;
mod looked;
mod shown;

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use sequoia_openpgp::crypto::Password;
use zeroize::Zeroizing;

pub use hands::NotRegistered;
pub use looked::LookedFile;
pub use shown::Shown;

use super::mailbox::mailboxes;
use super::plan::Plan;
use super::post::RowId;
use super::session::Session;
use super::worker::{Begin, Start};
use crate::folder::loose;
use crate::i18n::Lang;
use crate::keys::{KeyRemark, Keys, KeysError, certs_to_bytes};
use crate::ledger::{Act, Ledger, MARK, Mark, Refusal, Standing, WasThere};
use crate::passphrase::candidates;
use crate::trouble::{Cause, Trouble};
use crate::trust::{Head, Trust, TrustError};

/// After the third wrong passphrase each further one waits twice as long as the one before, up to half a minute.
const FREE_TRIES: u32 = 3;
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// How often it is asked whether everybody let go.
const STEP: Duration = Duration::from_millis(10);

/// A desk.
pub struct Room {
    begun_with: Plan,
    /// What it was set up with since, on its own page.
    set_up: OnceLock<Plan>,
    start: Box<dyn Fn() -> Start + Send + Sync>,
    /// The language that a clerk chose on a page.
    chosen: Mutex<Option<Lang>>,
    look: Option<Start>,
    phase: Mutex<Phase>,
    /// A lock does not make it forget that there is a ledger.
    had_ledger: WasThere,
    tries: Mutex<Tries>,
    /// Held while a passphrase is tried: several at once would all come before the first wait.
    trying: Mutex<()>,
}

#[derive(Default)]
struct Phase {
    open: Option<Open>,
    /// The largest number that a letter had until it was locked.
    last: RowId,
    /// Why it was locked, for whoever comes back.
    by_itself: bool,
}

/// What there is only while it is open.
#[derive(Clone)]
pub struct Open {
    /// The mailbox.
    pub session: Arc<Session>,
    /// Who has what.
    pub ledger: Arc<Ledger>,
    /// "Checked against".
    pub heads: Arc<Vec<Head>>,
    /// What a clerk should hear of the keys.
    pub remarks: Arc<Vec<KeyRemark>>,
    search: Arc<Mutex<Zeroizing<String>>>,
    /// Letters of which the server could not be told that they were opened.
    untold: Arc<Mutex<HashSet<RowId>>>,
    /// The files of the letter that was looked at last.
    looked: Arc<Mutex<looked::Last>>,
    /// What a button did, for the next page about that letter.
    said: Arc<Mutex<Option<(RowId, String)>>>,
    used: Instant,
}

#[derive(Default)]
struct Tries {
    wrong: u32,
    next: Option<Instant>,
}

/// Why a desk stays locked.
#[derive(Debug)]
pub enum NoOpening {
    /// Too many wrong passphrases: not before so long.
    Wait(Duration),
    /// No passphrase fits.
    Wrong,
    /// None of the keys can be used.
    Keys(Vec<KeysError>),
    /// A certificate cannot serve.
    Trust(TrustError),
    /// The ledger, or the process that opens.
    Trouble(Trouble),
}

/// Why something was not done with a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotDone {
    /// The desk is locked.
    Locked,
    /// The letter is not on the desk any more.
    Gone,
    /// A colleague was faster, or it makes no sense.
    Refused(Refusal),
    /// What stood in the way.
    Trouble(Trouble),
}

impl Open {
    /// What the list shows letters with; all when it is empty.
    pub fn search(&self) -> Zeroizing<String> {
        self.search.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// From now on the list shows letters with these words.
    pub fn search_for(&self, words: &str) {
        *self.search.lock().unwrap_or_else(PoisonError::into_inner) = Zeroizing::new(words.trim().to_owned());
    }

    /// Keeps what a button did for the next page about the letter.
    pub fn say(&self, id: RowId, text: String) {
        *self.said.lock().unwrap_or_else(PoisonError::into_inner) = Some((id, text));
    }

    /// What a button did with this letter, once.
    pub fn said(&self, id: RowId) -> Option<String> {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        said.take_if(|(of, _)| *of == id).map(|(_, text)| text)
    }
}

impl Room {
    /// A locked one. `start` makes what starts the process that opens.
    pub fn new(plan: Plan, start: Box<dyn Fn() -> Start + Send + Sync>) -> Self {
        Self {
            begun_with: plan,
            set_up: OnceLock::new(),
            start,
            chosen: Mutex::default(),
            look: None,
            phase: Mutex::default(),
            had_ledger: WasThere::default(),
            tries: Mutex::default(),
            trying: Mutex::default(),
        }
    }

    /// With what starts the process that looks at files. Without, nothing is said of them but their names.
    #[must_use]
    pub fn looking_with(self, look: Start) -> Self {
        Self {
            look: Some(look),
            ..self
        }
    }

    /// What it works with.
    pub fn plan(&self) -> &Plan {
        self.set_up.get().unwrap_or(&self.begun_with)
    }

    /// The language of the pages.
    pub fn lang(&self) -> Lang {
        let chosen = *self.chosen.lock().unwrap_or_else(PoisonError::into_inner);
        chosen.unwrap_or(self.plan().lang)
    }

    /// From now on the pages speak this.
    pub fn speak(&self, lang: Lang) {
        *self.chosen.lock().unwrap_or_else(PoisonError::into_inner) = Some(lang);
    }

    /// Goes on with a whole plan; once, and only when the one that it began with was not enough. Whether it did.
    pub fn set_up(&self, plan: Plan) -> bool {
        !self.begun_with.is_whole() && plan.is_whole() && self.set_up.set(plan).is_ok()
    }

    fn phase(&self) -> MutexGuard<'_, Phase> {
        self.phase.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is open, for somebody who uses it.
    pub fn open(&self) -> Option<Open> {
        let mut phase = self.phase();
        let open = phase.open.as_mut()?;
        open.used = Instant::now();
        Some(open.clone())
    }

    /// What is open, for a page that only looks whether anything is new.
    pub fn glance(&self) -> Option<Open> {
        self.phase().open.clone()
    }

    /// How long until it locks itself.
    pub fn locks_in(&self) -> Option<Duration> {
        let used = self.phase().open.as_ref()?.used;
        Some(self.plan().lock_after.saturating_sub(used.elapsed()))
    }

    /// Whether it locked itself because nobody used it.
    pub fn locked_by_itself(&self) -> bool {
        self.phase().by_itself
    }

    /// Opens it. Passphrases of files go before the one that was typed.
    ///
    /// # Errors
    /// Why not.
    pub fn unlock(&self, typed: Option<Password>) -> Result<(), NoOpening> {
        let _one_by_one = self.trying.lock().unwrap_or_else(PoisonError::into_inner);
        self.may_try()?;
        let (keys, remarks) = self.keys(typed.as_ref()).inspect_err(|error| {
            if matches!(error, NoOpening::Wrong) && typed.is_some() {
                self.was_wrong();
            }
        })?;
        *self.tries() = Tries::default();
        let trust = Trust::load(&self.plan().relay, &self.plan().known, &keys).map_err(NoOpening::Trust)?;
        let ledger = Ledger::for_desk_again(&self.plan().ledger, &self.had_ledger).map_err(NoOpening::Trouble)?;
        let ledger = Arc::new(ledger);
        let session = self.session(&keys, &trust, &ledger).map_err(NoOpening::Trouble)?;
        let open = Open {
            session,
            ledger,
            heads: Arc::new(trust.heads()),
            remarks: Arc::new(remarks),
            search: Arc::default(),
            untold: Arc::default(),
            looked: Arc::default(),
            said: Arc::default(),
            used: Instant::now(),
        };
        let before = self.phase().open.replace(open);
        if let Some(before) = before {
            before.session.end();
        }
        self.tidy();
        Ok(())
    }

    /// Removes what a desk that was killed had begun to write in the clear. What cannot be removed keeps nobody from reading.
    fn tidy(&self) {
        let plan = self.plan();
        for folder in [Some(&plan.out), plan.archive.folder.as_ref()].into_iter().flatten() {
            let _ = loose::recover(folder);
        }
    }

    fn session(&self, keys: &Keys, trust: &Trust, ledger: &Arc<Ledger>) -> Result<Arc<Session>, Trouble> {
        let disk = |cause| Trouble::Disk { cause };
        let text = |error: sequoia_openpgp::anyhow::Error| {
            disk(Cause::Other {
                text: error.to_string(),
            })
        };
        let begin = Begin {
            keys: BASE64.encode(keys.to_bytes().map_err(text)?),
            relays: BASE64.encode(certs_to_bytes(&trust.relays).map_err(text)?),
            known: BASE64.encode(certs_to_bytes(&trust.known).map_err(text)?),
            lang: self.plan().lang,
            who: self.plan().who.clone(),
        };
        let mailboxes = mailboxes(self.plan())?;
        let session = Session::begin(begin, (self.start)(), mailboxes, Arc::clone(ledger), self.last());
        session.map_err(|error| disk(Cause::from(&error)))
    }

    fn keys(&self, typed: Option<&Password>) -> Result<(Keys, Vec<KeyRemark>), NoOpening> {
        let of_files = self
            .plan()
            .passphrase_files
            .iter()
            .filter_map(|file| candidates(file).ok());
        let passphrases: Vec<Password> = of_files.flatten().chain(typed.cloned()).collect();
        let mut keys = Keys::default();
        let (mut remarks, mut refused) = (Vec::new(), Vec::new());
        for file in &self.plan().keys {
            match keys.add(file, &mut |asked| passphrases.get(asked.refused).cloned()) {
                Ok(more) => remarks.extend(more),
                Err(error) => refused.push(error),
            }
        }
        let by_passphrase = |error: &KeysError| matches!(error, KeysError::Passphrase(_) | KeysError::NobodyToAsk(_));
        match keys.is_empty() {
            false => {
                remarks.extend(refused.into_iter().map(KeyRemark::NotUsed));
                Ok((keys, remarks))
            }
            true if refused.iter().any(by_passphrase) => Err(NoOpening::Wrong),
            true => Err(NoOpening::Keys(refused)),
        }
    }

    /// Locks it: the process that opens ends, and what was read is given back.
    pub fn lock(&self) {
        self.close(false);
    }

    /// Locks it when nobody used it for long enough; whether it did.
    pub fn lock_when_idle(&self) -> bool {
        let idle = self.locks_in() == Some(Duration::ZERO);
        if idle {
            self.close(true);
        }
        idle
    }

    /// The largest number that a letter has or had.
    fn last(&self) -> RowId {
        match self.glance() {
            Some(open) => open.session.post().last(),
            None => self.phase().last,
        }
    }

    fn close(&self, by_itself: bool) {
        drop(self.take(by_itself));
    }

    fn take(&self, by_itself: bool) -> Option<Arc<Session>> {
        let open = {
            let mut phase = self.phase();
            phase.by_itself = by_itself;
            phase.open.take()
        };
        open.map(|open| {
            // The keys first: a page may hold on to the list.
            open.session.end();
            let last = open.session.post().last();
            self.phase().last = last;
            open.session
        })
    }

    /// Locks it for good, and comes back when the process that opens is gone; or after this time, when a thread still
    /// holds on to it.
    pub fn end(&self, patience: Duration) {
        let Some(mut session) = self.take(false) else {
            return;
        };
        let until = Instant::now() + patience;
        while let Err(held) = Arc::try_unwrap(session) {
            if Instant::now() > until {
                return;
            }
            session = held;
            std::thread::sleep(STEP);
        }
    }

    fn tries(&self) -> MutexGuard<'_, Tries> {
        self.tries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How long nobody may try a passphrase.
    pub fn wait(&self) -> Option<Duration> {
        let next = self.tries().next?;
        let wait = next.saturating_duration_since(Instant::now());
        (!wait.is_zero()).then_some(wait)
    }

    fn may_try(&self) -> Result<(), NoOpening> {
        self.wait().map_or(Ok(()), |wait| Err(NoOpening::Wait(wait)))
    }

    fn was_wrong(&self) {
        let mut tries = self.tries();
        tries.wrong += 1;
        if let Some(further) = tries.wrong.checked_sub(FREE_TRIES) {
            let wait = Duration::from_secs(1 << further.min(5)).min(LONGEST_WAIT);
            tries.next = Some(Instant::now() + wait);
        }
    }

    /// What a clerk does with a letter.
    ///
    /// # Errors
    /// Why it was not done.
    pub fn act(&self, id: RowId, act: Act) -> Result<Standing, NotDone> {
        let open = self.open().ok_or(NotDone::Locked)?;
        let (sha256, reference) = {
            let post = open.session.post();
            let row = post.row(id).ok_or(NotDone::Gone)?;
            (
                row.document().ok_or(NotDone::Gone)?.to_owned(),
                row.reference().map(str::to_owned),
            )
        };
        let mark = Mark {
            schema: MARK.into(),
            sha256,
            reference,
            act,
            time: crate::folder::now(),
            who: self.plan().who.clone(),
        };
        let done = open.session.act(id, mark).map_err(NotDone::Trouble)?;
        done.map_err(NotDone::Refused)
    }
}
