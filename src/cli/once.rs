//! What is to be done once, and not once by each node that delivers from one store.

use std::io;
use std::sync::Arc;

use crate::alarms::Alarms;
use crate::notify;
use crate::store::{Lead, Leader, Store};

/// Asks this store who leads. A node that begins to lead knows first what the one before it told.
pub(super) fn leader(store: &Arc<dyn Store>, alarms: &Arc<Alarms>) -> Leader {
    let (asked, store, alarms) = (store.clone(), store.clone(), alarms.clone());
    let take_over = move || {
        // What a node alone told was told by itself: its alarms lie beside it.
        if store.node().is_some() {
            let told = notify::told_of_all(&*store)?;
            told.iter().for_each(|told| alarms.adopt(told));
        }
        Ok(())
    };
    Leader::new(move || asked.leads()).beginning_with(take_over)
}

/// A look for what concerns all letters: only while this node leads, each time with what is loaded anew.
pub(super) fn once<T>(
    leader: Arc<Leader>,
    alarms: Arc<Alarms>,
    load: impl Fn() -> io::Result<T>,
    mut look: impl FnMut(&mut T) -> io::Result<()>,
) -> impl FnMut(bool) -> io::Result<()> {
    let mut loaded: Option<(u64, T)> = None;
    move |_| match leader.ask() {
        Lead::Mine(term) => {
            let known = match loaded.take() {
                Some((own, known)) if own == term => known,
                _ => load()?,
            };
            look(&mut loaded.insert((term, known)).1)
        }
        Lead::Anothers => {
            loaded = None;
            alarms.leave_to_the_leader();
            Ok(())
        }
        Lead::Unknown => Err(io::Error::other("the store does not say which node leads")),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::alarms::{Alarm, Side};

    /// Two nodes, of which one leads at a time. Each look counts on from what was written down last.
    #[test]
    fn what_concerns_all_letters_is_looked_for_by_the_node_that_leads_with_what_was_known_last() {
        let dir = tempfile::tempdir().unwrap();
        let (leads, note) = (Arc::new(Mutex::new(Some("a"))), Arc::new(AtomicUsize::new(0)));
        let node = |name: &'static str| {
            let alarms = Arc::new(Alarms::new(dir.path().join(name), &[Side::Relay]));
            let (asked, read, written, own) = (leads.clone(), note.clone(), note.clone(), alarms.clone());
            let asks = move || {
                asked
                    .lock()
                    .unwrap()
                    .map(|leads| leads == name)
                    .ok_or(io::Error::other("away"))
            };
            let leader = Arc::new(Leader::new(asks).without_patience());
            let load = move || Ok(read.load(Ordering::SeqCst));
            let look = move |known: &mut usize| {
                *known += 1;
                written.store(*known, Ordering::SeqCst);
                own.raise(Alarm::Canary, "post", &format!("look {known}"));
                Ok(())
            };
            (once(leader, alarms.clone(), load, look), alarms)
        };
        let ((mut a, of_a), (mut b, of_b)) = (node("a"), node("b"));
        let texts = |alarms: &Alarms| alarms.own().into_iter().map(|posted| posted.text).collect::<Vec<_>>();
        let mut both = || (a(false).is_ok(), b(false).is_ok());
        assert_eq!(both(), (true, true));
        assert_eq!(both(), (true, true));
        assert_eq!((texts(&of_a), texts(&of_b)), (vec!["look 2".to_owned()], vec![]));
        *leads.lock().unwrap() = Some("b");
        assert_eq!(both(), (true, true));
        assert_eq!((texts(&of_a), texts(&of_b)), (vec![], vec!["look 3".to_owned()]));
        // Nobody knows: nothing is looked at, and nothing is over.
        *leads.lock().unwrap() = None;
        assert_eq!(both(), (false, false));
        assert_eq!((texts(&of_a), texts(&of_b)), (vec![], vec!["look 3".to_owned()]));
        *leads.lock().unwrap() = Some("a");
        assert_eq!(both(), (true, true));
        assert_eq!((texts(&of_a), texts(&of_b)), (vec!["look 4".to_owned()], vec![]));
    }
}
