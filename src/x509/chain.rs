//! A chain as it stands in the site's file: whether browsers find their way along it to an authority that they know.

use rustls::pki_types::CertificateDer;
use rustls::{CertificateError, RootCertStore};

use super::certificate::{is_self_signed, trusting, validity, verify};

/// Where a chain leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// To an authority that this machine knows.
    Known,
    /// To one that it does not know: of the operator's own, most likely.
    Unknown,
    /// Nowhere: the file holds the site's certificate and none of those that signed it.
    Alone,
    /// Nowhere: it is signed by its own key.
    SelfSigned,
    /// The certificate at this place, counted from 1, did not sign the one before.
    Disordered(usize),
    /// A certificate between the site's and the authority's ended.
    Ended(u64),
    /// The verifier refuses it for another reason.
    Refused(String),
}

/// The authorities that this machine knows.
pub fn system_roots() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    roots
}

/// Where a chain leads. Its own dates and names are not looked at.
pub fn way(chain: &[CertificateDer<'_>], roots: &RootCertStore, now: u64) -> Way {
    let Some((site, above)) = chain.split_first() else {
        return Way::Alone;
    };
    let Some(valid) = validity(site) else {
        return Way::Refused("it cannot be read".to_owned());
    };
    let now = valid.nearest(now);
    if let Some(place) = misplaced(site, above, now) {
        return Way::Disordered(place + 2);
    }
    match verify(site, roots, above, now) {
        Ok(()) => Way::Known,
        Err(CertificateError::ExpiredContext { not_after, .. }) => Way::Ended(not_after.as_secs()),
        Err(CertificateError::UnknownIssuer) if is_self_signed(site) => Way::SelfSigned,
        Err(CertificateError::UnknownIssuer) if above.is_empty() => Way::Alone,
        Err(CertificateError::UnknownIssuer) => Way::Unknown,
        Err(CertificateError::Other(_)) => Way::Refused("it is an authority's, not a site's (CA:TRUE)".to_owned()),
        Err(other) => Way::Refused(other.to_string()),
    }
}

/// The first of those above that did not sign the one before it: were it trusted, the chain up to it would not hold.
fn misplaced(site: &CertificateDer<'_>, above: &[CertificateDer<'_>], now: u64) -> Option<usize> {
    let holds = |place: usize| {
        let refused = verify(site, &trusting(&above[place]), &above[..place], now).err();
        !matches!(
            refused,
            Some(CertificateError::UnknownIssuer | CertificateError::BadSignature)
        )
    };
    (0..above.len()).find(|place| !holds(*place))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::x509::identity::tests::{Made, at};

    const NOW: u64 = 1_800_000_000;

    #[test]
    fn a_chain_leads_to_an_authority_that_is_known_or_not() {
        let root = Made::new(&[]).authority().by_itself();
        let between = Made::new(&[]).authority().by(&root);
        let second = Made::new(&[]).authority().by(&between);
        let site = Made::new(&["localhost"]).by(&second);
        let stranger = Made::new(&["localhost"]).by_itself();
        let (known, unknown) = (trusting(&root.der), trusting(&stranger.der));
        let judged = |chain: &[&Made], roots| {
            let chain: Vec<_> = chain.iter().map(|made| made.der.clone()).collect();
            way(&chain, roots, NOW)
        };
        let whole = [&site, &second, &between];
        assert_eq!(judged(&whole, &known), Way::Known);
        assert_eq!(judged(&whole, &unknown), Way::Unknown);
        assert_eq!(judged(&[&site, &second, &between, &root], &known), Way::Known);
        assert_eq!(judged(&whole[..2], &known), Way::Unknown, "one is missing");
        assert_eq!(judged(&whole[..1], &known), Way::Alone);
        assert_eq!(judged(&[&site, &between, &second], &known), Way::Disordered(2));
        assert_eq!(judged(&[&site, &second, &stranger], &known), Way::Disordered(3));
        assert_eq!(judged(&[&stranger], &known), Way::SelfSigned);
        assert!(matches!(judged(&[&root], &known), Way::Refused(why) if why.contains("CA:TRUE")));
    }

    #[test]
    fn a_certificate_between_that_ended_is_told() {
        let root = Made::new(&[]).authority().by_itself();
        let between = Made::new(&[]).authority().valid(2020..2024).by(&root);
        let site = Made::new(&["localhost"]).by(&between);
        let chain = [site.der.clone(), between.der.clone()];
        assert_eq!(way(&chain, &trusting(&root.der), NOW), Way::Ended(at(2024)));
    }
}
