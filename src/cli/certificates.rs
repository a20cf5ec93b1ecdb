//! What is told of certificates of TLS: that one cannot be used, and that one ends.

use crate::alarms::{Alarm, Alarms, Gauge};
use crate::config::CertificateEnd;
use crate::door::{Looked, Renewal};
use crate::x509;

/// What the alarm of the site is about when the certificate ends; what is wrong with it now is about nothing more.
const END: &str = "end";

/// Raises and ends the alarms of the site's certificate by what a look found.
pub(super) fn tell_of_site(alarms: &Alarms, looked: &Looked) {
    alarms.set_for(Gauge::TlsExpiry, "site", looked.until);
    match &looked.ending {
        Some(text) => alarms.raise(Alarm::Tls, END, text),
        None => alarms.clear(Alarm::Tls, END),
    }
    let refused = match &looked.renewal {
        // The next look knows.
        Renewal::Unsettled => return,
        Renewal::InUse => None,
        Renewal::Refused(why) => Some(format!(
            "the new TLS certificate cannot be used, the old one stays: {why}"
        )),
    };
    let faults = looked.faults.iter();
    let faults = faults.map(|fault| format!("the TLS certificate in use {fault}: browsers refuse it"));
    let told: Vec<_> = refused.into_iter().chain(faults).collect();
    if told.is_empty() {
        alarms.clear(Alarm::Tls, "");
    } else {
        alarms.raise(Alarm::Tls, "", &told.join("; "));
    }
}

/// The same of the certificates that the mail needs.
pub(super) fn tell_of_mail(alarms: &Alarms, ends: &[CertificateEnd], now: u64) {
    ends.iter()
        .for_each(|end| alarms.set_for(Gauge::TlsExpiry, end.of.name(), end.until));
    let soon = ends.iter().filter_map(|end| {
        let text = x509::ending(&end.what, end.until, now)?;
        Some((end.of.name().to_owned(), text))
    });
    alarms.exactly(Alarm::MailTls, soon.collect());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alarms::{Side, posted};
    use crate::config::CertificateUse;

    const DAY: u64 = 86_400;

    fn alarms(dir: &tempfile::TempDir) -> Alarms {
        Alarms::new(dir.path().to_owned(), &[Side::Web, Side::Relay])
    }

    /// The texts of all that stand, by what they are about.
    fn stand(dir: &tempfile::TempDir) -> Vec<String> {
        posted(dir.path())
            .into_iter()
            .map(|one| format!("{}: {}", one.key(), one.text))
            .collect()
    }

    fn looked(renewal: Renewal, faults: &[&str], ending: Option<&str>) -> Looked {
        Looked {
            renewal,
            faults: faults.iter().map(|fault| (*fault).to_owned()).collect(),
            until: 0,
            ending: ending.map(str::to_owned),
        }
    }

    #[test]
    fn a_renewal_and_an_end_are_two_alarms_and_each_ends_by_itself() {
        let dir = tempfile::tempdir().unwrap();
        let alarms = alarms(&dir);
        let refused = || Renewal::Refused("it is old".to_owned());
        tell_of_site(&alarms, &looked(refused(), &[], Some("it ends within 7 days")));
        let told = stand(&dir);
        assert!(
            told[0].contains("tls: the new TLS certificate cannot be used, the old one stays: it is old"),
            "{told:?}"
        );
        assert_eq!(told[1..], ["tls-end: it ends within 7 days"]);
        // In the middle of being written, nothing is known of it.
        tell_of_site(&alarms, &looked(Renewal::Unsettled, &[], None));
        assert_eq!(stand(&dir).len(), 1);
        tell_of_site(
            &alarms,
            &looked(Renewal::InUse, &["is for b.example, not for a.example"], None),
        );
        assert!(stand(&dir)[0].contains("in use is for b.example"), "{:?}", stand(&dir));
        tell_of_site(&alarms, &looked(Renewal::InUse, &[], None));
        assert!(stand(&dir).is_empty());
    }

    #[test]
    fn certificates_of_the_mail_are_told_in_steps_and_end_when_they_are_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let alarms = alarms(&dir);
        let end = |until| CertificateEnd {
            of: CertificateUse::MailCa,
            what: "the authority".to_owned(),
            until,
        };
        let mut steps = Vec::new();
        for day in 0..=101 {
            tell_of_mail(&alarms, &[end(100 * DAY)], day * DAY);
            steps.extend(stand(&dir));
        }
        steps.dedup();
        assert_eq!(steps.len(), 5, "{steps:?}");
        assert!(
            steps[0].starts_with("mail-tls-mail-ca: the authority ends within 30 days"),
            "{steps:?}"
        );
        assert!(steps[4].contains("ended on"), "{steps:?}");
        tell_of_mail(&alarms, &[end(400 * DAY)], 101 * DAY);
        assert!(stand(&dir).is_empty());
        let line = format!(
            "konvolutt_tls_certificate_expiry_timestamp_seconds{{use=\"mail-ca\"}} {}\n",
            400 * DAY
        );
        let metrics = alarms.metrics(std::time::SystemTime::now());
        assert!(metrics.contains(&line), "{metrics}");
    }
}
