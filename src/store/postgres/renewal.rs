//! Claims are renewed as long as their letters are in flight, and who leads is settled in the same way.

use std::io;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use super::claims::LASTS;
use super::fault;
use super::pool::Lent;
use super::store::Shared;

/// They are renewed this often.
const RENEWED: Duration = Duration::from_secs(5);
/// What was heard of the leadership counts for so long.
const KNOWN: Duration = Duration::from_secs(15);

const RENEW: &str = "update konvolutt.letter set until = clock_timestamp() + make_interval(secs => $1)
    where owner = any($2) and id = any($3) and state = 'waiting' returning id";
const LEAD: &str = "insert into konvolutt.leader (owner, node, until)
    values ($1, $2, clock_timestamp() + make_interval(secs => $3))
    on conflict (one) do update set owner = $1, node = $2, until = excluded.until
    where leader.owner = $1 or konvolutt.is_over(leader.until)";
const NODE: &str = "insert into konvolutt.node (name, place) values ($1, $2)
    on conflict (name) do update set place = $2, seen = clock_timestamp()
    where node.place = $2 or node.seen < clock_timestamp() - make_interval(secs => $3)";
/// Of a process of this machine that is gone: the lock on the spool's directory says so.
const FREE: &str = "update konvolutt.letter set owner = null, until = null, changed = pg_current_xact_id()
    where node = $1 and starts_with(owner, $2) and not starts_with(owner, $3) and state = 'waiting'";

impl Shared {
    /// Begins to renew what this process claims, until the store is dropped.
    pub(super) fn keep_renewing(self: &Arc<Self>) -> io::Result<()> {
        if !self.claims.begin_to_renew() {
            return Ok(());
        }
        let own = Arc::downgrade(self);
        self.engine.spawn(async move {
            while renewed(&own).await {
                tokio::time::sleep(RENEWED).await;
            }
        })
    }

    /// A node is one machine, and this process the only one of it that delivers. What another of it had claimed is free: now, or as
    /// soon as the database answers.
    ///
    /// # Errors
    /// When the name of this node is another machine's, or the database cannot be asked.
    pub(super) fn enter(self: &Arc<Self>) -> io::Result<()> {
        self.claims.delivers_alone();
        let own = self.clone();
        self.engine
            .run(async move { own.is_here(&own.renewals.lend().await?).await })
    }

    async fn is_here(&self, lent: &Lent) -> io::Result<()> {
        let claims = &self.claims;
        if lent.execute(NODE, &[&claims.node, &claims.place, &LASTS]).await? == 0 {
            claims.is_shut_out();
            return Err(self.shut_out());
        }
        if claims.is_known() {
            let values: [super::line::Value<'_>; 3] = [&claims.node, &claims.machine, &claims.process];
            lent.execute(FREE, &values).await?;
            claims.has_freed();
        }
        Ok(())
    }

    /// Why nothing is claimed while another machine has this node's name.
    pub(super) fn shut_out(&self) -> io::Error {
        let node = &self.claims.node;
        let text = format!("another machine delivers as the node {node:?}: give each its own `node`");
        io::Error::new(io::ErrorKind::AddrInUse, text)
    }

    /// Whether this process leads, as far as it was heard a moment ago.
    pub(super) fn leads(self: &Arc<Self>) -> io::Result<bool> {
        if let Some((when, leads)) = self.claims.leads()
            && when.elapsed() < KNOWN
        {
            return Ok(leads);
        }
        let own = self.clone();
        let leads = self
            .engine
            .run(async move { own.lead(&own.renewals.lend().await?).await })?;
        self.keep_renewing()?;
        Ok(leads)
    }

    async fn lead(&self, lent: &Lent) -> io::Result<bool> {
        let claims = &self.claims;
        let asked = Instant::now();
        let leads = lent.execute(LEAD, &[&claims.process, &claims.node, &LASTS]).await? > 0;
        claims.heard_who_leads(asked, leads);
        Ok(leads)
    }

    /// One round. What fails is tried again in the next: a claim outlives some of them. What is to be told of letters comes last:
    /// one that cannot be told keeps no other from being renewed.
    async fn renew(&self) -> io::Result<()> {
        let lent = self.renewals.lend().await?;
        self.renew_claims(&lent).await?;
        if self.claims.wants_to_lead() {
            self.lead(&lent).await?;
        }
        self.is_here(&lent).await?;
        drop(lent);
        for (name, held, settlement) in self.claims.all_unsettled() {
            if let Err(error) = self.settle_now(&name, &held, settlement).await {
                tracing::warn!(%error, name, "what became of a letter cannot be written down yet");
            }
        }
        Ok(())
    }

    async fn renew_claims(&self, lent: &Lent) -> io::Result<()> {
        let held = self.claims.in_flight();
        if held.is_empty() {
            return Ok(());
        }
        let owners: Vec<&str> = held.iter().map(|(_, held)| held.owner.as_str()).collect();
        let letters: Vec<i64> = held.iter().map(|(_, held)| held.letter).collect();
        let rows = lent.query(RENEW, &[&LASTS, &owners, &letters]).await?;
        let renewed: Result<Vec<i64>, _> = rows.iter().map(|row| row.try_get(0)).collect();
        let renewed = renewed.map_err(|error| fault::of(&error))?;
        for (name, held) in held {
            // It may have been settled meanwhile.
            if !renewed.contains(&held.letter) && self.claims.has(&name, &held) {
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
