//! Opens the profile with the keystore that it used last, and starts its node.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use kith_node::host::{KeystoreError, KeystoreKind};
use kith_node::lock::Holder;
use kith_node::store::Upgrade;
use kith_node::view::Role;
use kith_node::{Config, Error, NetworkMode, Node};
use kith_platform::keystore::{Choice, Passphrase, open_keystore, sealed_file_path};
use kith_ui::{t, t_args};
use tokio::sync::{oneshot, watch};

/// The database's file in the profile's folder: where it is, the profile is not new.
const DATABASE: &str = "kith.db";

/// What the command line said.
#[derive(Debug, Clone)]
pub(crate) struct Opener {
    pub(crate) profile: PathBuf,
    pub(crate) listen: Option<SocketAddr>,
    pub(crate) network: NetworkMode,
}

/// Why there is no node yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Stop {
    /// A passphrase is needed: a new one, or the one of the sealed file.
    Ask {
        new: bool,
        wrong: bool,
    },
    Failed {
        text: String,
        hint: String,
    },
}

/// A profile that is being opened.
#[derive(Debug)]
pub(crate) struct Opening {
    /// How far it is where a new version brings the profile up to date.
    pub(crate) upgrades: watch::Receiver<Option<Upgrade>>,
    opened: oneshot::Receiver<Result<Node, Stop>>,
}

impl Opening {
    /// Waits for the profile, and starts its node.
    pub(crate) async fn node(self) -> Result<Node, Stop> {
        let node = self.opened.await.unwrap_or_else(|_| Err(failed(&Error::Bug("the profile's thread ended"))))?;
        // Without a network everything here still works; the network line says so.
        if let Err(error) = node.start().await {
            tracing::warn!(code = error.code(), "the network did not start");
        }
        Ok(node)
    }
}

/// What was begun before there was a window: it is taken once.
#[derive(Debug, Clone)]
pub(crate) struct Begun(Arc<Mutex<Option<Opening>>>);

impl Begun {
    pub(crate) fn new(opening: Opening) -> Self {
        Self(Arc::new(Mutex::new(Some(opening))))
    }

    pub(crate) fn take(&self) -> Option<Opening> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Opener {
    /// Begins to open the profile, on a thread of its own: opening must not happen inside a runtime, and needs no window.
    pub(crate) fn begin(self, passphrase: Option<String>) -> Opening {
        let (answer, opened) = oneshot::channel();
        let (tell, upgrades) = watch::channel(None);
        let mut tell = move |upgrade| {
            let _before = tell.send_replace(Some(upgrade));
        };
        std::thread::spawn(move || answer.send(self.open_here(passphrase, &mut tell)));
        Opening { upgrades, opened }
    }

    fn open_here(self, passphrase: Option<String>, tell: &mut dyn FnMut(Upgrade)) -> Result<Node, Stop> {
        let new = !sealed_file_path(&self.profile).exists();
        let asked = passphrase.is_some();
        let choice = match passphrase {
            Some(passphrase) => Choice::File(Some(Passphrase::from(passphrase))),
            None => Choice::from_env().map_err(|_| Stop::Failed {
                text: kith_ui::t("app-bad-choice"),
                hint: kith_ui::t("app-bad-choice-hint"),
            })?,
        };
        let by_hand = matches!(choice, Choice::Os);
        let keystore = open_keystore(&self.profile, choice);
        let kind = keystore.kind();
        let first_start = !self.profile.join(DATABASE).exists();
        let config = Config {
            profile: self.profile,
            create: true,
            role: Role::Desktop,
            listen: self.listen,
            network: self.network,
            holder: Holder::Node,
            lock_wait_ms: kith_node::limits::LOCK_WAIT_MS,
        };
        Node::open_telling(config, keystore, tell).map_err(|error| match &error {
            Error::Keystore(KeystoreError::Locked) if kind == KeystoreKind::File => Stop::Ask { new, wrong: false },
            Error::Keystore(KeystoreError::WrongPassphrase) => Stop::Ask { new: false, wrong: asked },
            Error::Keystore(KeystoreError::Unavailable(_)) if first_start && !by_hand => {
                Stop::Ask { new: true, wrong: false }
            }
            _ => failed(&error),
        })
    }
}

pub(crate) fn failed(error: &Error) -> Stop {
    let (text, hint) = kith_ui::explain(error);
    Stop::Failed { text, hint: hint.unwrap_or_default() }
}

/// What is shown while the profile is opened.
pub(crate) fn opening(upgrade: Option<Upgrade>) -> String {
    match upgrade {
        Some(Upgrade::Copying { done, total }) => {
            t_args("app-copying", &[("percent", (done.saturating_mul(100) / total.max(1)).into())])
        }
        Some(Upgrade::Changing { .. }) => t("app-changing"),
        None | Some(Upgrade::Done { .. }) => t("app-opening"),
    }
}

/// The node that runs, so that the end of the program can end it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Running(Arc<Mutex<Option<Node>>>);

impl Running {
    pub(crate) fn set(&self, node: Node) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(node);
    }

    /// Ends the node, if one runs, and waits for it. On a thread of its own: the window's may not block on a future.
    pub(crate) fn shut_down(&self) {
        let Some(node) = self.0.lock().unwrap_or_else(PoisonError::into_inner).take() else { return };
        let ended =
            std::thread::spawn(move || match tokio::runtime::Builder::new_current_thread().enable_all().build() {
                Ok(runtime) => runtime.block_on(node.shutdown()),
                Err(error) => tracing::error!(%error, "the node could not be ended"),
            });
        if ended.join().is_err() {
            tracing::error!("ending the node failed");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_told_how_far_a_long_opening_is() {
        let copying = |done| opening(Some(Upgrade::Copying { done, total: 8 << 30 }));
        assert!(copying(6 << 30).contains("75") && !copying(0).contains("75"), "{}", copying(6 << 30));
        assert!(opening(Some(Upgrade::Changing { from: 1, to: 2 })).contains("switch off"));
        assert_eq!(opening(None), opening(Some(Upgrade::Done { from: 1, to: 2 })));
    }

    #[test]
    fn a_failure_names_the_next_step() {
        let Stop::Failed { text, hint } = failed(&Error::ProfileInUse) else { return assert_eq!(1, 2) };
        assert!(text.contains("in use") && !hint.is_empty());
    }
}
