//! What is inside an intro entry: who writes, the statements that prove it, and an Olm message that begins a session.

use minicbor::bytes::{ByteArray, ByteSlice};
use minicbor::{Decode, Encode};

use super::{SessionError, form};
use crate::id::{DeviceKey, PersonaId};
use crate::limits;

/// Whoever holds the intro secret reads this, so everything that only the writer may say is inside `message`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intro {
    pub persona: PersonaId,
    pub device: DeviceKey,
    /// Runs: `PersonaOpen`, `DeviceCert`, `DeviceKeys` and `Profile` of the persona.
    pub statements: Vec<u8>,
    /// An Olm pre-key message.
    pub message: Vec<u8>,
}

impl Intro {
    /// Numbered fields.
    pub fn encode(&self) -> Vec<u8> {
        let fields = Fields {
            persona: self.persona.to_bytes().into(),
            device: self.device.to_bytes().into(),
            statements: self.statements.as_slice().into(),
            message: self.message.as_slice().into(),
        };
        form::encoded(&fields, self.statements.len() + self.message.len() + 128).to_vec()
    }

    /// Reads them. Neither statements nor message are looked into.
    pub fn decode(bytes: &[u8]) -> Result<Self, SessionError> {
        let fields: Fields<'_> = form::decoded(bytes)?;
        if fields.statements.len() > limits::INTRO_STATEMENT_BYTES {
            let (what, limit) = ("the statements of an intro", limits::INTRO_STATEMENT_BYTES);
            return Err(SessionError::TooLarge { what, limit });
        }
        Ok(Self {
            persona: PersonaId::from_bytes(fields.persona.into()),
            device: DeviceKey::from_bytes(fields.device.into()),
            statements: fields.statements.to_vec(),
            message: fields.message.to_vec(),
        })
    }
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct Fields<'b> {
    #[n(0)]
    persona: ByteArray<32>,
    #[n(1)]
    device: ByteArray<32>,
    #[b(2)]
    statements: &'b ByteSlice,
    #[b(3)]
    message: &'b ByteSlice,
}
