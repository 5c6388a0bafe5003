//! When what waits in the outbox may be sealed and leave: never while nobody is there to take it, and not before own
//! heads and a bucket were compared with a peer in this run, or no peer has a bucket in common, so that an old copy of a profile uses no key twice
//! (invariant 13).

use crate::sync::engine::Engine;
use crate::sync::message::Output;

/// What an engine knows of the outbox.
#[derive(Debug)]
pub(super) struct Flush {
    /// A bucket was compared with a peer in this run, or there was none in common.
    compared: bool,
    /// Something may wait.
    wanted: bool,
    /// The gate is at it.
    busy: bool,
    /// When the next thing is due.
    due_ms: Option<u64>,
}

impl Default for Flush {
    fn default() -> Self {
        // Of an earlier run.
        Self { compared: false, wanted: true, busy: false, due_ms: None }
    }
}

impl Engine {
    /// Something waits in the outbox.
    pub(super) fn queued(&mut self) {
        self.flush.wanted = true;
        self.flush();
    }

    /// Our copy of a bucket was compared with a peer's, or the peer has none in common.
    pub(super) fn mail_compared(&mut self) {
        self.flush.compared = true;
        self.flush();
    }

    /// The gate sealed what was due; the next is due in so many ms.
    pub(super) fn flushed(&mut self, next_in_ms: Option<u64>) {
        self.flush.busy = false;
        self.flush.due_ms = next_in_ms.map(|wait_ms| self.now.tick_ms.saturating_add(wait_ms));
        self.flush();
    }

    pub(super) fn flush(&mut self) {
        if self.flush.due_ms.take_if(|due_ms| *due_ms <= self.now.tick_ms).is_some() {
            self.flush.wanted = true;
        }
        if self.flush.wanted && !self.flush.busy && self.may_flush() {
            (self.flush.wanted, self.flush.busy) = (false, true);
            let peers = self.conns.values().filter(|conn| conn.hello).count();
            self.tell(Output::Flush { peers });
        }
    }

    pub(super) fn flush_wake_ms(&self) -> Option<u64> {
        self.flush.due_ms.filter(|_| self.may_flush())
    }

    fn may_flush(&self) -> bool {
        self.compared && self.flush.compared && self.conns.values().any(|conn| conn.hello)
    }
}
