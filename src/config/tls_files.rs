//! Certificates of TLS where the configuration names them: judged as those who meet them will.

use std::path::Path;
use std::time::SystemTime;

use rustls::crypto::aws_lc_rs;
use rustls::pki_types::CertificateDer;

use super::inspector::Inspector;
use crate::diagnostic::Diagnostic;
use crate::unix_time::seconds;
use crate::x509::{self, AuthorityFault, Fault, Identity, Way, day};

const RENEW: &str = "Renew it now; the new file is taken up within a minute. See why it was not renewed by itself.";
const FULL_CHAIN: &str = "Put the certificates that signed it behind it, as `fullchain.pem` of certbot has them.";

impl Inspector<'_> {
    /// The certificate of the web site: what a browser would refuse is a problem, and the form is served all the same.
    pub(super) fn site_certificate(&mut self, chain: &Path, key: &Path, names: &[String]) {
        let Ok(identity) = Identity::read(chain, key, &aws_lc_rs::default_provider()) else {
            // Told already, by the one who needs it.
            return;
        };
        let now = seconds(SystemTime::now());
        const KEY: &str = "listen.tls.certificate";
        let faults = identity.faults(names, now);
        for fault in &faults {
            let what = format!("The certificate of the web site {fault}: browsers refuse it.");
            match fault {
                Fault::Names { .. } => {
                    let remedy = "Get a certificate for all of `names`, or correct `names`.";
                    self.problem("listen.names", what, remedy);
                }
                Fault::NotYet(_) => self.problem(KEY, what, "Set the clock right, or get one that is valid now."),
                Fault::Ended(_) => self.problem(KEY, what, RENEW),
            }
        }
        let until = identity.validity.until;
        if faults.is_empty() {
            let told = format!(
                "the certificate of the web site is for {}, until {}",
                identity.names().join(", "),
                day(until)
            );
            self.tell(KEY, Diagnostic::good(told));
        }
        self.ends_soon(KEY, "The certificate of the web site", until, now);
        self.leads_somewhere(identity.chain(), now);
        self.keeps_secret("listen.tls.key", "the key of the web site", key);
    }

    /// At the end itself a fault tells it.
    fn ends_soon(&mut self, key: &str, what: &str, until: u64, now: u64) {
        if let Some(told) = x509::ending(what, until, now).filter(|_| now <= until) {
            self.tell(
                key,
                Diagnostic::warning(
                    format!("{told}."),
                    "Renew it, and see why it was not renewed by itself.",
                ),
            );
        }
    }

    fn leads_somewhere(&mut self, chain: &[CertificateDer<'_>], now: u64) {
        let roots = x509::system_roots();
        if roots.is_empty() {
            // Then nothing can be said.
            return;
        }
        let (what, remedy) = match x509::way(chain, &roots, now) {
            Way::Known => return,
            Way::Unknown => {
                let told = "its chain leads to an authority that this machine does not know: one of your own, which browsers must be told of, or the chain lacks a certificate";
                return self.tell("listen.tls.certificate", Diagnostic::good(told));
            }
            Way::Alone => (
                "The file holds the site's certificate alone, and this machine does not know who signed it: most browsers would refuse it.".to_owned(),
                FULL_CHAIN,
            ),
            Way::SelfSigned => (
                "The certificate of the web site is signed by its own key: browsers warn of it.".to_owned(),
                "Get one from an authority that browsers know; for a trial it will do.",
            ),
            Way::Disordered(place) => (
                format!("The certificate at place {place} of the file did not sign the one before it: some programs refuse such a chain."),
                FULL_CHAIN,
            ),
            Way::Ended(until) => (
                format!("A certificate that signed the site's ended on {}: browsers may refuse it.", day(until)),
                "Renew the certificate, which brings a new chain.",
            ),
            Way::Refused(why) => (
                format!("Browsers may refuse the certificate of the web site: {why}."),
                "Get one that is made for web servers.",
            ),
        };
        self.tell("listen.tls.certificate", Diagnostic::warning(what, remedy));
    }

    /// A file of authorities that a server is checked by. The last end in it, when any of it can be used.
    pub(super) fn authority_file(&mut self, key: &str, server: &str, file: &Path) -> Option<u64> {
        // What cannot be read is told by the one who needs it.
        let certificates = x509::certificates(file).ok()?;
        let faults = x509::judge_authority(&certificates, seconds(SystemTime::now()));
        let useless =
            |fault: &AuthorityFault| matches!(fault, AuthorityFault::NoAuthority | AuthorityFault::Unreadable);
        let is_useful = |place: usize| !faults.iter().any(|(at, fault)| *at == place + 1 && useless(fault));
        let useful = certificates.iter().enumerate().filter(|(place, _)| is_useful(*place));
        let until = useful
            .filter_map(|(_, one)| x509::validity(one))
            .map(|valid| valid.until)
            .max();
        for (place, fault) in &faults {
            let told = of_authority(server, file, *place, fault);
            match (fault, until) {
                (AuthorityFault::NoAuthority | AuthorityFault::Unreadable, None) => {
                    let remedy =
                        "Put the certificate of the authority there that signed the server's, not the server's own.";
                    self.problem(key, told, remedy);
                }
                (AuthorityFault::OneServer, _) => self.tell(key, Diagnostic::good(told)),
                _ => self.tell(
                    key,
                    Diagnostic::warning(
                        told,
                        "Get the certificate of the authority that signs the server's now.",
                    ),
                ),
            }
        }
        if let Some(until) = until.filter(|_| faults.is_empty()) {
            let told = format!("{server} is checked by {}, until {}", file.display(), day(until));
            self.tell(key, Diagnostic::good(told));
            self.ends_soon(
                key,
                &format!("The authority in {}", file.display()),
                until,
                seconds(SystemTime::now()),
            );
        }
        until
    }

    /// How long the certificate lasts that the relay shows of itself.
    pub(super) fn client_certificate(&mut self, file: &Path, until: u64) {
        const KEY: &str = "mail.smtp.client_certificate";
        let now = seconds(SystemTime::now());
        if now > until {
            let what = format!(
                "The certificate {} ended on {}: no mail server believes it.",
                file.display(),
                day(until)
            );
            return self.problem(KEY, what, "Renew it; the new file is shown without a restart.");
        }
        let told = format!(
            "the relay shows the certificate {}, until {}",
            file.display(),
            day(until)
        );
        self.tell(KEY, Diagnostic::good(told));
        self.ends_soon(KEY, &format!("The certificate {}", file.display()), until, now);
    }
}

fn of_authority(server: &str, file: &Path, place: usize, fault: &AuthorityFault) -> String {
    let which = format!("Certificate number {place} in {}", file.display());
    match fault {
        AuthorityFault::NoAuthority => format!("{which} is not an authority's, and nothing can be checked by it."),
        AuthorityFault::Unreadable => format!("{which} cannot be read as X.509."),
        AuthorityFault::OneServer => format!(
            "{server} is believed by its own certificate in {}, until it has another one",
            file.display()
        ),
        AuthorityFault::NotYet(from) => format!("{which} is valid only from {} on; is the clock right?", day(*from)),
        AuthorityFault::Ended(until) => format!(
            "{which} ended on {}. It is still believed, since only the server's own certificate is held to its dates, but its authority has another one by now.",
            day(*until)
        ),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::inspector::tests::ask;
    use super::*;
    use crate::diagnostic::Severity;

    fn made(names: &[&str], authority: bool, until: i32) -> (String, String) {
        let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        let key = rcgen::KeyPair::generate().unwrap();
        let mut wanted = rcgen::CertificateParams::new(names).unwrap();
        if authority {
            wanted.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        }
        wanted.not_before = rcgen::date_time_ymd(2020, 1, 1);
        wanted.not_after = rcgen::date_time_ymd(until, 1, 1);
        (wanted.self_signed(&key).unwrap().pem(), key.serialize_pem())
    }

    type Told = Vec<(Severity, String)>;

    fn told_of(question: impl FnOnce(&mut Inspector<'_>)) -> Told {
        let (_, told) = ask("[listen.tls]\n", question);
        told.into_iter().map(|one| (one.severity, one.what)).collect()
    }

    fn has(told: &Told, severity: Severity, text: &str) -> bool {
        told.iter().any(|(own, what)| *own == severity && what.contains(text))
    }

    fn site((chain, key): (String, String), names: &[&str]) -> Told {
        let dir = tempfile::tempdir().unwrap();
        let (chain_file, key_file) = (dir.path().join("chain.pem"), dir.path().join("key.pem"));
        fs::write(&chain_file, chain).unwrap();
        fs::write(&key_file, key).unwrap();
        let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        told_of(|inspector| inspector.site_certificate(&chain_file, &key_file, &names))
    }

    #[test]
    fn what_browsers_refuse_is_a_problem_and_the_rest_is_named() {
        let told = site(made(&["a.example", "b.example"], false, 2090), &["a.example"]);
        assert!(
            has(&told, Severity::Good, "is for a.example, b.example, until 2090-01-01"),
            "{told:?}"
        );
        assert!(
            !told.iter().any(|(severity, _)| *severity == Severity::Problem),
            "{told:?}"
        );
        let told = site(made(&["a.example"], false, 2024), &["a.example"]);
        assert!(has(&told, Severity::Problem, "ended on 2024-01-01"), "{told:?}");
        assert!(!has(&told, Severity::Warning, "ended"), "told twice: {told:?}");
        let told = site(made(&["b.example"], false, 2090), &["a.example"]);
        assert!(
            has(&told, Severity::Problem, "is for b.example, not for a.example"),
            "{told:?}"
        );
    }

    fn authority(certificates: &[(String, String)]) -> (Option<u64>, Told) {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("ca.pem");
        fs::write(
            &file,
            certificates.iter().map(|(pem, _)| pem.as_str()).collect::<String>(),
        )
        .unwrap();
        let mut until = None;
        let told = told_of(|inspector| until = inspector.authority_file("mail.smtp.ca_file", "the mail server", &file));
        (until, told)
    }

    #[test]
    fn an_authoritys_file_is_judged_by_what_can_be_used_of_it() {
        let (good, ended) = (made(&[], true, 2090), made(&[], true, 2024));
        let (until, told) = authority(std::slice::from_ref(&good));
        assert!(
            until.is_some() && has(&told, Severity::Good, "until 2090-01-01"),
            "{told:?}"
        );
        let (until, told) = authority(&[ended]);
        assert!(
            until.is_some() && has(&told, Severity::Warning, "ended on 2024-01-01"),
            "{told:?}"
        );
        let (_, told) = authority(&[made(&["mail.example"], false, 2090)]);
        assert!(
            has(&told, Severity::Good, "believed by its own certificate"),
            "{told:?}"
        );
        let issuer = rcgen::KeyPair::generate().unwrap();
        let above = rcgen::CertificateParams::new(Vec::new()).unwrap();
        let key = rcgen::KeyPair::generate().unwrap();
        let signed = rcgen::CertificateParams::new(vec!["mail.example".to_owned()]).unwrap();
        let signed = signed.signed_by(&key, &rcgen::Issuer::new(above, issuer)).unwrap();
        let server = (signed.pem(), String::new());
        let (until, told) = authority(std::slice::from_ref(&server));
        assert!(
            until.is_none() && has(&told, Severity::Problem, "is not an authority's"),
            "{told:?}"
        );
        let (until, told) = authority(&[good, server]);
        assert!(
            until.is_some() && has(&told, Severity::Warning, "number 2 in"),
            "{told:?}"
        );
    }

    #[test]
    fn the_certificate_that_the_relay_shows_is_judged_by_its_end() {
        let now = seconds(SystemTime::now());
        let told =
            |days: u64| told_of(|inspector| inspector.client_certificate(Path::new("c.pem"), now + days * 86_400));
        assert!(has(&told(100), Severity::Good, "the relay shows the certificate c.pem"));
        assert_eq!(told(100).len(), 1);
        assert!(has(&told(5), Severity::Warning, "ends within 7 days"));
        let ended = told_of(|inspector| inspector.client_certificate(Path::new("c.pem"), now - 1));
        assert!(
            has(&ended, Severity::Problem, "ended on") && ended.len() == 1,
            "{ended:?}"
        );
    }
}
