//! What a server's reply means for whoever has to mend it, where more is known than its subject.

use std::time::Duration;

use super::reply::{Refusal, Reply, Stage, Subject};
use super::settings::{Login, Proof, Security, Settings};

/// A login that the server did not take.
pub(super) fn refused_login(reply: &Reply, login: &Login, written: Option<Duration>) -> Refusal {
    let mut refusal = Refusal::new(Stage::Login, reply);
    if refusal.subject != Subject::Sender {
        return refusal.with_remedy(not_of_the_secret(reply.code));
    }
    if let Proof::Token(file) = &login.proof {
        let age = written.map_or_else(|| "at an unknown time".into(), |age| format!("{} ago", about(age)));
        refusal.text = format!("{} (the token in {} was written {age})", refusal.text, file.display());
    }
    let remedy = of_microsoft(reply).map_or_else(|| of_proof(login), str::to_owned);
    refusal.with_remedy(remedy)
}

/// Where user and secret may be right.
fn not_of_the_secret(code: u16) -> &'static str {
    if code < 500 {
        "wait: the mail server says that it is for now. If it lasts, look into its log, and at what it asks about logins"
    } else {
        "look into the mail server's log for why it lets nobody log in from here: it does not say that user or secret is wrong"
    }
}

fn of_proof(login: &Login) -> String {
    let Login { user, proof } = login;
    match proof {
        Proof::Password(file) => format!(
            "correct `user` ({user}) in [mail.smtp], or the password in {}; it is read at each login",
            file.display()
        ),
        Proof::Token(file) => format!(
            "see that what renews {} runs (packaging/oauth2: `systemctl list-timers`), and that its token is for sending mail \
             as {user}",
            file.display()
        ),
    }
}

/// What Microsoft 365 says of logins, by its codes.
fn of_microsoft(reply: &Reply) -> Option<&'static str> {
    match (reply.code, reply.enhanced?) {
        (535 | 550, (5, 7, 30)) => Some(
            "Microsoft takes no passwords here any more: write `token_file` instead of `password_file` in [mail.smtp] \
             (packaging/oauth2 renews the token), or use a connector that knows this machine by `client_certificate`",
        ),
        (535, (5, 7, 139)) => Some(
            "switch authenticated SMTP on for this mailbox in Microsoft 365 (`Set-CASMailbox -SmtpClientAuthenticationDisabled \
             $false`), and look for security defaults or a policy that forbids the login",
        ),
        _ => None,
    }
}

/// A mailbox that the server does not know, or does not carry mail to.
pub(super) fn refused_mailbox(refusal: Refusal) -> Refusal {
    let remedy = match refusal.enhanced {
        Some((_, 1, _)) => "correct `address` of this mailbox, or make the mailbox on the server",
        Some((_, 2, 2)) => "make room in the mailbox",
        Some((_, 7, _)) => {
            "correct `address` of this mailbox, or let the mail server carry mail of this login to its domain (Postfix: \
             `permit_sasl_authenticated`, `relay_domains`)"
        }
        _ => "correct `address` of this mailbox, or let the mail server take mail for it",
    };
    refusal.with_remedy(remedy)
}

/// For a no that may be a yes in some minutes.
pub(super) fn take_by_turns() -> &'static str {
    "A letter would be tried again by itself. Run `check --online` again in some minutes: many servers take a new sender only at \
     the second try (greylisting)."
}

/// A time that a person reads.
fn about(age: Duration) -> String {
    match age.as_secs() {
        seconds @ 0..=119 => format!("{seconds} s"),
        seconds @ 120..=7199 => format!("{} min", seconds / 60),
        seconds @ 7200..=172_799 => format!("{} h", seconds / 3600),
        seconds => format!("{} days", seconds / 86_400),
    }
}

/// A server that says nothing at first. At the port of implicit TLS it waits for us to begin.
pub(super) fn no_greeting(settings: &Settings, waited: Duration) -> Refusal {
    let Settings { host, port, .. } = settings;
    let why = format!(
        "{host}:{port} says nothing within {} s of the connection",
        waited.as_secs()
    );
    let remedy = match (settings.security, port) {
        (Security::Starttls, 465) => {
            "port 465 speaks TLS at once: write `security = \"implicit\"` in [mail.smtp], or use port 587"
        }
        (Security::Starttls, _) => {
            "if this port speaks TLS at once, write `security = \"implicit\"` in [mail.smtp]; else look why the mail server \
             does not greet this machine"
        }
        (Security::Implicit, _) => "look why the mail server does not greet this machine",
    };
    Refusal::without_reply(Stage::Connect, &why).with_remedy(remedy)
}

/// A server that speaks in plain text only.
pub(super) fn no_starttls(settings: &Settings) -> Refusal {
    let Settings { host, port, .. } = settings;
    let why = format!("{host}:{port} does not offer STARTTLS; nothing was sent");
    let remedy = "switch TLS on at the mail server (port 587), or write the port that speaks TLS at once (465) with \
                  `security = \"implicit\"`; if it should offer it, somebody on the way may take it out";
    Refusal::without_reply(Stage::Connect, &why).with_remedy(remedy)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str, proof: Proof, age: u64) -> Refusal {
        let login = Login {
            user: "relay".into(),
            proof,
        };
        let reply = Reply::read(&format!("{text}\r\n")).unwrap();
        refused_login(&reply, &login, Some(Duration::from_secs(age)))
    }

    #[test]
    fn a_refused_token_is_told_with_its_file_and_age() {
        let refusal = refused("535 5.7.3 no", Proof::Token("/run/token".into()), 3 * 3600);
        assert_eq!(
            refusal.text,
            "535 5.7.3 no (the token in /run/token was written 3 h ago)"
        );
        assert!(refusal.remedy.unwrap().contains("packaging/oauth2"));
        let refusal = refused("535 5.7.8 no", Proof::Password("/p".into()), 0);
        assert_eq!(refusal.text, "535 5.7.8 no");
        assert!(refusal.remedy.unwrap().contains("the password in /p"));
    }

    #[test]
    fn microsofts_refusals_have_their_own_remedies() {
        for (text, wanted) in [
            (
                "550 5.7.30 Basic authentication is not supported for Client Submission.",
                "`token_file`",
            ),
            (
                "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.",
                "Set-CASMailbox",
            ),
        ] {
            let refusal = refused(text, Proof::Password("/p".into()), 0);
            assert!(refusal.remedy.unwrap().contains(wanted), "{text}");
        }
    }

    #[test]
    fn an_age_is_told_in_the_unit_that_fits() {
        for (seconds, text) in [(5, "5 s"), (600, "10 min"), (7200, "2 h"), (200_000, "2 days")] {
            assert_eq!(about(Duration::from_secs(seconds)), text);
        }
    }
}
