//! Logging in (RFC 4954): PLAIN and LOGIN with a password, XOAUTH2 with a token.

use std::path::Path;
use std::time::{Duration, SystemTime};

use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::commands::Auth;
use zeroize::Zeroizing;

use super::echo;
use super::offers::Offers;
use super::reply::{Refusal, Reply, Stage, printable};
use super::sentences::refused_login;
use super::settings::{Login, Proof};
use super::talk::{Talk, Way};
use crate::explain::{self, Explained};

/// A password or token is one short line; anything longer is another file.
const LONGEST: usize = 16 * 1024;

/// Ways to log in, in the order in which they are preferred.
fn ways(proof: &Proof) -> &'static [Mechanism] {
    match proof {
        Proof::Password(_) => &[Mechanism::Plain, Mechanism::Login],
        Proof::Token(_) => &[Mechanism::Xoauth2],
    }
}

/// The best way that both sides know.
fn choose(offers: &Offers, proof: &Proof) -> Result<Mechanism, Refusal> {
    let offered = offers.logins();
    let mut ours = ways(proof).iter().copied();
    ours.find(|own| offered.iter().any(|name| *name == own.to_string()))
        .ok_or_else(|| no_common_login(&offered, proof))
}

fn no_common_login(offered: &[String], proof: &Proof) -> Refusal {
    let refusal = |why: &str, remedy: &str| Refusal::without_reply(Stage::Connect, why).with_remedy(remedy);
    if offered.is_empty() {
        return refusal(
            "the mail server offers no login at this port",
            "use its port for submission (587 or 465); or take `user` and the file of its secret out of [mail.smtp], if the \
             server knows this machine by its address or its client certificate",
        );
    }
    let names = printable(&offered.join(", "));
    let why = format!("the mail server offers only the logins {names}; Konvolutt speaks PLAIN, LOGIN and XOAUTH2");
    let has = |name: &str| offered.iter().any(|own| own == name);
    let remedy = match proof {
        Proof::Password(_) if has("XOAUTH2") => {
            "it takes tokens instead of passwords: write `token_file` instead of `password_file` (packaging/oauth2 renews one)"
        }
        Proof::Token(_) if has("PLAIN") || has("LOGIN") => {
            "it takes passwords: write `password_file` instead of `token_file`"
        }
        _ => "let the server offer PLAIN over TLS, or know this machine by a client certificate (`client_certificate`)",
    };
    refusal(&why, remedy)
}

/// Logs in; tells by which way.
pub(super) async fn log_in<S: Way>(
    talk: &mut Talk<S>,
    offers: &Offers,
    login: &Login,
    within: Duration,
) -> Result<Mechanism, Refusal> {
    let mechanism = choose(offers, &login.proof)?;
    let secret = read_secret(login.proof.file()).await?;
    let said = speak(talk, mechanism, &login.user, &secret, within).await;
    let reply = said.map_err(|no| echo::hide_in(no, &secret))?;
    match reply.code {
        200..=299 => Ok(mechanism),
        _ => {
            let reply = echo::hide(reply, &secret);
            Err(refused_login(&reply, login, written(login.proof.file()).await))
        }
    }
}

async fn speak<S: Way>(
    talk: &mut Talk<S>,
    mechanism: Mechanism,
    user: &str,
    secret: &str,
    within: Duration,
) -> Result<Reply, Refusal> {
    let credentials = || Credentials::new(user.to_owned(), secret.to_owned());
    let auth = |challenge: Option<&str>| {
        let auth = Auth::new(mechanism, credentials(), challenge.map(str::to_owned));
        auth.map_err(|error| Refusal::without_reply(Stage::Connect, &error.to_string()))
    };
    // What answers each time that the server asks for more. It may ask in words of its own.
    let more = match mechanism {
        Mechanism::Plain => Vec::new(),
        Mechanism::Login => vec![auth(Some("Username"))?.to_string(), auth(Some("Password"))?.to_string()],
        // A server that takes no token tells why in base64, and wants an empty line before it says no.
        Mechanism::Xoauth2 => vec!["\r\n".to_owned()],
    };
    let mut reply = talk.command(Stage::Login, auth(None)?, within).await?;
    for answer in more {
        if reply.code != 334 {
            break;
        }
        reply = talk.command(Stage::Login, answer, within).await?;
    }
    Ok(reply)
}

/// One line, whatever line end it has.
async fn read_secret(file: &Path) -> Result<Zeroizing<String>, Refusal> {
    let secret = secret_in(file, tokio::fs::read_to_string(file).await);
    secret.map_err(|wrong| Refusal::explained(Stage::Connect, wrong))
}

/// Whether what proves who we are can be used: for a check.
///
/// # Errors
/// What is wrong with its file.
#[expect(clippy::disallowed_methods, reason = "before the runtime starts")]
pub fn check_proof(proof: &Proof) -> Result<(), Explained> {
    let file = proof.file();
    secret_in(file, std::fs::read_to_string(file)).map(drop)
}

fn secret_in(file: &Path, read: std::io::Result<String>) -> Result<Zeroizing<String>, Explained> {
    let text = read
        .map(Zeroizing::new)
        .map_err(|error| explain::cannot_read(file, &error))?;
    let text = text.as_str();
    let secret = text
        .strip_prefix('\u{feff}')
        .unwrap_or(text)
        .trim_end_matches(['\r', '\n']);
    let (what, remedy) = match secret {
        "" => ("is empty", "write the password or token into it"),
        _ if secret.len() > LONGEST => ("is too long for a password or token", "name the right file"),
        _ if secret.contains(['\r', '\n', '\0']) => (
            "has more than one line",
            "leave nothing in it but the password or token, in one line",
        ),
        _ => return Ok(Zeroizing::new(secret.to_owned())),
    };
    Err(Explained::new(format!("{} {what}", file.display()), remedy))
}

/// How long ago a file was written.
async fn written(file: &Path) -> Option<Duration> {
    let meta = tokio::fs::metadata(file).await.ok()?;
    SystemTime::now().duration_since(meta.modified().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offers(auth: &str) -> Offers {
        Offers::of(&Reply::new(250, ["mx", auth]))
    }

    fn password() -> Proof {
        Proof::Password("/p".into())
    }

    fn token() -> Proof {
        Proof::Token("/t".into())
    }

    #[test]
    fn the_best_login_that_both_know_is_taken() {
        for (auth, proof, wanted) in [
            ("AUTH LOGIN PLAIN XOAUTH2", password(), Mechanism::Plain),
            ("AUTH NTLM login", password(), Mechanism::Login),
            ("AUTH LOGIN PLAIN XOAUTH2", token(), Mechanism::Xoauth2),
        ] {
            assert_eq!(choose(&offers(auth), &proof), Ok(wanted), "{auth}");
        }
    }

    #[test]
    fn logins_that_we_lack_are_named_and_the_way_out() {
        for (auth, proof, why, remedy) in [
            (
                "AUTH GSSAPI NTLM",
                password(),
                "only the logins GSSAPI, NTLM; Konvolutt speaks PLAIN, LOGIN and XOAUTH2",
                "client certificate",
            ),
            (
                "AUTH XOAUTH2",
                password(),
                "only the logins XOAUTH2",
                "`token_file` instead of `password_file`",
            ),
            (
                "AUTH PLAIN",
                token(),
                "only the logins PLAIN",
                "`password_file` instead of `token_file`",
            ),
            ("SIZE 1000", password(), "offers no login at this port", "587 or 465"),
        ] {
            let refusal = choose(&offers(auth), &proof).unwrap_err();
            assert!(refusal.text.contains(why), "{}", refusal.text);
            assert!(refusal.remedy.as_ref().unwrap().contains(remedy), "{refusal:?}");
        }
    }

    #[test]
    fn a_secret_is_one_line_whatever_its_end() {
        let read = |text: &str| secret_in(Path::new("/p"), Ok(text.to_owned()));
        for text in ["løyndom", "løyndom\n", "løyndom\r\n", "\u{feff}løyndom\r\n"] {
            assert_eq!(*read(text).unwrap(), "løyndom");
        }
        assert_eq!(*read(" a b \n").unwrap(), " a b ", "blanks may be part of it");
        for (text, why) in [
            ("", "/p is empty"),
            ("\r\n", "/p is empty"),
            ("a\nb", "/p has more than one line"),
            (&"a".repeat(LONGEST + 1), "too long"),
        ] {
            assert!(read(text).unwrap_err().what.contains(why));
        }
    }
}
