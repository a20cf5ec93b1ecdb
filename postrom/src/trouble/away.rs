//! Why a mailbox on a server cannot be used. A value: its sentence is in [`i18n`](crate::i18n).

use super::Cause;

/// What stood between a desk and its mailbox. What a server said is in its own words.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case", tag = "why")]
pub enum Away {
    /// Its address cannot be understood.
    Address,
    /// Neither a password nor a token is named.
    NothingToLogInWith,
    /// The file with the password or the token.
    SecretFile {
        /// The file.
        file: String,
        /// Why.
        cause: Cause,
    },
    /// The file with certificates of authorities.
    AuthorityFile {
        /// The file.
        file: String,
    },
    /// Not one authority is known that a certificate could come from.
    NoAuthorities,
    /// Nobody knows a server of that name.
    UnknownHost,
    /// Nothing takes a connection there.
    Unreachable {
        /// Why.
        cause: Cause,
    },
    /// It did not answer in time.
    NoAnswer,
    /// Its certificate is out of date, or the clock of this machine is wrong.
    CertificateDate,
    /// Its certificate comes from nobody who is trusted.
    CertificateUnknown,
    /// Its certificate is that of another server.
    CertificateName,
    /// No encrypted connection, for another reason.
    NoTls {
        /// What TLS says.
        text: String,
    },
    /// The server does not take the user and the password.
    Refused {
        /// What it says.
        text: String,
    },
    /// The server does not take the access token.
    TokenRefused {
        /// What it says.
        text: String,
    },
    /// The server does not give out the mailbox.
    NoBox {
        /// Which.
        name: String,
        /// What it says.
        text: String,
    },
    /// The server ended the connection.
    Ended {
        /// What it says; may be empty.
        text: String,
    },
    /// The server refuses something else.
    Unwilling {
        /// What it says.
        text: String,
    },
    /// What it says is no IMAP.
    NotUnderstood,
    /// This program broke over it, and looks at it no more.
    Fault,
    /// It says more than any mailbox has to say.
    TooMuch,
    /// It cannot keep marks so that only one clerk takes a letter.
    NoMarks,
    /// It cannot move mail safely.
    NoMoving {
        /// Where to.
        folder: String,
    },
    /// It did not move a mail.
    NotMoved {
        /// Where to.
        folder: String,
        /// What it says.
        text: String,
    },
}
