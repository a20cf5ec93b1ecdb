//! Moves that end in the middle.

use std::cell::Cell;
use std::fs;
use std::io;
use std::time::SystemTime;

use super::super::between;
use super::super::transfer::{Contents, End, Key, Kind, Piece};
use super::{Two, same};
use crate::store::files::FileStore;
use crate::store::files::transfer::Spool;

/// An end that does no more than so many things: the last one is done, or it is not, before everything stops.
struct Cut<'a> {
    end: &'a Spool,
    left: &'a Cell<u32>,
    does_the_last: bool,
}

impl Cut<'_> {
    fn step<T>(&self, act: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        let left = self.left.get();
        if left == 0 {
            if self.does_the_last {
                act()?;
            }
            return Err(io::Error::other("cut"));
        }
        self.left.set(left - 1);
        act()
    }
}

impl End for Cut<'_> {
    fn kind(&self) -> Kind {
        self.end.kind()
    }
    fn closed(&self) -> io::Result<Option<String>> {
        self.end.closed()
    }
    fn close(&self, words: Option<&str>) -> io::Result<()> {
        self.step(|| self.end.close(words))
    }
    fn came_by(&self) -> io::Result<Option<String>> {
        self.end.came_by()
    }
    fn set_came_by(&self, id: &str) -> io::Result<()> {
        self.step(|| self.end.set_came_by(id))
    }
    fn list(&self) -> io::Result<Contents> {
        self.end.list()
    }
    fn piece(&self, key: &Key) -> io::Result<Option<Piece>> {
        self.end.piece(key)
    }
    fn put(&self, piece: &Piece) -> io::Result<()> {
        self.step(|| self.end.put(piece))
    }
    fn clear(&self) -> io::Result<()> {
        self.step(|| self.end.clear())
    }
    fn room(&self) -> io::Result<u64> {
        self.end.room()
    }
    fn notes(&self) -> io::Result<Vec<(String, Vec<u8>)>> {
        self.end.notes()
    }
    fn put_note(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.step(|| self.end.put_note(name, bytes))
    }
}

#[test]
fn a_move_that_is_cut_off_anywhere_goes_on_and_nothing_is_delivered_from_both() {
    let two = Two::new();
    let (before, order) = (two.kept("a"), two.order("a"));
    let mut cuts = 0;
    for does_the_last in [false, true] {
        for steps in [0, 1, 1, 2, 3, 0, 5, 8, 1, 0] {
            let left = Cell::new(steps);
            let ends = (two.end("a"), two.end("b"));
            let cut = |end| Cut {
                end,
                left: &left,
                does_the_last,
            };
            let done = between(&cut(&ends.0), &cut(&ends.1), SystemTime::now(), &mut |_, _| {});
            drop(ends);
            cuts += u32::from(done.is_err());
            let opens = |of: &str| FileStore::open(&two.at(of)).is_ok();
            let has_letters = fs::read_dir(two.path("b/new")).unwrap().count() > 0;
            assert!(!has_letters || !opens("a"), "both can be opened");
        }
    }
    assert!(cuts > 10, "{cuts}");
    match two.moved("a", "b") {
        Ok(moved) => assert!(moved.there > 0),
        Err(error) => assert!(error.to_string().contains("were moved to"), "{error}"),
    }
    same(&two.kept("b"), &before);
    assert_eq!(two.order("b"), order);
}

/// What a crash leaves of one letter in the middle of its steps.
#[test]
fn a_letter_that_came_by_half_is_finished() {
    let two = Two::new();
    let before = two.kept("a");
    let left = Cell::new(30);
    let ends = (two.end("a"), two.end("b"));
    let cut = |end| Cut {
        end,
        left: &left,
        does_the_last: true,
    };
    left.set(18);
    between(&cut(&ends.0), &cut(&ends.1), SystemTime::now(), &mut |_, _| {}).unwrap_err();
    drop(ends);
    let mut undone = 0;
    for directory in ["held", "delivered"] {
        for entry in fs::read_dir(two.path("b").join(directory)).unwrap().map(Result::unwrap) {
            // The letter is there, and its name in the queue is not yet.
            fs::remove_file(two.path("b/new").join(entry.file_name())).unwrap();
            undone += 1;
        }
    }
    assert!(undone > 0);
    two.moved("a", "b").unwrap();
    same(&two.kept("b"), &before);
}
