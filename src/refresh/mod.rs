//! Newer copies of pinned certificates: a later expiry that the clerk set, a revocation.
//!
//! Comes in: a pin with its mailbox's address, and where may be asked. Goes out: the same file with what was new, and what every
//! place said. What always holds: only a certificate with the pinned fingerprint is taken, and of it only what its own key has
//! signed; what the file had stays; an answer that is not whole changes nothing; a certificate is never *found* this way, since
//! pins come by telephone.

mod file;
mod merge;
mod source;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rustls::ClientConfig;
use sequoia_openpgp::Cert;

use crate::https::Address;
use crate::seal::{Pin, Unsealable, judge};
use source::Source;

/// Where may be asked, and for how long.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The Web Key Directory of the mailbox's domain.
    pub wkd: bool,
    /// Where the directory is served, instead of by the domain itself.
    pub wkd_address: Option<Address>,
    /// A key server, asked by fingerprint.
    pub key_server: Option<Address>,
    /// Root certificates instead of the system's.
    pub ca_file: Option<PathBuf>,
    /// For each answer.
    pub timeout: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            wkd: true,
            wkd_address: None,
            key_server: None,
            ca_file: None,
            timeout: Duration::from_secs(10),
        }
    }
}

/// What became of one pinned certificate.
#[derive(Debug, serde::Serialize)]
pub struct Refreshed {
    /// Its file.
    pub file: PathBuf,
    /// Its fingerprint.
    pub fingerprint: String,
    /// What every place said, in the order in which they were asked.
    pub asked: Vec<Asked>,
    /// How it was judged before.
    pub before: String,
    /// How it is judged with what was found.
    pub after: String,
    /// Something was new.
    pub changed: bool,
    /// Why the file could not be read or written.
    pub trouble: Option<String>,
}

impl Refreshed {
    /// Every place answered, and the file holds what they said.
    pub fn is_good(&self) -> bool {
        self.trouble.is_none() && self.asked.iter().all(|asked| !matches!(asked.said, Said::Failed(_)))
    }
}

/// A place, and its answer.
#[derive(Debug, serde::Serialize)]
pub struct Asked {
    /// The place.
    pub place: String,
    /// What it said.
    pub said: Said,
}

/// What a place said of a certificate.
#[derive(Debug, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Said {
    /// It has a newer copy.
    News,
    /// It has nothing that the file has not.
    NothingNew,
    /// It does not know the certificate.
    Unknown,
    /// It gave no answer that could be used.
    Failed(String),
}

/// Asks every place for a pinned certificate of the mailbox with this address, and writes down what is new.
pub async fn refresh(pin: &Pin, address: &str, settings: &Settings, tls: &Arc<ClientConfig>, write: bool) -> Refreshed {
    let mut refreshed = Refreshed {
        file: pin.file.clone(),
        fingerprint: pin.fingerprint.to_hex(),
        asked: Vec::new(),
        before: String::new(),
        after: String::new(),
        changed: false,
        trouble: None,
    };
    let own = match pin.read() {
        Ok(own) => own,
        Err(error) => {
            // One that is missing is not fetched: what is pinned was confirmed with its file in hand.
            refreshed.trouble = Some(format!("{error}. {}", error.remedy()));
            return refreshed;
        }
    };
    refreshed.before = standing(&own, pin);
    let mut newest = own.clone();
    for source in Source::of(address, settings) {
        let said = match source.ask(&pin.fingerprint, settings, tls).await {
            Ok(None) => Said::Unknown,
            Ok(Some(theirs)) => match merge::merge(&newest, &theirs) {
                Ok(Some(merged)) => {
                    newest = merged;
                    Said::News
                }
                Ok(None) => Said::NothingNew,
                Err(why) => Said::Failed(why),
            },
            Err(why) => Said::Failed(why),
        };
        let place = source.to_string();
        refreshed.asked.push(Asked { place, said });
    }
    refreshed.after = standing(&newest, pin);
    refreshed.changed = newest != own;
    if refreshed.changed && write {
        refreshed.trouble = keep(pin, &newest).err();
    }
    refreshed
}

/// Merges into the file as it is now: the answers took their time, and a person may have put a newer copy there meanwhile.
fn keep(pin: &Pin, newest: &Cert) -> Result<(), String> {
    let now = pin.read().map_err(|error| format!("{error}. {}", error.remedy()))?;
    match merge::merge(&now, newest)? {
        Some(merged) => {
            file::replace(&pin.file, &merged).map_err(|error| format!("the file cannot be written: {error}"))
        }
        None => Ok(()),
    }
}

/// In a few words: until when letters are sealed to it, or why not.
fn standing(cert: &Cert, pin: &Pin) -> String {
    match judge(cert, &Unsealable::of(cert), pin.strength, SystemTime::now()) {
        Err(unfit) => unfit.to_string(),
        Ok(recipient) => match recipient.expires.and_then(|end| jiff::Timestamp::try_from(end).ok()) {
            Some(end) => format!("valid until {}", end.strftime("%Y-%m-%d")),
            None => "valid without an end".to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use sequoia_openpgp as openpgp;

    use openpgp::cert::CertBuilder;
    use openpgp::packet::UserID;
    use openpgp::packet::signature::SignatureBuilder;
    use openpgp::types::SignatureType;

    use crate::seal::{CertificateRole, Strength, armored};

    /// A person puts a newer copy there while the directory is asked: both are kept.
    #[test]
    fn what_came_into_the_file_meanwhile_stays() {
        let dir = tempfile::tempdir().unwrap();
        let generated = CertBuilder::general_purpose(Some("post@authority.example")).generate();
        let (cert, revocation) = generated.unwrap();
        let mut signer = cert
            .primary_key()
            .key()
            .clone()
            .parts_into_secret()
            .unwrap()
            .into_keypair()
            .unwrap();
        let cert = cert.strip_secret_key_material();
        let other = UserID::from("postmottak@authority.example");
        let binding = SignatureBuilder::new(SignatureType::PositiveCertification);
        let bound = other.bind(&mut signer, &cert, binding).unwrap();
        let named = cert
            .clone()
            .insert_packets([openpgp::Packet::from(other), bound.into()]);
        let revoked = cert.clone().insert_packets([revocation]).unwrap().0;

        let pin = Pin {
            file: dir.path().join("daily.cert.asc"),
            fingerprint: cert.fingerprint(),
            role: CertificateRole::Daily,
            strength: Strength::Full,
        };
        std::fs::write(&pin.file, armored(&named.unwrap().0)).unwrap();
        keep(&pin, &revoked).unwrap();
        let kept = pin.read().unwrap();
        assert_eq!(kept.userids().count(), 2);
        assert_eq!(kept.primary_key().self_revocations().count(), 1);
    }
}
