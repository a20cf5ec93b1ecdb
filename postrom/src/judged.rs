//! What is known of a seal once it was read to its end: whose hand it came through, who can open it.

/// Whose hand a letter came through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Signed by a relay whose certificate was given, for the key that opened it.
    Genuine,
    /// Signed, and no relay certificate was given to hold it against.
    NotChecked,
    /// The relay's signature fits, but says a time that the clock of this machine has not reached.
    AfterYourClock,
    /// Not signed at all.
    Unsigned,
    /// Signed by another key.
    SignedByAnother,
    /// Signed by the relay with a key that was withdrawn, or that was not valid when it signed.
    KeyNotValid,
    /// Signed by the relay for somebody else, or for nobody in particular.
    NotForYou,
    /// Signed by the relay, but the signature does not fit: the letter was changed.
    Broken,
}

impl Verdict {
    /// Each of them.
    #[cfg(test)]
    pub(crate) const ALL: [Self; 8] = [
        Self::Genuine,
        Self::NotChecked,
        Self::AfterYourClock,
        Self::Unsigned,
        Self::SignedByAnother,
        Self::KeyNotValid,
        Self::NotForYou,
        Self::Broken,
    ];

    /// Does not compile when there is a further one: that belongs into the list above too.
    #[cfg(test)]
    const fn _is_in_the_list(self) {
        match self {
            Self::Genuine | Self::NotChecked | Self::AfterYourClock | Self::Unsigned => {}
            Self::SignedByAnother | Self::KeyNotValid | Self::NotForYou | Self::Broken => {}
        }
    }

    /// Shown to be no letter of the form to this post room, or not shown to be whole.
    pub fn is_forgery(self) -> bool {
        !matches!(self, Self::Genuine | Self::NotChecked | Self::AfterYourClock)
    }
}

/// The certificate that a signature was made with.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Signer {
    /// Its fingerprint, or what the signature says of it when the certificate is not at hand.
    pub fingerprint: String,
    /// Its name, when the certificate is at hand.
    pub name: Option<String>,
    /// A key that the form does not sign with any more.
    pub former: bool,
}

/// [`Reader::key`] of a key that the seal does not name.
pub const HIDDEN: &str = "hidden";
/// [`Reader::key`] of a passphrase.
pub const PASSPHRASE: &str = "a passphrase";

/// A key that can open a letter.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Reader {
    /// Key ID or fingerprint of the encryption subkey; `hidden`, or `a passphrase`.
    pub key: String,
    /// Fingerprint and name of its certificate, when it is one of those given.
    pub known_as: Option<String>,
}

impl Reader {
    /// Its name, or the key when that is all there is.
    pub fn shown(&self) -> String {
        self.known_as.as_ref().unwrap_or(&self.key).clone()
    }
}

/// What is known of a seal.
#[derive(Debug, Clone)]
pub struct Judged {
    /// Whose hand it came through.
    pub verdict: Verdict,
    /// Who signed it, when anybody did.
    pub signer: Option<Signer>,
    /// Every key that can open it.
    pub readers: Vec<Reader>,
    /// Fingerprint of the certificate whose key opened it.
    pub opened_with: String,
}
