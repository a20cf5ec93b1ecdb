//! Letters that are delivered: claims on them, and what became of them.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio_postgres::Row;

use super::arrivals::digest;
use super::body::{self, Parts};
use super::claims::{Held, LASTS};
use super::fault;
use super::line::Value;
use super::pool::Lent;
use super::status;
use super::store::Shared;
use crate::store::letter::Named;
use crate::store::{Claim, ClaimError, Damage, Deliverer, Envelope, Letter, Settle, Settlement, Status};

/// The lock only picks: what binds is the row. An owner of this very process is one whose claim was not answered.
const CLAIM: &str = "update konvolutt.letter set owner = $2, node = $3, process = $4,
        since = extract(epoch from clock_timestamp())::bigint, until = clock_timestamp() + make_interval(secs => $5)
    where id = (
        select id from konvolutt.letter where name = $1 and named and state = 'waiting'
            and (owner is null or starts_with(owner, $6) or konvolutt.is_over(until)) for update skip locked
    ) returning id, name, length, digest, envelope, status, changed::text";
/// Settled only by who has the claim, or had it when nobody has said anything of the letter since.
const OUT: &str =
    "update konvolutt.letter set state = $4, named = $5, status = coalesce($6, status), owner = null, until = null,
        put = extract(epoch from date_trunc('minute', clock_timestamp()))::bigint, changed = pg_current_xact_id(),
        aside = case when $7 then pg_current_xact_id() else aside end
    where id = $1 and state = 'waiting'
        and (owner = $2 or changed = $3::text::xid8 and (owner is null or konvolutt.is_over(until)))";
const LATER: &str =
    "update konvolutt.letter set status = $4, owner = null, until = null, changed = pg_current_xact_id()
    where id = $1 and state = 'waiting'
        and (owner = $2 or changed = $3::text::xid8 and (owner is null or konvolutt.is_over(until)))";
const DEFER: &str = "update konvolutt.letter set status = $2, changed = pg_current_xact_id()
    where name = $1 and named and state = 'waiting' and status is not distinct from $3";
const GIVE_BACK: &str = "update konvolutt.letter set owner = null, until = null where id = $1 and owner = $2";
const HOLDER: &str = "select case when not konvolutt.is_over(until) then process end, since, node from konvolutt.letter
    where name = $1 and named and state = 'waiting'";
const STATUS: &str = "select status from konvolutt.letter where name = $1 and named";

/// A letter that is given back when its process stops is free at once, if the database answers within this.
const GOODBYE: Duration = Duration::from_secs(2);

/// The right to settle one letter.
struct RowClaim {
    shared: Arc<Shared>,
    name: String,
    held: Held,
    is_settled: bool,
}

/// A row that was claimed.
pub(super) struct Claimed {
    pub(super) letter: i64,
    name: String,
    pub(super) length: u64,
    digest: Vec<u8>,
    envelope: String,
    status: Option<String>,
}

/// A letter that was claimed, with its row.
type Taken = (Claimed, Held);

impl Claimed {
    pub(super) fn of(row: &Row) -> Result<Self, tokio_postgres::Error> {
        let length: i64 = row.try_get(2)?;
        Ok(Self {
            letter: row.try_get(0)?,
            name: row.try_get(1)?,
            length: u64::try_from(length).unwrap_or(0),
            digest: row.try_get(3)?,
            envelope: row.try_get(4)?,
            status: row.try_get(5)?,
        })
    }
}

impl Shared {
    pub(super) fn claim(self: &Arc<Self>, name: &str) -> Result<Claim, ClaimError> {
        if self.claims.is_taken() {
            return Err(self.shut_out().into());
        }
        if let Some((held, settlement)) = self.claims.unsettled(name) {
            let (own, of) = (self.clone(), name.to_owned());
            let waits = matches!(settlement, Settlement::Later(_));
            let settled = self
                .engine
                .run(async move { own.settle_now(&of, &held, settlement).await });
            settled.map_err(ClaimError::Unmoved)?;
            if !waits {
                return Err(ClaimError::Gone);
            }
        }
        self.keep_renewing()?;
        if !self.claims.reserve(name) {
            return Err(self.busy_or_gone(name));
        }
        let taken = self.take(name);
        self.claims.gives_up(name);
        match taken? {
            Some(taken) => self.read(taken),
            None => Err(self.busy_or_gone(name)),
        }
    }

    fn take(self: &Arc<Self>, name: &str) -> io::Result<Option<Taken>> {
        let (own, of) = (self.clone(), name.to_owned());
        let taken = self.engine.run(async move {
            let lent = own.relay.lend().await?;
            let process = i32::try_from(std::process::id()).unwrap_or(0);
            let (owner, claims) = (own.claims.next_owner(), &own.claims);
            let values: [Value<'_>; 6] = [&of, &owner, &claims.node, &process, &LASTS, &claims.process];
            let rows = lent.query(CLAIM, &values).await?;
            // What goes out must not be lost with one machine: its page would bring it again, sealed anew.
            lent.proved(lent.durability(None).await).await?;
            let read = |row: &Row| Ok((Claimed::of(row)?, row.try_get(6)?));
            let claimed: Result<Option<(Claimed, String)>, tokio_postgres::Error> = rows.first().map(read).transpose();
            Ok(claimed.map_err(|error| fault::of(&error))?.map(|(row, changed)| {
                let letter = row.letter;
                (row, Held { letter, owner, changed })
            }))
        })?;
        if let Some((_, held)) = &taken {
            self.claims.took(name, held.clone());
        }
        Ok(taken)
    }

    /// The letter, unharmed; what was changed goes into quarantine.
    fn read(self: &Arc<Self>, (row, held): Taken) -> Result<Claim, ClaimError> {
        let claim = RowClaim {
            shared: self.clone(),
            name: row.name.clone(),
            held,
            is_settled: false,
        };
        let (pool, letter) = (self.relay.clone(), row.letter);
        let read = self
            .engine
            .run(async move { body::digest(&*pool.lend().await?, letter).await });
        let (mail, length, first) = read?;
        let mut envelope = match sound(&row, &mail, length) {
            Ok(envelope) => envelope,
            Err(damage) => {
                tracing::error!(name = row.name, "a letter {damage}; it is kept as corrupt and not sent");
                let words = damage.to_string();
                let status = Status {
                    last_error: format!("the letter {words}"),
                    ..Status::default()
                };
                Box::new(claim).settle(Settlement::Quarantined(status))?;
                return Err(ClaimError::Corrupt(damage));
            }
        };
        let readdressed = status::of(row.status.as_deref(), self.relay.ahead())?.mailbox;
        envelope.mailbox = readdressed.unwrap_or(envelope.mailbox);
        let parts = Parts::new(self.clone(), self.relay.clone(), row.letter, first);
        let letter = Letter::new(envelope, Arc::new(parts), row.length, mail);
        Ok(Claim::new(letter, claim))
    }

    fn busy_or_gone(self: &Arc<Self>, name: &str) -> ClaimError {
        match self.holder(name) {
            Ok(Some(by)) => ClaimError::Busy(Some(by)),
            Ok(None) => ClaimError::Gone,
            Err(error) => error.into(),
        }
    }

    /// Who delivers a letter at this moment.
    pub(super) fn holder(self: &Arc<Self>, name: &str) -> io::Result<Option<Deliverer>> {
        let (pool, name) = (self.relay.clone(), name.to_owned());
        self.engine.run(async move {
            let rows = pool.lend().await?.query(HOLDER, &[&name]).await?;
            let Some(row) = rows.first() else { return Ok(None) };
            let by = deliverer(row).map_err(|error| fault::of(&error))?;
            // It waits, and somebody changes its row at this moment: soon it is known who.
            Ok(Some(by.unwrap_or_else(|| Deliverer {
                process: 0,
                since: 0,
                node: Some("another".to_owned()),
            })))
        })
    }

    /// Writes down why a letter that was not claimed waits. Where it goes is an operator's word, which no attempt changes.
    pub(super) fn defer(self: &Arc<Self>, name: &str, tried: &Status) -> io::Result<()> {
        let (own, name, tried) = (self.clone(), name.to_owned(), tried.clone());
        self.engine.run(async move {
            let lent = own.relay.lend().await?;
            let rows = lent.query(STATUS, &[&name]).await?;
            let before: Option<String> = rows.first().and_then(|row| row.get(0));
            let ahead = own.relay.ahead();
            let mailbox = status::of(before.as_deref(), ahead)?.mailbox;
            let text = status::text(&Status { mailbox, ..tried }, ahead)?;
            // An operator's command that came between counts.
            lent.execute(DEFER, &[&name, &text, &before]).await.map(drop)
        })
    }

    /// Tells the database what became of a letter.
    pub(super) async fn settle_now(&self, name: &str, held: &Held, settlement: Settlement) -> io::Result<()> {
        let lent = self.relay.lend().await?;
        let Held { letter, owner, changed } = held;
        let settled = match settlement {
            Settlement::Later(tried) => {
                let text = self.noted(&lent, name, tried).await?;
                lent.execute(LATER, &[letter, owner, changed, &text]).await?
            }
            Settlement::Delivered => {
                let none: Option<String> = None;
                lent.execute(OUT, &[letter, owner, changed, &"delivered", &true, &none, &false])
                    .await?
            }
            Settlement::Held(tried) => {
                let text = self.noted(&lent, name, tried).await?;
                lent.execute(OUT, &[letter, owner, changed, &"held", &true, &Some(text), &true])
                    .await?
            }
            Settlement::Quarantined(tried) => {
                let text = self.noted(&lent, name, tried).await?;
                lent.execute(OUT, &[letter, owner, changed, &"corrupt", &false, &Some(text), &true])
                    .await?
            }
        };
        self.claims.is_over(name, held);
        if settled == 0 {
            tracing::warn!(
                name,
                "the claim on a letter had ended when it was settled: it may be sent twice"
            );
        }
        Ok(())
    }

    /// What was tried, with the mailbox that an operator gave the letter.
    async fn noted(&self, lent: &Lent, name: &str, tried: Status) -> io::Result<String> {
        let rows = lent.query(STATUS, &[&name]).await?;
        let before: Option<String> = rows.first().and_then(|row| row.get(0));
        let ahead = self.relay.ahead();
        let mailbox = status::of(before.as_deref(), ahead)?.mailbox;
        status::text(&Status { mailbox, ..tried }, ahead)
    }
}

/// The three columns that tell of a claim.
pub(super) fn deliverer(row: &Row) -> Result<Option<Deliverer>, tokio_postgres::Error> {
    let (process, since): (Option<i32>, Option<i64>) = (row.try_get(0)?, row.try_get(1)?);
    let node = row.try_get(2)?;
    Ok(process.map(|process| Deliverer {
        process: u32::try_from(process).unwrap_or(0),
        since: since.and_then(|since| u64::try_from(since).ok()).unwrap_or(0),
        node,
    }))
}

/// The envelope of a letter whose row and parts are as they were committed.
pub(super) fn sound(row: &Claimed, mail: &[u8; 32], length: u64) -> Result<Envelope, Damage> {
    if length < row.length {
        return Err(Damage::Cut);
    }
    // The length is under no digest; a letter of another one would fail while it is sent, again and again.
    if length > row.length || digest(mail, &row.envelope) != row.digest {
        return Err(Damage::Changed);
    }
    let named: Named<'_> = serde_json::from_str(&row.envelope).map_err(|_| Damage::NoEnvelope)?;
    if *named.name != *row.name {
        return Err(Damage::WrongName);
    }
    Ok(named.envelope.into_owned())
}

impl Settle for RowClaim {
    fn settle(mut self: Box<Self>, settlement: Settlement) -> io::Result<()> {
        self.is_settled = true;
        let (own, name, held) = (self.shared.clone(), self.name.clone(), self.held.clone());
        let told = settlement.clone();
        let settled = self
            .shared
            .engine
            .run(async move { own.settle_now(&name, &held, told).await });
        settled.inspect_err(|_| self.shared.claims.could_not_settle(&self.name, &self.held, settlement))
    }
}

impl Drop for RowClaim {
    fn drop(&mut self) {
        if self.is_settled {
            return;
        }
        self.shared.claims.is_over(&self.name, &self.held);
        let (own, held) = (self.shared.clone(), self.held.clone());
        let give_back = async move {
            let given = async {
                let lent = own.relay.lend().await?;
                lent.execute(GIVE_BACK, &[&held.letter, &held.owner]).await
            };
            if let Err(error) = given.await {
                tracing::warn!(%error, "a claim could not be given back: it ends by itself");
            }
        };
        // A thread of a runtime does not wait.
        let waits = if Handle::try_current().is_ok() {
            Duration::ZERO
        } else {
            GOODBYE
        };
        self.shared.engine.run_for(waits, give_back);
    }
}
