//! The way from the spool to the mailbox, whatever the other side does.

use std::time::{Duration, Instant};

use crate::support::{Options, World};

/// The web role may not connect to anything; its letters are on their way at once all the same.
#[test]
fn another_process_learns_of_a_letter_at_once() {
    let mut world = World::with(Options {
        apart: true,
        ..Options::default()
    });
    // The first letter says that both are there.
    world.marked_form().send();
    world.sink.wait_for(1);
    for n in 2..5 {
        let form = world.marked_form().text("namn", &format!("nummer {n}"));
        assert_eq!(form.send().status, 303);
        let receipt = Instant::now();
        world.sink.wait_for(n);
        // A second is for busy machines; whoever is not told looks only once a minute.
        assert!(receipt.elapsed() < Duration::from_secs(1), "{:?}", receipt.elapsed());
    }
    assert_eq!(world.terminate(), Some(0));
}
