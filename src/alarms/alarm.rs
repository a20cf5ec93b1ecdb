//! The kinds of alarms: one row each.
//!
//! A new alarm is a row of the table below. What is left out of the row does not compile; what is left out beside it
//! (its row in `docs/operations.md`, the place that raises it, the place that ends it) fails in `tests/alarms.rs`.

use super::whose::{Looker, Side, Whose};

/// All that is to be known of one kind of alarm.
#[derive(Debug)]
pub struct Spec {
    /// Which.
    pub alarm: Alarm,
    /// Name in files, logs, messages and metrics.
    pub name: &'static str,
    /// Who finds out that one which an earlier process left is over.
    pub looker: Looker,
    /// Who tells it, of several nodes.
    pub whose: Whose,
    /// No letter is taken while it stands.
    pub stops: bool,
    /// Another text means that it became worse, and is told again. The others only quote what failed last, in words that
    /// differ from one attempt to the next: a notification for each would be noise.
    pub rises: bool,
    /// What an operator does about it.
    pub what_to_do: &'static str,
}

/// Makes the enum and its table out of the same rows, so that neither can have what the other lacks.
macro_rules! alarms {
    ($($(#[$doc:meta])+ $kind:ident { $($field:ident: $value:expr),+ $(,)? })+) => {
        /// What can go wrong for long enough to notify the operator.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Alarm {
            $($(#[$doc])+ $kind,)+
        }

        /// Every kind, in the order of the enum.
        pub const TABLE: &[Spec] = &[$(Spec { alarm: Alarm::$kind, $($field: $value),+ }),+];
    };
}

alarms! {
    /// No daily certificate qualifies: the form is closed.
    FormClosed {
        name: "form-closed",
        looker: Looker::Readiness,
        whose: Whose::Node,
        stops: true,
        rises: true,
        what_to_do: "`konvolutt keys list` says why; get a good certificate from the post room",
    }
    /// A pinned certificate is left out, or its file is not what it was.
    Certificate {
        name: "certificate",
        looker: Looker::Readiness,
        whose: Whose::Node,
        stops: false,
        rises: true,
        what_to_do: "`konvolutt check`; tell the post room",
    }
    /// A certificate stops qualifying soon.
    Expiring {
        name: "expiring",
        looker: Looker::Readiness,
        whose: Whose::Node,
        stops: false,
        rises: true,
        what_to_do: "get a renewed certificate from the post room (docs/keys.md, \"Rotate\"), or make a new signing key (\"Change the signing key\" there)",
    }
    /// The relay's signing key cannot sign.
    SigningKey {
        name: "signing-key",
        looker: Looker::Readiness,
        whose: Whose::Node,
        stops: true,
        rises: true,
        what_to_do: "`konvolutt check` says why",
    }
    /// The form could not be started.
    WebDown {
        name: "web-down",
        looker: Looker::Site,
        whose: Whose::Node,
        stops: true,
        rises: true,
        what_to_do: "`journalctl -u konvolutt-web` and `konvolutt check` say why; mend it, then `systemctl reset-failed` and start it",
    }
    /// A changed configuration was not taken up by the form.
    ReloadWeb {
        name: "reload-web",
        looker: Looker::Site,
        whose: Whose::Node,
        stops: false,
        rises: true,
        what_to_do: "`konvolutt check` names every mistake; mend them, then `systemctl reload konvolutt-web`",
    }
    /// A renewed certificate of the web site cannot be used, browsers refuse the one in use, or it ends soon.
    Tls {
        name: "tls",
        looker: Looker::Site,
        whose: Whose::Node,
        stops: false,
        rises: true,
        what_to_do: "`konvolutt check` says what is wrong; renew the certificate, or mend its files: they are looked at each minute",
    }
    /// A listener beside the form's own is missing: the redirect to TLS, or the onion service.
    Listener {
        name: "listener",
        looker: Looker::Site,
        whose: Whose::Node,
        stops: false,
        rises: true,
        what_to_do: "its text says what to start or to free; then restart the form's side",
    }
    /// A file of texts lacks some that this version has: they are shown in bokmål.
    Texts {
        name: "texts",
        looker: Looker::Site,
        whose: Whose::Node,
        stops: false,
        rises: true,
        what_to_do: "`konvolutt check` names them; have them translated, then restart",
    }
    /// The disk takes no letters: full, or writing failed.
    Spool {
        name: "spool",
        looker: Looker::Readiness,
        whose: Whose::Node,
        stops: true,
        rises: false,
        what_to_do: "make room, or look after the disk and the directories of the spool; the form opens by itself once a write succeeds",
    }
    /// The disk failed while it wrote, and nothing it says is believed until a restart.
    Fenced {
        name: "fenced",
        looker: Looker::Readiness,
        whose: Whose::Node,
        stops: true,
        rises: true,
        what_to_do: "look after the disk, then restart: the start checks itself",
    }
    /// The database that letters are in does not prove to the form's side that it keeps them.
    Database {
        name: "database",
        looker: Looker::Readiness,
        whose: Whose::Node,
        stops: true,
        rises: false,
        what_to_do: "`konvolutt store show` asks each server and says what it found; mend that, and the form opens by itself",
    }
    /// A letter could not be signed and encrypted, although certificates and key are good.
    Seal {
        name: "seal",
        looker: Looker::Readiness,
        whose: Whose::Node,
        stops: true,
        rises: false,
        what_to_do: "`konvolutt send-test` tries it again; its text names what failed: get another certificate from the post room, or go back to the version before",
    }
    /// A fault of this program: a panic while a page was answered or a letter was sealed.
    Fault {
        name: "fault",
        looker: Looker::Readiness,
        whose: Whose::Node,
        stops: false,
        rises: false,
        what_to_do: "report the place that the log names; `konvolutt send-test` shows whether letters go through",
    }
    /// A letter has waited too long.
    Delayed {
        name: "delayed",
        looker: Looker::Relay,
        whose: Whose::Leader,
        stops: false,
        rises: true,
        what_to_do: "`konvolutt queue list --state waiting` shows each with the last words of the mail server",
    }
    /// Nothing can be sent: no connection to the mail server, no login, no right to send; or, about a mailbox, none of its
    /// letters is taken.
    MailServer {
        name: "mail-server",
        looker: Looker::Relay,
        whose: Whose::All,
        stops: false,
        rises: false,
        what_to_do: "its text says what to mend; `konvolutt check --online` asks the server all but the letter. The letters wait, and go by themselves",
    }
    /// A certificate that the mail needs ends soon, or has ended.
    MailTls {
        name: "mail-tls",
        looker: Looker::Host,
        whose: Whose::Node,
        stops: false,
        rises: true,
        what_to_do: "put the new certificate in its place; after a new `ca_file` restart the relay",
    }
    /// The mail server refused a letter for good.
    Held {
        name: "held",
        looker: Looker::Relay,
        whose: Whose::Leader,
        stops: false,
        rises: true,
        what_to_do: "mend what it says, then `konvolutt queue release`; or `readdress` it to another mailbox, or `discard` it",
    }
    /// A letter that was delivered came back, and is no longer kept; or letters that come back cannot be read or held.
    Bounced {
        name: "bounced",
        looker: Looker::Relay,
        whose: Whose::Leader,
        stops: false,
        rises: true,
        what_to_do: "its text says: the post room's copy, the directory, and the report that is to be removed then (docs/operations.md, \"Letters that come back\")",
    }
    /// A letter was changed on disk, or was never one of the form's.
    Corrupt {
        name: "corrupt",
        looker: Looker::Relay,
        whose: Whose::Leader,
        stops: false,
        rises: true,
        what_to_do: "`konvolutt queue show` tells why. If a backup has the same file whole, put it into `new/` under the same name, and look after the disk; if not, somebody may have taken the web side over (docs/operations.md, \"A forged letter\"). Then `konvolutt queue discard` ends the alarm",
    }
    /// The queue cannot be read, somebody keeps a lock on it, or the disk keeps a letter in it that has to leave it.
    Stuck {
        name: "stuck",
        looker: Looker::Host,
        whose: Whose::Node,
        stops: false,
        rises: false,
        what_to_do: "look after the disk; if its text names a lock, end the process that holds it (`fuser` on that file)",
    }
    /// The same to the relay's side: letters wait.
    DatabaseRelay {
        name: "database-relay",
        looker: Looker::Host,
        whose: Whose::Node,
        stops: false,
        rises: false,
        what_to_do: "`konvolutt store show` asks each server and says what it found; the letters wait there, and go by themselves",
    }
    /// The relay could not be started: letters wait.
    RelayDown {
        name: "relay-down",
        looker: Looker::Relay,
        whose: Whose::Node,
        stops: false,
        rises: true,
        what_to_do: "`journalctl -u konvolutt-relay` and `konvolutt check` say why; mend it, then `systemctl reset-failed` and start it",
    }
    /// A changed configuration was not taken up by the relay.
    ReloadRelay {
        name: "reload-relay",
        looker: Looker::Host,
        whose: Whose::Node,
        stops: false,
        rises: true,
        what_to_do: "`konvolutt check` names every mistake; mend them, then `systemctl reload konvolutt-relay`",
    }
    /// Alarms cannot be told by one of the ways: the command or the webhook fails.
    Untold {
        name: "untold",
        looker: Looker::Host,
        whose: Whose::Node,
        stops: false,
        rises: false,
        what_to_do: "look at what its text says; the other way and `konvolutt alarms list` still tell",
    }
    /// A fault of this program: a panic while it looked at the host or the post room, whose own alarms may be missing.
    Unwatched {
        name: "unwatched",
        looker: Looker::Host,
        whose: Whose::Node,
        stops: false,
        rises: false,
        what_to_do: "look at disk, clock and `konvolutt queue list` yourself; report the place that the log names",
    }
    /// The disk fills up; the form is still open.
    Disk {
        name: "disk",
        looker: Looker::Host,
        whose: Whose::Node,
        stops: false,
        rises: false,
        what_to_do: "make room before it closes",
    }
    /// The clock is wrong, or was.
    Clock {
        name: "clock",
        looker: Looker::Host,
        whose: Whose::Node,
        stops: false,
        rises: true,
        what_to_do: "set the clock right (docs/operations.md, \"A wrong clock\")",
    }
    /// A test letter was not opened in time.
    Canary {
        name: "canary",
        looker: Looker::PostRoom,
        whose: Whose::Leader,
        stops: false,
        rises: true,
        what_to_do: "its text says where the letter is: look there (docs/operations.md, \"Are letters opened?\")",
    }
    /// Letters of citizens were delivered and not opened in time.
    Unopened {
        name: "unopened",
        looker: Looker::PostRoom,
        whose: Whose::Leader,
        stops: false,
        rises: true,
        what_to_do: "ask the post room; `queue retry REFERENCE` sends one again",
    }
}

/// What [`Alarm::Stuck`] is about when the queue itself cannot be read.
pub const QUEUE: &str = "queue";
/// What [`Alarm::Stuck`] is about when no letter can be moved, since somebody holds the lock for it.
pub const MOVES: &str = "moves";

impl Alarm {
    /// Every kind, the web side's first.
    pub fn all() -> impl Iterator<Item = Alarm> {
        TABLE.iter().map(|spec| spec.alarm)
    }

    /// Its row.
    pub fn spec(self) -> &'static Spec {
        // Enum and table come out of the same rows in the same order.
        &TABLE[self as usize]
    }

    /// Name in files, logs, messages and metrics.
    pub fn name(self) -> &'static str {
        self.spec().name
    }

    /// The half that raises it.
    pub fn side(self) -> Side {
        self.spec().looker.side()
    }

    /// True when no letter is taken while this stands.
    pub fn stops_the_service(self) -> bool {
        self.spec().stops
    }

    /// True when it is about what all nodes of one store share, so that of several one tells it. What keeps one letter is known
    /// to the node alone that had it.
    pub fn is_shared(self, about: &str) -> bool {
        self.spec().whose != Whose::Node || self == Alarm::Stuck && self.stops_the_mail(about)
    }

    /// True when only the node that leads looks for it. That a letter is too new for a node is met by any.
    pub fn is_looked_for_once(self, about: &str) -> bool {
        self.spec().whose == Whose::Leader && (self != Alarm::Delayed || about.is_empty())
    }

    /// True when no letter at all can be sent while this stands: about one mailbox or one letter, the others still go.
    pub fn stops_the_mail(self, about: &str) -> bool {
        match self {
            Alarm::MailServer => about.is_empty(),
            Alarm::DatabaseRelay => true,
            Alarm::Stuck => about == QUEUE || about == MOVES,
            _ => false,
        }
    }
}
