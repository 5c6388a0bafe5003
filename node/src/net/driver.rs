//! The task that owns the sync engine. It takes what happened from one bounded inbox, steps the engine, and starts
//! what the engine wants done; it awaits nothing slow itself. Jobs on the store answer in the order they were asked;
//! submissions of one connection reach the gate one after the other.

use std::collections::{HashMap, VecDeque};
use std::future::ready;
use std::net::IpAddr;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesOrdered;
use iroh::Endpoint;
use iroh::endpoint::Connection;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, mpsc, oneshot};
use tokio::time::timeout;

use super::admission::{connections, long_links};
use super::dialer::{Dialer, Wait};
use super::fetch::{Hints, Source};
use super::handshake::{self, Relays};
use super::link::{self, Activity, Cause, FrameSender, Hold, Joined, RunId, Ticks, Work};
use super::machine::Machine;
use super::meter::Meter;
use super::referral;
use super::serve::{self, Server};
use super::ticket::{Addr, Ticket};
use super::{Finder, Helpers, Patience, book};
use crate::bucket::Bucket;
use crate::clock::Clock;
use crate::entry::{Entry, Unverified};
use crate::error::Result;
use crate::event::{Event, Events};
use crate::gate::{Committed, Gate, Origin, Outcome, Told};
use crate::id::{EntryId, NodeId, PersonaId};
use crate::limits::{FLUSH_AGAIN_MS, LINGER_MS, REFERRALS};
use crate::store::{Durability, Store};
use crate::sync::{self, Answer, Carried, ConnId, Input, Now, Output, Query, Token};
use crate::task::Tasks;
use crate::view::{BudgetView, PathKind, PeerView, Role};

/// A stranger's connection that was silent for so long gives way when there is no other place, ms.
const GIVES_WAY_MS: u64 = 5_000;

/// What comes into the driver's inbox.
#[derive(Debug)]
pub(super) enum Msg {
    Joined(Box<Joined>),
    DialFailed(NodeId),
    Frame {
        conn: ConnId,
        bytes: Vec<u8>,
        hold: Hold,
    },
    Left {
        conn: ConnId,
        cause: Cause,
    },
    /// The gate answered a submission of a connection.
    Submitted {
        conn: ConnId,
        token: Token,
        outcome: Option<Outcome>,
    },
    /// Held entries could not be let go.
    NotReleased,
    /// Messages were sealed; the next is due in so many ms.
    Flushed(Option<u64>),
    /// The user looks for posts.
    Find(String),
    /// The set of carried authors changed.
    AuthorsChanged,
    /// Posts were evicted.
    Dropped(Vec<EntryId>),
    Dial(Ticket),
    /// The anchors and mailboxes that the user chose, all of them.
    Helpers(Helpers),
    /// The gate answered what a mailbox, an anchor or a client of one asked.
    Helper {
        conn: ConnId,
        told: Told,
    },
    /// A peer asks for others.
    Refer {
        conn: ConnId,
        answer: oneshot::Sender<Vec<Ticket>>,
    },
    /// A peer told of others.
    Told {
        conn: ConnId,
        tickets: Vec<Ticket>,
    },
    /// Found by mDNS: dialled, but not written down.
    Found(Ticket),
    /// Who may be asked for a blob that this author names.
    Sources {
        author: PersonaId,
        origin: Option<ConnId>,
        answer: oneshot::Sender<Vec<Source>>,
    },
    /// A peer took a blob.
    Given,
    Peers(oneshot::Sender<Vec<PeerView>>),
    Budget(oneshot::Sender<BudgetView>),
    /// Which peers brought all of these.
    Settled {
        authors: Vec<PersonaId>,
        bucket: Bucket,
        answer: oneshot::Sender<Vec<NodeId>>,
    },
    /// How much work of peers is under way.
    #[cfg(test)]
    Load(oneshot::Sender<usize>),
    Stop,
}

/// What the driver works with.
#[derive(Debug)]
pub(super) struct Setup {
    pub(super) store: Store,
    pub(super) gate: Arc<dyn Gate>,
    pub(super) events: Events,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) endpoint: Endpoint,
    pub(super) own: NodeId,
    /// Nobody is dialled.
    pub(super) alone: bool,
    pub(super) role: Role,
    pub(super) run: RunId,
    pub(super) ticks: Ticks,
    pub(super) server: Arc<Server>,
    pub(super) hints: Hints,
    pub(super) meter: Arc<Meter>,
    pub(super) patience: Patience,
    pub(super) seed: u64,
    pub(super) finder: Finder,
}

struct Link {
    peer: NodeId,
    outgoing: bool,
    run: RunId,
    since_ms: u64,
    /// Where it came from, or was reached, directly.
    ip: Option<IpAddr>,
    connection: Connection,
    sender: FrameSender,
    activity: Activity,
    /// Submissions that wait for the one before.
    submits: VecDeque<Submission>,
    submitting: bool,
}

type Submission = (Token, Origin, Vec<Unverified<Entry>>, Hold);

/// A job on the store is done.
enum Done {
    Answered { token: Token, answer: Option<Answer>, _hold: Hold },
    NotSubmitted { token: Token },
    Authors(Option<Vec<(PersonaId, Carried)>>),
    Learned,
    Synced,
    Noted,
}

pub(super) struct Driver<M> {
    machine: M,
    setup: Setup,
    inbox: mpsc::Sender<Msg>,
    links: HashMap<ConnId, Link>,
    by_peer: HashMap<NodeId, ConnId>,
    last_conn: ConnId,
    dialer: Dialer,
    /// Relays of the helpers: what a dial is tried over that came to nothing.
    relays: Relays,
    jobs: FuturesOrdered<BoxFuture<'static, Done>>,
    tasks: Tasks,
    wake_ms: Option<u64>,
    idle_check_ms: u64,
}

impl<M: Machine> Driver<M> {
    pub(super) fn new(machine: M, setup: Setup, inbox: mpsc::Sender<Msg>) -> Self {
        Self {
            machine,
            inbox,
            links: HashMap::new(),
            by_peer: HashMap::new(),
            last_conn: 0,
            dialer: Dialer::new(setup.seed),
            relays: Relays::default(),
            jobs: FuturesOrdered::new(),
            tasks: Tasks::default(),
            wake_ms: None,
            idle_check_ms: setup.patience.idle_ms / 3,
            setup,
        }
    }

    /// Runs until [`Msg::Stop`]. `authors` and `known` come from the store before the first connection.
    pub(super) async fn run(
        mut self,
        authors: Vec<(PersonaId, Carried)>,
        known: Vec<(Ticket, Option<NodeId>)>,
        mut commits: broadcast::Receiver<Committed>,
        mut inbox: mpsc::Receiver<Msg>,
    ) {
        self.step(Input::Authors(authors), None);
        let now_ms = self.setup.ticks.now_ms();
        for (ticket, introducer) in known {
            match introducer {
                Some(introducer) => _ = self.dialer.add_told(ticket, introducer, now_ms),
                None => self.dialer.add(ticket, now_ms),
            }
        }
        loop {
            self.dial_due();
            let next = [self.wake_ms, self.dialer.next_ms(), Some(self.idle_check_ms)].into_iter().flatten().min();
            let next = self.setup.ticks.at(next.unwrap_or(self.idle_check_ms));
            tokio::select! {
                msg = inbox.recv() => match msg {
                    Some(Msg::Stop) | None => break,
                    Some(msg) => self.take(msg),
                },
                commit = commits.recv() => match commit {
                    Ok(commit) => {
                        self.setup.hints.committed(&commit);
                        self.step(Input::Committed(commit), None);
                    }
                    Err(RecvError::Lagged(missed)) => self.resync(missed),
                    Err(RecvError::Closed) => break,
                },
                Some(done) = self.jobs.next(), if !self.jobs.is_empty() => self.done(done),
                () = tokio::time::sleep_until(next) => self.tick(),
            }
        }
        for link in self.links.values() {
            link.connection.close(Cause::Shutdown.code(), b"");
        }
        self.tasks.shutdown().await;
    }

    fn take(&mut self, msg: Msg) {
        match msg {
            Msg::Joined(joined) => self.joined(*joined),
            Msg::DialFailed(node) => {
                let failures = self.dialer.failed(node, self.setup.ticks.now_ms());
                let forgotten = !self.dialer.has(node);
                if failures.is_power_of_two() || forgotten {
                    self.note(&None, move |tx, _| book::failed(tx, node, failures, forgotten));
                }
            }
            Msg::Frame { conn, bytes, hold } => {
                if self.links.contains_key(&conn) {
                    self.step(Input::Frame { conn, bytes }, hold);
                }
            }
            Msg::Left { conn, cause } => {
                if let Some(closed) = self.unlink(conn, cause) {
                    self.step(closed, None);
                }
            }
            Msg::Submitted { conn, token, outcome } => {
                if let Some(link) = self.links.get_mut(&conn) {
                    link.submitting = false;
                }
                self.submit_next(conn);
                self.step(Input::Submitted { token, outcome }, None);
            }
            Msg::NotReleased => self.step(Input::NotReleased, None),
            Msg::Flushed(next_in_ms) => self.step(Input::Flushed { next_in_ms }, None),
            Msg::Dropped(posts) => self.step(Input::Dropped(posts), None),
            Msg::Find(query) => self.step(Input::Find(query), None),
            Msg::AuthorsChanged => {
                let store = self.setup.store.clone();
                let read = async move { Done::Authors(store.read(sync::authors).await.ok()) };
                self.jobs.push_back(Box::pin(read));
            }
            Msg::Dial(ticket) => {
                self.dialer.add(ticket.clone(), self.setup.ticks.now_ms());
                self.note(&None, move |tx, now_ms| book::remember(tx, &ticket, now_ms));
            }
            Msg::Helpers(helpers) => self.set_helpers(&helpers),
            Msg::Helper { conn, told } => self.step(Input::Helper { conn, told }, None),
            Msg::Refer { conn, answer } => {
                let _asker_gone = answer.send(self.refer(conn));
            }
            Msg::Told { conn, tickets } => self.told(conn, tickets),
            Msg::Found(ticket) => self.dialer.add(ticket, self.setup.ticks.now_ms()),
            Msg::Sources { author, origin, answer } => {
                let _asker_gone = answer.send(self.sources(author, origin));
            }
            Msg::Given => {
                // What waits for its files to be elsewhere may go now.
                let told = Committed { origin: Origin::Own, applied: Vec::new().into(), queued: true, carried: false };
                self.step(Input::Committed(told), None);
            }
            Msg::Peers(answer) => {
                let _asker_gone = answer.send(self.peers());
            }
            Msg::Settled { authors, bucket, answer } => {
                let _asker_gone = answer.send(self.machine.settled(&authors, bucket));
            }
            Msg::Budget(answer) => {
                self.count_blobs();
                let _asker_gone = answer.send(self.machine.budget());
            }
            #[cfg(test)]
            Msg::Load(answer) => {
                let waiting: usize = self.links.values().map(|link| link.submits.len()).sum();
                let _asker_gone = answer.send(self.jobs.len() + waiting);
            }
            Msg::Stop => {}
        }
    }

    fn set_helpers(&mut self, helpers: &Helpers) {
        self.dialer.set_helpers(helpers.tickets(), self.setup.ticks.now_ms());
        *self.relays.lock().unwrap_or_else(PoisonError::into_inner) = helpers.relays();
        self.step(Input::Anchors(helpers.anchors.iter().map(|anchor| anchor.node).collect()), None);
        self.step(Input::Mailboxes(helpers.keepers()), None);
        self.step(Input::Reports(helpers.reports.clone()), None);
    }

    /// Anchors that this node dialled itself: what another peer is told of. Never who only came in.
    fn refer(&self, asker: ConnId) -> Vec<Ticket> {
        let public = |(conn, link): &(&ConnId, &Link)| {
            **conn != asker && link.outgoing && self.machine.role(**conn) == Some(Role::Anchor)
        };
        let mut links: Vec<_> = self.links.iter().filter(public).collect();
        links.sort_by_key(|(conn, _)| **conn);
        let tickets = links.into_iter().filter_map(|(_, link)| self.dialer.ticket(link.peer));
        tickets.filter(|ticket| !ticket.addrs.is_empty()).take(REFERRALS).collect()
    }

    /// A peer told of other nodes: they are dialled while there are few links.
    fn told(&mut self, conn: ConnId, tickets: Vec<Ticket>) {
        let Some(Link { peer: introducer, ip, .. }) = self.links.get(&conn) else { return };
        let (introducer, ip, now_ms) = (*introducer, *ip, self.setup.ticks.now_ms());
        let new = |ticket: &Ticket| ticket.node != self.setup.own && !self.dialer.has(ticket.node);
        let tickets: Vec<Ticket> =
            tickets.into_iter().filter_map(|ticket| referral::sound(ticket, ip)).filter(new).collect();
        if self.is_lonely() {
            for ticket in &tickets {
                self.dialer.add_told(ticket.clone(), introducer, now_ms);
            }
        }
        self.note(&None, move |tx, now_ms| book::told(tx, introducer, &tickets, now_ms));
    }

    /// Few links, for what this node is.
    fn is_lonely(&self) -> bool {
        self.links.len() < long_links(self.setup.role) / 2
    }

    /// Tells the engine which blobs moved, and those who move them what the hour's budget allows.
    fn count_blobs(&mut self) {
        if let Some((taken, given)) = self.setup.meter.moved() {
            self.step(Input::Moved { taken, given }, None);
        }
    }

    fn done(&mut self, done: Done) {
        match done {
            Done::Answered { token, answer, _hold } => self.step(Input::Answered { token, answer }, None),
            Done::NotSubmitted { token } => self.step(Input::Submitted { token, outcome: None }, None),
            Done::Authors(Some(authors)) => {
                self.step(Input::Authors(authors), None);
                self.setup.hints.look_again();
            }
            Done::Authors(None) => tracing::warn!("the store could not be read for the network"),
            // Told only now: who reads again before it is written would never see it.
            Done::Synced => self.setup.events.send(Event::NetworkChanged),
            Done::Learned => self.step(Input::Learned, None),
            Done::Noted => {}
        }
    }

    fn tick(&mut self) {
        let now_ms = self.setup.ticks.now_ms();
        if self.wake_ms.is_some_and(|at| at <= now_ms) {
            self.wake_ms = None;
            self.step(Input::Tick, None);
        }
        if self.idle_check_ms <= now_ms {
            self.idle_check_ms = now_ms + self.setup.patience.idle_ms / 3;
            self.count_blobs();
            self.close_idle(now_ms);
        }
    }

    /// Steps the engine and starts what it wants. `hold` belongs to the frame that is stepped.
    fn step(&mut self, input: Input, hold: Hold) {
        let mut inputs = VecDeque::from([(input, hold)]);
        while let Some((input, hold)) = inputs.pop_front() {
            let now = Now { tick_ms: self.setup.ticks.now_ms(), unix_s: self.setup.clock.unix_s() };
            for output in self.machine.step(now, input) {
                if let Some(closed) = self.carry_out(output, &hold) {
                    inputs.push_back((closed, None));
                }
            }
        }
        let budget = self.machine.budget();
        if self.setup.meter.allow(budget.may_take(), budget.may_give()) {
            self.setup.hints.look_again();
        }
    }

    /// Answers an input where a connection was closed.
    fn carry_out(&mut self, output: Output, hold: &Hold) -> Option<Input> {
        match output {
            Output::Send { conn, bytes } => {
                let sent = self.links.get(&conn)?.sender.send(bytes);
                if sent.is_err() {
                    tracing::debug!("a peer does not take what is sent: closed");
                    return self.close(conn, Cause::Stalled);
                }
            }
            Output::Close { conn, reason } => {
                tracing::debug!(reason, "the engine closes a connection");
                return self.unlink(conn, Cause::Engine);
            }
            Output::Submit { token, conn, entries, origin } => match self.links.get_mut(&conn) {
                Some(link) => {
                    link.submits.push_back((token, origin, entries, hold.clone()));
                    self.submit_next(conn);
                }
                None => self.jobs.push_back(Box::pin(ready(Done::NotSubmitted { token }))),
            },
            Output::Read { token, query } => {
                let (store, hold) = (self.setup.store.clone(), hold.clone());
                self.jobs.push_back(Box::pin(async move {
                    let answer = store.read(move |db| sync::answer(db, query)).await;
                    let answer = answer.inspect_err(|error| tracing::debug!(%error, "a question of sync failed")).ok();
                    Done::Answered { token, answer, _hold: hold }
                }));
            }
            Output::Compared => {
                let (gate, inbox) = (Arc::clone(&self.setup.gate), self.inbox.clone());
                // What it lets go comes back as a commit.
                self.tasks.spawn("release", async move {
                    if let Err(error) = gate.release().await {
                        tracing::warn!(%error, "held entries could not be let go: tried again soon");
                        let _driver_gone = inbox.send(Msg::NotReleased).await;
                    }
                });
            }
            Output::Flush { peers } => {
                let (gate, inbox) = (Arc::clone(&self.setup.gate), self.inbox.clone());
                self.tasks.spawn("flush", async move {
                    let next_in_ms = gate.flush(peers).await.unwrap_or_else(|error| {
                        tracing::warn!(%error, "messages could not be sealed: tried again soon");
                        Some(FLUSH_AGAIN_MS)
                    });
                    let _driver_gone = inbox.send(Msg::Flushed(next_in_ms)).await;
                });
            }
            Output::Helper { conn, asked } => {
                let (gate, inbox) = (Arc::clone(&self.setup.gate), self.inbox.clone());
                self.tasks.spawn("mailbox", async move {
                    match gate.helper(asked).await {
                        Ok(told) => _ = inbox.send(Msg::Helper { conn, told }).await,
                        Err(error) => tracing::debug!(%error, "what a mailbox or its client asked failed"),
                    }
                });
            }
            Output::Held { peer, authors } => {
                self.note(hold, move |tx, now_ms| sync::mark_held(tx, peer, &authors, now_ms));
            }
            Output::Synced { authors } => {
                let (store, now_ms, hold) = (self.setup.store.clone(), self.setup.clock.unix_ms(), hold.clone());
                self.jobs.push_back(Box::pin(async move {
                    let _until_written = hold;
                    let write = move |tx: &rusqlite::Transaction<'_>| sync::mark_synced(tx, &authors, now_ms);
                    match store.write(Durability::Normal, write).await {
                        Ok(()) => Done::Synced,
                        Err(_) => Done::Noted,
                    }
                }));
            }
            Output::Remember { peer, theirs, set, authors } => {
                self.note(hold, move |tx, now_ms| sync::remember(tx, peer, theirs, set, &authors, now_ms));
            }
            Output::Lease { authors } => self.carry(hold, move |tx, now_ms| sync::lease(tx, &authors, now_ms)),
            Output::Adopt { authors } => self.carry(hold, move |tx, _| sync::adopt(tx, &authors)),
            Output::Find { token, query, limit } => {
                let (store, finder, now_s) =
                    (self.setup.store.clone(), self.setup.finder, self.setup.clock.unix_s().cast_signed());
                let find =
                    move |db: &rusqlite::Connection| sync::answer(db, Query::Push(finder(db, &query, limit, now_s)?));
                let hold = hold.clone();
                self.jobs.push_back(Box::pin(async move {
                    Done::Answered { token, answer: store.read(find).await.ok(), _hold: hold }
                }));
            }
            Output::Learn { authors } => {
                let (store, hold) = (self.setup.store.clone(), hold.clone());
                self.jobs.push_back(Box::pin(async move {
                    let _until_written = hold;
                    let learned = store.write(Durability::Normal, move |tx| sync::learn(tx, &authors)).await;
                    if learned.is_ok() { Done::Learned } else { Done::Noted }
                }));
            }
            Output::Adopted => self.take(Msg::AuthorsChanged),
            Output::Holds { peer, posts, direction } => {
                let (store, gate, hold) = (self.setup.store.clone(), Arc::clone(&self.setup.gate), hold.clone());
                let held = serve::held(store, gate, self.setup.clock.unix_ms(), peer, posts, direction);
                self.jobs.push_back(Box::pin(async move {
                    let _until_written = hold;
                    held.await;
                    Done::Noted
                }));
            }
            Output::HoldsNot { peer, posts } => self.note(hold, move |tx, _| sync::holds_not(tx, peer, &posts)),
            Output::Wake { tick_ms } => self.wake_ms = Some(tick_ms),
        }
        None
    }

    fn submit_next(&mut self, conn: ConnId) {
        let Some(link) = self.links.get_mut(&conn) else { return };
        if link.submitting {
            return;
        }
        let Some((token, origin, entries, hold)) = link.submits.pop_front() else { return };
        link.submitting = true;
        let (gate, inbox) = (Arc::clone(&self.setup.gate), self.inbox.clone());
        self.tasks.spawn("submit", async move {
            let outcome = gate.submit(origin, entries).await;
            let outcome = outcome.inspect_err(|error| tracing::debug!(%error, "the gate failed")).ok();
            drop(hold);
            let _driver_gone = inbox.send(Msg::Submitted { conn, token, outcome }).await;
        });
    }

    /// A change of what is carried; the engine hears of it.
    fn carry(
        &mut self,
        hold: &Hold,
        write: impl FnOnce(&rusqlite::Transaction<'_>, u64) -> Result<()> + Send + 'static,
    ) {
        let (store, now_ms, hold) = (self.setup.store.clone(), self.setup.clock.unix_ms(), hold.clone());
        self.jobs.push_back(Box::pin(async move {
            let _until_written = hold;
            let change = move |tx: &rusqlite::Transaction<'_>| {
                write(tx, now_ms)?;
                sync::authors(tx)
            };
            Done::Authors(store.write(Durability::Normal, change).await.ok())
        }));
    }

    /// A small write that nobody waits for.
    fn note(
        &mut self,
        hold: &Hold,
        write: impl FnOnce(&rusqlite::Transaction<'_>, u64) -> Result<()> + Send + 'static,
    ) {
        let (store, now_ms, hold) = (self.setup.store.clone(), self.setup.clock.unix_ms(), hold.clone());
        self.jobs.push_back(Box::pin(async move {
            let _until_written = hold;
            if let Err(error) = store.write(Durability::Normal, move |tx| write(tx, now_ms)).await {
                tracing::debug!(%error, "a note of the network was not written");
            }
            Done::Noted
        }));
    }

    fn joined(&mut self, joined: Joined) {
        let Joined { connection, peer, outgoing, run, send, recv, observed, mut seat } = joined;
        let now_ms = self.setup.ticks.now_ms();
        if let Some(seat) = &mut seat {
            seat.settle();
        }
        if let Some(old) = self.by_peer.get(&peer).copied() {
            if self.links.get(&old).is_some_and(|link| self.keeps(link, outgoing, run, now_ms)) {
                self.dialer.connected(peer, outgoing);
                self.retire(connection, Cause::Crossed, (send, recv, seat));
                return;
            }
            self.replace(old);
        }
        if self.links.len() >= connections(self.setup.role) && !self.make_room(peer, outgoing, now_ms) {
            if outgoing {
                self.dialer.failed(peer, now_ms);
            }
            connection.close(Cause::Full.code(), b"");
            return;
        }
        let lonely = self.is_lonely();
        self.last_conn += 1;
        let conn = self.last_conn;
        let (sender, queue) = link::queue();
        let activity = Activity::new(self.setup.ticks);
        let work = Work {
            conn,
            connection: connection.clone(),
            send,
            recv,
            queue,
            activity: activity.clone(),
            inbox: self.inbox.clone(),
            server: Arc::clone(&self.setup.server),
            seat,
            lonely,
        };
        self.tasks.spawn("connection", link::run(work));
        let ip = observed.as_ref().and_then(|addr| match addr {
            Addr::Ip(addr) => Some(addr.ip()),
            Addr::Relay(_) => None,
        });
        let (since_ms, submits, submitting) = (now_ms, VecDeque::new(), false);
        let link = Link { peer, outgoing, run, since_ms, ip, connection, sender, activity, submits, submitting };
        self.links.insert(conn, link);
        self.by_peer.insert(peer, conn);
        let ticket = Ticket::new(peer, observed);
        if !self.dialer.knows(peer) {
            self.dialer.add_met(ticket.clone(), now_ms);
        }
        self.dialer.connected(peer, outgoing);
        self.note(&None, move |tx, now_ms| book::met(tx, &ticket, now_ms));
        self.step(Input::Connected { conn, peer }, None);
        self.setup.events.send(Event::NetworkChanged);
        self.setup.hints.look_again();
    }

    /// Whether the connection that is there stays, and a new one of the same peer goes. A peer that started again, or
    /// lost its old connection, gets the new one.
    fn keeps(&self, old: &Link, outgoing: bool, run: RunId, now_ms: u64) -> bool {
        let age_ms = now_ms.saturating_sub(old.since_ms);
        old.run == run
            && old.connection.close_reason().is_none()
            && sync::keeps_old(self.setup.own, old.peer, old.outgoing, outgoing, age_ms)
    }

    /// Where all places are taken: a silent stranger gives way, to a known peer any stranger.
    fn make_room(&mut self, peer: NodeId, outgoing: bool, now_ms: u64) -> bool {
        let silent_for = if outgoing || self.dialer.is_named(peer) { 0 } else { GIVES_WAY_MS };
        let victim = self
            .links
            .iter()
            .filter(|(_, link)| !link.outgoing && link.activity.last_ms() + silent_for <= now_ms)
            .filter(|(_, link)| !self.dialer.is_helper(link.peer))
            .min_by_key(|(_, link)| link.activity.last_ms())
            .map(|(conn, _)| *conn);
        let Some(victim) = victim else { return false };
        if let Some(closed) = self.close(victim, Cause::Full) {
            self.step(closed, None);
        }
        true
    }

    /// A few stay: anchors and mailboxes first, then peers that carry whom this node carries, then what was dialled here, the oldest
    /// first. Others go when nothing was said for a while.
    fn close_idle(&mut self, now_ms: u64) {
        let mut links: Vec<_> = self.links.iter().collect();
        links.sort_by_key(|(conn, link)| {
            let shares = self.machine.shared(**conn) > 0;
            (!self.dialer.is_helper(link.peer), !shares, !link.outgoing, **conn)
        });
        let idle: Vec<ConnId> = links
            .into_iter()
            .skip(long_links(self.setup.role))
            .filter(|(_, link)| link.activity.last_ms() + self.setup.patience.idle_ms <= now_ms)
            .map(|(conn, _)| *conn)
            .collect();
        for conn in idle {
            if let Some(closed) = self.close(conn, Cause::Idle) {
                self.step(closed, None);
            }
        }
    }

    /// Forgets a connection whose peer has a new one.
    fn replace(&mut self, old: ConnId) {
        let Some(link) = self.links.remove(&old) else { return };
        self.by_peer.remove(&link.peer);
        self.retire(link.connection.clone(), Cause::Replaced, link);
        self.step(Input::Closed { conn: old }, None);
    }

    /// Closes a connection beside which another of the same peer stands: not at once, as the other side may not have
    /// seen that one yet, and would take itself for alone. `kept` is what would tell its end if it were dropped.
    fn retire(&mut self, connection: Connection, cause: Cause, kept: impl Send + 'static) {
        self.tasks.spawn("retire", async move {
            let _closed_by_the_other = timeout(Duration::from_millis(LINGER_MS), connection.closed()).await;
            connection.close(cause.code(), b"");
            drop(kept);
        });
    }

    fn close(&mut self, conn: ConnId, cause: Cause) -> Option<Input> {
        self.links.get(&conn)?.connection.close(cause.code(), b"");
        self.unlink(conn, cause)
    }

    /// Forgets a connection. Its task sends what is queued, unless it is closed, and ends.
    fn unlink(&mut self, conn: ConnId, cause: Cause) -> Option<Input> {
        let link = self.links.remove(&conn)?;
        link.activity.end();
        if self.by_peer.get(&link.peer) == Some(&conn) {
            self.by_peer.remove(&link.peer);
            let wait = match cause {
                Cause::Idle | Cause::Full | Cause::Protocol | Cause::BadBlob => Wait::Rest,
                Cause::Engine => Wait::Long,
                _ => Wait::Short,
            };
            self.dialer.left(link.peer, wait, self.setup.ticks.now_ms());
            tracing::debug!(conn, ?cause, "the connection with a peer ended");
        }
        self.setup.events.send(Event::NetworkChanged);
        Some(Input::Closed { conn })
    }

    /// Commits were missed: every peer is met anew, which compares heads.
    fn resync(&mut self, missed: u64) {
        tracing::info!(missed, "the network fell behind the store: connections start again");
        for conn in self.links.keys().copied().collect::<Vec<_>>() {
            if let Some(closed) = self.close(conn, Cause::Resync) {
                self.step(closed, None);
            }
        }
        self.take(Msg::AuthorsChanged);
    }

    fn dial_due(&mut self) {
        for ticket in self.dialer.due(self.setup.ticks.now_ms()).into_iter().filter(|_| !self.setup.alone) {
            // Where no direct path is, it may use the same anchor.
            let relays = Arc::clone(&self.relays);
            let (endpoint, run, inbox) = (self.setup.endpoint.clone(), self.setup.run, self.inbox.clone());
            self.tasks.spawn("dial", async move {
                let node = ticket.node;
                let dialled = handshake::dial(&endpoint, ticket, &relays, run).await;
                let msg = dialled.map_or(Msg::DialFailed(node), |joined| Msg::Joined(Box::new(joined)));
                let _driver_gone = inbox.send(msg).await;
            });
        }
    }

    fn sources(&self, author: PersonaId, origin: Option<ConnId>) -> Vec<Source> {
        let mut conns: Vec<ConnId> = origin.into_iter().collect();
        conns.extend(self.machine.carriers(author).into_iter().filter(|conn| Some(*conn) != origin));
        let source = |conn: ConnId| {
            let link = self.links.get(&conn)?;
            let Link { peer, connection, activity, .. } = link;
            Some(Source { conn, peer: *peer, connection: connection.clone(), activity: activity.clone() })
        };
        conns.into_iter().filter_map(source).collect()
    }

    fn peers(&self) -> Vec<PeerView> {
        let mut conns: Vec<_> = self.links.iter().collect();
        conns.sort_by_key(|(conn, _)| **conn);
        conns.into_iter().map(|(conn, link)| self.peer(*conn, link)).collect()
    }

    fn peer(&self, conn: ConnId, link: &Link) -> PeerView {
        let stats = link.connection.stats();
        let paths = link.connection.paths();
        let path = paths.iter().find(|path| path.is_selected()).or_else(|| paths.iter().next());
        let kind = path.as_ref().map_or(PathKind::Unknown, |path| match (path.is_ip(), path.is_relay()) {
            (true, _) => PathKind::Direct,
            (_, true) => PathKind::Relayed,
            _ => PathKind::Unknown,
        });
        PeerView {
            node: link.peer,
            role: self.machine.role(conn).unwrap_or_default(),
            path: kind,
            rtt_ms: path.map_or(0.0, |path| path.rtt().as_secs_f64() * 1_000.0),
            bytes_in: stats.udp_rx.bytes,
            bytes_out: stats.udp_tx.bytes,
        }
    }
}
