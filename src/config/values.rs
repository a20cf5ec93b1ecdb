//! Rules that several keys share.

use validator::{ValidateEmail, ValidateLength};

use crate::diagnostic::Table;
use crate::relay::smtp::is_address;

/// A table that may be left out, but not half written.
pub(super) fn optional<T>(read: Option<Option<T>>) -> Option<Option<T>> {
    read.map_or(Some(None), |read| read.map(Some))
}

/// A text that must be there, of 1 to so many characters.
pub(super) fn words(table: &mut Table<'_>, name: &str, most: u64) -> Option<String> {
    let text = table.needed(name)?;
    let fits = text.validate_length(Some(1), Some(most), None);
    table.rule(name, fits, &format!("must have 1 to {most} characters"));
    Some(text)
}

/// A mail address that must be there.
pub(super) fn address(table: &mut Table<'_>, name: &str) -> Option<String> {
    let text = table.needed(name)?;
    // HTML's rule takes more dots than SMTP does; what only one of both takes cannot be sent. Letters beyond a–z are told
    // elsewhere, with what to write instead.
    let fits = text.validate_email() && (is_address(&text) || !text.is_ascii());
    table.rule(name, fits, "is not a mail address");
    Some(text)
}
