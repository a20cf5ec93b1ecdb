//! The right to deliver a letter: a row with its owner and a time of the database, renewed while the letter is in flight.
//!
//! A lock would not survive a failover, and a relay that dies must not keep its letters: what is not renewed is another's to
//! take after [`LASTS`]. Who leads is settled in the same way.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use super::fault;
use super::store::Shared;
use crate::store::Settlement;
use konvolutt_letter::hex;

/// Seconds for which a claim holds without being renewed.
pub(super) const LASTS: f64 = 20.0;
/// It is renewed this often.
const RENEWED: Duration = Duration::from_secs(5);
/// What was heard of the leadership counts for so long.
const KNOWN: Duration = Duration::from_secs(15);

/// No letter has this number.
const NOBODY: i64 = 0;

const RENEW: &str = "update konvolutt.letter set until = clock_timestamp() + make_interval(secs => $2)
    where owner = $1 and id = any($3) and state = 'waiting' returning id";
const LEAD: &str = "insert into konvolutt.leader (owner, node, until)
    values ($1, $2, clock_timestamp() + make_interval(secs => $3))
    on conflict (one) do update set owner = $1, node = $2, until = excluded.until
    where leader.owner = $1 or leader.until < clock_timestamp()";
const NODE: &str = "insert into konvolutt.node (name, place) values ($1, $2)
    on conflict (name) do update set place = $2, seen = clock_timestamp()
    where node.place = $2 or node.seen < clock_timestamp() - make_interval(secs => $3)";
/// Of a process of this node that is gone: the lock on the spool's directory says so.
const FREE: &str = "update konvolutt.letter set owner = null, until = null
    where node = $1 and owner <> $2 and until is not null and state = 'waiting'";

/// What this process has claimed.
pub(super) struct Claims {
    /// This process, and no other.
    pub(super) owner: String,
    pub(super) node: String,
    place: String,
    memory: Mutex<Memory>,
}

#[derive(Default)]
struct Memory {
    /// Letters in flight, by name.
    held: HashMap<String, i64>,
    /// What became of letters that the database could not be told of yet: never to be sent again by this process.
    unsettled: HashMap<String, (i64, Settlement)>,
    leads: Option<(Instant, bool)>,
    /// Whether somebody asked who leads, and so wants to.
    wants_to_lead: bool,
    is_renewing: bool,
}

impl Claims {
    pub(super) fn new(node: &str, place: String) -> Self {
        let mut own = [0; 8];
        // Without chance the process number must do: one process of a node delivers at a time.
        let _ = getrandom::fill(&mut own);
        Self {
            owner: format!("{node}:{}:{}", std::process::id(), hex(own)),
            node: node.to_owned(),
            place,
            memory: Mutex::default(),
        }
    }

    pub(super) fn is_held(&self, name: &str) -> bool {
        let memory = self.memory();
        memory.held.contains_key(name) || memory.unsettled.contains_key(name)
    }

    /// False when this process has it already.
    pub(super) fn reserve(&self, name: &str) -> bool {
        let mut memory = self.memory();
        let is_free = !memory.held.contains_key(name) && !memory.unsettled.contains_key(name);
        if is_free {
            memory.held.insert(name.to_owned(), NOBODY);
        }
        is_free
    }

    pub(super) fn took(&self, name: &str, letter: i64) {
        self.memory().held.insert(name.to_owned(), letter);
    }

    pub(super) fn gave_back(&self, name: &str) {
        self.memory().held.remove(name);
    }

    /// The database does not know yet what became of the letter.
    pub(super) fn could_not_settle(&self, name: &str, letter: i64, settlement: Settlement) {
        let mut memory = self.memory();
        memory.held.remove(name);
        memory.unsettled.insert(name.to_owned(), (letter, settlement));
    }

    pub(super) fn unsettled(&self, name: &str) -> Option<(i64, Settlement)> {
        self.memory().unsettled.get(name).cloned()
    }

    pub(super) fn settled(&self, name: &str) {
        let mut memory = self.memory();
        memory.held.remove(name);
        memory.unsettled.remove(name);
    }

    fn all_unsettled(&self) -> Vec<(String, i64, Settlement)> {
        let memory = self.memory();
        let all = memory.unsettled.iter();
        all.map(|(name, (letter, settlement))| (name.clone(), *letter, settlement.clone()))
            .collect()
    }

    fn in_flight(&self) -> Vec<(String, i64)> {
        let memory = self.memory();
        let unsettled = memory
            .unsettled
            .iter()
            .map(|(name, (letter, _))| (name.clone(), *letter));
        let held = memory.held.iter().map(|(name, letter)| (name.clone(), *letter));
        held.chain(unsettled).collect()
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shared {
    /// Begins to renew what this process claims, until the store is dropped.
    pub(super) fn keep_renewing(self: &Arc<Self>) -> io::Result<()> {
        if std::mem::replace(&mut self.claims.memory().is_renewing, true) {
            return Ok(());
        }
        let own = Arc::downgrade(self);
        self.engine.spawn(async move {
            while renewed(&own).await {
                tokio::time::sleep(RENEWED).await;
            }
        })
    }

    /// A node is one machine, and this process the only one of it that delivers: what another of it had claimed is free.
    ///
    /// # Errors
    /// When the name of this node is another machine's, or the database cannot be asked.
    pub(super) fn enter(self: &Arc<Self>) -> io::Result<()> {
        let own = self.clone();
        self.engine.run(async move {
            let lent = own.relay.lend().await?;
            let Claims { owner, node, place, .. } = &own.claims;
            if lent.execute(NODE, &[node, place, &LASTS]).await? == 0 {
                return Err(io::Error::other(format!(
                    "another machine delivers as the node {node:?}: give each its own `node`"
                )));
            }
            lent.execute(FREE, &[node, owner]).await.map(drop)
        })
    }

    /// Whether this process leads, as far as it was heard a moment ago.
    pub(super) fn leads(self: &Arc<Self>) -> io::Result<bool> {
        let known = {
            let mut memory = self.claims.memory();
            memory.wants_to_lead = true;
            memory.leads
        };
        if let Some((when, leads)) = known
            && when.elapsed() < KNOWN
        {
            return Ok(leads);
        }
        let own = self.clone();
        let leads = self.engine.run(async move { own.lead().await })?;
        self.keep_renewing()?;
        Ok(leads)
    }

    async fn lead(&self) -> io::Result<bool> {
        let lent = self.relay.lend().await?;
        let Claims { owner, node, .. } = &self.claims;
        let asked = Instant::now();
        let leads = lent.execute(LEAD, &[owner, node, &LASTS]).await? > 0;
        self.claims.memory().leads = Some((asked, leads));
        Ok(leads)
    }

    /// One round. What fails is tried again in the next: a claim outlives some of them.
    async fn renew(self: &Arc<Self>) -> io::Result<()> {
        for (name, letter, settlement) in self.claims.all_unsettled() {
            self.settle_now(&name, letter, settlement).await?;
        }
        let held = self.claims.in_flight();
        let wants_to_lead = self.claims.memory().wants_to_lead;
        if wants_to_lead {
            self.lead().await?;
        }
        let lent = self.relay.lend().await?;
        let Claims { owner, node, place, .. } = &self.claims;
        lent.execute(NODE, &[node, place, &LASTS]).await?;
        if held.is_empty() {
            return Ok(());
        }
        let letters: Vec<i64> = held.iter().map(|(_, letter)| *letter).collect();
        let rows = lent.query(RENEW, &[owner, &LASTS, &letters]).await?;
        let renewed: Result<Vec<i64>, _> = rows.iter().map(|row| row.try_get(0)).collect();
        let renewed = renewed.map_err(|error| fault::of(&error))?;
        for (name, letter) in held {
            // It may have been settled meanwhile.
            if letter != NOBODY && !renewed.contains(&letter) && self.claims.is_held(&name) {
                tracing::warn!(
                    name,
                    "the claim on a letter ended while it was delivered: it may be sent twice"
                );
            }
        }
        Ok(())
    }
}

async fn renewed(own: &Weak<Shared>) -> bool {
    let Some(shared) = own.upgrade() else {
        return false;
    };
    if let Err(error) = shared.renew().await {
        tracing::warn!(%error, "claims on letters could not be renewed");
    }
    true
}
