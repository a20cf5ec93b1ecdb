//! `konvolutt serve`.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use clap::ValueEnum;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use super::Outcome;
use super::app::{self, App};
use crate::config::Overrides;
use crate::intake::{self, Intake, Listener};
use crate::journey::Journey;

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
    let app = app::assemble(config)?;
    runtime()?.block_on(async {
        let stop = on_signal()?;
        run(app, role, places, stop, |_| {}).await
    })
}

pub(super) fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
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
    if let Some(address) = places.health {
        let tcp = listen(address).await?;
        println!("health http://{}/", tcp.local_addr()?);
        let router = intake::health_router(app.watch.clone());
        tokio::spawn(intake::serve(Listener { tcp, tls: None }, router, stop.clone()));
    }
    let relay = match role {
        Role::All | Role::Relay => Some(tokio::spawn(app.relay()?.run(stop.clone()))),
        Role::Web => None,
    };
    if role != Role::Relay {
        let tcp = listen(places.listen).await?;
        let address = tcp.local_addr()?;
        let tls = places
            .tls
            .as_ref()
            .map(|(chain, key)| intake::acceptor(chain, key))
            .transpose()?;
        let scheme = if tls.is_some() { "https" } else { "http" };
        tokio::spawn(look_after_certificates(app.journey.clone()));
        let router = intake::router(Intake::new(app.journey.clone(), app.news.clone()));
        println!("ready {scheme}://{address}/");
        ready(address);
        intake::serve(Listener { tcp, tls }, router, stop).await?;
    }
    match relay {
        // A delivery under way may take long: what is not finished is sent again by the next start, and a
        // mailbox can tell such a repeat.
        Some(relay) if role == Role::All => {
            let ended = tokio::time::timeout(Duration::from_secs(20), relay).await;
            ended.map_or(Ok(true), |ended| ended?.map(|()| true).context("the relay ended"))
        }
        Some(relay) => relay.await?.map(|()| true).context("the relay ended"),
        None => Ok(true),
    }
}

/// Judges all certificates each minute, so that an alarm does not wait for a visitor, and reads their files
/// again at SIGHUP.
async fn look_after_certificates(journey: Arc<Journey>) {
    let Ok(mut hangup) = signal(SignalKind::hangup()) else {
        return;
    };
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
