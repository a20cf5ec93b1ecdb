//! `konvolutt check`: every problem at once.

use std::path::Path;
use std::time::SystemTime;

use super::runtime::runtime;
use super::{Outcome, front, sandbox, unseen};
use crate::config::{Config, Overrides, inspect};
use crate::diagnostic::{Diagnostic, Severity, passes};
use crate::notify::{Notice, Way, Webhook};
use crate::relay::Transport;

pub(super) fn check(path: &Path, overrides: &Overrides, online: bool, json: bool) -> Outcome {
    let mut inspection = inspect(path, overrides);
    if let (true, Some(config)) = (online, &inspection.config) {
        let transport = Transport::new(config.mail.transport.clone())?;
        inspection.diagnostics.push(runtime()?.block_on(try_out(&transport)));
        if let Some(webhook) = &config.alarm.webhook {
            inspection
                .diagnostics
                .push(runtime()?.block_on(try_webhook(webhook, &config.alarm.telling.service)));
        }
    }
    let unnamed = inspection
        .config
        .as_ref()
        .and_then(|config| front::diagnostic(&config.listen));
    inspection.diagnostics.extend(unnamed);
    inspection
        .diagnostics
        .extend(inspection.config.as_ref().and_then(unseen::low_port));
    let of_sandbox = sandbox::diagnostics(inspection.config.as_ref(), overrides.role);
    inspection.diagnostics.extend(of_sandbox);
    let tells = |config: &Config| {
        config.alarm.command.is_some() || config.alarm.webhook.is_some() || config.listen.health.is_some()
    };
    if inspection.config.as_ref().is_some_and(|config| !tells(config)) {
        inspection.diagnostics.push(Diagnostic::warning(
            "Nobody is told when something goes wrong: a letter could wait for weeks.",
            "Name a `command` or a `webhook` in [alarm], or let your monitoring look at [health].",
        ));
    }
    let good = passes(&inspection.diagnostics);
    if json {
        println!("{}", serde_json::to_string_pretty(&inspection.diagnostics)?);
        return Ok(good);
    }
    for diagnostic in &inspection.diagnostics {
        println!("{diagnostic}");
    }
    if let Some(config) = &inspection.config {
        println!("\nNot visible from here:");
        unseen::lines(config, online)
            .iter()
            .for_each(|line| println!("  {line}"));
    }
    let count = |severity| inspection.diagnostics.iter().filter(|f| f.severity == severity).count();
    println!(
        "\nproblems: {}, warnings: {}",
        count(Severity::Problem),
        count(Severity::Warning)
    );
    Ok(good)
}

/// Posts a test: a webhook that takes nothing cannot be told from one that does in any other way.
async fn try_webhook(webhook: &Webhook, service: &str) -> Diagnostic {
    let notice = Notice::test(service, SystemTime::now());
    match Way::Webhook(webhook.clone()).tell(&notice).await {
        Ok(()) => Diagnostic::good(format!("the webhook {} takes a test alarm", webhook.address)),
        Err(error) => Diagnostic::problem(
            format!("No alarm reaches {}: {error}.", webhook.address),
            "Check `webhook`, `webhook_token_file` and `webhook_ca_file` in [alarm].",
        ),
    }
}

async fn try_out(transport: &Transport) -> Diagnostic {
    match transport {
        Transport::Maildir(maildir) => {
            Diagnostic::good(format!("delivery to the Maildir {}", maildir.directory.display()))
        }
        Transport::Smtp(smtp) => {
            let (host, port) = (&smtp.settings.host, smtp.settings.port);
            match smtp.try_out().await {
                Ok(()) => Diagnostic::good(format!(
                    "the mail server {host}:{port} answers over TLS and takes the login"
                )),
                Err(error) => Diagnostic::problem(
                    format!("The mail server {host}:{port} cannot be used: {error}."),
                    "Check host, port, security, ca_file and login in [mail.smtp].",
                ),
            }
        }
    }
}
