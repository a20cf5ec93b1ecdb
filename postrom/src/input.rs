//! Whatever a clerk points at: a mail, a bare sealed file, an mbox, a Maildir, a folder, standard input. One mail
//! is in memory at a time.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read as _};
use std::path::{Path, PathBuf};

/// One mail or sealed file.
pub struct Input {
    /// Where it came from, for people.
    pub source: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// A mail of 35 MB is the largest that common servers take; three times that is room enough.
const LARGEST: usize = 128 * 1024 * 1024;

/// A file that could not be read.
pub struct Unread {
    /// Which one.
    pub source: String,
    /// A sentence for the clerk.
    pub why: String,
}

/// Gives each mail of an input to `take`, in the order of the file names; `-` is standard input. A file that cannot be
/// read is named and passed over.
///
/// # Errors
/// When the input itself is not there.
pub fn each_input(path: &Path, take: &mut dyn FnMut(Result<Input, Unread>)) -> io::Result<()> {
    if path == Path::new("-") {
        return mails(BufReader::new(io::stdin()), "standard input", &mut |input| {
            take(Ok(input))
        });
    }
    let named = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
    let mut files = Vec::new();
    if fs::metadata(path).map_err(named)?.is_dir() {
        collect(path, &mut files).map_err(named)?
    } else {
        files.push(path.to_owned())
    }
    files.sort();
    for file in files {
        let source = file.display().to_string();
        let opened = File::open(&file).map(BufReader::new);
        if let Err(error) = opened.and_then(|opened| mails(opened, &source, &mut |input| take(Ok(input)))) {
            let why = format!("The file could not be read: {error}.");
            take(Err(Unread { source, why }));
        }
    }
    Ok(())
}

/// Every file of a folder; of a Maildir not those that are still being written.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    let maildir = folder.join("new").is_dir() && folder.join("cur").is_dir();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let hidden = name.to_string_lossy().starts_with('.');
        let kind = entry.file_type()?;
        if kind.is_dir() && !hidden && !(maildir && name == "tmp") {
            collect(&entry.path(), files)?;
        } else if kind.is_file() && !hidden {
            files.push(entry.path());
        }
    }
    Ok(())
}

/// Parts an mbox (RFC 4155) into its mails; anything else is one.
fn mails(mut file: impl BufRead, source: &str, take: &mut dyn FnMut(Input)) -> io::Result<()> {
    const FROM: &[u8] = b"From ";
    let mut bytes = Vec::new();
    file.by_ref().take(FROM.len() as u64).read_to_end(&mut bytes)?;
    if bytes != FROM {
        file.take(LARGEST as u64 + 1).read_to_end(&mut bytes)?;
        let source = source.to_owned();
        return fits(&bytes).map(|()| take(Input { source, bytes }));
    }
    let mut next_line = |line: &mut Vec<u8>| {
        line.clear();
        file.by_ref().take(LARGEST as u64).read_until(b'\n', line)
    };
    let mut line = Vec::new();
    next_line(&mut line)?;
    let mut number = 1;
    let mut mail = Vec::new();
    let mut blank = true;
    loop {
        let end = next_line(&mut line)? == 0;
        if end || (blank && line.starts_with(FROM)) {
            let source = format!("{source} #{number}");
            let bytes = std::mem::take(&mut mail);
            take(Input { source, bytes });
            number += 1;
        } else {
            mail.extend_from_slice(unquoted(&line));
            fits(&mail)?;
        }
        if end {
            return Ok(());
        }
        blank = matches!(line.as_slice(), b"\n" | b"\r\n");
    }
}

fn fits(mail: &[u8]) -> io::Result<()> {
    if mail.len() > LARGEST {
        Err(io::Error::other(format!(
            "a mail is larger than {} MB",
            LARGEST / 1_000_000
        )))
    } else {
        Ok(())
    }
}

/// `>From ` stands for a line that began with `From `.
fn unquoted(line: &[u8]) -> &[u8] {
    let quoted = line.iter().take_while(|byte| **byte == b'>').count();
    if quoted > 0 && line[quoted..].starts_with(b"From ") {
        &line[1..]
    } else {
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parted(text: &[u8]) -> Vec<(String, Vec<u8>)> {
        let mut found = Vec::new();
        mails(text, "m", &mut |input| found.push((input.source, input.bytes))).unwrap();
        found
    }

    #[test]
    fn an_mbox_is_parted_at_its_from_lines() {
        let found = parted(b"From a\nSubject: 1\n\n>From here\nx\n\nFrom b\nSubject: 2\n\ny\n");
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].1, b"Subject: 1\n\nFrom here\nx\n\n");
        assert_eq!(found[1], ("m #2".into(), b"Subject: 2\n\ny\n".to_vec()));
    }

    #[test]
    fn anything_else_is_one_mail() {
        for text in [b"".as_slice(), b"Fr", b"From: a\n\nFrom b\n"] {
            assert_eq!(parted(text), [("m".into(), text.to_vec())]);
        }
    }
}
