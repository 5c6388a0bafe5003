//! The forms of a session: the plain message inside Olm's, and states at rest.
//!
//! Numbered fields as in bodies; unknown ones are ignored. Nothing here is signed or hashed, so any form of a number is
//! taken.

use minicbor::bytes::{ByteArray, ByteSlice};
use minicbor::{Decode, Decoder, Encode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use super::SessionError;
use crate::crypto::route::RouteSecret;
use crate::limits;

/// What Olm encrypts.
#[derive(Encode, Decode, PartialEq)]
#[cbor(map)]
pub(super) struct Plain<'b> {
    /// 0: acknowledgements alone, never acknowledged itself.
    #[n(0)]
    pub(super) number: u64,
    /// All up to this number of the other side have come.
    #[n(1)]
    pub(super) ack: u64,
    /// They may be shown as delivered.
    #[n(2)]
    pub(super) delivered: bool,
    #[n(3)]
    pub(super) next: Option<Announced>,
    /// The highest generation of the other side's route secret that is known.
    #[n(4)]
    pub(super) known: u32,
    #[n(5)]
    pub(super) route: u32,
    #[b(6)]
    pub(super) content: Option<&'b ByteSlice>,
    /// Asked for again.
    #[n(7)]
    pub(super) ask: Option<Vec<u64>>,
    #[n(8)]
    pub(super) opening: Option<Opening>,
    /// The mark of what came under the number that `ack` names, where that had content.
    #[n(9)]
    pub(super) seen: Option<MessageMark>,
}

/// What a number stood for: two that went on from one state have the same numbers, and other contents.
pub(super) type MessageMark = ByteArray<8>;

/// A route secret that is used from when the other side has said that it knows it.
#[derive(Clone, Encode, Decode, PartialEq)]
#[cbor(map)]
pub(super) struct Announced {
    #[n(0)]
    pub(super) generation: u32,
    #[n(1)]
    pub(super) secret: RouteSecret,
}

/// What begins a session, in every message until the first answer.
#[derive(Encode, Decode, PartialEq)]
#[cbor(map)]
pub(super) struct Opening {
    #[n(0)]
    pub(super) bond: ByteArray<16>,
    #[n(1)]
    pub(super) counter: u32,
    /// Route secret of the writer's direction.
    #[n(2)]
    pub(super) mine: RouteSecret,
    /// Of the reader's.
    #[n(3)]
    pub(super) yours: RouteSecret,
}

impl Opening {
    /// As the other side keeps it.
    pub(super) fn turned(&self) -> Self {
        Self { bond: self.bond, counter: self.counter, mine: self.yours.clone(), yours: self.mine.clone() }
    }
}

impl<'b> Plain<'b> {
    pub(super) fn encode(&self) -> Zeroizing<Vec<u8>> {
        encoded(self, self.content.map_or(0, |content| content.len()) + 512 + 9 * limits::ASKED_AGAIN)
    }

    pub(super) fn decode(bytes: &'b [u8]) -> Result<Self, SessionError> {
        let plain: Self = decoded(bytes)?;
        if plain.ask.as_ref().is_some_and(|ask| ask.len() > limits::ASKED_AGAIN) {
            let (what, limit) = ("the list of lost messages", limits::ASKED_AGAIN);
            return Err(SessionError::TooLarge { what, limit });
        }
        Ok(plain)
    }
}

/// Decodes a plain message; `false` when it reads but does not read back as it was written, which is a defect. For
/// fuzzing.
pub fn fuzz_plain(bytes: &[u8]) -> bool {
    let Ok(plain) = Plain::decode(bytes) else { return true };
    Plain::decode(&plain.encode()).is_ok_and(|again| again == plain)
}

/// `room` is what it takes at most: growing would leave plain bytes behind.
pub(super) fn encoded<T: Encode<()>>(value: &T, room: usize) -> Zeroizing<Vec<u8>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(room));
    let written = minicbor::encode(value, &mut *bytes);
    debug_assert!(written.is_ok(), "writing to a vector cannot fail");
    bytes
}

pub(super) fn decoded<'b, T: Decode<'b, ()>>(bytes: &'b [u8]) -> Result<T, SessionError> {
    let mut at = Decoder::new(bytes);
    let value = at.decode().map_err(|_| SessionError::Malformed("a field"))?;
    if at.position() == bytes.len() { Ok(value) } else { Err(SessionError::Malformed("bytes after the end")) }
}

/// version u8 · length of the pickle u32 · pickle as JSON, the form that Olm's crate gives it below its own encryption
/// (it can't be written without names) · the rest as numbered fields.
pub(super) fn save<T: Encode<()>>(pickle: &impl Serialize, rest: &T) -> Result<Zeroizing<Vec<u8>>, SessionError> {
    let mut json = Zeroizing::new(Vec::with_capacity(SAVED_BYTES));
    serde_json::to_writer(&mut *json, pickle).map_err(|_| SessionError::Corrupt)?;
    let rest = encoded(rest, SAVED_BYTES);
    let length = u32::try_from(json.len()).map_err(|_| SessionError::Corrupt)?;
    let mut bytes = Zeroizing::new(Vec::with_capacity(1 + size_of::<u32>() + json.len() + rest.len()));
    bytes.push(VERSION);
    bytes.extend_from_slice(&length.to_le_bytes());
    bytes.extend_from_slice(&json);
    bytes.extend_from_slice(&rest);
    Ok(bytes)
}

pub(super) fn restore<P: DeserializeOwned, T: for<'b> Decode<'b, ()>>(bytes: &[u8]) -> Result<(P, T), SessionError> {
    let (version, bytes) = bytes.split_first().ok_or(SessionError::Corrupt)?;
    if *version > VERSION {
        return Err(SessionError::TooNew);
    }
    let parts = || {
        let (length, bytes) = bytes.split_first_chunk()?;
        bytes.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)
    };
    let (json, rest) = parts().filter(|_| *version == VERSION).ok_or(SessionError::Corrupt)?;
    let pickle = serde_json::from_slice(json).map_err(|_| SessionError::Corrupt)?;
    Ok((pickle, decoded(rest).map_err(|_| SessionError::Corrupt)?))
}

const VERSION: u8 = 1;
/// More than a state takes: five chains of 40 keys each, 2,000 missing numbers, the marks of 2,000 in each direction.
const SAVED_BYTES: usize = 128 * 1024;
