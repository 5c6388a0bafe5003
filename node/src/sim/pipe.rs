//! Connections as ordered pipes with virtual delay.

use crate::id::NodeId;
use crate::sim::node::NodeIndex;
use crate::sync::ConnId;

/// How links behave.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// One way, ms.
    pub latency_ms: u64,
    /// Up to so much more, drawn for each frame, ms.
    pub jitter_ms: u64,
    /// Frames of a thousand that are lost once: they and their followers are late by [`Self::retransmit_ms`].
    pub loss_permille: u64,
    pub retransmit_ms: u64,
    /// Frames of a million with which the connection breaks.
    pub break_per_million: u64,
}

impl Default for Shape {
    /// A good home connection.
    fn default() -> Self {
        Self { latency_ms: 20, jitter_ms: 5, loss_permille: 0, retransmit_ms: 120, break_per_million: 0 }
    }
}

/// Both ends of a connection. `ends[0]` dialled.
#[derive(Debug)]
pub(super) struct Pipe {
    pub(super) ends: [End; 2],
    pub(super) open: bool,
}

#[derive(Debug)]
pub(super) struct End {
    pub(super) node: NodeIndex,
    pub(super) id: NodeId,
    pub(super) conn: ConnId,
    /// The engine of the node knows of the connection.
    pub(super) up: bool,
    /// When it learnt of it, ms.
    pub(super) since_ms: u64,
    /// When the last frame towards this end arrives, ms.
    pub(super) last_ms: u64,
}

impl Pipe {
    /// The end with this connection number, and the other one.
    pub(super) fn ends_of(&mut self, conn: ConnId) -> (&mut End, &mut End) {
        let [a, b] = &mut self.ends;
        if a.conn == conn { (a, b) } else { (b, a) }
    }
}

/// The pipe that a connection number belongs to: both ends have one of their own.
pub(super) const fn pipe_of(conn: ConnId) -> u64 {
    conn / 2
}

/// Draws of the simulation: SplitMix64 (Steele, Lea, Flood 2014).
#[derive(Debug, Clone)]
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Below `end`; 0 where `end` is 0.
    pub fn below(&mut self, end: u64) -> u64 {
        self.roll().checked_rem(end).unwrap_or(0)
    }
}
