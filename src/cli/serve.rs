//! `konvolutt serve`.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, ensure};
use clap::ValueEnum;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

use super::Outcome;
use super::app::{self, App, Duties};
use crate::config::Overrides;
use crate::intake::{self, Intake, Listener};
use crate::journey::Journey;
use crate::watch::Alarm;

/// A letter on its way has this long to arrive after SIGTERM.
const GOODBYE: Duration = Duration::from_secs(20);

/// Which half of the service runs in this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Role {
    /// Both.
    All,
    /// The form: takes and seals letters, has no way out.
    Web,
    /// The relay: delivers letters, listens to nobody.
    Relay,
}

impl Role {
    /// What a process of this role is there for.
    pub(super) fn duties(self) -> Duties {
        let (web, relay): (&[Alarm], &[Alarm]) = match self {
            Role::All => (&Alarm::OF_WEB, &Alarm::OF_RELAY),
            Role::Web => (&Alarm::OF_WEB, &[]),
            Role::Relay => (&[], &Alarm::OF_RELAY),
        };
        Duties {
            alarms: [web, relay].concat(),
            signs: self != Role::Relay,
        }
    }
}

/// Where to listen, once the configuration is read.
pub(super) struct Places {
    pub(super) listen: SocketAddr,
    pub(super) tls: Option<(PathBuf, PathBuf)>,
    pub(super) health: Option<SocketAddr>,
}

pub(super) fn serve(path: &Path, role: Role, overrides: &Overrides) -> Outcome {
    crate::harden::process().context("the process could not be protected")?;
    let config = app::configuration(path, overrides)?;
    let places = Places {
        listen: config.listen,
        tls: config.tls.clone(),
        health: config.health,
    };
    if role == Role::All {
        tracing::info!(
            "web and relay share one process; run them apart (--role web, --role relay) to keep the mail password from the web side"
        );
    }
    let app = app::assemble(config, &role.duties())?;
    runtime()?.block_on(async {
        let stop = on_signal()?;
        run(app, role, places, stop, |_| {}).await
    })
}

pub(super) fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    // A worker that has nothing to do holds nothing of what it did.
    builder.on_thread_park(crate::harden::wipe_stack);
    builder.enable_all().build().context("the runtime could not be started")
}

/// Becomes true at SIGTERM or SIGINT.
pub(super) fn on_signal() -> anyhow::Result<watch::Receiver<bool>> {
    let (tell, stop) = watch::channel(false);
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping: running requests may finish");
        tell.send_replace(true);
    });
    Ok(stop)
}

/// Runs until `stop`. `ready` is called once the form answers, with its address.
pub(super) async fn run(
    app: App,
    role: Role,
    places: Places,
    stop: watch::Receiver<bool>,
    ready: impl FnOnce(SocketAddr),
) -> Outcome {
    // Taken before anybody can know of this process: unhandled, the signal would end it, in every role.
    let hangup = signal(SignalKind::hangup())?;
    if let Some(address) = places.health {
        let tcp = listen(address).await?;
        println!("health http://{}/", tcp.local_addr()?);
        let router = intake::health_router(app.watch.clone());
        tokio::spawn(intake::serve(Listener { tcp, tls: None }, router, stop.clone()));
    }
    let told = || until(stop.clone());
    let relay = async {
        match role {
            Role::All | Role::Relay => app.relay()?.run(stop.clone()).await.context("the relay ended"),
            Role::Web => told().await,
        }
    };
    let web = async {
        match role {
            Role::All | Role::Web => web(&app, &places, stop.clone(), hangup, ready).await,
            Role::Relay => told().await,
        }
    };
    let (mut relay, mut web) = (pin!(relay), pin!(web));
    let web_was_first = tokio::select! {
        ended = &mut web => ended.map(|()| true)?,
        ended = &mut relay => ended.map(|()| false)?,
    };
    // Either half ends by itself only when something is wrong with it, and receipts without a relay behind them
    // would be lies: then the whole process ends, loudly, and is started anew by whoever looks after it.
    ensure!(*stop.borrow(), "a part of the service ended without being told to");
    match web_was_first {
        // What is not delivered by then is sent by the next start; a mailbox can tell such a repeat.
        true => tokio::time::timeout(GOODBYE, relay).await.unwrap_or(Ok(()))?,
        false => web.await?,
    }
    Ok(true)
}

async fn until(mut stop: watch::Receiver<bool>) -> anyhow::Result<()> {
    stop.wait_for(|stop| *stop).await?;
    Ok(())
}

/// The form, until `stop`.
async fn web(
    app: &App,
    places: &Places,
    stop: watch::Receiver<bool>,
    hangup: Signal,
    ready: impl FnOnce(SocketAddr),
) -> anyhow::Result<()> {
    let tcp = listen(places.listen).await?;
    let address = tcp.local_addr()?;
    let tls = places
        .tls
        .as_ref()
        .map(|(chain, key)| intake::acceptor(chain, key))
        .transpose()?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    tokio::spawn(look_after_certificates(app.journey.clone(), hangup));
    let router = intake::router(Intake::new(app.journey.clone()), tls.is_some());
    println!("ready {scheme}://{address}/");
    ready(address);
    intake::serve(Listener { tcp, tls }, router, stop).await?;
    Ok(())
}

/// Judges all certificates each minute, so that an alarm does not wait for a visitor, and reads their files
/// again at SIGHUP.
async fn look_after_certificates(journey: Arc<Journey>, mut hangup: Signal) {
    loop {
        for form in &journey.forms {
            journey.is_open(form);
        }
        tokio::select! {
            _ = hangup.recv() => journey.read_certificates_again(),
            () = tokio::time::sleep(Duration::from_secs(60)) => {}
        }
    }
}

async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    let listener = TcpListener::bind(address).await;
    listener.with_context(|| format!("{address} cannot be listened at; choose another with --listen, port 0 for any"))
}
