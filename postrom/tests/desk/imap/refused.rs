//! Whom a desk does not trust, and who does not trust a desk: each is told by its own sentence.

use super::super::office::Office;
use super::certificate::Certificate;
use super::dovecot::Dovecot;
use super::{open, plan, told};

fn says(office: &Office, server: String, change: impl Fn(&mut postrom::desk::plan::Plan), wanted: &str) {
    let mut plan = plan(office, "kari", server);
    change(&mut plan);
    let (_room, open) = open(plan);
    let said = told(&open);
    assert!(said.contains(wanted), "{wanted}: {said}");
    assert!(!said.contains("hemmelig") && !said.contains("gale"), "{said}");
}

#[test]
#[ignore = "needs dovecot"]
fn each_refusal_has_its_sentence() {
    let office = Office::new();
    let dovecot = Dovecot::start(&office);
    let inbox = || dovecot.address("INBOX");
    office.desk.put("wrong", "gale passord");
    let wrong = office.desk.path("wrong");
    says(
        &office,
        inbox(),
        |plan| plan.login.password_file = Some(wrong.clone()),
        "does not let the user into",
    );
    says(
        &office,
        dovecot.address("Skjema"),
        |_| {},
        "does not give out the mailbox “Skjema”",
    );
    says(
        &office,
        inbox(),
        |plan| plan.login.ca_file = None,
        "comes from nobody whom this machine trusts",
    );
    let by_number = format!("imaps://post@127.0.0.1:{}/INBOX", dovecot.port);
    says(&office, by_number, |_| {}, "showed a certificate for another name");
    says(
        &office,
        inbox(),
        |plan| plan.login.password_file = None,
        "nothing to log in with",
    );
    says(
        &office,
        inbox(),
        |plan| plan.login.password_file = Some("/nowhere".into()),
        "/nowhere",
    );
    let empty = office.desk.path("empty.pem");
    office.desk.put("empty.pem", "");
    says(
        &office,
        inbox(),
        |plan| plan.login.ca_file = Some(empty.clone()),
        "holds no certificate",
    );
    dovecot.stop();
    says(&office, inbox(), |_| {}, "cannot be reached");
    says(
        &office,
        "imaps://post@no.such.host.invalid/".into(),
        |_| {},
        "Nobody knows the server",
    );
}

#[test]
#[ignore = "needs dovecot"]
fn a_certificate_that_is_out_of_date_is_not_trusted() {
    let office = Office::new();
    let dovecot = Dovecot::with(&office, &Certificate::of("localhost", 2022), "");
    says(&office, dovecot.address("INBOX"), |_| {}, "is not valid today");
}

/// A user that is a mail address, a mailbox with a name in Norwegian, and an address in IPv6.
#[test]
#[ignore = "needs dovecot"]
fn addresses_are_taken_as_people_write_them() {
    let office = Office::new();
    let dovecot = Dovecot::start(&office);
    dovecot.doveadm(&["mailbox", "create", "-u", "post", "Skjema/Åpne brev"]);
    for user in ["post@x.example", "post%40x.example"] {
        let address = format!("imaps://{user}@localhost:{}/Skjema/%C3%85pne%20brev", dovecot.port);
        let (_room, open) = open(plan(&office, "kari", address));
        super::until("it was looked through", || open.session.progress().looked.is_some());
        assert_eq!(open.session.progress().away, None);
    }
}
