//! Bodies of what says who may comment, and of what carries a post further.

use super::{MISSING, Salt, finish, number, read};
use crate::entry::cbor::{self, Fields};
use crate::entry::verify::EntryError;
use crate::entry::{Header, body::PostBody};
use crate::id::{DeviceKey, PersonaId};
use crate::limits;

const PROOF_DOMAIN: &[u8; 26] = b"kith 2026 comment proof v1";

/// refs = [post].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RepostBody {
    /// Who wrote the post, so that it can be found.
    pub author: PersonaId,
}

/// refs = [] for all posts of the author, or [own post].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PolicyBody {
    pub who: Commenters,
    /// One above the highest seen; the higher (counter, id) wins.
    pub counter: u64,
}

/// Who may comment on a post. Its author always may.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Commenters {
    #[default]
    Everyone,
    Nobody,
    /// Who holds one of these comment keys.
    Keys(Vec<DeviceKey>),
}

impl Commenters {
    /// 0 everyone, 1 nobody, 2 keys.
    pub const fn number(&self) -> u8 {
        match self {
            Self::Everyone => 0,
            Self::Nobody => 1,
            Self::Keys(_) => 2,
        }
    }
}

/// That the writer of a comment holds a comment key. It stands in the body of the comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proof {
    pub signature: [u8; 64],
    pub key: DeviceKey,
}

impl Proof {
    /// What is signed: the place of the comment, so that it can't be moved to another, and the post.
    pub fn message(header: &Header) -> Vec<u8> {
        let mut message = PROOF_DOMAIN.to_vec();
        if let Some(post) = header.refs.first() {
            message.extend_from_slice(post.as_bytes());
        }
        message.extend_from_slice(header.author.as_bytes());
        message.extend_from_slice(header.device.as_bytes());
        message.extend_from_slice(&header.log.to_le_bytes());
        message.extend_from_slice(&header.seq.to_le_bytes());
        message
    }

    /// The proof in the body of a comment; one half without the other is refused.
    pub fn of(body: &[u8]) -> Result<Option<Self>, EntryError> {
        let (mut signature, mut key) = (None, None);
        read(body, |field, at| {
            match field {
                1 => signature = Some(cbor::read_array(at)?),
                8 => key = Some(DeviceKey::from_bytes(cbor::read_array(at)?)),
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Self::whole(signature, key)
    }

    /// Both halves, or none.
    pub(super) fn whole(signature: Option<[u8; 64]>, key: Option<DeviceKey>) -> Result<Option<Self>, EntryError> {
        match (signature, key) {
            (None, None) => Ok(None),
            (Some(signature), Some(key)) => Ok(Some(Self { signature, key })),
            _ => Err(EntryError::Malformed("half of a comment's proof")),
        }
    }
}

impl RepostBody {
    /// The salt followed by numbered fields.
    pub fn encode(&self, salt: Salt) -> Vec<u8> {
        let mut fields = Fields::default();
        fields.bytes(0, self.author.as_bytes());
        finish(salt, &fields)
    }

    /// Reads a body and checks every limit.
    pub fn decode(body: &[u8]) -> Result<Self, EntryError> {
        let mut author = None;
        read(body, |field, at| {
            if field == 0 {
                author = Some(PersonaId::from_bytes(cbor::read_array(at)?));
            }
            Ok(field == 0)
        })?;
        Ok(Self { author: author.ok_or(MISSING)? })
    }
}

impl PolicyBody {
    /// The salt followed by numbered fields.
    pub fn encode(&self, salt: Salt) -> Vec<u8> {
        let mut fields = Fields::default();
        fields.number(0, u64::from(self.who.number()));
        if let Commenters::Keys(keys) = &self.who {
            fields.list(1, keys, |out, key| cbor::write_bytes(out, key.as_bytes()));
        }
        fields.number(2, self.counter);
        finish(salt, &fields)
    }

    /// Reads a body and checks every limit.
    pub fn decode(body: &[u8]) -> Result<Self, EntryError> {
        let (mut mode, mut keys, mut counter) = (0, Vec::new(), 0);
        read(body, |field, at| {
            match field {
                0 => mode = at.u64()?,
                1 => {
                    keys = cbor::read_list(at, "the list of comment keys", limits::POLICY_KEYS, |at| {
                        Ok(DeviceKey::from_bytes(cbor::read_array(at)?))
                    })?;
                }
                2 => counter = number(at)?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        let who = match mode {
            0 => Commenters::Everyone,
            1 => Commenters::Nobody,
            2 => Commenters::Keys(keys),
            _ => return Err(EntryError::Malformed("an unknown policy")),
        };
        Ok(Self { who, counter })
    }
}

impl PostBody {
    /// As [`Self::encode`], for a comment with the proof that its writer holds a comment key.
    pub fn encode_with_proof(&self, salt: Salt, proof: &Proof) -> Vec<u8> {
        finish(salt, &self.fields(Some(proof)))
    }
}
