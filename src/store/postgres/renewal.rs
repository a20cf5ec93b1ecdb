//! Claims are renewed as long as their letters are in flight, and who leads is settled in the same way.

use std::io;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use super::claims::{Claims, LASTS, NOBODY};
use super::fault;
use super::store::Shared;

/// It is renewed this often.
const RENEWED: Duration = Duration::from_secs(5);
/// What was heard of the leadership counts for so long.
const KNOWN: Duration = Duration::from_secs(15);

const RENEW: &str = "update konvolutt.letter set until = clock_timestamp() + make_interval(secs => $2)
    where owner = $1 and id = any($3) and state = 'waiting' returning id";
const LEAD: &str = "insert into konvolutt.leader (owner, node, until)
    values ($1, $2, clock_timestamp() + make_interval(secs => $3))
    on conflict (one) do update set owner = $1, node = $2, until = excluded.until
    where leader.owner = $1 or konvolutt.is_over(leader.until)";
const NODE: &str = "insert into konvolutt.node (name, place) values ($1, $2)
    on conflict (name) do update set place = $2, seen = clock_timestamp()
    where node.place = $2 or node.seen < clock_timestamp() - make_interval(secs => $3)";
/// Of a process of this node that is gone: the lock on the spool's directory says so.
const FREE: &str = "update konvolutt.letter set owner = null, until = null
    where node = $1 and owner <> $2 and until is not null and state = 'waiting'";

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
                let text = format!("another machine delivers as the node {node:?}: give each its own `node`");
                return Err(io::Error::new(io::ErrorKind::AddrInUse, text));
            }
            lent.execute(FREE, &[node, owner]).await.map(drop)
        })
    }

    /// Whether this process leads, as far as it was heard a moment ago.
    pub(super) fn leads(self: &Arc<Self>) -> io::Result<bool> {
        if let Some((when, leads)) = self.claims.leads()
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
        self.claims.heard_who_leads(asked, leads);
        Ok(leads)
    }

    /// One round. What fails is tried again in the next: a claim outlives some of them.
    async fn renew(self: &Arc<Self>) -> io::Result<()> {
        for (name, letter, settlement) in self.claims.all_unsettled() {
            self.settle_now(&name, letter, settlement).await?;
        }
        let held = self.claims.in_flight();
        if self.claims.wants_to_lead() {
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
