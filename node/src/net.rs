//! The network: the one place that uses iroh (DESIGN §5). A started [`Net`] holds one endpoint a compartment (one
//! for now), keeps connections to known peers, runs the sync engine over them and fetches blobs.
//!
//! One ALPN, `kith/1`. The first byte of each bidirectional stream names its type: sync, blobs, link. Every other
//! stream, unidirectional ones too, is refused. Nothing slow is awaited in the task that owns the engine.

mod admission;
mod blobs;
mod book;
mod dialer;
mod driver;
mod endpoint;
mod fetch;
mod link;
mod serve;
mod ticket;

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::sync::{Mutex, broadcast};
use zeroize::Zeroizing;

pub use blobs::Blobs;
pub use book::{forget, remember};
pub use ticket::{Addr, Ticket, TicketError};

use crate::clock::Clock;
use crate::error::{Error, Result};
use crate::event::Events;
use crate::gate::{Committed, Gate};
use crate::id::NodeId;
use crate::store::Store;
use crate::view::{PeerView, Role};

/// Number of a compartment: personas that are kept apart have one of their own. Now there is only this one.
pub const FIRST_COMPARTMENT: u32 = 0;

/// How the network is started.
#[derive(Clone)]
pub struct NetConfig {
    /// The network key of the first compartment: transport only.
    pub secret: Zeroizing<[u8; 32]>,
    /// UDP address; `None`: all interfaces, with the remembered port.
    pub listen: Option<SocketAddr>,
    /// The port that this profile used last. If it is taken, another one is; see [`Net::port`].
    pub last_port: Option<u16>,
    /// No relay, lookup, mDNS or port mapping; direct addresses, loopback too, work.
    pub offline: bool,
    /// This network is marked home: nodes on it are found by mDNS.
    pub lan: bool,
    /// iroh's public relays and lookup; what is published is the relay's address only.
    pub public_relays: bool,
    pub role: Role,
}

impl fmt::Debug for NetConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NetConfig").field("listen", &self.listen).field("role", &self.role).finish_non_exhaustive()
    }
}

/// What the network works with.
#[derive(Debug)]
pub struct NetParts {
    pub store: Store,
    pub gate: Arc<dyn Gate>,
    /// Every commit of the gate, own and remote. Where the network falls behind (the channel is bounded), it closes
    /// its connections and dials them again, so that heads are compared anew: nothing is lost.
    pub commits: broadcast::Receiver<Committed>,
    pub events: Events,
    pub clock: Arc<dyn Clock>,
    pub blobs: Blobs,
}

/// The running network. Cheap to clone; all clones are one network.
#[derive(Debug, Clone)]
pub struct Net(Arc<Inner>);

impl Net {
    /// Binds the endpoint, starts the engine and dials every known peer. Returns once the socket is bound; never
    /// waits for a relay or a peer. Needs a tokio runtime.
    ///
    /// # Errors
    /// [`Error::Network`] when `listen` can't be bound.
    pub async fn start(config: NetConfig, parts: NetParts) -> Result<Self>;

    /// This node's network key.
    pub fn node_id(&self) -> NodeId;

    /// The UDP port in use (IPv4 where both are): to be kept in the settings as the next start's `last_port`.
    pub fn port(&self) -> u16;

    /// Addresses that the sockets are bound to, for `status`. An unspecified address is shown as it is.
    pub fn listen_addrs(&self) -> Vec<SocketAddr>;

    /// This node's key and the addresses where others may reach it: its interfaces' addresses and its relay; loopback
    /// only where it listens there or is offline. Its text is the ticket of `status`, `invite` and `anchors add`.
    pub fn ticket(&self) -> Ticket;

    /// Remembers a peer in the address book and dials it now. Returns before the dial ends.
    pub async fn dial(&self, ticket: &Ticket) -> Result<()>;

    /// Live connections.
    pub async fn peers(&self) -> Vec<PeerView>;

    /// To be called after a change of `author.carried` or `author.own`: the engine reads the set again.
    pub async fn authors_changed(&self);

    /// To be called when a blob became wanted outside of a commit (a surface asked for it): fetching starts now.
    pub fn blobs_wanted(&self);

    /// Closes connections and sockets; the rest stays. For phones in the background. Pausing twice is fine.
    pub async fn pause(&self);

    /// Binds again, on the same port where it is free, and dials known peers at once.
    pub async fn resume(&self) -> Result<()>;

    /// Ends everything; returns when the sockets are closed (at most 2 s).
    pub async fn shutdown(&self);
}
