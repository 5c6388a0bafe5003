//! Bodies: a 16-byte random salt, then numbered fields (minicbor). Unknown fields are ignored and never re-encoded;
//! trailing bytes are refused.

use crate::id::{BlobHash, DeviceKey, EntryId, PersonaId};

/// Makes a body hash useless for guessing once the body is deleted.
pub type Salt = [u8; 16];

/// What a log carries; subscribing to an author covers `Posts` and `Sealed`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    Posts,
    Engagement,
    Sealed,
    Hive([u8; 32]),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogOpenBody {
    pub scope: Scope,
    /// Last heads of this device's earlier logs of the scope; both heads of a fork.
    pub prior_heads: Vec<EntryId>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonaOpenBody {
    pub root: DeviceKey,
    pub nonce: [u8; 16],
    /// BLAKE3 (derive-key) of the recovery key.
    pub recovery_hash: [u8; 32],
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceCertBody {
    pub device: DeviceKey,
    /// Bit set; unknown bits are ignored.
    pub caps: u32,
    /// 0 device, 1 bridge, 2 service, 3 mls-leaf.
    pub purpose: u8,
    /// Seconds since the epoch; 0 = no end. Never decides validity of an entry.
    pub not_after: u64,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProfileBody {
    pub name: String,
    pub bio: String,
    pub picture: Option<BlobRef>,
    /// One above the highest seen; the higher (counter, id) wins.
    pub counter: u64,
}

/// Also the body of a comment, where the header's refs are [root, parent].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PostBody {
    pub text: String,
    pub content_warning: Option<String>,
    /// BCP 47, e.g. `en`.
    pub lang: Option<String>,
    pub attachments: Vec<BlobRef>,
    pub mentions: Vec<PersonaId>,
    pub tags: Vec<String>,
    pub quote: Option<EntryId>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReactionBody {
    pub emoji: String,
}

/// refs = [target]; replaces the target's body.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EditBody {
    pub post: PostBody,
    /// One above the highest seen for the target; the higher (counter, id) wins.
    pub counter: u64,
}

/// refs = targets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeleteBody {}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlobRef {
    /// Of the ciphertext when sealed.
    pub hash: BlobHash,
    /// Only inside sealed bodies.
    pub key: Option<[u8; 32]>,
    pub size: u64,
    pub mime: String,
    pub width: u32,
    pub height: u32,
    pub blurhash: Option<String>,
    pub alt: Option<String>,
    /// A thumbnail JPEG or PNG, a blob of its own.
    pub thumb: Option<BlobHash>,
}

// Each body type gets:
//   fn encode(&self, salt: Salt) -> Vec<u8>          (salt ‖ numbered fields)
//   fn decode(body: &[u8]) -> Result<Self, EntryError> (limits checked)
macro_rules! body_stub {
    ($($name:ident),*) => { $(
        impl $name {
            /// The salt followed by numbered fields.
            pub fn encode(&self, _salt: Salt) -> Vec<u8> { todo!() }
            /// Reads a body and checks every limit.
            pub fn decode(_body: &[u8]) -> Result<Self, crate::entry::EntryError> { todo!() }
        }
    )* };
}
body_stub!(LogOpenBody, PersonaOpenBody, DeviceCertBody, ProfileBody, PostBody, ReactionBody, EditBody, DeleteBody);

impl PersonaOpenBody {
    /// The persona's id: derive_key(context, root ‖ nonce ‖ recovery hash).
    pub fn persona(&self) -> PersonaId {
        todo!()
    }
}
