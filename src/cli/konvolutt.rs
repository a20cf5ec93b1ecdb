//! The command line of `konvolutt`.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::error::ErrorKind;
use clap::{Args, CommandFactory, Parser, Subcommand};
use clap_complete::Shell;
use konvolutt_letter::program::exit;

use super::alarms::{self, Alarms};
use super::init::{self, Init};
use super::keys::Keys;
use super::queue::Queue;
use super::receipt::{self, Receipts};
use super::service_user::become_service_user;
use super::store::{self, Stores};
use super::{Outcome, app, background, check, demo, keys, log, queue, reader, reload, send_test, serve, texts};
use crate::config::{Overrides, Role};
use crate::door::ListenAddress;
use crate::i18n::Lang;
use crate::notify;

/// A web form whose answers are sealed to a public authority's OpenPGP certificates and relayed as encrypted
/// mail.
#[derive(Debug, Parser)]
#[command(name = "konvolutt", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// Where the configuration is when nothing is said.
const USUAL: &str = "/etc/konvolutt/konvolutt.toml";

#[derive(Debug, Args)]
struct Configured {
    /// The configuration file; without it /etc/konvolutt/konvolutt.toml.
    #[arg(long, value_name = "FILE", env = "KONVOLUTT_CONFIG", global = true)]
    config: Option<PathBuf>,
    /// Where to serve the form, instead of `listen.address`: an address (port 0 for any), `unix:PATH` or `systemd`.
    #[arg(long, value_name = "ADDR", env = "KONVOLUTT_LISTEN", global = true)]
    listen: Option<ListenAddress>,
    /// Address to tell health at, instead of `health.address`.
    #[arg(long, value_name = "ADDR", env = "KONVOLUTT_HEALTH", global = true)]
    health: Option<SocketAddr>,
    /// Directory of the spool, instead of `spool.directory`.
    #[arg(long, value_name = "DIR", env = "KONVOLUTT_SPOOL", global = true)]
    spool: Option<PathBuf>,
}

impl Configured {
    /// The configuration, wherever among the words it was named.
    fn config(&self) -> &Path {
        named(self.config.as_deref())
    }

    /// The configuration of a command beside the service, which works as the service's user.
    fn as_service(&self) -> anyhow::Result<&Path> {
        let config = self.config();
        become_service_user(config, &self.overrides())?;
        Ok(config)
    }

    fn overrides(&self) -> Overrides {
        self.overrides_as(Role::All)
    }

    fn overrides_as(&self, role: Role) -> Overrides {
        Overrides {
            listen: self.listen.clone(),
            health: self.health,
            spool: self.spool.clone(),
            role,
        }
    }
}

#[derive(Debug, Subcommand)]
enum Command {
    /// What can be tried with nothing installed.
    #[command(flatten)]
    Demo(demo::Command),
    /// Asks five questions (or takes flags) and writes a configuration that `check` passes.
    Init(Box<Init>),
    /// Serves the forms and delivers the letters.
    Serve {
        #[command(flatten)]
        configured: Configured,
        /// Which half runs in this process.
        #[arg(long, value_enum, default_value_t = Role::All)]
        role: Role,
        /// How lines of the log are written: `auto` is the journal's own protocol where standard error is the journal, else for
        /// people.
        #[arg(long, value_enum, default_value_t, env = "KONVOLUTT_LOG")]
        log: log::Style,
    },
    /// Says everything that is wrong with a configuration, at once.
    Check {
        #[command(flatten)]
        configured: Configured,
        /// Also tries the mail server, the webhook for alarms and the database.
        #[arg(long)]
        online: bool,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Sends a sealed test letter to each mailbox.
    SendTest {
        #[command(flatten)]
        configured: Configured,
    },
    /// Looks after the letters in the spool, without their content.
    Queue {
        #[command(flatten)]
        configured: Configured,
        #[command(subcommand)]
        command: Queue,
    },
    /// Where letters are: in files of this machine, or in a database that several nodes share.
    Store {
        #[command(flatten)]
        configured: Configured,
        #[command(subcommand)]
        command: Stores,
    },
    /// What is wrong now, and whether the operator was notified.
    Alarms {
        #[command(flatten)]
        configured: Configured,
        #[command(subcommand)]
        command: Alarms,
    },
    /// Certificates and the relay's signing key.
    Keys {
        /// The configuration file (for `list` and `refresh`).
        #[arg(long, value_name = "FILE", env = "KONVOLUTT_CONFIG", global = true)]
        config: Option<PathBuf>,
        #[command(subcommand)]
        command: Keys,
    },
    /// Signed receipts that people hold.
    Receipt {
        /// The configuration file, whose signing key it is checked against unless `--relay` names a certificate.
        #[arg(long, value_name = "FILE", env = "KONVOLUTT_CONFIG", global = true)]
        config: Option<PathBuf>,
        #[command(subcommand)]
        command: Receipts,
    },
    /// Prints the program's own texts in a language, as a file to translate for `[languages]`.
    Texts {
        /// Code of the language.
        #[arg(default_value = "nb", value_parser = spoken)]
        lang: Lang,
    },
    /// Prints a schema.
    Schema {
        #[command(subcommand)]
        of: Schema,
    },
    /// Prints completions for a shell.
    Completions {
        /// Which shell.
        shell: Shell,
    },
    /// Prints the manual page.
    Man,
    /// Has a running service take up a changed configuration; one with mistakes changes nothing.
    Reload {
        #[command(flatten)]
        configured: Configured,
        /// Which half the process is.
        #[arg(long, value_enum, default_value_t = Role::All)]
        role: Role,
        /// The process that serves.
        // 0 and below are groups of processes for the kernel, this one's own among them.
        #[arg(long, value_parser = clap::value_parser!(i32).range(1..))]
        pid: i32,
    },
    /// Reads the configuration again, for a service that may not.
    #[command(name = super::reader::READER, hide = true)]
    Reader {
        #[command(flatten)]
        configured: Configured,
        #[arg(long, value_enum, default_value_t = Role::All)]
        role: Role,
    },
    /// Runs the command for alarms, for a service that may run nothing itself.
    #[command(name = super::background::HELPER, hide = true)]
    Helper {
        #[arg(long)]
        timeout: u64,
        #[arg(last = true, required = true)]
        argv: Vec<String>,
    },
}

#[derive(Debug, Subcommand)]
enum Schema {
    /// JSON Schema of `letter.json`.
    Letter,
}

fn spoken(code: &str) -> Result<Lang, String> {
    Lang::from_code(code).ok_or_else(|| format!("use one of {}", Lang::spoken().join(", ")))
}

/// The configuration file: the one that is named, or the usual one, or else the end with exit code 2. It may stand after any
/// word, so clap cannot ask for it.
fn named(config: Option<&Path>) -> &Path {
    let usual = || Some(Path::new(USUAL)).filter(|usual| usual.exists());
    let found = config.or_else(usual);
    found.unwrap_or_else(|| wrong_use("name the configuration with --config FILE"))
}

/// The end with exit code 2, for what clap cannot know.
pub(super) fn wrong_use(text: &str) -> ! {
    Cli::command().error(ErrorKind::MissingRequiredArgument, text).exit()
}

/// The command line as it is declared, for manual pages and completions.
#[must_use]
pub fn command() -> clap::Command {
    Cli::command()
}

/// Runs the program.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let style = match &cli.command {
        Command::Serve { log, .. } => *log,
        _ => log::Style::default(),
    };
    log::start(style);
    let outcome = run(cli.command);
    log::flush();
    exit(outcome)
}

fn run(command: Command) -> Outcome {
    match command {
        Command::Demo(command) => demo::run(command),
        Command::Init(words) => init::init(*words, wrong_use),
        Command::Serve { configured, role, .. } => serve::serve(configured.config(), role, &configured.overrides()),
        Command::Check {
            configured,
            online,
            json,
        } => check::check(configured.as_service()?, &configured.overrides(), online, json),
        Command::SendTest { configured } => send_test::send_test(configured.as_service()?, &configured.overrides()),
        Command::Queue { configured, command } => {
            let (path, overrides) = (configured.as_service()?, configured.overrides());
            let essentials = app::essentials(path, &overrides)?;
            let config = || app::configuration(path, &overrides);
            queue::queue(&config, &*app::store(&essentials)?, &command)
        }
        Command::Store { configured, command } => store::store(configured.config(), &configured.overrides(), &command),
        Command::Alarms { configured, command } => {
            alarms::alarms(configured.as_service()?, &configured.overrides(), &command)
        }
        Command::Keys { config, command } => run_keys(config.as_deref(), &command),
        Command::Receipt { config, command } => run_receipt(config.as_deref(), &command),
        Command::Texts { lang } => {
            texts::texts(lang);
            Ok(true)
        }
        Command::Schema { of: Schema::Letter } => {
            print!("{}", konvolutt_letter::JSON_SCHEMA);
            Ok(true)
        }
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Cli::command(), "konvolutt", &mut io::stdout());
            Ok(true)
        }
        Command::Reload { configured, role, pid } => {
            reload::reload(configured.as_service()?, &configured.overrides_as(role), pid)
        }
        Command::Reader { configured, role } => {
            reader::serve_reader(configured.config(), &configured.overrides_as(role))
        }
        Command::Helper { timeout, argv } => {
            let timeout = Duration::from_secs(timeout);
            background::helper(&notify::Command { argv, timeout })
        }
        Command::Man => {
            clap_mangen::Man::new(Cli::command()).render(&mut io::stdout())?;
            Ok(true)
        }
    }
}

fn run_keys(config: Option<&Path>, command: &Keys) -> Outcome {
    match command {
        Keys::List { json } => {
            let path = named(config);
            become_service_user(path, &Overrides::default())?;
            let config = app::configuration(path, &Overrides::default())?;
            keys::list(&config, *json)
        }
        Keys::Refresh { dry_run, json } => keys::fresh(named(config), *dry_run, *json),
        Keys::NewSigner {
            out,
            name,
            email,
            years,
        } => keys::new_signer(out, name, email, *years),
    }
}

fn run_receipt(config: Option<&Path>, command: &Receipts) -> Outcome {
    let Receipts::Check { file, relay, json } = command;
    let configured = || {
        let path = named(config);
        become_service_user(path, &Overrides::default())?;
        app::configuration(path, &Overrides::default())
    };
    receipt::check(file, relay, configured, *json)
}
