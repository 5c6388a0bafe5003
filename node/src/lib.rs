//! The node behind Kith: identity, entries, store, sync. Headless; owns its runtime.
//!
//! The map, left may use right: `boot → control → apply → features → node → net → sync → gate → entry → crypto →
//! store → host, task, event, view, id, limits, clock, error`. A feature is a noun with one home: its verbs are an
//! `impl Node` block in its file, and its `apply` is the only writer of its tables. Sync and net know no feature; they
//! bring entries to the gate ([`gate::Gate`]), which boot fills with verify → apply.

pub mod clock;
pub mod control;
pub mod crypto;
pub mod entry;
pub mod event;
pub mod gate;
pub mod host;
pub mod id;
pub mod keyring;
pub mod limits;
pub mod lock;
pub mod media;
pub mod net;
#[cfg(feature = "sim")]
pub mod sim;
pub mod store;
pub mod sync;
pub mod task;
pub mod view;

mod anchor;
mod apply;
mod author;
mod backup;
mod bookmark;
mod boot;
mod bucket;
mod bundle;
mod card;
mod circle;
mod departure;
mod device;
mod draft;
mod error;
mod feed;
mod follow;
mod follower;
mod header;
mod holder;
mod installation;
mod item;
mod link;
mod list;
mod mail;
mod mailbox;
mod mention;
mod met;
mod mute;
mod name;
mod near;
mod node;
mod note;
mod notify;
mod opened;
mod persona;
mod poll;
mod post;
mod profile;
mod published;
mod quote;
mod record;
mod recovery;
mod report;
mod repost;
mod resolve;
mod restore;
mod revoke;
mod search;
mod series;
mod service;
mod setting;
mod share;
mod storage;
mod tag;
mod target;
mod thread;
mod verify;
mod visit;

pub use backup::fuzz_backup;
pub use boot::DemoView;
pub use bundle::{BundleError, BundleNews, BundleView, Export, Transfer, fuzz_bundle, preview_bundle};
pub use card::{CardError, Preview, fuzz_page, link_host};
pub use departure::Content;
pub use entry::file_name;
pub use error::{Error, Result};
pub use header::Redraft;
pub use link::{LinkError, LinkGive, fuzz_link_frame, link_code_gives, link_code_is_separate};
pub use mention::{mention_at, mention_begins, mention_label, put_names, with_ids, with_names};
pub use name::plain_name;
pub use node::{
    Attach, Begun, Blob, BlobReader, Config, Ended, FeedOf, FeedQuery, LinkWatch, Linking, NetworkMode, Node, Outgoing,
    PollDraft, PostDraft, PostPart, ProfileEdit, Refused, SearchQuery, Staged, Waiting, Writing, WritingPart,
};
pub use notify::{Looked, NotificationsQuery};
pub use restore::{Others, Restore};
pub use setting::{HIDE_ANSWERS, READ_RECEIPTS};
pub use share::Shared;
pub use storage::Evicted;
pub use target::{Target, target};
pub use thread::{Delivery, MessageDraft};
pub use verify::Verdict;
