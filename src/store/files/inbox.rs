//! The web side's role.

use std::io;

use super::store::FileStore;
use crate::store::{Budget, Identities, Identity, Inbox, Pending, Proof, Reservation, Share, Size, StoreError};

impl Inbox for FileStore {
    fn identities(&self) -> &Identities {
        &self.identities
    }

    fn repeats(&self, identity: &Identity) -> Result<bool, StoreError> {
        self.arrivals.repeats(&identity.name)
    }

    fn proof(&self, identity: &Identity) -> Option<Proof> {
        self.arrivals.proof(&identity.name)
    }

    fn begin(&self) -> Result<Box<dyn Pending + '_>, StoreError> {
        Ok(Box::new(self.arrivals.begin(&self.quota)?))
    }

    fn reserve(&self, budget: Budget<'_>, size: Size, share: Share) -> Result<Reservation, StoreError> {
        self.quota.reserve(budget, size, share)
    }

    fn check_itself(&self) -> Result<(), StoreError> {
        Ok(self.arrivals.check(&self.layout)?)
    }

    fn probe(&self) -> Result<(), StoreError> {
        self.arrivals.probe()
    }

    fn count_waiting(&self) -> io::Result<()> {
        self.quota.count_waiting()
    }
}
