//! Whatever a clerk points at: a mail, a bare sealed file, an mbox, a Maildir, a folder, standard input.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// One mail or sealed file.
pub struct Input {
    /// Where it came from, for people.
    pub source: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// A mail of 35 MB is the largest that common servers take; three times that is room enough.
const LARGEST: u64 = 128 * 1024 * 1024;

/// Reads an input; `-` is standard input.
///
/// # Errors
/// Names the file that cannot be read.
pub fn inputs(path: &Path) -> io::Result<Vec<Input>> {
    if path == Path::new("-") {
        return Ok(split(String::from("standard input"), limited(io::stdin().lock())?));
    }
    let named = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
    if !fs::metadata(path).map_err(named)?.is_dir() {
        let bytes = fs::File::open(path).and_then(limited).map_err(named)?;
        return Ok(split(path.display().to_string(), bytes));
    }
    let mut files = Vec::new();
    collect(path, &mut files).map_err(named)?;
    files.sort();
    let mut all = Vec::new();
    for file in files {
        let bytes = fs::File::open(&file).and_then(limited).map_err(named)?;
        all.extend(split(file.display().to_string(), bytes));
    }
    Ok(all)
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

fn limited(reader: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(LARGEST + 1).read_to_end(&mut bytes)?;
    match bytes.len() as u64 > LARGEST {
        true => Err(io::Error::other(format!("is larger than {} MB", LARGEST / 1_000_000))),
        false => Ok(bytes),
    }
}

/// Parts an mbox (RFC 4155) into its mails; anything else is one.
fn split(source: String, bytes: Vec<u8>) -> Vec<Input> {
    if !bytes.starts_with(b"From ") {
        return vec![Input { source, bytes }];
    }
    let mut mails: Vec<Vec<u8>> = Vec::new();
    let mut blank = true;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        match mails.last_mut() {
            _ if blank && line.starts_with(b"From ") => mails.push(Vec::new()),
            Some(mail) => mail.extend_from_slice(unquoted(line)),
            None => {}
        }
        blank = matches!(line, b"\n" | b"\r\n");
    }
    let numbered = mails.into_iter().zip(1..);
    numbered
        .map(|(bytes, number)| Input {
            source: format!("{source} #{number}"),
            bytes,
        })
        .collect()
}

/// `>From ` stands for a line that began with `From `.
fn unquoted(line: &[u8]) -> &[u8] {
    let quoted = line.iter().take_while(|byte| **byte == b'>').count();
    match quoted > 0 && line[quoted..].starts_with(b"From ") {
        true => &line[1..],
        false => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_mbox_is_parted_at_its_from_lines() {
        let mbox = b"From a\nSubject: 1\n\n>From here\nx\n\nFrom b\nSubject: 2\n\ny\n".to_vec();
        let mails = split("m".into(), mbox);
        assert_eq!(mails.len(), 2);
        assert_eq!(mails[0].bytes, b"Subject: 1\n\nFrom here\nx\n\n");
        assert_eq!(mails[1].source, "m #2");
    }
}
