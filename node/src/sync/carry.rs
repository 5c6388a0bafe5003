//! Who carries whom (DESIGN §5, "Carrying and storage"): new entries of an author are pushed by a few peers and not by
//! all; an author that is known but not carried here is carried for a peer that asks, for a while; and of one that
//! nobody who is connected carries, an anchor learns the full id, one anchor at a time.

use std::collections::{BTreeMap, BTreeSet};

use crate::id::{EntryId, NodeId, PersonaId};
use crate::limits::{
    CARRIED_PER_PEER, CARRY_AUTHORS, CARRY_WAIT_MS, COPIES, DROPPED_POSTS, KNOWN_FRAME, KNOWN_PER_PEER, LEASE_DEPTH,
    LEASE_MS, LEASES_ANCHOR, LEASES_DESKTOP, OFFERED_AUTHORS, REPAIR_MS, SUBSCRIBED_PEERS,
};
use crate::sync::connection::Asking;
use crate::sync::digest::AuthorHash;
use crate::sync::engine::{Engine, is_bucket};
use crate::sync::frame::Frame;
use crate::sync::message::{Carried, ConnId, Output, Pending};
use crate::sync::reads::Query;
use crate::view::Role;

/// What an engine remembers of carrying.
#[derive(Debug, Default)]
pub(super) struct Carry {
    /// The anchors that the user chose.
    anchors: BTreeSet<NodeId>,
    /// Which peers push an author's new posts, where more than a few could.
    pushers: BTreeMap<PersonaId, BTreeSet<ConnId>>,
    /// Authors of which another peer had news: their pushers are chosen anew.
    missed: BTreeSet<PersonaId>,
    /// How often they were.
    choices: BTreeMap<PersonaId, u64>,
    /// When the next anchor may be asked.
    anchor_ms: Option<u64>,
    /// When leases are renewed.
    renew_ms: Option<u64>,
    /// When authors with too few copies are looked for.
    repair_ms: Option<u64>,
}

impl Carry {
    pub(super) fn missed(&mut self, authors: &BTreeSet<PersonaId>) {
        self.missed.extend(authors.iter().filter(|author| self.pushers.contains_key(author)));
    }

    pub(super) fn wake_ms(&self) -> Option<u64> {
        self.anchor_ms.into_iter().chain(self.renew_ms).chain(self.repair_ms).min()
    }
}

impl Engine {
    // --- who pushes ---

    /// Chooses for each author the peers that push its new posts, and tells those that need not. Each peer that knows
    /// the author is as likely as another, whoever came first: else the author's own node would stand out.
    pub(super) fn settle_subscriptions(&mut self) {
        for author in std::mem::take(&mut self.carry.missed) {
            *self.carry.choices.entry(author).or_default() += 1;
        }
        let mut knowing: BTreeMap<PersonaId, Vec<ConnId>> = BTreeMap::new();
        for (id, conn) in &self.conns {
            for author in conn.known.iter().filter(|author| !self.is_own(author)) {
                knowing.entry(*author).or_default().push(*id);
            }
        }
        knowing.retain(|_, peers| peers.len() > SUBSCRIBED_PEERS);
        self.carry.choices.retain(|author, _| knowing.contains_key(author));
        self.carry.pushers = knowing
            .into_iter()
            .map(|(author, mut peers)| {
                let choice = self.carry.choices.get(&author).copied().unwrap_or_default();
                peers.sort_by_cached_key(|id| self.lot(&author, *id, choice));
                peers.truncate(SUBSCRIBED_PEERS);
                (author, peers.into_iter().collect())
            })
            .collect();
        let ids: Vec<ConnId> = self.conns.keys().copied().collect();
        for id in ids {
            self.tell_quiet(id);
        }
    }

    fn tell_quiet(&mut self, id: ConnId) {
        let Some(conn) = self.conns.get_mut(&id) else {
            return;
        };
        let Some(nonce) = conn.last_nonce.filter(|_| matches!(conn.asking, Asking::Idle)) else {
            return;
        };
        // Mail of a client is to come from itself: only so it gets receipts.
        let quiet = |author: &PersonaId| {
            !(conn.keeping.client && is_bucket(author))
                && conn.known.contains(author)
                && self.carry.pushers.get(author).is_some_and(|pushers| !pushers.contains(&id))
        };
        let quiet: BTreeSet<PersonaId> = conn.order.iter().copied().filter(quiet).collect();
        if quiet == conn.told_quiet {
            return;
        }
        let mut bits = vec![0_u8; conn.order.len().div_ceil(8)];
        for (at, author) in conn.order.iter().enumerate() {
            if quiet.contains(author)
                && let Some(byte) = bits.get_mut(at / 8)
            {
                *byte |= 1 << (at % 8);
            }
        }
        conn.told_quiet = quiet;
        self.send(id, &Frame::Quiet { nonce, quiet: bits });
    }

    /// The peer gets new posts of these authors from others.
    pub(super) fn quieted(&mut self, id: ConnId, nonce: u32, bits: &[u8]) {
        let Some(conn) = self.conns.get_mut(&id) else {
            return;
        };
        // Said of an earlier question: it is said again.
        if conn.their_nonce != Some(nonce) {
            return;
        }
        let bits = bits.iter().flat_map(|byte| (0..8).map(move |bit| byte >> bit & 1 == 1));
        let quiet = conn.their_order.iter().zip(bits).filter(|(_, quiet)| *quiet).filter_map(|(author, _)| *author);
        conn.quiet = quiet.collect();
        // What is no longer quiet may have been held back.
        if conn.news.keys().any(|author| !conn.quiet.contains(author)) {
            conn.news_ms = Some(self.now.tick_ms);
            self.tell_news();
        }
    }

    // --- leases ---

    /// A peer named authors that are not carried here: those that are known are looked up.
    pub(super) fn seek(&mut self, id: ConnId, week: u64, unresolved: Vec<(AuthorHash, u8)>) {
        let Some(conn) = self.conns.get(&id) else {
            return;
        };
        let near: Vec<(AuthorHash, u8)> = unresolved.into_iter().filter(|(_, depth)| *depth < LEASE_DEPTH).collect();
        if near.is_empty() || self.leases_left() == 0 {
            return;
        }
        let (hashes, depths): (Vec<AuthorHash>, Vec<u8>) = near.into_iter().unzip();
        let query = Query::Named { own: self.own, peer: conn.peer, week, hashes };
        self.read(query, Pending::Named { conn: id, depths });
    }

    fn leases_left(&self) -> usize {
        let limit = match self.role {
            Role::Phone => 0,
            Role::Desktop => LEASES_DESKTOP,
            Role::Anchor => LEASES_ANCHOR,
        };
        let leased = self.authors.iter().flat_map(BTreeMap::values).filter(|why| matches!(why, Carried::Leased(_)));
        limit.saturating_sub(leased.count())
    }

    /// These of a peer's hashes are known here: carries their authors for it.
    pub(super) fn lease(&mut self, id: ConnId, depths: &[u8], named: &[(usize, PersonaId)]) {
        let Some(conn) = self.conns.get(&id) else {
            return;
        };
        let left = self.leases_left().min(CARRIED_PER_PEER.saturating_sub(conn.allowance.introduced));
        let authors: Vec<(PersonaId, u8)> = named
            .iter()
            .filter(|(_, author)| !self.is_carried(author))
            .filter_map(|(at, author)| Some((*author, depths.get(*at)?.saturating_add(1))))
            .take(left)
            .collect();
        if !authors.is_empty() {
            if let Some(conn) = self.conns.get_mut(&id) {
                conn.allowance.introduced += authors.len();
            }
            self.tell(Output::Lease { authors: authors.into() });
        }
    }

    // --- anchors ---

    pub(super) fn set_anchors(&mut self, anchors: Vec<NodeId>) {
        self.carry.anchors = anchors.into_iter().collect();
        self.carry_due();
    }

    /// A peer asks for authors to be taken in.
    pub(super) fn carry_asked(&mut self, id: ConnId, authors: Vec<PersonaId>) {
        let now_ms = self.now.tick_ms;
        let own_role = self.role;
        let Some(conn) = self.conns.get_mut(&id) else {
            return;
        };
        if !conn.allowance.may_notify(now_ms) {
            return self.close(id, "too many notices");
        }
        let introduced = &mut conn.allowance.introduced;
        *introduced = introduced.saturating_add(authors.len());
        let known = own_role == Role::Anchor && *introduced <= CARRIED_PER_PEER;
        let authors: Vec<PersonaId> = authors.into_iter().filter(|author| !self.is_carried(author)).collect();
        if known && !authors.is_empty() {
            self.tell(Output::Adopt { authors });
        }
    }

    /// Tells other anchors whom this one carries: a follower whose anchor never heard of the author finds it so.
    pub(super) fn tell_known(&mut self) {
        if self.role != Role::Anchor {
            return;
        }
        let anchors: Vec<ConnId> =
            self.conns.iter().filter(|(_, conn)| conn.role == Some(Role::Anchor)).map(|(id, _)| *id).collect();
        for id in anchors {
            let Some(conn) = self.conns.get_mut(&id) else { continue };
            // Not whom people on this anchor are or follow.
            let others = |why: &Carried| matches!(why, Carried::Replica | Carried::Leased(_));
            let authors = self.authors.iter().flatten().filter(|(_, why)| others(why)).map(|(author, _)| author);
            let news: Vec<PersonaId> = authors.filter(|author| !conn.told_known.contains(author)).copied().collect();
            conn.told_known.extend(&news);
            for authors in news.chunks(KNOWN_FRAME) {
                self.send(id, &Frame::Known { authors: authors.to_vec() });
            }
        }
    }

    pub(super) fn known_elsewhere(&mut self, id: ConnId, authors: Vec<PersonaId>) {
        let (own_role, now_ms) = (self.role, self.now.tick_ms);
        let Some(conn) = self.conns.get_mut(&id).filter(|conn| conn.role == Some(Role::Anchor)) else {
            return;
        };
        if !conn.allowance.may_notify(now_ms) {
            return self.close(id, "too many notices");
        }
        let learned = &mut conn.allowance.learned;
        *learned = learned.saturating_add(authors.len());
        if own_role == Role::Anchor && *learned <= KNOWN_PER_PEER {
            self.tell(Output::Learn { authors });
        }
    }

    /// Renews leases that peers still use, offers authors of whom there are too few copies, and asks an anchor where nobody carries an author.
    pub(super) fn carry_due(&mut self) {
        self.renew();
        self.repair();
        let now_ms = self.now.tick_ms;
        if self.carry.anchor_ms.is_some_and(|at_ms| at_ms > now_ms) {
            return;
        }
        self.carry.anchor_ms = None;
        // Only once everybody has answered.
        let settled = |conn: &super::connection::Conn| conn.compare.is_some() && matches!(conn.asking, Asking::Idle);
        if !self.conns.values().all(settled) {
            return;
        }
        let known: BTreeSet<PersonaId> = self.conns.values().flat_map(|conn| conn.known.iter().copied()).collect();
        let anchors: Vec<ConnId> =
            self.conns.iter().filter(|(_, conn)| self.carry.anchors.contains(&conn.peer)).map(|(id, _)| *id).collect();
        for id in anchors {
            let Some(conn) = self.conns.get(&id) else { continue };
            let asked = |author: &PersonaId| conn.known.contains(author) || conn.carry_asked.contains(author);
            let (mut own, mut followed, mut lost) = (Vec::new(), Vec::new(), Vec::new());
            for (author, why) in self.authors.iter().flatten() {
                match why {
                    Carried::Own if !asked(author) => own.push(*author),
                    Carried::Followed if !known.contains(author) && !asked(author) => lost.push(*author),
                    Carried::Followed => followed.push(*author),
                    _ => {}
                }
            }
            // Own personas go among as many followed ones.
            let mut authors = lost;
            let mix = own.len().min(followed.len());
            for _ in 0..mix {
                let at = usize::try_from(self.draw() % followed.len() as u64).unwrap_or_default();
                authors.push(followed.swap_remove(at));
            }
            authors.append(&mut own);
            authors.sort_unstable();
            authors.truncate(CARRY_AUTHORS);
            if authors.is_empty() {
                continue;
            }
            if let Some(conn) = self.conns.get_mut(&id) {
                conn.carry_asked.extend(&authors);
            }
            self.carry.anchor_ms = Some(now_ms + CARRY_WAIT_MS);
            return self.send(id, &Frame::Carry { authors });
        }
    }

    fn renew(&mut self) {
        let now_ms = self.now.tick_ms;
        let leased: Vec<(PersonaId, u8)> = self
            .authors
            .iter()
            .flatten()
            .filter_map(|(author, why)| match why {
                Carried::Leased(depth) => Some((*author, *depth)),
                _ => None,
            })
            .collect();
        // Of those that the user visited the time runs out by itself.
        let visited = self.authors.iter().flatten().any(|(_, why)| *why == Carried::Visited);
        if leased.is_empty() && !visited {
            self.carry.renew_ms = None;
            return;
        }
        let renew_ms = *self.carry.renew_ms.get_or_insert(now_ms + LEASE_MS / 4);
        if renew_ms <= now_ms {
            self.carry.renew_ms = Some(now_ms + LEASE_MS / 4);
            let used = |author: &PersonaId| self.conns.values().any(|conn| conn.subscribed.contains_key(author));
            let authors: Vec<(PersonaId, u8)> = leased.into_iter().filter(|(author, _)| used(author)).collect();
            self.tell(Output::Lease { authors: authors.into() });
        }
    }

    // --- copies that are too few, and copies that go ---

    /// Offers authors that too few connected peers carry to some that do not. A carrier holds all posts of an author,
    /// old ones too, and so one entry is enough: who takes it in fetches the others.
    fn repair(&mut self) {
        let now_ms = self.now.tick_ms;
        if self.conns.is_empty() {
            self.carry.repair_ms = None;
            return;
        }
        if let Some(repair_ms) = self.carry.repair_ms.filter(|repair_ms| *repair_ms > now_ms) {
            self.carry.repair_ms = Some(repair_ms);
            return;
        }
        let first = self.carry.repair_ms.is_none();
        // Not all carriers at once: each sees what the one before did.
        let wait_ms = REPAIR_MS / 2 + self.draw() % (REPAIR_MS / 2);
        self.carry.repair_ms = Some(now_ms + wait_ms);
        if first || self.role == Role::Phone {
            return;
        }
        let kept: Vec<PersonaId> = self
            .authors
            .iter()
            .flatten()
            .filter(|(_, why)| !matches!(why, Carried::Leased(_) | Carried::Visited | Carried::Bucket))
            .map(|(author, _)| *author)
            .collect();
        let mut offers: BTreeMap<ConnId, Vec<PersonaId>> = BTreeMap::new();
        for author in kept {
            let (carriers, mut others): (Vec<ConnId>, Vec<ConnId>) = self
                .conns
                .iter()
                .filter(|(_, conn)| conn.hello && conn.compare.is_some())
                .map(|(id, conn)| (*id, conn.known.contains(&author), conn.role))
                .fold((Vec::new(), Vec::new()), |(mut carriers, mut others), (id, carries, role)| {
                    if carries {
                        carriers.push(id);
                    } else if role != Some(Role::Phone) {
                        others.push(id);
                    }
                    (carriers, others)
                });
            for _ in carriers.len()..COPIES - 1 {
                if others.is_empty() {
                    break;
                }
                let at = usize::try_from(self.draw() % others.len() as u64).unwrap_or_default();
                offers.entry(others.swap_remove(at)).or_default().push(author);
            }
        }
        for (conn, mut authors) in offers {
            authors.truncate(OFFERED_AUTHORS);
            self.read(Query::Newest(authors), Pending::Offer(conn));
        }
    }

    /// Tells all peers that posts are no longer held here.
    pub(super) fn dropped(&mut self, posts: &[EntryId]) {
        let ids: Vec<ConnId> = self.conns.iter().filter(|(_, conn)| conn.hello).map(|(id, _)| *id).collect();
        for posts in posts.chunks(DROPPED_POSTS) {
            for id in &ids {
                self.send(*id, &Frame::Dropped { posts: posts.to_vec() });
            }
        }
    }
}
