//! What the errors of files, names, connections and TLS mean, in words of ours, and what helps.
//!
//! Comes in: an error as the system or a library has it. Goes out: what happened, and what an operator can do. What always
//! holds: errors are told apart by their type, never by their text, and no text of a library goes out.

mod connection;
mod pem;
mod tls;

pub use connection::{cannot_connect, cannot_use_socket, lost, no_such_name};
pub use pem::{read_certificates, read_private_key};

use std::fmt;
use std::io::{self, ErrorKind};
use std::path::Path;

/// What happened, and what helps: two clauses without a capital and a full stop, so that they fit into a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// What happened.
    pub what: String,
    /// What to do.
    pub remedy: String,
}

impl Explained {
    /// Both.
    pub fn new(what: impl Into<String>, remedy: impl Into<String>) -> Self {
        let (what, remedy) = (what.into(), remedy.into());
        Self { what, remedy }
    }
}

impl fmt::Display for Explained {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.what)
    }
}

/// Whom a connection leads to, and which settings say so.
#[derive(Debug, Clone)]
pub struct Peer {
    /// As a sentence names it: "the mail server".
    pub who: &'static str,
    /// Its host.
    pub host: String,
    /// Its port; 0 for a Unix socket, whose path is the host.
    pub port: u16,
    /// The setting that names the host: "`host` in [mail.smtp]".
    pub host_setting: &'static str,
    /// The setting that names root certificates: "`ca_file` in [mail.smtp]".
    pub roots_setting: &'static str,
    /// What helps where the other side does not begin with TLS.
    pub without_tls: &'static str,
    /// What helps where the other side wants to see a certificate of ours.
    pub without_identity: &'static str,
}

/// A clause as a sentence of its own.
pub fn sentence(clause: &str) -> String {
    let mut letters = clause.trim_end_matches('.').chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    format!("{}.", first.chain(letters).collect::<String>())
}

/// A file that cannot be read.
pub fn cannot_read(path: &Path, error: &io::Error) -> Explained {
    let path = path.display();
    let (what, remedy) = match error.kind() {
        ErrorKind::NotFound => ("is not there", "correct the path, or put the file there"),
        ErrorKind::PermissionDenied => (
            "may not be read by this user",
            "let the user that the service runs as read it, and go into the folders above it",
        ),
        ErrorKind::IsADirectory => ("is a folder", "name the file in it"),
        ErrorKind::NotADirectory => ("stands below something that is no folder", "correct the path"),
        ErrorKind::InvalidData => ("is not UTF-8 text", "write it anew as UTF-8"),
        _ => {
            let what = format!("{path} cannot be read: {}", of_system(error));
            return Explained::new(what, "look after the disk, and the file");
        }
    };
    Explained::new(format!("{path} {what}"), remedy)
}

/// What the system says of an error, without its number.
fn of_system(error: &io::Error) -> String {
    let text = error.to_string();
    match (error.raw_os_error(), text.rsplit_once(" (os error ")) {
        (Some(_), Some((text, _))) => text.to_lowercase(),
        // A library's: its words are not for operators.
        (None, _) => "an unexpected answer".into(),
        (Some(_), None) => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_cannot_be_read_is_told_by_its_kind() {
        let told = |error: io::Error| cannot_read(Path::new("/x"), &error).what;
        assert_eq!(told(ErrorKind::NotFound.into()), "/x is not there");
        let denied = io::Error::from_raw_os_error(13);
        assert_eq!(told(denied), "/x may not be read by this user");
        let broken = io::Error::from_raw_os_error(5);
        assert_eq!(told(broken), "/x cannot be read: input/output error");
        assert!(!told(io::Error::other("Os { code: 5 }")).contains("Os"));
    }

    #[test]
    fn a_clause_becomes_a_sentence() {
        assert_eq!(sentence("økonomi er viktig"), "Økonomi er viktig.");
        assert_eq!(sentence("Done."), "Done.");
    }
}
