//! Lines about letters, kept back until the next step of five minutes.
//!
//! Whatever writes a line down beside a time of its own would else tell to the microsecond when somebody wrote, however this
//! program rounds. At the step all that happened since the last one comes at once, as the numbers at `/metrics` do.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use tracing::Level;

use super::line::Line;
use crate::unix_time::seconds;

/// Most lines that wait; a form that takes more letters in five minutes is under attack.
const MOST: usize = 10_000;

pub(super) struct Held {
    /// Seconds; `None` when nothing needs to wait.
    step: Option<u64>,
    waiting: Mutex<Waiting>,
}

#[derive(Default)]
struct Waiting {
    /// The step in which these lines came.
    of_step: u64,
    lines: VecDeque<Line>,
    left_out: usize,
}

impl Held {
    pub(super) fn new(step: Option<u64>, now: SystemTime) -> Self {
        let waiting = Waiting {
            of_step: step.map_or(0, |step| seconds(now) / step),
            ..Waiting::default()
        };
        Self {
            step,
            waiting: Mutex::new(waiting),
        }
    }

    pub(super) fn step(&self) -> Option<u64> {
        self.step
    }

    /// Gives back what need not wait.
    pub(super) fn keep(&self, line: Line) -> Option<Line> {
        if self.step.is_none() || !line.is_of_a_letter() {
            return Some(line);
        }
        let mut waiting = self.waiting();
        if waiting.lines.len() < MOST {
            waiting.lines.push_back(line);
        } else {
            waiting.left_out += 1;
        }
        None
    }

    /// What waited for a step that has come. By a clock that is set back the next step is another one too.
    pub(super) fn release(&self, now: SystemTime) -> Vec<Line> {
        let Some(step) = self.step else {
            return Vec::new();
        };
        let mut waiting = self.waiting();
        let this = seconds(now) / step;
        if waiting.of_step == this {
            return Vec::new();
        }
        waiting.of_step = this;
        waiting.take()
    }

    /// All that waits, at the end of the program.
    pub(super) fn all(&self) -> Vec<Line> {
        self.waiting().take()
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn take(&mut self) -> Vec<Line> {
        let mut lines: Vec<Line> = self.lines.drain(..).collect();
        let left_out = std::mem::take(&mut self.left_out);
        if left_out > 0 {
            lines.push(Line {
                level: Level::WARN,
                message: format!("{left_out} more lines about letters were left out of the log"),
                fields: Vec::new(),
            });
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::super::line::tests::of_letter;
    use super::*;

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn line(number: usize) -> Line {
        of_letter(Level::INFO, "a letter is sealed and kept", &number.to_string())
    }

    /// Whoever reads the journal's own times learns of a letter in the same second of every step.
    #[test]
    fn a_receipt_is_told_with_the_step_alone() {
        let held = Held::new(Some(300), at(900));
        for (number, second) in [901, 917, 1_003, 1_199].into_iter().enumerate() {
            assert!(held.release(at(second)).is_empty(), "{second}");
            assert_eq!(held.keep(line(number)), None);
        }
        let told = held.release(at(1_200));
        assert_eq!(told, (0..4).map(line).collect::<Vec<_>>());
        assert!(held.release(at(1_201)).is_empty(), "once");
        // An error does not wait.
        let error = of_letter(Level::ERROR, "a letter is refused for good and held", "x");
        assert_eq!(held.keep(error.clone()), Some(error));
        // At the end, and after a clock was set back, nothing is lost.
        assert_eq!(held.keep(line(5)), None);
        assert_eq!(held.release(at(100)), [line(5)]);
        assert_eq!(held.keep(line(6)), None);
        assert_eq!(held.all(), [line(6)]);
    }

    #[test]
    fn where_nobody_puts_a_time_to_it_nothing_waits() {
        let held = Held::new(None, at(900));
        assert_eq!(held.keep(line(1)), Some(line(1)));
        assert!(held.release(at(9_000)).is_empty());
    }

    #[test]
    fn a_flood_of_letters_fills_no_memory_and_is_told_of() {
        let held = Held::new(Some(300), at(900));
        (0..MOST + 7).for_each(|number| drop(held.keep(line(number))));
        let told = held.release(at(1_200));
        assert_eq!(told.len(), MOST + 1);
        assert!(told[MOST].message.starts_with("7 more lines"));
    }
}
