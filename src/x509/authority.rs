//! The file of an authority that the mail server's certificate is checked by, instead of the system's.

use rustls::pki_types::CertificateDer;

use super::certificate::{is_authority, is_self_signed, validity};

/// What is wrong with one certificate of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuthorityFault {
    /// It is a server's, signed by somebody else: nothing can be checked by it.
    NoAuthority,
    /// It is a server's own, signed by itself: good for this very certificate alone.
    OneServer,
    /// It is valid only from this second on.
    NotYet(u64),
    /// It was valid until this second. The verifier does not look at the dates of what it was told to trust.
    Ended(u64),
    /// It cannot be read.
    Unreadable,
}

/// What is wrong with each certificate of an authority's file, by its place in it, counted from 1.
pub fn judge_authority(certificates: &[CertificateDer<'_>], now: u64) -> Vec<(usize, AuthorityFault)> {
    let judged = certificates.iter().map(|one| judge(one, now)).enumerate();
    judged.filter_map(|(place, fault)| Some((place + 1, fault?))).collect()
}

fn judge(certificate: &CertificateDer<'_>, now: u64) -> Option<AuthorityFault> {
    let Some(valid) = validity(certificate) else {
        return Some(AuthorityFault::Unreadable);
    };
    let signs = is_authority(certificate);
    if !signs && !is_self_signed(certificate) {
        return Some(AuthorityFault::NoAuthority);
    }
    if now > valid.until {
        return Some(AuthorityFault::Ended(valid.until));
    }
    if now < valid.from {
        return Some(AuthorityFault::NotYet(valid.from));
    }
    (!signs).then_some(AuthorityFault::OneServer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::x509::identity::tests::{Made, at};

    #[test]
    fn each_certificate_of_an_authority_is_judged() {
        let good = Made::new(&[]).authority().by_itself();
        let ended = Made::new(&[]).authority().valid(2020..2024).by_itself();
        let server = Made::new(&["mail.example"]).by(&good);
        let own = Made::new(&["mail.example"]).by_itself();
        let all = [&good, &ended, &server, &own].map(|made| made.der.clone());
        let wanted = [
            (2, AuthorityFault::Ended(at(2024))),
            (3, AuthorityFault::NoAuthority),
            (4, AuthorityFault::OneServer),
        ];
        assert_eq!(judge_authority(&all, at(2026)), wanted);
        assert_eq!(
            judge_authority(&all[..1], at(2019)),
            [(1, AuthorityFault::NotYet(at(2020)))]
        );
        assert_eq!(
            judge_authority(&[vec![0].into()], at(2026)),
            [(1, AuthorityFault::Unreadable)]
        );
    }
}
