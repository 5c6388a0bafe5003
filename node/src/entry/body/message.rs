//! What a private message says. It is no entry: it is signed by nobody, and the session that carried it says who wrote
//! it (DESIGN §6). It is written as bodies are.

use minicbor::Decoder;

use super::{Grant, MISSING, PostBody, Record, Records, Roster, Salt, bounded, finish, number, read};
use crate::entry::cbor::{self, Fields};
use crate::entry::verify::EntryError;
use crate::id::{DeviceKey, MessageId, PersonaId, ThreadId};
use crate::limits;

/// One message, or something that is said about another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageBody {
    /// Random, the same in the copy of every device.
    pub id: MessageId,
    /// Of a group: which. `None`: the two personas alone, or one with itself.
    pub group: Option<ThreadId>,
    /// As the sender's clock said, ms since the epoch.
    pub sent_ms: u64,
    /// What one device of a persona tells another one: with whom the thread of two is. `None` in all else.
    pub with: Option<PersonaId>,
    pub what: What,
}

/// What a message is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    Text {
        body: PostBody,
        reply_to: Option<MessageId>,
        /// How long it is kept after it was read, s; 0: for good.
        keep_s: u64,
    },
    /// Another text in the place of an own message; the higher counter wins.
    Edit { of: MessageId, body: PostBody, counter: u64 },
    /// An own message is taken back.
    Delete { of: MessageId },
    /// An empty emoji takes the reaction back; the higher counter wins.
    React { to: MessageId, emoji: String, counter: u64 },
    /// Up to here the thread was read.
    Read { up_to_ms: u64 },
    /// How long messages are kept from now on, s; the higher counter wins.
    Timer { keep_s: u64, counter: u64 },
    /// Who is in a group from now on: those who are added or leave, each with a counter, and its name.
    Members { title: String, items: Vec<Member> },
    /// The key of a circle. It stands in no thread.
    Grant(Grant),
    /// Who is in a group in which every member posts. It stands in no thread.
    Roster(Roster),
    /// That the sender follows the reader, or does so no longer; the higher counter wins. It stands in no thread.
    Follows { present: bool, counter: u64 },
    /// What changed on an own device. It stands in no thread.
    Records(Records),
}

/// Whether somebody is in a group. The higher counter wins, and at equal ones, leaving.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    pub persona: PersonaId,
    pub present: bool,
    /// Of a group in which every member posts: it lets people in and takes them out.
    pub admin: bool,
    pub counter: u64,
}

impl MessageBody {
    /// The salt followed by numbered fields.
    pub fn encode(&self, salt: Salt) -> Vec<u8> {
        let mut fields = Fields::default();
        fields.bytes(0, self.id.as_bytes());
        if let Some(group) = &self.group {
            fields.bytes(1, group.as_bytes());
        }
        fields.number(2, self.sent_ms);
        fields.number(3, self.what.number());
        match &self.what {
            What::Text { body, reply_to, keep_s } => {
                fields.map(4, &body.fields(None));
                if let Some(reply_to) = reply_to {
                    fields.bytes(5, reply_to.as_bytes());
                }
                fields.number(8, *keep_s);
            }
            What::Edit { of, body, counter } => {
                fields.map(4, &body.fields(None));
                fields.bytes(5, of.as_bytes());
                fields.number(6, *counter);
            }
            What::Delete { of } => fields.bytes(5, of.as_bytes()),
            What::React { to, emoji, counter } => {
                fields.bytes(5, to.as_bytes());
                fields.number(6, *counter);
                fields.text(7, emoji);
            }
            What::Read { up_to_ms } => fields.number(8, *up_to_ms),
            What::Timer { keep_s, counter } => {
                fields.number(6, *counter);
                fields.number(8, *keep_s);
            }
            What::Members { title, items } => {
                fields.text(7, title);
                fields.list(9, items, |out, member| member.fields().write(out));
            }
            What::Grant(grant) => fields.map(10, &grant.fields()),
            What::Roster(roster) => fields.map(11, &roster.fields()),
            What::Follows { present, counter } => {
                fields.number(6, *counter);
                fields.number(8, u64::from(*present));
            }
            What::Records(_) => {}
        }
        if let Some(with) = &self.with {
            fields.bytes(12, with.as_bytes());
        }
        if let What::Records(Records { records, told }) = &self.what {
            fields.list(13, records, |out, record| record.fields().write(out));
            fields.list(14, told, |out, device| cbor::write_bytes(out, device.as_bytes()));
        }
        finish(salt, &fields)
    }

    /// Reads a message and checks every limit.
    pub fn decode(body: &[u8]) -> Result<Self, EntryError> {
        let (mut id, mut group, mut sent_ms, mut kind) = (None, None, 0, 0);
        let (mut post, mut target, mut counter, mut text, mut value) = (None, None, 0, String::new(), 0);
        let (mut items, mut grant, mut roster) = (Vec::new(), None, None);
        let (mut with, mut records) = (None, Records::default());
        read(body, |field, at| {
            match field {
                0 => id = Some(MessageId::from_bytes(cbor::read_array(at)?)),
                1 => group = Some(ThreadId::from_bytes(cbor::read_array(at)?)),
                2 => sent_ms = number(at)?,
                3 => kind = at.u64()?,
                4 => {
                    let mut new = PostBody::default();
                    cbor::read_map(at, |field, at| new.read_field(field, at))?;
                    post = Some(new);
                }
                5 => target = Some(MessageId::from_bytes(cbor::read_array(at)?)),
                6 => counter = number(at)?,
                7 => text = cbor::read_chars(at, "the name of a group", limits::NAME_CHARS)?,
                8 => value = number(at)?,
                9 => items = cbor::read_list(at, "the list of members", limits::THREAD_DEVICES, Member::read)?,
                10 => grant = Some(Grant::read(at)?),
                11 => roster = Some(Roster::read(at)?),
                12 => with = Some(PersonaId::from_bytes(cbor::read_array(at)?)),
                13 => records.records = cbor::read_list(at, "the list of items", limits::RECORDS, Record::read)?,
                14 => {
                    let read = |at: &mut Decoder<'_>| Ok(DeviceKey::from_bytes(cbor::read_array(at)?));
                    records.told = cbor::read_list(at, "the list of devices", limits::DEVICES, read)?;
                }
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        let what = match (kind, post, target) {
            (1, Some(body), reply_to) => What::Text { body, reply_to, keep_s: value },
            (2, Some(body), Some(of)) => What::Edit { of, body, counter },
            (3, None, Some(of)) => What::Delete { of },
            (4, None, Some(to)) if text.len() <= limits::EMOJI_BYTES => What::React { to, emoji: text, counter },
            (5, None, None) => What::Read { up_to_ms: value },
            (6, None, None) => What::Timer { keep_s: value, counter },
            (7, None, None) => What::Members { title: text, items },
            (8, None, None) => What::Grant(grant.ok_or(MISSING)?),
            (9, None, None) => What::Roster(roster.ok_or(MISSING)?),
            (10, None, None) if value <= 1 => What::Follows { present: value == 1, counter },
            (11, None, None) => What::Records(records),
            _ => return Err(EntryError::Malformed("an unknown kind of message")),
        };
        Ok(Self { id: id.ok_or(MISSING)?, group, sent_ms, with, what })
    }
}

impl What {
    /// Numbers are never used again.
    const fn number(&self) -> u64 {
        match self {
            Self::Text { .. } => 1,
            Self::Edit { .. } => 2,
            Self::Delete { .. } => 3,
            Self::React { .. } => 4,
            Self::Read { .. } => 5,
            Self::Timer { .. } => 6,
            Self::Members { .. } => 7,
            Self::Grant(_) => 8,
            Self::Roster(_) => 9,
            Self::Follows { .. } => 10,
            Self::Records(_) => 11,
        }
    }
}

impl Member {
    pub(super) fn fields(&self) -> Fields {
        let mut fields = Fields::default();
        fields.bytes(0, self.persona.as_bytes());
        fields.number(1, u64::from(self.present));
        fields.number(2, self.counter);
        fields.number(3, u64::from(self.admin));
        fields
    }

    pub(super) fn read(at: &mut Decoder<'_>) -> Result<Self, EntryError> {
        let (mut persona, mut present, mut counter, mut admin) = (None, 0, 0, 0);
        cbor::read_map(at, |field, at| {
            match field {
                0 => persona = Some(PersonaId::from_bytes(cbor::read_array(at)?)),
                1 => present = bounded(at, "whether somebody is in a group", 1)?,
                2 => counter = number(at)?,
                3 => admin = bounded(at, "whether somebody is an admin", 1)?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(Self { persona: persona.ok_or(MISSING)?, present: present == 1, admin: admin == 1, counter })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::crypto::EpochKey;
    use crate::id::CircleId;

    const ID: MessageId = MessageId::from_bytes([1; 32]);

    #[test]
    fn what_is_said_comes_back() {
        let body = PostBody { text: "see you there".to_owned(), ..PostBody::default() };
        let member = Member { persona: PersonaId::from_bytes([4; 32]), present: true, admin: true, counter: 2 };
        let said = [
            What::Text { body: body.clone(), reply_to: None, keep_s: 0 },
            What::Text { body: body.clone(), reply_to: Some(ID), keep_s: 60 },
            What::Edit { of: ID, body, counter: 3 },
            What::Delete { of: ID },
            What::React { to: ID, emoji: "👍".to_owned(), counter: 1 },
            What::React { to: ID, emoji: String::new(), counter: 2 },
            What::Read { up_to_ms: 1_800_000_000_000 },
            What::Timer { keep_s: 3_600, counter: 1 },
            What::Members { title: "Friday".to_owned(), items: vec![member] },
            What::Grant(Grant {
                circle: CircleId::from_bytes([5; 32]),
                kind: 1,
                name: "Friends".to_owned(),
                counter: 3,
                epoch: [6; 16],
                key: EpochKey::from_bytes([7; 32]),
                members: vec![member],
                owner: None,
            }),
            What::Grant(Grant {
                circle: CircleId::from_bytes([5; 32]),
                kind: 1,
                name: "Friends".to_owned(),
                counter: 3,
                epoch: [6; 16],
                key: EpochKey::from_bytes([7; 32]),
                members: Vec::new(),
                owner: Some(PersonaId::from_bytes([8; 32])),
            }),
            What::Follows { present: true, counter: 1 },
            What::Follows { present: false, counter: 2 },
            What::Records(Records {
                records: vec![
                    Record { set: 1, key: vec![7; 32], present: true, counter: 4, value: "1800000000000".to_owned() },
                    Record { set: 99, key: b"later".to_vec(), present: false, counter: 1, value: String::new() },
                ],
                told: vec![DeviceKey::from_bytes([3; 32])],
            }),
            What::Roster(Roster {
                circle: CircleId::from_bytes([5; 32]),
                owner: PersonaId::from_bytes([8; 32]),
                members: vec![member, Member { present: false, admin: false, ..member }],
            }),
        ];
        for what in said {
            for (group, with) in
                [(None, Some(PersonaId::from_bytes([6; 32]))), (Some(ThreadId::from_bytes([3; 32])), None)]
            {
                let message = MessageBody { id: ID, group, sent_ms: 1_800_000_000_123, with, what: what.clone() };
                let bytes = message.encode([9; 16]);
                assert_eq!(MessageBody::decode(&bytes), Ok(message));
                for cut in 0..bytes.len() {
                    assert!(MessageBody::decode(&bytes[..cut]).is_err(), "cut at {cut}");
                }
            }
        }
    }

    #[test]
    fn what_does_not_fit_its_kind_is_refused() {
        let mut fields = Fields::default();
        fields.bytes(0, ID.as_bytes());
        fields.number(3, 3);
        let no_target = finish([0; 16], &fields);
        assert_eq!(MessageBody::decode(&no_target), Err(EntryError::Malformed("an unknown kind of message")));
        let mut fields = Fields::default();
        fields.number(3, 5);
        assert!(MessageBody::decode(&finish([0; 16], &fields)).is_err(), "no id");
    }
}
