//! What circles put into sealed things: the content of a post, and the grant of a key.

use minicbor::Decoder;
use zeroize::Zeroizing;

use super::{MISSING, Member, bounded, number};
use crate::crypto::EpochKey;
use crate::entry::cbor::{self, Fields};
use crate::entry::verify::EntryError;
use crate::id::CircleId;
use crate::limits;

/// The content of a sealed entry of a log. The device's signature over the entry covers it: it is over the ciphertext,
/// and a ciphertext has one content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enclosed {
    /// When it was written, s: outside stands the day alone.
    pub time: u64,
    /// A `PostBody`; where the header names a post, an `EditBody`.
    pub body: Zeroizing<Vec<u8>>,
}

/// The key of a circle's epoch, from whose circle it is to one of its members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    pub circle: CircleId,
    /// 0: only its owner posts; 1: every member does.
    pub kind: u64,
    pub name: String,
    /// Of two epochs the one with the higher counter is the later one.
    pub counter: u64,
    /// Random: several devices may begin one at once.
    pub epoch: [u8; 16],
    pub key: EpochKey,
    /// Whose posts it opens besides the owner's; to the owner's other devices, all that is known of the members.
    pub members: Vec<Member>,
}

impl Enclosed {
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        let mut fields = Fields::default();
        fields.number(0, self.time);
        fields.bytes(1, &self.body);
        let mut out = Zeroizing::new(Vec::with_capacity(self.body.len() + 32));
        fields.write(&mut out);
        out
    }

    /// Reads a content. What its body says is for the reader to decode.
    pub fn decode(content: &[u8]) -> Result<Self, EntryError> {
        cbor::check(content)?;
        let (mut time, mut body) = (0, None);
        cbor::read_map(&mut Decoder::new(content), |field, at| {
            match field {
                0 => time = number(at)?,
                1 => body = Some(Zeroizing::new(at.bytes()?.to_vec())),
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(Self { time, body: body.ok_or(MISSING)? })
    }
}

impl Grant {
    pub(super) fn fields(&self) -> Fields {
        let mut fields = Fields::default();
        fields.bytes(0, self.circle.as_bytes());
        fields.number(1, self.kind);
        fields.text(2, &self.name);
        fields.number(3, self.counter);
        fields.bytes(4, &self.epoch);
        fields.bytes(5, self.key.as_bytes());
        fields.list(6, &self.members, |out, member| member.fields().write(out));
        fields
    }

    pub(super) fn read(at: &mut Decoder<'_>) -> Result<Self, EntryError> {
        let (mut circle, mut kind, mut name, mut counter) = (None, 0, String::new(), 0);
        let (mut epoch, mut key, mut members) = (None, None, Vec::new());
        cbor::read_map(at, |field, at| {
            match field {
                0 => circle = Some(CircleId::from_bytes(cbor::read_array(at)?)),
                1 => kind = bounded(at, "the kind of a circle", 1)?,
                2 => name = cbor::read_chars(at, "the name of a circle", limits::NAME_CHARS)?,
                3 => counter = number(at)?,
                4 => epoch = Some(cbor::read_array(at)?),
                5 => key = Some(EpochKey::from_bytes(cbor::read_array(at)?)),
                6 => members = cbor::read_list(at, "the list of members", limits::GRANT_MEMBERS, Member::read)?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        let (circle, epoch, key) = (circle.ok_or(MISSING)?, epoch.ok_or(MISSING)?, key.ok_or(MISSING)?);
        Ok(Self { circle, kind, name, counter, epoch, key, members })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    #[test]
    fn a_content_comes_back_and_damage_is_told() {
        let enclosed = Enclosed { time: 1_800_000_123, body: Zeroizing::new(vec![7; 300]) };
        let bytes = enclosed.encode();
        assert_eq!(Enclosed::decode(&bytes).unwrap(), enclosed);
        for cut in 0..bytes.len() {
            assert!(Enclosed::decode(&bytes[..cut]).is_err(), "cut at {cut}");
        }
        assert!(Enclosed::decode(&[&bytes[..], &[0]].concat()).is_err(), "trailing");
    }
}
