//! What `/metrics` tells: one row for each family of numbers, with its name, its type and its HELP.
//!
//! Names and units as Prometheus wants them: seconds, bytes, `_total` for what is counted, an end as its moment and not as
//! a time left. A row of a gauge also says when a new value is told.

/// Type of a family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It grows until the program ends.
    Counter,
    /// It is what was measured last.
    Gauge,
}

impl Kind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
        }
    }
}

/// Numbers that share a name (Prometheus: a metric family).
#[derive(Debug)]
pub struct Family {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub kind: Kind,
    /// What it says, and in which steps.
    pub help: &'static str,
    /// What tells its numbers apart.
    pub label: Option<&'static str>,
}

/// When a new value of a gauge is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// Nobody who writes can change it.
    AtOnce,
    /// At the next step; the first value at once, since what is found at the start tells of no moment.
    ByStep,
    /// At the next step, the first value too: there is none before somebody wrote.
    ByStepAlone,
}

/// Makes the enum and its names out of the same rows, so that neither can have what the other lacks.
macro_rules! events {
    ($($(#[$doc:meta])+ $kind:ident: $name:literal)+) => {
        /// What is counted.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Event {
            $($(#[$doc])+ $kind,)+
        }

        /// Name in metrics of each, in the order of the enum.
        pub(super) const EVENTS: &[&str] = &[$($name),+];
    };
}

events! {
    /// A letter was taken and a receipt given.
    Received: "received"
    /// The same letter was sent again and the same receipt given.
    Repeated: "repeated"
    /// Something had to be corrected.
    Problems: "problems"
    /// A letter was not taken, through no fault of the citizen.
    Refused: "refused"
    /// A mailbox took a letter.
    Delivered: "delivered"
    /// An attempt failed and will be repeated.
    Deferred: "deferred"
    /// This program failed: a panic while a page was answered or a letter was sealed.
    Faults: "faults"
    /// What was typed was asked for at a node that cannot have it: another one keeps it.
    Elsewhere: "elsewhere"
}

/// As [`events`], for gauges.
macro_rules! gauges {
    ($($(#[$doc:meta])+ $kind:ident { $name:literal, $label:expr, $told:ident, $help:literal $(,)? })+) => {
        /// What is measured at a moment.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Gauge {
            $($(#[$doc])+ $kind,)+
        }

        impl Gauge {
            pub(super) const ALL: &[Gauge] = &[$(Gauge::$kind),+];

            pub(super) fn told(self) -> Told {
                match self {
                    $(Gauge::$kind => Told::$told,)+
                }
            }

            pub(super) fn family(self) -> &'static Family {
                match self {
                    $(Gauge::$kind => &Family { name: $name, kind: Kind::Gauge, help: $help, label: $label },)+
                }
            }
        }
    };
}

gauges! {
    /// Letters that wait.
    Waiting {
        "konvolutt_letters_waiting",
        None,
        ByStep,
        "Letters that wait to be delivered, by steps of five minutes.",
    }
    /// Seconds for which the oldest of them has waited.
    OldestSeconds {
        "konvolutt_oldest_letter_seconds",
        None,
        ByStep,
        "For how long the oldest waiting letter has waited, by steps of five minutes; 0 when none waits.",
    }
    /// Bytes free on the spool's file system.
    FreeBytes {
        "konvolutt_spool_free_bytes",
        None,
        ByStep,
        "Bytes that are free on the spool's file system, by steps of five minutes.",
    }
    /// Inodes free there.
    FreeInodes {
        "konvolutt_spool_free_inodes",
        None,
        ByStep,
        "Files that the spool's file system still has room for, by steps of five minutes.",
    }
    /// Machines that have a letter before its receipt, beside the one that takes writes.
    DatabaseStandbys {
        "konvolutt_database_standbys",
        None,
        AtOnce,
        "Synchronous standbys that the database showed last, where letters are in one.",
    }
    /// Seconds by which the last of them is behind.
    DatabaseLag {
        "konvolutt_database_lag_seconds",
        None,
        ByStep,
        "By how much the slowest synchronous standby is behind, in seconds, by steps of five minutes.",
    }
    /// Connections of this process.
    DatabaseConnections {
        "konvolutt_database_connections",
        None,
        ByStep,
        "Connections that this process has to the database, by steps of five minutes.",
    }
    /// Bytes of all letters in it.
    DatabaseBytes {
        "konvolutt_database_size_bytes",
        None,
        ByStep,
        "Bytes that all letters take in the database, by steps of five minutes.",
    }
    /// When a letter was delivered last, seconds since 1970.
    LastDelivery {
        "konvolutt_last_delivery_timestamp_seconds",
        None,
        ByStepAlone,
        "When a letter was delivered last, in seconds since 1970, by steps of five minutes.",
    }
    /// When a recipient's certificate stops qualifying, seconds since 1970, by its fingerprint.
    CertificateExpiry {
        "konvolutt_certificate_expiry_timestamp_seconds",
        Some("fingerprint"),
        AtOnce,
        "When a recipient's OpenPGP certificate stops qualifying, in seconds since 1970.",
    }
    /// The last second of a certificate of TLS, since 1970, by what it is used for.
    TlsExpiry {
        "konvolutt_tls_certificate_expiry_timestamp_seconds",
        Some("use"),
        AtOnce,
        "When a certificate of TLS that is in use ends, in seconds since 1970: of the web site (site), of the mail server's authority (mail-ca), of the relay as a client (mail-client).",
    }
}

/// The version of this program.
pub(super) const BUILD: Family = Family {
    name: "konvolutt_build_info",
    kind: Kind::Gauge,
    help: "The version of this program; the value is always 1.",
    label: Some("version"),
};

/// Known by this name to every monitoring system.
pub(super) const START: Family = Family {
    name: "process_start_time_seconds",
    kind: Kind::Gauge,
    help: "When this process started, in seconds since 1970.",
    label: None,
};

/// What happened to letters, by [`Event`].
pub(super) const LETTERS: Family = Family {
    name: "konvolutt_letters_total",
    kind: Kind::Counter,
    help: "What happened to letters since the start, by steps of five minutes; faults of this program at once.",
    label: Some("event"),
};

/// What a mail server said last about each letter.
pub(super) const REPLIES: Family = Family {
    name: "konvolutt_smtp_replies_total",
    kind: Kind::Counter,
    help: "Attempts at letters by the code of the reply that decided them, by steps of five minutes; none: no reply came.",
    label: Some("code"),
};

/// What stands.
pub(super) const ALARM: Family = Family {
    name: "konvolutt_alarm",
    kind: Kind::Gauge,
    help: "Alarms that stand, by kind, of the half of the service that this process is.",
    label: Some("kind"),
};

/// Every family, in the order in which they are told.
pub fn families() -> impl Iterator<Item = &'static Family> {
    let fixed = [&BUILD, &START, &LETTERS, &REPLIES, &ALARM];
    fixed.into_iter().chain(Gauge::ALL.iter().map(|gauge| gauge.family()))
}

/// Replies that a mail server gives (RFC 5321 §4.2.3, RFC 4954 §6, RFC 7504). A server that makes codes up must not be able to fill
/// the memory of whoever collects these numbers.
const CODES: [&str; 29] = [
    "250", "251", "252", "354", "421", "432", "450", "451", "452", "454", "455", "500", "501", "502", "503", "504",
    "521", "524", "525", "530", "534", "535", "538", "550", "551", "552", "553", "554", "555",
];

/// The label of a reply's code.
pub(super) fn code_label(code: Option<u16>) -> &'static str {
    let Some(code) = code.map(|code| code.to_string()) else {
        return "none";
    };
    CODES.into_iter().find(|known| *known == code).unwrap_or("other")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_made_up_code_is_counted_with_all_others_of_its_kind() {
        let labels: std::collections::BTreeSet<_> = (0..=u16::MAX).map(|code| code_label(Some(code))).collect();
        assert_eq!(labels.len(), CODES.len() + 1);
        assert_eq!((code_label(Some(550)), code_label(Some(599))), ("550", "other"));
        assert_eq!(code_label(None), "none");
    }

    /// promtool demands it of whoever reads the numbers; here each row is asked.
    #[test]
    fn names_have_their_units_and_every_family_its_help() {
        for family in families() {
            assert_eq!(
                family.name.ends_with("_total"),
                family.kind == Kind::Counter,
                "{}",
                family.name
            );
            assert!(
                family.help.ends_with('.') && !family.help.contains(['\n', '\\']),
                "{}",
                family.name
            );
            let ending = family.name.rsplit('_').next();
            assert!(
                !matches!(ending, Some("days" | "left" | "mb" | "minutes")),
                "{}",
                family.name
            );
        }
    }
}
