//! The node behind Kith: identity, entries, store, sync. Headless; owns its runtime.

pub mod clock;
pub mod crypto;
pub mod entry;
mod error;
pub mod event;
pub mod gate;
pub mod host;
pub mod id;
pub mod limits;
pub mod media;
pub mod net;
mod node;
pub mod store;
pub mod sync;
pub mod task;
pub mod view;

pub use error::{Error, Result};
pub use node::{Attach, Blob, Config, FeedQuery, NetworkMode, Node, PostDraft, ProfileEdit, Staged};
