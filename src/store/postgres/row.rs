//! A row as it is listed.

use std::borrow::Cow;

use tokio_postgres::Row;

use super::deliveries::deliverer;
use super::status;
use crate::store::letter::Named;
use crate::store::{Discarded, Listed, State, Status};

/// The columns of a listed letter, in the order in which [`listed`] reads them.
pub(super) const COLUMNS: &str = "case when not konvolutt.is_over(until) then process end, since, node,
    name, state, case when kept then size else 0 end, envelope, status, record, id";

/// Where the row's number is among them.
pub(super) const ROW_NUMBER: usize = 9;

/// What an operator is shown of a row.
pub(super) fn listed(row: &Row, ahead: i64) -> Result<Listed, tokio_postgres::Error> {
    let (envelope, record): (String, Option<String>) = (row.try_get(6)?, row.try_get(8)?);
    let (state, size): (String, i64) = (row.try_get(4)?, row.try_get(5)?);
    let status: Option<String> = row.try_get(7)?;
    let state = of_text(&state);
    let envelope = serde_json::from_str::<Named<'_>>(&envelope).ok();
    let record = record.filter(|_| state == State::Discarded).map(|record| read(&record));
    let (reference, mailbox, accepted) = match envelope.map(|named| named.envelope) {
        Some(Cow::Owned(envelope)) => (envelope.reference, envelope.mailbox, envelope.accepted),
        Some(Cow::Borrowed(envelope)) => (envelope.reference.clone(), envelope.mailbox.clone(), envelope.accepted),
        None => Default::default(),
    };
    let status = status::of(status.as_deref(), ahead).unwrap_or_else(|error| Status {
        last_error: error.to_string(),
        ..Status::default()
    });
    let readdressed = status.mailbox.clone().filter(|_| record.is_none());
    Ok(Listed {
        name: row.try_get(3)?,
        state,
        reference,
        taken_for: readdressed.as_ref().map(|_| mailbox.clone()),
        mailbox: readdressed.unwrap_or(mailbox),
        accepted,
        size: u64::try_from(size).unwrap_or(0),
        status,
        in_flight: deliverer(row)?,
        discarded: record,
    })
}

fn read(record: &str) -> Discarded {
    serde_json::from_str(record).unwrap_or_else(|_| Discarded {
        reference: String::new(),
        mailbox: String::new(),
        day: 0,
        why: "its record cannot be read".to_owned(),
        corrupt: false,
    })
}

/// As it stands in a row.
pub(super) fn text_of(state: State) -> &'static str {
    match state {
        State::Waiting => "waiting",
        State::Held => "held",
        State::Delivered => "delivered",
        State::Corrupt => "corrupt",
        State::Discarded => "discarded",
    }
}

/// A row has no other than these: the table refuses it.
fn of_text(text: &str) -> State {
    let all = [State::Waiting, State::Held, State::Delivered, State::Discarded];
    all.into_iter()
        .find(|state| text_of(*state) == text)
        .unwrap_or(State::Corrupt)
}
