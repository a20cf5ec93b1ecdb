//! A citizen's file while its request lasts: ciphertext in a nameless file, under a key that exists only in
//! this request's memory.
//!
//! Comes in: chunks as the network brings them. Goes out: a [`Draft`] that knows its length and SHA-256 and
//! can be read once or more. A cut connection drops the writer: the file has no name and the key is wiped, so
//! nothing is left. Costs one chunk of memory per upload, however large.
//!
//! The cipher is AES-256-GCM in the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár 2015): a counter and a
//! final flag in each nonce, so that a cut or reordered file cannot be read as a whole one.

use std::fs::File;
use std::io::{self, Read, Seek, Write};

use aes_gcm::Aes256Gcm;
use aes_gcm::aead::stream::{DecryptorBE32, EncryptorBE32};
use aes_gcm::aead::{KeyInit, generic_array::GenericArray};
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, Zeroizing};

pub use crate::scratch::Directory as DraftDirectory;

/// Plaintext bytes per chunk: large enough for the disk, small enough for 200 uploads at once.
const CHUNK: usize = 64 * 1024;
/// The authentication tag after each chunk.
const TAG: usize = 16;

type Key = Zeroizing<[u8; 32]>;
/// One key seals one file only, so the fixed part of the nonce may be zero.
const NONCE: [u8; 7] = [0; 7];

/// A file being received.
pub struct DraftWriter {
    file: File,
    key: Key,
    cipher: EncryptorBE32<Aes256Gcm>,
    chunk: Zeroizing<Vec<u8>>,
    digest: Sha256,
    length: u64,
}

/// A file received whole.
pub struct Draft {
    file: File,
    key: Key,
    length: u64,
    sha256: [u8; 32],
}

impl DraftWriter {
    /// Begins a file.
    ///
    /// # Errors
    /// When the directory's file system refuses.
    pub fn begin(directory: &DraftDirectory) -> io::Result<Self> {
        let mut key = Key::default();
        getrandom::fill(&mut *key).map_err(io::Error::other)?;
        Ok(Self {
            file: directory.file()?,
            cipher: EncryptorBE32::from_aead(cipher(&key), GenericArray::from_slice(&NONCE)),
            key,
            chunk: Zeroizing::new(Vec::with_capacity(CHUNK + TAG)),
            digest: Sha256::new(),
            length: 0,
        })
    }

    /// Adds what the network brought.
    ///
    /// # Errors
    /// What the disk says.
    pub fn push(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        self.digest.update(bytes);
        self.length += bytes.len() as u64;
        while !bytes.is_empty() {
            // A full chunk is written only once more comes: the last one bears the final flag.
            if self.chunk.len() == CHUNK {
                let sealed = self.cipher.encrypt_next_in_place(b"", &mut *self.chunk);
                sealed.map_err(|_| io::Error::other("the draft is too long"))?;
                self.file.write_all(&self.chunk)?;
                self.chunk.clear();
            }
            let taken = bytes.len().min(CHUNK - self.chunk.len());
            self.chunk.extend_from_slice(&bytes[..taken]);
            bytes = &bytes[taken..];
        }
        Ok(())
    }

    /// Bytes so far.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Ends the file.
    ///
    /// # Errors
    /// What the disk says.
    pub fn finish(mut self) -> io::Result<Draft> {
        let sealed = self.cipher.encrypt_last_in_place(b"", &mut *self.chunk);
        sealed.map_err(|_| io::Error::other("the draft is too long"))?;
        self.file.write_all(&self.chunk)?;
        Ok(Draft {
            file: self.file,
            key: self.key,
            length: self.length,
            sha256: self.digest.finalize().into(),
        })
    }
}

impl Draft {
    /// Bytes of the file.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// SHA-256 of the file.
    pub fn sha256(&self) -> &[u8; 32] {
        &self.sha256
    }

    /// Reads the file from its beginning.
    ///
    /// # Errors
    /// What the disk says.
    pub fn reader(&self) -> io::Result<impl Read + use<>> {
        let mut file = self.file.try_clone()?;
        file.rewind()?;
        Ok(DraftReader {
            file,
            cipher: Some(DecryptorBE32::from_aead(
                cipher(&self.key),
                GenericArray::from_slice(&NONCE),
            )),
            left: self.length,
            chunk: Vec::with_capacity(CHUNK + TAG),
            at: 0,
        })
    }
}

fn cipher(key: &Key) -> Aes256Gcm {
    Aes256Gcm::new(GenericArray::from_slice(&**key))
}

struct DraftReader {
    file: File,
    /// Gone once the last chunk is read.
    cipher: Option<DecryptorBE32<Aes256Gcm>>,
    left: u64,
    chunk: Vec<u8>,
    at: usize,
}

impl DraftReader {
    fn next_chunk(&mut self) -> io::Result<()> {
        let damaged = |_| io::Error::new(io::ErrorKind::InvalidData, "a draft was changed on disk");
        let Some(mut cipher) = self.cipher.take() else {
            return Ok(());
        };
        let plain = self.left.min(CHUNK as u64);
        self.left -= plain;
        self.chunk.resize(plain as usize + TAG, 0);
        self.file.read_exact(&mut self.chunk)?;
        self.at = 0;
        if self.left > 0 {
            cipher.decrypt_next_in_place(b"", &mut self.chunk).map_err(damaged)?;
            self.cipher = Some(cipher);
            Ok(())
        } else {
            cipher.decrypt_last_in_place(b"", &mut self.chunk).map_err(damaged)
        }
    }
}

impl Read for DraftReader {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.at == self.chunk.len() {
            self.chunk.zeroize();
            self.at = 0;
            self.next_chunk()?;
        }
        let taken = out.len().min(self.chunk.len() - self.at);
        out[..taken].copy_from_slice(&self.chunk[self.at..self.at + taken]);
        self.at += taken;
        Ok(taken)
    }
}

impl Drop for DraftReader {
    fn drop(&mut self) {
        self.chunk.zeroize();
    }
}
