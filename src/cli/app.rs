//! From a configuration to the running parts.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use anyhow::{Context, anyhow, bail};
use sequoia_openpgp::Fingerprint;
use tokio::sync::Notify;

use super::once;
use super::reader::Source;
use super::stores;
use super::user::As;
use crate::alarms::{Alarms, OtherHalf, Side};
use crate::bounces;
use crate::canary;
use crate::config::{self, CertificateEnd, Config, Essentials, Overrides, Role, inspect};
use crate::diagnostic::{Diagnostic, Severity};
use crate::draft::DraftDirectory;
use crate::host_checks;
use crate::intake::Branding;
use crate::notify::Outlet;
use crate::readiness::Readiness;
use crate::relay::{AddressBook, Relay, Transport, TransportSettings};
use crate::seal::{Pinned, Sealer, SigningKey};
use crate::store::{Inbox, Leader, Store, StoreError};
use crate::submission::{Evidence, Mailbox, Office, Pipeline};

/// Everything but the listeners.
pub(super) struct App {
    /// The way of a letter, where letters are taken: the relay alone has none of it, no drafts and no key.
    pipeline: Option<Arc<Newest>>,
    /// Where the configuration is read again; nothing until the service is started.
    pub(super) source: Option<Source>,
    pub(super) readiness: Readiness,
    pub(super) store: Arc<dyn Store>,
    pub(super) alarms: Arc<Alarms>,
    /// Who does what is to be done once.
    pub(super) leader: Arc<Leader>,
    /// The form's half, for the relay that runs beside it.
    pub(super) form: Option<Arc<OtherHalf>>,
    pub(super) look: Branding,
    /// This node's name, where several share a store.
    pub(super) node: Option<Arc<str>>,
    /// Ways to notify the operator of alarms; none until the service is started.
    pub(super) outlets: Vec<Outlet>,
    pub(super) host_checks: host_checks::Settings,
    pub(super) canary: canary::Settings,
    ends: Vec<CertificateEnd>,
    pub(super) bounces: bounces::Settings,
    /// Rings when the operator says that something was mended: the relay tries again at once.
    pub(super) mended: Arc<Notify>,
    addresses: AddressBook,
    transport: TransportSettings,
}

impl App {
    /// The way of a letter.
    ///
    /// # Errors
    /// In the relay alone.
    pub(super) fn pipeline(&self) -> anyhow::Result<Arc<Pipeline>> {
        Ok(self.newest()?.now())
    }

    /// The same, for what goes on after the configuration was read again.
    ///
    /// # Errors
    /// In the relay alone.
    pub(super) fn newest(&self) -> anyhow::Result<&Arc<Newest>> {
        self.pipeline.as_ref().context("this process takes no letters")
    }

    /// Tells, whenever it is asked, when the certificates end that the mail needs. Blocks on the disk.
    pub(super) fn certificate_ends(&self) -> impl Fn() -> Vec<CertificateEnd> + Send + 'static {
        let read_at_start = self.ends.clone();
        let identity = match &self.transport {
            TransportSettings::Smtp(smtp) => smtp.identity.clone(),
            TransportSettings::Lmtp(_) | TransportSettings::Maildir(_) => None,
        };
        move || {
            let own = identity.as_deref().and_then(CertificateEnd::of_client);
            read_at_start.iter().cloned().chain(own).collect()
        }
    }

    pub(super) fn relay(&self) -> anyhow::Result<Relay> {
        let transport = Transport::new(self.transport.clone())?;
        let (outbox, alarms) = (self.store.clone(), self.alarms.clone());
        let relay = Relay::new(outbox, alarms, self.addresses.clone(), transport);
        Ok(relay.with_bell(self.mended.clone()).with_leader(self.leader.clone()))
    }
}

/// The way of a letter as the newest configuration has it.
pub(super) struct Newest(RwLock<Arc<Pipeline>>);

impl Newest {
    pub(super) fn now(&self) -> Arc<Pipeline> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn replace(&self, next: Arc<Pipeline>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = next;
    }
}

/// Reads a configuration that can be worked with, and tells everything else on standard error.
///
/// # Errors
/// When nothing can work with it.
pub(super) fn configuration(path: &Path, overrides: &Overrides) -> anyhow::Result<Config> {
    let inspection = inspect(path, overrides);
    for diagnostic in &inspection.diagnostics {
        if diagnostic.severity != Severity::Good {
            eprintln!("{diagnostic}");
        }
    }
    match inspection.config {
        Some(config) => Ok(config),
        None => bail!("the configuration cannot be used; mend what is said above"),
    }
}

/// What a command beside the service needs, and nothing of keys and certificates.
///
/// # Errors
/// When there is no spool to work with.
pub(super) fn essentials(path: &Path, overrides: &Overrides) -> anyhow::Result<Essentials> {
    config::essentials(path, overrides).map_err(no_spool)
}

/// The same where the spool's disk may be what is wrong.
///
/// # Errors
/// When no spool is named.
pub(super) fn essentials_unasked(path: &Path, overrides: &Overrides) -> anyhow::Result<Essentials> {
    config::essentials_unasked(path, overrides).map_err(no_spool)
}

fn no_spool(diagnostics: Vec<Diagnostic>) -> anyhow::Error {
    diagnostics.iter().for_each(|diagnostic| eprintln!("{diagnostic}"));
    anyhow!("the configuration names no spool that can be used; mend what is said above")
}

/// Opens the store only, for the commands that look into it.
pub(super) fn store(essentials: &Essentials) -> anyhow::Result<Arc<dyn Store>> {
    stores::open(&essentials.spool, essentials.database.as_ref(), As::Command)
}

/// What a process is there for.
pub(super) struct Duties {
    /// The halves whose alarms it raises, and whose files it tidies up at its start. A command beside a running service
    /// has none.
    pub(super) sides: &'static [Side],
    /// Takes letters, and so needs the signing key and a place for drafts. The relay alone touches neither.
    pub(super) signs: bool,
}

impl Duties {
    /// Those of a role.
    pub(super) fn of(role: Role) -> Self {
        Self {
            sides: match role {
                Role::All => &[Side::Web, Side::Relay],
                Role::Web => &[Side::Web],
                Role::Relay => &[Side::Relay],
            },
            signs: role != Role::Relay,
        }
    }
}

/// Puts the parts together.
pub(super) fn assemble(config: Config, duties: &Duties) -> anyhow::Result<App> {
    let store = stores::open(&config.spool, config.database.as_ref(), As::of(duties.sides))?;
    let alarms = Arc::new(Alarms::new(config.spool.alarms(), duties.sides));
    let is_relay_alone = duties.sides == [Side::Relay];
    let mut app = App {
        pipeline: None,
        source: None,
        readiness: Readiness::new(&alarms),
        leader: Arc::new(once::leader(&store, &alarms)),
        store,
        alarms,
        form: is_relay_alone.then(|| Arc::new(OtherHalf::new(config.spool.alarms()))),
        look: config.look.clone(),
        node: config.database.as_ref().map(|shared| shared.node.as_str().into()),
        outlets: Vec::new(),
        host_checks: config.alarm.host_checks.clone(),
        canary: config.canary.clone(),
        ends: config.mail.ends.clone(),
        bounces: config.bounces.clone(),
        mended: Arc::default(),
        addresses: config.mail.addresses.clone(),
        transport: config.mail.transport.clone(),
    };
    if duties.signs {
        app.pipeline = Some(Arc::new(Newest(RwLock::new(Arc::new(pipeline(config, &app)?)))));
        prepare(&*app.store, &app.readiness);
    }
    Ok(app)
}

fn pipeline(config: Config, app: &App) -> anyhow::Result<Pipeline> {
    let place = config.spool.drafts.display();
    let drafts =
        DraftDirectory::open(&config.spool.drafts).with_context(|| format!("drafts cannot be kept in {place}"))?;
    let first = Pipeline {
        sealer: Arc::new(sealer(&config.signing, &config.mail.from_address)),
        forms: Arc::default(),
        mailboxes: Arc::default(),
        office: Arc::new(office(&config)),
        inbox: app.store.clone(),
        drafts,
        alarms: app.alarms.clone(),
        witness: app.readiness.witness(),
    };
    Ok(renewed(&first, config))
}

/// The same way for another configuration: what is asked, where letters go, and who sends.
pub(super) fn renewed(pipeline: &Pipeline, config: Config) -> Pipeline {
    let office = Arc::new(office(&config));
    let mailboxes = config.mailboxes.into_iter().map(|mailbox| Mailbox {
        name: mailbox.name,
        address: mailbox.address,
        files: mailbox.files,
        waiting: mailbox.waiting,
        pinned: Pinned::new(mailbox.pins, mailbox.allow_classical),
    });
    Pipeline {
        forms: Arc::new(config.forms),
        mailboxes: Arc::new(mailboxes.collect()),
        office,
        ..pipeline.clone()
    }
}

fn office(config: &Config) -> Office {
    let mail = &config.mail;
    Office {
        authority: config.authority.clone(),
        letter_language: config.letter_language,
        time_zone: config.time_zone.clone(),
        from_name: mail.from_name.clone(),
        from_address: mail.from_address.clone(),
        envelope_from: mail.envelope_from.clone(),
        subject: mail.subject.clone(),
    }
}

/// What fails here closes the form, which then says whom to phone.
fn prepare(inbox: &dyn Inbox, readiness: &Readiness) {
    match inbox.check_itself() {
        Ok(()) => {}
        // A look sees it, and sees when it is over.
        Err(error @ StoreError::Unproven(_)) => tracing::error!("{error}"),
        Err(error) => {
            tracing::error!(%error, "the spool did not pass its own check");
            readiness.hear(&Evidence::WriteFailed(format!("the check at the start: {error}")));
        }
    }
    if let Err(error) = inbox.count_waiting() {
        tracing::warn!(%error, "the letters that wait could not be counted");
    }
}

/// A key that cannot sign closes the form; the page, and the letters that wait already, go on.
fn sealer((path, fingerprint): &(PathBuf, Fingerprint), from: &str) -> Sealer {
    let key = SigningKey::load(path, fingerprint);
    Sealer::new(key.and_then(|key| key.signs_for(from).map(|()| key)))
}
