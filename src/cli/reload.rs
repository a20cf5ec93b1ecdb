//! The configuration read again at SIGHUP, and `konvolutt reload`, which asks for it.
//!
//! It is taken up when there is no problem in it or in what it names, whatever that is about; else the one before stays in use, with
//! an alarm. What cannot change while the service runs is named in the log.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use rustix::process::{Pid, Signal, kill_process};

use super::app::{self, Newest};
use super::reader::{self, Reading, Source};
use super::{Outcome, sentence};
use crate::alarms::{Alarm, Alarms};
use crate::config::{Config, Overrides, Role, inspect_text, is_taken_up, needs_restart};
use crate::diagnostic::Severity;
use crate::door::ClientPolicy;
use crate::intake::Contents;
use crate::readiness::{Readiness, Wake};
use crate::relay::Addresses;

/// What a running service does at SIGHUP.
pub(super) struct Reloader {
    /// Nothing in the demo, which is what it is.
    pub(super) source: Option<Source>,
    pub(super) alarms: Arc<Alarms>,
    pub(super) web: Option<Web>,
    pub(super) addresses: Option<Arc<Addresses>>,
}

/// What the form's half has of the configuration.
pub(super) struct Web {
    pub(super) contents: Arc<Contents>,
    pub(super) newest: Arc<Newest>,
    pub(super) readiness: Readiness,
    pub(super) policy: Arc<ClientPolicy>,
    /// Has the certificates of the web site read again.
    pub(super) site: Arc<Wake>,
}

impl Reloader {
    /// Reads certificates and the configuration again. Blocks on the disk.
    pub(super) fn hang_up(&self) {
        if let Some(web) = &self.web {
            web.readiness.read_again();
            web.site.ring();
        }
        let Some(source) = &self.source else {
            return;
        };
        let is_web = self.web.is_some();
        match source.reader.ask().and_then(|reading| self.take_up(source, reading)) {
            Ok(()) if is_web => self.alarms.clear(Alarm::ReloadWeb, ""),
            Ok(()) => self.alarms.clear(Alarm::ReloadRelay, ""),
            Err(why) => {
                let text = format!("the configuration was not taken up, the one before stays in use: {why}");
                if is_web {
                    self.alarms.raise(Alarm::ReloadWeb, "", &text);
                } else {
                    self.alarms.raise(Alarm::ReloadRelay, "", &text);
                }
            }
        }
    }

    fn take_up(&self, source: &Source, reading: Reading) -> Result<(), String> {
        let Reading {
            text,
            problems,
            addresses,
        } = reading;
        match problems.as_slice() {
            [] => {}
            [one] => return Err(one.clone()),
            [first, rest @ ..] => return Err(format!("{first} And {} more.", rest.len())),
        }
        let mut waits = needs_restart(&source.started, &text, source.overrides.role);
        if waits.iter().any(|table| table == "[signing]") {
            // The sender's address and the key that signs for it go together.
            return Err("another signing key needs a restart, and all else waits for that.".into());
        }
        let web = self.web.as_ref();
        let content = web
            .map(|web| Ok::<_, String>((web, content(source, text)?)))
            .transpose()?;
        if let (Some(own), Some(next)) = (&self.addresses, addresses) {
            own.replace(next);
        }
        if let Some((web, config)) = content {
            if config.other_texts {
                waits.push("[languages]".to_owned());
            }
            web.replace(config);
        }
        if waits.is_empty() {
            tracing::info!("the configuration was read again");
        } else {
            let tables = waits.join(", ");
            tracing::warn!("the configuration was read again; what changed in {tables} needs a restart");
        }
        Ok(())
    }
}

/// What the form's half takes up, read inside of its sandbox: forms and certificates lie in folders that are open to it. What
/// it has no business with is not looked at.
fn content(source: &Source, text: String) -> Result<Config, String> {
    let overrides = Overrides {
        role: Role::Web,
        ..source.overrides.clone()
    };
    let found = inspect_text(&source.path, text, &overrides);
    let mut problems = found.diagnostics.iter().filter(|one| one.severity == Severity::Problem);
    // What the reader could read and this process cannot lies outside of its sandbox.
    if let Some(problem) = problems.find(|one| is_taken_up(one, &source.path)) {
        let text = sentence(problem);
        return Err(format!("inside the sandbox: {text} A new folder needs a restart."));
    }
    let unusable = "inside the sandbox it cannot be used; restart the service.";
    found.config.ok_or_else(|| unusable.to_owned())
}

impl Web {
    fn replace(&self, config: Config) {
        self.policy.set_letter_limits(config.listen.letter_limits);
        let look = config.look.clone();
        let next = Arc::new(app::renewed(&self.newest.now(), config));
        self.newest.replace(next.clone());
        // Before any page of it is shown: the next look is at this one.
        self.readiness.follow(next.clone());
        self.contents.replace(&next, &look);
    }
}

/// `konvolutt reload`: says what is wrong and changes nothing, or asks the service to take the file up.
pub(super) fn reload(path: &Path, overrides: &Overrides, pid: i32) -> Outcome {
    let mut problems = reader::read(path, overrides).problems;
    // What systemd loaded for a service it does not open to the command that asks the service to reload. The service's own
    // reader judges it.
    if let Some(loaded) = std::env::var("CREDENTIALS_DIRECTORY")
        .ok()
        .filter(|path| !path.is_empty())
    {
        problems.retain(|problem| !problem.contains(&loaded));
    }
    if !problems.is_empty() {
        problems.iter().for_each(|problem| eprintln!("✗ {problem}"));
        eprintln!("nothing was changed: the service goes on with the configuration that it has");
        return Ok(false);
    }
    let pid = Pid::from_raw(pid).context("that is no process")?;
    kill_process(pid, Signal::HUP).with_context(|| format!("the service (process {pid}) could not be told"))?;
    println!("the service was told to take the configuration up; its log names what needs a restart");
    Ok(true)
}
