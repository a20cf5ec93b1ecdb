//! The settings that a desk was set up with, as a file.
//!
//! What always holds: nothing that was there is written over; the file is its owner's alone, and whole or not there.

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

use konvolutt_letter::private_file::{create_folder, sync_folder};
use konvolutt_letter::program::write_secret;
use toml::{Table, Value};

use super::draft::Found;
use crate::i18n::Lang;
use crate::settings::Settings;
use crate::trouble::Cause;

/// Why the settings were not written.
#[derive(Debug)]
pub enum NotWritten {
    /// Nobody knows where this user's settings lie.
    Nowhere,
    /// Some are there.
    Exists(PathBuf),
    /// The disk.
    Disk(PathBuf, Cause),
}

/// Where the answers are written: the file that was not enough, or else the user's own.
pub fn target(not_enough: Option<&Path>) -> Option<PathBuf> {
    not_enough.map(Path::to_owned).or_else(Settings::of_user)
}

/// The text of a `postrom.toml`; `about` are its first lines. What `old` settings say beside the answers is said again.
pub fn text(found: &Found, lang: Lang, about: &str, old: Option<&Path>) -> String {
    let mut text = String::new();
    for line in about.lines() {
        let _ = writeln!(text, "# {line}");
    }
    let mail = found
        .mail
        .iter()
        .map(|path| said(path))
        .chain(found.servers.iter().cloned());
    let list = |paths: &[PathBuf]| {
        Some(Value::Array(
            paths.iter().map(|path| Value::String(said(path))).collect(),
        ))
    };
    let one = |path: &Option<PathBuf>| path.as_deref().map(said).map(Value::String);
    let language = serde_json::to_value(lang)
        .ok()
        .and_then(|lang| lang.as_str().map(str::to_owned));
    let values = [
        ("mail", Some(Value::Array(mail.map(Value::String).collect()))),
        ("mail_password_file", one(&found.password)),
        ("mail_token_file", one(&found.token)),
        ("keys", list(&found.keys)),
        ("relay", list(&found.relay)),
        ("known", list(&found.known)),
        ("out", one(&found.out)),
        ("language", language.map(Value::String)),
    ];
    let names = values.each_ref().map(|(name, _)| *name);
    for (name, value) in values {
        match value {
            Some(Value::Array(list)) if list.is_empty() => {}
            Some(value) => drop(writeln!(text, "{name} = {value}")),
            None => {}
        }
    }
    for (name, value) in old.and_then(table).unwrap_or_default() {
        if !names.contains(&name.as_str()) {
            let _ = writeln!(text, "{name} = {value}");
        }
    }
    text
}

fn table(settings: &Path) -> Option<Table> {
    std::fs::read_to_string(settings).ok()?.parse().ok()
}

/// It was typed, so it is text.
fn said(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// Writes it where there is none. With `aside`, one that is there gets another name first; which one.
///
/// # Errors
/// `AlreadyExists`, or what the disk says; then what was there is as it was.
pub fn write(file: &Path, text: &str, aside: bool) -> io::Result<Option<PathBuf>> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    create_folder(folder).map_err(|error| match error.kind() {
        // Not the file: something else has the folder's name.
        io::ErrorKind::AlreadyExists => io::ErrorKind::NotADirectory.into(),
        _ => error,
    })?;
    let new = beside(file, "new")?;
    write_secret(&new, text.as_bytes())?;
    let placed = place(&new, file, aside);
    if placed.is_err() {
        let _ = std::fs::remove_file(&new);
    }
    let moved = placed?;
    sync_folder(folder)?;
    Ok(moved)
}

fn place(new: &Path, file: &Path, aside: bool) -> io::Result<Option<PathBuf>> {
    if file.symlink_metadata().is_err() {
        std::fs::rename(new, file)?;
        return Ok(None);
    }
    if !aside {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    let old = beside(file, "old")?;
    std::fs::rename(file, &old)?;
    if let Err(error) = std::fs::rename(new, file) {
        let _ = std::fs::rename(&old, file);
        return Err(error);
    }
    Ok(Some(old))
}

/// A name beside it that nothing has: `postrom.toml.old-1`.
fn beside(file: &Path, word: &str) -> io::Result<PathBuf> {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let names = (1..1000).map(|number| file.with_file_name(format!("{name}.{word}-{number}")));
    let mut free = names.filter(|path| path.symlink_metadata().is_err());
    free.next().ok_or_else(|| io::ErrorKind::AlreadyExists.into())
}
