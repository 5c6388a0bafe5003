//! Statements that take devices out of a persona: one device, and the root with all that it certified.

use minicbor::Decoder;

use super::{MISSING, Salt, entry_id, finish, number, read};
use crate::entry::cbor::{self, Fields};
use crate::entry::verify::EntryError;
use crate::id::{DeviceKey, EntryId};
use crate::limits;

/// A device counts no longer. Several of one device add up: of a log the highest head stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceRevokeBody {
    pub device: DeviceKey,
    /// Up to where its entries stay; of a log that is not named none do.
    pub heads: Vec<LogHead>,
}

/// The last entry of a log that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogHead {
    pub log: u64,
    pub seq: u64,
    pub id: EntryId,
}

/// Another root, signed by the recovery key: from now on only what it says of devices counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RootRotateBody {
    pub root: DeviceKey,
    /// The highest wins, then the highest id.
    pub counter: u64,
}

impl DeviceRevokeBody {
    /// The salt followed by numbered fields.
    pub fn encode(&self, salt: Salt) -> Vec<u8> {
        let mut fields = Fields::default();
        fields.bytes(0, self.device.as_bytes());
        fields.list(1, &self.heads, |out, head| head.fields().write(out));
        finish(salt, &fields)
    }

    /// Reads a body and checks every limit.
    pub fn decode(body: &[u8]) -> Result<Self, EntryError> {
        let (mut device, mut heads) = (None, Vec::new());
        read(body, |field, at| {
            match field {
                0 => device = Some(DeviceKey::from_bytes(cbor::read_array(at)?)),
                1 => heads = cbor::read_list(at, "the list of heads", limits::REVOKED_HEADS, LogHead::read)?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(Self { device: device.ok_or(MISSING)?, heads })
    }
}

impl LogHead {
    fn fields(&self) -> Fields {
        let mut fields = Fields::default();
        fields.number(0, self.log);
        fields.number(1, self.seq);
        fields.bytes(2, self.id.as_bytes());
        fields
    }

    fn read(at: &mut Decoder<'_>) -> Result<Self, EntryError> {
        let (mut log, mut seq, mut id) = (0, 0, None);
        cbor::read_map(at, |field, at| {
            match field {
                0 => log = at.u64()?,
                1 => seq = number(at)?,
                2 => id = Some(entry_id(at)?),
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(Self { log, seq, id: id.ok_or(MISSING)? })
    }
}

impl RootRotateBody {
    /// The salt followed by numbered fields.
    pub fn encode(&self, salt: Salt) -> Vec<u8> {
        let mut fields = Fields::default();
        fields.bytes(0, self.root.as_bytes());
        fields.number(1, self.counter);
        finish(salt, &fields)
    }

    /// Reads a body and checks every limit.
    pub fn decode(body: &[u8]) -> Result<Self, EntryError> {
        let (mut root, mut counter) = (None, 0);
        read(body, |field, at| {
            match field {
                0 => root = Some(DeviceKey::from_bytes(cbor::read_array(at)?)),
                1 => counter = number(at)?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(Self { root: root.ok_or(MISSING)?, counter })
    }
}
