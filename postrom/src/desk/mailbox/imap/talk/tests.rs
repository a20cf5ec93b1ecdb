//! Servers that never come to an end, or say nothing of what was asked.

use std::io;

use super::*;

/// Says one piece, and then another one for ever.
struct Endless {
    first: &'static str,
    then: Box<dyn FnMut() -> String + Send>,
    left: Vec<u8>,
}

impl Read for Endless {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.left.is_empty() {
            self.left = match std::mem::take(&mut self.first) {
                "" => (self.then)().into_bytes(),
                first => first.as_bytes().to_vec(),
            };
        }
        let some = into.len().min(self.left.len());
        into[..some].copy_from_slice(&self.left[..some]);
        self.left.drain(..some);
        Ok(some)
    }
}

impl Write for Endless {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn endless(first: &'static str, then: impl FnMut() -> String + Send + 'static) -> Talk<Endless> {
    let stream = Endless {
        first,
        then: Box::new(then),
        left: Vec::new(),
    };
    Talk::begin(stream, Arc::default()).unwrap_or_else(|_| panic!())
}

fn numbers() -> String {
    format!("* X{}\r\n", " 7777777".repeat(8000))
}

#[test]
fn an_answer_without_an_end_is_ended() {
    let mut talk = endless("* OK at your service\r\n", numbers);
    assert_eq!(talk.tell("UID SEARCH ALL"), Err(Away::TooMuch));
}

/// Before it waits, and when it should have ended.
#[test]
fn a_wait_without_an_end_is_ended() {
    for first in ["* OK at your service\r\n", "* OK at your service\r\n+ idling\r\n"] {
        let mut talk = endless(first, numbers);
        assert_eq!(talk.idle(Duration::from_millis(20), &|| false), Err(Away::TooMuch));
    }
    let mut talk = endless("* OK at your service\r\n", || {
        format!("+ {}\r\n", "idling ".repeat(570))
    });
    assert_eq!(talk.idle(Duration::from_millis(20), &|| false), Err(Away::TooMuch));
}

#[test]
fn an_answer_that_is_only_about_to_come_is_not_waited_for_for_ever() {
    let mut talk = endless("* OK at your service\r\n", || {
        std::thread::sleep(Duration::from_millis(5));
        "* OK Still here\r\n".to_owned()
    });
    talk.patience = Duration::from_millis(50);
    assert_eq!(talk.tell("UID SEARCH ALL"), Err(Away::NoAnswer));
}

/// Nothing of what is announced counts as a line.
#[test]
fn mails_without_an_end_are_ended() {
    let mut room = Room::new(PATIENCE);
    let mail = Raw {
        bytes: vec![0; 32 << 20],
        deepest: 0,
        lines: 40,
    };
    let held = (0..200).take_while(|_| room.holds(&mail).is_ok()).count() as u64;
    assert_eq!(held, LARGEST_ANSWER / (32 << 20));
    assert_eq!(room.holds(&mail), Err(Away::TooMuch));
}

#[test]
fn what_a_server_says_that_it_can_do_is_bounded() {
    let mut word = 0;
    let mut talk = endless("* OK at your service\r\n", move || {
        word += 1;
        match word {
            1..=3000 => format!("* CAPABILITY A{word} B{word}\r\n"),
            _ => "K1 OK\r\n".to_owned(),
        }
    });
    assert_eq!(talk.ask_what_it_can(), Ok(()));
    assert!(talk.can("B500") && talk.can.len() == MOST_WORDS);
}

/// What nobody asked for may be anything; an answer of the kind that was asked for has to be understood.
#[test]
fn only_what_was_asked_for_has_to_be_understood() {
    let mut lines = [
        "* NEWS\r\n",
        "K1 OK\r\n",
        "* 1 NEWS (\r\n",
        "K2 OK\r\n",
        "* NEWS (\r\n",
        "K3 OK\r\n",
    ]
    .into_iter();
    let mut talk = endless("* OK at your service\r\n", move || {
        lines.next().unwrap_or_default().to_owned()
    });
    assert_eq!(talk.tell("NOOP"), Ok(Ended::Done(String::new())));
    for _ in 0..2 {
        assert_eq!(talk.ask_all("NEWS", "NEWS", &mut |_| {}), Err(unwilling(String::new())));
    }
}
