//! What blobs moved, and whether more may: shared by those who fetch and serve them and by the driver, who keeps the
//! hour's budget with the sync engine.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

#[derive(Debug, Default)]
pub(super) struct Meter {
    taken: AtomicU64,
    given: AtomicU64,
    may_not_take: AtomicBool,
    may_not_give: AtomicBool,
}

impl Meter {
    /// Bytes of blobs that were fetched before anybody asked for them.
    pub(super) fn take(&self, bytes: u64) {
        self.taken.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Bytes of others' blobs that were given to peers.
    pub(super) fn give(&self, bytes: u64) {
        self.given.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Whether blobs may be fetched ahead of their use.
    pub(super) fn may_take(&self) -> bool {
        !self.may_not_take.load(Ordering::Relaxed)
    }

    /// Whether others' blobs may be given.
    pub(super) fn may_give(&self) -> bool {
        !self.may_not_give.load(Ordering::Relaxed)
    }

    /// What moved since this was last asked: taken, given.
    pub(super) fn moved(&self) -> Option<(u64, u64)> {
        let moved = (self.taken.swap(0, Ordering::Relaxed), self.given.swap(0, Ordering::Relaxed));
        (moved != (0, 0)).then_some(moved)
    }

    /// Answers whether fetching may go on that could not before.
    pub(super) fn allow(&self, take: bool, give: bool) -> bool {
        self.may_not_give.store(!give, Ordering::Relaxed);
        self.may_not_take.swap(!take, Ordering::Relaxed) && take
    }
}
