//! Composition of widely used crates, as DESIGN says; nothing of our own. The audit status of each stands in
//! docs/security.md.
//!
//! Private content in four layers, each of which knows only the ones before: HPKE seals to a public key; a route secret
//! makes messages recognisable; an envelope is what a sealed entry shows; a session is an Olm session with one device.

mod backup;
mod drawer;
mod envelope;
mod epoch;
mod file;
mod hpke;
mod pairing;
mod passphrase;
mod phrase;
mod random;
mod route;
mod safety;
mod sealed_file;
mod secret;
mod session;
mod stream;
mod work;

pub use self::hpke::{HpkeError, IntroSecret};
pub use backup::BackupKeys;
pub use drawer::Drawer;
pub use envelope::{
    BUCKETS, Envelope, EnvelopeError, INTRO_SLOT, LARGEST_CONTENT, Outside, Purpose, SESSION_SLOT, Slots,
};
pub use epoch::EpochKey;
pub use file::{FileKey, SealedReader, is_sealed_size, seal_file, sealed_size};
pub use pairing::{Pairing, Side};
pub use passphrase::{SealError, SealKind, open_with_passphrase, seal_with_passphrase};
pub use phrase::{Phrase, PhraseError, recovery_key};
pub use random::{NoRandomness, random_bytes, random_secret};
pub use route::{RouteSecret, SlotKey, Tag};
pub use safety::{SAFETY_WORDS, fingerprint, safety_words};
pub use sealed_file::SealedFile;
pub(crate) use sealed_file::{rename_whole, write_whole};
pub use session::{
    Account, Ends, Expected, Intro, Mark, PeerKeys, Received, Say, Sent, Session, SessionError, SessionId, Way, What,
    fuzz_plain,
};
pub use stream::{StreamOpener, StreamReader, StreamWriter};
pub use work::{do_work, is_worked};
