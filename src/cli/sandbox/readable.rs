//! Folders that a side opens, held against what is none of its business.
//!
//! A file that is replaced by renaming is another file: so the sandbox opens the folder of a certificate, and with it
//! everything below. A secret that lies there would be open too. Then only the file itself is opened: the service runs on,
//! and a new file in its place is read after a restart.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::config::{Config, Role, real};
use crate::diagnostic::Diagnostic;
use crate::relay::TransportSettings;
use crate::relay::smtp::Proof;
use crate::sandbox::{Access, Sandbox};
use crate::store::postgres::{self, Login};

const OF_A_FILE: &str = "Give the file a folder of its own. Until then the service opens only the file as it is when it starts: a new one in its place is read after a restart.";
const OF_A_FOLDER: &str = "Give what lies there another place, or the folder.";

/// One thing that is none of a side's business: a file, or a folder with all that is in it.
struct Secret {
    name: &'static str,
    path: PathBuf,
}

/// All that is none of a side's business.
#[derive(Default)]
pub(super) struct Secrets(Vec<Secret>);

impl Secrets {
    pub(super) fn of(config: &Config, role: Role) -> Self {
        match role {
            Role::Web => Self::of_relay(config),
            Role::Relay => Self::of_web(config),
            // One process has all of them.
            Role::All => Self::default(),
        }
    }

    /// The signing key is not among what is kept from the web side, which has it in memory.
    fn of_relay(config: &Config) -> Self {
        let mut all = Self::default();
        all.add("the letters", &config.spool.directory, true);
        match &config.mail.transport {
            TransportSettings::Lmtp(_) => {}
            TransportSettings::Maildir(maildir) => all.add("delivered letters", &maildir.directory, true),
            TransportSettings::Smtp(smtp) => {
                if let Some(login) = &smtp.login {
                    let name = match login.proof {
                        Proof::Password(_) => "the mail password",
                        Proof::Token(_) => "the mail server's token",
                    };
                    all.add(name, login.proof.file(), false);
                }
                if let Some(key) = &smtp.client_key {
                    all.add("the key of the relay's certificate", key, false);
                }
            }
        }
        for token in config.alarm.webhooks().filter_map(|webhook| webhook.token.as_ref()) {
            all.add("the token of the webhook", token, false);
        }
        all.add_logins(config, |database| [&database.relay, &database.operator]);
        all
    }

    fn of_web(config: &Config) -> Self {
        let mut all = Self::default();
        all.add("the secret of the spool", &config.spool.secret(), true);
        all.add("drafts", &config.spool.drafts, true);
        all.add("the signing key", &config.signing.0, false);
        if let Some((_, key)) = &config.listen.tls {
            all.add("the key of the web site", key, false);
        }
        all.add_logins(config, |database| [&database.web, &database.operator]);
        all
    }

    /// What proves others to the database. A certificate is shown to everybody; its key is what counts.
    fn add_logins(&mut self, config: &Config, of: impl Fn(&postgres::Settings) -> [&Login; 2]) {
        for login in config.database.iter().flat_map(of) {
            if let Some(file) = &login.password_file {
                self.add("another side's password of the database", file, false);
            }
            if let Some((_, key)) = &login.identity {
                self.add("another side's key of the database", key, false);
            }
        }
    }

    /// What the service makes when it is missing counts also before. Another file that is not there opens nothing: the name
    /// of a credential leads into another folder for each unit.
    fn add(&mut self, name: &'static str, path: &Path, made: bool) {
        let path = real(path);
        if made || path.exists() {
            self.0.push(Secret { name, path });
        }
    }

    /// Lets a file be read, with its folder and the one that links lead to, as far as no secret is opened by that.
    pub(super) fn read_beside(&self, sandbox: &mut Sandbox, file: &Path) {
        for folder in folders(file) {
            let open = self.beside(&folder, file).map_or(folder.as_path(), |_| file);
            sandbox.allow(open, Access::Read);
        }
    }

    /// The first secret that a file's folder opens: one above it, or one that is a folder around it.
    fn beside(&self, folder: &Path, file: &Path) -> Option<&Secret> {
        let (opened, own) = (real(folder), real(file));
        let is_opened = |secret: &&Secret| {
            secret.path != own && (secret.path.starts_with(&opened) || opened.starts_with(&secret.path))
        };
        self.0.iter().find(is_opened)
    }

    /// The first secret in a folder that a side changes. Its own folders lie in the spool.
    fn within(&self, folder: &Path) -> Option<&Secret> {
        let opened = real(folder);
        self.0.iter().find(|secret| secret.path.starts_with(&opened))
    }

    /// What is wrong with the place of a file that is read.
    fn told_of_file(&self, side: &str, file: &Path) -> Option<Diagnostic> {
        let mut found = folders(file).into_iter();
        let (secret, folder) = found.find_map(|folder| Some((self.beside(&folder, file)?, folder)))?;
        Some(Diagnostic::problem(told(side, &folder, file, secret), OF_A_FILE))
    }

    /// What is wrong with a folder that is changed.
    fn told_of_folder(&self, side: &str, folder: &Path) -> Option<Diagnostic> {
        let secret = self.within(folder)?;
        Some(Diagnostic::problem(told(side, folder, folder, secret), OF_A_FOLDER))
    }
}

fn told(side: &str, folder: &Path, needed: &Path, secret: &Secret) -> String {
    let Secret { name, path, .. } = secret;
    format!(
        "The {side} side needs {}, and its folder {} would open {name} too: {}.",
        needed.display(),
        folder.display(),
        path.display()
    )
}

/// Every place of a role whose folder would open a secret.
pub(super) fn diagnostics(config: &Config, role: Role) -> Vec<Diagnostic> {
    let mut all = Vec::new();
    // systemd gives each unit a folder of its own with what is that unit's, wherever `check` finds it.
    let is_handed_over = |file: &&PathBuf| config.handed_over.contains(file);
    if role != Role::Relay {
        let secrets = Secrets::of(config, Role::Web);
        all.extend(
            web_files(config)
                .iter()
                .filter(|file| !is_handed_over(file))
                .filter_map(|file| secrets.told_of_file("web", file)),
        );
        all.extend(secrets.told_of_folder("web", &config.spool.drafts));
    }
    if role != Role::Web {
        let secrets = Secrets::of(config, Role::Relay);
        let files = relay_files(config);
        let told = files.iter().filter(|file| !is_handed_over(file));
        let told = told.filter_map(|file| secrets.told_of_file("relay", file));
        // What it logs in with lies well beside other secrets; only a restart is needed.
        all.extend(told.map(|told| Diagnostic::warning(told.what, told.remedy)));
        let folders = config.mail.transport.needs().change.into_iter();
        let folders = folders.chain(relay_folders(config).into_iter().cloned());
        all.extend(folders.filter_map(|folder| secrets.told_of_folder("relay", &folder)));
    }
    all
}

/// Certificates of mailboxes and of the web site, read again whenever they change.
pub(super) fn web_files(config: &Config) -> Vec<PathBuf> {
    let pins = config.mailboxes.iter().flat_map(|mailbox| &mailbox.pins);
    let tls = config.listen.tls.iter().flat_map(|(chain, key)| [chain, key]);
    let own = database_files(config, |database| &database.web);
    pins.map(|pin| &pin.file).chain(tls).cloned().chain(own).collect()
}

/// What a side proves itself to the database with, and checks that by: each new connection reads it.
fn database_files(config: &Config, login: impl Fn(&postgres::Settings) -> &Login) -> Vec<PathBuf> {
    let files = |database: &postgres::Settings| {
        let own = login(database).files().map(Path::to_owned);
        own.chain(database.ca.clone()).collect::<Vec<_>>()
    };
    config.database.iter().flat_map(files).collect()
}

/// What the relay logs in with.
pub(super) fn relay_files(config: &Config) -> Vec<PathBuf> {
    let tokens = config.alarm.webhooks().filter_map(|webhook| webhook.token.clone());
    let own = database_files(config, |database| &database.relay);
    let needs = config.mail.transport.needs().read.into_iter();
    needs.chain(tokens).chain(own).collect()
}

/// Where mails come to that the relay reads and tidies up: without a word of their own what comes back is where acknowledgements are.
pub(super) fn relay_folders(config: &Config) -> BTreeSet<&PathBuf> {
    let bounces = config.bounces.directories.iter();
    config.canary.directories.iter().chain(bounces).collect()
}

/// The folder of a file, and of the one that links lead to.
fn folders(file: &Path) -> Vec<PathBuf> {
    let of = |path: &Path| match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    };
    let (given, linked) = (of(file), of(&real(file)));
    if real(&given) == linked {
        vec![given]
    } else {
        vec![given, linked]
    }
}
