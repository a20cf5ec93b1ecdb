//! Two clerks at two desks over one mailbox: what one does is seen by the other.

use std::sync::Barrier;
use std::time::{Duration, Instant};

use super::clerk::Clerk;
use super::letters::put;
use super::places::*;
use super::post_room::Served;
use super::webdriver::Scripts;
use crate::program::desk::Desk;

fn both(desk: &Desk) -> [(Served, Clerk); 2] {
    ["kari", "ola"].map(|who| {
        let served = Served::start(desk, who, "");
        let clerk = Clerk::unlocked(&served, &desk.path(&format!("browser-{who}")), Scripts::On, None);
        clerk.until_listed(2);
        (served, clerk)
    })
}

#[test]
#[ignore = "needs chromium"]
fn what_one_does_the_other_sees_without_asking() {
    let desk = Desk::new();
    let references = [put(&desk, 1, "Brev nummer 1."), put(&desk, 2, "Brev nummer 2.")];
    let [(_kari_desk, kari), (_ola_desk, ola)] = both(&desk);
    ola.browser
        .run("document.documentElement.setAttribute('data-not-reloaded', '')");
    let soon = Duration::from_secs(10);
    kari.open_first();
    let begun = Instant::now();
    ola.until_within(soon, "that it was opened", || ola.counts()[1] == 1);
    kari.press(TAKE);
    let row = || {
        ola.texts(ROWS)
            .into_iter()
            .find(|row| row.contains(&references[0]))
            .unwrap()
    };
    ola.until_within(soon, "who has it", || row().contains("kari"));
    assert!(row().contains("Taken"), "{}", row());
    assert_eq!(ola.counts()[3], 1);
    eprintln!("both seen after {:?}", begun.elapsed());
    assert!(ola.browser.is_there("[data-not-reloaded]"), "without a reload");
    // The colleague can read it, and is told who has it.
    ola.go(&ola.link(&references[0]));
    assert!(ola.browser.text(STATE).contains("kari"), "{}", ola.browser.text(STATE));
    assert!(!ola.browser.is_there(TAKE) && !ola.browser.is_there(REGISTER));
    kari.press(REGISTER);
    kari.press(YES);
    ola.go("");
    ola.until_within(soon, "that it is done", || ola.counts()[4] == 1);
}

/// Both have the letter before them as nobody's, and both take it.
#[test]
#[ignore = "needs chromium"]
fn of_two_who_take_it_at_once_one_has_it() {
    let desk = Desk::new();
    put(&desk, 1, "Brev nummer 1.");
    put(&desk, 2, "Brev nummer 2.");
    let [(_kari_desk, kari), (_ola_desk, ola)] = both(&desk);
    kari.open_first();
    let reference = kari.browser.text(REFERENCE);
    ola.go(&ola.link(&reference));
    let together = Barrier::new(2);
    std::thread::scope(|threads| {
        for clerk in [&kari, &ola] {
            let together = &together;
            threads.spawn(move || {
                clerk.to_next_page(|| {
                    together.wait();
                    clerk.browser.click(TAKE);
                });
            });
        }
    });
    let has = |clerk: &Clerk| clerk.browser.is_there(STATE) && clerk.browser.text(STATE).starts_with("Taken · you");
    let (winner, loser, name) = if has(&kari) {
        (&kari, &ola, "kari")
    } else {
        (&ola, &kari, "ola")
    };
    assert!(has(winner) && !has(loser));
    let said = loser.browser.text(PROBLEMS);
    assert!(said.contains(name) && said.contains("has this letter"), "{said}");
    loser.press("main a.button");
    assert!(
        loser.browser.text(STATE).contains(name),
        "{}",
        loser.browser.text(STATE)
    );
}
