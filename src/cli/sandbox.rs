//! What each role needs of the machine. All else is taken away before the first thread starts.

mod readable;

use std::path::Path;

use anyhow::Context;

use crate::config::{Config, Role};
use crate::diagnostic::Diagnostic;
use crate::sandbox::{Access, Kernel, Sandbox, kernel};
use crate::store::postgres::{self, Host};
use readable::Secrets;

/// What one side may still do.
///
/// # Errors
/// When a directory that it needs cannot be made.
pub fn needs(config: &Config, role: Role) -> anyhow::Result<Sandbox> {
    let mut sandbox = Sandbox::new();
    let secrets = Secrets::of(config, role);
    if role != Role::Relay {
        web(&mut sandbox, config, &secrets);
    }
    if role != Role::Web {
        relay(&mut sandbox, config, &secrets).context("the Maildir could not be made")?;
    }
    Ok(sandbox)
}

/// Enters the sandbox, and says what this kernel cannot refuse.
///
/// # Errors
/// When the sandbox cannot be as tight as the kernel allows.
pub fn enforce(sandbox: Sandbox) -> anyhow::Result<()> {
    let kernel = sandbox.enforce().context("the sandbox could not be entered")?;
    match kernel.lacks() {
        Some(lack) => tracing::warn!("{lack}"),
        None => tracing::info!(landlock = kernel.landlock, "the sandbox is closed"),
    }
    Ok(())
}

/// For `check`: what the kernel of this machine can do, and which files lie where a sandbox would open too much.
pub(super) fn diagnostics(config: Option<&Config>, role: Role) -> Vec<Diagnostic> {
    let mut all = config.map_or_else(Vec::new, |config| readable::diagnostics(config, role));
    all.push(of_kernel(kernel()));
    all
}

/// At the start: what `check` calls a problem does not keep people's letters from being taken.
pub(super) fn warn_of_places(config: &Config, role: Role) {
    if role != Role::All {
        let all = readable::diagnostics(config, role);
        all.iter().for_each(|one| tracing::warn!("{} {}", one.what, one.remedy));
    }
}

fn of_kernel(kernel: Kernel) -> Diagnostic {
    let Kernel { landlock, .. } = kernel;
    match kernel.lacks() {
        Some(lack) => Diagnostic::warning(
            format!("The sandbox is weak here: {lack}."),
            "Use a newer kernel, and the systemd units in packaging/. In a container, let its manager pass on what begins with `landlock_` (systemd-nspawn: `--system-call-filter=`).",
        ),
        None => Diagnostic::good(format!("the sandbox of this kernel (Landlock {landlock}, seccomp)")),
    }
}

/// Letters are linked into the queue; what waits there can be neither read nor changed.
fn web(sandbox: &mut Sandbox, config: &Config, secrets: &Secrets) {
    for file in readable::web_files(config).iter().chain(&config.texts) {
        secrets.read_beside(sandbox, file);
    }
    sandbox.allow(config.spool.alarms(), Access::Drop);
    if let Some(database) = &config.database {
        sandbox.allow(&config.spool.drafts, Access::Change);
        servers(sandbox, database);
        return;
    }
    for place in config.spool.unfinished() {
        sandbox.allow(place, Access::Change);
    }
    sandbox.allow(config.spool.arrivals(), Access::Link);
}

/// The servers of a database. What proves a side to them is among the files that it reads.
fn servers(sandbox: &mut Sandbox, database: &postgres::Settings) {
    for host in &database.hosts {
        match host {
            Host::Net(name, port) => reach(sandbox, name, *port),
            Host::Socket(..) => sandbox.use_sockets(),
        }
    }
}

/// The queue, and what delivering needs of it.
fn queue(sandbox: &mut Sandbox, config: &Config) {
    if let Some(database) = &config.database {
        for place in [config.spool.alarms(), config.spool.lock_of_relay()] {
            sandbox.allow(place, Access::Change);
        }
        return servers(sandbox, database);
    }
    sandbox.watch_directories();
    // The empty name of a letter that left gets its proof first, and then the mode that says where the letter was put.
    sandbox.change_modes_of_open_files();
    for place in config.spool.for_delivery() {
        sandbox.allow(place, Access::Change);
    }
    // A folder in the queue is put aside too. Landlock lets it be moved only to where no more is allowed.
    sandbox.allow(config.spool.arrivals(), Access::ChangeAll);
    sandbox.allow(config.spool.quarantine(), Access::ChangeAll);
}

fn relay(sandbox: &mut Sandbox, config: &Config, secrets: &Secrets) -> std::io::Result<()> {
    queue(sandbox, config);
    config.mail.transport.prepare()?;
    let needs = config.mail.transport.needs();
    if let Some((host, port)) = &needs.reach {
        reach(sandbox, host, *port);
    }
    if needs.socket.is_some() {
        sandbox.use_sockets();
    }
    for file in readable::relay_files(config) {
        secrets.read_beside(sandbox, &file);
    }
    if let Some(directory) = needs.change {
        sandbox.allow(directory, Access::Change);
        sandbox.change_modes();
    }
    for directory in readable::relay_folders(config) {
        sandbox.allow(directory, Access::Change);
    }
    // The command for alarms is run by a process that was started before.
    for webhook in config.alarm.webhooks() {
        reach(sandbox, &webhook.address.host, webhook.address.port);
    }
    Ok(())
}

fn reach(sandbox: &mut Sandbox, host: &str, port: u16) {
    sandbox.connect(port);
    if host.parse::<std::net::IpAddr>().is_err() {
        resolver(sandbox);
    }
}

/// What the C library reads to find the address of a name.
fn resolver(sandbox: &mut Sandbox) {
    sandbox.resolve_names();
    for file in [
        "hosts",
        "host.conf",
        "nsswitch.conf",
        "gai.conf",
        "services",
        "protocols",
        "ld.so.cache",
    ] {
        sandbox.allow(Path::new("/etc").join(file), Access::Read);
    }
    for libraries in ["/lib", "/lib64", "/usr/lib", "/usr/lib64"] {
        sandbox.allow(libraries, Access::Read);
    }
    let resolv = Path::new("/etc/resolv.conf");
    match resolv.canonicalize() {
        // A link: the file is kept and replaced elsewhere.
        Ok(real) if !real.starts_with("/etc") => sandbox.allow(real.parent().unwrap_or(&real), Access::Read),
        _ => sandbox.allow(resolv, Access::Read),
    }
}
