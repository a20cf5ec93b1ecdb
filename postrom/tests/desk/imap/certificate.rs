//! Certificates of servers.

use rcgen::{CertificateParams, Issuer, KeyPair, date_time_ymd};

/// One for a name, in PEM, with its key and its authority.
pub struct Certificate {
    pub chain: String,
    pub key: String,
    pub authority: String,
}

impl Certificate {
    /// Valid until this year.
    pub fn of(name: &str, until: i32) -> Self {
        let authority_key = KeyPair::generate().unwrap();
        let mut authority = CertificateParams::new(Vec::new()).unwrap();
        authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let signed = authority.self_signed(&authority_key).unwrap();
        let issuer = Issuer::new(authority, authority_key);
        let key = KeyPair::generate().unwrap();
        let mut wanted = CertificateParams::new(vec![name.to_owned()]).unwrap();
        wanted.not_before = date_time_ymd(2020, 1, 1);
        wanted.not_after = date_time_ymd(until, 1, 1);
        let chain = wanted.signed_by(&key, &issuer).unwrap().pem();
        Self {
            chain,
            key: key.serialize_pem(),
            authority: signed.pem(),
        }
    }
}
