//! `konvolutt init`: five questions, or their flags, to a configuration that `check` passes.
//!
//! Comes in: who the authority is, where its form is found, how its mail leaves, the post room's mailbox and its certificates.
//! Goes out: one folder with everything in it, or nothing at all. What always holds: a certificate is pinned only after a
//! person has said that its fingerprint is the one that the post room read out; no key of a post room is made or taken here; a
//! file that is there is never written over.

mod answers;
mod certificates;
mod drop_ins;
mod instance;
mod owner;
mod terminal;
mod text;
mod tls;
mod write;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;
use clap::{Args, ValueEnum};

use super::Outcome;
use crate::seal::fingerprint_groups;
use answers::{Plan, Way};
use drop_ins::DropIns;
use owner::Owner;
use terminal::Terminal;

/// What `init` is told by flags; it asks for the rest at a terminal.
#[derive(Debug, Args)]
pub(super) struct Init {
    /// Folder for the configuration; what is in it is never written over. Default: /etc/konvolutt.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// The authority's name in bokmål.
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,
    /// The authority's name in nynorsk, where it is another.
    #[arg(long, value_name = "TEXT")]
    name_nn: Option<String>,
    /// The authority's name in English, where it is another.
    #[arg(long, value_name = "TEXT")]
    name_en: Option<String>,
    /// Host name under which people find the form.
    #[arg(long, value_name = "HOST")]
    host: Option<String>,
    /// Mail server that takes the letters.
    #[arg(long, value_name = "HOST", conflicts_with = "maildir")]
    mail_host: Option<String>,
    /// How the mail server is spoken to: TLS at once (port 465), or STARTTLS (port 587).
    #[arg(long, value_enum, default_value_t = Security::Implicit)]
    mail_security: Security,
    /// Account at the mail server; without one there is no login.
    #[arg(long, value_name = "NAME", requires = "mail_host")]
    mail_user: Option<String>,
    /// File whose first line is the account's password. A password is never a flag: every user of a machine sees those.
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// Root certificates of the mail server, where the system does not have them.
    #[arg(long, value_name = "FILE", requires = "mail_host")]
    mail_ca_file: Option<PathBuf>,
    /// Deliver into this Maildir of a post room on this machine, instead of to a mail server.
    #[arg(long, value_name = "DIR")]
    maildir: Option<PathBuf>,
    /// Address of the post room's mailbox.
    #[arg(long, value_name = "ADDRESS")]
    mailbox: Option<String>,
    /// Address that the letters come from. Default: the account at the mail server if it is an address, else sikkert-skjema@ the
    /// mailbox's domain.
    #[arg(long, value_name = "ADDRESS")]
    from: Option<String>,
    /// Certificate that opens letters every day; may be repeated.
    #[arg(long, value_name = "FILE")]
    daily: Vec<PathBuf>,
    /// Certificate whose key lies in a safe; may be repeated.
    #[arg(long, value_name = "FILE", conflicts_with = "no_recovery")]
    recovery: Vec<PathBuf>,
    /// There is no recovery certificate: whoever loses the daily key loses every letter.
    #[arg(long)]
    no_recovery: bool,
    /// Whole fingerprint of a certificate, as the post room read it out; one for each certificate.
    #[arg(long, value_name = "HEX")]
    fingerprint: Vec<String>,
    /// Certificate chain of the form's host name (PEM), for TLS in the program itself. It is copied, like its key, to where the
    /// service may read it.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_certificate: Option<PathBuf>,
    /// Its key (PEM).
    #[arg(long, value_name = "FILE", requires = "tls_certificate")]
    tls_key: Option<PathBuf>,
    /// Address of the proxy that does TLS instead; it is believed about where visitors come from.
    #[arg(long, value_name = "ADDR", conflicts_with = "tls_certificate")]
    behind_proxy: Option<std::net::IpAddr>,
    /// Where the form is served; with systemd, at what its socket listens. Default: port 443, or 127.0.0.1:8080 behind a proxy.
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    /// Health, for your monitoring; with `--instance` the relay takes the port after it.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8081")]
    health: std::net::SocketAddr,
    /// Where sealed letters wait. Default: /var/lib/konvolutt, or `spool` in a folder outside of /etc.
    #[arg(long, value_name = "DIR")]
    spool: Option<PathBuf>,
    /// Whether systemd hands sockets and secrets over. Default: yes, if the units are installed and --dir is where they look.
    #[arg(long, num_args = 0..=1, default_missing_value = "true")]
    systemd: Option<bool>,
    /// One of several authorities on this machine, as in konvolutt@NAME.target: with its own folder, user and store.
    #[arg(long, value_name = "NAME", value_parser = instance::name, requires_all = ["listen", "health"])]
    instance: Option<String>,
    /// Where drop-ins for the units go. Default: /etc/systemd/system, if --dir is where the units look.
    #[arg(long, value_name = "DIR")]
    units: Option<PathBuf>,
    /// User that the service runs as. Default, as root: konvolutt.
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
}

/// How a mail server is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Security {
    /// TLS from the first byte.
    Implicit,
    /// TLS after a first word in the clear.
    Starttls,
}

impl Security {
    fn word(self) -> &'static str {
        match self {
            Self::Implicit => "implicit",
            Self::Starttls => "starttls",
        }
    }
}

/// Asks, writes, and checks what was written. `wrong_use` ends the program with exit code 2.
pub(super) fn init(mut init: Init, wrong_use: fn(&str) -> !) -> Outcome {
    let dir = init
        .dir
        .clone()
        .unwrap_or_else(|| instance::default_folder(init.instance.as_deref()));
    let dir = std::path::absolute(dir)?;
    // Before anybody has answered five questions for nothing.
    write::is_free(&dir, tls::is_copied(&init, &dir)?)?;
    let mut drop_ins = DropIns::of(&init)?;
    drop_ins.as_ref().map_or(Ok(()), DropIns::are_free)?;
    let mut terminal = Terminal::open();
    let missing = init.missing();
    match &mut terminal {
        _ if missing.is_empty() => {}
        Some(terminal) => init.ask(terminal)?,
        None => wrong_use(&format!(
            "init needs {}; at a terminal it asks for what is missing",
            missing.join(", ")
        )),
    }
    let plan = Plan::of(&init, dir, terminal.as_mut())?;
    let owner = Owner::of(init.user.as_deref(), init.instance.as_deref(), &plan.spool)?;
    // First, because they are easily taken away again when the rest cannot be written.
    if let Some(drop_ins) = &mut drop_ins {
        drop_ins.write(&init)?;
    }
    let relay = write::write(&plan, owner.as_ref())?;
    if let Some(drop_ins) = drop_ins {
        drop_ins.keep();
    }
    println!("Written: {}\n", plan.dir.display());
    let good = check(&plan, owner.as_ref())?;
    println!(
        "\n{}",
        remaining(&plan, &relay, owner.as_ref(), init.instance.as_deref())
    );
    Ok(good)
}

/// As the service's user: what root may read says nothing.
fn check(plan: &Plan, owner: Option<&Owner>) -> anyhow::Result<bool> {
    let mut check = Command::new(std::env::current_exe()?);
    check.arg("check").arg("--config").arg(plan.configuration());
    // What the flags and variables of this command's own surroundings say is not the service's.
    for variable in ["KONVOLUTT_LISTEN", "KONVOLUTT_HEALTH", "KONVOLUTT_SPOOL"] {
        check.env_remove(variable);
    }
    check.env("CREDENTIALS_DIRECTORY", plan.dir.join("secret"));
    if let Some(owner) = owner {
        use std::os::unix::process::CommandExt;
        check.uid(owner.user).gid(owner.group);
    }
    let status = check.status().context("`konvolutt check` could not be run")?;
    Ok(status.success())
}

/// What no program can do, in the order in which to do it.
fn remaining(
    plan: &Plan,
    relay: &sequoia_openpgp::Fingerprint,
    owner: Option<&Owner>,
    instance: Option<&str>,
) -> String {
    let (dir, configuration) = (plan.dir.display(), plan.configuration());
    let as_user = owner.map_or_else(String::new, |owner| format!("runuser -u {} -- ", owner.name));
    let mut steps = vec![
        format!(
            "Phone through the numbers in {dir}/forms/post.toml, write that day into it as `checked`, and write your postal \
             address where your name stands. Let your data protection officer read its [privacy]."
        ),
        format!(
            "Write into [authority] of {} what the foot of every page shows: your postal address, your own \
             site, your accessibility statement.",
            configuration.display()
        ),
        format!(
            "Give {dir}/keys/relay.cert.asc to the clerks, and read them its fingerprint over the telephone:\n     {}",
            fingerprint_groups(relay)
        ),
        "Name in [alarm] who is told when something goes wrong.".to_owned(),
    ];
    if plan.tls.is_none() && plan.proxy.is_none() {
        steps.push("Give the form TLS ([listen.tls]), or name the proxy that does it (`trusted_proxies`).".to_owned());
    }
    if let Way::Smtp(_) = plan.way {
        let check = format!("{as_user}konvolutt check --online --config {}", configuration.display());
        steps.push(format!("Try the mail server:\n     {check}"));
    }
    if plan.systemd {
        steps.push(format!(
            "Start it:\n     systemctl enable --now {}",
            instance::units(instance, plan.redirects)
        ));
    }
    steps.push(format!(
        "Send a sealed test letter, and let the post room open it before you publish the form's address:\n     \
         {as_user}konvolutt send-test --config {}",
        configuration.display()
    ));
    let numbered = steps.iter().enumerate();
    let lines: Vec<_> = numbered.map(|(i, step)| format!("  {}. {step}", i + 1)).collect();
    format!("What remains for you:\n{}", lines.join("\n"))
}

/// A path as the configuration writes it: a whole one, since its folder may be moved into place.
fn whole(path: &Path) -> anyhow::Result<PathBuf> {
    Ok(std::path::absolute(path)?)
}
