//! Who is near, while it is open: without I/O. Who was found, which of two dials, who told who they are, and when it ends.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::id::NodeId;
use crate::limits::{
    NEAR_DIALS, NEAR_EXCHANGES, NEAR_EXCHANGES_PER_ADDRESS, NEAR_FOUND, NEAR_MS, NEAR_PEOPLE, NEAR_PER_ADDRESS,
    NEAR_RETRY_MS, NEAR_TRIES,
};
use crate::net::Ticket;
use crate::node::NearSeen;

/// One opening. Times are ms since it began.
#[derive(Debug)]
pub(super) struct Room {
    own: NodeId,
    found: BTreeMap<NodeId, Found>,
    seen: BTreeMap<NodeId, NearSeen>,
    /// Exchanges that began, by where: each told a number, or may yet.
    begun: BTreeMap<Option<IpAddr>, u32>,
}

/// An announced key.
#[derive(Debug)]
struct Found {
    ticket: Ticket,
    state: State,
    tries: u32,
    /// It was announced no longer: once nothing is under way it goes.
    lost: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// To be dialled from then on.
    Waits(u64),
    /// It dials, or was tried often enough.
    Theirs,
    /// Being dialled, in an exchange, or there.
    Busy,
}

impl Room {
    pub(super) fn new(own: NodeId) -> Self {
        Self { own, found: BTreeMap::new(), seen: BTreeMap::new(), begun: BTreeMap::new() }
    }

    pub(super) fn is_over(now_ms: u64) -> bool {
        now_ms >= NEAR_MS
    }

    /// A key is announced, or announced elsewhere. Of two the one whose key is lower dials, so that there is one connection.
    pub(super) fn found(&mut self, ticket: Ticket, now_ms: u64) {
        let node = ticket.node;
        if node == self.own || ticket.addrs.is_empty() {
            return;
        }
        if let Some(known) = self.found.get_mut(&node) {
            (known.ticket, known.lost) = (ticket, false);
            return;
        }
        if self.found.len() >= NEAR_FOUND {
            return;
        }
        let state = if self.own < node { State::Waits(now_ms) } else { State::Theirs };
        self.found.insert(node, Found { ticket, state, tries: 0, lost: false });
    }

    /// It is announced no longer. Whoever is there stays for as long as the connection does.
    pub(super) fn lost(&mut self, node: NodeId) {
        if let Some(known) = self.found.get_mut(&node) {
            known.lost = true;
            if known.state != State::Busy {
                self.found.remove(&node);
            }
        }
    }

    /// Whom to dial now; each counts as being dialled from then on.
    pub(super) fn due(&mut self, now_ms: u64) -> Vec<Ticket> {
        let room = self.dials();
        let due = self.found.values_mut().filter_map(|found| match found.state {
            State::Waits(from_ms) if from_ms <= now_ms => Some((from_ms, found)),
            _ => None,
        });
        let mut due: Vec<_> = due.collect();
        // Keys can be chosen: who has waited longest comes first.
        due.sort_by_key(|(from_ms, _)| *from_ms);
        let chosen = due.into_iter().take(room).map(|(_, found)| {
            found.state = State::Busy;
            found.tries += 1;
            found.ticket.clone()
        });
        chosen.collect()
    }

    /// How many more may be dialled now.
    fn dials(&self) -> usize {
        if self.seen.len() >= NEAR_PEOPLE {
            return 0;
        }
        let busy =
            self.found.iter().filter(|(node, found)| found.state == State::Busy && !self.seen.contains_key(node));
        NEAR_DIALS.saturating_sub(busy.count())
    }

    /// When somebody is to be dialled next, or it ends.
    pub(super) fn wakes_ms(&self) -> u64 {
        let room = self.dials();
        let waits = self.found.values().filter_map(|found| match found.state {
            State::Waits(from_ms) if room > 0 => Some(from_ms),
            _ => None,
        });
        waits.min().unwrap_or(NEAR_MS).min(NEAR_MS)
    }

    /// Somebody is connected: whether an exchange begins. Who came in has to be announced here, so that nobody from outside
    /// of this network takes part, and has to be the one of the two who dials.
    pub(super) fn admits(&mut self, node: NodeId, ip: Option<IpAddr>, dialled: bool) -> bool {
        if self.seen.len() >= NEAR_PEOPLE || self.seen.contains_key(&node) {
            return false;
        }
        let Some(found) = self.found.get_mut(&node) else { return false };
        if !dialled && (self.own < node || found.state == State::Busy) {
            return false;
        }
        if self.begun.values().sum::<u32>() >= NEAR_EXCHANGES {
            return false;
        }
        let begun = self.begun.entry(ip).or_default();
        if *begun >= NEAR_EXCHANGES_PER_ADDRESS {
            return false;
        }
        *begun += 1;
        found.state = State::Busy;
        true
    }

    /// An exchange that was admitted came to nothing before a number was told: as if it had not begun. So it is where two
    /// find each other at different times, and the first of them dials: who is reached will be dialled again, however often.
    pub(super) fn unsaid(&mut self, node: NodeId, ip: Option<IpAddr>) {
        if let Some(begun) = self.begun.get_mut(&ip) {
            *begun = begun.saturating_sub(1);
            if *begun == 0 {
                self.begun.remove(&ip);
            }
        }
        if let Some(found) = self.found.get_mut(&node) {
            found.tries = found.tries.min(NEAR_TRIES - 1);
        }
    }

    /// It was not reached, the exchange failed, or the connection is gone. Answers whether somebody was there who is not now.
    pub(super) fn left(&mut self, node: NodeId, now_ms: u64) -> bool {
        let own = self.own;
        if let Some(found) = self.found.get_mut(&node) {
            found.state = if own < node && found.tries < NEAR_TRIES {
                let after_ms = NEAR_RETRY_MS << found.tries.saturating_sub(1).min(NEAR_TRIES);
                State::Waits(now_ms.saturating_add(after_ms))
            } else {
                State::Theirs
            };
            if found.lost {
                self.found.remove(&node);
            }
        }
        self.seen.remove(&node).is_some()
    }

    /// Somebody told who they are. `false`: there is no room for them.
    pub(super) fn told(&mut self, seen: NearSeen) -> bool {
        let alike = self.seen.values().filter(|other| other.ip == seen.ip).count();
        if self.seen.len() >= NEAR_PEOPLE || alike >= NEAR_PER_ADDRESS {
            return false;
        }
        self.seen.insert(seen.id, seen);
        true
    }

    /// By name.
    pub(super) fn people(&self) -> Vec<NearSeen> {
        let mut people: Vec<_> = self.seen.values().cloned().collect();
        people.sort_by_cached_key(|seen| (seen.name.to_lowercase(), seen.id));
        people
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::id::PersonaId;

    fn id(number: u8) -> NodeId {
        NodeId::from_bytes([number; 32])
    }

    fn at(number: u8) -> Ticket {
        Ticket::new(id(number), ["192.0.2.1:4000".parse().unwrap()])
    }

    fn ip(number: u8) -> Option<IpAddr> {
        Some(IpAddr::from([192, 0, 2, number]))
    }

    fn seen(number: u8, from: Option<IpAddr>) -> NearSeen {
        let (persona, code) = (PersonaId::from_bytes([number; 32]), "000000".to_owned());
        NearSeen { id: id(number), persona, name: format!("Name {number}"), invite: String::new(), code, ip: from }
    }

    fn dialled(room: &mut Room, now_ms: u64) -> Vec<NodeId> {
        room.due(now_ms).into_iter().map(|ticket| ticket.node).collect()
    }

    #[test]
    fn of_two_the_lower_key_dials_and_the_other_waits() {
        let (mut low, mut high) = (Room::new(id(1)), Room::new(id(2)));
        low.found(at(2), 0);
        high.found(at(1), 0);
        assert_eq!((dialled(&mut low, 0), dialled(&mut high, 0)), (vec![id(2)], vec![]));
        assert!(low.admits(id(2), ip(1), true) && high.admits(id(1), ip(1), false));
        assert!(!high.admits(id(1), ip(1), false), "one connection is enough");
        assert!(!low.admits(id(2), ip(1), false), "the other way round nobody comes");
        low.found(at(1), 0);
        assert_eq!((low.found.len(), low.due(0).len()), (1, 0), "nobody finds themselves");
    }

    #[test]
    fn who_is_not_announced_here_is_not_let_in() {
        let mut room = Room::new(id(9));
        assert!(!room.admits(id(1), ip(1), false));
        room.found(at(1), 0);
        assert!(room.admits(id(1), ip(1), false));
    }

    #[test]
    fn who_is_not_reached_is_tried_again_later_and_not_for_ever() {
        let mut room = Room::new(id(1));
        room.found(at(2), 0);
        let (mut now_ms, mut tries) = (0, 0);
        loop {
            if dialled(&mut room, now_ms).is_empty() {
                break;
            }
            tries += 1;
            assert!(!room.left(id(2), now_ms), "nobody was there");
            assert!(dialled(&mut room, now_ms).is_empty(), "not at once");
            let next_ms = room.wakes_ms();
            assert!(next_ms >= now_ms + NEAR_RETRY_MS);
            now_ms = next_ms;
        }
        assert_eq!((tries, now_ms), (NEAR_TRIES, NEAR_MS));
    }

    #[test]
    fn who_has_waited_longest_is_dialled_first() {
        let mut room = Room::new(id(0));
        room.found(at(200), 0);
        for number in 1..100 {
            room.found(at(number), 5);
        }
        let first = dialled(&mut room, 5);
        assert_eq!((first.len(), first.first()), (NEAR_DIALS, Some(&id(200))));
    }

    #[test]
    fn who_leaves_is_gone_and_who_is_only_announced_no_longer_is_not() {
        let mut room = Room::new(id(9));
        room.found(at(1), 0);
        assert!(room.admits(id(1), ip(1), false) && room.told(seen(1, ip(1))));
        room.lost(id(1));
        assert_eq!(room.people().len(), 1);
        assert!(room.left(id(1), 5));
        assert!(room.people().is_empty());
        assert!(!room.admits(id(1), ip(1), false), "its key is forgotten");
    }

    #[test]
    fn people_keys_and_exchanges_are_bounded_and_one_address_does_not_fill_the_list() {
        let mut room = Room::new(NodeId::from_bytes([255; 32]));
        for number in 0..200 {
            room.found(at(number), 0);
        }
        assert_eq!(room.found.len(), NEAR_FOUND);
        let admitted = (0..100).filter(|number| room.admits(id(*number), ip(1), false)).count();
        assert_eq!(admitted, NEAR_EXCHANGES_PER_ADDRESS as usize);
        let shown = (0..100).filter(|number| room.told(seen(*number, ip(1)))).count();
        assert_eq!(shown, NEAR_PER_ADDRESS);
        assert!(room.admits(id(100), ip(2), false) && room.told(seen(100, ip(2))), "another has room");
        let more = (101..200).filter(|number| room.told(seen(*number, ip(*number)))).count();
        assert_eq!(more, NEAR_PEOPLE - NEAR_PER_ADDRESS - 1);
        assert!(!room.admits(id(101), ip(101), false), "it is full");

        let mut room = Room::new(NodeId::from_bytes([255; 32]));
        room.found(at(1), 0);
        let tries = (0..255_u32).cycle().take(2_000).filter(|number| {
            let admitted = room.admits(id(1), ip(u8::try_from(*number).unwrap()), false);
            room.left(id(1), 0);
            admitted
        });
        assert_eq!(tries.count(), NEAR_EXCHANGES as usize);
    }

    #[test]
    fn who_is_reached_and_does_not_know_this_one_yet_is_dialled_again_however_late_they_hear_of_it() {
        let mut room = Room::new(id(1));
        room.found(at(2), 0);
        let (mut now_ms, mut waits) = (0, Vec::new());
        while !Room::is_over(now_ms) {
            assert_eq!(dialled(&mut room, now_ms), [id(2)]);
            assert!(room.admits(id(2), ip(1), true));
            room.unsaid(id(2), ip(1));
            room.left(id(2), now_ms);
            let next_ms = room.wakes_ms();
            waits.push(next_ms - now_ms);
            now_ms = next_ms;
        }
        let most_ms = NEAR_RETRY_MS << (NEAR_TRIES - 2);
        assert!(waits.starts_with(&[NEAR_RETRY_MS, 2 * NEAR_RETRY_MS]) && waits.iter().all(|wait| *wait <= most_ms));
    }

    #[test]
    fn an_exchange_in_which_nothing_was_said_does_not_count() {
        let mut room = Room::new(id(9));
        room.found(at(1), 0);
        for number in 0..200 {
            assert!(room.admits(id(1), ip(number), false));
            room.unsaid(id(1), ip(number));
            room.left(id(1), 0);
        }
        assert!(room.begun.is_empty(), "nor is it remembered where it came from");
        let drawn = (0..2 * NEAR_EXCHANGES_PER_ADDRESS).filter(|_| {
            let admitted = room.admits(id(1), ip(1), false);
            room.left(id(1), 0);
            admitted
        });
        assert_eq!(drawn.count(), NEAR_EXCHANGES_PER_ADDRESS as usize);
    }

    #[test]
    fn it_ends_by_itself() {
        assert!(!Room::is_over(NEAR_MS - 1) && Room::is_over(NEAR_MS));
        assert_eq!(Room::new(id(1)).wakes_ms(), NEAR_MS);
    }

    #[test]
    fn people_stand_by_name() {
        let mut room = Room::new(id(9));
        for (number, name) in [(1, "bob"), (2, "Alice"), (3, "Carol")] {
            assert!(room.told(NearSeen { name: name.to_owned(), ..seen(number, ip(number)) }));
        }
        let names: Vec<_> = room.people().into_iter().map(|seen| seen.name).collect();
        assert_eq!(names, ["Alice", "bob", "Carol"]);
    }
}
