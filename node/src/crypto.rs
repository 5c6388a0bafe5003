//! Composition of widely used crates, as DESIGN says; nothing of our own. The audit status of each stands in
//! docs/security.md.

mod sealed_file;

pub use sealed_file::SealedFile;
