//! `konvolutt send-test`: a sealed letter to each mailbox, marked as a test, by the very way that a citizen's
//! letter goes.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::bail;
use tokio::sync::watch;

use super::Outcome;
use super::app::{self, App, Duties};
use super::runtime::runtime;
use crate::answer::{FileFact, Typed};
use crate::canary::sample;
use crate::config::Overrides;
use crate::draft::DraftWriter;
use crate::form::Form;
use crate::i18n::Lang;
use crate::store::State;
use crate::submission::{Pipeline, Refusal, Submission, Upload};

/// A mail server that takes longer than this is worth a look.
const PATIENCE: Duration = Duration::from_secs(60);

pub(super) fn send_test(path: &Path, overrides: &Overrides) -> Outcome {
    let duties = Duties {
        sides: &[],
        signs: true,
    };
    let app = app::assemble(app::configuration(path, overrides)?, &duties)?;
    let mut references = Vec::new();
    let pipeline = app.pipeline()?;
    for mailbox in pipeline.mailboxes.iter() {
        let Some(form) = pipeline.forms.iter().find(|form| form.mailbox == mailbox.name) else {
            println!(
                "! no form goes to the mailbox `{}`; nothing was sent to it",
                mailbox.name
            );
            continue;
        };
        let reference = submit(&pipeline, form)?;
        println!("✓ {reference} is sealed for {}", mailbox.address);
        references.push(reference);
    }
    runtime()?.block_on(delivery(&app, &references))
}

fn submit(pipeline: &Pipeline, form: &Form) -> anyhow::Result<String> {
    let lang = form
        .languages
        .first()
        .and_then(|code| Lang::from_code(code))
        .unwrap_or(Lang::NB);
    let typed = sample(form);
    let mut token = [0u8; 16];
    getrandom::fill(&mut token)?;
    let submission = Submission {
        form,
        lang,
        token: &token,
        typed: &typed,
        files: files(pipeline, form, &typed)?,
        test: true,
        automatic: false,
        guessed_encoding: false,
    };
    match pipeline.submit(&submission) {
        Ok(receipt) => Ok(receipt.reference.to_string()),
        Err(Refusal::Closed) => bail!("the form is closed; `konvolutt check` says why"),
        Err(Refusal::NotReceived(cause)) => bail!("the letter was not kept: {cause}"),
        Err(refusal @ Refusal::OwnersShare) => bail!("the letter was not kept: {refusal}"),
        Err(Refusal::Problems(problems)) => {
            let texts: Vec<_> = problems.into_iter().map(|problem| problem.text).collect();
            bail!("the test letter does not fit the form: {}", texts.join(" "))
        }
    }
}

/// One small file where the form takes any, so that attachments are tried too.
fn files(pipeline: &Pipeline, form: &Form, typed: &Typed) -> anyhow::Result<Vec<Upload>> {
    let asked = form.sections.iter().filter(|section| typed.asks(section));
    let Some(field) = asked
        .flat_map(|section| &section.fields)
        .find(|field| field.is_for_files() && typed.asks_for(field))
    else {
        return Ok(Vec::new());
    };
    let mut writer = DraftWriter::begin(&pipeline.drafts)?;
    let content = b"konvolutt send-test\n";
    writer.push(content)?;
    Ok(vec![Upload {
        fact: FileFact {
            field: field.name.clone(),
            name: "test.txt".into(),
            size: content.len() as u64,
            too_large: false,
            locked: false,
        },
        draft: Some(writer.finish()?),
    }])
}

/// Delivers, or watches the running service do it.
async fn delivery(app: &App, references: &[String]) -> Outcome {
    let (tell, stop) = watch::channel(false);
    // When a service is running it has the lease, and this one ends at once.
    let relay = tokio::spawn(app.relay()?.run(stop));
    let begin = Instant::now();
    loop {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let letters = app.store.list()?;
        let own = letters.iter().filter(|letter| references.contains(&letter.reference));
        let (done, rest): (Vec<_>, Vec<_>) = own.partition(|letter| letter.state == State::Delivered);
        let failed = rest
            .iter()
            .find(|letter| letter.state == State::Held || letter.status.attempts > 0);
        if let Some(letter) = failed {
            println!("✗ {} is not delivered: {}", letter.reference, letter.status.last_error);
        } else if rest.is_empty() {
            println!("✓ {} delivered", done.len());
        } else if begin.elapsed() > PATIENCE {
            println!(
                "✗ still waiting after {} s; `konvolutt queue list` tells more",
                PATIENCE.as_secs()
            );
        } else {
            continue;
        }
        tell.send_replace(true);
        let _ = relay.await;
        return Ok(rest.is_empty());
    }
}
