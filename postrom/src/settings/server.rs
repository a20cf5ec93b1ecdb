//! Where mail may lie: on this machine, or on a server.

use std::path::PathBuf;

use super::SERVER;

/// A place for mail, as the command line or the settings name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailPlace {
    /// A folder or a file.
    Here(PathBuf),
    /// `imaps://USER@HOST/BOX`.
    Server(String),
}

/// Why the address of a server cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadServer {
    /// It would be read without encryption.
    NotEncrypted,
    /// A password stands in it, where others can read it.
    Password,
    /// No user, or no server.
    Incomplete,
}

/// Which of the two it is.
///
/// # Errors
/// Why it is neither.
pub fn mail_place(said: &str) -> Result<MailPlace, BadServer> {
    let scheme = said
        .split_once("://")
        .map(|(scheme, rest)| (scheme.to_ascii_lowercase(), rest));
    match scheme {
        Some((scheme, rest)) if scheme == "imaps" => {
            complete(rest)?;
            Ok(MailPlace::Server(format!("{SERVER}{rest}")))
        }
        Some((scheme, _)) if scheme == "imap" || scheme == "pop3" || scheme == "pop3s" => Err(BadServer::NotEncrypted),
        _ => Ok(MailPlace::Here(said.into())),
    }
}

fn complete(rest: &str) -> Result<(), BadServer> {
    let address = rest.split('/').next().unwrap_or_default();
    let (user, server) = address.rsplit_once('@').ok_or(BadServer::Incomplete)?;
    let host = server.strip_prefix('[').map_or_else(
        || server.split(':').next().unwrap_or_default(),
        |six| six.split(']').next().unwrap_or_default(),
    );
    if user.is_empty() || host.is_empty() || rest.contains(char::is_whitespace) {
        return Err(BadServer::Incomplete);
    }
    // A user's name that holds a colon is written with %3A.
    if user.contains(':') {
        Err(BadServer::Password)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_told_from_a_folder_and_a_slip_from_both() {
        let server = |said: &str| Ok(MailPlace::Server(said.into()));
        for said in [
            "imaps://kari@mail.example/INBOX",
            "imaps://kari@x.example@mail.example:993/Felles/Post",
            "imaps://kari@[2001:db8::1]:993/INBOX",
            "imaps://kari@mail.example",
        ] {
            assert_eq!(mail_place(said), server(said), "{said}");
        }
        assert_eq!(mail_place("IMAPS://a@b/c"), server("imaps://a@b/c"));
        for said in ["/var/mail/x", "C:\\Post", "imaps", "post://x"] {
            assert_eq!(mail_place(said), Ok(MailPlace::Here(said.into())), "{said}");
        }
        for (said, why) in [
            ("imap://kari@mail.example/INBOX", BadServer::NotEncrypted),
            ("pop3s://kari@mail.example", BadServer::NotEncrypted),
            ("imaps://kari:geheim@mail.example/INBOX", BadServer::Password),
            ("imaps://mail.example/INBOX", BadServer::Incomplete),
            ("imaps://@mail.example", BadServer::Incomplete),
            ("imaps://kari@/INBOX", BadServer::Incomplete),
            ("imaps://kari@mail example", BadServer::Incomplete),
            ("imaps://", BadServer::Incomplete),
        ] {
            assert_eq!(mail_place(said), Err(why), "{said}");
        }
    }
}
