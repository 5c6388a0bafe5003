//! The world: virtual time, nodes, connections, and the faults that tests ask for.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use crate::clock::ManualClock;
use crate::error::{Error, Result};
use crate::gate::MailPass;
use crate::id::{DeviceKey, EntryId, NodeId, PersonaId};
use crate::net::Ticket;
use crate::node::{Node, PostDraft};
use crate::service::{self, Service};
use crate::sim::node::{Copy, NodeIndex, SimNode};
use crate::sim::pipe::{Dice, End, Pipe, Shape, pipe_of};
use crate::sync::{
    ConnId, Direction, Input, Now, Output, Token, adopt, holds, holds_not, keeps_old, learn, lease, mark_held,
    mark_synced, remember,
};
use crate::thread::Delivery;
use crate::view::Role;

/// Wall clock at the start, ms.
pub(super) const START_UNIX_MS: u64 = 1_800_000_000_000;
/// First wait before a broken link is dialled again, and how much more may be drawn, ms.
const REDIAL_MS: u64 = 500;
/// When an end notices that the other one is gone without a word (crash, partition), ms.
const IDLE_MS: u64 = 30_000;
/// Time that the gate takes for a submission, ms.
const APPLY_MS: u64 = 1;

/// A frame that was sent.
#[derive(Debug, Clone)]
pub struct Tapped {
    /// Virtual time of sending, ms.
    pub at_ms: u64,
    pub from: NodeIndex,
    pub to: NodeIndex,
    pub bytes: Vec<u8>,
}

#[derive(Debug)]
enum Event {
    Connected { conn: ConnId },
    Arrive { conn: ConnId, bytes: Vec<u8> },
    Submitted { node: NodeIndex, run: u64, token: Token, outcome: Option<crate::gate::Outcome> },
    Closed { conn: ConnId },
    Wake { node: NodeIndex, run: u64 },
    Dial { from: NodeIndex, to: NodeIndex },
}

#[derive(Debug)]
pub struct World {
    dice: Dice,
    pub(super) now_ms: u64,
    clock: Arc<ManualClock>,
    pub(super) nodes: Vec<SimNode>,
    pipes: BTreeMap<u64, Pipe>,
    next_pipe: u64,
    events: BTreeMap<(u64, u64), Event>,
    next_event: u64,
    /// Pairs that are kept connected.
    pub(super) links: BTreeSet<(NodeIndex, NodeIndex)>,
    /// Side of each node; nodes of different sides do not reach each other.
    sides: BTreeMap<NodeIndex, u8>,
    pub shape: Shape,
    /// Nodes that are made from now on can be written to.
    pub messages: bool,
    /// And answer at once: what waits hide.
    pub at_once: bool,
    pub(super) trace: blake3::Hasher,
    /// Frames sent since the tap was opened.
    pub(super) tap: Option<Vec<Tapped>>,
    /// Who gave which node an entry.
    pub(super) came_from: BTreeMap<(NodeIndex, EntryId), NodeIndex>,
    /// Reasons for which engines closed connections.
    pub(super) closed: Vec<&'static str>,
}

impl World {
    pub fn new(seed: u64) -> Self {
        Self {
            dice: Dice(seed),
            now_ms: 0,
            clock: Arc::new(ManualClock::at_ms(START_UNIX_MS)),
            nodes: Vec::new(),
            pipes: BTreeMap::new(),
            next_pipe: 1,
            events: BTreeMap::new(),
            next_event: 0,
            links: BTreeSet::new(),
            sides: BTreeMap::new(),
            shape: Shape::default(),
            messages: false,
            at_once: false,
            trace: blake3::Hasher::new(),
            tap: None,
            came_from: BTreeMap::new(),
            closed: Vec::new(),
        }
    }

    // --- nodes and links ---

    pub fn node(&mut self) -> Result<NodeIndex> {
        self.node_as(Role::Desktop)
    }

    pub fn node_as(&mut self, role: Role) -> Result<NodeIndex> {
        let delivery = if self.messages && self.at_once { Delivery::AtOnce } else { self.messages.into() };
        let mut node = SimNode::new(self.dice.roll(), role, delivery, Arc::clone(&self.clock))?;
        node.start()?;
        self.nodes.push(node);
        let index = self.nodes.len() - 1;
        self.authors_changed(index)?;
        Ok(index)
    }

    /// Chooses a node's anchors; a restart keeps them.
    pub fn set_anchors(&mut self, node: NodeIndex, anchors: &[NodeIndex]) -> Result<()> {
        let ids = anchors.iter().map(|anchor| Ok(self.at(*anchor)?.id)).collect::<Result<Vec<_>>>()?;
        self.at_mut(node)?.anchors = ids;
        self.tell_helpers(node)
    }

    /// Chooses a node's mailboxes, with a token of each; a restart keeps them.
    pub fn set_mailboxes(&mut self, node: NodeIndex, mailboxes: &[NodeIndex]) -> Result<()> {
        let passes = mailboxes
            .iter()
            .map(|mailbox| Ok((self.at(*mailbox)?.id, Some(self.at(*mailbox)?.pass()?))))
            .collect::<Result<_>>()?;
        self.set_passes(node, passes)
    }

    /// As [`Self::set_mailboxes`], with these tokens.
    pub fn set_passes(&mut self, node: NodeIndex, passes: Vec<(NodeId, Option<MailPass>)>) -> Result<()> {
        let chosen = passes.clone();
        self.at(node)?.write(move |tx| {
            tx.execute("DELETE FROM service WHERE kind = 1", [])?;
            let mut all = chosen.iter().map(|(node, pass)| (Ticket { node: *node, addrs: Vec::new() }, *pass));
            all.try_for_each(|(ticket, pass)| service::choose(tx, Service::Mailbox, &ticket, pass))
        })?;
        self.at_mut(node)?.mailboxes = passes;
        self.tell_helpers(node)
    }

    /// The network key of a node, and a token of it.
    pub fn pass(&self, node: NodeIndex) -> Result<(NodeId, MailPass)> {
        Ok((self.at(node)?.id, self.at(node)?.pass()?))
    }

    fn tell_helpers(&mut self, node: NodeIndex) -> Result<()> {
        self.at(node)?.helpers()?.into_iter().try_for_each(|input| self.input(node, input))
    }

    /// Connects two nodes and keeps them connected: a broken link is dialled again.
    pub fn connect(&mut self, from: NodeIndex, to: NodeIndex) {
        self.links.insert((from, to));
        self.schedule(0, Event::Dial { from, to });
    }

    /// Ends the link and its connection.
    pub fn disconnect(&mut self, from: NodeIndex, to: NodeIndex) {
        self.links.retain(|link| *link != (from, to) && *link != (to, from));
        for pipe in self.pipes_between(from, to) {
            self.break_pipe(pipe);
        }
    }

    /// Kills a node: nothing is said to anybody, what was committed stays.
    pub fn crash(&mut self, node: NodeIndex) {
        if let Some(node) = self.nodes.get_mut(node) {
            node.running = None;
            node.waiting.clear();
        }
        let pipes: Vec<u64> = self.open_pipes(|pipe| pipe.ends.iter().any(|end| end.node == node));
        for pipe in pipes {
            self.silence(pipe);
        }
    }

    /// A node of whoever has a copy of another's database and its keychain. It is linked with nobody.
    pub fn thief(&mut self, of: NodeIndex, copy: &Copy) -> Result<NodeIndex> {
        let seed = self.dice.roll();
        let mut thief = self.at(of)?.thief(seed, copy)?;
        thief.start()?;
        self.nodes.push(thief);
        Ok(self.nodes.len() - 1)
    }

    pub fn restart(&mut self, node: NodeIndex) -> Result<()> {
        self.at_mut(node)?.start()?;
        self.authors_changed(node)?;
        self.tell_helpers(node)?;
        let links: Vec<_> = self.links.iter().copied().filter(|(from, to)| *from == node || *to == node).collect();
        for (from, to) in links {
            let other = if from == node { to } else { from };
            self.schedule(0, Event::Dial { from: node, to: other });
        }
        Ok(())
    }

    /// A copy of a node's database, for [`Self::restore`].
    pub fn copy(&self, node: NodeIndex) -> Result<Copy> {
        self.at(node)?.copy()
    }

    /// Kills a node and puts an old copy in the place of its database; it stays down until restarted.
    pub fn restore(&mut self, node: NodeIndex, copy: &Copy) -> Result<()> {
        self.crash(node);
        self.at_mut(node)?.restore(copy)
    }

    /// Cuts the network in two without a word to anybody.
    pub fn partition(&mut self, other_side: &[NodeIndex]) {
        self.sides = other_side.iter().map(|node| (*node, 1)).collect();
        let sides = self.sides.clone();
        let side = |node: NodeIndex| sides.get(&node).copied().unwrap_or(0);
        for pipe in self.open_pipes(|pipe| side(pipe.ends[0].node) != side(pipe.ends[1].node)) {
            self.silence(pipe);
        }
    }

    pub fn heal(&mut self) {
        self.sides.clear();
    }

    /// A stalled node takes no frames until it is woken.
    pub fn stall(&mut self, node: NodeIndex, stalled: bool) -> Result<()> {
        let state = self.at_mut(node)?;
        state.stalled = stalled;
        if !stalled {
            for (conn, bytes) in std::mem::take(&mut state.waiting) {
                self.schedule(0, Event::Arrive { conn, bytes });
            }
        }
        Ok(())
    }

    /// A mute node takes everything and passes on nothing: neither pushes nor pages.
    pub fn mute(&mut self, node: NodeIndex) -> Result<()> {
        self.at_mut(node)?.mute = true;
        Ok(())
    }

    /// On a full disk a node can't let go of held entries.
    pub fn fill_disk(&mut self, node: NodeIndex, full: bool) -> Result<()> {
        self.at_mut(node)?.disk_full = full;
        Ok(())
    }

    // --- what people do ---

    pub fn persona(&mut self, node: NodeIndex, name: &str) -> Result<PersonaId> {
        self.verb(node, |handle| async move { handle.create_persona(name).await })
    }

    /// Makes `to` a device of a persona of `from`, as linking does once the two are sure of each other.
    pub fn link(&mut self, from: NodeIndex, to: NodeIndex, persona: PersonaId, main: bool) -> Result<()> {
        let device = self.verb(to, |handle| async move { handle.draw_device() })?;
        let key = DeviceKey::from(&device.verifying_key());
        let share = self.verb(from, |handle| async move { handle.certify_device(persona, key, main).await })?;
        self.verb(to, |handle| async move { handle.adopt_persona(device, share, "").await })?;
        for (one, two) in [(from, to), (to, from)] {
            let of_two = self.verb(two, |handle| async move { handle.devices().await })?;
            let id = of_two.into_iter().find(|device| device.this).map(|device| device.id.to_string());
            self.verb(one, |handle| async move { handle.know_device(id.unwrap_or_default()).await })?;
        }
        Ok(())
    }

    /// The words that this node's user wrote down.
    pub fn phrase(&self, node: NodeIndex) -> Result<crate::crypto::Phrase> {
        self.at(node)?.verb(|handle| async move { handle.phrase() })
    }

    /// A node whose software was changed: it takes in nothing that says that a device is out, and no other root.
    pub fn ignore_revocations(&self, node: NodeIndex) -> Result<()> {
        self.at(node)?.write(|tx| {
            let skip = "BEGIN SELECT RAISE(IGNORE); END";
            Ok(tx.execute_batch(&format!(
                "CREATE TRIGGER no_revoke BEFORE INSERT ON device_revoke {skip};
                 CREATE TRIGGER no_head BEFORE INSERT ON revoked_head {skip};
                 CREATE TRIGGER no_cert_gone BEFORE DELETE ON device_cert {skip};
                 CREATE TRIGGER no_statement_gone BEFORE DELETE ON entry
                    WHEN EXISTS (SELECT 1 FROM device_cert WHERE entry_row = old.row) {skip};
                 CREATE TRIGGER no_other_root BEFORE UPDATE OF root ON author
                    WHEN old.root IS NOT NULL AND old.root <> new.root {skip};"
            ))?)
        })
    }

    pub fn follow(&mut self, node: NodeIndex, by: PersonaId, persona: PersonaId) -> Result<()> {
        let target = persona.to_string();
        self.verb(node, |handle| async move { handle.follow(Some(by), &target).await })?;
        Ok(())
    }

    pub fn unfollow(&mut self, node: NodeIndex, by: PersonaId, persona: PersonaId) -> Result<()> {
        self.verb(node, |handle| async move { handle.unfollow(Some(by), persona).await })?;
        Ok(())
    }

    pub fn post(&mut self, node: NodeIndex, by: PersonaId, text: &str) -> Result<EntryId> {
        let draft = PostDraft { persona: Some(by), text: text.to_owned(), ..PostDraft::default() };
        self.verb(node, |handle| async move { handle.post(draft).await })
    }

    pub fn comment(&mut self, node: NodeIndex, by: PersonaId, target: EntryId, text: &str) -> Result<EntryId> {
        self.verb(node, |handle| async move { handle.comment(Some(by), target, text).await })
    }

    pub fn react(&mut self, node: NodeIndex, by: PersonaId, target: EntryId, emoji: &str) -> Result<EntryId> {
        self.verb(node, |handle| async move { handle.react(Some(by), target, emoji).await })
    }

    pub fn edit(&mut self, node: NodeIndex, by: PersonaId, target: EntryId, text: &str) -> Result<EntryId> {
        self.verb(node, |handle| async move { handle.edit(Some(by), target, text).await })
    }

    pub fn delete(&mut self, node: NodeIndex, by: PersonaId, target: EntryId) -> Result<EntryId> {
        self.verb(node, |handle| async move { handle.delete(Some(by), target).await })
    }

    /// Somebody looks for posts, at peers too.
    pub fn find(&mut self, node: NodeIndex, query: &str) -> Result<()> {
        self.input(node, Input::Find(query.to_owned()))
    }

    /// Asks peers for a followed hashtag where one is due; answers which.
    pub fn ask_for_tag(&mut self, node: NodeIndex) -> Result<Option<String>> {
        let due = self.at(node)?.verb(|node| async move { node.due_tag().await })?;
        due.iter().try_for_each(|tag| self.find(node, &format!("#{tag}")))?;
        Ok(due)
    }

    /// A node evicted posts: its peers are told.
    pub fn dropped(&mut self, node: NodeIndex, posts: &[EntryId]) -> Result<()> {
        self.input(node, Input::Dropped(posts.to_vec()))
    }

    /// Runs a verb of a node's handle, and tells its engine what came of it.
    pub fn verb<T, F: Future<Output = Result<T>>>(
        &mut self,
        node: NodeIndex,
        verb: impl FnOnce(Node) -> F,
    ) -> Result<T> {
        let done = self.at(node)?.verb(verb)?;
        self.authors_changed(node)?;
        let reports = self.at(node)?.read(service::reports)?;
        if !reports.is_empty() {
            self.input(node, Input::Reports(reports))?;
        }
        for committed in self.at_mut(node)?.commits()? {
            self.input(node, Input::Committed(committed))?;
        }
        Ok(done)
    }

    /// Delivers bytes to `to` as if `from` had sent them on their connection.
    pub fn inject(&mut self, from: NodeIndex, to: NodeIndex, bytes: Vec<u8>) {
        let conn = self
            .pipes_between(from, to)
            .first()
            .and_then(|pipe| self.pipes.get(pipe))
            .and_then(|pipe| pipe.ends.iter().find(|end| end.node == to && end.up).map(|end| end.conn));
        if let Some(conn) = conn {
            self.schedule(0, Event::Arrive { conn, bytes });
        }
    }

    // --- time ---

    pub fn run_for(&mut self, ms: u64) -> Result<()> {
        let end_ms = self.now_ms + ms;
        while let Some(((at_ms, _), _)) = self.events.first_key_value()
            && *at_ms <= end_ms
        {
            self.step()?;
        }
        self.set_now(end_ms);
        Ok(())
    }

    /// Runs until `done`; answers how long it took, `None` when it did not happen within `limit_ms`.
    pub fn run_until(&mut self, limit_ms: u64, done: impl Fn(&Self) -> Result<bool>) -> Result<Option<u64>> {
        let start_ms = self.now_ms;
        loop {
            if done(self)? {
                return Ok(Some(self.now_ms - start_ms));
            }
            let Some(((at_ms, _), _)) = self.events.first_key_value() else {
                return Ok(None);
            };
            // Everything of one moment happens before the next look.
            let at_ms = *at_ms;
            if at_ms > start_ms + limit_ms {
                return Ok(None);
            }
            while self.events.first_key_value().is_some_and(|((next_ms, _), _)| *next_ms <= at_ms) {
                self.step()?;
            }
        }
    }

    fn set_now(&mut self, now_ms: u64) {
        self.now_ms = now_ms;
        self.clock.set_ms(START_UNIX_MS + now_ms);
    }

    pub(super) fn unix_ms(&self) -> u64 {
        START_UNIX_MS + self.now_ms
    }

    fn schedule(&mut self, after_ms: u64, event: Event) {
        self.schedule_at(self.now_ms + after_ms, event);
    }

    fn schedule_at(&mut self, at_ms: u64, event: Event) {
        self.next_event += 1;
        self.events.insert((at_ms, self.next_event), event);
    }

    fn step(&mut self) -> Result<()> {
        let Some(((at_ms, _), event)) = self.events.pop_first() else {
            return Ok(());
        };
        self.set_now(at_ms.max(self.now_ms));
        match event {
            Event::Connected { conn } => self.connected(conn),
            Event::Arrive { conn, bytes } => self.arrive(conn, bytes),
            Event::Submitted { node, run, token, outcome } if self.is_run(node, run) => {
                self.input(node, Input::Submitted { token, outcome })
            }
            Event::Wake { node, run } if self.is_run(node, run) => self.wake(node),
            Event::Closed { conn } => self.closed_end(conn),
            Event::Dial { from, to } => {
                self.dial(from, to);
                Ok(())
            }
            Event::Submitted { .. } | Event::Wake { .. } => Ok(()),
        }
    }

    fn is_run(&self, node: NodeIndex, run: u64) -> bool {
        self.nodes.get(node).is_some_and(|node| node.running.is_some() && node.run == run)
    }

    fn wake(&mut self, node: NodeIndex) -> Result<()> {
        let now_ms = self.now_ms;
        let Some(running) = &mut self.at_mut(node)?.running else {
            return Ok(());
        };
        if running.wake_ms.is_none_or(|wake_ms| wake_ms > now_ms) {
            return Ok(());
        }
        running.wake_ms = None;
        self.input(node, Input::Tick)
    }

    // --- connections ---

    fn reachable(&self, a: NodeIndex, b: NodeIndex) -> bool {
        let up = |node: NodeIndex| self.nodes.get(node).is_some_and(|node| node.running.is_some());
        up(a) && up(b) && self.sides.get(&a) == self.sides.get(&b)
    }

    fn open_pipes(&self, which: impl Fn(&Pipe) -> bool) -> Vec<u64> {
        self.pipes.iter().filter(|(_, pipe)| pipe.open && which(pipe)).map(|(number, _)| *number).collect()
    }

    fn pipes_between(&self, a: NodeIndex, b: NodeIndex) -> Vec<u64> {
        self.open_pipes(|pipe| {
            let [x, y] = &pipe.ends;
            (x.node, y.node) == (a, b) || (x.node, y.node) == (b, a)
        })
    }

    fn dial(&mut self, from: NodeIndex, to: NodeIndex) {
        let linked = self.links.contains(&(from, to)) || self.links.contains(&(to, from));
        if !linked || self.nodes.get(from).is_none_or(|node| node.running.is_none()) {
            return;
        }
        if !self.reachable(from, to) {
            let wait_ms = REDIAL_MS + self.dice.below(REDIAL_MS);
            return self.schedule(wait_ms, Event::Dial { from, to });
        }
        // A crashed node that came back dials although its old connections seem open to others.
        let alive = |pipe: &Pipe| pipe.ends.iter().any(|end| end.node == from && end.up);
        if self.pipes_between(from, to).iter().any(|pipe| self.pipes.get(pipe).is_some_and(alive)) {
            return;
        }
        let Some([from_id, to_id]) = self.nodes.get(from).zip(self.nodes.get(to)).map(|(from, to)| [from.id, to.id])
        else {
            return;
        };
        let number = self.next_pipe;
        self.next_pipe += 1;
        let (near_ms, far_ms) = (self.now_ms + 2 * self.shape.latency_ms, self.now_ms + 3 * self.shape.latency_ms);
        let near = End { node: from, id: from_id, conn: number * 2, up: false, since_ms: 0, last_ms: near_ms };
        let far = End { node: to, id: to_id, conn: number * 2 + 1, up: false, since_ms: 0, last_ms: far_ms };
        let (near_conn, far_conn) = (near.conn, far.conn);
        self.pipes.insert(number, Pipe { ends: [near, far], open: true });
        self.schedule_at(near_ms, Event::Connected { conn: near_conn });
        self.schedule_at(far_ms, Event::Connected { conn: far_conn });
    }

    fn connected(&mut self, conn: ConnId) -> Result<()> {
        let Some(pipe) = self.pipes.get_mut(&pipe_of(conn)).filter(|pipe| pipe.open) else {
            return Ok(());
        };
        let (end, other) = pipe.ends_of(conn);
        let (node, own, peer_node, peer) = (end.node, end.id, other.node, other.id);
        for number in self.pipes_between(node, peer_node) {
            let Some(pipe) = self.pipes.get(&number).filter(|_| number != pipe_of(conn)) else {
                continue;
            };
            let old = pipe.ends.iter().find(|end| end.node == node && end.up);
            if old.is_some_and(|old| {
                let age_ms = self.now_ms.saturating_sub(old.since_ms);
                keeps_old(own, peer, outgoing(old.conn), outgoing(conn), age_ms)
            }) {
                self.hang_up(node, conn);
                return Ok(());
            }
        }
        let now_ms = self.now_ms;
        if let Some(pipe) = self.pipes.get_mut(&pipe_of(conn)) {
            let (end, _) = pipe.ends_of(conn);
            (end.up, end.since_ms) = (true, now_ms);
        }
        self.input(node, Input::Connected { conn, peer })
    }

    /// One end closes; the other notices when what was sent before has arrived.
    fn hang_up(&mut self, node: NodeIndex, conn: ConnId) {
        if let Some(pipe) = self.pipes.get_mut(&pipe_of(conn)) {
            let (end, other) = pipe.ends_of(conn);
            end.up = false;
            let (other_conn, peer, at_ms) = (other.conn, other.node, other.last_ms);
            pipe.open = false;
            self.schedule_at(at_ms.max(self.now_ms + self.shape.latency_ms), Event::Closed { conn: other_conn });
            self.redial(node, peer);
        }
    }

    fn arrive(&mut self, conn: ConnId, bytes: Vec<u8>) -> Result<()> {
        let Some(pipe) = self.pipes.get_mut(&pipe_of(conn)) else {
            return Ok(());
        };
        let (end, _) = pipe.ends_of(conn);
        if !end.up {
            return Ok(());
        }
        let index = end.node;
        let node = self.at_mut(index)?;
        if node.stalled {
            node.waiting.push((conn, bytes));
            return Ok(());
        }
        self.note(b"frame", index, &bytes);
        self.input(index, Input::Frame { conn, bytes })
    }

    fn send(&mut self, conn: ConnId, bytes: Vec<u8>) {
        let shape = self.shape;
        let jitter_ms = self.dice.below(shape.jitter_ms + 1);
        let lost = self.dice.below(1_000) < shape.loss_permille;
        let breaks = self.dice.below(1_000_000) < shape.break_per_million;
        let now_ms = self.now_ms;
        let Some(pipe) = self.pipes.get_mut(&pipe_of(conn)).filter(|pipe| pipe.open) else {
            return;
        };
        let (end, other) = pipe.ends_of(conn);
        let delay_ms = shape.latency_ms + jitter_ms + if lost { shape.retransmit_ms } else { 0 };
        other.last_ms = other.last_ms.max(now_ms + delay_ms);
        let (at_ms, to_conn, from, to) = (other.last_ms, other.conn, end.node, other.node);
        if let Some(tap) = &mut self.tap {
            tap.push(Tapped { at_ms: now_ms, from, to, bytes: bytes.clone() });
        }
        self.schedule_at(at_ms, Event::Arrive { conn: to_conn, bytes });
        if breaks {
            self.break_pipe(pipe_of(conn));
        }
    }

    /// Both ends notice at once; what is under way is lost.
    fn break_pipe(&mut self, number: u64) {
        if let Some(pipe) = self.pipes.get_mut(&number).filter(|pipe| pipe.open) {
            pipe.open = false;
            let conns = pipe.ends.each_ref().map(|end| end.conn);
            for conn in conns {
                self.schedule(0, Event::Closed { conn });
            }
        }
    }

    /// Nothing passes any more, and each living end notices only after its idle time.
    fn silence(&mut self, number: u64) {
        if let Some(pipe) = self.pipes.get_mut(&number).filter(|pipe| pipe.open) {
            pipe.open = false;
            let conns = pipe.ends.each_ref().map(|end| end.conn);
            self.events.retain(|_, event| {
                !matches!(event, Event::Arrive { conn, .. } | Event::Connected { conn } if conns.contains(conn))
            });
            for conn in conns {
                self.schedule(IDLE_MS, Event::Closed { conn });
            }
        }
    }

    fn closed_end(&mut self, conn: ConnId) -> Result<()> {
        let Some(pipe) = self.pipes.get_mut(&pipe_of(conn)) else {
            return Ok(());
        };
        let (end, other) = pipe.ends_of(conn);
        let (was_up, node, peer) = (std::mem::replace(&mut end.up, false), end.node, other.node);
        if was_up && self.nodes.get(node).is_some_and(|node| node.running.is_some()) {
            self.input(node, Input::Closed { conn })?;
        }
        self.redial(node, peer);
        Ok(())
    }

    fn peer_of(&mut self, conn: ConnId) -> Option<NodeIndex> {
        self.pipes.get_mut(&pipe_of(conn)).map(|pipe| pipe.ends_of(conn).1.node)
    }

    fn redial(&mut self, a: NodeIndex, b: NodeIndex) {
        if let Some((from, to)) = self.links.iter().copied().find(|link| *link == (a, b) || *link == (b, a)) {
            let wait_ms = REDIAL_MS + self.dice.below(REDIAL_MS);
            self.schedule(wait_ms, Event::Dial { from, to });
        }
    }

    // --- engines ---

    fn authors_changed(&mut self, node: NodeIndex) -> Result<()> {
        let authors = self.at(node)?.authors()?;
        self.input(node, Input::Authors(authors))
    }

    /// Steps an engine, and does at once what needs no time.
    fn input(&mut self, node: NodeIndex, input: Input) -> Result<()> {
        let now_ms = self.now_ms;
        let state = self.at_mut(node)?;
        if state.awake_ms.replace(now_ms) != Some(now_ms) {
            state.wakeups += 1;
        }
        let mut inputs = VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            let now = Now { tick_ms: self.now_ms, unix_s: (START_UNIX_MS + self.now_ms) / 1_000 };
            let Some(running) = &mut self.at_mut(node)?.running else {
                return Ok(());
            };
            let outputs = running.engine.step(now, input);
            for output in outputs {
                self.output(node, output, &mut inputs)?;
            }
        }
        Ok(())
    }

    fn output(&mut self, node: NodeIndex, output: Output, inputs: &mut VecDeque<Input>) -> Result<()> {
        let run = self.at(node)?.run;
        let unix_ms = START_UNIX_MS + self.now_ms;
        match output {
            Output::Send { bytes, .. } if self.at(node)?.mute && is_content(&bytes) => {}
            Output::Send { conn, bytes } => {
                self.note(b"send", node, &bytes);
                self.send(conn, bytes);
            }
            Output::Close { conn, reason } => {
                self.note(b"close", node, reason.as_bytes());
                self.closed.push(reason);
                self.hang_up(node, conn);
            }
            Output::Submit { token, conn, entries, origin } => {
                let outcome = self.at(node)?.submit(origin, entries)?;
                if let Some(from) = self.peer_of(conn) {
                    let came = outcome.applied.iter().map(|applied| ((node, applied.id), from));
                    self.came_from.extend(came);
                }
                inputs.extend(self.at_mut(node)?.commits()?.into_iter().map(Input::Committed));
                self.schedule(APPLY_MS, Event::Submitted { node, run, token, outcome: Some(outcome) });
            }
            Output::Read { token, query } => {
                let answer = self.at(node)?.answer(query)?;
                inputs.push_back(Input::Answered { token, answer: Some(answer) });
            }
            Output::Compared => {
                self.note(b"compared", node, &[]);
                match self.at_mut(node)?.release() {
                    Err(Error::Io(_)) => inputs.push_back(Input::NotReleased),
                    released => released?,
                }
                inputs.extend(self.at_mut(node)?.commits()?.into_iter().map(Input::Committed));
            }
            Output::Flush { peers } => {
                let next_in_ms = self.at(node)?.flush(peers)?;
                inputs.extend(self.at_mut(node)?.commits()?.into_iter().map(Input::Committed));
                inputs.push_back(Input::Flushed { next_in_ms });
            }
            Output::Helper { conn, asked } => {
                let told = self.at(node)?.helper(asked)?;
                inputs.push_back(Input::Helper { conn, told });
            }
            Output::Held { peer, authors } => {
                self.at(node)?.write(move |tx| mark_held(tx, peer, &authors, unix_ms))?;
            }
            Output::Synced { authors } => {
                self.at(node)?.write(move |tx| mark_synced(tx, &authors, unix_ms))?;
            }
            Output::Remember { peer, theirs, set, authors } => {
                self.at(node)?.write(move |tx| remember(tx, peer, theirs, set, &authors, unix_ms))?;
            }
            Output::Lease { authors } => {
                self.at(node)?.write(move |tx| lease(tx, &authors, unix_ms))?;
                inputs.push_back(Input::Authors(self.at(node)?.authors()?));
            }
            Output::Adopt { authors } => {
                self.at(node)?.write(move |tx| adopt(tx, &authors))?;
                inputs.push_back(Input::Authors(self.at(node)?.authors()?));
            }
            Output::Learn { authors } => {
                self.at(node)?.write(move |tx| learn(tx, &authors))?;
                inputs.push_back(Input::Learned);
            }
            Output::Find { token, query, limit } => {
                let ids = self.at(node)?.verb(|node| async move { node.find(&query, limit).await })?;
                let answer = Some(self.at(node)?.answer(crate::sync::Query::Push(ids))?);
                inputs.push_back(Input::Answered { token, answer });
            }
            Output::Adopted => inputs.push_back(Input::Authors(self.at(node)?.authors()?)),
            Output::Holds { peer, posts, direction } => {
                let noted = posts.clone();
                self.at(node)?.write(move |tx| holds(tx, peer, &noted, direction, unix_ms))?;
                if direction == Direction::Out {
                    self.at(node)?.taken(posts)?;
                }
            }
            Output::HoldsNot { peer, posts } => self.at(node)?.write(move |tx| holds_not(tx, peer, &posts))?,
            Output::Wake { tick_ms } => {
                if let Some(running) = &mut self.at_mut(node)?.running {
                    running.wake_ms = Some(tick_ms);
                }
                self.schedule_at(tick_ms.max(self.now_ms), Event::Wake { node, run });
            }
        }
        Ok(())
    }

    fn note(&mut self, what: &[u8], node: NodeIndex, bytes: &[u8]) {
        self.trace.update(what);
        self.trace.update(&self.now_ms.to_le_bytes());
        self.trace.update(&(node as u64).to_le_bytes());
        self.trace.update(blake3::hash(bytes).as_bytes());
    }

    pub(super) fn at(&self, node: NodeIndex) -> Result<&SimNode> {
        self.nodes.get(node).ok_or(Error::Bug("no such node"))
    }

    fn at_mut(&mut self, node: NodeIndex) -> Result<&mut SimNode> {
        self.nodes.get_mut(node).ok_or(Error::Bug("no such node"))
    }
}

/// Pages, pushes and news of them.
fn is_content(frame: &[u8]) -> bool {
    matches!(frame.first(), Some(6 | 9 | 17))
}

/// The dialler's end of a pipe has the even number.
const fn outgoing(conn: ConnId) -> bool {
    conn.is_multiple_of(2)
}
