//! The letters before and after one in the list that a clerk came from.

use crate::desk::post::{RowId, Sort};
use crate::desk::room::Open;

/// Their numbers.
pub(super) struct Neighbours {
    pub(super) previous: Option<RowId>,
    pub(super) next: Option<RowId>,
}

impl Neighbours {
    /// Of a letter that has left the list meanwhile, since it is done with, the list's first one is next.
    pub(super) fn of(open: &Open, id: RowId, sort: Sort, me: &str) -> Self {
        let search = open.search();
        let post = open.session.post();
        let list = post.list(sort, &search, me, &|document| open.ledger.standing(document));
        let ids: Vec<RowId> = list.rows.iter().map(|listed| listed.row.id).collect();
        match ids.iter().position(|other| *other == id) {
            Some(at) => Self {
                previous: at.checked_sub(1).and_then(|at| ids.get(at)).copied(),
                next: ids.get(at + 1).copied(),
            },
            None => Self {
                previous: None,
                next: ids.first().copied(),
            },
        }
    }
}
