//! The form's certificate: its files are copied to where the service may read them, and nobody else.

use std::fs;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use anyhow::Context;
use konvolutt_letter::private_file::sync_folder;
use konvolutt_letter::program::{write_new, write_secret};
use zeroize::Zeroizing;

use super::{Init, whole};

/// Folder for the copies, below the configuration's.
pub(super) const FOLDER: &str = "tls";

/// Chain and key.
pub(super) struct Tls {
    pub(super) chain: PathBuf,
    pub(super) key: PathBuf,
    /// What is in them, where they are to be copied.
    copied: Option<(Vec<u8>, Zeroizing<Vec<u8>>)>,
}

impl Tls {
    /// Files that lie below the configuration's folder already stay where they are.
    ///
    /// # Errors
    /// When one cannot be read.
    pub(super) fn of(init: &Init, dir: &Path) -> anyhow::Result<Option<Self>> {
        let Some((chain, key)) = files(init)? else {
            return Ok(None);
        };
        if !is_copied(init, dir)? {
            return Ok(Some(Self {
                chain,
                key,
                copied: None,
            }));
        }
        let read = |file: &Path| fs::read(file).with_context(|| format!("{} cannot be read", file.display()));
        let copied = Some((read(&chain)?, Zeroizing::new(read(&key)?)));
        let (chain, key) = (dir.join("tls/fullchain.pem"), dir.join("tls/key.pem"));
        Ok(Some(Self { chain, key, copied }))
    }

    /// Writes the copies into a folder that becomes the configuration's.
    pub(super) fn write(&self, dir: &Path) -> anyhow::Result<()> {
        if let Some((chain, key)) = &self.copied {
            fs::DirBuilder::new().mode(0o700).create(dir.join(FOLDER))?;
            write_new(&dir.join("tls/fullchain.pem"), chain, 0o644)?;
            write_secret(&dir.join("tls/key.pem"), key)?;
            sync_folder(&dir.join(FOLDER))?;
        }
        Ok(())
    }
}

fn files(init: &Init) -> anyhow::Result<Option<(PathBuf, PathBuf)>> {
    let given = init.tls_certificate.as_deref().zip(init.tls_key.as_deref());
    given.map(|(chain, key)| Ok((whole(chain)?, whole(key)?))).transpose()
}

/// Whether there will be copies.
pub(super) fn is_copied(init: &Init, dir: &Path) -> anyhow::Result<bool> {
    let files = files(init)?;
    Ok(files.is_some_and(|(chain, key)| !chain.starts_with(dir) || !key.starts_with(dir)))
}
