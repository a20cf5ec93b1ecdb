//! Copies of what was sent, for as long as it takes to open one: once, and for a minute at most.
//!
//! As what waits in [`super::replay`], a copy lies here sealed under a key that stands only in the redirect's address: this
//! process cannot read it without. Only forms that say so have any.
//!
//! Comes in: a [`Sent`]. Goes out: its key, and for that key the same again, once. What always holds: no file's content is in
//! it; it reaches no disk.

use std::sync::Mutex;

use zeroize::Zeroize;

use super::kept::Kept;
use super::replay::{key_of, locked, name, open, seal, sized, text_of};
use crate::answer::{Answer, FileFact};
use crate::owner::Owner;

/// Bytes that wait at most. An owner has a share of them, and makes room with its own.
const MOST: u64 = 32 * 1024 * 1024;

/// What was sent: in the sender's own language, and of files the names and sizes.
#[derive(serde::Serialize, serde::Deserialize)]
pub(super) struct Sent {
    /// Each question that was answered, with what was answered.
    pub(super) answers: Vec<(String, Vec<String>)>,
    /// Name and bytes of each file.
    pub(super) files: Vec<(String, u64)>,
}

impl Sent {
    pub(super) fn of(answers: Vec<Answer>, files: Vec<FileFact>) -> Self {
        let answered = answers.into_iter().filter(|answer| !answer.values.is_empty());
        let both = answered.map(|mut answer| (std::mem::take(&mut answer.label), std::mem::take(&mut answer.values)));
        Self {
            answers: both.collect(),
            files: files.into_iter().map(|file| (file.name, file.size)).collect(),
        }
    }

    fn size(&self) -> usize {
        let answers = self.answers.iter();
        let answers = answers.map(|(label, values)| label.len() + values.iter().map(String::len).sum::<usize>());
        answers.chain(self.files.iter().map(|(name, _)| name.len())).sum()
    }
}

impl Drop for Sent {
    fn drop(&mut self) {
        self.answers.iter_mut().for_each(|(_, values)| values.zeroize());
        self.files.iter_mut().for_each(|(name, _)| name.zeroize());
    }
}

/// What waits, by the digest of its key.
pub(super) struct Copies(Mutex<Kept>);

impl Copies {
    pub(super) fn new() -> Self {
        Self(Mutex::new(Kept::new(MOST)))
    }

    /// Keeps a copy, and returns the key to it.
    pub(super) async fn keep(&self, sent: Sent, owner: Owner) -> Option<String> {
        let size = sent.size();
        let (key, sealed) = sized(size, move || seal(&sent, owner)).await??;
        let mut kept = locked(&self.0);
        kept.make_room_for(&sealed);
        kept.insert(name(&key), sealed);
        Some(text_of(&key))
    }

    /// Whether it still waits. Opens nothing.
    pub(super) fn waits(&self, key: &str) -> bool {
        let Some(key) = key_of(key) else { return false };
        let mut kept = locked(&self.0);
        kept.drop_what_is_too_old();
        kept.pages.contains_key(&name(&key))
    }

    /// Gives it back, once.
    pub(super) async fn take(&self, key: &str) -> Option<Sent> {
        let key = key_of(key)?;
        let sealed = {
            let mut kept = locked(&self.0);
            kept.drop_what_is_too_old();
            kept.remove(&name(&key))
        }?;
        sized(sealed.bytes.len(), move || open(&key, &sealed)).await?
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    fn sent(text: &str) -> Sent {
        Sent {
            answers: vec![("Kva vil du skrive?".into(), vec![text.into()])],
            files: vec![("brev.pdf".into(), 7)],
        }
    }

    #[tokio::test]
    async fn a_copy_is_given_once() {
        let copies = Copies::new();
        for text in ["hemmeleg", &"lang".repeat(40_000)] {
            let key = copies.keep(sent(text), Owner::default()).await.unwrap();
            // Whoever asks whether it is there takes nothing.
            assert!(copies.waits(&key) && copies.waits(&key) && !copies.waits("AAAA"));
            assert!(copies.take("AAAA").await.is_none() && copies.take("").await.is_none());
            let back = copies.take(&key).await.unwrap();
            assert_eq!((back.answers[0].1[0].as_str(), back.files[0].1), (text, 7));
            assert!(!copies.waits(&key) && copies.take(&key).await.is_none());
        }
    }

    #[tokio::test]
    async fn a_copy_is_gone_after_a_minute() {
        let copies = Copies::new();
        let keep = async |age: u64| {
            let (key, mut sealed) = seal(&sent("hemmeleg"), Owner::default()).unwrap();
            sealed.since = Instant::now().checked_sub(Duration::from_secs(age)).unwrap();
            locked(&copies.0).insert(name(&key), sealed);
            text_of(&key)
        };
        let (old, young) = (keep(60).await, keep(50).await);
        assert!(!copies.waits(&old) && copies.take(&old).await.is_none());
        assert!(
            copies.waits(&young) && copies.take(&young).await.is_some(),
            "the control"
        );
        assert!(locked(&copies.0).pages.is_empty());
    }
}
