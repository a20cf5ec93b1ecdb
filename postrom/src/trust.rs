//! Certificates that letters are held against: the relays that sign them, and other keys that they are sealed to.

use sequoia_openpgp::Cert;

/// What a letter is held against.
#[derive(Default)]
pub struct Trust {
    /// The forms' relays, also former ones.
    pub relays: Vec<Cert>,
    /// Certificates whose secret halves are elsewhere: the recovery key in its safe, a colleague's.
    pub known: Vec<Cert>,
}
