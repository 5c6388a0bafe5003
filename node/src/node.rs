//! The handle: what every surface (window, web page, terminal) knows of a node. Verbs are async and may be awaited on
//! any executor; reads come from the local store and never wait for the network.

mod blob;
mod compartment;
mod linking;
mod near;
mod writing;

use std::collections::VecDeque;
use std::future::Future;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};

use serde::{Deserialize, Serialize};
use tokio::runtime::Runtime;
use tokio::sync::broadcast;

use crate::clock::Clock;
use crate::crypto::FileKey;
use crate::entry::{Card, Kind, ListedPerson};
use crate::error::{Error, Result};
use crate::event::{Event, EventReceiver, Events};
use crate::gate::{Applied, CommentDraft, Committed, Draft, Gate, Origin, Outcome, SealedDraft, Twin};
use crate::host::{Entropy, Keystore, KeystoreKind};
use crate::id::{BlobHash, CircleId, EntryId, ListId, PersonaId};
use crate::keyring::Keyring;
use crate::limits::{INVITE_CHARS, STAGED_PICTURES};
use crate::lock::{Holder, ProfileLock};
use crate::net::{Blobs, Net};
use crate::store::Store;
use crate::task::{TaskGuard, Tasks};
use crate::view::{PeerView, Role, StatusView, WebView};

pub use self::blob::{Blob, BlobReader};
pub(crate) use self::compartment::Compartment;
pub(crate) use self::linking::{Going, Knocked, LinkDesk, LinkTeller};
pub use self::linking::{LinkWatch, Linking};
pub(crate) use self::near::{NearDesk, NearOpen, NearSeen};
pub use self::writing::{Begun, Ended, Outgoing, Refused, Waiting, Writing, WritingPart};
pub(crate) use self::writing::{Desk, Held};

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
    /// Its picture is one of the attachments, by what was staged.
    pub card: Option<Card>,
    /// Only for their members; empty: public.
    pub circles: Vec<CircleId>,
    /// Whom it puts forward, each once; public posts alone. [`Node::publish_list`] makes such a post of a list.
    pub people: Vec<ListedPerson>,
    /// A public post that it is about.
    pub quote: Option<EntryId>,
    pub poll: Option<PollDraft>,
    /// What stands behind it: with these it is a thread.
    pub more: Vec<PostPart>,
}

/// A further post of a thread, for the same readers as the first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PostPart {
    pub text: String,
    pub cw: Option<String>,
    pub attachments: Vec<Attach>,
}

/// A poll before its post is signed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PollDraft {
    pub options: Vec<String>,
    /// From when it is posted.
    pub lasts_s: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attach {
    /// From [`Node::stage_picture`]; for circles and messages, from [`Node::stage_sealed`].
    pub staged: BlobHash,
    pub alt: Option<String>,
}

/// A file that was prepared and stored, waiting to be named by a post, profile or message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staged {
    /// Of the ciphertext where it is sealed.
    pub hash: BlobHash,
    pub mime: String,
    pub size: u64,
    /// 0, as is the height, of what is no picture.
    pub width: u32,
    pub height: u32,
    pub blurhash: String,
    pub thumb: Option<BlobHash>,
    /// Sealed: what opens it.
    pub key: Option<FileKey>,
    /// What the file was called, of what is no picture.
    pub name: Option<String>,
}

/// A feed of the user's.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub enum FeedOf {
    /// Own posts and those of followed authors.
    #[default]
    Home,
    List(ListId),
    /// A hashtag, with or without its sign: what is held here, by anybody.
    Tag(String),
}

#[derive(Debug, Clone, Default)]
pub struct FeedQuery {
    /// All personas when `None`.
    pub persona: Option<PersonaId>,
    /// Only posts of this author (for a profile page).
    pub author: Option<PersonaId>,
    /// Only those of its own posts that bring pictures, where an author is named.
    pub pictures: bool,
    /// Which feed, where no author is named.
    pub of: FeedOf,
    /// 1..=1,000.
    pub limit: usize,
    /// Posts older than this one.
    pub before: Option<EntryId>,
}

#[derive(Debug, Clone, Default)]
pub struct SearchQuery {
    /// What only other own personas can read is left out. `None`: nothing is.
    pub persona: Option<PersonaId>,
    /// Words, "phrases", #tags and from:NAME; all have to match.
    pub text: String,
    /// 1..=1,000.
    pub limit: usize,
    /// Results that were shown already.
    pub skip: usize,
    /// The last word may be the beginning of one: for results while somebody types.
    pub typing: bool,
    /// In the order of the feed; else the best come first.
    pub newest_first: bool,
}

#[derive(Debug, Clone, Default)]
pub struct ProfileEdit {
    pub name: Option<String>,
    pub bio: Option<String>,
    /// `Some(None)` removes the picture.
    pub picture: Option<Option<BlobHash>>,
    /// Whether others may find it by its name.
    pub listed: Option<bool>,
}

/// Where a node stands in its life. Every change goes through one lock, so that `pause` and `shutdown` from different
/// surfaces can't interleave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Store open, no network.
    Opened,
    Running,
    /// As `Opened`, but was running.
    Paused,
    Closed,
}

/// A node. Cheap to clone; all clones are one node.
#[derive(Debug, Clone)]
pub struct Node(pub(crate) Arc<Inner>);

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) config: Config,
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) keystore: Arc<dyn Keystore>,
    /// Names this profile in the keystore.
    pub(crate) tag: String,
    pub(crate) keyring: Arc<Mutex<Keyring>>,
    pub(crate) events: Events,
    pub(crate) commits: broadcast::Sender<Committed>,
    /// Filled by boot.
    pub(crate) gate: OnceLock<Arc<dyn Gate>>,
    pub(crate) twin: Arc<Twin>,
    /// `None` in the simulation.
    pub(crate) blobs: Option<Blobs>,
    pub(crate) net: Mutex<Option<Net>>,
    /// `None` in the simulation: everything runs inside the caller.
    pub(crate) runtime: Mutex<Option<Runtime>>,
    pub(crate) phase: tokio::sync::Mutex<Phase>,
    pub(crate) tasks: tokio::sync::Mutex<Tasks>,
    pub(crate) lock: Mutex<Option<ProfileLock>>,
    pub(crate) staged: Mutex<VecDeque<Staged>>,
    /// Posts that wait for their time.
    pub(crate) held: Held,
    pub(crate) web: Mutex<Option<WebView>>,
    pub(crate) link: LinkDesk,
    pub(crate) near: NearDesk,
    /// The export or import that is under way.
    pub(crate) transfer: Mutex<Weak<Moving>>,
    /// Whether this is a node of a separate persona, inside another's profile.
    pub(crate) compartment: bool,
    /// Those of this profile that are open.
    pub(crate) compartments: Mutex<Vec<Compartment>>,
    /// Starts them one after another.
    pub(crate) compartments_waking: Mutex<Option<TaskGuard>>,
    /// How many did not open.
    pub(crate) compartments_lost: AtomicUsize,
    /// A window shows it.
    pub(crate) window: AtomicBool,
}

/// How far an export or import is, bytes. It ends when nobody waits for it any more.
#[derive(Debug, Default)]
pub(crate) struct Moving {
    pub(crate) done: AtomicU64,
    pub(crate) total: AtomicU64,
    pub(crate) ended: AtomicBool,
}

impl Moving {
    /// Counts bytes; `false`: nobody waits for it.
    pub(crate) fn moved(&self, bytes: u64) -> bool {
        self.done.fetch_add(bytes, Ordering::Relaxed);
        !self.ended.load(Ordering::Relaxed)
    }
}

impl Inner {
    pub(crate) fn gate(&self) -> Result<Arc<dyn Gate>> {
        self.gate.get().cloned().ok_or(Error::Bug("the gate is not set"))
    }

    pub(crate) fn blobs(&self) -> Result<Blobs> {
        self.blobs.clone().ok_or(Error::NotAvailable("files in a simulated node"))
    }

    pub(crate) fn net(&self) -> Option<Net> {
        unpoisoned(&self.net).clone()
    }

    pub(crate) fn keyring(&self) -> MutexGuard<'_, Keyring> {
        unpoisoned(&self.keyring)
    }

    /// Something waits in the outbox: whoever drives the network looks.
    pub(crate) fn tell_queued(&self) {
        let told = Committed { origin: Origin::Own, applied: Vec::new().into(), queued: true, carried: false };
        let _nobody_listens = self.commits.send(told);
    }

    /// Other mail is taken than before, or handed out routes are others.
    pub(crate) fn tell_routed(&self) {
        let told = Committed { origin: Origin::Own, applied: Vec::new().into(), queued: true, carried: true };
        let _nobody_listens = self.commits.send(told);
    }

    pub(crate) fn random<const N: usize>(&self) -> Result<[u8; N]> {
        let mut bytes = [0; N];
        self.entropy.fill(&mut bytes)?;
        Ok(bytes)
    }

    pub(crate) fn stage(&self, picture: Staged) {
        let mut staged = unpoisoned(&self.staged);
        // One picture may be staged twice at a time: each is for one who names it.
        staged.push_back(picture);
        if staged.len() > STAGED_PICTURES {
            staged.pop_front();
        }
    }

    /// A staged picture was named: from now on its entry keeps it.
    pub(crate) fn unstage(&self, hash: BlobHash) {
        let mut staged = unpoisoned(&self.staged);
        if let Some(place) = staged.iter().position(|known| known.hash == hash) {
            staged.remove(place);
            return;
        }
        let mut held = unpoisoned(&self.held.files);
        if let Some(place) = held.iter().position(|known| known.hash == hash) {
            held.swap_remove(place);
        }
    }

    /// Files of a post that waits: they stay until it is signed.
    pub(crate) fn hold_files(&self, files: &[(Staged, String)]) {
        let (mut staged, mut held) = (unpoisoned(&self.staged), unpoisoned(&self.held.files));
        for (file, _) in files {
            if let Some(place) = staged.iter().position(|known| known.hash == file.hash) {
                held.extend(staged.remove(place));
            }
        }
    }

    /// They are staged as those of what is being written are.
    pub(crate) fn free_files(&self, files: &[(Staged, String)]) {
        for (file, _) in files {
            let freed = {
                let mut held = unpoisoned(&self.held.files);
                held.iter().position(|known| known.hash == file.hash).map(|place| held.swap_remove(place))
            };
            if let Some(file) = freed {
                self.stage(file);
            }
        }
    }

    pub(crate) fn find_staged(&self, hash: BlobHash) -> Option<Staged> {
        self.staged_where(|staged| staged.hash == hash)
    }

    /// The staged file that this blob is, or is the thumbnail of.
    pub(crate) fn staged_with(&self, hash: BlobHash) -> Option<Staged> {
        self.staged_where(|staged| staged.hash == hash || staged.thumb == Some(hash))
    }

    fn staged_where(&self, fits: impl Fn(&Staged) -> bool) -> Option<Staged> {
        let found = unpoisoned(&self.staged).iter().find(|staged| fits(staged)).cloned();
        found.or_else(|| unpoisoned(&self.held.files).iter().find(|staged| fits(staged)).cloned())
    }

    /// Whether this blob is a staged picture or its thumbnail.
    pub(crate) fn is_staged(&self, hash: BlobHash) -> bool {
        self.staged_with(hash).is_some()
    }

    /// Runs slow work off the async threads.
    pub(crate) async fn off_thread<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let runtime = unpoisoned(&self.runtime).as_ref().map(|runtime| runtime.handle().clone());
        match runtime {
            Some(runtime) => runtime.spawn_blocking(work).await.map_err(|_| Error::Closed),
            None => Ok(work()),
        }
    }

    /// Runs a future on the node's own runtime, so that the caller may be on any executor.
    #[allow(clippy::disallowed_methods)] // awaited here: it ends with its caller's wish to know
    pub(crate) async fn on_runtime<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Result<T> {
        let runtime = unpoisoned(&self.runtime).as_ref().map(|runtime| runtime.handle().clone());
        match runtime {
            Some(runtime) => runtime.spawn(work).await.map_err(|_| Error::Closed),
            None => Ok(work.await),
        }
    }
}

pub(crate) fn unpoisoned<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Node {
    pub(crate) fn inner(&self) -> &Inner {
        &self.0
    }

    /// What happens from now on. Readers that fall behind are told to reload.
    pub fn events(&self) -> EventReceiver {
        self.0.events.subscribe()
    }

    pub fn keystore_kind(&self) -> KeystoreKind {
        self.0.keystore.kind()
    }

    pub fn role(&self) -> Role {
        self.0.config.role
    }

    /// Told by the window that shows this node: links that are opened elsewhere are handed over to it.
    pub fn set_window(&self, shown: bool) {
        self.0.window.store(shown, Ordering::Relaxed);
    }

    /// Hands a link over to the window that shows this node, or calls it to the front. `false`: none does.
    ///
    /// # Errors
    /// `BadInput` for what is too long to be a link.
    pub fn open_link(&self, link: &str) -> Result<bool> {
        if link.len() > INVITE_CHARS {
            return Err(Error::BadInput("this link is too long to be one of Kith's".to_owned()));
        }
        let shown = self.0.window.load(Ordering::Relaxed);
        if shown {
            self.0.events.send(Event::Opened(link.to_owned()));
        }
        Ok(shown)
    }

    /// Told by the web page's server, for `status`.
    pub fn set_web(&self, web: Option<WebView>) {
        *unpoisoned(&self.0.web) = web;
    }

    /// Live connections.
    ///
    /// # Errors
    /// `NotRunning` when the network is not started.
    pub async fn peers(&self) -> Result<Vec<PeerView>> {
        let net = self.0.net().ok_or(Error::NotRunning)?;
        self.0.on_runtime(async move { net.peers().await }).await
    }

    pub async fn status(&self) -> Result<StatusView> {
        let (personas, entries): (u64, u64) = self
            .0
            .store
            .read(|db| {
                Ok(db.query_row(
                    "SELECT (SELECT count(*) FROM author WHERE own = 1), (SELECT count(*) FROM entry)",
                    [],
                    |row| Ok((row.get(0)?, row.get(1)?)),
                )?)
            })
            .await?;
        let apart: usize = self.compartments().iter().map(|node| node.0.keyring().count()).sum();
        let net = self.0.net();
        let peers = match &net {
            Some(_) => self.peers().await?.len() as u64,
            None => 0,
        };
        Ok(StatusView {
            profile: true,
            running: net.is_some(),
            node: net.as_ref().map(Net::node_id),
            role: self.0.config.role,
            ticket: net.as_ref().map(|net| net.ticket().to_string()),
            relay: net.as_ref().and_then(Net::relay),
            listen: net.iter().flat_map(Net::listen_addrs).map(|addr| addr.to_string()).collect(),
            peers,
            personas: personas + apart as u64,
            entries,
            out_of: self.out_of().await?,
            web: unpoisoned(&self.0.web).clone(),
        })
    }

    /// One own entry through the gate.
    pub(crate) async fn author_one(&self, draft: Draft) -> Result<EntryId> {
        self.author_last(vec![draft]).await
    }

    /// As [`Self::author_one`], for several, all or none; answers the last.
    pub(crate) async fn author_last(&self, drafts: Vec<Draft>) -> Result<EntryId> {
        let outcome = self.0.gate()?.author(drafts).await?;
        // A log may have been opened before it: the entry itself is the last one.
        let written = outcome.applied.last().map(|applied| applied.id).or(outcome.existing.last().copied());
        written.ok_or(Error::Bug("an own entry was not applied"))
    }

    /// As [`Self::author_one`], sealed for circles.
    pub(crate) async fn seal_one(&self, draft: SealedDraft) -> Result<EntryId> {
        let outcome = self.0.gate()?.seal(vec![draft]).await?;
        outcome.applied.last().map(|applied| applied.id).ok_or(Error::Bug("an own entry was not applied"))
    }

    /// Posts, all or none; ids in their order.
    pub(crate) async fn author_posts(&self, drafts: Vec<Draft>) -> Result<Vec<EntryId>> {
        let count = drafts.len();
        let outcome = self.0.gate()?.author(drafts).await?;
        written(&outcome, count, |applied| applied.kind == Kind::Post)
    }

    /// As [`Self::author_posts`], sealed for circles.
    pub(crate) async fn seal_posts(&self, drafts: Vec<SealedDraft>) -> Result<Vec<EntryId>> {
        let count = drafts.len();
        let outcome = self.0.gate()?.seal(drafts).await?;
        written(&outcome, count, |applied| applied.kind == Kind::Sealed && applied.log.is_some())
    }

    /// As [`Self::author_one`], about a post to circles.
    pub(crate) async fn comment_one(&self, draft: CommentDraft) -> Result<EntryId> {
        let outcome = self.0.gate()?.comment(draft).await?;
        outcome.applied.last().map(|applied| applied.id).ok_or(Error::Bug("an own entry was not applied"))
    }

    /// The set of carried authors changed.
    pub(crate) async fn authors_changed(&self) {
        if let Some(net) = self.0.net() {
            let _closing = self.0.on_runtime(async move { net.authors_changed().await }).await;
        }
    }
}

/// The entries that were to be written, behind what had to come before them.
fn written(outcome: &Outcome, count: usize, is_one: impl Fn(&Applied) -> bool) -> Result<Vec<EntryId>> {
    let ids: Vec<EntryId> =
        outcome.applied.iter().filter(|applied| is_one(applied)).map(|applied| applied.id).collect();
    if ids.len() == count { Ok(ids) } else { Err(Error::Bug("an own entry was not applied")) }
}
