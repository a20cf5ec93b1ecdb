//! In a program that was built without PostgreSQL. The configuration refuses `[store.postgres]` before anything comes here.

use std::io;
use std::sync::Arc;

use super::server::Server;
use super::user::As;
use crate::store::Store;
use crate::store::postgres::{Login, Settings};

pub(super) fn open(_: &Settings, _: As) -> io::Result<Arc<dyn Store>> {
    Err(none())
}

fn none() -> io::Error {
    let text =
        "this program was built without PostgreSQL; use the packaged one, or build it with `--features postgres`";
    io::Error::new(io::ErrorKind::Unsupported, text)
}

pub(super) fn make_local(_: &Settings) -> io::Result<()> {
    Err(none())
}

pub(super) fn migrate(_: &Settings, _: &Login) -> io::Result<Vec<String>> {
    Err(none())
}

pub(super) fn ask_each(_: &Settings) -> io::Result<Vec<Server>> {
    Err(none())
}

pub(super) fn move_all(
    _: &Settings,
    _: &Login,
    _: bool,
    _: bool,
    _: &(dyn Fn() -> anyhow::Result<()> + Sync),
) -> super::Outcome {
    Err(none().into())
}
