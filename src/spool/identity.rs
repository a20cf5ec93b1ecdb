//! Names: what makes two letters the same letter.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use konvolutt_letter::hex;

/// Everything that is derived from one page's token and what was written on it. A repeat of the same page
/// with the same content, also after a restart, has the same identity.
#[derive(Clone, PartialEq, Eq)]
pub struct Identity {
    /// Name in the spool: 64 hexadecimal digits.
    pub name: String,
    /// Chance for the reference.
    pub reference: [u8; 16],
    /// Inner id: 128 bits in hexadecimal, what machines compare.
    pub id: String,
    /// For Message-ID and bounces: unguessable from the other two.
    pub envelope: String,
}

/// Random bytes of this spool, made once. Without it nobody can tell from a name what was written.
pub(super) struct Secret(Zeroizing<[u8; 32]>);

impl Secret {
    /// Two processes may start at once on a new spool: the first link wins, the other reads what it finds.
    pub(super) fn load_or_make(root: &Path) -> io::Result<Self> {
        match Self::load(root) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            loaded => return loaded,
        }
        let mut secret = Zeroizing::new([0u8; 32]);
        getrandom::fill(&mut *secret).map_err(io::Error::other)?;
        match make(root, &root.join("secret"), &secret) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
            _ => Self::load(root),
        }
    }

    fn load(root: &Path) -> io::Result<Self> {
        let path = root.join("secret");
        let bytes = fs::read(&path).map(Zeroizing::new)?;
        let secret: Result<[u8; 32], _> = bytes.as_slice().try_into();
        let damaged = |_| {
            let message = format!("{} is damaged: it must have 32 bytes", path.display());
            io::Error::new(io::ErrorKind::InvalidData, message)
        };
        secret.map(Zeroizing::new).map(Self).map_err(damaged)
    }

    fn derive(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
        // HMAC takes keys of every length.
        #[allow(clippy::expect_used)] // the type says Result for other MACs
        let mut mac = Hmac::<Sha256>::new_from_slice(&*self.0).expect("any length is a key");
        for part in [purpose.as_bytes()].iter().chain(parts) {
            // Length first, so that no two lists of parts read alike.
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }

    pub(super) fn identity(&self, token: &[u8], content: &[u8; 32]) -> Identity {
        self.named(&self.derive("name", &[token, content]))
    }

    /// Everything but the name is derived from it.
    pub(super) fn named(&self, name: &[u8; 32]) -> Identity {
        let derived = |purpose| self.derive(purpose, &[name]);
        let mut reference = [0; 16];
        reference.copy_from_slice(&derived("reference")[..16]);
        Identity {
            name: hex(name),
            reference,
            id: hex(&derived("id")[..16]),
            envelope: hex(&derived("envelope")[..16]),
        }
    }
}

impl super::Spool {
    /// The identity of a letter: its page's token and the digest of everything written on it.
    pub fn identity(&self, token: &[u8], content: &[u8; 32]) -> Identity {
        self.secret.identity(token, content)
    }
}

fn make(root: &Path, path: &Path, secret: &[u8; 32]) -> io::Result<()> {
    let fresh = root.join(format!("secret-{}", random_hex()?));
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&fresh)?;
    file.write_all(secret)?;
    file.sync_all()?;
    let linked = fs::hard_link(&fresh, path);
    fs::remove_file(&fresh)?;
    linked
}

pub(super) fn random_hex() -> io::Result<String> {
    let mut bytes = [0u8; 16];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    Ok(hex(bytes))
}
