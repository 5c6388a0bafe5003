//! What one own device tells another: items of the user's sets that changed (DESIGN §3).

use minicbor::Decoder;

use super::{MISSING, bounded, number};
use crate::entry::cbor::{self, Fields};
use crate::entry::verify::EntryError;
use crate::id::DeviceKey;
use crate::limits;

/// Items that changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Records {
    pub records: Vec<Record>,
    /// Other devices that hear of the same from the one that tells: nobody needs to pass it on to them.
    pub told: Vec<DeviceKey>,
}

/// One item of a set. The higher counter wins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Which set.
    pub set: u64,
    pub key: Vec<u8>,
    pub present: bool,
    pub counter: u64,
    pub value: String,
}

impl Record {
    pub(super) fn fields(&self) -> Fields {
        let mut fields = Fields::default();
        fields.number(0, self.set);
        fields.bytes(1, &self.key);
        fields.number(2, u64::from(self.present));
        fields.number(3, self.counter);
        fields.text(4, &self.value);
        fields
    }

    pub(super) fn read(at: &mut Decoder<'_>) -> Result<Self, EntryError> {
        let mut record = Self { set: 0, key: Vec::new(), present: false, counter: 0, value: String::new() };
        cbor::read_map(at, |field, at| {
            match field {
                0 => record.set = number(at)?,
                1 => record.key = at.bytes()?.to_vec(),
                2 => record.present = bounded(at, "whether an item is in its set", 1)? == 1,
                3 => record.counter = number(at)?,
                4 => record.value = cbor::read_short(at, "what stands with an item", limits::RECORD_VALUE_BYTES)?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        if record.set == 0 || record.key.is_empty() {
            return Err(MISSING);
        }
        if record.key.len() > limits::RECORD_KEY_BYTES {
            return Err(EntryError::TooLarge { what: "the key of an item", limit: limits::RECORD_KEY_BYTES });
        }
        Ok(record)
    }
}
