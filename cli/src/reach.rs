//! Who carries a command out: the running node of the profile, or this process, which opens the profile for the moment.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use kith_node::control::{self, Failure, Reply, Request};
use kith_node::limits::{LOCK_POLL_MS, LOCK_WAIT_MS};
use kith_node::lock::{Holder, node_holds};
use kith_node::view::Role;
use kith_node::{Config, Error, NetworkMode, Node};
use serde_json::Value;
use tokio::runtime::Runtime;

/// The folder and the runtime that commands work with.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) profile: PathBuf,
    /// A persona that was named: commands that take none themselves are carried out by the node that holds it.
    pub(crate) persona: Option<String>,
    pub(crate) runtime: Runtime,
}

#[derive(Debug)]
pub(crate) enum Reached<T> {
    /// What the running node answered.
    Answer(T),
    /// No node runs: the profile, opened here, or why it does not open.
    Here(Result<Node, Failure>),
}

impl Session {
    /// Asks the running node by `ask`, which gives `None` where none runs; without one opens the profile by `open`. A node
    /// that is just starting, or ending, is waited for. Errors: those of `ask`, and `profile_in_use` past that wait.
    pub(crate) fn reach<T>(
        &self,
        ask: impl AsyncFn() -> Result<Option<T>, Failure>,
        open: impl Fn() -> Result<Node, Failure>,
    ) -> Result<Reached<T>, Failure> {
        let mut node_until = None;
        loop {
            if let Some(answer) = self.runtime.block_on(ask())? {
                return Ok(Reached::Answer(answer));
            }
            // A node that holds the lock and does not serve its socket is just starting, or ending.
            if node_holds(&self.profile) {
                let until = *node_until.get_or_insert_with(|| Instant::now() + Duration::from_millis(LOCK_WAIT_MS));
                if Instant::now() >= until {
                    return Err(Error::ProfileInUse.into());
                }
                // Made inside the runtime: a timer outside of one panics.
                self.runtime.block_on(async { tokio::time::sleep(Duration::from_millis(LOCK_POLL_MS)).await });
                continue;
            }
            match open() {
                // A node took it in between.
                Err(failure) if failure.code == "profile_in_use" && node_holds(&self.profile) => {}
                opened => return Ok(Reached::Here(opened)),
            }
        }
    }

    /// What the running node answers; `None` where none runs.
    pub(crate) async fn call(&self, request: &Request) -> Result<Option<Value>, Failure> {
        match control::call(&self.profile, request).await? {
            Some(Reply::Value(value)) => Ok(Some(value)),
            Some(Reply::Error(failure)) => Err(failure),
            None => Ok(None),
        }
    }

    pub(crate) fn config(&self, holder: Holder, create: bool) -> Config {
        Config {
            profile: self.profile.clone(),
            create,
            holder,
            role: Role::Desktop,
            listen: None,
            network: NetworkMode::Offline,
            lock_wait_ms: LOCK_WAIT_MS,
        }
    }

    /// For what needs a network while it lasts.
    pub(crate) fn config_with_network(&self, offline: bool, create: bool) -> Config {
        let network = if offline { NetworkMode::Offline } else { NetworkMode::AsSet };
        Config { network, ..self.config(Holder::Node, create) }
    }
}
