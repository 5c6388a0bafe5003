//! The one signature rule (ZIP-215) and the checks that need no database.

use ed25519_dalek::SigningKey;

use crate::entry::{Entry, Header};

/// Not checked yet. Its content can be looked at, but the store does not take it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unverified<T>(pub T);

/// Shape, limits, body hash and signature are good.
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
    #[error("the signature is not good")]
    Signature,
    #[error("a small-order key")]
    WeakKey,
    #[error("the device is not certified by the author")]
    Uncertified,
    #[error("the persona id does not fit its root key")]
    PersonaMismatch,
    #[error("this kind does not stand in such a log")]
    Scope,
    #[error("the author has reached a limit: {0}")]
    Full(&'static str),
    #[error("the log is frozen by a fork")]
    Frozen,
    #[error("the references do not fit the kind")]
    Refs,
}

/// Signs a header and its body.
pub fn sign(_key: &SigningKey, _header: Header, _body: Vec<u8>) -> Unverified<Entry> {
    todo!()
}

/// Checks one entry.
pub fn verify(_entry: Unverified<Entry>) -> Result<Verified<Entry>, EntryError> {
    todo!()
}

/// Checks many at once; the same verdicts as [`verify`], in order.
pub fn verify_batch(_entries: Vec<Unverified<Entry>>) -> Vec<Result<Verified<Entry>, EntryError>> {
    todo!()
}
