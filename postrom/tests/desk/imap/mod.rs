//! A mailbox on a server: a real Dovecot, and servers that say what a test wants.

mod certificate;
mod dovecot;
mod found;
mod handed;
mod marks;
mod moved;
mod odd;
mod refused;
mod script;
mod scripted;
mod slow;
mod token;

use postrom::desk::plan::Plan;
use postrom::desk::room::{Open, Room};
use postrom::i18n::Lang;
use postrom::i18n::inputs::trouble;
use postrom::settings::LedgerPlace;

use super::office::{Office, until};

/// A clerk's plan with a mailbox on a server and nothing else. Each clerk has a ledger of one's own.
fn plan(office: &Office, who: &str, server: String) -> Plan {
    let mut plan = office.plan(who);
    plan.mail.clear();
    plan.servers = vec![server];
    plan.ledger = LedgerPlace::File(office.desk.path(&format!("{who}-ledger.jsonl")));
    plan.login.password_file = Some(office.desk.path("password"));
    plan.login.ca_file = Some(office.desk.path("ca.pem"));
    office.desk.put("password", "hemmelig\n");
    plan
}

fn open(plan: Plan) -> (Room, Open) {
    let room = Office::with(plan);
    room.unlock(None).unwrap();
    let open = room.open().unwrap();
    (room, open)
}

/// What a clerk is told of a mailbox that cannot be used.
fn told(open: &Open) -> String {
    until("the mailbox is away", || open.session.progress().away.is_some());
    trouble(Lang::En, &open.session.progress().away.unwrap(), None)
}
