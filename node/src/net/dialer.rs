//! When which peer is dialled. IO-free: the driver tells what happened and dials what is due.

use std::collections::HashMap;

use super::ticket::Ticket;
use crate::id::NodeId;
use crate::limits::{
    BACKOFF_FIRST_MS, BACKOFF_LONGEST_MS, DIALS, REFERRED, REFERRED_DIALLED, REFERRED_TRIES, REST_MS, STRANGERS_DIALLED,
};

#[derive(Debug, Default)]
pub(super) struct Dialer {
    peers: HashMap<NodeId, Peer>,
    dialling: usize,
    /// xorshift: spreads waits, is no secret.
    chance: u64,
}

#[derive(Debug)]
struct Peer {
    ticket: Ticket,
    failures: u32,
    state: State,
    /// An anchor or mailbox: dialled before all others, and never left alone for long.
    stays: bool,
    /// Who told of it, where nobody else did and it was not met yet: given up after some failures.
    introducer: Option<NodeId>,
    /// It came in by itself, and nobody named it: one of few such.
    met: bool,
}

/// How long a peer whose last connection ended is left alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wait {
    /// The connection was lost.
    Short,
    /// The exchange came to no end, an answer was not in time say.
    Long,
    /// Nothing was said, there was no place, or rules were broken.
    Rest,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Waiting { until_ms: u64 },
    Dialling,
    Connected,
}

impl Dialer {
    pub(super) fn new(seed: u64) -> Self {
        Self { chance: seed | 1, ..Self::default() }
    }

    /// A peer to stay in touch with: dialled now, unless it is already.
    pub(super) fn add(&mut self, ticket: Ticket, now_ms: u64) {
        let waiting = State::Waiting { until_ms: now_ms };
        let peer = self.peers.entry(ticket.node).or_insert_with(|| Peer {
            ticket: ticket.clone(),
            failures: 0,
            state: waiting,
            stays: false,
            introducer: None,
            met: false,
        });
        (peer.introducer, peer.met) = (None, false);
        let addrs = ticket.addrs.into_iter().chain(std::mem::take(&mut peer.ticket.addrs));
        peer.ticket = Ticket::new(ticket.node, addrs);
        if let State::Waiting { .. } = peer.state {
            peer.state = waiting;
        }
    }

    /// Anchors and mailboxes, all of them: each is a peer to stay in touch with, and is dialled now unless it is already.
    pub(super) fn set_helpers<'a>(&mut self, helpers: impl IntoIterator<Item = &'a Ticket>, now_ms: u64) {
        self.peers.values_mut().for_each(|peer| peer.stays = false);
        for helper in helpers {
            self.add(helper.clone(), now_ms);
            if let Some(peer) = self.peers.get_mut(&helper.node) {
                peer.stays = true;
            }
        }
    }

    /// A peer that came in by itself. Of such as few are dialled as at a start; the one that failed most often gives way.
    pub(super) fn add_met(&mut self, ticket: Ticket, now_ms: u64) {
        let node = ticket.node;
        let met = || self.peers.iter().filter(|(_, peer)| peer.met);
        if met().count() >= STRANGERS_DIALLED {
            let waits = met().filter(|(_, peer)| matches!(peer.state, State::Waiting { .. }));
            let Some(gone) = waits.max_by_key(|(_, peer)| peer.failures).map(|(node, _)| *node) else { return };
            self.peers.remove(&gone);
        }
        self.add(ticket, now_ms);
        if let Some(peer) = self.peers.get_mut(&node) {
            peer.met = true;
        }
    }

    /// A peer that another one told of, and nothing else is known about. `false`: it is known, or that one told of
    /// enough others.
    pub(super) fn add_told(&mut self, ticket: Ticket, introducer: NodeId, now_ms: u64) -> bool {
        let told = self.peers.values().filter(|peer| peer.introducer == Some(introducer)).count();
        let all = self.peers.values().filter(|peer| peer.introducer.is_some()).count();
        if told >= REFERRED_DIALLED || all >= REFERRED || self.peers.contains_key(&ticket.node) {
            return false;
        }
        let state = State::Waiting { until_ms: now_ms };
        let peer = Peer { ticket, failures: 0, state, stays: false, introducer: Some(introducer), met: false };
        self.peers.insert(peer.ticket.node, peer);
        true
    }

    /// Peers to dial now, anchors and mailboxes first, then those that were named. Each is answered by `connected` or `failed`.
    pub(super) fn due(&mut self, now_ms: u64) -> Vec<Ticket> {
        let is_due = |peer: &&mut Peer| matches!(peer.state, State::Waiting { until_ms } if until_ms <= now_ms);
        let mut waiting: Vec<&mut Peer> = self.peers.values_mut().filter(is_due).collect();
        waiting.sort_by_key(|peer| (!peer.stays, peer.met || peer.introducer.is_some()));
        waiting.truncate(DIALS.saturating_sub(self.dialling));
        self.dialling += waiting.len();
        let dial = |peer: &mut Peer| {
            peer.state = State::Dialling;
            peer.ticket.clone()
        };
        waiting.into_iter().map(dial).collect()
    }

    /// When `due` has something next.
    pub(super) fn next_ms(&self) -> Option<u64> {
        if self.dialling >= DIALS {
            return None;
        }
        let waits = self.peers.values().filter_map(|peer| match peer.state {
            State::Waiting { until_ms } => Some(until_ms),
            _ => None,
        });
        waits.min()
    }

    /// A connection stands, whoever dialled. Clears the backoff. `ended`: it came from a dial of ours.
    pub(super) fn connected(&mut self, node: NodeId, ended: bool) {
        if ended {
            self.dialling = self.dialling.saturating_sub(1);
        }
        if let Some(peer) = self.peers.get_mut(&node) {
            peer.failures = 0;
            peer.state = State::Connected;
            peer.introducer = None;
        }
    }

    /// A dial of ours ended without a connection. Answers how often in a row by now.
    pub(super) fn failed(&mut self, node: NodeId, now_ms: u64) -> u32 {
        self.dialling = self.dialling.saturating_sub(1);
        let chance = self.draw();
        let Some(peer) = self.peers.get_mut(&node) else { return 0 };
        if peer.state == State::Connected {
            return 0; // The other side's dial came first.
        }
        peer.failures = peer.failures.saturating_add(1);
        peer.state = State::Waiting { until_ms: now_ms + backoff(peer.failures, chance) };
        let failures = peer.failures;
        if peer.introducer.is_some() && failures >= REFERRED_TRIES {
            self.peers.remove(&node);
        }
        failures
    }

    /// Its last connection ended.
    pub(super) fn left(&mut self, node: NodeId, wait: Wait, now_ms: u64) {
        let chance = self.draw();
        if let Some(peer) = self.peers.get_mut(&node)
            && peer.state == State::Connected
        {
            let wait = match wait {
                Wait::Short => backoff(1, chance),
                Wait::Long => backoff(u32::MAX, chance),
                // Its places are taken: it is asked again soon, as others may have left.
                Wait::Rest if peer.stays => backoff(u32::MAX, chance),
                Wait::Rest => REST_MS + chance % REST_MS,
            };
            peer.state = State::Waiting { until_ms: now_ms + wait };
        }
    }

    /// Whether this peer is dialled, now or later.
    pub(super) fn has(&self, node: NodeId) -> bool {
        self.peers.contains_key(&node)
    }

    /// Where this peer is looked for.
    pub(super) fn ticket(&self, node: NodeId) -> Option<Ticket> {
        self.peers.get(&node).map(|peer| peer.ticket.clone())
    }

    /// Whether the user named this peer or it was met before.
    pub(super) fn knows(&self, node: NodeId) -> bool {
        self.peers.get(&node).is_some_and(|peer| peer.introducer.is_none())
    }

    /// Whether the user named it, in this run or before.
    pub(super) fn is_named(&self, node: NodeId) -> bool {
        self.peers.get(&node).is_some_and(|peer| peer.introducer.is_none() && !peer.met)
    }

    /// Whether the user chose it as an anchor or a mailbox.
    pub(super) fn is_helper(&self, node: NodeId) -> bool {
        self.peers.get(&node).is_some_and(|peer| peer.stays)
    }

    fn draw(&mut self) -> u64 {
        self.chance ^= self.chance << 13;
        self.chance ^= self.chance >> 7;
        self.chance ^= self.chance << 17;
        self.chance
    }
}

/// Half to one and a half of the doubling wait, so that two nodes do not stay in step.
fn backoff(failures: u32, chance: u64) -> u64 {
    let doubled = BACKOFF_FIRST_MS.saturating_mul(1 << failures.saturating_sub(1).min(16));
    let wait = doubled.min(BACKOFF_LONGEST_MS);
    wait / 2 + chance % wait.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticket(n: u8) -> Ticket {
        Ticket::new(NodeId::from_bytes([n; 32]), [])
    }

    #[test]
    fn a_start_dials_at_once_and_failures_wait_ever_longer() {
        let mut dialer = Dialer::new(7);
        dialer.add(ticket(1), 0);
        let mut now = 0;
        let mut waits = Vec::new();
        for round in 1..=12 {
            assert_eq!(dialer.due(now).len(), 1, "round {round}");
            assert_eq!(dialer.failed(ticket(1).node, now), round);
            let next = dialer.next_ms().unwrap();
            waits.push(next - now);
            assert!(dialer.due(next - 1).is_empty());
            now = next;
        }
        assert!(waits[0] <= BACKOFF_FIRST_MS * 3 / 2);
        assert!(waits[11] >= BACKOFF_LONGEST_MS / 2 && waits[11] <= BACKOFF_LONGEST_MS * 3 / 2);
    }

    #[test]
    fn a_connection_clears_the_backoff_and_an_idle_one_rests() {
        let mut dialer = Dialer::new(7);
        dialer.add(ticket(1), 0);
        for _ in 0..5 {
            let now = dialer.next_ms().unwrap();
            dialer.due(now);
            dialer.failed(ticket(1).node, now);
        }
        dialer.connected(ticket(1).node, false);
        assert_eq!(dialer.next_ms(), None);
        dialer.left(ticket(1).node, Wait::Short, 1_000);
        assert!(dialer.next_ms().unwrap() <= 1_000 + BACKOFF_FIRST_MS * 3 / 2);
        dialer.connected(ticket(1).node, false);
        dialer.left(ticket(1).node, Wait::Long, 1_000);
        let longest = BACKOFF_LONGEST_MS / 2..=BACKOFF_LONGEST_MS * 3 / 2;
        assert!(longest.contains(&(dialer.next_ms().unwrap() - 1_000)));
        dialer.connected(ticket(1).node, false);
        dialer.left(ticket(1).node, Wait::Rest, 1_000);
        assert!(dialer.next_ms().unwrap() >= REST_MS);
        dialer.add(ticket(1), 2_000);
        assert_eq!(dialer.due(2_000).len(), 1, "asking again dials now");
    }

    #[test]
    fn anchors_are_dialled_first_and_come_back_soon() {
        let mut dialer = Dialer::new(7);
        (0..200).for_each(|n| dialer.add(ticket(n), 0));
        dialer.set_helpers(&[ticket(77), ticket(201)], 0);
        let due = dialer.due(0);
        assert_eq!(due.len(), DIALS);
        let first: Vec<NodeId> = due[..2].iter().map(|due| due.node).collect();
        assert!(first.contains(&ticket(77).node) && first.contains(&ticket(201).node), "{first:?}");
        let mut after = Dialer::new(7);
        after.set_helpers(&[ticket(1)], 0);
        after.connected(ticket(1).node, false);
        after.left(ticket(1).node, Wait::Rest, 0);
        assert!(after.next_ms().unwrap() <= BACKOFF_LONGEST_MS * 3 / 2);
        after.set_helpers(&[], 0);
        after.connected(ticket(1).node, false);
        after.left(ticket(1).node, Wait::Rest, 0);
        assert!(after.next_ms().unwrap() >= REST_MS, "removed: a peer as any other");
    }

    #[test]
    fn one_peer_tells_of_few_and_what_does_not_answer_is_forgotten() {
        let mut dialer = Dialer::new(7);
        let liar = ticket(250).node;
        let taken = (0..100).filter(|n| dialer.add_told(ticket(*n), liar, 0)).count();
        assert_eq!(taken, REFERRED_DIALLED);
        assert!(!dialer.knows(ticket(0).node), "told of is not met");
        let mut now = 0;
        for _ in 0..REFERRED_TRIES {
            let due = dialer.due(now);
            due.iter().for_each(|due| _ = dialer.failed(due.node, now));
            now += 2 * BACKOFF_LONGEST_MS;
        }
        assert_eq!((dialer.due(now).len(), dialer.next_ms()), (0, None));
        assert!(dialer.add_told(ticket(9), liar, now));
        dialer.due(now);
        dialer.connected(ticket(9).node, true);
        assert!(dialer.knows(ticket(9).node));
    }

    #[test]
    fn strangers_who_come_in_take_few_places_and_named_peers_go_first() {
        let mut dialer = Dialer::new(7);
        let stranger = |n: u16| {
            let [a, b] = n.to_le_bytes();
            Ticket::new(NodeId::from_bytes(std::array::from_fn(|at| if at == 0 { a } else { b })), [])
        };
        for n in 0..1_000 {
            dialer.add_met(stranger(n), 0);
            dialer.connected(stranger(n).node, false);
            dialer.left(stranger(n).node, Wait::Short, 0);
        }
        assert_eq!(dialer.peers.len(), STRANGERS_DIALLED);
        assert!(dialer.knows(stranger(999).node) && !dialer.is_named(stranger(999).node));
        dialer.add(ticket(250), 5_000);
        assert!(dialer.is_named(ticket(250).node));
        assert_eq!(dialer.due(5_000).first().map(|first| first.node), Some(ticket(250).node));
    }

    #[test]
    fn dials_are_bounded() {
        let mut dialer = Dialer::new(7);
        (0..200).for_each(|n| dialer.add(ticket(n), 0));
        assert_eq!(dialer.due(0).len(), DIALS);
        assert_eq!((dialer.due(0).len(), dialer.next_ms()), (0, None));
        let mut after = Dialer::new(7);
        after.add(ticket(1), 0);
        after.due(0);
        after.connected(ticket(1).node, true);
        assert_eq!(after.failed(ticket(1).node, 0), 0, "the slower of two dials changes nothing");
    }
}
