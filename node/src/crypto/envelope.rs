//! What a sealed entry is outside: slots, and a ciphertext of one of four sizes (docs/protocol.md, "Envelope").
//!
//! The content is sealed under a random key that is used once. Each recipient has a slot with that key: a *session
//! slot* is found by its tag and opened by a slot key, an *intro slot* is sealed to a public key and found by trying.
//! Slots that are nobody's are random bytes among the others. All of it is bound to what stands in the open around it,
//! so nothing can be changed, or moved to another entry.

use chacha20poly1305::{AeadInOut, ChaCha20Poly1305, KeyInit, Nonce};
use zeroize::Zeroizing;

use super::hpke::{self, ENCAPSULATED, HpkeError, IntroSecret};
use super::random::{NoRandomness, drawn};
use super::route::{SlotKey, Tag};
use crate::host::Entropy;
use crate::id::{DeviceKey, EntryId, PersonaId};
use crate::limits;

/// Bytes of a session slot: a tag, and the sealed content key.
pub const SESSION_SLOT: usize = size_of::<Tag>() + KEY + AEAD_TAG;
/// Bytes of an intro slot: an encapsulated key, and the sealed content key.
pub const INTRO_SLOT: usize = ENCAPSULATED + KEY + AEAD_TAG;
/// Sizes of a ciphertext, bytes, its tag included.
pub const BUCKETS: [usize; 4] = [1024, 4 * 1024, 16 * 1024, 64 * 1024];
/// The largest content, bytes.
pub const LARGEST_CONTENT: usize = 64 * 1024 - AEAD_TAG - COMMITMENT - LENGTH;

/// What a content is for: part of what is authenticated, so one can't be passed off as another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    Message,
    Intro,
    Post,
    Comment,
    Backup,
}

/// What stands in the open around an envelope, and is bound to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outside<'a> {
    pub purpose: Purpose,
    pub author: PersonaId,
    pub device: DeviceKey,
    pub log: u64,
    pub seq: u64,
    /// Days since the epoch.
    pub day: u64,
    pub route: u32,
    /// Days since the epoch.
    pub expires_day: u16,
    pub refs: &'a [EntryId],
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Slots {
    /// [`limits::LEAST_SLOTS`] to [`limits::SLOTS`], a power of two.
    Session(Vec<[u8; SESSION_SLOT]>),
    /// 1 to [`limits::INTRO_SLOTS`], a power of two.
    Intro(Vec<[u8; INTRO_SLOT]>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    pub slots: Slots,
    /// As long as one of [`BUCKETS`].
    pub ciphertext: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    #[error("more than {LARGEST_CONTENT} bytes")]
    TooLarge,
    #[error("sealed to nobody, or to more than there may be slots")]
    Recipients,
    /// No slot is for who tried, or something of the entry was changed.
    #[error("not for this key, or changed")]
    Altered,
    #[error("a recipient's public key can't be sealed to")]
    Key,
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

impl Purpose {
    /// 1 message, 2 intro, 3 post, 4 comment, 5 backup.
    pub const fn number(self) -> u8 {
        match self {
            Self::Message => 1,
            Self::Intro => 2,
            Self::Post => 3,
            Self::Comment => 4,
            Self::Backup => 5,
        }
    }
}

impl Slots {
    /// Whether there are as many as there may be.
    pub fn is_allowed(&self) -> bool {
        let (count, least, most) = match self {
            Self::Session(slots) => (slots.len(), limits::LEAST_SLOTS, limits::SLOTS),
            Self::Intro(slots) => (slots.len(), 1, limits::INTRO_SLOTS),
        };
        count.is_power_of_two() && (least..=most).contains(&count)
    }
}

impl Envelope {
    /// Seals `content` to those who expect these tags.
    pub fn seal(
        content: &[u8],
        to: &[(Tag, SlotKey)],
        outside: &Outside<'_>,
        entropy: &dyn Entropy,
    ) -> Result<Self, EnvelopeError> {
        let associated = outside.associated();
        let key = drawn::<KEY>(entropy)?;
        let mut slots = Vec::new();
        for (tag, slot_key) in to {
            let mut sealed = Zeroizing::new(key.to_vec());
            close(slot_key, &associated, &mut sealed)?;
            slots.push(joined(tag, &sealed)?);
        }
        Ok(Self {
            slots: Slots::Session(filled(slots, limits::LEAST_SLOTS, limits::SLOTS, entropy)?),
            ciphertext: content_sealed(&key, &associated, content)?,
        })
    }

    /// Seals `content` to public intro keys.
    pub fn seal_intro(
        content: &[u8],
        to: &[[u8; 32]],
        outside: &Outside<'_>,
        entropy: &dyn Entropy,
    ) -> Result<Self, EnvelopeError> {
        let (associated, info) = (outside.associated(), outside.info());
        let key = drawn::<KEY>(entropy)?;
        let mut slots = Vec::new();
        for recipient in to {
            let random = drawn::<32>(entropy)?;
            let (encapsulated, sealed) = hpke::seal(recipient, &info, &associated, key.as_slice(), &random)?;
            slots.push(joined(&encapsulated, &sealed)?);
        }
        Ok(Self {
            slots: Slots::Intro(filled(slots, 1, limits::INTRO_SLOTS, entropy)?),
            ciphertext: content_sealed(&key, &associated, content)?,
        })
    }

    /// One that holds nothing, of the smallest size: to whoever has no key it looks like any other.
    pub fn cover(entropy: &dyn Entropy) -> Result<Self, NoRandomness> {
        let mut slots = Vec::new();
        for _ in 0..limits::LEAST_SLOTS {
            slots.push(*drawn(entropy)?);
        }
        let [smallest, ..] = BUCKETS;
        let mut ciphertext = vec![0; smallest];
        entropy.fill(&mut ciphertext).map_err(|_| NoRandomness)?;
        Ok(Self { slots: Slots::Session(slots), ciphertext })
    }

    /// The tags of the session slots, in their order; most are random. None where the slots are intro slots.
    pub fn tags(&self) -> impl Iterator<Item = Tag> {
        let slots = match &self.slots {
            Slots::Session(slots) => slots.as_slice(),
            Slots::Intro(_) => &[],
        };
        slots.iter().filter_map(|slot| slot.first_chunk().copied())
    }

    /// Opens the content by the slot that carries `tag`.
    ///
    /// # Errors
    /// [`EnvelopeError::Altered`] where there is no such slot, `key` is not its key, or anything was changed.
    pub fn open_with_tag(
        &self,
        tag: &Tag,
        key: &SlotKey,
        outside: &Outside<'_>,
    ) -> Result<Zeroizing<Vec<u8>>, EnvelopeError> {
        let Slots::Session(slots) = &self.slots else { return Err(EnvelopeError::Altered) };
        let associated = outside.associated();
        // Whoever saw a tag can copy it: of several slots with one tag the one counts that opens.
        for sealed in slots.iter().filter_map(|slot| slot.strip_prefix(tag)) {
            let mut content_key = Zeroizing::new(sealed.to_vec());
            if open(key, &associated, &mut content_key).is_ok() {
                return content_opened(&content_key, &associated, &self.ciphertext);
            }
        }
        Err(EnvelopeError::Altered)
    }

    /// Opens the content by trying every intro slot with every secret: at most [`limits::INTRO_SLOTS`] key agreements
    /// for each.
    ///
    /// # Errors
    /// [`EnvelopeError::Altered`] where none opens, or anything was changed.
    pub fn open_intro(
        &self,
        secrets: &[IntroSecret],
        outside: &Outside<'_>,
    ) -> Result<Zeroizing<Vec<u8>>, EnvelopeError> {
        let Slots::Intro(slots) = &self.slots else { return Err(EnvelopeError::Altered) };
        let (associated, info) = (outside.associated(), outside.info());
        for (secret, slot) in secrets.iter().flat_map(|secret| slots.iter().map(move |slot| (secret, slot))) {
            let Some((encapsulated, sealed)) = slot.split_first_chunk() else { continue };
            if let Ok(content_key) = hpke::open(secret, encapsulated, &info, &associated, sealed) {
                return content_opened(&content_key, &associated, &self.ciphertext);
            }
        }
        Err(EnvelopeError::Altered)
    }
}

const DOMAIN: &[u8] = b"kith 2026 sealed v1";
const KEY: usize = 32;
const AEAD_TAG: usize = 16;
/// Zero bytes in front of the content. Opening checks them, so that no two keys open one ciphertext: the cipher alone
/// does not promise it, and an author could show each reader another text under one id.
const COMMITMENT: usize = 32;
const LENGTH: usize = size_of::<u32>();
/// Every key here is used once.
const NONCE: [u8; 12] = [0; 12];

impl Outside<'_> {
    fn associated(&self) -> Vec<u8> {
        let mut bytes = self.info();
        bytes.extend_from_slice(self.author.as_bytes());
        bytes.extend_from_slice(self.device.as_bytes());
        bytes.extend_from_slice(&self.log.to_le_bytes());
        bytes.extend_from_slice(&self.seq.to_le_bytes());
        bytes.extend_from_slice(&self.day.to_le_bytes());
        bytes.extend_from_slice(&self.route.to_le_bytes());
        bytes.extend_from_slice(&self.expires_day.to_le_bytes());
        bytes.push(u8::try_from(self.refs.len()).unwrap_or(u8::MAX));
        for id in self.refs {
            bytes.extend_from_slice(id.as_bytes());
        }
        bytes
    }

    fn info(&self) -> Vec<u8> {
        let mut bytes = DOMAIN.to_vec();
        bytes.push(self.purpose.number());
        bytes
    }
}

/// zeros[32] ‖ length u32 ‖ content ‖ zeros up to the bucket, sealed.
fn content_sealed(key: &[u8; KEY], associated: &[u8], content: &[u8]) -> Result<Vec<u8>, EnvelopeError> {
    let needed = content.len().saturating_add(COMMITMENT + LENGTH + AEAD_TAG);
    let bucket = BUCKETS.into_iter().find(|bucket| *bucket >= needed).ok_or(EnvelopeError::TooLarge)?;
    let length = u32::try_from(content.len()).map_err(|_| EnvelopeError::TooLarge)?;
    // With its full capacity from the start: growing would leave plain bytes behind.
    let mut inner = Zeroizing::new(Vec::with_capacity(bucket));
    inner.resize(COMMITMENT, 0);
    inner.extend_from_slice(&length.to_le_bytes());
    inner.extend_from_slice(content);
    inner.resize(bucket - AEAD_TAG, 0);
    close(key, associated, &mut inner)?;
    Ok(std::mem::take(&mut *inner))
}

fn content_opened(key: &[u8], associated: &[u8], ciphertext: &[u8]) -> Result<Zeroizing<Vec<u8>>, EnvelopeError> {
    let key: &[u8; KEY] = key.try_into().map_err(|_| EnvelopeError::Altered)?;
    if !BUCKETS.contains(&ciphertext.len()) {
        return Err(EnvelopeError::Altered);
    }
    let mut inner = Zeroizing::new(ciphertext.to_vec());
    open(key, associated, &mut inner)?;
    let content = || {
        let (zeros, rest) = inner.split_first_chunk::<COMMITMENT>()?;
        let (length, rest) = rest.split_first_chunk::<LENGTH>()?;
        let (content, padding) = rest.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)?;
        let empty = zeros.iter().chain(padding).all(|byte| *byte == 0);
        empty.then(|| Zeroizing::new(content.to_vec()))
    };
    content().ok_or(EnvelopeError::Altered)
}

fn close(key: &[u8; KEY], associated: &[u8], buffer: &mut Vec<u8>) -> Result<(), EnvelopeError> {
    ChaCha20Poly1305::new(&(*key).into())
        .encrypt_in_place(&Nonce::from(NONCE), associated, buffer)
        .map_err(|_| EnvelopeError::TooLarge)
}

fn open(key: &[u8; KEY], associated: &[u8], buffer: &mut Vec<u8>) -> Result<(), EnvelopeError> {
    ChaCha20Poly1305::new(&(*key).into())
        .decrypt_in_place(&Nonce::from(NONCE), associated, buffer)
        .map_err(|_| EnvelopeError::Altered)
}

fn joined<const N: usize>(first: &[u8], second: &[u8]) -> Result<[u8; N], EnvelopeError> {
    [first, second].concat().try_into().map_err(|_| EnvelopeError::Recipients)
}

/// Fills up to a power of two with random slots, and mixes them.
fn filled<const N: usize>(
    mut slots: Vec<[u8; N]>,
    least: usize,
    most: usize,
    entropy: &dyn Entropy,
) -> Result<Vec<[u8; N]>, EnvelopeError> {
    if slots.is_empty() || slots.len() > most {
        return Err(EnvelopeError::Recipients);
    }
    let count = slots.len().next_power_of_two().max(least);
    while slots.len() < count {
        slots.push(*drawn(entropy)?);
    }
    let mut mixed = Vec::with_capacity(count);
    for slot in slots {
        mixed.push((drawn::<16>(entropy)?, slot));
    }
    mixed.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
    Ok(mixed.into_iter().map(|(_, slot)| slot).collect())
}

impl From<HpkeError> for EnvelopeError {
    fn from(error: HpkeError) -> Self {
        match error {
            HpkeError::Key => Self::Key,
            HpkeError::Altered => Self::Altered,
        }
    }
}

#[cfg(test)]
mod tests;
