//! Comparing copies: one digest over the agreed set of authors, in both directions (DESIGN §5.2).

use std::collections::{BTreeMap, BTreeSet};

use crate::id::PersonaId;
use crate::limits::{PEER_SET_BYTES, SUBSCRIPTIONS_PER_PEER};
use crate::sync::connection::{Answering, Asking};
use crate::sync::digest::{AuthorHash, Print, SetId, bound_set, digest, week, week_of_peer};
use crate::sync::engine::{ConnId, Engine, Output, Pending};
use crate::sync::frame::{Ask, Frame};
use crate::sync::reads::Query;

impl Engine {
    // --- our question ---

    /// Asks a peer, now or as soon as the exchange under way has ended.
    pub(super) fn ask(&mut self, id: ConnId) {
        let (commits, ready) = (self.commits, self.authors.is_some());
        let Some(conn) = self.conns.get_mut(&id) else {
            return;
        };
        if !ready || !conn.hello {
            return;
        }
        if !matches!(conn.asking, Asking::Idle) {
            conn.ask_again = true;
            return;
        }
        conn.ask_again = false;
        conn.reask_ms = u64::MAX;
        conn.asking = Asking::Prints(BTreeMap::new());
        let unknown: Vec<PersonaId> =
            self.set().into_iter().filter(|author| !self.prints.contains_key(author)).collect();
        if unknown.is_empty() {
            self.ask_prints(id, Vec::new());
        } else {
            self.read(Query::Prints(unknown), Pending::AskPrints { conn: id, commits });
        }
    }

    /// What this node asks for, in order.
    fn set(&self) -> Vec<PersonaId> {
        self.carried().take(SUBSCRIPTIONS_PER_PEER).copied().collect()
    }

    pub(super) fn ask_prints(&mut self, id: ConnId, prints: Vec<(PersonaId, Print)>) {
        let (commits, set) = (self.commits, self.set());
        let Some(conn) = self.conns.get_mut(&id) else {
            return;
        };
        let Asking::Prints(found) = &mut conn.asking else {
            return;
        };
        found.extend(prints);
        let mut unknown = Vec::new();
        for author in &set {
            if !found.contains_key(author) {
                match self.prints.get(author) {
                    Some(print) => {
                        found.insert(*author, *print);
                    }
                    None => unknown.push(*author),
                }
            }
        }
        if unknown.is_empty() {
            let found = std::mem::take(found);
            self.send_ask(id, set, found);
        } else {
            self.read(Query::Prints(unknown), Pending::AskPrints { conn: id, commits });
        }
    }

    fn send_ask(&mut self, id: ConnId, order: Vec<PersonaId>, prints: BTreeMap<PersonaId, Print>) {
        let (nonce, week, own, now_ms) = (self.nonce(), week(self.now.unix_s), self.own, self.now.tick_ms);
        let Some(conn) = self.conns.get_mut(&id) else {
            return;
        };
        let set = conn.pair.set(own, order.iter());
        conn.former_authors = std::mem::take(&mut conn.authors);
        conn.names = order.iter().map(|author| (*author, conn.pair.author(week, author))).collect();
        conn.authors = conn.names.iter().map(|(author, hash)| (*hash, *author)).collect();
        let agreed = conn.agreed_set.as_ref().filter(|(agreed, _)| *agreed == set).map(|(_, authors)| authors);
        let hashes = match agreed {
            Some(_) => None,
            None => Some(order.iter().filter_map(|author| conn.names.get(author).copied()).collect()),
        };
        let agreed: Option<BTreeSet<&PersonaId>> = agreed.map(|authors| authors.iter().collect());
        let compared = order.iter().filter(|author| agreed.as_ref().is_none_or(|agreed| agreed.contains(author)));
        let digest = digest(compared.filter_map(|author| prints.get_key_value(author)));
        let ask = Ask { nonce, week: week.to_le_bytes().first().copied().unwrap_or_default(), set, digest, hashes };
        conn.last_nonce = Some(nonce);
        conn.asking = Asking::Sent { nonce, set, hashes: ask.hashes.is_some(), order, prints, since_ms: now_ms };
        self.send(id, &Frame::Ask(ask));
    }

    pub(super) fn same(&mut self, id: ConnId, nonce: u32) {
        let Some((set, hashes, order, _)) = self.answer_to(id, nonce) else {
            return self.close(id, "an answer to nothing");
        };
        let Some(conn) = self.conns.get_mut(&id) else {
            return;
        };
        let known = match &conn.agreed_set {
            Some((_, authors)) if !hashes => authors.clone(),
            _ => order,
        };
        self.agreed(id, set, known.clone(), known, BTreeSet::new());
    }

    pub(super) fn unknown(&mut self, id: ConnId, nonce: u32) {
        let Some(conn) = self.conns.get_mut(&id) else {
            return;
        };
        match &conn.asking {
            Asking::Sent { nonce: sent, hashes: false, .. } if *sent == nonce => {
                conn.asking = Asking::Idle;
                conn.agreed_set = None;
                self.ask(id);
            }
            Asking::Sent { nonce: sent, .. } if *sent == nonce => self.close(id, "hashes were sent"),
            // The peer knows more authors now. Its old answer may have crossed a new question of ours.
            _ if conn.last_nonce == Some(nonce) => {
                conn.agreed_set = None;
                self.ask(id);
            }
            _ => {}
        }
    }

    pub(super) fn differ(&mut self, id: ConnId, nonce: u32, known_bits: &[u8], shorts: &[[u8; 4]]) {
        let Some((set, _, order, prints)) = self.answer_to(id, nonce) else {
            return self.close(id, "an answer to nothing");
        };
        let bits = known_bits.iter().flat_map(|byte| (0..8).map(move |bit| byte >> bit & 1 == 1));
        let known: Vec<PersonaId> =
            order.iter().zip(bits).filter(|(_, known)| *known).map(|(author, _)| *author).collect();
        if known_bits.len() != order.len().div_ceil(8) || known.len() != shorts.len() {
            return self.close(id, "an answer that does not fit");
        }
        let (mut equal, mut different) = (Vec::new(), BTreeSet::new());
        for (author, short) in known.iter().zip(shorts) {
            if prints.get(author).is_some_and(|print| print.short(nonce) == *short) {
                equal.push(*author);
            } else {
                different.insert(*author);
            }
        }
        self.agreed(id, set, known, equal, different);
    }

    /// Takes the question that an answer belongs to.
    #[allow(clippy::type_complexity)]
    fn answer_to(
        &mut self,
        id: ConnId,
        nonce: u32,
    ) -> Option<(SetId, bool, Vec<PersonaId>, BTreeMap<PersonaId, Print>)> {
        let conn = self.conns.get_mut(&id)?;
        if !matches!(&conn.asking, Asking::Sent { nonce: sent, .. } if *sent == nonce) {
            return None;
        }
        match std::mem::replace(&mut conn.asking, Asking::Idle) {
            Asking::Sent { set, hashes, order, prints, .. } => Some((set, hashes, order, prints)),
            _ => None,
        }
    }

    /// The exchange ended: keeps the set, tells what is equal, queues the rest.
    fn agreed(
        &mut self,
        id: ConnId,
        set: SetId,
        known: Vec<PersonaId>,
        equal: Vec<PersonaId>,
        different: BTreeSet<PersonaId>,
    ) {
        let reask_ms = self.next_reask_ms();
        let Some(conn) = self.conns.get_mut(&id) else {
            return;
        };
        conn.known = known.iter().copied().collect();
        conn.queue.extend(&different);
        conn.compare = Some(different);
        conn.reask_ms = reask_ms;
        let again = conn.ask_again;
        let agreed = Some((set, known));
        let changed = conn.agreed_set != agreed;
        if let Some((set, authors)) = &agreed
            && changed
            && authors.len() * 32 <= PEER_SET_BYTES
        {
            let remember = Output::Remember { peer: conn.peer, theirs: false, set: *set, authors: authors.clone() };
            self.tell(remember);
        }
        if let Some(conn) = self.conns.get_mut(&id) {
            conn.agreed_set = agreed;
        }
        if !equal.is_empty() {
            self.tell(Output::Synced { authors: equal });
        }
        self.check_compared(id);
        self.start_pulls();
        if again {
            self.ask(id);
        }
    }

    /// Tells once that whatever newer entry of our own personas this peer could show has come (invariant 13). That
    /// takes every author that differed: what own personas said about a post lies in the header of the post's author,
    /// and nowhere else at a peer that does not carry them.
    pub(super) fn check_compared(&mut self, id: ConnId) {
        let done = self.conns.get(&id).is_some_and(|conn| conn.compare.as_ref().is_some_and(BTreeSet::is_empty));
        if done && !self.compared {
            self.compared = true;
            self.tell(Output::Compared);
        }
    }

    // --- the peer's question ---

    pub(super) fn asked(&mut self, id: ConnId, ask: Ask) {
        if self.conns.get(&id).is_some_and(|conn| conn.answering.is_some()) {
            return self.close(id, "two questions at once");
        }
        let week = week_of_peer(week(self.now.unix_s), ask.week);
        let carried: Vec<PersonaId> = self.carried().copied().collect();
        let Some(conn) = self.conns.get_mut(&id) else {
            return;
        };
        conn.their_nonce = Some(ask.nonce);
        let Ask { nonce, set, digest, hashes, .. } = ask;
        let name = |author: &PersonaId| week.map(|week| conn.pair.author(week, author));
        let (order, with_hashes): (Vec<Option<PersonaId>>, bool) = match hashes {
            Some(hashes) => {
                let table: BTreeMap<AuthorHash, PersonaId> =
                    carried.iter().filter_map(|author| Some((name(author)?, *author))).collect();
                (hashes.iter().map(|hash| table.get(hash).copied()).collect(), true)
            }
            None => match &conn.their_set {
                Some((bound, authors)) if *bound == bound_set(set, carried.iter()) => {
                    let order = authors.iter().map(|author| (*author != PersonaId::ZERO).then_some(*author));
                    (order.collect(), false)
                }
                _ => return self.send(id, &Frame::Unknown { nonce }),
            },
        };
        let named = order.iter().flatten().filter_map(|author| Some((*author, name(author)?)));
        let subscribed: BTreeMap<PersonaId, AuthorHash> = named.collect();
        // From here on commits are pushed; what came before is in the fingerprints.
        conn.their_authors = subscribed.iter().map(|(author, hash)| (*hash, *author)).collect();
        conn.stale.retain(|author| subscribed.contains_key(author));
        conn.subscribed = subscribed;
        conn.unresolved = order.iter().any(Option::is_none);
        conn.answering = Some(Answering { nonce, set, hashes: with_hashes, digest, order, prints: BTreeMap::new() });
        self.answer_prints(id, Vec::new());
    }

    pub(super) fn answer_prints(&mut self, id: ConnId, prints: Vec<(PersonaId, Print)>) {
        let commits = self.commits;
        let Some(conn) = self.conns.get_mut(&id) else {
            return;
        };
        let Some(answering) = &mut conn.answering else {
            return;
        };
        answering.prints.extend(prints);
        let mut unknown = Vec::new();
        for author in answering.order.iter().flatten() {
            if !answering.prints.contains_key(author) {
                match self.prints.get(author) {
                    Some(print) => {
                        answering.prints.insert(*author, *print);
                    }
                    None => unknown.push(*author),
                }
            }
        }
        if !unknown.is_empty() {
            return self.read(Query::Prints(unknown), Pending::AnswerPrints { conn: id, commits });
        }
        let Some(answering) = conn.answering.take() else {
            return;
        };
        let Answering { nonce, set, hashes, digest: asked, order, prints } = answering;
        let all = order.iter().all(Option::is_some);
        let equal = (all || !hashes) && digest(prints.iter()) == asked;
        if hashes {
            let set = bound_set(set, self.authors.iter().flat_map(BTreeMap::keys));
            let authors: Vec<PersonaId> = order.iter().map(|author| author.unwrap_or(PersonaId::ZERO)).collect();
            if authors.len() * 32 <= PEER_SET_BYTES {
                self.tell(Output::Remember { peer: conn_peer(self, id), theirs: true, set, authors: authors.clone() });
            }
            if let Some(conn) = self.conns.get_mut(&id) {
                conn.their_set = Some((set, authors));
            }
        }
        if equal {
            return self.send(id, &Frame::Same { nonce });
        }
        let mut known = vec![0_u8; order.len().div_ceil(8)];
        let mut shorts = Vec::new();
        for (at, author) in order.iter().enumerate() {
            if let Some(print) = author.as_ref().and_then(|author| prints.get(author))
                && let Some(byte) = known.get_mut(at / 8)
            {
                *byte |= 1 << (at % 8);
                shorts.push(print.short(nonce));
            }
        }
        self.send(id, &Frame::Differ { nonce, known, prints: shorts });
    }
}

fn conn_peer(engine: &Engine, id: ConnId) -> crate::id::NodeId {
    engine.conns.get(&id).map_or(crate::id::NodeId::ZERO, |conn| conn.peer)
}
