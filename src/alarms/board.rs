//! `alarms/`: one file per standing alarm, named `KIND` or `KIND-ABOUT`, with one line of text.
//!
//! This is how one role tells the other, which may be another process, and how other programs can look. Whoever reads
//! it believes nothing: the web side, which talks to strangers, may write here.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;
use std::time::SystemTime;

use rustix::fs::{Mode, OFlags};

use super::Alarm;
use crate::unix_time;

/// No more files than this are opened, and of each no more than [`LONGEST`] bytes.
const MOST: usize = 1000;
const LONGEST: u64 = 1000;

/// An alarm as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posted {
    /// Its kind.
    pub alarm: Alarm,
    /// A mailbox, a letter's name in the spool, or empty.
    pub about: String,
    /// One line.
    pub text: String,
    /// Since when.
    pub since: SystemTime,
}

impl Posted {
    /// Name of its file: what tells it from all others.
    pub fn key(&self) -> String {
        key(self.alarm, &self.about)
    }

    /// Kind and subject of such a name; `None` when it is none.
    pub fn parse(key: &str) -> Option<(Alarm, String)> {
        parse(key)
    }
}

pub(super) fn key(alarm: Alarm, about: &str) -> String {
    match about {
        "" => alarm.name().to_owned(),
        about => format!("{}-{about}", alarm.name()),
    }
}

/// Kind and subject of a file name; the longest kind that fits.
fn parse(name: &str) -> Option<(Alarm, String)> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if name.len() > 255 || !name.chars().all(plain) {
        return None;
    }
    let about = |alarm: Alarm| match name.strip_prefix(alarm.name())? {
        "" => Some((alarm, String::new())),
        rest => Some((
            alarm,
            rest.strip_prefix('-').filter(|rest| !rest.is_empty())?.to_owned(),
        )),
    };
    Alarm::all()
        .filter_map(about)
        .max_by_key(|(alarm, _)| alarm.name().len())
}

/// One printable line of bounded length.
pub(super) fn line(text: &str) -> String {
    let line = text.trim().chars().map(|c| if c.is_control() { ' ' } else { c });
    line.take(500).collect()
}

/// Everything that stands on the board; what is not an alarm is passed over.
pub(super) fn read(directory: &Path) -> Vec<Posted> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let mut known: Vec<_> = entries
        .filter_map(|entry| Some((parse(entry.file_name().to_str()?)?, entry)))
        .collect();
    // A thousand held letters must not hide that the form is closed: what stops the service and the shorter names first.
    known.sort_by_key(|((alarm, about), _)| (!alarm.stops_the_service(), about.len()));
    let posted = known.into_iter().take(MOST).filter_map(|((alarm, about), entry)| {
        let (text, since) = read_file(&entry.path()).ok()?;
        let text = line(&text);
        let text = if text.is_empty() {
            // The disk had room for a name and not for a line.
            format!("the alarm {} was raised", alarm.name())
        } else {
            text
        };
        Some(Posted {
            alarm,
            about,
            text,
            since,
        })
    });
    posted.collect()
}

fn read_file(path: &Path) -> io::Result<(String, SystemTime)> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    // The time of access would tell when it was raised, to the moment. Only the owner may ask for none.
    let quietly = rustix::fs::open(path, flags | OFlags::NOATIME, Mode::empty());
    let file = File::from(quietly.or_else(|_| rustix::fs::open(path, flags, Mode::empty()))?);
    let meta = file.metadata()?;
    if !meta.is_file() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let mut bytes = Vec::new();
    file.take(LONGEST).read_to_end(&mut bytes)?;
    Ok((String::from_utf8_lossy(&bytes).into_owned(), meta.modified()?))
}

/// Puts an alarm on the board: whole, or not at all. On a full disk the name alone must do.
pub(super) fn post(directory: &Path, alarm: Alarm, about: &str, text: &str, since: SystemTime) -> io::Result<()> {
    let key = key(alarm, about);
    let (fresh, file) = (directory.join(format!(".{key}")), directory.join(key));
    write(&fresh, text, since)
        .and_then(|()| fs::rename(&fresh, &file))
        .inspect_err(|_| {
            let _ = fs::remove_file(&fresh);
            // Times take no room: without them it would tell the moment, and have stood since now.
            let _ = File::create_new(&file).and_then(|file| file.set_times(unix_time::file_times(since)));
        })
}

/// Its date says since when the alarm stands, also after a restart and with another text. By the minute, as every time: an
/// alarm about a letter would tell when that one came.
fn write(path: &Path, text: &str, since: SystemTime) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(format!("{text}\n").as_bytes())?;
    file.set_times(unix_time::file_times(since))
}

/// Takes it off again, also one that cannot be read; a file that is not there is as good as removed. True when it was there.
pub(super) fn remove(directory: &Path, alarm: Alarm, about: &str) -> bool {
    fs::remove_file(directory.join(key(alarm, about))).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        for alarm in Alarm::all() {
            for about in ["", "postmottak", "post-mottak_2"] {
                assert_eq!(parse(&key(alarm, about)), Some((alarm, about.to_owned())));
            }
        }
        for name in ["", "spool-", "spoolx", "held-../x", "held-\n", ".spool", "unknown"] {
            assert_eq!(parse(name), None, "{name:?}");
        }
    }

    /// A full disk may have room for a name and for nothing in it; here another thing lies where the whole file is written.
    #[test]
    fn a_name_alone_says_since_when_and_not_the_moment() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join(".spool")).unwrap();
        let since = SystemTime::UNIX_EPOCH + std::time::Duration::from_millis(1_795_308_137_042);
        assert!(post(dir.path(), Alarm::Spool, "", "full", since).is_err());
        let told = read(dir.path()).remove(0);
        assert_eq!(told.text, "the alarm spool was raised");
        assert_eq!(told.since, unix_time::minute(since));
        let accessed = fs::metadata(dir.path().join("spool")).unwrap().accessed().unwrap();
        assert_eq!(accessed, unix_time::minute(since));
    }

    #[test]
    fn hostile_files_are_passed_over() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        fs::write(at("held-a"), "x\u{1b}[31m\0y\nnext".repeat(5000)).unwrap();
        fs::write(at("held-\u{202e}b"), "x").unwrap();
        fs::create_dir(at("disk")).unwrap();
        std::os::unix::fs::symlink("/etc/passwd", at("clock")).unwrap();
        rustix::fs::mkfifoat(rustix::fs::CWD, at("stuck"), rustix::fs::Mode::RUSR).unwrap();
        fs::write(at("spool"), "").unwrap();
        let mut read = read(dir.path());
        read.sort_by_key(Posted::key);
        assert_eq!(read.iter().map(Posted::key).collect::<Vec<_>>(), ["held-a", "spool"]);
        assert!(read[0].text.chars().count() <= 500 && !read[0].text.contains(char::is_control));
        assert_eq!(read[1].text, "the alarm spool was raised");
    }
}
