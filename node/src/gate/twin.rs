//! Whether this profile runs elsewhere at the same time: its folder was copied, and both copies are in use (invariant 13).
//!
//! Each finds logs that the other began under their one device key. An old copy finds such logs too, but none that began
//! after it was opened; so the claimed time tells the two apart. Without that, each would begin anew at whatever the other
//! one begins, for ever.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::limits::TWIN_LOGS;

/// One for each run of a node.
#[derive(Debug)]
pub(crate) struct Twin {
    /// When this run was opened, s.
    since_s: u64,
    seen: AtomicU64,
}

impl Twin {
    pub(crate) fn since(now_s: u64) -> Self {
        Self { since_s: now_s, seen: AtomicU64::new(0) }
    }

    /// A log of this device that began elsewhere at `time_s`, as it claims; answers whether so many began in this run that
    /// nothing of this run's own is given up for another one.
    pub(crate) fn began(&self, time_s: u64) -> bool {
        time_s >= self.since_s && self.seen.fetch_add(1, Ordering::SeqCst) >= TWIN_LOGS
    }

    /// Whether another copy is in use.
    pub(crate) fn runs(&self) -> bool {
        self.seen.load(Ordering::SeqCst) > TWIN_LOGS
    }
}
