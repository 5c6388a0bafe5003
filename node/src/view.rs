//! What the handle's reads return. The JSON of these types is the contract of DESIGN §9.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Serialize;

use crate::id::{BlobHash, EntryId, NodeId, PersonaId};

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PersonaView {
    pub id: PersonaId,
    pub name: String,
    pub default: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProfileView {
    pub persona: PersonaId,
    /// Empty until a profile came.
    pub name: String,
    pub bio: String,
    pub picture: Option<BlobHash>,
    pub picture_thumb: Option<BlobHash>,
    pub own: bool,
    /// Own personas that follow it.
    pub followed_by: Vec<PersonaId>,
    pub posts: u64,
    /// When a peer last confirmed or completed our copy, ms; `None`: nothing came yet.
    pub synced_ms: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FollowView {
    pub persona: PersonaId,
    /// From their profile or the invite; `None` when neither told.
    pub name: Option<String>,
    /// The own persona that follows.
    pub by: PersonaId,
    pub picture: Option<BlobHash>,
    /// `None`: waiting for their device.
    pub synced_ms: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AttachmentView {
    pub hash: BlobHash,
    pub mime: String,
    pub size: u64,
    pub width: u32,
    pub height: u32,
    pub alt: Option<String>,
    /// A real file of the right type once fetched; null before.
    pub path: Option<PathBuf>,
    pub thumb: Option<BlobHash>,
    pub blurhash: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PostView {
    pub id: EntryId,
    pub author: PersonaId,
    pub author_name: String,
    pub author_picture: Option<BlobHash>,
    pub created_ms: u64,
    /// Empty when deleted or not fetched.
    pub text: String,
    pub cw: Option<String>,
    pub attachments: Vec<AttachmentView>,
    pub reactions: BTreeMap<String, u64>,
    /// Emoji with which own personas reacted.
    pub mine: Vec<String>,
    pub comments: u64,
    pub edited: bool,
    pub deleted: bool,
    pub sealed: bool,
    pub circle: Option<String>,
    /// The own persona whose follow brought it.
    pub via: Option<PersonaId>,
    /// Its author is an own persona.
    pub own: bool,
    /// The claimed time lies more than 10 minutes ahead of when it was first seen.
    pub clock_off: bool,
    /// The log that holds it has two branches.
    pub forked: bool,
    /// It has not left this device yet.
    pub waiting: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CommentView {
    pub id: EntryId,
    pub author: PersonaId,
    pub author_name: String,
    pub author_picture: Option<BlobHash>,
    pub parent: EntryId,
    pub text: String,
    pub created_ms: u64,
    pub deleted: bool,
    pub edited: bool,
    pub own: bool,
    pub reactions: BTreeMap<String, u64>,
    pub mine: Vec<String>,
}

/// A post and its thread, parents before children, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PostPage {
    #[serde(flatten)]
    pub post: PostView,
    pub thread: Vec<CommentView>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InviteView {
    /// A link that `follow` takes.
    pub invite: String,
    pub persona: PersonaId,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Followed {
    pub persona: PersonaId,
    pub name: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PathKind {
    Direct,
    Relayed,
    Unknown,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PeerView {
    pub node: NodeId,
    pub role: Role,
    pub path: PathKind,
    pub rtt_ms: f64,
    pub bytes_in: u64,
    pub bytes_out: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Intermittent.
    Phone,
    /// Available.
    #[default]
    Desktop,
    /// Persistent.
    Anchor,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WebView {
    pub addr: String,
    /// An absolute one-time link.
    pub login: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StatusView {
    pub running: bool,
    pub node: Option<NodeId>,
    pub role: Role,
    /// This node's address for `anchors add` and `mailbox add`.
    pub ticket: Option<String>,
    pub listen: Vec<String>,
    pub peers: u64,
    pub personas: u64,
    pub entries: u64,
    pub web: Option<WebView>,
}
