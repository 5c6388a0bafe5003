//! What a running node keeps of people near you, while it is open.

use std::net::IpAddr;
use std::sync::Mutex;

use tokio::sync::{oneshot, watch};

use super::unpoisoned;
use crate::id::{NodeId, PersonaId};
use crate::task::TaskGuard;

/// Somebody who has it open too, and told who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NearSeen {
    /// Drawn for this opening of theirs.
    pub(crate) id: NodeId,
    pub(crate) persona: PersonaId,
    pub(crate) name: String,
    pub(crate) invite: String,
    pub(crate) code: String,
    pub(crate) ip: Option<IpAddr>,
}

/// One opening. It ends when this is dropped, abruptly.
#[derive(Debug)]
pub(crate) struct NearOpen {
    pub(crate) persona: PersonaId,
    pub(crate) until_ms: u64,
    /// Its other end goes as the opening ends.
    pub(crate) seen: watch::Receiver<Vec<NearSeen>>,
    /// Dropped, or told: it ends in an orderly way.
    pub(crate) stop: oneshot::Sender<()>,
    /// Once nothing is announced any more.
    pub(crate) ended: oneshot::Receiver<()>,
    pub(crate) task: TaskGuard,
}

#[derive(Debug, Default)]
pub(crate) struct NearDesk {
    open: Mutex<Option<NearOpen>>,
    /// Held while it opens or closes.
    pub(crate) change: tokio::sync::Mutex<()>,
}

impl NearDesk {
    pub(crate) fn put(&self, open: NearOpen) {
        *unpoisoned(&self.open) = Some(open);
    }

    pub(crate) fn take(&self) -> Option<NearOpen> {
        unpoisoned(&self.open).take()
    }

    /// As whom, until when, and who is there; `None` where it is closed.
    pub(crate) fn look(&self) -> Option<(PersonaId, u64, Vec<NearSeen>)> {
        let open = unpoisoned(&self.open);
        let open = open.as_ref().filter(|open| open.seen.has_changed().is_ok())?;
        Some((open.persona, open.until_ms, open.seen.borrow().clone()))
    }
}
