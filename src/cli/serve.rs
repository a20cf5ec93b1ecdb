//! `konvolutt serve`.

use std::net::SocketAddr;
use std::path::Path;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, ensure};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{Notify, watch};

use super::app::{self, App, Duties};
use super::reader::Source;
use super::reload::{Reloader, Web};
use super::runtime::{on_signal, runtime};
use super::systemd::{self, Systemd};
use super::{Outcome, background, sandbox};
use crate::alarms::{Alarm, Alarms, Looker};
use crate::config::{Overrides, Role};
use crate::door::{self, ClientPolicy, Health, Listeners, Tls};
use crate::intake::{Contents, Intake};
use crate::readiness::Wake;
use crate::relay::Relay;

/// A letter on its way has this long to arrive after SIGTERM.
const GOODBYE: Duration = Duration::from_secs(20);

/// What is still under way then is cut off.
const HUNG: Duration = Duration::from_secs(5);

pub(super) fn serve(path: &Path, role: Role, overrides: &Overrides) -> Outcome {
    super::protect()?;
    let overrides = Overrides {
        role,
        ..overrides.clone()
    };
    let config = app::configuration(path, &overrides)?;
    let entrance = Entrance::open(&config.listen, role)?;
    if role == Role::All {
        tracing::info!(
            "web and relay share one process, which may do what either needs; run them apart (--role web, --role relay) for the full sandbox"
        );
    }
    sandbox::warn_of_places(&config, role);
    let sandbox = sandbox::needs(&config, role)?;
    let alarm = config.alarm.clone();
    let mut app = app::assemble(config, &Duties::of(role))?;
    if role != Role::Relay {
        super::texts::report_missing(&app.alarms);
        entrance.report_missing(&app.alarms);
    }
    if role != Role::Web {
        app.outlets = background::ways(&alarm);
    }
    app.source = Some(Source::open(path, &overrides)?);
    let systemd = Systemd::connect().context("systemd cannot be told (NOTIFY_SOCKET)")?;
    sandbox::enforce(sandbox)?;
    if role != Role::Relay {
        has_started(&app.alarms);
    }
    let runtime = runtime()?;
    let outcome = runtime.block_on(async {
        let stop = on_signal()?;
        let (told, mut telling, alarms) = (stop.clone(), None, app.alarms.clone());
        let status = move || status(role, &alarms);
        let ready = |_| {
            if let Some(systemd) = systemd {
                systemd.ready(&status());
                telling = Some(tokio::spawn(systemd.keep_telling(told, status)));
            }
        };
        let outcome = run(app, role, entrance, stop, ready).await;
        if let Some(telling) = telling {
            // An idle service ends sooner than it could say so.
            let _ = tokio::time::timeout(systemd::GOODBYE, telling).await;
        }
        outcome
    });
    // A disk that does not answer must not hold the process for ever.
    runtime.shutdown_timeout(HUNG);
    outcome
}

/// A form that starts is not down any more. Of itself the relay says so once it may deliver.
fn has_started(alarms: &Alarms) {
    alarms.is_up(Alarm::WebDown);
}

/// One line for `systemctl status`, with nothing of a letter.
fn status(role: Role, alarms: &Alarms) -> String {
    let who = match role {
        Role::All => "form and relay",
        Role::Web => "form",
        Role::Relay => "relay",
    };
    let mut standing: Vec<_> = alarms.alarms().iter().map(|(alarm, _)| alarm.name()).collect();
    standing.dedup();
    match standing.len() {
        0 => format!("{who}: no alarm stands"),
        _ => format!("{who}: alarms stand: {} (konvolutt alarms list)", standing.join(", ")),
    }
}

/// The doors with who stands at them: opened before any thread runs, while the process still has all its rights.
pub(super) struct Entrance {
    doors: Listeners,
    policy: Arc<ClientPolicy>,
    onion: Option<String>,
}

impl Entrance {
    pub(super) fn open(settings: &door::Settings, role: Role) -> anyhow::Result<Self> {
        Ok(Self {
            doors: Listeners::open(settings, role != Role::Relay)?,
            policy: Arc::new(settings.policy()),
            onion: settings.onion.as_ref().map(|onion| onion.name.clone()),
        })
    }

    /// Tells of listeners that are missing, until a start that has them.
    fn report_missing(&self, alarms: &Alarms) {
        let missing = self.doors.missing().iter();
        let missing = missing.map(|one| {
            (
                one.listener.to_owned(),
                format!("the form is served without it: {}", one.why),
            )
        });
        alarms.exactly(Alarm::Listener, missing.collect());
    }
}

/// Runs until `stop`. `ready` is called once the form answers, with its address.
pub(super) async fn run(
    mut app: App,
    role: Role,
    entrance: Entrance,
    stop: watch::Receiver<bool>,
    ready: impl FnOnce(Option<SocketAddr>),
) -> Outcome {
    // Taken before anybody can know of this process: unhandled, the signal would end it, in every role.
    let hangup = signal(SignalKind::hangup())?;
    // A file that grows over the process's limit is to refuse one letter, not to end everything.
    let _too_long = signal(SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw()))?;
    tokio::spawn(ring(signal(SignalKind::hangup())?, app.mended.clone()));
    let mut telling = background::start(&mut app, role, &stop)?;
    let relay = (role != Role::Web).then(|| app.relay()).transpose()?;
    let reload = Reloader {
        source: app.source.take(),
        alarms: app.alarms.clone(),
        web: None,
        addresses: relay.as_ref().map(Relay::addresses),
    };
    let relay = async {
        match relay {
            Some(relay) => relay.run(stop.clone()).await.context("the relay ended"),
            None => until(stop.clone()).await,
        }
    };
    let web = web(&app, role, entrance, stop.clone(), (hangup, reload), ready);
    let (mut relay, mut web) = (pin!(relay), pin!(web));
    let web_was_first = tokio::select! {
        ended = &mut web => ended.map(|()| true)?,
        ended = &mut relay => ended.map(|()| false)?,
    };
    // Either half ends by itself only when something is wrong with it, and receipts without a relay behind them
    // would be lies: then the whole process ends, loudly, and is started anew by whoever looks after it.
    ensure!(*stop.borrow(), "a part of the service ended without being told to");
    if web_was_first {
        // What is not delivered by then is sent by the next start; a mailbox can tell such a repeat.
        tokio::time::timeout(GOODBYE, relay).await.unwrap_or(Ok(()))?
    } else {
        web.await?
    }
    // What is being told is told and written down: else the next start would tell it once more.
    let told = async { while telling.join_next().await.is_some() {} };
    let _ = tokio::time::timeout(GOODBYE, told).await;
    Ok(true)
}

async fn until(mut stop: watch::Receiver<bool>) -> anyhow::Result<()> {
    stop.wait_for(|stop| *stop).await?;
    Ok(())
}

/// Everything that listens, until `stop`: of the relay alone only its health.
async fn web(
    app: &App,
    role: Role,
    entrance: Entrance,
    stop: watch::Receiver<bool>,
    (hangup, mut reload): (Signal, Reloader),
    ready: impl FnOnce(Option<SocketAddr>),
) -> anyhow::Result<()> {
    let Entrance { doors, policy, onion } = entrance;
    let readiness = (role != Role::Relay).then(|| app.readiness.clone());
    let health = Health {
        alarms: app.alarms.clone(),
        readiness: readiness.clone(),
        delivers: role != Role::Web,
        form: app.form.clone(),
    };
    let form = match &readiness {
        None => None,
        Some(readiness) => {
            let (pipeline, look) = (app.pipeline()?, app.look.clone());
            let intake = Intake::new(pipeline, readiness.clone(), look, policy.clone(), onion);
            let contents = Contents::new(intake.on_node(app.node.clone()));
            reload.web = Some(Web {
                contents: contents.clone(),
                newest: app.newest()?.clone(),
                readiness: readiness.clone(),
                policy: policy.clone(),
                site: look_after_site(app, doors.tls())?,
            });
            // The first visitor is not to read that nothing was looked at yet.
            readiness.first_look().await;
            Some(contents.router())
        }
    };
    tokio::spawn(hear(hangup, Arc::new(reload)));
    for line in doors.lines() {
        println!("{line}");
    }
    ready(doors.address());
    doors
        .serve(form, door::health_router(health), policy, stop.clone())
        .await?;
    until(stop).await
}

/// Gives the bell that has the certificates of the web site read again.
fn look_after_site(app: &App, tls: Option<Arc<Tls>>) -> anyhow::Result<Arc<Wake>> {
    let wake = Arc::new(Wake::default());
    match tls {
        Some(tls) => background::look_after_site(app, tls, wake.clone())?,
        // What an earlier configuration raised is over.
        None => app.alarms.settle(Looker::Site),
    }
    Ok(wake)
}

/// At SIGHUP the relay tries at once what could not be sent.
async fn ring(mut hangup: Signal, mended: Arc<Notify>) {
    while hangup.recv().await.is_some() {
        mended.notify_one();
    }
}

/// At SIGHUP certificates and configuration are read again, on a blocking thread.
async fn hear(mut hangup: Signal, reload: Arc<Reloader>) {
    while hangup.recv().await.is_some() {
        let reload = reload.clone();
        // An error is a panic, which the log has, or the end of the runtime.
        let _ = tokio::task::spawn_blocking(move || reload.hang_up()).await;
    }
}
