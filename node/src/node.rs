//! The handle: what every surface (window, web page, terminal) knows of a node. Verbs are async and may be awaited on
//! any executor; reads come from the local store and never wait for the network.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use crate::control::lock::Holder;
use crate::error::Result;
use crate::event::EventReceiver;
use crate::host::Keystore;
use crate::id::{BlobHash, EntryId, PersonaId};
use crate::view::{
    FollowView, Followed, InviteView, PeerView, PersonaView, PostPage, PostView, ProfileView, Role, StatusView, WebView,
};

/// How a node is opened.
#[derive(Debug, Clone)]
pub struct Config {
    /// The profile's folder.
    pub profile: PathBuf,
    /// Make the profile where there is none. Without it that is [`crate::Error::NoProfile`].
    pub create: bool,
    /// Who opens it: a command that others wait for, or a node that stays.
    pub holder: Holder,
    pub role: Role,
    /// UDP address; `None`: the port that the profile used last, on all interfaces.
    pub listen: Option<SocketAddr>,
    pub network: NetworkMode,
    /// How long to wait for another *command's* lock, ms. A running node refuses at once.
    pub lock_wait_ms: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NetworkMode {
    /// As the settings say: iroh's public lookup and relays where the user allowed them.
    #[default]
    AsSet,
    /// No relay, lookup or mDNS; direct addresses, loopback too, work.
    Offline,
    /// As the settings say, and this network is marked home: mDNS.
    Lan,
}

/// A post before it is signed.
#[derive(Debug, Clone, Default)]
pub struct PostDraft {
    /// The default persona when `None`.
    pub persona: Option<PersonaId>,
    pub text: String,
    pub cw: Option<String>,
    pub lang: Option<String>,
    pub attachments: Vec<Attach>,
}

#[derive(Debug, Clone)]
pub struct Attach {
    /// From [`Node::stage_picture`].
    pub staged: BlobHash,
    pub alt: Option<String>,
}

/// A picture that was prepared and stored, waiting to be named by a post or profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staged {
    pub hash: BlobHash,
    pub mime: String,
    pub size: u64,
    pub width: u32,
    pub height: u32,
    pub blurhash: String,
    pub thumb: Option<BlobHash>,
}

#[derive(Debug, Clone, Default)]
pub struct FeedQuery {
    /// All personas when `None`.
    pub persona: Option<PersonaId>,
    /// Only posts of this author (for a profile page).
    pub author: Option<PersonaId>,
    /// 1..=1,000.
    pub limit: usize,
    /// Posts older than this one.
    pub before: Option<EntryId>,
}

#[derive(Debug, Clone, Default)]
pub struct ProfileEdit {
    pub name: Option<String>,
    pub bio: Option<String>,
    /// `Some(None)` removes the picture.
    pub picture: Option<Option<BlobHash>>,
}

/// A stored blob.
#[derive(Debug, Clone)]
pub struct Blob {
    pub mime: String,
    pub size: u64,
    /// A real file of the right type.
    pub path: PathBuf,
}

#[derive(Debug, Clone)]
pub struct Node {
    _inner: Arc<()>,
}

#[allow(unused_variables, clippy::unused_async, clippy::todo)]
impl Node {
    /// Opens a profile: lock, keys, database. Blocks for some 10 ms (plus the keystore); starts no network.
    pub fn open(config: Config, keystore: Arc<dyn Keystore>) -> Result<Self> { todo!() }
    /// Starts the network and the control socket.
    pub async fn start(&self) -> Result<()> { todo!() }
    /// Closes connections, keeps the store open. For phones in the background.
    pub async fn pause(&self) -> Result<()> { todo!() }
    pub async fn resume(&self) -> Result<()> { todo!() }
    /// Ends everything; returns when files and sockets are closed. Later verbs answer [`crate::Error::Closed`].
    pub async fn shutdown(&self) { todo!() }
    pub fn events(&self) -> EventReceiver { todo!() }

    pub async fn status(&self) -> Result<StatusView> { todo!() }
    /// Told by the web page's server, for `status`.
    pub fn set_web(&self, web: Option<WebView>) { todo!() }
    pub async fn peers(&self) -> Result<Vec<PeerView>> { todo!() }
    /// One line a check: name, ok, text.
    pub async fn doctor(&self) -> Result<Vec<(String, bool, String)>> { todo!() }

    /// Own personas, oldest first.
    pub async fn personas(&self) -> Result<Vec<PersonaView>> { todo!() }
    pub async fn create_persona(&self, name: &str) -> Result<PersonaId> { todo!() }
    pub async fn edit_profile(&self, persona: Option<PersonaId>, edit: ProfileEdit) -> Result<EntryId> { todo!() }
    pub async fn profile(&self, persona: PersonaId) -> Result<ProfileView> { todo!() }

    pub async fn invite(&self, persona: Option<PersonaId>) -> Result<InviteView> { todo!() }
    /// Local; returns at once. `target` is an invite link or a persona id.
    pub async fn follow(&self, by: Option<PersonaId>, target: &str) -> Result<Followed> { todo!() }
    pub async fn unfollow(&self, by: Option<PersonaId>, persona: PersonaId) -> Result<Followed> { todo!() }
    pub async fn follows(&self, by: Option<PersonaId>) -> Result<Vec<FollowView>> { todo!() }

    /// Prepares and stores a picture; slow work happens off the caller's thread.
    pub async fn stage_picture(&self, file: Vec<u8>) -> Result<Staged> { todo!() }
    /// What is known of a staged picture.
    pub async fn staged(&self, hash: BlobHash) -> Result<Staged> { todo!() }
    pub async fn post(&self, draft: PostDraft) -> Result<EntryId> { todo!() }
    pub async fn comment(&self, persona: Option<PersonaId>, target: EntryId, text: &str) -> Result<EntryId> { todo!() }
    pub async fn react(&self, persona: Option<PersonaId>, target: EntryId, emoji: &str) -> Result<EntryId> { todo!() }
    pub async fn unreact(&self, persona: Option<PersonaId>, target: EntryId, emoji: &str) -> Result<EntryId> { todo!() }
    pub async fn edit(&self, persona: Option<PersonaId>, target: EntryId, text: &str) -> Result<EntryId> { todo!() }
    pub async fn delete(&self, persona: Option<PersonaId>, target: EntryId) -> Result<EntryId> { todo!() }

    pub async fn feed(&self, query: FeedQuery) -> Result<Vec<PostView>> { todo!() }
    pub async fn show(&self, post: EntryId) -> Result<PostPage> { todo!() }
    /// A stored blob; `NotFound` while it is not here. Asking for a missing one queues its fetch.
    pub async fn blob(&self, hash: BlobHash) -> Result<Blob> { todo!() }

    /// Completes a unique prefix of an entry's id.
    pub async fn resolve_entry(&self, prefix: &str) -> Result<EntryId> { todo!() }
    pub async fn resolve_persona(&self, prefix: &str) -> Result<PersonaId> { todo!() }
    pub async fn resolve_blob(&self, prefix: &str) -> Result<BlobHash> { todo!() }

    pub async fn setting(&self, key: &str) -> Result<Option<String>> { todo!() }
    pub async fn set_setting(&self, key: &str, value: &str) -> Result<()> { todo!() }
    pub fn keystore_kind(&self) -> crate::host::KeystoreKind { todo!() }
}
