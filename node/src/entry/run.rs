//! Runs: consecutive entries of one log as they travel, leaving out what rebuilds exactly (author, device, log,
//! seq, prev, body length and hash). The ids prove it.

use crate::entry::{Entry, EntryError, Kind, Unverified};
use crate::id::{BlobHash, DeviceKey, EntryId, PersonaId};

/// Entries of one log, rising by one. A statement (or one-time entry) is a run of one with log, first_seq and
/// first_prev zero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    pub author: PersonaId,
    pub device: DeviceKey,
    pub log: u64,
    pub first_seq: u64,
    pub first_prev: EntryId,
    pub items: Vec<RunItem>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunItem {
    pub time: u64,
    pub kind: Kind,
    pub refs: Vec<EntryId>,
    pub signature: [u8; 64],
    pub body: Body,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    Present(Vec<u8>),
    /// Deleted, evicted or left out of a push.
    Absent { len: u32, hash: BlobHash },
}

impl Run {
    /// Groups entries into as few runs as possible, keeping their order.
    pub fn from_entries(_entries: &[Entry]) -> Vec<Run> {
        todo!()
    }

    /// The entries, rebuilt: each `prev` is the id of the one before.
    pub fn into_entries(self) -> Vec<Unverified<Entry>> {
        todo!()
    }

    /// Appends the wire form (docs/protocol.md).
    pub fn encode(&self, _out: &mut Vec<u8>) {
        todo!()
    }

    /// Reads one run from the front of `bytes` and moves past it.
    pub fn decode(_bytes: &mut &[u8]) -> Result<Run, EntryError> {
        todo!()
    }
}
