//! When which peer is dialled. IO-free: the driver tells what happened and dials what is due.

use std::collections::HashMap;

use super::ticket::Ticket;
use crate::id::NodeId;
use crate::limits::{BACKOFF_FIRST_MS, BACKOFF_LONGEST_MS, DIALS, REST_MS};

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
        });
        let addrs = ticket.addrs.into_iter().chain(std::mem::take(&mut peer.ticket.addrs));
        peer.ticket = Ticket::new(ticket.node, addrs);
        if let State::Waiting { .. } = peer.state {
            peer.state = waiting;
        }
    }

    /// Peers to dial now. Each is answered by `connected` or `failed`.
    pub(super) fn due(&mut self, now_ms: u64) -> Vec<Ticket> {
        let mut due = Vec::new();
        for peer in self.peers.values_mut() {
            if self.dialling >= DIALS {
                break;
            }
            if matches!(peer.state, State::Waiting { until_ms } if until_ms <= now_ms) {
                peer.state = State::Dialling;
                self.dialling += 1;
                due.push(peer.ticket.clone());
            }
        }
        due
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
        peer.failures
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
                Wait::Rest => REST_MS + chance % REST_MS,
            };
            peer.state = State::Waiting { until_ms: now_ms + wait };
        }
    }

    /// Whether the user named this peer or it was met before.
    pub(super) fn knows(&self, node: NodeId) -> bool {
        self.peers.contains_key(&node)
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
