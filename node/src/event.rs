//! What the node tells its surfaces. Events carry ids; readers read again. The channel is bounded: a reader that
//! falls behind gets [`Event::Reload`] and reads everything again.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::broadcast;

use crate::id::{BlobHash, EntryId, PersonaId, ThreadId};
use crate::limits::EVENT_QUEUE;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Posts were added to the feed.
    PostsAdded {
        authors: Vec<PersonaId>,
        count: usize,
    },
    /// Something about this post changed: comments, reactions, edits, deletion.
    PostChanged(EntryId),
    ProfileChanged(PersonaId),
    /// Peers found something for a search of this node, or for a followed hashtag: search again, or read the feed of the
    /// hashtag again.
    Found,
    PersonasChanged,
    /// Own devices: one is new, is called otherwise, or is out.
    DevicesChanged,
    FollowsChanged,
    /// A blob is complete on this device.
    BlobStored(BlobHash),
    /// A blob lost its last reference; its file goes.
    BlobDropped(BlobHash),
    /// Connections or catch-up state changed.
    NetworkChanged,
    SettingsChanged,
    /// Something in a private thread changed, or it is new.
    ThreadChanged(ThreadId),
    /// The user is to be told of something, or was: read notifications again. Those of private threads change with
    /// [`Self::ThreadChanged`] too, those of posts with [`Self::PostChanged`].
    NotificationsChanged,
    /// Who is near: somebody came or went, or it was opened or closed.
    NearChanged,
    /// An export or import went on, or ended.
    TransferChanged,
    /// Another start of the program hands over the link that it was given; empty where it was given none.
    Opened(String),
    /// Some events were lost: read everything again.
    Reload,
}

#[derive(Debug, Clone)]
pub struct Events {
    sender: broadcast::Sender<Event>,
    turn: Arc<AtomicU64>,
}

impl Default for Events {
    fn default() -> Self {
        Self { sender: broadcast::Sender::new(EVENT_QUEUE), turn: Arc::default() }
    }
}

impl Events {
    pub fn send(&self, event: Event) {
        // First: who finds the turn that they know has not missed what they subscribed for before.
        self.turn.fetch_add(1, Ordering::SeqCst);
        let _nobody_listens = self.sender.send(event);
    }

    pub fn subscribe(&self) -> EventReceiver {
        EventReceiver(self.sender.subscribe())
    }

    /// How many events there were: another number than before tells who was away that something happened.
    pub fn turn(&self) -> u64 {
        self.turn.load(Ordering::SeqCst)
    }
}

#[derive(Debug)]
pub struct EventReceiver(broadcast::Receiver<Event>);

impl EventReceiver {
    /// The next event; `None` once the node is gone.
    pub async fn next(&mut self) -> Option<Event> {
        match self.0.recv().await {
            Ok(event) => Some(event),
            Err(broadcast::error::RecvError::Lagged(_)) => Some(Event::Reload),
            Err(broadcast::error::RecvError::Closed) => None,
        }
    }
}
