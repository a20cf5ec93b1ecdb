//! `konvolutt check`: every problem at once.

use std::path::Path;

use super::Outcome;
use super::serve::runtime;
use super::{app, sandbox};
use crate::config::{Overrides, inspect};
use crate::finding::{Finding, Severity, passes};
use crate::relay::Transport;

pub(super) fn check(path: &Path, overrides: &Overrides, online: bool, json: bool) -> Outcome {
    let mut inspection = inspect(path, overrides);
    if let (true, Some(config)) = (online, &inspection.config) {
        let transport = app::transport(&config.mail.transport)?;
        inspection.findings.push(runtime()?.block_on(try_out(&transport)));
    }
    inspection.findings.push(sandbox::finding());
    let good = passes(&inspection.findings);
    if json {
        println!("{}", serde_json::to_string_pretty(&inspection.findings)?);
        return Ok(good);
    }
    for finding in &inspection.findings {
        println!("{finding}");
    }
    let count = |severity| inspection.findings.iter().filter(|f| f.severity == severity).count();
    println!(
        "\nproblems: {}, warnings: {}",
        count(Severity::Problem),
        count(Severity::Warning)
    );
    Ok(good)
}

async fn try_out(transport: &Transport) -> Finding {
    match transport {
        Transport::Maildir(maildir) => {
            Finding::good(format!("delivery to the Maildir {}", maildir.directory.display()))
        }
        Transport::Smtp(smtp) => match smtp.try_out().await {
            Ok(()) => Finding::good(format!(
                "the mail server {}:{} answers over TLS and takes the login",
                smtp.host, smtp.port
            )),
            Err(error) => Finding::problem(
                format!("The mail server {}:{} cannot be used: {error}.", smtp.host, smtp.port),
                "Check host, port, security, ca_file and login in [mail.smtp].",
            ),
        },
    }
}
