//! Mail whose letter was opened goes to another folder, when the settings say so.

use postrom::desk::worker::Said;
use postrom::ledger::{Act, State};

use super::super::office::{Office, until, until_read};
use super::dovecot::Dovecot;
use super::{open, plan};
use crate::program::desk::reference;
use crate::support::Sent;

#[test]
#[ignore = "needs dovecot"]
fn the_row_follows_a_mail_that_is_moved() {
    let office = Office::new();
    let dovecot = Dovecot::start(&office);
    for number in 0..3 {
        let mail = office
            .desk
            .mail(&Sent::new(&reference(number), &format!("Brev {number}.")));
        dovecot.deliver(&format!("{number}.brev"), mail);
    }
    let mut plan = plan(&office, "kari", dovecot.address("INBOX"));
    plan.login.move_opened_to = Some("Åpna".into());
    plan.login.marks = true;
    let (room, desk) = open(plan.clone());
    until_read(&desk, 3);
    let id = desk.session.post().rows().nth(1).unwrap().id;
    room.act(id, Act::Opened).unwrap();
    until("it lies in the other folder", || dovecot.files(".&AMU-pna").len() == 1);
    until("it lies there alone", || dovecot.files("").len() == 2);
    // At once, before and after the list knows where it is.
    assert_eq!(room.act(id, Act::Taken).unwrap().state, State::Taken);
    let whole = || {
        let mut answers = desk.session.files(id).unwrap();
        !answers.any(|(said, _)| matches!(said, Said::Failed(_)))
    };
    assert!(whole());
    until("the row has followed", || {
        let post = desk.session.post();
        post.row(id)
            .unwrap()
            .places
            .iter()
            .all(|place| place.source.contains("Åpna"))
    });
    until_read(&desk, 3);
    assert!(whole());
    assert!(dovecot.flags("Åpna").join(" ").contains("$KonvoluttHos-kari"));
    assert_eq!(room.act(id, Act::GivenBack).unwrap().state, State::Opened);
    assert_eq!(desk.session.progress().not_moved, None);
    room.lock();
    // The next one finds it where it is by now.
    let (_room, desk) = open(plan);
    until_read(&desk, 3);
}
