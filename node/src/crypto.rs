//! Composition of widely used crates, as DESIGN says; nothing of our own. The audit status of each stands in
//! docs/security.md.

mod passphrase;
mod phrase;
mod random;
mod sealed_file;

pub use passphrase::{SealError, SealKind, open_with_passphrase, seal_with_passphrase};
pub use phrase::{Phrase, PhraseError, recovery_key};
pub use random::{NoRandomness, random_bytes, random_secret};
pub use sealed_file::SealedFile;
