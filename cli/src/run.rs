//! `kith run`: the node that stays.

use std::time::Duration;

use kith_node::control::{self, Failure, Request};
use kith_node::host::KeystoreKind;
use kith_node::lock::Holder;
use kith_node::{Config, Error, NetworkMode, Node};
use serde_json::Value;

use crate::args::RunArgs;
use crate::profile::open;
use crate::reach::Session;
use crate::web::{self, Web};

/// SIGTERM ends `run` within 5 s (DESIGN §9): connections get this long to close, then the process leaves.
pub(crate) const SHUTDOWN: Duration = Duration::from_secs(4);

/// Opens and starts the node, calls `ready` with its status, and returns after SIGTERM or SIGINT.
pub(crate) fn run(
    session: &Session,
    args: &RunArgs,
    ready: impl FnOnce(&Value) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let network = match (args.offline, args.lan) {
        (true, _) => NetworkMode::Offline,
        (_, true) => NetworkMode::Lan,
        _ => NetworkMode::AsSet,
    };
    let config = Config {
        role: args.role.into(),
        listen: args.listen,
        network,
        // The web page can welcome a new user; the terminal has `init` for that.
        ..session.config(Holder::Node, args.web.is_some())
    };
    let node = open(config)?;
    session.runtime.block_on(async {
        let stop = stop().map_err(Error::Io)?;
        tokio::pin!(stop);
        let mut page = None;
        let started = tokio::select! {
            started = start(&node, args, &mut page) => Some(started),
            _ = &mut stop => None,
        };
        let result = match started {
            Some(Ok(status)) => match ready(&status) {
                Ok(()) => {
                    stop.await;
                    Ok(())
                }
                told => told,
            },
            Some(Err(failure)) => Err(failure),
            None => Ok(()),
        };
        let ended = tokio::time::timeout(SHUTDOWN, async {
            if let Some(page) = page {
                page.shutdown().await;
            }
            node.shutdown().await;
        });
        if ended.await.is_err() {
            tracing::warn!("the node did not close in time; what was acknowledged is stored");
            // Waiting for it any longer would break the promise to whoever sent the signal.
            std::process::exit(i32::from(result.is_err()));
        }
        result
    })
}

async fn start(node: &Node, args: &RunArgs, page: &mut Option<Web>) -> Result<Value, Failure> {
    node.start().await?;
    if let Some(addr) = args.web {
        let note = (node.keystore_kind() == KeystoreKind::File)
            .then(|| "Your keys are kept in a file that is sealed with your passphrase.".into());
        let served = web::serve(node.clone(), addr, note).await;
        *page = Some(served.map_err(|error| {
            Failure::new("network", format!("the web page can't be served: {error:#}"), "choose another --web address")
        })?);
    }
    control::execute(node, Request::Status).await
}

/// Ends with the first request of the system or the user to stop that comes after this call, which a runtime is needed for.
#[cfg(unix)]
pub(crate) fn stop() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    // Before anything waits for it: a signal that comes meanwhile must not end the process on the spot.
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

#[cfg(not(unix))]
pub(crate) fn stop() -> std::io::Result<impl Future<Output = ()>> {
    // Without the console there is nobody who could ask.
    Ok(async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}
