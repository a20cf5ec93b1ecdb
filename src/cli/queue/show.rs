//! The queue for people to read.

use std::time::SystemTime;

use super::{Listed, State, time};
use crate::unix_time::seconds;
use konvolutt_letter::printable;

pub(super) fn word(state: State) -> &'static str {
    match state {
        State::Waiting => "waiting",
        State::Held => "held",
        State::Delivered => "delivered",
        State::Corrupt => "corrupt",
        State::Discarded => "discarded",
    }
}

pub(super) fn list(letters: &[Listed]) {
    letters.iter().for_each(|letter| println!("{}", line(letter)));
    let count = |state| letters.iter().filter(|letter| letter.state == state).count();
    let states = [State::Waiting, State::Held, State::Corrupt, State::Delivered];
    let counts = states.map(|state| format!("{} {}", count(state), word(state)));
    if letters.is_empty() {
        println!("no letters")
    } else if count(State::Discarded) > 0 {
        println!("{} {}", count(State::Discarded), word(State::Discarded))
    } else {
        println!("{}", counts.join(", "))
    }
}

fn line(letter: &Listed) -> String {
    if let Some(record) = &letter.discarded {
        return format!(
            "{:12}  discarded  {}  {}  {}",
            printable(&record.reference),
            day(record.day),
            printable(&record.mailbox),
            printable(&record.why)
        );
    }
    let head = format!(
        "{:12}  {:9}  {}  {:>6} kB  {}",
        printable(&letter.reference),
        word(letter.state),
        time(letter.accepted),
        letter.size / 1000,
        printable(&letter.mailbox)
    );
    // Once it is delivered, what went wrong before is history.
    if letter.state == State::Delivered {
        return head;
    }
    let age = age(letter.accepted);
    let now = letter.in_flight.as_ref().map_or("", |_| "  in flight");
    let last = printable(&letter.status.last_error);
    match letter.status.attempts {
        0 if last.is_empty() => format!("{head}  {age} old{now}"),
        0 => format!("{head}  {age} old{now}  {last}"),
        n => format!("{head}  {age} old{now}  tried {n}×{}, last: {last}", next(letter)),
    }
}

/// Without an hour: the record has none.
fn day(seconds: u64) -> String {
    time(seconds).chars().take(10).collect()
}

fn next(letter: &Listed) -> String {
    match letter.state {
        State::Waiting => format!(", next {}", time(letter.status.due)),
        _ => String::new(),
    }
}

pub(super) fn one(letter: &Listed) {
    println!("reference  {}", printable(&letter.reference));
    println!("name       {}", printable(&letter.name));
    println!("state      {}", word(letter.state));
    println!("mailbox    {}", printable(&letter.mailbox));
    if let Some(record) = &letter.discarded {
        println!("discarded  {}: {}", day(record.day), printable(&record.why));
        return;
    }
    if let Some(before) = &letter.taken_for {
        println!("taken for  {}, and readdressed since", printable(before));
    }
    println!("received   {} ({} ago)", time(letter.accepted), age(letter.accepted));
    println!("size       {} bytes", letter.size);
    if let Some(deliverer) = &letter.in_flight {
        println!(
            "in flight  since {} (process {})",
            time(deliverer.since),
            deliverer.process
        );
    }
    println!("attempts   {}", letter.status.attempts);
    if letter.status.attempts > 0 || !letter.status.last_error.is_empty() {
        println!("last       {}", printable(&letter.status.last_error));
    }
    if letter.status.attempts > 0 && letter.state == State::Waiting {
        println!("next       {}", time(letter.status.due));
    }
}

fn age(accepted: u64) -> String {
    let minutes = seconds(SystemTime::now()).saturating_sub(accepted) / 60;
    match minutes {
        0..120 => format!("{minutes} min"),
        120..2880 => format!("{} h", minutes / 60),
        _ => format!("{} days", minutes / 1440),
    }
}
