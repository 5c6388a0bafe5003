//! What circles put into sealed things: the content of a post, and the grant of a key.

use minicbor::Decoder;
use zeroize::Zeroizing;

use super::{MISSING, Member, bounded, number};
use crate::crypto::EpochKey;
use crate::entry::cbor::{self, Fields};
use crate::entry::verify::EntryError;
use crate::id::{CircleId, PersonaId};
use crate::limits;

/// The content of a sealed entry of a log. The device's signature over the entry covers it: it is over the ciphertext,
/// and a ciphertext has one content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enclosed {
    /// When it was written, s: outside stands the day alone.
    pub time: u64,
    /// A `PostBody`; where the header names a post, an `EditBody`.
    pub body: Zeroizing<Vec<u8>>,
    /// Of a post: the secret half of its comment key.
    pub comment: Option<Zeroizing<[u8; 32]>>,
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
    /// Of a group, and to the owner's other devices: all that is known of the members. Those who are in it have the key.
    pub members: Vec<Member>,
    /// Whose circle it is; `None`: of who gives the key.
    pub owner: Option<PersonaId>,
}

/// What somebody says of the members of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roster {
    pub circle: CircleId,
    pub owner: PersonaId,
    pub members: Vec<Member>,
}

impl Enclosed {
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        let mut fields = Fields::default();
        fields.number(0, self.time);
        fields.bytes(1, &self.body);
        if let Some(comment) = &self.comment {
            fields.bytes(2, comment.as_slice());
        }
        let mut out = Zeroizing::new(Vec::with_capacity(self.body.len() + 80));
        fields.write(&mut out);
        out
    }

    /// Reads a content. What its body says is for the reader to decode.
    pub fn decode(content: &[u8]) -> Result<Self, EntryError> {
        cbor::check(content)?;
        let (mut time, mut body, mut comment) = (0, None, None);
        cbor::read_map(&mut Decoder::new(content), |field, at| {
            match field {
                0 => time = number(at)?,
                1 => body = Some(Zeroizing::new(at.bytes()?.to_vec())),
                2 => comment = Some(Zeroizing::new(cbor::read_array(at)?)),
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        // One that is empty is written as none is.
        let body = body.filter(|body: &Zeroizing<Vec<u8>>| !body.is_empty()).ok_or(MISSING)?;
        Ok(Self { time, body, comment })
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
        if let Some(owner) = &self.owner {
            fields.bytes(7, owner.as_bytes());
        }
        fields
    }

    pub(super) fn read(at: &mut Decoder<'_>) -> Result<Self, EntryError> {
        let (mut circle, mut kind, mut name, mut counter) = (None, 0, String::new(), 0);
        let (mut epoch, mut key, mut members, mut owner) = (None, None, Vec::new(), None);
        cbor::read_map(at, |field, at| {
            match field {
                0 => circle = Some(CircleId::from_bytes(cbor::read_array(at)?)),
                1 => kind = bounded(at, "the kind of a circle", 1)?,
                2 => name = cbor::read_chars(at, "the name of a circle", limits::NAME_CHARS)?,
                3 => counter = number(at)?,
                4 => epoch = Some(cbor::read_array(at)?),
                5 => key = Some(EpochKey::from_bytes(cbor::read_array(at)?)),
                6 => members = cbor::read_list(at, "the list of members", limits::GRANT_MEMBERS, Member::read)?,
                7 => owner = Some(PersonaId::from_bytes(cbor::read_array(at)?)),
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        let (circle, epoch, key) = (circle.ok_or(MISSING)?, epoch.ok_or(MISSING)?, key.ok_or(MISSING)?);
        Ok(Self { circle, kind, name, counter, epoch, key, members, owner })
    }
}

impl Roster {
    pub(super) fn fields(&self) -> Fields {
        let mut fields = Fields::default();
        fields.bytes(0, self.circle.as_bytes());
        fields.bytes(1, self.owner.as_bytes());
        fields.list(2, &self.members, |out, member| member.fields().write(out));
        fields
    }

    pub(super) fn read(at: &mut Decoder<'_>) -> Result<Self, EntryError> {
        let (mut circle, mut owner, mut members) = (None, None, Vec::new());
        cbor::read_map(at, |field, at| {
            match field {
                0 => circle = Some(CircleId::from_bytes(cbor::read_array(at)?)),
                1 => owner = Some(PersonaId::from_bytes(cbor::read_array(at)?)),
                2 => members = cbor::read_list(at, "the list of members", limits::GRANT_MEMBERS, Member::read)?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(Self { circle: circle.ok_or(MISSING)?, owner: owner.ok_or(MISSING)?, members })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::entry::{MessageBody, What};
    use crate::id::MessageId;

    #[test]
    fn a_content_comes_back_and_damage_is_told() {
        let comment = Some(Zeroizing::new([8; 32]));
        let enclosed = Enclosed { time: 1_800_000_123, body: Zeroizing::new(vec![7; 300]), comment };
        let bytes = enclosed.encode();
        assert_eq!(Enclosed::decode(&bytes).unwrap(), enclosed);
        for cut in 0..bytes.len() {
            assert!(Enclosed::decode(&bytes[..cut]).is_err(), "cut at {cut}");
        }
        assert!(Enclosed::decode(&[&bytes[..], &[0]].concat()).is_err(), "trailing");
        assert_eq!(Enclosed::decode(&[0xa1, 1, 0x40]), Err(MISSING), "a body without a byte");
    }

    fn member() -> impl Strategy<Value = Member> {
        (any::<[u8; 32]>(), any::<bool>(), any::<bool>(), 0..=limits::LARGEST_NUMBER).prop_map(
            |(persona, present, admin, counter)| Member {
                persona: PersonaId::from_bytes(persona),
                present,
                admin,
                counter,
            },
        )
    }

    proptest! {
        #[test]
        fn grants_and_rosters_come_back_and_damage_is_told(
            ids in any::<[[u8; 32]; 3]>(), kind in 0..2_u64, counter in 0..=limits::LARGEST_NUMBER,
            name in "[a-z]{0,12}", owned in any::<bool>(),
            members in proptest::collection::vec(member(), 0..20), at in any::<proptest::sample::Index>(), xor in 1_u8..,
        ) {
            let [circle, key, owner] = ids;
            let (circle, owner) = (CircleId::from_bytes(circle), PersonaId::from_bytes(owner));
            let epoch = [3; 16];
            let key = EpochKey::from_bytes(key);
            let roster = What::Roster(Roster { circle, owner, members: members.clone() });
            let owner = owned.then_some(owner);
            let grant = What::Grant(Grant { circle, kind, name, counter, epoch, key, members, owner });
            for what in [grant, roster] {
                let message = MessageBody { id: MessageId::from_bytes([1; 32]), group: None, sent_ms: 5, with: None, what };
                let bytes = message.encode([0; 16]);
                prop_assert_eq!(MessageBody::decode(&bytes), Ok(message.clone()));
                let mut changed = bytes.clone();
                let at = 16 + at.index(bytes.len() - 16);
                changed[at] ^= xor;
                // Whatever it reads as now, it is not the same, unless it is a field that nobody knows.
                if let Ok(read) = MessageBody::decode(&changed) {
                    prop_assert!(read != message || read.encode([0; 16]).len() < changed.len());
                }
            }
        }

        #[test]
        fn any_bytes_read_as_something_or_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _any = Enclosed::decode(&bytes);
            let _any = MessageBody::decode(&bytes);
        }
    }

    #[test]
    fn more_members_than_a_grant_may_name_are_refused() {
        let (circle, owner) = (CircleId::from_bytes([1; 32]), PersonaId::from_bytes([2; 32]));
        let member = Member { persona: owner, present: true, admin: false, counter: 1 };
        for (count, fits) in [(limits::GRANT_MEMBERS, true), (limits::GRANT_MEMBERS + 1, false)] {
            let what = What::Roster(Roster { circle, owner, members: vec![member; count] });
            let message = MessageBody { id: MessageId::from_bytes([1; 32]), group: None, sent_ms: 5, with: None, what };
            let bytes = message.encode([0; 16]);
            assert_eq!(MessageBody::decode(&bytes).is_ok(), fits);
            assert!(bytes.len() <= limits::MESSAGE_BYTES, "{} bytes", bytes.len());
        }
    }
}
