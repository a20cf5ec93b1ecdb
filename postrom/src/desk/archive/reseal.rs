//! Seals a letter once more, to a case officer: a mail file that nobody else opens.
//!
//! Comes in: an opened letter, an officer. Goes out: `REF for NAME.eml`, as PGP/MIME, with the whole sealed document in it as it
//! came. What always holds: nothing of the letter is on the disk in the clear, not for a moment; its head says no more than
//! the form's own mail does; it has its name when all of it is on the disk.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use konvolutt_letter::{MailHead, hex, mime, neutral};
use sequoia_openpgp as openpgp;

use openpgp::serialize::stream::Message;
use openpgp::{Cert, Profile, armor};

use super::officer::Officer;
use super::place::Place;
use crate::address::is_address;
use crate::folder::{names, no_disk};
use crate::i18n::Lang;
use crate::i18n::desk::export::resealed_subject;
use crate::names::{addresses, name};
use crate::opened::Opened;
use crate::status::Status;
use crate::trouble::{Cause, Trouble};

/// Who hands a letter on whose key has no address: a domain that nobody can have.
const NO_ADDRESS: &str = "postrom@konvolutt.invalid";

/// Writes the mail into a folder. `by` is the certificate whose key opened the letter.
///
/// # Errors
/// What the disk or the opened letter says; nothing is left then.
pub(crate) fn reseal(
    opened: &Opened,
    status: &Status,
    officer: &Officer,
    by: Option<&Cert>,
    to: &Path,
    lang: Lang,
) -> Result<PathBuf, Trouble> {
    let place = Place::begin(to).map_err(no_disk)?;
    let path = place.name();
    let file = place.rights().make_file(&path).map_err(no_disk)?;
    let plain = names::plain(status);
    let base = names::base(status, status.verdict);
    let head = head((&plain, &base), officer, by, lang).map_err(no_disk)?;
    write(file, &head, officer, opened)?;
    // A user ID is anybody's text; an ending that is known to be harmless gets no second one.
    let file_name = neutral(&format!("{base} for {}.txt", officer.name));
    let stem = file_name.strip_suffix(".txt").unwrap_or(&file_name);
    let (path, _) = place.give(&path, stem, ".eml", &|_| false).map_err(no_disk)?;
    Ok(path)
}

fn head((plain, base): (&str, &str), officer: &Officer, by: Option<&Cert>, lang: Lang) -> io::Result<MailHead> {
    let own = by.and_then(|by| addresses(by).into_iter().find(|address| is_address(address)));
    let own = own.unwrap_or_else(|| NO_ADDRESS.into());
    let own_name = by.and_then(name).unwrap_or_default();
    let own_name = own_name.split('<').next().unwrap_or_default().trim();
    let domain = own.rsplit('@').next().unwrap_or_default();
    let date = jiff::fmt::rfc2822::to_string(&jiff::Zoned::now()).map_err(io::Error::other)?;
    let address = officer.address.as_deref();
    Ok(MailHead {
        from: mime::mailbox(own_name, &own),
        to: address.map_or_else(
            || "undisclosed-recipients:;".into(),
            |address| mime::mailbox(&officer.name, address),
        ),
        // The form's signature is gone: that it did not fit is said where they see it first.
        subject: mime::unstructured(&resealed_subject(base, lang)),
        date,
        message_id: format!("<{}@{domain}>", chance()?),
        reference: plain.to_owned(),
        // `=_` is in no line of an armor.
        boundary: format!("=_{}", chance()?),
    })
}

fn chance() -> io::Result<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    Ok(hex(bytes))
}

fn write(file: File, head: &MailHead, officer: &Officer, opened: &Opened) -> Result<(), Trouble> {
    let mut out = BufWriter::new(file);
    out.write_all(head.text().as_bytes()).map_err(no_disk)?;
    let profile = if officer.reads_seipdv2() {
        Profile::RFC9580
    } else {
        // GnuPG 2.2 finds the end of the data by the checksum that this one writes.
        Profile::RFC4880
    };
    let mut armor = armor::Writer::new(Crlf(&mut out), armor::Kind::Message).map_err(no_disk)?;
    armor.set_profile(profile).map_err(no_disk)?;
    let mut sealed = officer
        .encrypted(Message::new(&mut armor))
        .map_err(|error| sealing(&error))?;
    opened.whole(&mut sealed)?;
    sealed.finalize().map_err(|error| sealing(&error))?;
    armor.finalize().map_err(no_disk)?;
    out.write_all(head.end().as_bytes()).map_err(no_disk)?;
    let file = out.into_inner().map_err(|error| no_disk(error.into_error()))?;
    file.sync_all().map_err(no_disk)
}

/// What the library says: of the disk behind it, or of itself.
fn sealing(error: &openpgp::anyhow::Error) -> Trouble {
    let cause = match error.downcast_ref::<io::Error>() {
        Some(error) => Cause::from(error),
        None => Cause::Other {
            text: error.to_string(),
        },
    };
    Trouble::Disk { cause }
}

/// Lines as mail has them.
struct Crlf<W: Write>(W);

impl<W: Write> Write for Crlf<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            match line.strip_suffix(b"\n") {
                Some(line) => {
                    self.0.write_all(line)?;
                    self.0.write_all(b"\r\n")?;
                }
                None => self.0.write_all(line)?,
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
