//! What `check --online` asks a mail server: everything that a letter will ask it, but for the letter.
//!
//! Comes in: the sender and the mailboxes. Goes out: each answer, as it comes. What always holds: DATA is never said.

use lettre::Address;
use lettre::transport::smtp::commands::{Mail, Rcpt, Rset};
use lettre::transport::smtp::extension::MailParameter;

use super::address::address;
use super::connect::FOR_CHECKS;
use super::connection::Connection;
use super::reply::{Refusal, Stage, Subject};
use super::sentences::{refused_mailbox, take_by_turns};
use super::verdict::{Verdict, remedy, verdict};
use super::{Server, Smtp};
use crate::diagnostic::Diagnostic;
use crate::explain::sentence;

/// A mailbox that is asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Its name in the configuration.
    pub name: String,
    /// Its address.
    pub address: String,
    /// The largest mail that is to go there, in bytes; none on a side that makes no letters.
    pub largest: Option<u64>,
}

/// To whom each answer is told.
pub type Tell<'a> = &'a mut (dyn FnMut(Diagnostic) + Send);

impl Smtp {
    /// Asks for TLS, the login, the sender and each mailbox with its size.
    pub async fn ask(&self, from: &str, mailboxes: &[Asked], tell: Tell<'_>) {
        let (place, answers) = self.place();
        let mut connection = match self.open(FOR_CHECKS).await {
            Ok(connection) => connection,
            Err(refusal) => {
                return tell(problem(&format!("The mail server {place} cannot be used"), refusal));
            }
        };
        tell(Diagnostic::good(format!("the mail server {place} answers {answers}")));
        if let Some(login) = self.login() {
            match connection.log_in(login, FOR_CHECKS.reply).await {
                Ok(way) => tell(Diagnostic::good(format!(
                    "it takes the login of {} ({})",
                    login.user, way
                ))),
                Err(refusal) => {
                    tell(problem("The mail server does not take the login", refusal));
                    return connection.quit().await;
                }
            }
        }
        for (at, mailbox) in mailboxes.iter().enumerate() {
            if connection.ask_for(from, mailbox, tell).await == Next::Ends {
                not_asked(&mailboxes[at + 1..], tell);
                break;
            }
        }
        connection.quit().await;
    }

    /// Where it is, and how it answers.
    fn place(&self) -> (String, &'static str) {
        match &self.server {
            Server::Tls { settings, .. } => (settings.place(), settings.answers()),
            Server::Socket(lmtp) => (lmtp.socket.display().to_string(), "over its socket (LMTP)"),
        }
    }
}

/// Whether another mailbox can be asked about.
#[derive(PartialEq, Eq)]
enum Next {
    GoesOn,
    Ends,
}

impl Connection {
    async fn ask_for(&mut self, from: &str, mailbox: &Asked, tell: Tell<'_>) -> Next {
        let (Some(sender), Some(to)) = (address(from), address(&mailbox.address)) else {
            // What is wrong with it stands above already.
            return Next::GoesOn;
        };
        let announced = self.offers.size().filter(|most| *most > 0);
        let too_large = mailbox.largest.zip(announced).filter(|(largest, most)| largest > most);
        if let Some((largest, most)) = too_large {
            tell(too_small(mailbox, largest, most));
        }
        // A size above what is announced would only be refused for what was told just now.
        let size = mailbox.largest.filter(|_| announced.is_some() && too_large.is_none());
        let size = size.and_then(|bytes| usize::try_from(bytes).ok());
        match self.offer(&sender, &to, size).await {
            Ok(()) => {
                tell(Diagnostic::good(format!(
                    "it takes mail from {sender} to {to} (mailbox `{}`){}",
                    mailbox.name,
                    up_to(announced)
                )));
                Next::GoesOn
            }
            Err(refusal) => self.told(from, mailbox, refusal, tell).await,
        }
    }

    async fn offer(&mut self, sender: &Address, to: &Address, size: Option<usize>) -> Result<(), Refusal> {
        let within = FOR_CHECKS.reply;
        let size = size.map(MailParameter::Size).into_iter().collect();
        let mail = Mail::new(Some(sender.clone()), size);
        self.say(Stage::Mail, mail, 2, within).await?;
        let rcpt = Rcpt::new(to.clone(), Vec::new());
        self.say(Stage::Rcpt, rcpt, 2, within).await?;
        self.say(Stage::Rcpt, Rset, 2, within).await
    }

    async fn told(&mut self, from: &str, mailbox: &Asked, refusal: Refusal, tell: Tell<'_>) -> Next {
        let Asked { name, address, .. } = mailbox;
        let passes = verdict(&refusal) == Verdict::Later && refusal.code.is_some();
        let (subject, has_answered) = (refusal.subject, refusal.code.is_some());
        let what = match subject {
            Subject::Sender => format!("The mail server does not take mail from {from}"),
            Subject::Letter => {
                format!("The mail server does not take a mail of the size that `{name}` is configured for")
            }
            Subject::Mailbox => format!("The mail server does not take mail to {address} (mailbox `{name}`)"),
            Subject::Connection => "The mail server ends the conversation".into(),
        };
        tell(match subject {
            _ if passes => Diagnostic::warning(format!("{what} at this moment: {}.", refusal.text), take_by_turns()),
            Subject::Mailbox => problem(&what, refused_mailbox(refusal)),
            Subject::Letter => problem(
                &what,
                refusal.with_remedy("lower `message_limit_mb` of this mailbox, or raise the server's limit"),
            ),
            Subject::Sender | Subject::Connection => problem(&what, refusal),
        });
        let again = matches!(subject, Subject::Mailbox | Subject::Letter) && has_answered;
        match self.say(Stage::Rcpt, Rset, 2, FOR_CHECKS.reply).await {
            Ok(()) if again || passes => Next::GoesOn,
            _ => Next::Ends,
        }
    }
}

/// Of these nothing is known, which must not look as if they were good.
fn not_asked(mailboxes: &[Asked], tell: Tell<'_>) {
    let names: Vec<_> = mailboxes.iter().map(|mailbox| format!("`{}`", mailbox.name)).collect();
    if !names.is_empty() {
        tell(Diagnostic::warning(
            format!(
                "The mail server was not asked about these mailboxes: {}.",
                names.join(", ")
            ),
            "Run `check --online` again once it takes what is told above.",
        ));
    }
}

fn up_to(announced: Option<u64>) -> String {
    announced.map_or_else(String::new, |bytes| format!(", up to {} MB", bytes / 1_000_000))
}

/// A letter above the server's limit would get its receipt, and then be held.
fn too_small(mailbox: &Asked, largest: u64, most: u64) -> Diagnostic {
    let (largest, fits) = (largest / 1_000_000, most / 1_000_000);
    Diagnostic::problem(
        format!(
            "The mail server takes mail of at most {most} bytes (SIZE), and the mailbox `{}` is configured for {largest} MB: a \
             larger letter would be received, and then held.",
            mailbox.name
        ),
        format!(
            "Write `message_limit_mb = {fits}` for this mailbox, or raise the server's limit (Postfix: `message_size_limit`)."
        ),
    )
}

fn problem(what: &str, refusal: Refusal) -> Diagnostic {
    let helps = refusal.remedy.unwrap_or_else(|| remedy(refusal.subject).to_owned());
    Diagnostic::problem(
        format!("{what}: {}.", refusal.text.trim_end_matches('.')),
        sentence(&helps),
    )
}
