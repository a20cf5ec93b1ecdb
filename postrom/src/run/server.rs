//! Tells the server of the letters of one batch.
//!
//! What always holds: it is told of a letter only when its folder is in place, and the ledger hears of that only then. So
//! whatever ends the program in between, or keeps the server from being told, the next run tells it.

use std::io;

use konvolutt_letter::{Acknowledgement, private_file, unhex};

use super::Run;
use crate::acknowledge::{acknowledgement, drop_file, overdue};
use crate::i18n::inputs;
use crate::ledger::Entry;
use crate::status::Status;
use crate::trouble::{Cause, Trouble};

pub(super) struct Server<'a> {
    run: &'a Run<'a>,
    /// Seals of the letters that it was told of.
    told: Vec<[u8; 32]>,
}

impl<'a> Server<'a> {
    pub(super) fn of(run: &'a Run<'a>) -> Self {
        Self { run, told: Vec::new() }
    }

    /// Of a letter that was put in place. Why it was not told, although it should have been.
    pub(super) fn placed(&mut self, status: &Status) -> Option<String> {
        self.tell(acknowledgement(status), status.sealed_sha256.as_deref())
            .err()
    }

    /// Of one that was opened before, unless it knows.
    pub(super) fn known(&mut self, entry: &Entry) -> Option<String> {
        self.tell(overdue(entry), Some(&entry.sealed_sha256)).err()
    }

    fn tell(&mut self, acknowledgement: Option<Acknowledgement>, seal: Option<&str>) -> Result<(), String> {
        let (Some(directory), Some(acknowledgement)) = (self.run.ack_to, acknowledgement) else {
            return Ok(());
        };
        drop_file(&acknowledgement, directory).map_err(|error| inputs::cause(self.run.lang, &Cause::from(&error)))?;
        self.told.extend(seal.and_then(|seal| unhex(seal.as_bytes())));
        Ok(())
    }

    /// The ledger hears of it, once it would outlast a power cut.
    pub(super) fn remember(self) -> Result<(), Trouble> {
        if let (Some(directory), false) = (self.run.ack_to, self.told.is_empty()) {
            match private_file::sync_folder(directory) {
                // A drop box may be written to and not read: what cannot be opened cannot be synced either.
                Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {}
                synced => synced.map_err(|error| Trouble::Disk {
                    cause: Cause::from(&error),
                })?,
            }
        }
        self.run.output.acknowledged(&self.told)
    }
}
