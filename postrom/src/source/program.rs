//! Files of mail programs and servers, by their names.

/// A file of a mail program or mail server, or one that an operating system leaves in a folder, by its name: such a file is
/// named so only when nothing sealed is in it.
pub(crate) fn is_of_a_program(name: &str) -> bool {
    const STARTS: [&str; 4] = ["dovecot", "courierimap", "courierpop", "maildirsize"];
    const ENDINGS: [&str; 3] = [".msf", ".emlxpart", ".localstorage"];
    const NAMES: [&str; 15] = [
        "subscriptions",
        "maildirfolder",
        "maildirsize",
        "maildirshared",
        "shared-maildirs",
        "msgfilterrules.dat",
        "filterlog.html",
        "popstate.dat",
        "thumbs.db",
        "desktop.ini",
        ".ds_store",
        "table_of_contents",
        "table_of_contents.bak",
        "uidvalidity",
        "cyrus.index",
    ];
    let name = name.to_ascii_lowercase();
    NAMES.contains(&name.as_str())
        || STARTS.iter().any(|start| name.starts_with(start))
        || ENDINGS.iter().any(|ending| name.ends_with(ending))
}
