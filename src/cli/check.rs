//! `konvolutt check`: every problem at once, and with `--online` what the other side says, as it comes.

use std::path::Path;
use std::time::SystemTime;

use super::runtime::runtime;
use super::{Outcome, front, promise, sandbox, unseen};
use crate::config::{Config, Overrides, inspect};
use crate::diagnostic::{Diagnostic, Severity, passes};
use crate::explain::sentence;
use crate::notify::{Contact, Notice, Webhook};
use crate::relay::Transport;
use crate::relay::smtp::Asked;

pub(super) fn check(path: &Path, overrides: &Overrides, online: bool, json: bool) -> Outcome {
    let mut inspection = inspect(path, overrides);
    let config = inspection.config.as_ref();
    inspection
        .diagnostics
        .extend(config.and_then(|config| front::diagnostic(&config.listen)));
    inspection.diagnostics.extend(config.and_then(unseen::low_port));
    inspection
        .diagnostics
        .extend(sandbox::diagnostics(config, overrides.role));
    inspection.diagnostics.extend(config.and_then(nobody_is_told));
    inspection.diagnostics.extend(config.map(promise::written));
    // What is known already is told before anybody is waited for.
    let mut report = Report { json, all: Vec::new() };
    inspection.diagnostics.into_iter().for_each(|found| report.tell(found));
    if let (true, Some(config)) = (online, &inspection.config) {
        let proofs = config.database.as_ref().map(promise::asked);
        proofs.into_iter().flatten().for_each(|found| report.tell(found));
        runtime()?.block_on(ask_others(config, &mut report))?;
    }
    if let (false, Some(config)) = (json, &inspection.config) {
        println!("\nNot visible from here:");
        unseen::lines(config, online)
            .iter()
            .for_each(|line| println!("  {line}"));
    }
    report.end()
}

/// What was found: told line by line, or as JSON at the end.
struct Report {
    json: bool,
    all: Vec<Diagnostic>,
}

impl Report {
    fn tell(&mut self, found: Diagnostic) {
        if !self.json {
            println!("{found}");
        }
        self.all.push(found);
    }

    fn end(self) -> Outcome {
        let Self { json, all } = self;
        if json {
            println!("{}", serde_json::to_string_pretty(&all)?);
        } else {
            let count = |severity| all.iter().filter(|found| found.severity == severity).count();
            let (problems, warnings) = (count(Severity::Problem), count(Severity::Warning));
            println!("\nproblems: {problems}, warnings: {warnings}");
        }
        Ok(passes(&all))
    }
}

fn nobody_is_told(config: &Config) -> Option<Diagnostic> {
    let tells = config.alarm.contacts().any(Contact::is_reached) || config.listen.health.is_some();
    (!tells).then(|| {
        Diagnostic::warning(
            "Nobody is told when something goes wrong: a letter could wait for weeks.",
            "Name a `command` or a `webhook` in [alarm], or let your monitoring look at [health].",
        )
    })
}

/// The mail server and the webhook.
async fn ask_others(config: &Config, report: &mut Report) -> anyhow::Result<()> {
    let transport = Transport::new(config.mail.transport.clone())?;
    let asked: Vec<Asked> = config
        .mail
        .addresses
        .mailboxes
        .iter()
        .map(|of| asked(config, of))
        .collect();
    let from = &config.mail.envelope_from;
    transport.ask(from, &asked, &mut |found| report.tell(found)).await;
    for webhook in config.alarm.webhooks() {
        report.tell(try_webhook(webhook, &config.alarm.telling.service).await);
    }
    Ok(())
}

fn asked(config: &Config, (name, address): (&String, &String)) -> Asked {
    let own = config.mailboxes.iter().find(|mailbox| mailbox.name == *name);
    Asked {
        name: name.clone(),
        address: address.clone(),
        largest: own.map(|mailbox| mailbox.files.message),
    }
}

/// Posts a test: a webhook that takes nothing cannot be told from one that does in any other way.
async fn try_webhook(webhook: &Webhook, service: &str) -> Diagnostic {
    let notice = Notice::test(service, SystemTime::now());
    match webhook.post(&notice).await {
        Ok(()) => Diagnostic::good(format!("the webhook {} takes a test alarm", webhook.address)),
        Err(error) => Diagnostic::problem(
            format!("No alarm reaches {}: {}.", webhook.address, error.what),
            sentence(&error.remedy),
        ),
    }
}
