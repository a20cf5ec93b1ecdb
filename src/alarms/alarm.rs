//! The kinds of alarms.

/// What can go wrong for long enough to tell somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Alarm {
    /// No daily certificate qualifies: the form is closed.
    FormClosed,
    /// A pinned certificate is left out, or its file is not what it was.
    Certificate,
    /// A certificate stops to qualify soon.
    Expiring,
    /// The relay's signing key cannot sign.
    SigningKey,
    /// A renewed certificate of the web site cannot be used.
    Tls,
    /// A file of texts lacks some that this version has: they are shown in bokmål.
    Texts,
    /// The spool takes no letters: full.
    Spool,
    /// The spool takes no letters: writing to disk failed, and nothing it says is believed until a restart.
    Fenced,
    /// A letter has waited too long.
    Delayed,
    /// Nothing can be sent: no connection to the mail server, no login, no right to send.
    MailServer,
    /// The mail server refused a letter for good.
    Held,
    /// A letter was changed on disk.
    Corrupt,
    /// The queue cannot be read, or the disk keeps a letter in it that was delivered.
    Stuck,
    /// Alarms cannot be told by one of the ways: the command or the webhook fails.
    Untold,
    /// The disk fills up; the form is still open.
    Disk,
    /// The clock is wrong, or was.
    Clock,
    /// A test letter was not opened in time.
    Canary,
    /// Letters of citizens were delivered and not opened in time.
    Unopened,
}

impl Alarm {
    /// What the web side raises.
    pub const OF_WEB: [Alarm; 8] = [
        Alarm::FormClosed,
        Alarm::Certificate,
        Alarm::Expiring,
        Alarm::SigningKey,
        Alarm::Tls,
        Alarm::Texts,
        Alarm::Spool,
        Alarm::Fenced,
    ];
    /// What the relay's side raises.
    pub const OF_RELAY: [Alarm; 10] = [
        Alarm::Delayed,
        Alarm::MailServer,
        Alarm::Held,
        Alarm::Corrupt,
        Alarm::Stuck,
        Alarm::Untold,
        Alarm::Disk,
        Alarm::Clock,
        Alarm::Canary,
        Alarm::Unopened,
    ];

    /// Every kind, the web side's first.
    pub fn all() -> impl Iterator<Item = Alarm> {
        Self::OF_WEB.into_iter().chain(Self::OF_RELAY)
    }

    /// Name in files, logs, messages and metrics.
    pub fn name(self) -> &'static str {
        match self {
            Alarm::FormClosed => "form-closed",
            Alarm::Certificate => "certificate",
            Alarm::Expiring => "expiring",
            Alarm::SigningKey => "signing-key",
            Alarm::Tls => "tls",
            Alarm::Texts => "texts",
            Alarm::Spool => "spool",
            Alarm::Fenced => "fenced",
            Alarm::Delayed => "delayed",
            Alarm::MailServer => "mail-server",
            Alarm::Held => "held",
            Alarm::Corrupt => "corrupt",
            Alarm::Stuck => "stuck",
            Alarm::Untold => "untold",
            Alarm::Disk => "disk",
            Alarm::Clock => "clock",
            Alarm::Canary => "canary",
            Alarm::Unopened => "unopened",
        }
    }

    /// True when no letter is taken while this stands.
    pub fn stops_the_service(self) -> bool {
        matches!(
            self,
            Alarm::FormClosed | Alarm::SigningKey | Alarm::Spool | Alarm::Fenced
        )
    }

    /// True when another text means that it became worse. The others only quote what failed last, in words that differ
    /// from one attempt to the next: nobody wants to be told each of them.
    pub fn rises(self) -> bool {
        !matches!(
            self,
            Alarm::MailServer | Alarm::Spool | Alarm::Stuck | Alarm::Untold | Alarm::Disk
        )
    }
}
