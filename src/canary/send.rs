//! The web side: a test letter for each mailbox and round.

use std::time::SystemTime;

use super::{Rounds, sample};
use crate::i18n::Lang;
use crate::submission::{Pipeline, Refusal, Submission};

/// Sends the test letters of the running round; the same ones once however often it is called. `done` remembers which
/// were sent, so that none is sealed in vain.
pub fn send(pipeline: &Pipeline, rounds: &Rounds, done: &mut Vec<(String, u64)>, now: SystemTime) {
    let round = rounds.round(now);
    done.retain(|(_, sent)| *sent == round);
    for mailbox in &rounds.mailboxes {
        let key = (mailbox.clone(), round);
        if done.contains(&key) {
            continue;
        }
        match one(pipeline, mailbox, round) {
            Ok(()) => done.push(key),
            // What keeps letters from being taken raises its own alarm; it is tried again in a minute.
            Err(why) => tracing::warn!(%mailbox, "the test letter could not be sent: {why}"),
        }
    }
}

fn one(pipeline: &Pipeline, mailbox: &str, round: u64) -> Result<(), String> {
    let form = pipeline.forms.iter().find(|form| form.mailbox == mailbox);
    let form = form.ok_or("no form goes to this mailbox")?;
    let lang = form.languages.first().and_then(|code| Lang::from_code(code));
    let typed = sample(form);
    let submission = Submission {
        form,
        lang: lang.unwrap_or(Lang::NB),
        token: &[],
        typed: &typed,
        files: Vec::new(),
        test: true,
        automatic: false,
        guessed_encoding: false,
    };
    let identity = Rounds::identity(pipeline.inbox.identities(), mailbox, round);
    match pipeline.submit_as(&submission, &identity) {
        Ok(_) => Ok(()),
        Err(Refusal::Closed) => Err("the form is closed".into()),
        Err(Refusal::NotReceived(cause)) => Err(cause.to_string()),
        Err(refusal @ Refusal::OwnersShare) => Err(refusal.to_string()),
        Err(Refusal::Problems(problems)) => {
            let texts: Vec<_> = problems.into_iter().map(|problem| problem.text).collect();
            Err(format!("it does not fit the form: {}", texts.join(" ")))
        }
    }
}
