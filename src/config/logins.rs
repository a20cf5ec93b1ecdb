//! As whom each side comes to the database, and how it proves that.

use std::path::{Path, PathBuf};

use super::inspector::Inspector;
use super::overrides::Role;
use super::values::words;
use crate::diagnostic::{Diagnostic, Table};
use crate::explain::{Explained, sentence};
use crate::relay::ClientIdentity;
use crate::relay::smtp::{self, Proof};
use crate::store::postgres::Login;

/// The longest name of a user or a database that a server keeps whole (`NAMEDATALEN`).
pub(super) const LONGEST_NAME: u64 = 63;

/// A user of the database, and what it comes for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Web,
    Relay,
    Operator,
}

impl Side {
    pub(super) const ALL: [Side; 3] = [Side::Web, Side::Relay, Side::Operator];

    pub(super) fn name(self) -> &'static str {
        match self {
            Side::Web => "web",
            Side::Relay => "relay",
            Side::Operator => "operator",
        }
    }

    fn key(self, name: &str) -> String {
        format!("store.postgres.{}.{name}", self.name())
    }

    /// Those whose files this role reads. Commands read the configuration as both halves do.
    pub(super) fn of(role: Role) -> &'static [Side] {
        match role {
            Role::All => &Self::ALL,
            Role::Web => &[Side::Web],
            Role::Relay => &[Side::Relay],
        }
    }
}

pub(super) struct LoginSection {
    user: String,
    password_file: Option<PathBuf>,
    certificate: Option<PathBuf>,
    key: Option<PathBuf>,
}

impl LoginSection {
    /// Without a table of its own a side comes as its usual user, whom the server knows by the socket.
    pub(super) fn read(table: Option<Table<'_>>, side: Side) -> Option<Self> {
        let mut section = Self {
            user: format!("konvolutt_{}", side.name()),
            password_file: None,
            certificate: None,
            key: None,
        };
        let Some(mut table) = table else {
            return Some(section);
        };
        no_password(&mut table);
        section.password_file = table.path("password_file");
        section.certificate = table.path("certificate");
        section.key = table.path("key");
        if table.has("user") {
            section.user = words(&mut table, "user", LONGEST_NAME)?;
        }
        Some(section)
    }
}

/// The configuration is read by many, and copied: a password has a file of its own.
pub(super) fn no_password(table: &mut Table<'_>) {
    if table.has("password") {
        let what = format!("`{}`: a password stands in the file itself.", table.key("password"));
        let remedy = "Put it into a file of its own (mode 600), name that in `password_file`, and give the user another password: this one was read by whoever reads the configuration.";
        table.problem("password", what, remedy);
        // Told; not an unknown key as well.
        table.string("password");
    }
}

impl Inspector<'_> {
    /// Rights in the database are those of users: one for all would let the form's side read letters.
    pub(super) fn users_differ(&mut self, logins: &[LoginSection; 3]) {
        for (place, (side, login)) in Side::ALL.into_iter().zip(logins).enumerate() {
            let earlier = Side::ALL.into_iter().zip(logins).take(place);
            if let Some((other, _)) = earlier.into_iter().find(|(_, earlier)| earlier.user == login.user) {
                let what = format!(
                    "`{}` comes as the user {:?}, as `{}` does: what one may, the other may too.",
                    side.name(),
                    login.user,
                    other.name()
                );
                let remedy = "Give each a user of its own; `konvolutt store migrate` makes the usual three.";
                self.broken(&side.key("user"), what, remedy);
            }
        }
    }

    /// What this process does not read it does not look at: the form's side never has the relay's password in its hands.
    pub(super) fn login_of(&mut self, side: Side, raw: LoginSection, over_the_net: bool, looked_at: bool) -> Login {
        let at = |this: &Self, file: Option<PathBuf>| file.map(|file| this.path(&file));
        let password_file = at(self, raw.password_file);
        let (certificate, key) = (at(self, raw.certificate), at(self, raw.key));
        self.one_proof(side, &raw.user, (&password_file, &certificate, &key), over_the_net);
        let identity = certificate.zip(key);
        if looked_at {
            if let Some(file) = &password_file {
                self.password_of(side, file);
            }
            if let Some((certificate, key)) = &identity {
                self.identity_of(side, certificate, key);
            }
        }
        Login {
            user: raw.user,
            password_file,
            identity,
        }
    }

    fn one_proof(
        &mut self,
        side: Side,
        user: &str,
        proof: (&Option<PathBuf>, &Option<PathBuf>, &Option<PathBuf>),
        over_the_net: bool,
    ) {
        match proof {
            (Some(_), None, None) | (None, Some(_), Some(_)) => {}
            (None, None, None) if over_the_net => {
                let what = format!("Nothing proves to a server over the network that {user} is {user}.");
                let remedy = "Name a `password_file`, or a `certificate` with its `key`; without them a server knows a user by its Unix socket alone.";
                let key = format!("store.postgres.{}", side.name());
                self.tell(&key, Diagnostic::warning(what, remedy));
            }
            (None, None, None) => {}
            (Some(_), _, _) => {
                let what = format!("The user {user} has both a password and a certificate.");
                self.broken(&side.key("password_file"), what, "Keep one of both.");
            }
            (None, Some(_), None) => {
                let what = format!("The certificate of the user {user} has no key.");
                self.broken(&side.key("certificate"), what, "Name its `key` as well.");
            }
            (None, None, Some(_)) => {
                let what = format!("The key of the user {user} has no certificate.");
                self.broken(&side.key("key"), what, "Name its `certificate` as well.");
            }
        }
    }

    /// Not broken: the pages are served without it, closed, and say whom to phone.
    fn password_of(&mut self, side: Side, file: &Path) {
        let key = side.key("password_file");
        self.keeps_secret(&key, "a password of the database", file);
        if let Err(wrong) = smtp::check_proof(&Proof::Password(file.to_owned())) {
            self.cannot_log_in(&key, &wrong);
        }
    }

    fn identity_of(&mut self, side: Side, certificate: &Path, key: &Path) {
        self.keeps_secret(&side.key("key"), "a key of the database", key);
        if let Err(wrong) = ClientIdentity::load(certificate, key) {
            self.cannot_log_in(&side.key("certificate"), &wrong);
        }
    }

    pub(super) fn cannot_log_in(&mut self, key: &str, wrong: &Explained) {
        self.problem(key, sentence(&wrong.what), &sentence(&wrong.remedy));
    }
}
