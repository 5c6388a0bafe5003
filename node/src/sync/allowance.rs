//! What one peer may ask of this node, whatever it connects with: a peer that dials again goes on where it left.

use std::collections::BTreeMap;

use crate::id::NodeId;
use crate::limits::{
    ALLOWANCE_MS, ALLOWANCES, ASK_AUTHORS, ASKS_BURST, ASKS_PER_MINUTE, DROPS_BURST, DROPS_PER_MINUTE, FINDS_BURST,
    FINDS_PER_MINUTE, FRAMES_BURST, FRAMES_PER_SECOND, NOTICES_BURST, NOTICES_PER_MINUTE,
};

#[derive(Debug)]
pub(super) struct Allowance {
    frames: Rate,
    asks: Rate,
    finds: Rate,
    notices: Rate,
    drops: Rate,
    /// How many authors were taken in for this peer.
    pub(super) introduced: usize,
    /// How many authors this peer, an anchor, made known.
    pub(super) learned: usize,
    /// The peer brought all the mail that it may: none of it is compared until then.
    pub(super) mail_ms: u64,
}

impl Allowance {
    pub(super) fn new(now_ms: u64) -> Self {
        Self {
            frames: Rate::new(FRAMES_PER_SECOND * 60, FRAMES_BURST, now_ms),
            // Twice what we allow ourselves: what was spread may arrive together.
            asks: Rate::new(ASKS_PER_MINUTE * 2, ASKS_BURST * 2, now_ms),
            finds: Rate::new(FINDS_PER_MINUTE, FINDS_BURST, now_ms),
            notices: Rate::new(NOTICES_PER_MINUTE, NOTICES_BURST, now_ms),
            drops: Rate::new(DROPS_PER_MINUTE, DROPS_BURST, now_ms),
            introduced: 0,
            learned: 0,
            mail_ms: 0,
        }
    }

    /// Counts one frame; `false` when the peer sends too many.
    pub(super) fn may_send(&mut self, now_ms: u64) -> bool {
        self.frames.take(now_ms)
    }

    /// Counts one question of the peer that names so many authors; `false` when it asks too often.
    pub(super) fn may_ask(&mut self, now_ms: u64, authors: usize) -> bool {
        self.asks.take_many(now_ms, ask_cost(authors))
    }

    /// Counts one search of the peer; `false` when it asks too often.
    pub(super) fn may_find(&mut self, now_ms: u64) -> bool {
        self.finds.take(now_ms)
    }

    /// Counts what the peer says that it holds no longer; `false` when that is too much.
    pub(super) fn may_drop(&mut self, now_ms: u64, posts: usize) -> bool {
        self.drops.take_many(now_ms, posts as u64)
    }

    /// Counts one `Carry`, `Known` or `News`; `false` when there are too many.
    pub(super) fn may_notify(&mut self, now_ms: u64) -> bool {
        self.notices.take(now_ms)
    }
}

/// Allowances of peers that left, so that coming back wins nothing. The one that left first is forgotten first.
#[derive(Debug, Default)]
pub(super) struct Allowances {
    left: BTreeMap<NodeId, (u64, Allowance)>,
}

impl Allowances {
    /// Of a peer that comes.
    pub(super) fn take(&mut self, peer: NodeId, now_ms: u64) -> Allowance {
        let left = self.left.remove(&peer).filter(|(left_ms, _)| now_ms < left_ms.saturating_add(ALLOWANCE_MS));
        left.map_or_else(|| Allowance::new(now_ms), |(_, allowance)| allowance)
    }

    /// Of a peer that goes.
    pub(super) fn keep(&mut self, peer: NodeId, allowance: Allowance, now_ms: u64) {
        if self.left.len() >= ALLOWANCES {
            self.left.retain(|_, (left_ms, _)| now_ms < left_ms.saturating_add(ALLOWANCE_MS));
        }
        if self.left.len() >= ALLOWANCES
            && let Some(first) = self.left.iter().min_by_key(|(_, (left_ms, _))| *left_ms).map(|(peer, _)| *peer)
        {
            self.left.remove(&first);
        }
        self.left.insert(peer, (now_ms, allowance));
    }
}

/// What a question counts that names so many authors: each is looked up.
pub(super) fn ask_cost(authors: usize) -> u64 {
    1 + authors as u64 / ASK_AUTHORS
}

/// A bucket of so many a minute, in 60,000ths: what one ms brings is then a whole number.
#[derive(Debug)]
pub(super) struct Rate {
    per_minute: u64,
    burst: u64,
    left: u64,
    at_ms: u64,
}

impl Rate {
    const ONE: u64 = 60_000;

    pub(super) fn new(per_minute: u64, burst: u64, at_ms: u64) -> Self {
        Self { per_minute, burst: burst * Self::ONE, left: burst * Self::ONE, at_ms }
    }

    pub(super) fn take(&mut self, now_ms: u64) -> bool {
        self.take_many(now_ms, 1)
    }

    pub(super) fn take_many(&mut self, now_ms: u64, count: u64) -> bool {
        let passed_ms = now_ms.saturating_sub(self.at_ms);
        self.at_ms = now_ms;
        self.left = self.left.saturating_add(passed_ms.saturating_mul(self.per_minute)).min(self.burst);
        match self.left.checked_sub(count.saturating_mul(Self::ONE)) {
            Some(left) => {
                self.left = left;
                true
            }
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(n: u16) -> NodeId {
        let [a, b] = n.to_le_bytes();
        NodeId::from_bytes(std::array::from_fn(|at| [a, b].get(at).copied().unwrap_or_default()))
    }

    #[test]
    fn who_comes_back_has_what_was_left() {
        let mut allowances = Allowances::default();
        let mut notices = 0;
        for round in 0..10 {
            let mut allowance = allowances.take(node(1), round);
            notices += (0..100).filter(|_| allowance.may_notify(round)).count() as u64;
            allowance.introduced += 10;
            allowances.keep(node(1), allowance, round);
        }
        assert_eq!(notices, NOTICES_BURST);
        assert_eq!(allowances.take(node(1), 10).introduced, 100);
        allowances.keep(node(1), Allowance { introduced: 7, ..Allowance::new(10) }, 10);
        assert_eq!(allowances.take(node(1), 10 + ALLOWANCE_MS).introduced, 0, "an hour later it is a stranger");
    }

    #[test]
    fn thousands_of_peers_that_left_are_remembered_the_last_ones() {
        let mut allowances = Allowances::default();
        let peers = u16::try_from(ALLOWANCES).unwrap() + 10;
        for n in 0..peers {
            allowances.keep(node(n), Allowance { introduced: 1, ..Allowance::new(0) }, u64::from(n));
        }
        assert_eq!(allowances.left.len(), ALLOWANCES);
        assert_eq!((allowances.take(node(9), 0).introduced, allowances.take(node(peers - 1), 0).introduced), (0, 1));
    }
}
