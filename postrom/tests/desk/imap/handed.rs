//! A letter is handed over straight out of a mailbox on a server.

use std::process::Command;

use super::super::office::Office;
use super::dovecot::Dovecot;
use crate::program::desk::{Ran, reference};
use crate::support::Sent;

#[test]
#[ignore = "needs dovecot"]
fn a_letter_is_packed_and_the_mailbox_stays_as_it_was() {
    let office = Office::new();
    let dovecot = Dovecot::start(&office);
    let number = reference(1);
    dovecot.deliver("1.brev", office.desk.mail(&Sent::new(&number, "Hei.")));
    let before = dovecot.files("");
    office.desk.put("password", "hemmelig\n");
    // A desk would move it and mark it.
    office.desk.put(
        "postrom.toml",
        format!(
            "mail = '{}'\nmail_password_file = 'password'\nmail_ca_file = 'ca.pem'\nmove_opened_to = 'Opna'\n\
             marks_in_mailbox = true\nkeys = 'key.asc'\nrelay = 'relay.asc'\n",
            dovecot.address("INBOX")
        ),
    );
    let mut command = Command::new(env!("CARGO_BIN_EXE_postrom"));
    office.desk.at_home(&mut command);
    let ran: Ran = command
        .args(["export", &number, "--to", "arkiv"])
        .output()
        .unwrap()
        .into();
    assert_eq!(ran.code, Some(0), "{}", ran.said());
    assert!(office.desk.path(&format!("arkiv/{number}/letter.pdf")).is_file());
    assert!(dovecot.files("") == before);
    assert!(
        dovecot
            .flags("INBOX")
            .iter()
            .all(|flags| flags.replace("\\Recent", "").trim().is_empty())
    );
}
