//! Which programs open what is sealed to a certificate. `konvolutt check` tells it before the first letter, so
//! that no clerk finds it out from a letter that stays shut.
//!
//! Nothing here is taken from a data sheet: `tests/interop.rs` seals letters to keys of every kind, opens them
//! with the real programs and holds this module against what happened. `docs/interop.md` is its table, with
//! the versions. Whatever was not tried is left out, since a promise that fails costs a letter.

use std::fmt;

use sequoia_openpgp as openpgp;

use openpgp::crypto::mpi;
use openpgp::packet::Key;
use openpgp::packet::key::{KeyRole, PublicParts};
use openpgp::types::{Curve, PublicKeyAlgorithm};

use super::judge::Recipient;
use super::recipients::Recipients;

/// A program that opens letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program {
    /// `gpg`, and what calls it: Kleopatra, GpgOL.
    GnuPg,
    /// Thunderbird, with the library that it ships.
    Thunderbird,
    /// `rnp`.
    Rnp,
    /// mutt, which asks GnuPG.
    Mutt,
    /// `sq`.
    Sq,
    /// The library of Delta Chat.
    RPgp,
    /// Our own.
    Postrom,
}

/// What a program must understand to open a letter. Each step contains those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Era {
    /// v4 keys with RSA, or ECDH on Curve25519 or a NIST curve: RFC 4880 and RFC 6637.
    Classic,
    /// v6 keys, X25519: RFC 9580.
    Rfc9580,
    /// ML-KEM-768 with X25519: RFC 9980.
    PostQuantum,
    /// Anything else that Sequoia can seal to.
    Untried,
}

impl Program {
    /// Every program that was tried, in the order of the table.
    pub const ALL: [Self; 7] = [
        Self::GnuPg,
        Self::Thunderbird,
        Self::Rnp,
        Self::Mutt,
        Self::Sq,
        Self::RPgp,
        Self::Postrom,
    ];

    /// The last era that it opens letters of.
    fn reads(self) -> Era {
        match self {
            Self::GnuPg | Self::Thunderbird | Self::Rnp | Self::Mutt | Self::Sq => Era::Classic,
            Self::RPgp => Era::PostQuantum,
            // Seals and opens with the same library.
            Self::Postrom => Era::Untried,
        }
    }
}

impl fmt::Display for Program {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::GnuPg => "GnuPG",
            Self::Thunderbird => "Thunderbird",
            Self::Rnp => "RNP",
            Self::Mutt => "mutt",
            Self::Sq => "sq",
            Self::RPgp => "rPGP",
            Self::Postrom => "postrom",
        })
    }
}

/// The programs that open letters sealed to this certificate, and find the relay's signature good. `all` are the
/// recipients of the same letters.
pub fn readers(recipient: &Recipient, all: &Recipients) -> Vec<Program> {
    let needed = recipient.keys.iter().map(era).max().unwrap_or(Era::Untried);
    // The signature names every recipient, and sq 0.27 finds it broken when it does not know one's version.
    let strange = all
        .fit
        .iter()
        .any(|(other, _)| other.cert.primary_key().key().version() != 4);
    let able = Program::ALL.into_iter().filter(|program| program.reads() >= needed);
    able.filter(|program| !(strange && *program == Program::Sq)).collect()
}

fn era<R: KeyRole>(key: &Key<PublicParts, R>) -> Era {
    let of_algorithm = match key.pk_algo() {
        #[allow(deprecated)] // old keys still bear the old number
        PublicKeyAlgorithm::RSAEncryptSign | PublicKeyAlgorithm::RSAEncrypt => Era::Classic,
        PublicKeyAlgorithm::ECDH => era_of_curve(key.mpis()),
        PublicKeyAlgorithm::X25519 => Era::Rfc9580,
        PublicKeyAlgorithm::MLKEM768_X25519 => Era::PostQuantum,
        _ => Era::Untried,
    };
    match key.version() {
        4 => of_algorithm,
        _ => of_algorithm.max(Era::Rfc9580),
    }
}

fn era_of_curve(key: &mpi::PublicKey) -> Era {
    let mpi::PublicKey::ECDH { curve, .. } = key else {
        return Era::Untried;
    };
    match curve {
        Curve::Cv25519 | Curve::NistP256 | Curve::NistP384 | Curve::NistP521 => Era::Classic,
        _ => Era::Untried,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::{Duration, SystemTime};

    use postrom::KeyProfile;

    use super::*;
    use crate::seal::tests::made;
    use crate::seal::{CertificateRole, Strength, Unsealable, judge};

    fn fit(profile: KeyProfile) -> Recipient {
        let now = SystemTime::now() + Duration::from_secs(1);
        judge(&made(profile), &Unsealable::default(), Strength::Full, now).unwrap()
    }

    /// Who opens what is sealed to the first, when the letter goes to all of these.
    fn named(profiles: &[KeyProfile]) -> Vec<Program> {
        let mut all = Recipients::none();
        all.fit = profiles
            .iter()
            .map(|profile| (Arc::new(fit(*profile)), CertificateRole::Daily))
            .collect();
        readers(&all.fit[0].0, &all)
    }

    #[test]
    fn the_key_decides_who_opens_it() {
        use KeyProfile::{Compat, Pqc, Rfc9580};
        assert_eq!(named(&[Compat]), Program::ALL);
        assert_eq!(named(&[Rfc9580]), [Program::RPgp, Program::Postrom]);
        assert_eq!(named(&[Pqc]), [Program::RPgp, Program::Postrom]);
        // A recipient of a kind that sq does not know spoils the signature for it.
        let without_sq: Vec<_> = Program::ALL
            .into_iter()
            .filter(|program| *program != Program::Sq)
            .collect();
        assert_eq!(named(&[Compat, Rfc9580]), without_sq);
    }
}
