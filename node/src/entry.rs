//! Entries: the one unit of content (DESIGN §4). Immutable, signed by a device key, content-addressed.
//!
//! The types say what was checked: bytes of a peer or of our own signer become [`Unverified`], [`verify`] turns
//! them into [`Verified`], and the store takes only the latter. What needs the database (is the device certified,
//! is `prev` the stored predecessor) is checked when an entry is applied.

mod body;
mod cbor;
mod header;
mod introduction;
mod run;
mod verify;

pub use body::{
    BlobRef, Card, Commenters, DeleteBody, DeviceCertBody, DeviceKeysBody, DeviceRevokeBody, EditBody, Enclosed, Grant,
    ListedPerson, LogHead, LogOpenBody, Member, MessageBody, PersonaOpenBody, PolicyBody, PollBody, PostBody,
    ProfileBody, Proof, ReactionBody, Record, Records, RepostBody, RootRotateBody, Roster, Said, Salt, Scope,
    SealedBlob, SealedBody, Series, What, file_name, recovery_hash,
};
pub(crate) use body::{Past, PastMember, PastMessage, PastSaid, PastThread};
pub use header::{HEADER_BYTES, HEADER_VERSION, Header, Kind, Place, Shape};
pub use introduction::Introduction;
pub(crate) use introduction::root_of;
pub use run::{Body, Run, RunItem};
pub(crate) use run::{put_varint, take_varint};
pub(crate) use verify::check_one;
pub use verify::{EntryError, Unverified, Verified, sign, verify, verify_batch};

use crate::id::EntryId;

/// A header, its signature, and the body where it is present: it can be deleted or evicted, the chain still shows
/// order and completeness.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub header: Header,
    pub signature: [u8; 64],
    pub body: Option<Vec<u8>>,
}

impl Entry {
    /// BLAKE3 of the header, in derive-key mode.
    pub fn id(&self) -> EntryId {
        self.header.id()
    }

    /// The header as it was signed.
    pub fn header_bytes(&self) -> Vec<u8> {
        self.header.to_bytes()
    }
}
