//! The web side's role.

use std::io;

use super::arrivals::{PendingRows, refusal};
use super::pool::Promised;
use super::store::PostgresStore;
use crate::store::{Budget, Identities, Identity, Inbox, Pending, Proof, Reservation, Share, Size, StoreError};

const PROBE: &str = "insert into konvolutt.probe (node) values ($1)
    on conflict (node) do update set seen = clock_timestamp()";
const PROOF: &str = "select proof from konvolutt.letter where name = $1 and named";

impl Inbox for PostgresStore {
    fn identities(&self) -> &Identities {
        &self.shared.identities
    }

    fn repeats(&self, identity: &Identity) -> Result<bool, StoreError> {
        self.shared.repeats(&identity.name)
    }

    fn proof(&self, identity: &Identity) -> Option<Proof> {
        let (pool, name) = (self.shared.web.clone(), identity.name.clone());
        let found = self.shared.engine.run(async move {
            let rows = pool.lend().await?.query(PROOF, &[&name]).await?;
            Ok(rows.first().and_then(|row| row.get::<_, Option<String>>(0)))
        });
        found.ok().flatten().and_then(|line| Proof::of_line(&line))
    }

    fn begin(&self) -> Result<Box<dyn Pending + '_>, StoreError> {
        Ok(Box::new(PendingRows::begin(self.shared.clone())))
    }

    fn reserve(&self, budget: Budget<'_>, size: Size, share: Share) -> Result<Reservation, StoreError> {
        let space = self.shared.space(&self.shared.web).map_err(refusal)?;
        let left = |names| self.shared.recount(names);
        self.shared.budgets.reserve(space, budget, size, share, left)
    }

    /// Nothing is asked of the database before the process is shut into its sandbox: the first look at the form does it.
    fn check_itself(&self) -> Result<(), StoreError> {
        Ok(())
    }

    fn probe(&self) -> Result<(), StoreError> {
        let (pool, node) = (self.shared.web.clone(), self.shared.settings.node.clone());
        let probed = self.shared.engine.run(async move {
            let lent = pool.lend().await?;
            match lent.promise(PROBE, &[&node]).await {
                Promised::Kept(_) => Ok(()),
                Promised::Unknown(error) | Promised::Refused(error) => Err(error),
            }
        });
        probed.map_err(refusal)
    }

    /// Counted with the first reservation, and again whenever one would be refused.
    fn count_waiting(&self) -> io::Result<()> {
        Ok(())
    }
}
