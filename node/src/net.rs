//! The network: the one place that uses iroh (DESIGN §5). A started [`Net`] holds one endpoint a compartment (one
//! for now), keeps connections to known peers, runs the sync engine over them and fetches blobs.
//!
//! One ALPN, `kith/1`. The first byte of each bidirectional stream names its type: 1 sync, 2 blobs, 3 peers, 4 link:
//! a connection that begins with it speaks nothing else.
//! Every other stream is refused, unidirectional ones by QUIC itself. The side that dialled opens the sync stream:
//! both halves start with the 8 random bytes of a node's run, then carry frames (u32 length, little-endian, and the
//! bytes). A blob stream carries the id of an entry, a hash, and then the get protocol of iroh-blobs.
//!
//! Nothing slow is awaited in the task that owns the engine. A peer that sends too fast is held back by QUIC, one that
//! does not read is let go.

mod admission;
mod blobs;
mod book;
mod dialer;
mod door;
mod driver;
mod endpoint;
mod fetch;
mod handshake;
mod link;
mod machine;
mod meeting;
mod meter;
mod near;
mod partial;
mod referral;
mod relay;
mod serve;
mod ticket;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use futures_util::StreamExt;
use iroh::{Endpoint, RelayUrl};
use iroh_mdns_address_lookup::DiscoveryEvent;
use tokio::sync::{Mutex, broadcast, mpsc, oneshot};
use tokio::time::timeout;
use zeroize::Zeroizing;

pub use blobs::Blobs;
pub(crate) use blobs::{Arriving, MEDIA};
pub use book::remember;
pub use meeting::Meeting;
pub(crate) use near::{Met, Sighting, Vicinity};
pub use ticket::{Addr, MailboxTicket, Ticket, TicketError};
pub(crate) use ticket::{as_text, from_text};

use crate::clock::Clock;
use crate::error::{Error, Result};
use crate::event::{Event, Events};
use crate::gate::{Committed, Gate, MailPass, Report};
use crate::id::{BlobHash, EntryId, NodeId, PersonaId};
use crate::limits::{ENGINE_QUEUE, FETCH_TURN_MS, IDLE_MS, RELAY_HINTS, REQUEST_DEADLINE_MS};
use crate::store::{Durability, Store};
use crate::sync::Engine;
use crate::task::Tasks;
use crate::view::{BudgetView, PeerView, Role};

use self::driver::{Driver, Msg, Setup};
use self::machine::Machine;

/// Number of a compartment: personas that are kept apart have one of their own. Now there is only this one.
pub const FIRST_COMPARTMENT: u32 = 0;
/// Time for connections to be closed in an orderly way, ms.
const CLOSE_MS: u64 = 1_000;

/// How the network is started.
#[derive(Clone)]
pub struct NetConfig {
    /// The network key of the first compartment: transport only.
    pub secret: Zeroizing<[u8; 32]>,
    /// UDP address; `None`: all interfaces, with the remembered port. Port 0: the remembered port.
    pub listen: Option<SocketAddr>,
    /// The port that this profile used last. If it is taken, another one is; see [`Net::port`].
    pub last_port: Option<u16>,
    /// No relay, lookup, mDNS or port mapping; direct addresses, loopback too, work.
    pub offline: bool,
    /// Takes no connection and dials nobody.
    pub alone: bool,
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

/// Ids of public posts that answer a peer's search: query, most, unix seconds. Filled by who knows what a search is.
pub type Finder = fn(&rusqlite::Connection, &str, usize, i64) -> Result<Vec<EntryId>>;

/// What the network works with.
#[derive(Debug)]
pub struct NetParts {
    pub store: Store,
    pub gate: Arc<dyn Gate>,
    /// Every commit of the gate, own and remote (capacity: `COMMIT_QUEUE`). Where the network falls behind, it closes
    /// its connections and dials them again, so that heads are compared anew: nothing is lost.
    pub commits: broadcast::Receiver<Committed>,
    pub events: Events,
    pub clock: Arc<dyn Clock>,
    pub blobs: Blobs,
    pub finder: Finder,
}

/// The running network. Cheap to clone; all clones are one network.
#[derive(Debug, Clone)]
pub struct Net(Arc<Inner>);

/// How long this side waits for peers, ms. Tests wait less.
#[derive(Debug, Clone, Copy)]
struct Patience {
    /// With a connection over which nothing is said, where there are more than stay.
    idle_ms: u64,
    /// With one step of a transfer of a blob.
    request_ms: u64,
    /// With a transfer that goes on, but slowly.
    turn_ms: u64,
}

impl Default for Patience {
    fn default() -> Self {
        Self { idle_ms: IDLE_MS, request_ms: REQUEST_DEADLINE_MS, turn_ms: FETCH_TURN_MS }
    }
}

/// Nodes that the user chose to help this one.
#[derive(Debug, Clone, Default)]
pub struct Helpers {
    pub anchors: Vec<Ticket>,
    /// With the token of its owner, where one is needed.
    pub mailboxes: Vec<(Ticket, Option<MailPass>)>,
    /// What the user reported to one of the anchors and it has not answered.
    pub reports: Vec<(NodeId, u64, Report)>,
}

impl Helpers {
    /// All of them; one may come twice.
    fn tickets(&self) -> impl Iterator<Item = &Ticket> {
        self.anchors.iter().chain(self.mailboxes.iter().map(|(mailbox, _)| mailbox))
    }

    /// Where a node is looked for that its addresses do not lead to.
    fn relays(&self) -> Vec<Addr> {
        let addrs = self.tickets().flat_map(|helper| &helper.addrs);
        addrs.filter(|addr| matches!(addr, Addr::Relay(_))).take(RELAY_HINTS).cloned().collect()
    }

    /// Who is asked to keep mail: anchors too.
    fn keepers(&self) -> Vec<(NodeId, Option<MailPass>)> {
        let anchors = self.anchors.iter().map(|anchor| (anchor.node, None));
        anchors.chain(self.mailboxes.iter().map(|(mailbox, pass)| (mailbox.node, *pass))).collect()
    }
}

#[derive(Debug)]
struct Inner {
    config: NetConfig,
    patience: Patience,
    parts: NetParts,
    node: NodeId,
    port: AtomicU16,
    /// The anchors and mailboxes that the user chose.
    helpers: RwLock<Helpers>,
    running: RwLock<Option<Arc<Running>>>,
    /// Held while the network starts or stops.
    change: Mutex<()>,
    porch: Arc<meeting::Porch>,
}

#[derive(Debug)]
struct Running {
    endpoints: BTreeMap<u32, Endpoint>,
    inbox: mpsc::Sender<Msg>,
    hints: fetch::Hints,
    /// Of this node, where it is an anchor.
    relay: Mutex<Option<relay::Relay>>,
    relay_url: Option<RelayUrl>,
    /// Relays of the anchors that are in use.
    relays: Mutex<BTreeSet<RelayUrl>>,
    stopped: Mutex<Option<oneshot::Receiver<()>>>,
    tasks: Mutex<Tasks>,
}

impl Net {
    /// Binds the endpoint, starts the engine and dials every known peer. Returns once the socket is bound; never
    /// waits for a relay or a peer. Needs a tokio runtime.
    ///
    /// # Errors
    /// [`Error::Network`] when `listen` can't be bound.
    pub async fn start(config: NetConfig, parts: NetParts) -> Result<Self> {
        Self::start_with(config, parts, Patience::default(), Engine::new).await
    }

    async fn start_with<M: Machine>(
        config: NetConfig,
        parts: NetParts,
        patience: Patience,
        machine: impl FnOnce(NodeId, Role, [u8; 32]) -> M,
    ) -> Result<Self> {
        let node = endpoint::node_id(&config.secret);
        let port = AtomicU16::new(config.last_port.unwrap_or(0));
        let (helpers, running, change) = (RwLock::default(), RwLock::new(None), Mutex::new(()));
        let porch = Arc::default();
        let net = Self(Arc::new(Inner { config, patience, parts, node, port, helpers, running, change, porch }));
        net.launch(machine).await?;
        Ok(net)
    }

    /// This node's network key.
    pub fn node_id(&self) -> NodeId {
        self.0.node
    }

    /// The UDP port in use, the same for IPv4 and IPv6 where both are: to be kept in the settings as the next start's `last_port`.
    pub fn port(&self) -> u16 {
        self.0.port.load(Ordering::Relaxed)
    }

    /// Addresses that the sockets are bound to, for `status`. An unspecified address is shown as it is.
    pub fn listen_addrs(&self) -> Vec<SocketAddr> {
        self.running().iter().flat_map(|running| running.endpoints.values().flat_map(Endpoint::bound_sockets)).collect()
    }

    /// This node's key and the addresses where others may reach it: its interfaces' addresses and its relay; loopback
    /// only where it listens there or is offline. Its text is the ticket of `status`, `invite` and `anchors add`.
    /// Without addresses while paused.
    pub fn ticket(&self) -> Ticket {
        let running = self.running();
        let first = running.as_ref().and_then(|running| Some((running, running.endpoints.get(&FIRST_COMPARTMENT)?)));
        first.map_or_else(
            || Ticket::new(self.0.node, []),
            |(running, first)| endpoint::ticket(first, self.0.node, self.0.config.offline, running.relay_url.as_ref()),
        )
    }

    /// Started without relay, lookup and mDNS.
    pub fn is_offline(&self) -> bool {
        self.0.config.offline
    }

    /// An anchor's own relay, else the one through which others reach this node now.
    pub fn relay(&self) -> Option<String> {
        let running = self.running()?;
        let home = || endpoint::home_relay(running.endpoints.get(&FIRST_COMPARTMENT)?);
        Some(running.relay_url.clone().or_else(home)?.to_string())
    }

    /// The anchors and mailboxes that the user chose, all of them: they stay connected, their relays are used, and the
    /// engine asks them to carry and to keep mail. Holds for later starts of this network too.
    pub async fn set_helpers(&self, mut helpers: Helpers) {
        helpers.anchors.retain(|anchor| anchor.node != self.0.node);
        helpers.mailboxes.retain(|(mailbox, _)| mailbox.node != self.0.node);
        *self.0.helpers.write().unwrap_or_else(PoisonError::into_inner) = helpers;
        if self.use_helpers().await {
            // iroh keeps to a relay that it has until there is another one: only a new socket lets go of it.
            self.pause().await;
            if let Err(error) = self.resume().await {
                tracing::warn!(%error, "the network could not be started again");
            }
        }
    }

    /// What this hour's budget is, and what is left of it; `None` while paused.
    pub async fn budget(&self) -> Option<BudgetView> {
        let (answer, answered) = oneshot::channel();
        if self.tell(Msg::Budget(answer)).await { answered.await.ok() } else { None }
    }

    /// Peers that brought all that they have of what this node asks them for, these authors and this bucket among it.
    pub async fn settled(&self, authors: Vec<PersonaId>, bucket: crate::bucket::Bucket) -> Vec<NodeId> {
        let (answer, answered) = oneshot::channel();
        let asked = self.tell(Msg::Settled { authors, bucket, answer }).await;
        if asked { answered.await.unwrap_or_default() } else { Vec::new() }
    }

    /// Remembers a peer in the address book and dials it now. Returns before the dial ends.
    ///
    /// # Errors
    /// [`Error::BadInput`] for this node's own ticket.
    pub async fn dial(&self, ticket: &Ticket) -> Result<()> {
        if ticket.node == self.0.node {
            return Err(Error::BadInput("this is the address of this node".to_owned()));
        }
        if !self.tell(Msg::Dial(ticket.clone())).await {
            let (ticket, now_ms) = (ticket.clone(), self.0.parts.clock.unix_ms());
            self.0.parts.store.write(Durability::Normal, move |tx| remember(tx, &ticket, now_ms)).await?;
        }
        Ok(())
    }

    /// How many jobs and submissions of peers are under way.
    #[cfg(test)]
    async fn load(&self) -> usize {
        let (answer, answered) = oneshot::channel();
        if self.tell(Msg::Load(answer)).await { answered.await.unwrap_or_default() } else { 0 }
    }

    /// Live connections, oldest first.
    pub async fn peers(&self) -> Vec<PeerView> {
        let (answer, answered) = oneshot::channel();
        if self.tell(Msg::Peers(answer)).await { answered.await.unwrap_or_default() } else { Vec::new() }
    }

    /// Streams of devices that come to link, from now on (capacity: `MEETINGS`).
    pub fn meetings(&self) -> mpsc::Receiver<Meeting> {
        self.0.porch.open()
    }

    /// Opens a stream for linking to a node, over a connection of its own. `None`: it was not reached.
    pub async fn meet(&self, ticket: &Ticket) -> Option<Meeting> {
        let running = self.running().filter(|_| !self.0.config.alone)?;
        let endpoint = running.endpoints.get(&FIRST_COMPARTMENT)?.clone();
        let relays = self.0.helpers.read().unwrap_or_else(PoisonError::into_inner).relays();
        handshake::meet(&endpoint, ticket.clone(), relays).await
    }

    /// Looks for posts at peers; what they find comes in as entries do.
    ///
    /// # Errors
    /// [`Error::NotRunning`] when the network is paused.
    pub async fn find(&self, query: String) -> Result<()> {
        if self.tell(Msg::Find(query)).await { Ok(()) } else { Err(Error::NotRunning) }
    }

    /// To be called after a change of `author.carried` or `author.own`: the engine reads the set again.
    pub async fn authors_changed(&self) {
        self.tell(Msg::AuthorsChanged).await;
    }

    /// To be called when posts were evicted: peers no longer count on this copy.
    pub async fn dropped(&self, posts: Vec<EntryId>) {
        self.tell(Msg::Dropped(posts)).await;
    }

    /// To be called when a surface asks for a blob: it is fetched now, whatever this hour's budget says.
    pub fn blob_asked(&self, hash: BlobHash) {
        if let Some(running) = self.running() {
            running.hints.ask(hash);
        }
    }

    /// To be called when blobs became wanted outside of a commit: fetching starts now.
    pub fn blobs_wanted(&self) {
        if let Some(running) = self.running() {
            running.hints.look_again();
        }
    }

    /// Closes connections and sockets; the rest stays. For phones in the background. Pausing twice is fine.
    pub async fn pause(&self) {
        let _change = self.0.change.lock().await;
        let running = self.0.running.write().unwrap_or_else(PoisonError::into_inner).take();
        let Some(running) = running else { return };
        let closing = Duration::from_millis(CLOSE_MS);
        let _gone = timeout(closing, running.inbox.send(Msg::Stop)).await;
        if let Some(stopped) = running.stopped.lock().await.take() {
            let _closed = timeout(closing, stopped).await;
        }
        running.tasks.lock().await.shutdown().await;
        if let Some(relay) = running.relay.lock().await.take() {
            relay.stop().await;
        }
        for endpoint in running.endpoints.values() {
            let _flushed = timeout(closing, endpoint.close()).await;
        }
        self.0.parts.events.send(Event::NetworkChanged);
    }

    /// Binds again, on the same port where it is free, and dials known peers at once. Fine while it runs.
    ///
    /// # Errors
    /// [`Error::Network`] when `listen` can't be bound.
    pub async fn resume(&self) -> Result<()> {
        self.launch(Engine::new).await?;
        self.use_helpers().await;
        Ok(())
    }

    /// Ends everything; returns when the sockets are closed (at most some seconds).
    pub async fn shutdown(&self) {
        self.pause().await;
    }

    async fn launch<M: Machine>(&self, machine: impl FnOnce(NodeId, Role, [u8; 32]) -> M) -> Result<()> {
        let _change = self.0.change.lock().await;
        if self.running().is_some() {
            return Ok(());
        }
        let Inner { config, patience, parts, node, .. } = &*self.0;
        let last_port = Some(self.port()).filter(|port| *port != 0);
        let endpoint::Bound { endpoint, mdns } = endpoint::bind(config, last_port).await?;
        let bound = endpoint.bound_sockets();
        let first = bound.iter().find(|addr| addr.is_ipv4()).or(bound.first());
        self.0.port.store(first.map_or(0, SocketAddr::port), Ordering::Relaxed);
        let relay = match config.role {
            Role::Anchor if !config.offline => relay::Relay::start(&endpoint, config.listen, self.port()).await,
            _ => None,
        };
        let relay_url = relay.as_ref().map(|relay| relay.url().clone());
        if let Some(url) = &relay_url {
            // It is reached through its own relay too, where UDP does not pass.
            endpoint::use_relay(&endpoint, url.clone()).await;
        }

        // From here on nothing is missed: commits are listened to before the store is read.
        let commits = parts.commits.resubscribe();
        let (authors, known) = parts.store.read(|db| Ok((crate::sync::authors(db)?, book::dialled(db)?))).await?;
        let (mut engine_seed, mut seed, mut run) = ([0; 32], [0; 8], [0; 8]);
        for bytes in [&mut engine_seed[..], &mut seed, &mut run] {
            getrandom::fill(bytes).map_err(|_| Error::Network("no random numbers".to_owned()))?;
        }
        let seed = u64::from_le_bytes(seed);

        let (inbox, inbox_end) = mpsc::channel(ENGINE_QUEUE);
        let (ticks, hints) = (link::Ticks::start(), fetch::Hints::default());
        let meter = Arc::new(meter::Meter::default());
        let admission = admission::Admission::new(config.role);
        let setup = Setup {
            store: parts.store.clone(),
            gate: Arc::clone(&parts.gate),
            events: parts.events.clone(),
            clock: Arc::clone(&parts.clock),
            endpoint: endpoint.clone(),
            own: *node,
            alone: config.alone,
            role: config.role,
            run,
            ticks,
            server: Arc::new(serve::Server::new(
                parts.store.clone(),
                parts.blobs.clone(),
                *patience,
                Arc::clone(&meter),
                Arc::clone(&parts.clock),
            )),
            hints: hints.clone(),
            meter: Arc::clone(&meter),
            patience: *patience,
            seed,
            finder: parts.finder,
        };
        let fetcher = fetch::Fetcher {
            store: parts.store.clone(),
            blobs: parts.blobs.clone(),
            events: parts.events.clone(),
            hints: hints.clone(),
            inbox: inbox.clone(),
            ticks,
            patience: *patience,
            blame: fetch::Blame::default(),
            meter,
            clock: Arc::clone(&parts.clock),
            spares: config.role == Role::Anchor,
        };
        let known = known.into_iter().filter(|(peer, _)| peer.node != *node).collect();
        let driver = Driver::new(machine(*node, config.role, engine_seed), setup, inbox.clone());
        let (stop, stopped) = oneshot::channel();
        let porch = Arc::clone(&self.0.porch);
        let mut tasks = Tasks::default();
        if !config.alone {
            tasks.spawn("accept", handshake::accept(endpoint.clone(), admission, run, inbox.clone(), porch));
        }
        tasks.spawn("driver", async move {
            driver.run(authors, known, commits, inbox_end).await;
            let _nobody_waits = stop.send(());
        });
        tasks.spawn("fetcher", fetcher.run());
        if let Some(mdns) = mdns {
            let inbox = inbox.clone();
            tasks.spawn("mdns", async move {
                let mut found = mdns.subscribe().await;
                while let Some(event) = found.next().await {
                    if let DiscoveryEvent::Discovered { endpoint_info, .. } = event {
                        let addr = endpoint_info.to_endpoint_addr();
                        let node = NodeId::from_bytes(*addr.id.as_bytes());
                        let ticket = Ticket::new(node, addr.addrs.iter().filter_map(ticket::addr_of));
                        if inbox.send(Msg::Found(ticket)).await.is_err() {
                            break;
                        }
                    }
                }
            });
        }
        let running = Running {
            endpoints: BTreeMap::from([(FIRST_COMPARTMENT, endpoint)]),
            inbox,
            hints,
            relay: Mutex::new(relay),
            relay_url,
            relays: Mutex::default(),
            stopped: Mutex::new(Some(stopped)),
            tasks: Mutex::new(tasks),
        };
        *self.0.running.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(running));
        parts.events.send(Event::NetworkChanged);
        Ok(())
    }

    /// Tells the running network of the helpers. Answers whether a relay is held on to that none of them runs any more.
    async fn use_helpers(&self) -> bool {
        let helpers = self.0.helpers.read().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(running) = self.running() else { return false };
        let mut held = false;
        if !self.0.config.offline {
            let relays = helpers.tickets().flat_map(|helper| &helper.addrs).filter_map(|addr| match addr {
                Addr::Relay(url) => url.parse().ok(),
                Addr::Ip(_) => None,
            });
            let wanted: BTreeSet<RelayUrl> = relays.collect();
            let mut used = running.relays.lock().await;
            for endpoint in running.endpoints.values() {
                for gone in used.difference(&wanted) {
                    endpoint.remove_relay(gone).await;
                    held |= endpoint::home_relay(endpoint).as_ref() == Some(gone);
                }
                for new in wanted.difference(&used) {
                    endpoint::use_relay(endpoint, new.clone()).await;
                }
            }
            *used = wanted;
        }
        let _stopped = running.inbox.send(Msg::Helpers(helpers)).await;
        held
    }

    fn running(&self) -> Option<Arc<Running>> {
        self.0.running.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Answers whether the driver runs.
    async fn tell(&self, msg: Msg) -> bool {
        match self.running() {
            Some(running) => running.inbox.send(msg).await.is_ok(),
            None => false,
        }
    }
}

#[cfg(test)]
mod tests;
