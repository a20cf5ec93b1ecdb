//! Logging in: with a password, or with an access token that something else renews.
//!
//! What always holds: the file is read anew each time; what is in it is wiped when it was said, and stands in no error.

use std::io::{Read, Write};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use zeroize::Zeroizing;

use super::talk::{Ended, Talk, spoken, unwilling};
use super::words::{begins, is_of_the_moment, quoted};
use crate::desk::plan::Login;
use crate::trouble::{Away, Cause};

/// What a server says that takes no password.
const NO_LOGIN: &str = "LOGINDISABLED";

/// What a user logs in with. It has no `Debug`.
#[derive(PartialEq, Eq)]
pub(super) enum Secret {
    Password(Zeroizing<String>),
    Token(Zeroizing<String>),
}

impl Secret {
    /// What the settings name; a token goes before a password.
    pub(super) fn read(login: &Login) -> Result<Self, Away> {
        match (&login.token_file, &login.password_file) {
            (Some(file), _) => line(file).map(Self::Token),
            (None, Some(file)) => line(file).map(Self::Password),
            (None, None) => Err(Away::NothingToLogInWith),
        }
    }
}

/// The first line of a file.
fn line(file: &Path) -> Result<Zeroizing<String>, Away> {
    let no = |cause| Away::SecretFile {
        file: file.display().to_string(),
        cause,
    };
    let text = std::fs::read_to_string(file).map(Zeroizing::new);
    let text = text.map_err(|error| no(Cause::from(&error)))?;
    let first = text.lines().next().unwrap_or_default();
    if first.is_empty() || first.contains('\0') {
        return Err(no(Cause::SomethingElse));
    }
    Ok(Zeroizing::new(first.to_owned()))
}

/// Logs in, and learns what the server can do for this user.
pub(super) fn login<S: Read + Write>(talk: &mut Talk<S>, user: &str, secret: &Secret) -> Result<(), Away> {
    talk.ask_what_it_can()?;
    match secret {
        Secret::Token(token) => with_token(talk, user, token)?,
        Secret::Password(password) => with_password(talk, user, password)?,
    }
    talk.ask_what_it_can()
}

fn with_password<S: Read + Write>(talk: &mut Talk<S>, user: &str, password: &str) -> Result<(), Away> {
    let ended = if talk.can("AUTH=PLAIN") {
        let plain = Zeroizing::new(format!("\0{user}\0{password}"));
        authenticate(talk, "PLAIN", plain.as_bytes(), &mut |_| {})?
    } else if talk.can(NO_LOGIN) {
        // RFC 3501, 6.2.3: it would hear the password and refuse it.
        return Err(unwilling(NO_LOGIN.to_owned()));
    } else {
        let command = Zeroizing::new(format!("LOGIN {} {}", quoted(user), quoted(password)));
        talk.tell(&command)?
    };
    let refused = |text: String| Away::Refused { text: spoken(&text) };
    ended
        .or(|text| of_the_moment(&text).unwrap_or_else(|| refused(text)))
        .map(drop)
}

fn with_token<S: Read + Write>(talk: &mut Talk<S>, user: &str, token: &str) -> Result<(), Away> {
    let said = Zeroizing::new(format!("user={user}\u{1}auth=Bearer {token}\u{1}\u{1}"));
    // A server that refuses says why in a further question, and the refusal itself afterwards.
    let mut why = None;
    let ended = authenticate(talk, "XOAUTH2", said.as_bytes(), &mut |question| {
        let decoded = BASE64.decode(question).ok();
        why = decoded.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    })?;
    let shown = |text: String| {
        if let Some(why) = of_the_moment(&text) {
            return why;
        }
        let why = why.filter(|why| !why.trim().is_empty());
        let all = why.map_or_else(|| spoken(&text), |why| format!("{} {why}", spoken(&text)));
        let clean: String = all.chars().filter(|c| !c.is_control()).take(500).collect();
        Away::TokenRefused {
            text: clean.trim().to_owned(),
        }
    };
    ended.or(shown).map(drop)
}

/// The server is in trouble itself: nothing is wrong with what was said to it.
fn of_the_moment(text: &str) -> Option<Away> {
    let is_so = is_of_the_moment(text) || begins(text, "[SERVERBUG]");
    is_so.then(|| unwilling(text.to_owned()))
}

/// One way of SASL that says everything at once; `more` hears what the server asks after that.
fn authenticate<S: Read + Write>(
    talk: &mut Talk<S>,
    way: &str,
    said: &[u8],
    more: &mut dyn FnMut(&str),
) -> Result<Ended, Away> {
    let said = Zeroizing::new(BASE64.encode(said));
    let at_once = talk.can("SASL-IR");
    let command = Zeroizing::new(if at_once {
        format!("AUTHENTICATE {way} {}", *said)
    } else {
        format!("AUTHENTICATE {way}")
    });
    let mut waiting = Some(said).filter(|_| !at_once);
    talk.converse(&command, &mut |question| match waiting.take() {
        Some(said) => said.to_string(),
        None => {
            more(question);
            String::new()
        }
    })
}
