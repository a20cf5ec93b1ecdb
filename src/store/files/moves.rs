//! Moves between the directories. Each is a few steps in an order that a crash may cut anywhere: what is left is
//! always whole in one place, and the next relay finishes it.

use std::fs;
use std::io;

use super::attribute;
use super::closed;
use super::fence::Fence;
use super::layout::{
    Layout, emptied_for, files, hide_the_moment, inode, is_empty_file, make_empty, remove_if_there, rename_beside,
};
use super::moves_lock::MovesLock;
use crate::store::State;

/// Puts letters from one directory into another.
#[derive(Clone)]
pub(super) struct Moves {
    pub(super) layout: Layout,
    pub(super) fence: Fence,
}

impl Moves {
    /// Between looking at a file and acting on it, no operator's command may put a letter there.
    ///
    /// # Errors
    /// [`io::ErrorKind::TimedOut`] when others hold it for too long. Without it there is no move, nor in a store that was
    /// closed meanwhile.
    pub(super) fn lock(&self) -> io::Result<MovesLock> {
        let lock = MovesLock::take(&self.layout.path("moves.lock"))?;
        closed::refuse_by(closed::is_there(self.layout.root()))?;
        Ok(lock)
    }

    /// A letter leaves the queue; one that has left it stays where it is.
    pub(super) fn retire(&self, name: &str, to: State) -> io::Result<()> {
        let lock = self.lock()?;
        if self.waits(name)? {
            self.retire_locked(&lock, name, to)
        } else {
            // Moved before, and the answer got lost.
            Ok(())
        }
    }

    /// Link first, then empty the name: a crash between leaves the letter in both places, never in none.
    pub(super) fn retire_locked(&self, lock: &MovesLock, name: &str, to: State) -> io::Result<()> {
        let (here, there) = (self.layout.letter(State::Waiting, name), self.layout.directory(to));
        match fs::hard_link(&here, there.join(name)) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                if inode(&here)? != inode(&there.join(name))? {
                    // Not of our making. It is kept as well, under another name.
                    rename_beside(&there.join(name), &there, &format!("{name}.other"))?;
                    fs::hard_link(&here, there.join(name))?;
                }
            }
            linked => linked?,
        }
        self.fence.sync_directory(&there)?;
        // Of an earlier letter of this name, or of a command that was cut off.
        remove_if_there(&self.layout.letter(State::Discarded, name))?;
        self.empty(lock, name, to)
    }

    /// Over the empty name, in one step.
    pub(super) fn put_back(&self, _: &MovesLock, name: &str, from: State) -> io::Result<()> {
        fs::rename(self.layout.letter(from, name), self.layout.letter(State::Waiting, name))?;
        self.fence.sync_directory(&self.layout.directory(State::Waiting))?;
        self.fence.sync_directory(&self.layout.directory(from))
    }

    /// From what is delivered to what is held, in one step. The empty name in the queue stays taken, and says from now on that
    /// the letter is held; should a crash come between, the next relay says so.
    pub(super) fn take_back(&self, lock: &MovesLock, name: &str) -> io::Result<()> {
        fs::rename(
            self.layout.letter(State::Delivered, name),
            self.layout.letter(State::Held, name),
        )?;
        self.fence.sync_directory(&self.layout.directory(State::Held))?;
        self.fence.sync_directory(&self.layout.directory(State::Delivered))?;
        self.empty(lock, name, State::Held)
    }

    /// Whether there is a letter of this name in the queue.
    pub(super) fn waits(&self, name: &str) -> io::Result<bool> {
        match fs::symlink_metadata(self.layout.letter(State::Waiting, name)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            meta => Ok(meta?.len() > 0),
        }
    }

    /// Finishes what a crash cut in two.
    pub(super) fn finish_all(&self, lock: &MovesLock) -> io::Result<()> {
        for state in [State::Delivered, State::Held] {
            for (name, _) in files(&self.layout.directory(state))? {
                self.finish(lock, &name)?;
                if state == State::Held && self.is_called_other_than_held(&name) {
                    self.empty(lock, &name, State::Held)?;
                }
            }
        }
        Ok(())
    }

    /// An empty name whose letter is held, and which says something else: a crash came between, or an earlier version made it.
    fn is_called_other_than_held(&self, name: &str) -> bool {
        let empty = fs::symlink_metadata(self.layout.letter(State::Waiting, name)).ok();
        let empty = empty.filter(is_empty_file);
        empty.is_some_and(|meta| emptied_for(&meta) != Some(State::Held))
            && !self.layout.letter(State::Delivered, name).exists()
    }

    /// A letter in `new/` and, as the same file, in `delivered/` or `held/` was on its way there.
    pub(super) fn finish(&self, lock: &MovesLock, name: &str) -> io::Result<()> {
        let is_at = |state: State| inode(&self.layout.letter(state, name)).ok();
        let new = is_at(State::Waiting);
        let mut places = [State::Delivered, State::Held].into_iter();
        match places.find(|state| new.is_some() && new == is_at(*state)) {
            Some(there) => self.empty(lock, name, there),
            None => Ok(()),
        }
    }

    /// The name stays taken without a letter: from now on, and for one that was put there.
    pub(super) fn empty(&self, _: &MovesLock, name: &str, to: State) -> io::Result<()> {
        let empty = self.layout.path("state").join(format!("{name}.empty"));
        let taken = self.layout.letter(State::Waiting, name);
        let file = make_empty(&empty, to, attribute::of(&taken))?;
        hide_the_moment(&file);
        self.fence.sync(file)?;
        fs::rename(&empty, taken)?;
        // From here on the letter does not wait: whoever heard of a failure would move it again, and undo what an operator
        // did meanwhile. Should a crash bring the letter back, `finish` empties the name once more.
        if let Err(error) = self.fence.sync_directory(&self.layout.directory(State::Waiting)) {
            tracing::warn!(%error, name, "a letter left the queue, but that may not be on the disk yet");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Proof;
    use std::os::unix::fs::PermissionsExt;

    fn moves() -> (tempfile::TempDir, Moves) {
        let dir = tempfile::tempdir().unwrap();
        let layout = Layout::make(&dir.path().join("spool")).unwrap();
        let fence = Fence::default();
        (dir, Moves { layout, fence })
    }

    /// What lies where a letter should go, and is another file, is kept; also a second and a third one.
    #[test]
    fn nothing_that_lies_in_the_way_is_written_over() {
        let (_dir, moves) = moves();
        let path = |place: &str| moves.layout.path("delivered").join(place);
        for round in ["one", "two", "three"] {
            fs::write(moves.layout.letter(State::Waiting, "name"), format!("letter {round}")).unwrap();
            fs::write(path("name"), round).unwrap();
            moves.retire("name", State::Delivered).unwrap();
            assert_eq!(fs::read_to_string(path("name")).unwrap(), format!("letter {round}"));
        }
        for (other, content) in [
            ("name.other", "one"),
            ("name.other-2", "two"),
            ("name.other-3", "three"),
        ] {
            assert_eq!(fs::read_to_string(path(other)).unwrap(), content);
        }
    }

    /// Whatever keeps the lock from being had, as too many open files do, there is no move without it.
    #[test]
    fn no_move_without_its_lock() {
        let (_dir, moves) = moves();
        let letter = moves.layout.letter(State::Waiting, "name");
        fs::write(&letter, "letter").unwrap();
        fs::remove_file(moves.layout.path("moves.lock")).unwrap();
        assert!(moves.lock().is_err());
        assert!(moves.retire("name", State::Delivered).is_err());
        assert_eq!(fs::read_to_string(&letter).unwrap(), "letter");
        // The control.
        fs::File::create(moves.layout.path("moves.lock")).unwrap();
        moves.retire("name", State::Delivered).unwrap();
        assert_eq!(fs::read_to_string(&letter).unwrap(), "");
    }

    /// The last step fails, as it does with too many open files: the letter has left all the same, and is put back as any
    /// other.
    #[test]
    fn a_letter_whose_name_was_emptied_has_left() {
        let (_dir, moves) = moves();
        let new = moves.layout.directory(State::Waiting);
        fs::write(new.join("name"), "letter").unwrap();
        without_roots_rights(|| {
            // Names can be changed, but the directory not be opened.
            fs::set_permissions(&new, fs::Permissions::from_mode(0o300)).unwrap();
            assert!(moves.fence.sync_directory(&new).is_err(), "the control");
            moves.retire("name", State::Delivered).unwrap();
            fs::set_permissions(&new, fs::Permissions::from_mode(0o700)).unwrap();
        });
        assert!(!moves.waits("name").unwrap());
        moves
            .put_back(&moves.lock().unwrap(), "name", State::Delivered)
            .unwrap();
        assert_eq!(fs::read_to_string(new.join("name")).unwrap(), "letter");
    }

    /// The service is not root: what root could do to a file that may not be written, it cannot.
    #[test]
    fn a_proof_stays_with_the_name_also_for_whoever_obeys_modes() {
        let (_dir, moves) = moves();
        let letter = moves.layout.letter(State::Waiting, "name");
        let proof = Proof {
            accepted: 60,
            seal: [7; 32],
        };
        fs::write(&letter, "letter").unwrap();
        attribute::set(&fs::File::open(&letter).unwrap(), proof).unwrap();
        without_roots_rights(|| {
            for round in 0..2 {
                moves.retire("name", State::Delivered).unwrap();
                assert_eq!(attribute::of(&letter), Some(proof), "delivered, {round}");
                let mode = || fs::symlink_metadata(&letter).unwrap().permissions().mode() & 0o777;
                assert_eq!(mode(), 0o400);
                moves.take_back(&moves.lock().unwrap(), "name").unwrap();
                assert_eq!(
                    (attribute::of(&letter), mode()),
                    (Some(proof), 0o500),
                    "came back, {round}"
                );
                moves.put_back(&moves.lock().unwrap(), "name", State::Held).unwrap();
                assert_eq!(attribute::of(&letter), Some(proof), "waits again, {round}");
            }
        });
    }

    /// In a thread that obeys the modes of files, also when the tests run as root.
    fn without_roots_rights(act: impl FnOnce() + Send) {
        use rustix::thread::{CapabilitySet, capabilities, set_capabilities};
        std::thread::scope(|scope| {
            let thread = scope.spawn(|| {
                let mut sets = capabilities(None).unwrap();
                sets.effective -= CapabilitySet::DAC_OVERRIDE | CapabilitySet::DAC_READ_SEARCH;
                set_capabilities(None, sets).unwrap();
                act();
            });
            thread.join().unwrap();
        });
    }

    /// A crash between the link and the empty name.
    #[test]
    fn a_move_that_was_cut_is_finished() {
        let (_dir, moves) = moves();
        let letter = moves.layout.letter(State::Waiting, "name");
        for state in [State::Delivered, State::Held] {
            fs::write(&letter, "letter").unwrap();
            fs::hard_link(&letter, moves.layout.letter(state, "name")).unwrap();
            moves.finish_all(&moves.lock().unwrap()).unwrap();
            assert!(!moves.waits("name").unwrap());
            assert_eq!(
                fs::read_to_string(moves.layout.letter(state, "name")).unwrap(),
                "letter"
            );
            fs::remove_file(&letter).unwrap();
            fs::remove_file(moves.layout.letter(state, "name")).unwrap();
        }
    }
}
