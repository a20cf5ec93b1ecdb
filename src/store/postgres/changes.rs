//! What happens in the database, asked for each second. Nobody needs to be told: `NOTIFY` would hold one lock for all
//! databases of the server until the standbys have answered.
//!
//! Each row has the transaction that changed it last. A look finds all from the oldest transaction on that was still open at
//! the look before: numbers are given before a commit, so that one may come later than those after it.

use std::collections::{BTreeSet, HashMap};
use std::io;
use std::sync::{Arc, Weak};
use std::time::Duration;

use futures_util::stream;
use tokio::sync::mpsc;

use super::fault;
use super::store::Shared;
use crate::store::{Change, Changes};

/// A letter waits no longer than this until a relay knows of it.
const LOOKED: Duration = Duration::from_secs(1);
/// Everything is looked at this often, in case that a change was not seen.
const RESCAN: Duration = Duration::from_secs(60);
/// More than these are not told by name. A transaction of anybody's on the server that lasts keeps what came since in each look.
const MOST: i64 = 5000;

const FIRST: &str = "select seen.before, letter.id, letter.name, letter.changed::text, false
    from (select pg_snapshot_xmin(pg_current_snapshot())::text as before) seen
    left join (select id, name, changed from konvolutt.letter where state = 'waiting' limit $1) letter on true";
const LOOK: &str =
    "select seen.before, letter.id, letter.name, letter.changed::text, coalesce(letter.aside >= $1::text::xid8, false)
    from (select pg_snapshot_xmin(pg_current_snapshot())::text as before) seen
    left join lateral (
        select id, name, changed, aside from konvolutt.letter where changed >= $1::text::xid8 limit $2
    ) letter on true";

/// What the look before found.
#[derive(Default)]
struct Seen {
    /// The oldest transaction that was still open; nothing before the first look.
    before: Option<String>,
    /// Letters that will be found again, with the transaction that changed them.
    again: HashMap<i64, String>,
}

pub(super) fn of(shared: &Arc<Shared>) -> Changes {
    let (tell, hear) = mpsc::channel(1);
    let begun = shared.engine.spawn(look(Arc::downgrade(shared), tell));
    if let Err(error) = begun {
        tracing::warn!(%error, "changes in the database are only looked for now and then");
    }
    let next = |mut hear: mpsc::Receiver<Change>| async { hear.recv().await.map(|change| (change, hear)) };
    Changes::new(stream::unfold(hear, next), RESCAN)
}

/// Until nobody hears, or the store is dropped.
async fn look(shared: Weak<Shared>, tell: mpsc::Sender<Change>) {
    let mut seen = Seen::default();
    let mut failed = false;
    while let Some(shared) = shared.upgrade() {
        let change = match seen.look(&shared).await {
            Ok(change) => Change {
                missed: change.missed || std::mem::take(&mut failed),
                ..change
            },
            Err(error) => {
                if !std::mem::replace(&mut failed, true) {
                    tracing::warn!(%error, "the database cannot be asked for new letters");
                }
                Change::default()
            }
        };
        drop(shared);
        if !change.is_empty() && tell.send(change).await.is_err() {
            return;
        }
        tokio::time::sleep(LOOKED).await;
        if tell.is_closed() {
            return;
        }
    }
}

impl Seen {
    async fn look(&mut self, shared: &Shared) -> io::Result<Change> {
        let lent = shared.relay.lend().await?;
        let rows = match &self.before {
            Some(before) => lent.query(LOOK, &[before, &MOST]).await?,
            None => lent.query(FIRST, &[&MOST]).await?,
        };
        let mut change = Change {
            missed: i64::try_from(rows.len()).is_ok_and(|rows| rows >= MOST),
            ..Change::default()
        };
        let (mut again, mut letters) = (HashMap::new(), BTreeSet::new());
        for row in &rows {
            self.before = Some(row.try_get(0).map_err(|error| fault::of(&error))?);
            let Some(letter) = row.get::<_, Option<i64>>(1) else {
                continue;
            };
            let changed: String = row.get(3);
            if self.again.get(&letter) != Some(&changed) {
                change.set_aside |= row.get::<_, bool>(4);
                letters.insert(row.get(2));
            }
            again.insert(letter, changed);
        }
        (self.again, change.letters) = (again, letters);
        Ok(change)
    }
}
