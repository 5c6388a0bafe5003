//! The one signature rule (ZIP-215) and the checks that need no database.
//!
//! Single and batch checks follow the same equation (with cofactor, non-canonical points taken, s below the group
//! order); `ed25519-zebra` has both. Other implementations answer differently for crafted signatures, and nodes that
//! disagree about what is valid would not converge: `ed25519-dalek` only signs here.

use std::collections::HashMap;

use ed25519_dalek::{Signer, SigningKey, VerifyingKey};
use ed25519_zebra::{Signature, VerificationKey, VerificationKeyBytes, batch};

use crate::entry::body::{DeviceCertBody, PersonaOpenBody, RootRotateBody, Salt, SealedBody};
use crate::entry::{Entry, Header, Kind, Proof, Shape, body};
use crate::id::{BlobHash, DeviceKey, EntryId, PersonaId};
use crate::limits;

/// Not checked yet. Its content can be looked at, but the store does not take it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unverified<T>(pub T);

/// Shape, limits, body hash and signature are good. Only [`verify`] and [`verify_batch`] make one:
///
/// ```compile_fail
/// let forged = kith_node::entry::Verified("never checked");
/// ```
///
/// and what is in it cannot be changed:
///
/// ```compile_fail
/// fn change(entry: &mut kith_node::entry::Verified<kith_node::entry::Entry>) {
///     entry.0.body = None;
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified<T>(T);

impl<T> Verified<T> {
    pub fn get(&self) -> &T {
        &self.0
    }

    pub fn into_inner(self) -> T {
        self.0
    }
}

/// Why an entry is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EntryError {
    #[error("cut short")]
    Truncated,
    #[error("bytes after the end")]
    Trailing,
    #[error("not in canonical form: {0}")]
    Malformed(&'static str),
    #[error("unknown entry version {0}")]
    Version(u8),
    #[error("{what} is larger than {limit}")]
    TooLarge { what: &'static str, limit: usize },
    #[error("the shape is none of the three")]
    Shape,
    #[error("the body does not fit its hash")]
    BodyHash,
    #[error("an identity statement without its body")]
    BodyMissing,
    #[error("the signature is not good")]
    Signature,
    #[error("a small-order key")]
    WeakKey,
    #[error("the device is not certified by the author")]
    Uncertified,
    #[error("its device was revoked before it")]
    Revoked,
    #[error("another root has taken the place of who signed it")]
    Superseded,
    #[error("the persona id does not fit its root key")]
    PersonaMismatch,
    #[error("this kind does not stand in such a log")]
    Scope,
    #[error("the author has reached a limit: {0}")]
    Full(&'static str),
    /// Whose post it is about, where that is known.
    #[error("this node has no room for it")]
    NoRoom(Option<PersonaId>),
    #[error("this node keeps no more mail of who brought it")]
    MailFull,
    #[error("the log is frozen by a fork")]
    Frozen,
    #[error("the references do not fit the kind")]
    Refs,
    #[error("what it names is of another author, or of a kind that this can't be said of")]
    Target,
    #[error("nobody here follows its author, or the author of the post that it is about")]
    Unwanted,
}

/// Signs a header and its body. Device, body length and body hash of the header are filled in here.
pub fn sign(key: &SigningKey, header: Header, body: Vec<u8>) -> Unverified<Entry> {
    let mut header = header.with_body(&body);
    header.device = DeviceKey::from(&key.verifying_key());
    let signature = key.sign(&message(&header.id())).to_bytes();
    Unverified(Entry { header, signature, body: Some(body) })
}

impl Header {
    /// The same for this body.
    pub(crate) fn with_body(mut self, body: &[u8]) -> Self {
        self.body_len = u32::try_from(body.len()).unwrap_or(u32::MAX);
        self.body_hash = hash(body);
        self
    }
}

/// Checks one entry: shape, references, limits, body and signature. Whether the device is certified, the kind fits
/// the log's scope and `prev` is the stored predecessor is checked where it is applied.
///
/// # Errors
/// The first thing that is wrong, the signature last.
pub fn verify(entry: Unverified<Entry>) -> Result<Verified<Entry>, EntryError> {
    check_form(&entry.0)?;
    check_key(&entry.0.header.device)?;
    if check_one(&entry.0.header.device, &message(&entry.0.id()), &entry.0.signature) {
        Ok(Verified(entry.0))
    } else {
        Err(EntryError::Signature)
    }
}

/// Checks many at once; the same verdicts as [`verify`], in order. Faster by half where few devices signed many.
pub fn verify_batch(entries: Vec<Unverified<Entry>>) -> Vec<Result<Verified<Entry>, EntryError>> {
    let mut keys: HashMap<DeviceKey, Result<(), EntryError>> = HashMap::new();
    let mut verdicts = Vec::with_capacity(entries.len());
    let mut signed = Vec::with_capacity(entries.len());
    for Unverified(entry) in entries {
        let device = entry.header.device;
        let checked =
            check_form(&entry).and_then(|()| keys.entry(device).or_insert_with(|| check_key(&device)).clone());
        if checked.is_ok() {
            signed.push((device, message(&entry.id()), entry.signature));
        }
        verdicts.push(checked.map(|()| Verified(entry)));
    }
    if !check_all(&signed) {
        let mut good = signed.iter().map(|(key, message, signature)| check_one(key, message, signature));
        for verdict in &mut verdicts {
            if verdict.is_ok() && good.next() != Some(true) {
                *verdict = Err(EntryError::Signature);
            }
        }
    }
    verdicts
}

/// Whether a good key signed this, for what is signed inside of sealed entries.
pub(super) fn is_signed(key: &DeviceKey, message: &[u8], signature: &[u8; 64]) -> bool {
    check_key(key).is_ok() && check_one(key, message, signature)
}

const SIGNATURE_DOMAIN: &[u8; 28] = b"kith 2026 entry signature v1";
const MESSAGE_BYTES: usize = 1 + SIGNATURE_DOMAIN.len() + 32;

/// What is signed: a zero byte (so it can be mistaken for no message of another protocol), the domain, the id.
fn message(id: &EntryId) -> [u8; MESSAGE_BYTES] {
    let mut message = [0; MESSAGE_BYTES];
    let parts = SIGNATURE_DOMAIN.iter().chain(id.as_bytes());
    for (to, from) in message.iter_mut().skip(1).zip(parts) {
        *to = *from;
    }
    message
}

fn hash(body: &[u8]) -> BlobHash {
    BlobHash::from_bytes(*blake3::hash(body).as_bytes())
}

/// Everything but the signature and its key.
fn check_form(entry: &Entry) -> Result<(), EntryError> {
    let Entry { header, body, .. } = entry;
    let shape = header.shape()?;
    if Kind::from_number(header.kind.number()) != header.kind {
        return Err(EntryError::Malformed("a known kind under the name of an unknown one"));
    }
    let (least, most) = header.kind.refs();
    if !(least..=most).contains(&header.refs.len()) {
        return Err(EntryError::Refs);
    }
    if header.seq > limits::LARGEST_NUMBER || header.time > limits::LARGEST_NUMBER {
        return Err(EntryError::Malformed("a number past 2^63"));
    }
    if header.kind == Kind::Sealed && header.time % limits::DAY_S != 0 {
        return Err(EntryError::Malformed("the time of a sealed entry is finer than a day"));
    }
    let limit = header.kind.body_limit();
    let len = usize::try_from(header.body_len).unwrap_or(usize::MAX);
    if len > limit {
        return Err(EntryError::TooLarge { what: "the body", limit });
    }
    if len < size_of::<Salt>() {
        return Err(EntryError::Truncated);
    }
    let Some(body) = body else {
        // A statement without its body says nothing, and nobody may delete it.
        return if shape == Shape::Statement { Err(EntryError::BodyMissing) } else { Ok(()) };
    };
    if body.len() != len || hash(body) != header.body_hash {
        return Err(EntryError::BodyHash);
    }
    body::check(header.kind, body)?;
    match header.kind {
        Kind::PersonaOpen => {
            let open = PersonaOpenBody::decode(body)?;
            if open.persona() != header.author || open.root != header.device {
                return Err(EntryError::PersonaMismatch);
            }
            Ok(())
        }
        Kind::DeviceCert => check_key(&DeviceCertBody::decode(body)?.device),
        Kind::RootRotate => check_key(&RootRotateBody::decode(body)?.root),
        Kind::Comment => Proof::of(body)?.map_or(Ok(()), |proof| check_proof(header, &proof)),
        Kind::Sealed => {
            let sealed = SealedBody::decode(body)?;
            sealed.fits(header, shape)?;
            sealed.proof.map_or(Ok(()), |proof| check_proof(header, &proof))
        }
        _ => Ok(()),
    }
}

/// A key is a point of the curve, and not one of the few for which a signature of one message fits many.
fn check_key(key: &DeviceKey) -> Result<(), EntryError> {
    let key = VerifyingKey::from_bytes(key.as_bytes()).map_err(|_| EntryError::Malformed("a key is not a point"))?;
    if key.is_weak() { Err(EntryError::WeakKey) } else { Ok(()) }
}

/// A comment with a wrong proof is refused, whatever the policy is: so a proof is checked once, and a policy that changes
/// only compares keys.
fn check_proof(header: &Header, proof: &Proof) -> Result<(), EntryError> {
    check_key(&proof.key)?;
    if check_one(&proof.key, &Proof::message(header), &proof.signature) { Ok(()) } else { Err(EntryError::Signature) }
}

pub(crate) fn check_one(key: &DeviceKey, message: &[u8], signature: &[u8; 64]) -> bool {
    VerificationKey::try_from(key.to_bytes())
        .and_then(|key| key.verify(&Signature::from_bytes(signature), message))
        .is_ok()
}

fn check_all<M: AsRef<[u8]>>(signed: &[(DeviceKey, M, [u8; 64])]) -> bool {
    let mut batch = batch::Verifier::new();
    for (key, message, signature) in signed {
        let key = VerificationKeyBytes::from(key.to_bytes());
        batch.queue((key, Signature::from_bytes(signature), message.as_ref()));
    }
    batch.verify(rand::rng()).is_ok()
}

#[cfg(test)]
mod tests;
