//! `konvolutt demo`: the whole system with nothing installed.

mod authority;
mod browser;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use clap::Subcommand;
use tokio::sync::watch;

use super::Outcome;
use super::app;
use super::runtime::{on_signal, runtime};
use super::serve::{self, Entrance};
use crate::cli::app::Duties;
use crate::config::Overrides;
use crate::config::Role;
use crate::door::ListenAddress;
use crate::store::LeaseError;
use authority::Authority;
use postrom::{self, Keys, Verdict};

/// From the receipt to the mailbox it takes well under a second, and longer on a machine that builds beside it.
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// The whole system with nothing installed: a throw-away authority with its keys, form and mailbox.
    Demo {
        /// Where it lives; used again by the next start.
        #[arg(long, default_value = "demo")]
        dir: PathBuf,
        /// Address to serve at; port 0 for any.
        #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
        listen: SocketAddr,
        /// Sends a sample with a file, opens the mail, shows both, and ends.
        #[arg(long = "try")]
        try_it: bool,
    },
}

pub(super) fn run(command: Command) -> Outcome {
    let Command::Demo { dir, listen, try_it } = command;
    demo(&dir, listen, try_it)
}

fn demo(dir: &Path, listen: SocketAddr, try_it: bool) -> Outcome {
    crate::cli::protect()?;
    let authority = Authority::make_or_reuse(dir)?;
    let overrides = Overrides {
        listen: Some(ListenAddress::Tcp(if try_it {
            SocketAddr::from(([127, 0, 0, 1], 0))
        } else {
            listen
        })),
        ..Overrides::default()
    };
    let config = app::configuration(&authority.config, &overrides)?;
    let entrance = Entrance::open(&config.listen, Role::All)?;
    let paths: Vec<_> = config
        .forms
        .iter()
        .map(|form| format!("/{}/s/{}", form.languages[0], form.slug))
        .collect();
    let app = app::assemble(config, &Duties::of(Role::All))?;
    runtime()?.block_on(async {
        if try_it {
            return try_out(app, entrance, &authority, &paths[0]).await;
        }
        let stop = on_signal()?;
        serve::run(app, Role::All, entrance, stop, |address| {
            tell(&authority, &paths, address.unwrap_or(listen));
        })
        .await
    })
}

fn tell(authority: &Authority, paths: &[String], address: SocketAddr) {
    println!("\n  all forms      http://{address}/");
    for path in paths {
        println!("  one form       http://{address}{path}");
    }
    println!("  mail arrives   {}", authority.maildir.join("new").display());
    println!("  open it with   {}", open_command(authority));
    println!("  desk           {} desk --demo {}", program(), authority.dir.display());
    println!(
        "\nCtrl-C ends it. Everything is in {}; delete that to begin anew.",
        authority.dir.display()
    );
}

/// `postrom`, as this program was started itself.
fn program() -> String {
    match std::env::var_os("CARGO") {
        Some(_) => "cargo run --quiet -p postrom --".to_owned(),
        None => std::env::current_exe()
            .ok()
            .map(|own| own.with_file_name("postrom"))
            .filter(|beside| beside.exists())
            .map_or_else(|| "postrom".to_owned(), |beside| beside.display().to_string()),
    }
}

/// The exact command.
fn open_command(authority: &Authority) -> String {
    let program = program();
    format!(
        "{program} open {} --key {} --relay {} --known {} --out {}",
        authority.maildir.display(),
        authority.daily_key.display(),
        authority.relay_certificate.display(),
        authority.dir.join("keys/recovery.cert.asc").display(),
        authority.opened.display()
    )
}

/// The whole journey by itself: through the real door, over HTTP.
async fn try_out(app: app::App, entrance: Entrance, authority: &Authority, path: &str) -> Outcome {
    let (stop, stopped) = watch::channel(false);
    let (tell, told) = tokio::sync::oneshot::channel();
    // A demo that is running already delivers for both.
    let role = match app.store.lease() {
        Err(LeaseError::Taken) => Role::Web,
        lease => lease.map(|_| Role::All)?,
    };
    let running = tokio::spawn(serve::run(app, role, entrance, stopped, move |address| {
        let _ = tell.send(address);
    }));
    let address = told.await.ok().flatten().context("the form did not start")?;
    let before = mails(&authority.maildir)?;
    let reference = browser::send_sample(address, path).await?;
    println!("✓ sent; the receipt says {reference}\n");
    let mail = wait_for_mail(&authority.maildir, &before).await?;
    stop.send_replace(true);
    running.await??;
    show(authority, &mail)
}

fn mails(maildir: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let new = match std::fs::read_dir(maildir.join("new")) {
        Ok(new) => new,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error.into()),
    };
    Ok(new
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?)
}

async fn wait_for_mail(maildir: &Path, before: &[PathBuf]) -> anyhow::Result<PathBuf> {
    let begin = Instant::now();
    while begin.elapsed() < PATIENCE {
        if let Some(mail) = mails(maildir)?.into_iter().find(|mail| !before.contains(mail)) {
            return Ok(mail);
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    bail!("no mail came within {} s", PATIENCE.as_secs())
}

fn show(authority: &Authority, mail: &Path) -> Outcome {
    let text = std::fs::read_to_string(mail)?;
    println!("The sealed mail, {} bytes, in {}:\n", text.len(), mail.display());
    for line in text.lines().take(28) {
        println!("    {line}");
    }
    println!("    …\n");
    let mut keys = Keys::default();
    keys.add(&authority.daily_key, &mut |_| None)?;
    let relay = postrom::load_certificate(&authority.relay_certificate)?;
    let input = postrom::Input {
        source: mail.display().to_string(),
        bytes: text.into_bytes(),
    };
    let opened = postrom::unpack(&input, &keys, Some(&relay), &authority.opened).map_err(anyhow::Error::msg)?;
    println!("Opened with the post room's key into {}:\n", opened.folder.display());
    for line in std::fs::read_to_string(opened.folder.join("letter.txt"))?.lines() {
        println!("    {line}");
    }
    println!("\n✓ {}", opened.status.sentence);
    println!("\nTo do it again by hand:  {}", open_command(authority));
    Ok(opened.status.verdict == Verdict::Genuine)
}
