//! A session: one Olm session (`vodozemac`) with one device, and what is around it: route secrets, numbers of messages
//! and acknowledgements (docs/protocol.md, "Sessions").
//!
//! What goes wrong changes nothing: each call works on a copy and keeps it only when all went well. A state is used on
//! one device and from one place: whoever goes on from an old copy is noticed by the other side, which then refuses.
//! Olm draws its own random keys, from the generator that the system seeds; everything else comes from `Entropy`.

mod account;
mod form;
mod intro;
mod ratchet;

use std::cmp::Reverse;

use sha2::{Digest, Sha256};
use vodozemac::olm::{
    DecryptionError, Message, OlmMessage, PreKeyMessage, Session as Olm, SessionConfig, SessionCreationError,
    SessionPickle,
};
use zeroize::Zeroizing;

pub use account::Account;
pub use form::fuzz_plain;
use form::{Opening, Plain};
pub use intro::Intro;
use ratchet::State;

use super::random::NoRandomness;
use super::route::{RouteSecret, SlotKey, Tag};
use crate::host::Entropy;
use crate::id::{DeviceKey, PersonaId};
use crate::limits;

/// SHA-256 of Olm's three keys, as Olm names a session; the same at both ends.
pub type SessionId = [u8; 32];

/// Who is at the two ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ends {
    pub me: (PersonaId, DeviceKey),
    pub peer: (PersonaId, DeviceKey),
}

/// The public keys of a peer's `DeviceKeys` that Olm needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PeerKeys {
    pub identity: [u8; 32],
    pub fallback: [u8; 32],
}

/// The place of a message among those that its sender sent in slots.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mark {
    pub generation: u32,
    pub number: u32,
}

/// A tag by which a message can come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expected {
    pub tag: Tag,
    pub mark: Mark,
    /// A message with this tag has come. Another one whose slot opens too says that the peer went on from an old copy
    /// of its state; [`Session::open`] then gives [`SessionError::Reused`].
    pub used: bool,
}

/// What to send.
#[derive(Clone, Copy)]
pub struct Say<'a> {
    pub what: What<'a>,
    /// Where this side takes messages.
    pub route: u32,
    /// The peer may show what is acknowledged as delivered.
    pub delivered: bool,
    /// Lost messages to ask for again, at most [`limits::ASKED_AGAIN`] of them: some of [`Session::missing`].
    pub ask: &'a [u64],
}

#[derive(Clone, Copy)]
pub enum What<'a> {
    /// Acknowledgements alone.
    Nothing,
    /// At most [`limits::MESSAGE_BYTES`].
    New(&'a [u8]),
    /// What was sent under this number before; `None`: it is no longer there, and must not be waited for.
    Again(u64, Option<&'a [u8]>),
}

/// What to put into an envelope.
pub struct Sent {
    /// Number of the message, 0 for acknowledgements alone.
    pub number: u64,
    /// What Olm gave. Its ratchet key is readable: it never leaves without an envelope.
    pub message: Vec<u8>,
    pub way: Way,
}

pub enum Way {
    /// The peer has not answered yet: in an [`Intro`], to its intro key and route.
    Intro,
    /// As the content of an envelope with this slot.
    Slot { tag: Tag, key: SlotKey, route: u32 },
}

/// What came.
#[derive(PartialEq, Eq)]
pub struct Received {
    /// 0 for acknowledgements alone.
    pub number: u64,
    /// It had not come before.
    pub fresh: bool,
    /// `None` for acknowledgements alone, and for what the peer no longer has.
    pub content: Option<Zeroizing<Vec<u8>>>,
    /// All up to this number have come there, as far as is known.
    pub acked: u64,
    /// They may be shown as delivered.
    pub delivered: bool,
    /// Numbers that the peer asks for again.
    pub asked: Vec<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SessionError {
    #[error("no such tag is expected")]
    UnknownTag,
    /// The peer goes on from an old copy of its state: a new session is needed.
    #[error("a second message under one tag")]
    Reused,
    /// This side goes on from an old copy of its state: a new session is needed.
    #[error("the peer knows of messages that this state never sent")]
    Behind,
    #[error("changed, or of another session")]
    Altered,
    /// It came before, or so late that its key was given up.
    #[error("the key of this message is gone")]
    Gone,
    #[error("too many messages are missing before this one")]
    TooFar,
    #[error("not a message of this form: {0}")]
    Malformed(&'static str),
    /// It comes again with the peer's next message, or needs a new session.
    #[error("too many messages without an answer")]
    Unanswered,
    #[error("no message has this number")]
    NeverSent,
    #[error("{what} is larger than {limit}")]
    TooLarge { what: &'static str, limit: usize },
    /// It was written to keys that are no longer kept.
    #[error("written to keys that are not ours, or no longer")]
    UnknownKey,
    #[error("the sender is not who they say, or it was not written to this device")]
    Ends,
    #[error("a key that can't be agreed with")]
    WeakKey,
    #[error("the saved state is damaged")]
    Corrupt,
    #[error("the saved state was written by a newer version of Kith")]
    TooNew,
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

/// One end of a session with one device of another persona, or with another own device.
pub struct Session {
    olm: Olm,
    state: State,
}

impl Session {
    /// Begins a session with a device whose signed keys are `peer`. `counter` is one above the highest of the sessions
    /// that are known with the same Olm identities at both ends, or 1.
    pub fn begin(
        account: &Account,
        ends: &Ends,
        peer: &PeerKeys,
        counter: u32,
        entropy: &dyn Entropy,
    ) -> Result<Self, SessionError> {
        let olm = account.olm.create_outbound_session(CONFIG, peer.identity.into(), peer.fallback.into())?;
        let (mine, yours) = (RouteSecret::draw(entropy)?, RouteSecret::draw(entropy)?);
        let opening = Opening { bond: bond(&ends.me, &ends.peer).into(), counter, mine, yours };
        Ok(Self { olm, state: State::new(true, peer.identity, opening) })
    }

    /// Takes a session that `intro` begins, with its first message. `identity` is the Olm identity in the `DeviceKeys`
    /// that the device in `intro` signed, and that device is certified: the caller has checked both.
    ///
    /// An intro that was kept makes the same session again as long as its keys are kept: the caller remembers the entries
    /// that brought one.
    pub fn accept(
        account: &mut Account,
        ends: &Ends,
        identity: &[u8; 32],
        intro: &Intro,
    ) -> Result<(Self, Received), SessionError> {
        if (intro.persona, intro.device) != ends.peer {
            return Err(SessionError::Ends);
        }
        let message = pre_key(&intro.message)?;
        let created = account.olm.create_inbound_session(CONFIG, (*identity).into(), &message)?;
        let plain = Zeroizing::new(created.plaintext);
        let plain = Plain::decode(&plain)?;
        let opening = plain.opening.as_ref().ok_or(SessionError::Malformed("a beginning without its opening"))?;
        if *opening.bond != bond(&ends.peer, &ends.me) {
            return Err(SessionError::Ends);
        }
        let mut state = State::new(false, *identity, opening.turned());
        let received = state.take(&plain, true)?;
        Ok((Self { olm: created.session, state }, received))
    }

    /// The session that a first message belongs to; `None` where it is none.
    pub fn id_of(intro: &Intro) -> Option<SessionId> {
        pre_key(&intro.message).ok().map(|message| id(&message.session_keys()))
    }

    pub fn id(&self) -> SessionId {
        id(&self.olm.session_keys())
    }

    /// Of the sessions with one device the one is written to whose precedence is least; all are read. The later begun
    /// wins by its counter, of two that were begun at once the one with the lower id.
    pub fn precedence(&self) -> (Reverse<u32>, SessionId) {
        (Reverse(self.state.counter), self.id())
    }

    /// Which of the sessions that were begun between the same two it is.
    pub fn counter(&self) -> u32 {
        self.state.counter
    }

    /// From now on it is read alone.
    pub fn close(&mut self) {
        self.state.closed = true;
    }

    pub fn is_closed(&self) -> bool {
        self.state.closed
    }

    /// Who the peer is in Olm. A session whose peer has signed another identity since is written to no longer.
    pub fn identity_of_peer(&self) -> [u8; 32] {
        self.state.identity
    }

    /// Whether a message of the peer has come. Until then messages go as intros.
    pub fn is_answered(&self) -> bool {
        self.olm.has_received_message()
    }

    /// Tags by which messages may come, in the order in which they are to be opened: `reach` beyond the highest that
    /// came ([`limits::TAGS_EXPECTED`], or [`limits::TAGS_RESYNC`]), and the last 64 before it.
    pub fn expected(&self, reach: u32) -> Vec<Expected> {
        self.state.expected(reach.min(limits::TAGS_RESYNC))
    }

    /// The key of the slot with that tag, whether it is used or not.
    pub fn slot_key(&self, mark: Mark) -> Option<SlotKey> {
        self.state.incoming(mark.generation).map(|incoming| incoming.secret.slot_key(mark.number))
    }

    /// Numbers of messages that are missing below the highest that came.
    pub fn missing(&self) -> impl Iterator<Item = u64> {
        self.state.missing.iter().copied()
    }

    /// Number of the last message that was sent, and up to which the peer has all.
    pub fn sent_and_acked(&self) -> (u64, u64) {
        (self.state.sent, self.state.acked)
    }

    /// Encrypts. The new state must be durable before the message leaves.
    ///
    /// # Errors
    /// [`SessionError::Unanswered`] where [`limits::SESSION_UNANSWERED`] messages wait for an answer.
    pub fn send(&mut self, say: &Say<'_>, entropy: &dyn Entropy) -> Result<Sent, SessionError> {
        let mut state = self.state.clone();
        let (number, content) = state.number(say.what)?;
        if content.is_some_and(|content| content.len() > limits::MESSAGE_BYTES) {
            return Err(SessionError::TooLarge { what: "a message", limit: limits::MESSAGE_BYTES });
        }
        if say.ask.len() > limits::ASKED_AGAIN {
            return Err(SessionError::TooLarge { what: "the list of lost messages", limit: limits::ASKED_AGAIN });
        }
        state.turn(entropy)?;
        let opening = (!self.is_answered()).then(|| state.opening()).flatten();
        let is_intro = opening.is_some();
        let plain = state.plain(number, content, say, opening).encode();
        let mut olm = self.copy();
        let message = olm.encrypt(plain.as_slice()).map_err(|_| SessionError::WeakKey)?;
        let (index, bytes) = match &message {
            OlmMessage::Normal(message) => (message.chain_index(), message.to_bytes()),
            OlmMessage::PreKey(message) => (message.message().chain_index(), message.to_bytes()),
        };
        if index >= limits::SESSION_UNANSWERED {
            return Err(SessionError::Unanswered);
        }
        let way = if is_intro { Way::Intro } else { state.next_slot()? };
        *self = Self { olm, state };
        Ok(Sent { number, message: bytes, way })
    }

    /// Opens what the envelope with the tag of `mark` held.
    ///
    /// # Errors
    /// [`SessionError::Reused`] where a message with that tag came before. No error changes the state.
    pub fn open(&mut self, mark: Mark, message: &[u8]) -> Result<Received, SessionError> {
        let mut state = self.state.clone();
        let is_newest = state.mark(mark)?;
        let message = Message::from_bytes(message).map_err(|_| SessionError::Altered)?;
        let received = self.decrypt(&OlmMessage::Normal(message), |plain| state.take(plain, is_newest))?;
        self.state = state;
        Ok(received)
    }

    /// Opens a further first message of a session that [`Session::accept`] took.
    pub fn open_intro(&mut self, intro: &Intro) -> Result<Received, SessionError> {
        let message = pre_key(&intro.message)?;
        if self.state.began || id(&message.session_keys()) != self.id() {
            return Err(SessionError::Altered);
        }
        let mut state = self.state.clone();
        let received = self.decrypt(&OlmMessage::PreKey(message), |plain| {
            let opening = plain.opening.as_ref().ok_or(SessionError::Malformed("a beginning without its opening"))?;
            if *opening.bond != state.bond {
                return Err(SessionError::Ends);
            }
            let is_newest = plain.number > state.top;
            state.take(plain, is_newest)
        })?;
        self.state = state;
        Ok(received)
    }

    /// The state as bytes, to rest in the encrypted database and nowhere else: never exported, shared or logged.
    pub fn to_bytes(&self) -> Result<Zeroizing<Vec<u8>>, SessionError> {
        form::save(&self.olm.pickle(), &self.state)
    }

    /// What [`Self::to_bytes`] gave.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SessionError> {
        let (pickle, state): (SessionPickle, State) = form::restore(bytes)?;
        Ok(Self { olm: Olm::from_pickle(pickle), state })
    }

    /// Decrypts on a copy, which stays only where `then` takes what was in it.
    fn decrypt<T>(
        &mut self,
        message: &OlmMessage,
        then: impl FnOnce(&Plain<'_>) -> Result<T, SessionError>,
    ) -> Result<T, SessionError> {
        let mut olm = self.copy();
        let plain = Zeroizing::new(olm.decrypt(message)?);
        let taken = then(&Plain::decode(&plain)?)?;
        self.olm = olm;
        Ok(taken)
    }

    fn copy(&self) -> Olm {
        Olm::from_pickle(self.olm.pickle())
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Session(..)")
    }
}

// None of these shows keys or contents, wherever it is printed.

impl std::fmt::Debug for Say<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Say").field("what", &self.what).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for What<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Nothing => f.write_str("Nothing"),
            Self::New(_) => f.write_str("New(..)"),
            Self::Again(number, _) => write!(f, "Again({number}, ..)"),
        }
    }
}

impl std::fmt::Debug for Sent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sent").field("number", &self.number).field("way", &self.way).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Way {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if matches!(self, Self::Intro) { "Intro" } else { "Slot(..)" })
    }
}

impl std::fmt::Debug for Received {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let content = self.content.as_ref().map(|content| content.len());
        let Self { number, fresh, acked, delivered, asked, .. } = self;
        f.debug_struct("Received")
            .field("number", number)
            .field("fresh", fresh)
            .field("bytes", &content)
            .field("acked", acked)
            .field("delivered", delivered)
            .field("asked", asked)
            .finish()
    }
}

/// Olm with its whole MAC of 32 bytes. The other version, with 8 bytes of it, is never taken.
const CONFIG: SessionConfig = SessionConfig::version_2();
const BOND_CONTEXT: &str = "kith 2026 session ends v1";

/// Ties a session to its two ends. Without it somebody could publish another's keys as their own, and pass on what was
/// written to them as if it had been written to the other.
fn bond(beginner: &(PersonaId, DeviceKey), other: &(PersonaId, DeviceKey)) -> [u8; 16] {
    let mut hasher = blake3::Hasher::new_derive_key(BOND_CONTEXT);
    for (persona, device) in [beginner, other] {
        hasher.update(persona.as_bytes()).update(device.as_bytes());
    }
    let mut bond = [0; 16];
    hasher.finalize_xof().fill(&mut bond);
    bond
}

fn id(keys: &vodozemac::olm::SessionKeys) -> SessionId {
    let hasher = Sha256::new()
        .chain_update(keys.identity_key.as_bytes())
        .chain_update(keys.base_key.as_bytes())
        .chain_update(keys.one_time_key.as_bytes());
    hasher.finalize().into()
}

fn pre_key(message: &[u8]) -> Result<PreKeyMessage, SessionError> {
    PreKeyMessage::from_bytes(message).map_err(|_| SessionError::Altered)
}

impl From<DecryptionError> for SessionError {
    fn from(error: DecryptionError) -> Self {
        match error {
            DecryptionError::MissingMessageKey(_) => Self::Gone,
            DecryptionError::TooBigMessageGap(..) => Self::TooFar,
            _ => Self::Altered,
        }
    }
}

impl From<SessionCreationError> for SessionError {
    fn from(error: SessionCreationError) -> Self {
        match error {
            SessionCreationError::MissingOneTimeKey(_) => Self::UnknownKey,
            SessionCreationError::MismatchedIdentityKey(..) => Self::Ends,
            SessionCreationError::NonContributoryKey => Self::WeakKey,
            SessionCreationError::MismatchedSessionConfig { .. } => Self::Altered,
            SessionCreationError::Decryption(error) => error.into(),
        }
    }
}

#[cfg(test)]
mod tests;
