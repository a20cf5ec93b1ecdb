//! `konvolutt store`: where letters are, and what that store proves.

mod show;

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{Args, Subcommand, ValueEnum};

use super::service_user::become_service_user;
use super::{Outcome, app, database};
use crate::config::Overrides;
use crate::store::postgres::{Host, Login, Settings};

/// What to do with the store.
#[derive(Debug, Subcommand)]
pub(super) enum Stores {
    /// Tells which store it is, what it proves, and how many letters it has. Exit code 1 when it does not prove what the
    /// configuration says.
    Show {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Makes the schema in the database of `[store.postgres]`, or brings it up to date: with its users, who get no password,
    /// and what each may do. All of it, or nothing.
    Migrate(Migrate),
    /// Moves all letters from the spool to the database, or back, while no service runs on any node. Cut off, it is run again. The
    /// letters stay where they were too, and that store is closed.
    Move(Move),
}

/// Who changes the database.
#[derive(Debug, Args)]
pub(super) struct Migrate {
    /// The user that owns the database, and may make users.
    #[arg(long = "as", value_name = "USER")]
    user: String,
    /// A file with that user's password.
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// The server, instead of `hosts`: a name, `name:port`, or the directory of its Unix socket.
    #[arg(long, value_name = "HOST", value_parser = host)]
    host: Option<Host>,
}

/// Where letters come from, and where they go.
#[derive(Debug, Args)]
pub(super) struct Move {
    /// Where they are.
    #[arg(long, value_enum)]
    from: Where,
    /// Where they shall be.
    #[arg(long, value_enum)]
    to: Where,
    #[command(flatten)]
    owner: Migrate,
    /// Tells the outcome as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Where {
    /// Files in the spool of this machine.
    Files,
    /// The database of `[store.postgres]`.
    Postgres,
}

impl Migrate {
    /// As whom, and to which server.
    fn login(&self, settings: &mut Settings) -> Login {
        if let Some(host) = &self.host {
            settings.hosts = vec![host.clone()];
        }
        Login {
            password_file: self.password_file.clone(),
            ..Login::named(&self.user)
        }
    }
}

fn host(text: &str) -> Result<Host, String> {
    crate::config::host(text).map_err(|wrong| format!("{wrong}; {}", wrong.remedy))
}

pub(super) fn store(path: &Path, overrides: &Overrides, command: &Stores) -> Outcome {
    match command {
        Stores::Show { json } => {
            become_service_user(path, overrides)?;
            show::show(&app::essentials(path, overrides)?, *json)
        }
        Stores::Migrate(words) => migrate(path, overrides, words),
        Stores::Move(words) => move_all(path, overrides, words),
    }
}

/// The owner's password is no business of the service's user, so whoever runs this reads it; what is made on this machine is
/// that user's all the same.
fn migrate(path: &Path, overrides: &Overrides, words: &Migrate) -> Outcome {
    let mut settings = configured(path, overrides)?;
    make_what_is_local(path, overrides, &settings)?;
    let owner = words.login(&mut settings);
    let done = database::migrate(&settings, &owner);
    let done = done.with_context(|| format!("as {} nothing was changed in the database", words.user))?;
    done.iter().for_each(|line| println!("✓ {line}"));
    Ok(true)
}

fn move_all(path: &Path, overrides: &Overrides, words: &Move) -> Outcome {
    if words.from == words.to {
        bail!("name two stores: letters are moved from one to the other");
    }
    let mut settings = configured(path, overrides)?;
    make_what_is_local(path, overrides, &settings)?;
    let owner = words.owner.login(&mut settings);
    let become_user = || become_service_user(path, overrides);
    let to_database = words.to == Where::Postgres;
    database::move_all(&settings, &owner, to_database, words.json, &become_user)
}

fn configured(path: &Path, overrides: &Overrides) -> anyhow::Result<Settings> {
    match app::essentials_unasked(path, overrides)?.database {
        Some(settings) => Ok(settings),
        None => bail!("the configuration has no [store.postgres]: letters are files of the spool"),
    }
}

/// A thread becomes the service's user for good, and only that thread.
fn make_what_is_local(path: &Path, overrides: &Overrides, settings: &Settings) -> anyhow::Result<()> {
    let make = || {
        become_service_user(path, overrides)?;
        database::make_local(settings).context("what stays on this machine cannot be made")
    };
    let made = std::thread::scope(|scope| scope.spawn(make).join());
    made.unwrap_or_else(|_| bail!("a fault of this program"))
}
