//! What the database says, as an error of ours. Never with a value of a letter: the database names columns and constraints.

use std::io;

use tokio_postgres::error::{DbError, Severity, SqlState};

/// An error of the client library.
pub(super) fn of(error: &tokio_postgres::Error) -> io::Error {
    let Some(said) = error.as_db_error() else {
        let text = sentence(error);
        return io::Error::new(kind_of_connection(error), text);
    };
    let kind = match *said.code() {
        SqlState::DISK_FULL | SqlState::OUT_OF_MEMORY => io::ErrorKind::StorageFull,
        SqlState::INSUFFICIENT_PRIVILEGE
        | SqlState::INVALID_PASSWORD
        | SqlState::INVALID_AUTHORIZATION_SPECIFICATION => io::ErrorKind::PermissionDenied,
        SqlState::READ_ONLY_SQL_TRANSACTION => io::ErrorKind::ReadOnlyFilesystem,
        SqlState::ADMIN_SHUTDOWN | SqlState::CRASH_SHUTDOWN => io::ErrorKind::ConnectionAborted,
        _ => io::ErrorKind::Other,
    };
    let remedy = match *said.code() {
        // No such user, schema, table or function.
        SqlState::INVALID_AUTHORIZATION_SPECIFICATION
        | SqlState::INVALID_SCHEMA_NAME
        | SqlState::UNDEFINED_TABLE
        | SqlState::UNDEFINED_FUNCTION => "; where the database is new or older, run `konvolutt store migrate`",
        _ => "",
    };
    let refused = Refused {
        text: format!("{} ({}){remedy}", said.message(), said.code().code()),
        is_sure: is_sure(said),
    };
    io::Error::new(kind, refused)
}

/// An error of the statement itself. Of what ends the connection (FATAL), of an operator's hand (class 57), of another program in
/// between (08) and of the server's own troubles (58, XX) nobody knows whether the statement was done before.
fn is_sure(said: &DbError) -> bool {
    let code = said.code().code();
    let unsure = ["08", "40003", "57", "58", "XX"];
    said.parsed_severity() == Some(Severity::Error) && !unsure.iter().any(|class| code.starts_with(class))
}

/// What the server answered instead of doing what was asked.
#[derive(Debug, thiserror::Error)]
#[error("{text}")]
struct Refused {
    text: String,
    is_sure: bool,
}

/// Whether what was asked was surely not done: the server says so. Silence says nothing.
pub(super) fn is_refusal(error: &io::Error) -> bool {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<Refused>());
    inner.is_some_and(|refused| refused.is_sure)
}

/// The library's own sentence, and those of its causes.
fn sentence(error: &tokio_postgres::Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(one) = cause {
        let more = one.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = one.source();
    }
    text
}

fn kind_of_connection(error: &tokio_postgres::Error) -> io::ErrorKind {
    let cause = std::error::Error::source(error).and_then(|cause| cause.downcast_ref::<io::Error>());
    match cause {
        Some(cause) => cause.kind(),
        None if error.is_closed() => io::ErrorKind::ConnectionAborted,
        None => io::ErrorKind::Other,
    }
}

/// No answer within the time that it had.
pub(super) fn silence(seconds: u64) -> io::Error {
    let text = format!("the database did not answer within {seconds} seconds");
    io::Error::new(io::ErrorKind::TimedOut, text)
}
