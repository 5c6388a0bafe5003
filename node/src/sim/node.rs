//! One simulated node: what survives a crash, and what runs.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::FutureExt;
use rusqlite::{Connection, OptionalExtension, Transaction};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::TryRecvError;

use crate::clock::{Clock, ManualClock};
use crate::entry::{Entry, PostBody, Unverified};
use crate::error::{Error, Result};
use crate::gate::{Asked, Committed, Gate, MailPass, Origin, Outcome, Told};
use crate::host::{Entropy, Keystore, MemoryKeystore};
use crate::id::{EntryId, NodeId, PersonaId};
use crate::mailbox;
use crate::node::Node;
use crate::service;
use crate::sim::pipe::Dice;
use crate::store::{Durability, Store};
use crate::sync::{self, Answer, Carried, ConnId, Engine, Input, Query};
use crate::thread::Delivery;
use crate::view::Role;

/// Number of a node in its world.
pub type NodeIndex = usize;

/// A copy of a node's database at some time: a snapshot, a backup; and of its keychain, for whoever takes that too.
#[derive(Debug, Clone)]
pub struct Copy(Store, MemoryKeystore);

#[derive(Debug)]
pub(super) struct SimNode {
    pub(super) id: NodeId,
    pub(super) store: Store,
    keystore: Arc<MemoryKeystore>,
    entropy: Arc<SeededEntropy>,
    clock: Arc<ManualClock>,
    role: Role,
    delivery: Delivery,
    /// Chosen by its user.
    pub(super) anchors: Vec<NodeId>,
    pub(super) mailboxes: Vec<(NodeId, Option<MailPass>)>,
    /// `None` while it is down.
    pub(super) running: Option<Running>,
    /// Counts starts: wake-ups of an earlier run are void.
    pub(super) run: u64,
    /// Takes no frames; they wait.
    pub(super) stalled: bool,
    pub(super) waiting: Vec<(ConnId, Vec<u8>)>,
    /// Held entries can't be let go.
    pub(super) disk_full: bool,
    /// Passes on nothing.
    pub(super) mute: bool,
    /// Moments at which it had something to do, and the last of them.
    pub(super) wakeups: u64,
    pub(super) awake_ms: Option<u64>,
}

pub(super) struct Running {
    pub(super) engine: Engine,
    pub(super) node: Node,
    gate: Arc<dyn Gate>,
    commits: broadcast::Receiver<Committed>,
    pub(super) compared: bool,
    pub(super) wake_ms: Option<u64>,
}

impl fmt::Debug for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Running").finish_non_exhaustive()
    }
}

/// Random bytes from a seed, so that keys and log numbers repeat.
#[derive(Debug)]
struct SeededEntropy(Mutex<Dice>);

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) -> std::io::Result<()> {
        let mut dice = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for chunk in bytes.chunks_mut(8) {
            for (to, from) in chunk.iter_mut().zip(dice.roll().to_le_bytes()) {
                *to = from;
            }
        }
        Ok(())
    }
}

impl SimNode {
    pub(super) fn new(seed: u64, role: Role, delivery: Delivery, clock: Arc<ManualClock>) -> Result<Self> {
        let entropy = SeededEntropy(Mutex::new(Dice(seed)));
        let mut id = [0; 32];
        entropy.fill(&mut id)?;
        Ok(Self {
            id: NodeId::from_bytes(id),
            store: Store::in_memory()?,
            keystore: Arc::default(),
            entropy: Arc::new(entropy),
            role,
            delivery,
            anchors: Vec::new(),
            mailboxes: Vec::new(),
            clock,
            running: None,
            run: 0,
            stalled: false,
            waiting: Vec::new(),
            disk_full: false,
            mute: false,
            wakeups: 0,
            awake_ms: None,
        })
    }

    /// A node with what this one had in its database and its keychain at some time.
    pub(super) fn thief(&self, seed: u64, copy: &Copy) -> Result<Self> {
        let entropy = SeededEntropy(Mutex::new(Dice(seed)));
        let mut id = [0; 32];
        entropy.fill(&mut id)?;
        Ok(Self {
            id: NodeId::from_bytes(id),
            store: copy.0.copy()?,
            keystore: Arc::new(copy.1.clone()),
            entropy: Arc::new(entropy),
            ..Self::new(seed, self.role, self.delivery, Arc::clone(&self.clock))?
        })
    }

    pub(super) fn start(&mut self) -> Result<()> {
        self.run += 1;
        let node = Node::simulated_as(
            self.role,
            self.delivery,
            self.store.clone(),
            Arc::clone(&self.keystore) as Arc<dyn Keystore>,
            Arc::clone(&self.clock) as Arc<dyn Clock>,
            Arc::clone(&self.entropy) as Arc<dyn Entropy>,
        )?;
        let mut seed = blake3::Hasher::new();
        seed.update(self.id.as_bytes()).update(&self.run.to_le_bytes());
        let engine = Engine::new(self.id, self.role, *seed.finalize().as_bytes());
        let (gate, commits) = (node.gate()?, node.commits());
        self.running = Some(Running { engine, node, gate, commits, compared: false, wake_ms: None });
        Ok(())
    }

    fn up(&self) -> Result<&Running> {
        self.running.as_ref().ok_or(Error::NotRunning)
    }

    /// Runs a verb of the node's handle.
    pub(super) fn verb<T, F: Future<Output = Result<T>>>(&self, verb: impl FnOnce(Node) -> F) -> Result<T> {
        inline(verb(self.up()?.node.clone()))
    }

    /// Commits that the engine has not been told of.
    pub(super) fn commits(&mut self) -> Result<Vec<Committed>> {
        let mut found = Vec::new();
        if let Some(running) = &mut self.running {
            loop {
                match running.commits.try_recv() {
                    Ok(committed) => found.push(committed),
                    Err(TryRecvError::Lagged(_)) => return Err(Error::Bug("the simulation lost commits")),
                    Err(_) => break,
                }
            }
        }
        Ok(found)
    }

    pub(super) fn submit(&self, origin: Origin, entries: Vec<Unverified<Entry>>) -> Result<Outcome> {
        inline(self.up()?.gate.submit(origin, entries))
    }

    pub(super) fn release(&mut self) -> Result<()> {
        if self.disk_full {
            return Err(Error::Io(std::io::ErrorKind::StorageFull.into()));
        }
        inline(self.up()?.gate.release())?;
        if let Some(running) = &mut self.running {
            running.compared = true;
        }
        Ok(())
    }

    pub(super) fn flush(&self, peers: usize) -> Result<Option<u64>> {
        inline(self.up()?.gate.flush(peers))
    }

    pub(super) fn helper(&self, asked: Asked) -> Result<Told> {
        inline(self.up()?.gate.helper(asked))
    }

    /// A token of this node's, as its tickets hold it.
    pub(super) fn pass(&self) -> Result<MailPass> {
        let (entropy, now_ms) = (Arc::clone(&self.entropy), self.clock.unix_ms().cast_signed());
        self.write(move |tx| mailbox::pass(tx, &*entropy, now_ms))
    }

    /// Whom its engine knows as helpers: anchors, and who is asked to keep mail; and what waits for an anchor.
    pub(super) fn helpers(&self) -> Result<[Input; 3]> {
        let anchors = self.anchors.iter().map(|anchor| (*anchor, None));
        let keepers = anchors.chain(self.mailboxes.iter().copied()).collect();
        let reports = self.read(service::reports)?;
        Ok([Input::Anchors(self.anchors.clone()), Input::Mailboxes(keepers), Input::Reports(reports)])
    }

    pub(super) fn taken(&self, entries: Vec<EntryId>) -> Result<()> {
        inline(async {
            self.up()?.gate.taken(entries).await;
            Ok(())
        })
    }

    pub(super) fn answer(&self, query: Query) -> Result<Answer> {
        self.read(move |db| sync::answer(db, query))
    }

    pub(super) fn read<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        inline(self.store.read(job))
    }

    pub(super) fn write<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Transaction<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        inline(self.store.write(Durability::Normal, job))
    }

    // --- what tests look at ---

    /// Authors that it carries, and why.
    pub(super) fn authors(&self) -> Result<Vec<(PersonaId, Carried)>> {
        self.read(sync::authors)
    }

    pub(super) fn follows(&self, by: PersonaId, author: PersonaId) -> Result<bool> {
        self.read(move |db| {
            let sql = "SELECT EXISTS (SELECT 1 FROM follow JOIN author AS own ON own.row = by_row
                       JOIN author AS followed ON followed.row = author_row
                       WHERE present = 1 AND own.id = ?1 AND followed.id = ?2)";
            Ok(db.prepare_cached(sql)?.query_row([by, author], |row| row.get(0))?)
        })
    }

    pub(super) fn has(&self, entry: EntryId) -> Result<bool> {
        self.read(move |db| {
            let mut statement = db.prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM entry
                                                   WHERE prefix = substr(?1, 1, 8) AND id = ?1)",
            )?;
            Ok(statement.query_row([entry], |row| row.get(0))?)
        })
    }

    /// Texts of an author's posts, in the order of writing; `None` where a body is missing.
    pub(super) fn posts(&self, author: PersonaId) -> Result<Vec<Option<String>>> {
        self.texts(
            "SELECT e.body FROM post AS p JOIN said AS e ON e.row = p.entry_row JOIN author AS a ON a.row = p.author_row
             JOIN log AS l ON l.row = p.log_row WHERE a.id = ?1 AND p.deleted = 0 AND p.closed = 0 ORDER BY p.rank, l.row, p.seq",
            author.to_bytes(),
        )
    }

    /// Texts of the comments under a post, in the order of arrival.
    pub(super) fn comments(&self, post: EntryId) -> Result<Vec<Option<String>>> {
        self.texts(
            "SELECT e.body FROM comment AS c JOIN entry AS e ON e.row = c.entry_row
             WHERE c.root = ?1 AND c.deleted = 0 ORDER BY c.rank, e.id",
            post.to_bytes(),
        )
    }

    fn texts(&self, sql: &'static str, id: [u8; 32]) -> Result<Vec<Option<String>>> {
        self.read(move |db| {
            let mut statement = db.prepare_cached(sql)?;
            let bodies: Vec<Option<Vec<u8>>> =
                statement.query_map([id], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
            let text = |body: Vec<u8>| Ok(PostBody::decode(&body)?.text);
            bodies.into_iter().map(|body| body.map(text).transpose()).collect()
        })
    }

    pub(super) fn bodies(&self, author: PersonaId) -> Result<u64> {
        self.read(move |db| {
            let sql = "SELECT count(*) FROM entry JOIN author ON author.row = entry.author_row
                       WHERE author.id = ?1 AND entry.body IS NOT NULL";
            Ok(db.prepare_cached(sql)?.query_row([author], |row| row.get(0))?)
        })
    }

    /// The name that an author gave itself.
    pub(super) fn name(&self, author: PersonaId) -> Result<Option<String>> {
        self.read(move |db| {
            Ok(db.query_row("SELECT name FROM author WHERE id = ?1", [author], |row| row.get(0)).optional()?)
        })
    }

    /// Whether any log shows a fork.
    pub(super) fn forked(&self) -> Result<bool> {
        self.read(|db| Ok(db.query_row("SELECT EXISTS (SELECT 1 FROM log WHERE fork_seq >= 0)", [], |row| row.get(0))?))
    }

    pub(super) fn copy(&self) -> Result<Copy> {
        Ok(Copy(self.store.copy()?, MemoryKeystore::clone(&self.keystore)))
    }

    /// Puts an old copy in the place of the database. The node must be down.
    pub(super) fn restore(&mut self, copy: &Copy) -> Result<()> {
        self.store = copy.0.copy()?;
        Ok(())
    }
}

/// The store and the gate of a simulated node answer within the call.
fn inline<T>(future: impl Future<Output = Result<T>>) -> Result<T> {
    future.now_or_never().unwrap_or(Err(Error::Bug("a simulated node waited")))
}
