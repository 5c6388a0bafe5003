//! The fixed header layout: 160 bytes and 32 for each reference, little-endian (docs/protocol.md).

use crate::id::{BlobHash, DeviceKey, EntryId, PersonaId};

/// Bytes of a header without references.
pub const HEADER_BYTES: usize = 160;

/// What an entry says. Unknown kinds are kept verbatim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    LogOpen,
    PersonaOpen,
    DeviceCert,
    DeviceRevoke,
    RootRotate,
    DeviceKeys,
    Alias,
    Profile,
    Post,
    Comment,
    Reaction,
    Repost,
    Edit,
    Delete,
    Hide,
    Policy,
    Sealed,
    Unknown(u16),
}

/// The three shapes of an entry; others are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// One step of a log; its device is certified by the author's root.
    Log,
    /// Signed by a root or recovery key; log, seq and prev are zero; merged by id.
    Statement,
    /// Kind `Sealed`, device = author; log, seq and prev are zero; no certificate, in no manifest.
    OneTime,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    pub author: PersonaId,
    pub device: DeviceKey,
    pub log: u64,
    pub seq: u64,
    /// `EntryId::ZERO` at seq 0 and in the other shapes.
    pub prev: EntryId,
    /// Seconds since the Unix epoch as the author claims.
    pub time: u64,
    pub kind: Kind,
    pub refs: Vec<EntryId>,
    pub body_len: u32,
    /// BLAKE3 of the body.
    pub body_hash: BlobHash,
}

impl Header {
    pub fn id(&self) -> EntryId {
        todo!()
    }

    pub fn shape(&self) -> Shape {
        todo!()
    }
}
