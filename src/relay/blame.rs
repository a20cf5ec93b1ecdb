//! Whose fault a refusal for good is: a letter's, only while the mail server takes the letters beside it.
//!
//! All letters are sealed and shaped alike, so a filter that refuses one for what it is refuses the next one too. Then no
//! letter is to blame, and to hold one after another would leave a hundred to be released by hand. So the second one that is
//! refused in the same words of code waits, with one alarm for its mailbox, until one gets through. The size is a letter's own.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Enhanced codes (RFC 3463, subject and detail) of a letter that is too big.
const SIZE: [&str; 3] = ["3.4", "2.3", "7.16"];

/// Refusals for good, since the last letter that was taken. A restart forgets them: then one letter more is held.
#[derive(Default)]
pub(super) struct Blame(Mutex<HashMap<String, Refused>>);

/// The first letter of a mailbox that was refused so.
struct Refused {
    name: String,
    codes: String,
}

impl Blame {
    /// A letter was refused for good: whether another one of its mailbox was before it, in the same way.
    pub(super) fn is_shared(&self, mailbox: &str, name: &str, why: &str) -> bool {
        let Some(codes) = codes(why) else {
            return false;
        };
        let mut refused = self.refused();
        if let Some(before) = refused.get(mailbox).filter(|before| before.codes == codes) {
            return before.name != name;
        }
        let name = name.to_owned();
        refused.insert(mailbox.to_owned(), Refused { name, codes });
        false
    }

    /// A letter of this mailbox was taken.
    pub(super) fn over(&self, mailbox: &str) {
        self.refused().remove(mailbox);
    }

    fn refused(&self) -> MutexGuard<'_, HashMap<String, Refused>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The codes that a refusal begins with; none of one that is about the letter's size.
fn codes(why: &str) -> Option<String> {
    let mut words = why.split(' ');
    let code = words.next()?;
    let enhanced = words.next().filter(|word| is_enhanced(word)).unwrap_or_default();
    let about = enhanced.split_once('.').map_or("", |(_, about)| about);
    (!SIZE.contains(&about)).then(|| format!("{code} {enhanced}"))
}

fn is_enhanced(word: &str) -> bool {
    let number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    word.split('.').count() == 3 && word.split('.').all(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_letter_with_the_same_refusal_is_not_to_blame() {
        let blame = Blame::default();
        let filter = "554 5.7.1 encrypted mail is not allowed";
        assert!(!blame.is_shared("post", "a", filter));
        assert!(!blame.is_shared("post", "a", filter), "the same letter once more");
        assert!(blame.is_shared("post", "b", "554 5.7.1 encrypted mail is not allowed, 2"));
        assert!(blame.is_shared("post", "c", filter));
        assert!(!blame.is_shared("other", "b", filter), "of another mailbox");
        assert!(!blame.is_shared("post", "d", "554 5.6.0 broken"), "another refusal");
        assert!(!blame.is_shared("post", "b", filter), "since that one");
        blame.over("post");
        assert!(!blame.is_shared("post", "c", filter));
    }

    #[test]
    fn the_size_is_a_letters_own() {
        let blame = Blame::default();
        for name in ["a", "b", "c"] {
            assert!(!blame.is_shared("post", name, "552 5.3.4 message too big"));
        }
        assert_eq!(codes("550 no"), Some("550 ".to_owned()));
        assert_eq!(codes("550 1.2.3.4 is blocked"), Some("550 ".to_owned()));
    }
}
