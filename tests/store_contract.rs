//! What a store promises, written against its face: the same for every store that stands behind it. A new one adds a
//! [`Place`] and one line at the end of this file.
//!
//! Three kinds of end are tried: a store that is dropped and opened again (a restart), a process that holds it and is
//! killed (`kill -9`), and two processes at once.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant, SystemTime};

use konvolutt::owner::{NameKey, Owner, Source};
use konvolutt::store::files::{FileStore, Settings};
#[cfg(feature = "postgres")]
use konvolutt::store::postgres::Host;
use konvolutt::store::{
    Bounced, Budget, ClaimError, Committed, Deliverer, Envelope, Identity, LeaseError, Proof, Settlement, Share,
    ShelfError, Size, State, Status, Store, StoreError,
};

#[cfg(feature = "postgres")]
use crate::support::postgres as postgres_server;

/// Where stores of one kind lie.
pub trait Place {
    /// The node that a deliverer is told with.
    const NODE: Option<&'static str>;
    /// What a process had claimed that was killed is free after so long.
    const PATIENCE: Duration;
    /// A place where nothing is yet.
    fn new() -> Self;
    /// Opens the store there, as one process does.
    fn open(&self) -> Arc<dyn Store>;
    /// What another process needs to open the same store.
    fn address(&self) -> String;
    /// The same place, in another process.
    fn at(address: &str) -> Self;
}

const MAIL: &[u8] = b"Subject: sealed\r\n\r\nletter\r\n";

fn identity(store: &dyn Store, number: u32) -> Identity {
    store.identities().of(&number.to_be_bytes(), &[0; 32])
}

fn mail(number: u32) -> Vec<u8> {
    [MAIL, number.to_string().as_bytes()].concat()
}

fn envelope(number: u32) -> Envelope {
    Envelope {
        mailbox: "postmottak".into(),
        from: "a@authority.example".into(),
        to: "b@authority.example".into(),
        reference: format!("TST-{number:04}-TST"),
        accepted: 60 * u64::from(number),
    }
}

fn commit(store: &dyn Store, number: u32) -> Result<Committed, StoreError> {
    let mut pending = store.begin()?;
    pending.write_all(&mail(number))?;
    assert_eq!(pending.length(), mail(number).len() as u64);
    pending.commit(&identity(store, number), &envelope(number))
}

/// One letter that waits; its name.
fn with_a_letter(store: &dyn Store) -> String {
    assert_eq!(commit(store, 1).unwrap(), Committed::New);
    identity(store, 1).name
}

fn waiting(store: &dyn Store) -> Vec<String> {
    store.waiting().unwrap().into_iter().map(|(name, _)| name).collect()
}

/// States of all letters, by name.
fn states(store: &dyn Store) -> BTreeMap<String, State> {
    let listed = store.list().unwrap();
    listed.into_iter().map(|letter| (letter.name, letter.state)).collect()
}

fn state(store: &dyn Store, name: &str) -> Option<State> {
    let shown = store.show(name).unwrap().map(|letter| letter.state);
    assert_eq!(states(store).get(name).copied(), shown, "list and show differ");
    shown
}

fn deliver(store: &dyn Store, name: &str) {
    store.claim(name).unwrap().settle(Settlement::Delivered).unwrap();
}

fn tried(attempts: u32) -> Status {
    Status {
        attempts,
        due: 1_000,
        last_error: "451 later".into(),
        ..Status::default()
    }
}

/// Waits until what another process had is free, where that takes a while; the last answer.
fn patiently<P: Place, T>(ask: impl Fn() -> Option<T>) -> Option<T> {
    let end = Instant::now() + P::PATIENCE;
    loop {
        let answer = ask();
        if answer.is_some() || Instant::now() >= end {
            return answer;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn is_this_process<P: Place>(by: &Deliverer) -> bool {
    by.process == std::process::id() && by.node.as_deref() == P::NODE
}

fn busy<T>(done: Result<T, ShelfError>) -> bool {
    matches!(done, Err(ShelfError::Busy(_)))
}

fn gone<T>(done: Result<T, ShelfError>) -> bool {
    matches!(done, Err(ShelfError::Gone))
}

pub fn what_was_committed_is_claimed_byte_for_byte<P: Place>() {
    let place = P::new();
    let name = with_a_letter(&*place.open());
    let store = place.open();
    assert_eq!(waiting(&*store), [name.as_str()]);
    let claim = store.claim(&name).unwrap();
    // As often as it takes.
    for _ in 0..2 {
        let mut bytes = Vec::new();
        claim.letter().mail().read_to_end(&mut bytes).unwrap();
        assert_eq!(bytes, mail(1));
    }
    assert_eq!(claim.letter().envelope, envelope(1));
    let listed = store.list().unwrap();
    assert_eq!((listed[0].reference.as_str(), listed[0].accepted), ("TST-0001-TST", 60));
}

pub fn a_letter_that_was_not_committed_leaves_nothing<P: Place>() {
    let place = P::new();
    let store = place.open();
    let mut pending = store.begin().unwrap();
    pending.write_all(&mail(1)).unwrap();
    drop(pending);
    assert!(store.list().unwrap().is_empty());
    assert_eq!(store.backlog().unwrap().letters, 0);
    // The control, and its name was not taken.
    assert_eq!(commit(&*store, 1).unwrap(), Committed::New);
    assert_eq!(store.backlog().unwrap().letters, 1);
}

pub fn the_oldest_comes_first<P: Place>() {
    let place = P::new();
    let store = place.open();
    let mut expected = Vec::new();
    for number in [3, 1, 2] {
        commit(&*store, number).unwrap();
        expected.push(identity(&*store, number).name);
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(waiting(&*store), expected);
    let age = store.backlog().unwrap().oldest.unwrap().elapsed().unwrap();
    // The moment is kept by the minute, and one may end meanwhile.
    assert!(
        age >= Duration::from_millis(40) && age < Duration::from_secs(120),
        "{age:?}"
    );
}

/// The same page with the same content is one letter: at once, later, after a restart, after the delivery, and after it
/// was refused.
pub fn a_double_send_is_one_letter<P: Place>() {
    let place = P::new();
    let store = place.open();
    let repeats = |store: &dyn Store, number| store.repeats(&identity(store, number)).unwrap();
    assert!(!repeats(&*store, 1));
    let found: Vec<Committed> = std::thread::scope(|scope| {
        let commits: Vec<_> = (0..8).map(|_| scope.spawn(|| commit(&*store, 1).unwrap())).collect();
        commits.into_iter().map(|commit| commit.join().unwrap()).collect()
    });
    assert_eq!(found.iter().filter(|found| **found == Committed::New).count(), 1);
    let name = identity(&*store, 1).name;
    drop(store);
    let store = place.open();
    assert_eq!(commit(&*store, 1).unwrap(), Committed::Repeat);
    assert!(repeats(&*store, 1));
    deliver(&*store, &name);
    assert_eq!(commit(&*store, 1).unwrap(), Committed::Repeat);
    assert!(waiting(&*store).is_empty());
    drop(store);
    let store = place.open();
    assert_eq!(commit(&*store, 1).unwrap(), Committed::Repeat);
    // The same without writing it again, also once it is delivered.
    assert!(repeats(&*store, 1) && !repeats(&*store, 2));
    // Other content, or another page, is another letter.
    assert_eq!(commit(&*store, 2).unwrap(), Committed::New);
    let held = identity(&*store, 2).name;
    store.claim(&held).unwrap().settle(Settlement::Held(tried(1))).unwrap();
    assert_eq!(commit(&*store, 2).unwrap(), Committed::Repeat);
    assert!(repeats(&*store, 2));
    assert!(waiting(&*store).is_empty());
}

pub fn identities_survive_a_restart_and_are_of_one_store<P: Place>() {
    let (place, other) = (P::new(), P::new());
    let before = identity(&*place.open(), 1);
    assert!(before == identity(&*place.open(), 1));
    assert!(Some(&before) == place.open().identities().of_name(&before.name).as_ref());
    assert_ne!(before.name, identity(&*other.open(), 1).name);
}

/// While a letter is claimed nobody else moves it, claims it, or forgets what was tried with it.
pub fn a_claim_is_one_and_holds_every_move_off<P: Place>() {
    let place = P::new();
    let store = place.open();
    let name = with_a_letter(&*store);
    let claim = store.claim(&name).unwrap();
    // Another process is another store.
    for other in [store.clone(), place.open()] {
        match other.claim(&name) {
            Err(ClaimError::Busy(Some(by))) => assert!(is_this_process::<P>(&by), "{by:?}"),
            other => panic!("{:?}", other.err()),
        }
        assert!(busy(other.hold(&name)) && busy(other.retry(&name)) && busy(other.release(&name)));
        let shown = other.show(&name).unwrap().unwrap();
        let by = shown.in_flight.unwrap();
        assert!(is_this_process::<P>(&by), "{by:?}");
        assert_eq!(state(&*other, &name), Some(State::Waiting));
    }
    drop(claim);
    assert!(store.show(&name).unwrap().unwrap().in_flight.is_none());
    store.hold(&name).unwrap();
}

pub fn a_claim_that_is_dropped_lets_the_letter_wait_again<P: Place>() {
    let place = P::new();
    let store = place.open();
    let name = with_a_letter(&*store);
    store.claim(&name).unwrap().settle(Settlement::Later(tried(2))).unwrap();
    drop(store.claim(&name).unwrap());
    assert_eq!(waiting(&*store), [name.as_str()]);
    // As it did before.
    assert_eq!(store.show(&name).unwrap().unwrap().status, tried(2));
    deliver(&*store, &name);
}

pub fn each_settlement_is_in_one_state_also_after_a_restart<P: Place>() {
    let place = P::new();
    let all = [
        (1, Settlement::Delivered, State::Delivered, Status::default()),
        (2, Settlement::Held(tried(3)), State::Held, tried(3)),
        (3, Settlement::Later(tried(4)), State::Waiting, tried(4)),
        (4, Settlement::Quarantined(tried(5)), State::Corrupt, tried(5)),
    ];
    let store = place.open();
    for (number, settlement, _, _) in &all {
        commit(&*store, *number).unwrap();
        let name = identity(&*store, *number).name;
        store.claim(&name).unwrap().settle(settlement.clone()).unwrap();
    }
    for store in [store, place.open()] {
        assert_eq!(store.list().unwrap().len(), 4);
        for (number, _, expected, status) in &all {
            let name = identity(&*store, *number).name;
            assert_eq!(state(&*store, &name), Some(*expected));
            assert_eq!(store.show(&name).unwrap().unwrap().status, *status);
            let waits = waiting(&*store).contains(&name);
            assert_eq!(waits, *expected == State::Waiting);
            assert_eq!(
                store.names(*expected).unwrap().contains(&name),
                *expected != State::Delivered || !waits
            );
            match store.claim(&name) {
                Ok(_) => assert_eq!(*expected, State::Waiting),
                Err(error) => assert!(matches!(error, ClaimError::Gone) && !waits, "{error}"),
            }
        }
        let delivered: Vec<String> = store.delivered().unwrap().into_iter().map(|(name, _)| name).collect();
        assert_eq!(delivered, [identity(&*store, 1).name]);
    }
}

/// What the relay's table is made of: the same whether it asks for all or for some.
pub fn what_waits_is_told_with_what_was_tried<P: Place>() {
    let place = P::new();
    let store = place.open();
    let name = with_a_letter(&*store);
    store.claim(&name).unwrap().settle(Settlement::Later(tried(5))).unwrap();
    store.defer(&name, &tried(6)).unwrap();
    let now = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap()
        .as_secs();
    let all = store.waiting().unwrap();
    assert_eq!((all[0].1.status.clone(), now - all[0].1.since < 120), (tried(6), true));
    let none = "0".repeat(64);
    let some: BTreeMap<_, _> = store
        .look_at(&BTreeSet::from([name.clone(), none.clone()]))
        .into_iter()
        .collect();
    assert_eq!(some[&name].as_ref(), Some(&all[0].1));
    assert_eq!(some[&none], None);
    deliver(&*store, &name);
    assert_eq!(store.look_at(&BTreeSet::from([name.clone()])), [(name, None)]);
}

pub fn the_operator_holds_releases_and_retries<P: Place>() {
    let place = P::new();
    let store = place.open();
    let name = with_a_letter(&*store);
    store.claim(&name).unwrap().settle(Settlement::Later(tried(1))).unwrap();
    assert!(gone(store.release(&name)), "a waiting letter is not to be released");
    store.retry(&name).unwrap();
    assert_eq!(store.show(&name).unwrap().unwrap().status, Status::default());
    store.hold(&name).unwrap();
    assert_eq!(state(&*store, &name), Some(State::Held));
    assert!(gone(store.hold(&name)) && gone(store.retry(&name)));
    store.release(&name).unwrap();
    assert_eq!(state(&*store, &name), Some(State::Waiting));
    deliver(&*store, &name);
    assert!(gone(store.hold(&name)) && gone(store.retry(&name)));
    // Also a delivered one: after an accident in the mailbox.
    store.release(&name).unwrap();
    let mut bytes = Vec::new();
    store
        .claim(&name)
        .unwrap()
        .letter()
        .mail()
        .read_to_end(&mut bytes)
        .unwrap();
    assert_eq!(bytes, mail(1));
    let none = "0".repeat(64);
    assert!(gone(store.hold(&none)) && gone(store.release(&none)) && gone(store.retry(&none)));
    assert!(store.show(&none).unwrap().is_none());
    assert!(matches!(store.claim(&none), Err(ClaimError::Gone)));
}

/// An envelope is under the letter's digest; where an operator sends it instead holds over attempts, moves and restarts.
pub fn a_readdressed_letter_goes_to_its_new_mailbox<P: Place>() {
    let place = P::new();
    let store = place.open();
    let name = with_a_letter(&*store);
    store.claim(&name).unwrap().settle(Settlement::Held(tried(2))).unwrap();
    store.readdress(&name, "other").unwrap();
    for round in 0..4 {
        // Each time another process.
        let store = place.open();
        let claim = store.claim(&name).unwrap();
        assert_eq!(claim.letter().envelope.mailbox, "other", "{round}");
        assert!(busy(store.readdress(&name, "postmottak")), "while it is delivered");
        let mut bytes = Vec::new();
        claim.letter().mail().read_to_end(&mut bytes).unwrap();
        assert_eq!(bytes, mail(1));
        match round {
            0 => claim.settle(Settlement::Later(tried(3))).unwrap(),
            1 => claim.settle(Settlement::Held(tried(3))).unwrap(),
            _ => claim.settle(Settlement::Delivered).unwrap(),
        }
        let shown = store.show(&name).unwrap().unwrap();
        assert_eq!(
            (shown.mailbox.as_str(), shown.taken_for.as_deref()),
            ("other", Some("postmottak"))
        );
        match round {
            0 => store.retry(&name).unwrap(),
            _ => store.release(&name).unwrap(),
        }
        let status = store.show(&name).unwrap().unwrap().status;
        assert_eq!((status.attempts, status.mailbox.as_deref()), (0, Some("other")));
    }
    // Also one that waits, and there is a way back.
    store.readdress(&name, "postmottak").unwrap();
    assert_eq!(store.claim(&name).unwrap().letter().envelope.mailbox, "postmottak");
    assert!(gone(store.readdress(&"0".repeat(64), "other")));
}

/// What was discarded is gone, is told of, and is no new letter when its page is sent again.
pub fn a_discarded_letter_leaves_a_record_and_its_name<P: Place>() {
    let place = P::new();
    let store = place.open();
    let name = with_a_letter(&*store);
    let discard = |why: &str| store.discard(&name, State::Held, why);
    assert!(gone(discard("no")), "a waiting letter");
    assert!(gone(store.discard(&name, State::Waiting, "no")));
    let claim = store.claim(&name).unwrap();
    assert!(busy(discard("no")));
    claim.settle(Settlement::Held(tried(1))).unwrap();
    assert!(store.letter(&name).unwrap().is_some());
    discard("a test letter").unwrap();
    for store in [store.clone(), place.open()] {
        assert_eq!(state(&*store, &name), Some(State::Discarded));
        let shown = store.show(&name).unwrap().unwrap();
        let record = shown.discarded.unwrap();
        assert_eq!((record.why.as_str(), record.day % 86_400), ("a test letter", 0));
        assert_eq!(
            (shown.reference.as_str(), shown.mailbox.as_str()),
            ("TST-0001-TST", "postmottak")
        );
        assert!(store.letter(&name).unwrap().is_none());
        assert!(store.names(State::Held).unwrap().is_empty() && waiting(&*store).is_empty());
        assert!(store.delivered().unwrap().is_empty(), "it was never delivered");
        assert!(
            gone(store.discard(&name, State::Held, "again")) && gone(store.release(&name)) && gone(store.retry(&name))
        );
        assert!(matches!(store.claim(&name), Err(ClaimError::Gone)));
        assert_eq!(commit(&*store, 1).unwrap(), Committed::Repeat);
        // No look takes it for a damaged one.
        store.look_for_missing().unwrap();
        store.clean(SystemTime::now()).unwrap();
        drop(store.lease().unwrap());
        assert!(store.names(State::Corrupt).unwrap().is_empty());
    }
    // A corrupt one too. Its name is free, and what comes under it is a letter like any other.
    commit(&*store, 2).unwrap();
    let corrupt = identity(&*store, 2).name;
    let claim = store.claim(&corrupt).unwrap();
    claim.settle(Settlement::Quarantined(tried(1))).unwrap();
    store.discard(&corrupt, State::Corrupt, "made by a stranger").unwrap();
    assert_eq!(state(&*store, &corrupt), Some(State::Discarded));
    assert_eq!(commit(&*store, 2).unwrap(), Committed::New);
    assert_eq!(state(&*store, &corrupt), Some(State::Waiting));
    deliver(&*store, &corrupt);
    assert_eq!(state(&*store, &corrupt), Some(State::Delivered));
    assert_eq!(store.names(State::Discarded).unwrap(), [name]);
}

/// A page that is sent again after its letter was changed on disk has the same name, and is a letter like any other.
pub fn a_letter_under_the_name_of_a_corrupt_one_is_its_own<P: Place>() {
    let place = P::new();
    let store = place.open();
    let spoilt_and_sent_again = |number: u32| {
        commit(&*store, number).unwrap();
        let name = identity(&*store, number).name;
        let claim = store.claim(&name).unwrap();
        claim.settle(Settlement::Quarantined(tried(1))).unwrap();
        assert_eq!(commit(&*store, number).unwrap(), Committed::New);
        deliver(&*store, &name);
        name
    };
    let delivered = || -> Vec<String> { store.delivered().unwrap().into_iter().map(|(name, _)| name).collect() };

    // What is said of the delivered one is said of that one, also while the corrupt one lies there.
    let came_back = spoilt_and_sent_again(1);
    assert_eq!(delivered(), [came_back.as_str()]);
    assert_eq!(store.bounce(&came_back, "550 5.1.1").unwrap(), Bounced::Held);
    assert_eq!(store.names(State::Held).unwrap(), [came_back.as_str()]);
    let known = store.known(&came_back, Some(State::Held)).unwrap();
    assert_eq!(
        (known.state, known.status.last_error.as_str()),
        (State::Held, "550 5.1.1")
    );
    let listed = store.list().unwrap();
    let both: Vec<_> = listed.iter().map(|letter| letter.state).collect();
    assert_eq!(both, [State::Held, State::Corrupt], "commands reach either");
    // An operator sees the corrupt one first, and discards what was seen.
    assert_eq!(state(&*store, &came_back), Some(State::Corrupt));
    store.discard(&came_back, State::Corrupt, "changed on disk").unwrap();
    assert_eq!(state(&*store, &came_back), Some(State::Held));
    assert!(gone(store.discard(&came_back, State::Corrupt, "again")));
    let mut bytes = Vec::new();
    let kept = store.letter(&came_back).unwrap().unwrap();
    kept.mail().read_to_end(&mut bytes).unwrap();
    assert_eq!(bytes, mail(1));

    // Its record hides no letter.
    let stays = spoilt_and_sent_again(2);
    store.discard(&stays, State::Corrupt, "changed on disk").unwrap();
    assert!(delivered().contains(&stays));
}

pub fn one_process_at_a_time_delivers<P: Place>() {
    let place = P::new();
    let (store, other) = (place.open(), place.open());
    let lease = store.lease().unwrap();
    assert!(matches!(other.lease(), Err(LeaseError::Taken)));
    drop(lease);
    other.lease().unwrap();
}

pub fn delivered_letters_are_forgotten_later_than_their_names<P: Place>() {
    const DAY: Duration = Duration::from_secs(86_400);
    let place = P::new();
    let store = place.open();
    let name = with_a_letter(&*store);
    deliver(&*store, &name);
    commit(&*store, 2).unwrap();
    let held = identity(&*store, 2).name;
    store.hold(&held).unwrap();
    store.clean(SystemTime::now() + DAY).unwrap();
    assert_eq!(state(&*store, &name), Some(State::Delivered));
    store.clean(SystemTime::now() + 30 * DAY).unwrap();
    assert!(store.show(&name).unwrap().is_none());
    assert!(store.delivered().unwrap().is_empty());
    // What is held is kept until somebody decides, and what is forgotten may come anew.
    assert_eq!(state(&*store, &held), Some(State::Held));
    assert_eq!(commit(&*store, 1).unwrap(), Committed::New);
}

/// What came back is held with the words of the other side, in one state whoever looks, and goes out again byte for byte.
pub fn a_letter_that_came_back_is_held_and_sent_again<P: Place>() {
    let place = P::new();
    let store = place.open();
    let name = with_a_letter(&*store);
    let bounce = |store: &dyn Store| store.bounce(&name, "550 5.1.1 no such user");
    assert_eq!(bounce(&*store).unwrap(), Bounced::Already(State::Waiting));
    let claim = store.claim(&name).unwrap();
    assert!(busy(bounce(&*place.open())), "while it is delivered nobody moves it");
    claim.settle(Settlement::Delivered).unwrap();

    assert_eq!(bounce(&*store).unwrap(), Bounced::Held);
    drop(store);
    let store = place.open();
    let shown = store.show(&name).unwrap().unwrap();
    assert_eq!(
        (shown.status.attempts, shown.status.last_error.as_str()),
        (1, "550 5.1.1 no such user")
    );
    assert_eq!(state(&*store, &name), Some(State::Held));
    assert!(waiting(&*store).is_empty() && store.delivered().unwrap().is_empty());
    assert_eq!(store.names(State::Held).unwrap(), [name.as_str()]);
    assert_eq!(bounce(&*store).unwrap(), Bounced::Already(State::Held));
    // The page that is sent again is still this letter, and age alone removes neither it nor its name.
    store
        .clean(SystemTime::now() + Duration::from_secs(90 * 86_400))
        .unwrap();
    assert_eq!(commit(&*store, 1).unwrap(), Committed::Repeat);

    store.release(&name).unwrap();
    let claim = store.claim(&name).unwrap();
    let mut bytes = Vec::new();
    claim.letter().mail().read_to_end(&mut bytes).unwrap();
    assert_eq!(bytes, mail(1));
    claim.settle(Settlement::Delivered).unwrap();
    // As often as it comes back.
    assert_eq!(bounce(&*store).unwrap(), Bounced::Held);
    store.release(&name).unwrap();
    deliver(&*store, &name);
    assert_eq!(state(&*store, &name), Some(State::Delivered));
    assert!(gone(store.bounce(&"0".repeat(64), "550")));
}

/// Each letter has an id for its envelope, the same over a restart, and of its own.
pub fn the_id_in_the_envelope_is_the_letters_own<P: Place>() {
    let place = P::new();
    let store = place.open();
    let (one, two) = (identity(&*store, 1), identity(&*store, 2));
    let id = store.bounce_id(&one.name).unwrap();
    assert_eq!(place.open().bounce_id(&one.name).unwrap(), id);
    assert_ne!(store.bounce_id(&two.name).unwrap(), id);
    assert!(![&one.id, &one.envelope].contains(&&id));
    assert_eq!(store.bounce_id("no name"), None);
}

/// The largest letter where shares alone decide.
const NO_FILE: Size = in_queue(0);

const fn in_queue(waiting: u64) -> Size {
    Size { waiting, on_disk: 0 }
}

pub fn a_budget_counts_what_waits_and_what_is_promised<P: Place>() {
    let place = P::new();
    let nobody = Owner::default();
    let budget = |bytes| Budget {
        mailbox: "postmottak",
        bytes,
        largest: NO_FILE,
        owner: &nobody,
    };
    let refused = |store: &dyn Store, bytes, share| {
        matches!(
            store.reserve(budget(1_000), in_queue(bytes), share).map(drop),
            Err(StoreError::Budget(mailbox)) if mailbox == "postmottak"
        )
    };
    let store = place.open();
    store.count_waiting().unwrap();
    let held = store.reserve(budget(1_000), in_queue(700), Share::Attachments).unwrap();
    assert!(
        refused(&*store, 100, Share::Attachments),
        "three quarters are for attachments"
    );
    assert!(!refused(&*store, 300, Share::Text));
    assert!(refused(&*store, 301, Share::Text));
    drop(held);
    assert!(!refused(&*store, 700, Share::Attachments));
    // What waits counts, also after a restart, until it is delivered.
    let name = with_a_letter(&*store);
    let size = store.show(&name).unwrap().unwrap().size;
    for store in [store, place.open()] {
        store.count_waiting().unwrap();
        assert!(refused(&*store, 1_001 - size, Share::Text));
        assert!(!refused(&*store, 1_000 - size, Share::Text));
    }
    let store = place.open();
    store.count_waiting().unwrap();
    deliver(&*store, &name);
    assert!(!refused(&*store, 1_000, Share::Text));
    // More than any disk has.
    let of_any_disk = Size {
        waiting: 0,
        on_disk: u64::MAX,
    };
    assert!(matches!(
        store.reserve(budget(u64::MAX), of_any_disk, Share::Text).map(drop),
        Err(StoreError::Full(_))
    ));
    store.check_itself().unwrap();
    store.probe().unwrap();
}

/// One owner of addresses, with as many as there are in a /48, leaves room for everybody else; so do many owners.
pub fn a_budget_has_a_share_for_each_owner<P: Place>() {
    const MIB: u64 = 1024 * 1024;
    let place = P::new();
    let store = place.open();
    store.count_waiting().unwrap();
    let names = NameKey::random();
    let owner = |address: &str| names.owner(Source::Address(address.parse().unwrap()));
    let reserve = |owner: &Owner, bytes, share| {
        let budget = Budget {
            mailbox: "postmottak",
            bytes: 1_000 * MIB,
            largest: NO_FILE,
            owner,
        };
        store.reserve(budget, in_queue(bytes), share).ok()
    };
    let of_one: Vec<_> = (0..u16::MAX)
        .step_by(40)
        .filter_map(|net| reserve(&owner(&format!("2001:db8:1:{net:x}::1")), MIB, Share::Attachments))
        .collect();
    assert_eq!(of_one.len(), 83, "a ninth of what there is for attachments");
    let stranger = owner("192.0.2.1");
    assert!(reserve(&stranger, MIB, Share::Attachments).is_some());
    drop(of_one);
    // Of many owners each has less, and the last tenth is for texts of those who have sent little.
    let mut of_many = Vec::new();
    for turn in 0..500 {
        let owners = (0..200).map(|net| owner(&format!("2001:db8:{net:x}00::{turn:x}")));
        let before = of_many.len();
        of_many.extend(owners.filter_map(|owner| reserve(&owner, MIB, Share::Text)));
        if of_many.len() == before {
            break;
        }
    }
    let all = of_many.len() as u64;
    assert!((700..=900).contains(&all), "{all} MiB of 1000");
    assert!(reserve(&stranger, MIB, Share::Text).is_some(), "a text of a stranger");
}

pub fn notes_survive_a_restart<P: Place>() {
    let place = P::new();
    let store = place.open();
    assert_eq!(store.note("note").unwrap(), None);
    store.set_note("note", b"one").unwrap();
    store.set_note("other", b"").unwrap();
    assert_eq!(store.note("note").unwrap().unwrap(), b"one");
    store.set_note("note", b"two").unwrap();
    drop(store);
    let store = place.open();
    assert_eq!(store.note("note").unwrap().unwrap(), b"two");
    assert_eq!(store.note("other").unwrap().unwrap(), b"");
}

/// The relay learns at once of everything that another process does.
pub fn changes_are_told_at_once<P: Place>() {
    let place = P::new();
    let (relay, other) = (place.open(), place.open());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut changes = relay.changes();
        let name = identity(&*other, 1).name;
        let told = |letters: bool, set_aside: bool| (letters, set_aside);
        type Act<'a> = (&'a str, Box<dyn Fn() + 'a>, (bool, bool));
        let acts: [Act<'_>; 5] = [
            (
                "commit",
                Box::new(|| assert_eq!(commit(&*other, 1).unwrap(), Committed::New)),
                told(true, false),
            ),
            ("retry", Box::new(|| other.retry(&name).unwrap()), told(true, false)),
            ("hold", Box::new(|| other.hold(&name).unwrap()), told(true, true)),
            ("release", Box::new(|| other.release(&name).unwrap()), told(true, true)),
            ("deliver", Box::new(|| deliver(&*other, &name)), told(true, false)),
        ];
        for (what, act, (letters, set_aside)) in acts {
            act();
            let (mut named, mut aside) = (false, false);
            let wait = async {
                while (named, aside) != (letters, set_aside) {
                    let change = changes.next().await;
                    named |= change.letters.contains(&name);
                    aside |= change.set_aside;
                }
            };
            let waited = tokio::time::timeout(Duration::from_secs(5), wait).await;
            assert!(waited.is_ok(), "{what}: {named} {aside}");
            // What is left of it, so that the next act is told of by itself.
            while tokio::time::timeout(Duration::from_millis(50), changes.next())
                .await
                .is_ok()
            {}
        }
    });
}

/// Another process that works with the same store, until it is killed or its input ends.
struct Other {
    child: Child,
    said: Receiver<String>,
}

impl Other {
    fn start(kind: &str, address: &str, work: &str) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args([
            "--exact",
            &format!("store_contract::{kind}::another_process"),
            "--ignored",
            "--nocapture",
        ]);
        command.env("KONVOLUTT_STORE", address).env("KONVOLUTT_WORK", work);
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let mut child = child.unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let (say, said) = mpsc::channel();
        std::thread::spawn(move || {
            let lines = output.lines().map_while(Result::ok);
            lines
                .filter_map(|line| Some(line.split_once("said ")?.1.to_owned()))
                .for_each(|line| say.send(line).unwrap_or_default());
        });
        Self { child, said }
    }

    /// The next thing that it says.
    fn hear(&self) -> String {
        let line = self.said.recv_timeout(Duration::from_secs(90));
        line.expect("the other process says nothing")
    }

    /// Kills it; what it had said that was not heard yet.
    fn kill(mut self) -> Vec<String> {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.said.iter().collect()
    }

    /// Kills it a moment after it has said so much, which falls among its work on a machine of any speed; all that it said.
    fn kill_after(self, lines: usize, moment: Duration) -> Vec<String> {
        let mut said: Vec<String> = (0..lines).map(|_| self.hear()).collect();
        std::thread::sleep(moment);
        said.extend(self.kill());
        said
    }
}

/// What another process does until it is killed. It says what it has done, and only then.
pub fn work_in_another_process<P: Place>() {
    let Ok(address) = std::env::var("KONVOLUTT_STORE") else {
        return;
    };
    let store = P::at(&address).open();
    #[allow(clippy::print_stdout)] // how it is heard by the first
    let say = |what: &str| println!("said {what}");
    match std::env::var("KONVOLUTT_WORK").unwrap().as_str() {
        "commit" => std::thread::scope(|scope| {
            for thread in 0..4u32 {
                let store = &*store;
                scope.spawn(move || {
                    for number in (0..).map(|number| number * 4 + thread) {
                        commit(store, number).unwrap();
                        say(&number.to_string());
                    }
                });
            }
        }),
        "deliver" => {
            let _lease = store.lease().unwrap();
            for (name, _) in store.waiting().unwrap() {
                let claim = store.claim(&name).unwrap();
                say(&name);
                claim.settle(Settlement::Delivered).unwrap();
            }
            std::thread::sleep(Duration::from_secs(60));
        }
        "discard" => {
            for name in store.names(State::Held).unwrap() {
                say(&name);
                store.discard(&name, State::Held, "for a test").unwrap();
            }
            std::thread::sleep(Duration::from_secs(60));
        }
        "claim" => {
            let _lease = store.lease().unwrap();
            let claims: Vec<_> = store.waiting().unwrap();
            let claims: Vec<_> = claims.iter().map(|(name, _)| store.claim(name).unwrap()).collect();
            say("claimed");
            std::thread::sleep(Duration::from_secs(60));
            drop(claims);
        }
        other => panic!("{other}"),
    }
}

/// `kill -9` at many moments: every letter that was acknowledged is there, and none is torn.
pub fn a_kill_loses_no_letter<P: Place>(kind: &str) {
    let place = P::new();
    let mut promised = BTreeSet::new();
    for round in 0..6u8 {
        // Each process begins with the letters of those before it: it is killed among new ones.
        let (lines, moment) = (5 + usize::from(round) * 8, Duration::from_millis(u64::from(round) * 7));
        let said = Other::start(kind, &place.address(), "commit").kill_after(lines, moment);
        promised.extend(said.into_iter().map(|number| number.parse::<u32>().unwrap()));
    }
    assert!(promised.len() > 20, "only {} letters", promised.len());
    let store = place.open();
    let there: BTreeSet<String> = waiting(&*store).into_iter().collect();
    for number in promised {
        let name = identity(&*store, number).name;
        assert!(there.contains(&name), "letter {number} is lost");
        assert_eq!(commit(&*store, number).unwrap(), Committed::Repeat);
    }
    for letter in store.list().unwrap() {
        assert_eq!(letter.state, State::Waiting);
        // Read to its end, each is what was committed.
        let number = letter
            .reference
            .split('-')
            .nth(1)
            .and_then(|digits| digits.parse().ok());
        let number = number.unwrap_or_else(|| panic!("{}", letter.reference));
        let mut bytes = Vec::new();
        store
            .claim(&letter.name)
            .unwrap()
            .letter()
            .mail()
            .read_to_end(&mut bytes)
            .unwrap();
        assert_eq!(bytes, mail(number));
    }
}

/// A relay that is killed while it delivers: each letter is in one place, and what it had claimed waits.
pub fn a_kill_leaves_each_letter_in_one_state<P: Place>(kind: &str) {
    let place = P::new();
    let store = place.open();
    for number in 0..60 {
        commit(&*store, number).unwrap();
    }
    let (mut rounds, mut begun) = (0, BTreeSet::new());
    loop {
        let left = waiting(&*store).len();
        if left == 0 {
            break;
        }
        rounds += 1;
        assert!(rounds < 200, "{left} letters still wait");
        let (lines, moment) = (left.min(1 + rounds % 8), Duration::from_millis(rounds as u64 * 7 % 40));
        begun.extend(Other::start(kind, &place.address(), "deliver").kill_after(lines, moment));
        // The next relay finishes what this one left.
        drop(store.lease().unwrap());
        let states = states(&*store);
        assert_eq!(states.len(), 60);
        // Only a letter that was claimed can have left.
        for (name, state) in &states {
            assert!(matches!(state, State::Waiting | State::Delivered), "{state:?}");
            assert!(*state == State::Waiting || begun.contains(name));
        }
    }
    assert!(states(&*store).values().all(|state| *state == State::Delivered));
    for number in 0..60 {
        assert_eq!(commit(&*store, number).unwrap(), Committed::Repeat);
    }
}

/// A command that is killed while it discards: each letter is held whole, or discarded with its record.
pub fn a_kill_leaves_a_letter_held_or_its_record<P: Place>(kind: &str) {
    let place = P::new();
    let store = place.open();
    for number in 0..40 {
        commit(&*store, number).unwrap();
        store.hold(&identity(&*store, number).name).unwrap();
    }
    let mut rounds = 0;
    loop {
        let left = store.names(State::Held).unwrap();
        if left.is_empty() {
            break;
        }
        rounds += 1;
        assert!(rounds < 200, "{} letters are still held", left.len());
        let (lines, moment) = (
            left.len().min(1 + rounds % 8),
            Duration::from_millis(rounds as u64 * 7 % 40),
        );
        Other::start(kind, &place.address(), "discard").kill_after(lines, moment);
        drop(store.lease().unwrap());
        let states = states(&*store);
        assert_eq!(states.len(), 40);
        for (name, state) in &states {
            match state {
                // What the killed one had asked for may be done by another program a moment later.
                State::Held => assert!(
                    store.letter(name).unwrap().is_some()
                        || store.show(name).unwrap().unwrap().state == State::Discarded,
                    "{name}"
                ),
                State::Discarded => assert_eq!(store.show(name).unwrap().unwrap().discarded.unwrap().why, "for a test"),
                other => panic!("{other:?}"),
            }
        }
    }
    for number in 0..40 {
        assert_eq!(commit(&*store, number).unwrap(), Committed::Repeat);
    }
}

/// The claims and the lease of a process that was killed bind nobody.
pub fn a_kill_frees_what_was_claimed<P: Place>(kind: &str) {
    let place = P::new();
    let store = place.open();
    let name = with_a_letter(&*store);
    let other = Other::start(kind, &place.address(), "claim");
    assert_eq!(other.hear(), "claimed");
    assert!(store.show(&name).unwrap().unwrap().in_flight.is_some());
    assert!(matches!(store.claim(&name), Err(ClaimError::Busy(Some(by))) if by.process == other.child.id()));
    assert!(busy(store.hold(&name)) && matches!(store.lease(), Err(LeaseError::Taken)));
    assert_eq!(other.kill(), [""; 0]);
    let free = || store.show(&name).unwrap().unwrap().in_flight.is_none().then_some(());
    assert!(patiently::<P, _>(free).is_some());
    store.hold(&name).unwrap();
    store.release(&name).unwrap();
    let _lease = store.lease().unwrap();
    deliver(&*store, &name);
}

/// What a signed receipt is made of: the first copy's, in every state and for every process.
pub fn a_proof_comes_with_the_name_and_stays_with_it<P: Place>() {
    let place = P::new();
    let store = place.open();
    let own = identity(&*store, 1);
    let proof = |number: u8| Proof {
        accepted: 60 * u64::from(number),
        seal: [number; 32],
    };
    let write = |number: u8| {
        let mut pending = store.begin().unwrap();
        pending.write_all(&mail(1)).unwrap();
        pending.prove(proof(number));
        pending.commit(&own, &envelope(1)).unwrap()
    };
    assert_eq!(store.proof(&own), None);
    assert_eq!(write(1), Committed::New);
    // The second copy was sealed anew, and what it is known by goes with it.
    assert_eq!(write(2), Committed::Repeat);
    let stands = |when: &str| assert_eq!(place.open().proof(&own), Some(proof(1)), "{when}");
    stands("waiting");
    deliver(&*store, &own.name);
    stands("delivered");
    store.release(&own.name).unwrap();
    stands("sent again");
    store.hold(&own.name).unwrap();
    stands("held");
    // A letter without one has none.
    assert_eq!(commit(&*store, 2).unwrap(), Committed::New);
    assert_eq!(store.proof(&identity(&*store, 2)), None);
    deliver(&*store, &identity(&*store, 2).name);
    assert_eq!(store.proof(&identity(&*store, 2)), None);
}

/// The whole contract, over one kind of store.
macro_rules! store_contract {
    ($kind:ident, $place:ty $(, $needs:literal)?) => {
        mod $kind {
            use super::*;

            store_contract!(@all $kind, $place, [$(#[ignore = $needs])?]);
        }
    };
    (@all $kind:ident, $place:ty, $ignored:tt) => {
            store_contract!(@each $place, $ignored
                what_was_committed_is_claimed_byte_for_byte
                a_letter_that_was_not_committed_leaves_nothing
                the_oldest_comes_first
                a_double_send_is_one_letter
                a_proof_comes_with_the_name_and_stays_with_it
                identities_survive_a_restart_and_are_of_one_store
                a_claim_is_one_and_holds_every_move_off
                a_claim_that_is_dropped_lets_the_letter_wait_again
                each_settlement_is_in_one_state_also_after_a_restart
                what_waits_is_told_with_what_was_tried
                the_operator_holds_releases_and_retries
                a_letter_that_came_back_is_held_and_sent_again
                the_id_in_the_envelope_is_the_letters_own
                a_readdressed_letter_goes_to_its_new_mailbox
                a_discarded_letter_leaves_a_record_and_its_name
                a_letter_under_the_name_of_a_corrupt_one_is_its_own
                one_process_at_a_time_delivers
                delivered_letters_are_forgotten_later_than_their_names
                a_budget_counts_what_waits_and_what_is_promised
                a_budget_has_a_share_for_each_owner
                notes_survive_a_restart
                changes_are_told_at_once
            );

            store_contract!(@kills $kind, $place, $ignored
                a_kill_loses_no_letter
                a_kill_leaves_each_letter_in_one_state
                a_kill_leaves_a_letter_held_or_its_record
                a_kill_frees_what_was_claimed
            );

            #[test]
            #[ignore = "is no test, but the other process of the three above"]
            fn another_process() {
                work_in_another_process::<$place>();
            }
    };
    (@each $place:ty, $ignored:tt $($test:ident)*) => {
        $(store_contract!(@one $test, $ignored, super::$test::<$place>());)*
    };
    (@kills $kind:ident, $place:ty, $ignored:tt $($test:ident)*) => {
        $(store_contract!(@one $test, $ignored, super::$test::<$place>(stringify!($kind)));)*
    };
    (@one $test:ident, [$(#[$ignored:meta])?], $run:expr) => {
        #[test]
        $(#[$ignored])?
        fn $test() {
            $run;
        }
    };
}

/// A directory, which the first process removes at its end.
pub struct Files {
    directory: PathBuf,
    _own: Option<tempfile::TempDir>,
}

impl Place for Files {
    const NODE: Option<&'static str> = None;
    const PATIENCE: Duration = Duration::ZERO;

    fn new() -> Self {
        let own = tempfile::tempdir().unwrap();
        Self {
            directory: own.path().join("spool"),
            _own: Some(own),
        }
    }

    fn open(&self) -> Arc<dyn Store> {
        Arc::new(FileStore::open(&Settings::at(self.directory.clone())).unwrap())
    }

    fn address(&self) -> String {
        self.directory.display().to_string()
    }

    fn at(address: &str) -> Self {
        Self {
            directory: Path::new(address).to_owned(),
            _own: None,
        }
    }
}

store_contract!(files, Files);

/// A database of its own on the server of this program's tests, and a directory for what stays on the machine, which the first
/// process removes at its end.
#[cfg(feature = "postgres")]
pub struct InDatabase {
    settings: konvolutt::store::postgres::Settings,
    _own: Option<tempfile::TempDir>,
}

#[cfg(feature = "postgres")]
impl Place for InDatabase {
    const NODE: Option<&'static str> = Some("a");
    const PATIENCE: Duration = Duration::from_secs(30);

    fn new() -> Self {
        let own = tempfile::tempdir().unwrap();
        let host = postgres_server::shared().socket();
        Self {
            settings: postgres_server::settings(
                vec![host],
                &postgres_server::fresh_database(),
                &own.path().join("spool"),
            ),
            _own: Some(own),
        }
    }

    fn open(&self) -> Arc<dyn Store> {
        postgres_server::open(&self.settings)
    }

    fn address(&self) -> String {
        let Host::Socket(directory, port) = &self.settings.hosts[0] else {
            panic!("{:?}", self.settings.hosts)
        };
        let spool = self.settings.local.directory.display();
        format!("{} {port} {} {spool}", directory.display(), self.settings.database)
    }

    fn at(address: &str) -> Self {
        let words: Vec<&str> = address.split(' ').collect();
        let host = Host::Socket(words[0].into(), words[1].parse().unwrap());
        Self {
            settings: postgres_server::settings(vec![host], words[2], Path::new(words[3])),
            _own: None,
        }
    }
}

#[cfg(feature = "postgres")]
store_contract!(postgres, InDatabase, "needs PostgreSQL");
